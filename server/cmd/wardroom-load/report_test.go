package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// invented is a table of invented figures: two rows that stand alone and an
// axis of three.
func invented() *table {
	t := &table{began: time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC), took: 90 * time.Second, machine: machine{Cores: 2, Processor: "a <fast> one", Commit: "abcdef"}}
	rate := column{Name: "rate", Unit: "entries/s", Aim: atLeast(0.7)}
	met, missed := at("", 0, rate, 9000, 10_000), at("", 0, rate, 1234, 10_000)
	met.Name, missed.Name, missed.Notes = "50 listeners", "1,000 listeners", []string{"<script>alert(1)</script>"}
	met.Pair[ours] = append(met.Pair[ours], sample{"rate": 9500})
	t.rows = []row{met, missed}
	for i, n := range []float64{50, 1000, 10_000} {
		r := at("members & others", n, column{Name: "cpu", Unit: "µs <of CPU>", scale: 1e6, Aim: growthAtMost(1.05)}, 150e-6*(1+float64(i)), 60e-6)
		r.Group = `what "grows"`
		t.rows = append(t.rows, r)
	}
	return t
}

func TestThePageSaysWhatWasMetAndWhatWasMissedAndAsksNothingOfOthers(t *testing.T) {
	var b bytes.Buffer
	if err := invented().page(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"Aims: 1 met, 2 missed", `<td class="verdict missed">missed</td>`, `<td class="verdict met">met</td>`, "at least 0.7× the limit", "at most 1.05× from the first to the last", "3.00×",
		"9,000", "10,000", "0.90×", "0.12×", "commit abcdef", "a &lt;fast&gt; one", "&lt;script&gt;alert(1)&lt;/script&gt;", "µs &lt;of CPU&gt;", "23 November 2026, 07:00 UTC"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, bad := range []string{"<script", "NaN", "Inf", "<fast>"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if found := regexp.MustCompile(`(?i)(src|href)=|@import|url\(`).FindString(text); found != "" {
		t.Errorf("the page asks for something else: %s", found)
	}
	if n := strings.Count(text, "<circle"); n < 2*2+1*2 {
		t.Errorf("%d dots: not every repetition is shown", n)
	}
}

func TestEveryDrawingIsWellFormedAndStandsOnItsPoints(t *testing.T) {
	var b bytes.Buffer
	if err := invented().page(&b); err != nil {
		t.Fatal(err)
	}
	drawings := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(b.String(), -1)
	if len(drawings) != 1+2+3 {
		t.Fatalf("%d drawings, want one of what grows and a strip for each figure", len(drawings))
	}
	plots := 0
	for _, d := range drawings {
		for dec := xml.NewDecoder(strings.NewReader(d)); ; {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, d)
			}
		}
		if strings.Contains(d, ">members &amp; others<") {
			plots++
			for _, tick := range []string{">50<", ">1 k<", ">10 k<"} {
				if !strings.Contains(d, tick) {
					t.Errorf("the axis has no %s", tick)
				}
			}
		}
	}
	if plots != 1 {
		t.Errorf("%d drawings along the axis", plots)
	}
}

func TestTheReportMakesItsFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deep", "report.html")
	if err := invented().writeReport(file); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.HasSuffix(strings.TrimSpace(string(text)), "</html>") {
		t.Errorf("the page is not whole: %v", err)
	}
}
