package intel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

// data is the shared test data; tests that need it are skipped loudly without.
func data(t testing.TB, parts ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: the shared test data is not here (%s)", dir)
	}
	return dir
}

func stixOf(t testing.TB, objects ...string) string {
	t.Helper()
	return `{"type":"bundle","id":"bundle--44af6c39-c09b-49c5-9de2-394224b04982","objects":[` + strings.Join(objects, ",\n") + `]}`
}

func indicatorOf(n int, pattern, more string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--33fe3b22-0201-47cf-85d0-%012d","created":"2014-05-08T09:00:00.000Z","modified":"2014-05-08T09:00:00.000Z","pattern":%q,"pattern_type":"stix","valid_from":"2014-05-08T09:00:00Z"%s}`, n, pattern, more)
}

func parse(t testing.TB, text string) *Import {
	t.Helper()
	got, err := ParseSTIX(strings.NewReader(text), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Items {
		item := got.Items[i].Item.Normal()
		if err := item.Check(); err != nil {
			t.Fatalf("draft %d is no item: %v", i, err)
		}
	}
	return got
}

func recordsOf(i *Import) (list []Record) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for n, d := range i.Items {
		r := Record{Item: d.Item.Normal(), TLP: d.TLP, PAP: d.PAP, Caveat: d.Caveat, Originator: "NHS Example Trust", Maker: "org1", Published: at, Modified: at, Seed: [16]byte{byte(n + 1)}}
		if r.TLP == "" {
			r.TLP = incident.AmberStrict
		}
		list = append(list, r)
	}
	return list
}

func written(t testing.TB, records []Record) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSTIX(&b, records); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestABundleIsReadIntoItemsUnderTheirReports(t *testing.T) {
	got := parse(t, stixOf(t, indicatorOf(1, "[ipv4-addr:value = '198.51.100.3']", `,"name":"C2"`), indicatorOf(2, "[domain-name:value = 'bad.example']", ""),
		`{"type":"report","spec_version":"2.1","id":"report--f90bb8c1-8505-4d74-af34-3dcffec6b6d4","created":"2021-08-24T00:00:00.000Z","modified":"2021-08-24T00:00:00.000Z","published":"2021-08-24T00:00:00Z","name":"Poison Ivy","description":"What we saw.","object_refs":["indicator--33fe3b22-0201-47cf-85d0-000000000001"]}`))
	if len(got.Items) != 2 || got.Items[0].Item.Title != "Poison Ivy" || got.Items[0].Item.Text != "What we saw." {
		t.Fatalf("%+v", got.Items)
	}
	x := got.Items[0].Item.Indicators
	if len(x) != 1 || x[0].Kind != incident.IPv4 || x[0].Value != "198.51.100.3" || x[0].Note != "C2" || x[0].ID != "indicator--33fe3b22-0201-47cf-85d0-000000000001" {
		t.Fatalf("%+v", x)
	}
	if rest := got.Items[1].Item.Indicators; len(rest) != 1 || rest[0].Value != "bad.example" {
		t.Fatalf("%+v", rest)
	}
}

func TestATitleSaysHowManyMoreAsPeopleWriteIt(t *testing.T) {
	for n, want := range map[int]string{1: "Host 0", 2: "Host 0 and 1 more", 1000: "Host 0 and 999 more", 1001: "Host 0 and 1,000 more"} {
		var list []string
		for i := range n {
			list = append(list, indicatorOf(i, fmt.Sprintf("[domain-name:value = 'h%d.example']", i), fmt.Sprintf(`,"name":"Host %d"`, i)))
		}
		if got := parse(t, stixOf(t, list...)).Items; len(got) != 1 || got[0].Item.Title != want {
			t.Errorf("of %d: %d items, the first %q, want %q", n, len(got), got[0].Item.Title, want)
		}
	}
	if got := thousands(1_234_567) + thousands(0); got != "1,234,5670" {
		t.Error(got)
	}
}

