package intel

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"wardroom/server/incident"
)

// Seeds run in every test; `go test -fuzz` goes on from them.

func seeds(f *testing.F, more ...string) {
	for _, s := range more {
		f.Add([]byte(s))
	}
	for _, root := range []string{"stix", "misp", "ioc"} {
		dir := filepath.Join("..", "..", "..", "shared", "data", root)
		filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err == nil && !info.IsDir() && info.Size() < 8<<10 && !strings.Contains(path, "schemas/schemas") {
				if b, err := os.ReadFile(path); err == nil {
					f.Add(b)
				}
			}
			return nil
		})
	}
}

// judge holds whatever comes of any bytes to what is promised: items that an
// item's own check takes, or a refusal with words; and what is written of
// them is read again, with no label lowered.
func judge(t *testing.T, data []byte, parse func(io.Reader, Limits) (*Import, error)) {
	got, err := parse(bytes.NewReader(data), Limits{Bytes: 1 << 20, Objects: 1000})
	if err != nil {
		var r *Refusal
		if !errors.As(err, &r) || r.Why == "" || !utf8.ValidString(r.Why) || len(r.Why) > 1000 {
			t.Fatalf("not a refusal: %v", err)
		}
		return
	}
	if len(got.Items) == 0 {
		t.Fatal("neither items nor a refusal")
	}
	for i := range got.Items {
		d := &got.Items[i]
		item := d.Item.Normal()
		if err := item.Check(); err != nil {
			t.Fatalf("draft %d: %v", i, err)
		}
		if d.TLP != "" && !d.TLP.Valid() {
			t.Fatalf("label %q", d.TLP)
		}
	}
	records := recordsOf(got)
	for _, w := range writers {
		var b bytes.Buffer
		if err := w.write(&b, records); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		if w.parse == nil {
			continue
		}
		back, err := w.parse(&b, DefaultLimits)
		if err != nil {
			var r *Refusal
			if errors.As(err, &r) && strings.Contains(r.Why, "nothing in this file") {
				continue // text alone is none in a table
			}
			t.Fatalf("%s: what is written is not read: %v", w.name, err)
		}
		if a, b := lowest(recordsOf(back)), lowest(records); a < b {
			t.Fatalf("%s: a label fell from %d to %d", w.name, b, a)
		}
	}
}

func lowest(records []Record) int {
	n := incident.Red.Rank()
	for _, r := range records {
		n = min(n, r.TLP.Rank())
	}
	return n
}

var writers = []struct {
	name  string
	write func(io.Writer, []Record) error
	parse func(io.Reader, Limits) (*Import, error)
}{{"stix", WriteSTIX, ParseSTIX}, {"misp", WriteMISP, ParseMISP}, {"csv", WriteCSV, nil}, {"text", WriteText, nil}}

func FuzzSTIX(f *testing.F) {
	seeds(f, stixOf(f, indicatorOf(1, "[ipv4-addr:value = '198.51.100.3']", `,"object_marking_refs":["`+tlp1Amber+`"]`)))
	f.Fuzz(func(t *testing.T, data []byte) { judge(t, data, ParseSTIX) })
}

func FuzzMISP(f *testing.F) {
	seeds(f, `{"Event":{"info":"x","Tag":[{"name":"tlp:amber"}],"Attribute":[{"type":"ip-dst|port","value":"198.51.100.1|80"}]}}`)
	f.Fuzz(func(t *testing.T, data []byte) { judge(t, data, ParseMISP) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, "value,tlp,note\n1.2.3.4,TLP:RED,\"=1+1\"\n", "value;kind\n'=a;other\n", "1.2.3.4\nb.example\n")
	f.Fuzz(func(t *testing.T, data []byte) { judge(t, data, ParseCSV) })
}

func FuzzExtract(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add("hxxp://a[.]example/x, b[at]c[.]example 10.0.0[.]1 CVE-2017-0144")
	f.Fuzz(func(t *testing.T, text string) {
		for _, x := range Extract(text) {
			if err := x.Check("x"); err != nil {
				t.Fatal(err)
			}
			if v, ok := valid(x.Kind, x.Value); !ok || v != x.Value {
				t.Fatalf("%s %q is not what it is taken for (%q)", x.Kind, x.Value, v)
			}
		}
		Defang(incident.URL, text)
	})
}

func FuzzPattern(f *testing.F) {
	for _, s := range []string{"[ipv4-addr:value = '1.2.3.4']", "[file:hashes.'SHA-256' = 'a' AND file:name = 'b\\'c']", "[a:b = 1] OR [c:d = 'e']", "[autonomous-system:number = 1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		terms, and, ok := parsePattern(p)
		if !ok {
			return
		}
		var list []incident.Indicator
		for _, x := range terms {
			list = append(list, incident.Indicator{Kind: x.kind, Value: x.value})
		}
		again, and2, ok := parsePattern(writePattern(list, and))
		if !ok || and != and2 || len(again) != len(terms) {
			t.Fatalf("%q became %q", p, writePattern(list, and))
		}
		for i := range terms {
			if again[i] != terms[i] {
				t.Fatalf("%q: %v became %v", p, terms[i], again[i])
			}
		}
	})
}

// BenchmarkParseSTIX reads a bundle of 5,000 objects. objects/s is what counts.
func BenchmarkParseSTIX(b *testing.B) {
	var list []string
	for i := range 4999 {
		list = append(list, indicatorOf(i, "[domain-name:value = 'host"+number(i)+".example']", `,"name":"C2 of a campaign","indicator_types":["malicious-activity"],"labels":["a","b"],"object_marking_refs":["`+tlp2[incident.Amber].id+`"]`))
	}
	text := []byte(stixOf(b, list...))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseSTIX(bytes.NewReader(text), DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(5000*b.N)/b.Elapsed().Seconds(), "objects/s")
}
