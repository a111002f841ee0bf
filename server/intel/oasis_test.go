package intel

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"wardroom/server/incident"
)

// oasis compiles OASIS's own schema of a bundle.
func oasis(t testing.TB) *jsonschema.Schema {
	t.Helper()
	dir := data(t, "stix", "oasis-json-schemas", "schemas")
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	var bundle string
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		doc, err := jsonschema.UnmarshalJSON(f)
		if err != nil {
			return err
		}
		id, _ := doc.(map[string]any)["$id"].(string)
		if strings.HasSuffix(id, "/common/bundle.json") {
			bundle = id
		}
		return c.AddResource(id, doc)
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func conforms(t testing.TB, s *jsonschema.Schema, text string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := s.Validate(doc); err != nil {
		// The schema of a bundle takes whatever is one of many; the message says
		// which object is none.
		t.Errorf("not STIX 2.1: %.3000v\n%.2000s", err, text)
	}
}

func TestWhatIsWrittenIsSTIX(t *testing.T) {
	s := oasis(t)
	if doc, err := jsonschema.UnmarshalJSON(strings.NewReader(stixOf(t, strings.Replace(indicatorOf(1, "[a:b = 'c']", ""), `"pattern_type":"stix",`, "", 1)))); err != nil || s.Validate(doc) == nil {
		t.Fatal("the schema takes an indicator without a pattern's type: it checks nothing")
	}
	every := Import{Items: []Draft{{TLP: incident.Amber, PAP: incident.PAPRed, Caveat: incident.OfficialSensitive, Item: incident.Item{
		Title: "Everything", Text: "Text with \"quotes\" and <tags>", Caveats: "Chatham House Rule", Invented: true,
		Sources: []incident.Source{{Name: "cve", Reliability: "B", Credibility: "2"}, {Reliability: "F", Credibility: "6"}},
		Refs:    []incident.Reference{{Name: "An advisory", URL: "https://www.example.org/a"}, {Name: "A book"}, {Name: "bad", URL: "ht tp://%%"}, {Name: "cve"}},
	}}}}
	for i, k := range incident.IndicatorKinds {
		v := map[incident.IndicatorKind]string{incident.IPv4: "198.51.100.3", incident.IPv6: "2001:db8::1", incident.ASN: "AS64496", incident.Mitre: "T1210", incident.CVE: "CVE-2017-0144", incident.FileName: `C:\it's a "file".exe`}[k]
		if v == "" {
			v = "value " + string(k)
		}
		every.Items[0].Item.Indicators = append(every.Items[0].Item.Indicators, incident.Indicator{Kind: k, Value: v, DoNotBlock: i%2 == 0, Tags: []string{"a"}, Note: "note"})
	}
	conforms(t, s, written(t, recordsOf(&every)))
	conforms(t, s, written(t, []Record{{Item: incident.Item{Title: "Only text", Text: "Text", Sources: []incident.Source{{Reliability: "A", Credibility: "1"}}}, TLP: incident.Green, Originator: "o"}}))
	conforms(t, s, written(t, nil))
}

func TestWhatComesOfEverySharedFileIsWrittenAsSTIX(t *testing.T) {
	s := oasis(t)
	n := 0
	for _, root := range []string{"stix", "misp", "ioc"} {
		err := filepath.Walk(data(t, root), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, parse := range parsers {
				got, err := parse.fn(bytes.NewReader(text), DefaultLimits)
				if err != nil {
					continue
				}
				n++
				conforms(t, s, written(t, recordsOf(got)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 15 {
		t.Errorf("%d files gave items: too few to be all", n)
	}
}