func TestAWellKnownMarkMeansWhatTheStandardSaysWhateverTheFileSays(t *testing.T) {
	lie := `{"type":"marking-definition","spec_version":"2.1","id":"` + tlp1Red + `","created":"2017-01-20T00:00:00.000Z","name":"TLP:WHITE","definition_type":"tlp","definition":{"tlp":"white"}}`
	got := parse(t, stixOf(t, lie, indicatorOf(1, "[ipv4-addr:value = '198.51.100.3']", `,"object_marking_refs":["`+tlp1Red+`"]`)))
	if got.Items[0].TLP != incident.Red {
		t.Errorf("RED became %s", got.Items[0].TLP)
	}
}

func TestMarksAreMappedAndInDoubtStricter(t *testing.T) {
	own := `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--11111111-2222-4333-8444-555555555555","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"white"}}`
	for _, c := range []struct {
		what, more string
		want       incident.TLP
	}{
		{"none", ``, ""},
		{"TLP 1 AMBER", `,"object_marking_refs":["` + tlp1Amber + `"]`, incident.AmberStrict},
		{"TLP 1 WHITE", `,"object_marking_refs":["` + tlp1White + `"]`, incident.Clear},
		{"TLP 2 AMBER", `,"object_marking_refs":["` + tlp2[incident.Amber].id + `"]`, incident.Amber},
		{"unknown", `,"object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ec"]`, incident.AmberStrict},
		{"two", `,"object_marking_refs":["` + tlp1White + `","` + tlp1Red + `"]`, incident.Red},
		{"of a part", `,"object_marking_refs":["` + tlp1White + `"],"granular_markings":[{"selectors":["pattern"],"marking_ref":"` + tlp1Red + `"}]`, incident.Red},
		{"home-made white", `,"object_marking_refs":["marking-definition--11111111-2222-4333-8444-555555555555"]`, incident.AmberStrict},
	} {
		got := parse(t, stixOf(t, own, indicatorOf(1, "[ipv4-addr:value = '198.51.100.3']", c.more)))
		if len(got.Items) != 1 || got.Items[0].TLP != c.want {
			t.Errorf("%s: %+v, want %s", c.what, got.Items, c.want)
		}
		if len(got.Mapped) == 0 && c.what != "TLP 2 AMBER" {
			t.Errorf("%s: not said to have been mapped", c.what)
		}
	}
}

func TestObjectsOfDifferentMarksBecomeDifferentItems(t *testing.T) {
	got := parse(t, stixOf(t,
		indicatorOf(1, "[ipv4-addr:value = '198.51.100.3']", `,"object_marking_refs":["`+tlp2[incident.Green].id+`"]`),
		indicatorOf(2, "[ipv4-addr:value = '198.51.100.4']", `,"object_marking_refs":["`+tlp2[incident.Red].id+`"]`),
		`{"type":"report","spec_version":"2.1","id":"report--f90bb8c1-8505-4d74-af34-3dcffec6b6d4","created":"2021-08-24T00:00:00.000Z","modified":"2021-08-24T00:00:00.000Z","published":"2021-08-24T00:00:00Z","name":"R","object_marking_refs":["`+tlp2[incident.Amber].id+`"],"object_refs":["indicator--33fe3b22-0201-47cf-85d0-000000000001","indicator--33fe3b22-0201-47cf-85d0-000000000002"]}`))
	if len(got.Items) != 2 || got.Items[0].TLP != incident.Amber || got.Items[1].TLP != incident.Red || len(got.Items[0].Item.Indicators) != 1 || got.Items[1].Item.Indicators[0].Value != "198.51.100.4" {
		t.Fatalf("%+v", got.Items)
	}
}

