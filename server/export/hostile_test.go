package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"wardroom/server/command"
	"wardroom/server/export"
	"wardroom/server/incident"
)

// hostile is text that somebody would like to be more than text.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, `</dd></dl><iframe src=//evil.example>`, `<style>@import "//evil.example"</style>`,
	`<svg/onload=alert(1)>`, `&lt;script&gt;`, `<!-- -->`, `<meta http-equiv=refresh content=0;url=//evil.example>`, `]]><![CDATA[`, `<base href=//evil.example/>`, `<form action=//evil.example>`,
	"=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|'/c calc'!A1", `=HYPERLINK("http://evil.example","x")`, " =1+1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\u22121", "\ttab first\t=1", "a\n=1+1", `"quoted", and`, "'=1",
	"(a) Tj ET /JavaScript (x) \\( \\) %%EOF endstream endobj", "{m} pages", "é ü ß ŵ ŷ Ω Ж", "日本語 and 😀", "ffi", strings.Repeat("x", 3000),
}

// unseen cannot be typed into the house, which refuses it; older records, and
// records of other houses, may hold it.
var unseen = []string{"a\u202eb", "a\u0000b", "a\x1b[31mred", "a\u009bb", "a\u2066b\u2069", "a\u200bb", "a\ufeffb", "a\u2028b", "a\U000e0041b", "a\u00adb", "\r=1"}

func TestHostileTextIsTextInEveryRendering(t *testing.T) {
	b := newBench(t)
	first := b.head() + 1
	for _, s := range hostile {
		b.say(b.lead, s, "", nil)
	}
	last := b.do(b.ncsc, command.PostMessage{Text: "the end"})
	root := b.ask(1, last)
	b.agree(root)
	b.approve(root)
	x := b.build(root)

	var texts []string
	doc, err := html.Parse(bytes.NewReader(x.files["record.html"]))
	if err != nil {
		t.Fatal(err)
	}
	meta := 0
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if !slices.Contains([]string{"html", "head", "body", "meta", "title", "style", "header", "main", "footer", "article", "h1", "h2", "p", "dl", "dt", "dd"}, n.Data) {
				t.Errorf("record.html holds a <%s>", n.Data)
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" || a.Key == "style" || a.Key == "action" || strings.Contains(a.Val, "javascript:") {
					t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
				}
				if a.Key == "content" && strings.Contains(a.Val, "default-src 'none'") {
					meta++
				}
			}
		}
		if n.Type == html.TextNode && n.Parent.Data == "dd" {
			texts = append(texts, n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	if meta != 1 {
		t.Errorf("%d policies", meta)
	}
	for _, s := range hostile {
		if s = strings.ReplaceAll(s, "\t", "    "); !slices.Contains(texts, s) {
			t.Errorf("%q is not to be read in record.html", s)
		}
	}

	sheet := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(x.files["record.csv"], []byte("\ufeff"))))
	rows, err := sheet.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1+int(last) {
		t.Errorf("%d rows for %d entries", len(rows), last)
	}
	for i, row := range rows {
		for _, cell := range row {
			if s := strings.TrimLeftFunc(cell, unicode.IsSpace); s != "" && strings.ContainsAny(s[:1], "=+-@") || strings.HasPrefix(s, "\uff1d") || strings.HasPrefix(s, "\uff20") {
				t.Errorf("row %d would be a formula: %.40q", i, cell)
			}
		}
	}
	if !bytes.HasPrefix(x.files["record.csv"], []byte("\ufeffEntry,")) || bytes.Contains(bytes.ReplaceAll(x.files["record.csv"], []byte("\r\n"), nil), []byte("\r")) {
		t.Error("record.csv has not the form that was promised")
	}

	lines := bytes.Split(bytes.TrimSuffix(x.files["record.jsonl"], []byte("\n")), []byte("\n"))
	for i, s := range hostile {
		var l struct {
			Seq  incident.Seq
			Body struct{ Text string }
		}
		if err := json.Unmarshal(lines[int(first)+i-1], &l); err != nil || l.Seq != first+incident.Seq(i) || l.Body.Text != s {
			t.Errorf("record.jsonl says %+v (%v), not %.40q", l, err, s)
		}
	}
	for name, f := range x.files {
		if name == "leaves.bin" || name == "record.pdf" {
			continue
		}
		for _, r := range string(f) {
			if r != '\n' && r != '\r' && r != '\ufeff' && unicode.IsControl(r) {
				t.Errorf("%s holds %U", name, r)
			}
		}
	}
	pdf := x.files["record.pdf"]
	for _, active := range []string{"/JavaScript", "/S /JS", "/Launch", "/S /URI", "/OpenAction", "/Type /Filespec", "/Type /EmbeddedFile"} {
		if bytes.Contains(pdf, []byte(active)) {
			t.Errorf("record.pdf holds %s", active)
		}
	}
	if all := everything(t, x); !holds(all, "[U+1F600]") || !holds(all, "endobj") {
		t.Error("record.pdf does not say what it cannot draw")
	}
	if bytes.Count(pdf, []byte("%%EOF")) != 1 {
		t.Error("text has ended the PDF")
	}
	if dir := artifacts(); dir != "" {
		keep(t, dir, x)
	}
}

func TestWhatCannotBeSeenIsWrittenOut(t *testing.T) {
	for _, s := range unseen {
		out := export.Visible(s)
		for _, r := range out {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) {
				t.Errorf("%q comes out as %q", s, out)
			}
		}
		if !strings.Contains(out, "[U+") {
			t.Errorf("%q comes out as %q, and says nothing of what is not seen", s, out)
		}
		if cell := export.PlainCell(s); strings.ContainsAny(cell[:1], "=+-@\r\t") {
			t.Errorf("%q is the cell %q", s, cell)
		}
	}
}

// The table is read by the web app's tests too: what one warns of, the other
// suggests to leave out.
func TestNHSNumbersAreFoundHoweverTheyAreWritten(t *testing.T) {
	b, err := os.ReadFile("../../schema/nhs-numbers.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct {
		Text  string
		Found []string
	}
	if err := json.Unmarshal(b, &table); err != nil || len(table) < 30 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	for _, row := range table {
		got := []string{}
		runes := []rune(row.Text)
		for _, s := range export.NHSNumbers(row.Text) {
			got = append(got, string(runes[s.From:s.To]))
		}
		if !slices.Equal(got, row.Found) {
			t.Errorf("%q: %q, want %q", row.Text, got, row.Found)
		}
	}
}