func TestABrokenFileIsRefusedWithItsPlace(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		why          string
	}{
		{"", 1, 1, "empty"},
		{"<x/>", 1, 1, "STIX 1 is not read"},
		{"<{", 1, 1, "not JSON"},
		{"{\n \"type\": \"bundle\",\n \"objects\": [ {\"type\":\"indicator\" \"id\"} ]}", 3, 35, "not JSON"},
		{"{\n\"objects\":[{\"type\":\"a\",\n\"type\":\"b\"}]}", 3, 1, "twice"},
		{"{\n\"objects\":[\n{\"type\":\"indicator\",\"id\":\"1\"}]}", 3, 1, "UUID"},
		{"{\"objects\":[", 1, 13, "too early"},
		{"[]", 1, 1, "one object"},
		{"{\"type\":\"bundle\",\"id\":\"x\"}", 1, 1, "no objects"},
		{"{\"a\":\"\xff\"}", 1, 7, "UTF-8"},
		{stixOf(t, strings.Replace(indicatorOf(1, "[a:b = 'c']", ""), `"modified":"2014`, `"modified":"2013`, 1)), 1, 81, "before it was created"},
	} {
		_, err := ParseSTIX(strings.NewReader(c.text), DefaultLimits)
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if r.Line != c.line || r.Column != c.column || !strings.Contains(r.Why, c.why) {
			t.Errorf("%q: %v, want line %d column %d %q", c.text, r, c.line, c.column, c.why)
		}
	}
}

func TestEveryFileOfTheSharedSTIXGivesItemsOrAClearRefusal(t *testing.T) {
	items, refused := 0, 0
	for _, root := range []string{"stix", "ioc", "misp"} {
		err := filepath.Walk(data(t, root), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			got, err := ParseSTIX(bytes.NewReader(text), DefaultLimits)
			var r *Refusal
			switch {
			case err == nil:
				items += len(got.Items)
				for i := range got.Items {
					item := got.Items[i].Item.Normal()
					if err := item.Check(); err != nil {
						t.Errorf("%s: draft %d: %v", path, i, err)
					}
				}
				t.Logf("%s: %d items, mapped %v, left %v", path, len(got.Items), got.Mapped, got.Left)
			case errors.As(err, &r) && r.Why != "":
				refused++
				t.Logf("%s: %v", path, r)
			default:
				t.Errorf("%s: %v", path, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if items < 8 || refused < 50 {
		t.Errorf("%d items, %d refused: too few to be all files", items, refused)
	}
}

// said is what a bundle says, for comparison: objects by id, without what may
// change.
func said(t testing.TB, text string) map[string]map[string]any {
	t.Helper()
	var b struct{ Objects []map[string]any }
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		t.Fatal(err)
	}
	m := map[string]map[string]any{}
	for _, o := range b.Objects {
		m[o["id"].(string)] = o
	}
	return m
}

func TestWhatIsSupportedComesBackWithItsIDTypeMarkAndMeaning(t *testing.T) {
	amber := `,"object_marking_refs":["` + tlp2[incident.Amber].id + `"]`
	head := func(typ string, n int) string {
		return fmt.Sprintf(`"type":%q,"spec_version":"2.1","id":"%s--33fe3b22-0201-47cf-85d0-%012d","created":"2014-05-08T09:00:00.000Z","modified":"2015-05-08T09:00:00.000Z"%s`, typ, typ, n, amber)
	}
	in := stixOf(t,
		`{`+head("identity", 1)+`,"name":"Franistan Intelligence","identity_class":"organization"}`,
		`{`+head("indicator", 2)+`,"name":"C2","description":"seen in May","pattern":"[ipv4-addr:value = '198.51.100.3' OR domain-name:value = 'bad.example']","pattern_type":"stix","valid_from":"2014-05-08T09:00:00.000Z","valid_until":"2034-05-08T09:00:00.000Z","indicator_types":["malicious-activity"],"labels":["x"],"confidence":85,"created_by_ref":"identity--33fe3b22-0201-47cf-85d0-000000000001","kill_chain_phases":[{"kill_chain_name":"lockheed","phase_name":"delivery"}]}`,
		`{`+head("indicator", 3)+`,"pattern":"[file:name = 'a.exe' AND file:hashes.'SHA-256' = 'ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c']","pattern_type":"stix","valid_from":"2014-05-08T09:00:00.000Z"}`,
		`{`+head("indicator", 4)+`,"pattern":"[network-traffic:dst_port = 445] FOLLOWEDBY [process:name = 'mssecsvc.exe']","pattern_type":"stix","valid_from":"2014-05-08T09:00:00.000Z","labels":["do-not-block"]}`,
		`{`+head("malware", 5)+`,"name":"WannaCry","is_family":true,"malware_types":["ransomware"],"external_references":[{"source_name":"mitre-attack","external_id":"S0366"}]}`,
		`{`+head("malware", 6)+`,"name":"Dropper","is_family":false}`,
		`{`+head("vulnerability", 7)+`,"name":"EternalBlue","external_references":[{"source_name":"cve","external_id":"CVE-2017-0144"}]}`,
		`{`+head("campaign", 8)+`,"name":"Operation Omega"}`,
		`{`+head("attack-pattern", 9)+`,"name":"SMB","external_references":[{"source_name":"mitre-attack","external_id":"T1210"}]}`,
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--33fe3b22-0201-47cf-85d0-000000000010","value":"198.51.100.9"`+amber+`}`,
		`{"type":"file","spec_version":"2.1","id":"file--33fe3b22-0201-47cf-85d0-000000000011","name":"tasksche.exe","hashes":{"MD5":"5bef35496fcbdbe841c82f4d1ab8b7c2"}`+amber+`}`,
		`{"type":"autonomous-system","spec_version":"2.1","id":"autonomous-system--33fe3b22-0201-47cf-85d0-000000000012","number":64496`+amber+`}`,
		`{`+head("report", 13)+`,"name":"WannaCry","description":"Text.","published":"2016-05-08T09:00:00.000Z","created_by_ref":"identity--33fe3b22-0201-47cf-85d0-000000000001","object_refs":["indicator--33fe3b22-0201-47cf-85d0-000000000002","indicator--33fe3b22-0201-47cf-85d0-000000000003","indicator--33fe3b22-0201-47cf-85d0-000000000004","malware--33fe3b22-0201-47cf-85d0-000000000005","malware--33fe3b22-0201-47cf-85d0-000000000006","vulnerability--33fe3b22-0201-47cf-85d0-000000000007","campaign--33fe3b22-0201-47cf-85d0-000000000008","attack-pattern--33fe3b22-0201-47cf-85d0-000000000009","ipv4-addr--33fe3b22-0201-47cf-85d0-000000000010","file--33fe3b22-0201-47cf-85d0-000000000011","autonomous-system--33fe3b22-0201-47cf-85d0-000000000012"]}`,
		`{`+head("relationship", 14)+`,"relationship_type":"indicates","source_ref":"indicator--33fe3b22-0201-47cf-85d0-000000000002","target_ref":"malware--33fe3b22-0201-47cf-85d0-000000000005"}`,
		`{`+head("location", 15)+`,"region":"northern-europe"}`)
	got := parse(t, in)
	if len(got.Items) != 1 {
		t.Fatalf("%d items", len(got.Items))
	}
	left := fmt.Sprint(got.Left)
	if !strings.Contains(left, "relationship") || !strings.Contains(left, "location") {
		t.Errorf("what is not carried is not named: %s", left)
	}
	if len(got.Left) != 2 {
		t.Errorf("more left out than the two: %v", got.Left)
	}
	before, after := said(t, in), said(t, written(t, recordsOf(got)))
	for id, was := range before {
		if was["type"] == "relationship" || was["type"] == "location" {
			continue
		}
		is, ok := after[id]
		if !ok {
			t.Errorf("%s is gone", id)
			continue
		}
		for key, v := range was {
			if a, b := fmt.Sprint(v), fmt.Sprint(is[key]); a != b {
				t.Errorf("%s: %s was %s and is %s", id, key, a, b)
			}
		}
		for key := range is {
			if _, was := was[key]; !was && key != "report_types" && key != "external_references" {
				t.Errorf("%s: %s is new: %v", id, key, is[key])
			}
		}
	}
	// And once more: nothing wears off.
	again := parse(t, written(t, recordsOf(got)))
	if a, b := written(t, recordsOf(got)), written(t, recordsOf(again)); said(t, a)["x"] != nil || len(said(t, a)) != len(said(t, b)) {
		t.Errorf("a second way round changes it:\n%s\n%s", a, b)
	}
}
