package intel

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"wardroom/server/incident"
)

var parsers = []struct {
	name string
	fn   func(io.Reader, Limits) (*Import, error)
}{{"stix", ParseSTIX}, {"misp", ParseMISP}, {"csv", ParseCSV}}

func misp(t testing.TB, text string) *Import {
	t.Helper()
	got, err := ParseMISP(strings.NewReader(text), DefaultLimits)
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

func TestTwoTLPTagsAreRefusedWhereTheyStand(t *testing.T) {
	_, err := ParseMISP(strings.NewReader("{\"info\":\"x\",\n\"Tag\":[{\"name\":\"tlp:red\"},\n{\"name\":\"tlp:green\"}]}"), DefaultLimits)
	var r *Refusal
	if !errors.As(err, &r) || r.Line != 3 || !strings.Contains(r.Why, "Two TLP labels") {
		t.Fatal(err)
	}
	_, err = ParseMISP(strings.NewReader(`{"info":"x","Attribute":[{"type":"domain","value":"a.example","Tag":[{"name":"tlp:red"},{"name":"TLP:CLEAR"}]}]}`), DefaultLimits)
	if !errors.As(err, &r) {
		t.Fatal(err)
	}
}

func TestAMISPLabelIsNeverLoweredOnTheWayIn(t *testing.T) {
	for _, c := range []struct {
		date, tag string
		want      incident.TLP
	}{
		{"2017-05-12", "tlp:amber", incident.AmberStrict}, {"2026-05-12", "tlp:amber", incident.Amber}, {"", "tlp:amber", incident.AmberStrict},
		{"2026-05-12", "tlp:amber+strict", incident.AmberStrict}, {"2017-05-12", "tlp:white", incident.Clear}, {"2026-05-12", "tlp:unclear", incident.AmberStrict},
		{"2026-05-12", "TLP:RED", incident.Red}, {"2026-05-12", "x", ""},
	} {
		got := misp(t, fmt.Sprintf(`{"Event":{"info":"x","date":%q,"distribution":"3","Tag":[{"name":%q}],"Attribute":[{"type":"domain","value":"a.example"}]}}`, c.date, c.tag))
		if got.Items[0].TLP != c.want {
			t.Errorf("%s of %s became %q, want %q", c.tag, c.date, got.Items[0].TLP, c.want)
		}
	}
}

func TestAnAttributeThatGoesLessFarThanItsEventIsAnItemOfItsOwn(t *testing.T) {
	got := misp(t, `{"Event":{"info":"x","date":"2026-01-01","distribution":"3","Tag":[{"name":"tlp:green"}],"Attribute":[
		{"type":"domain","value":"a.example","distribution":"5"},
		{"type":"domain","value":"b.example","distribution":"0"},
		{"type":"domain","value":"c.example","Tag":[{"name":"tlp:red"}]},
		{"type":"domain","value":"d.example","Tag":[{"name":"tlp:clear"}]},
		{"type":"domain","value":"e.example","distribution":4,"SharingGroup":{"name":"G","SharingGroupOrg":[{"Organisation":{"name":"CIRCL"}},{"Organisation":{"name":"Barts"}}]}}],
		"Object":[{"name":"domain-ip","distribution":"0","Attribute":[{"type":"ip-dst","value":"198.51.100.1"}]}]}}`)
	said := map[string]string{}
	for _, d := range got.Items {
		for _, x := range d.Item.Indicators {
			said[x.Value] = fmt.Sprint(d.TLP, d.Audience)
		}
	}
	want := map[string]string{"a.example": "TLP:GREEN[]", "b.example": "TLP:AMBER+STRICT[" + ownOnly + "]", "c.example": "TLP:RED[]", "d.example": "TLP:GREEN[]",
		"e.example": "TLP:AMBER+STRICT[Barts CIRCL]", "198.51.100.1": "TLP:AMBER+STRICT[" + ownOnly + "]"}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("%v, want %v", said, want)
	}
}

func TestMISPGradesSharingGroupsAndSparesAreUnderstood(t *testing.T) {
	got := misp(t, `{"info":"x","date":"2026-01-01","distribution":"4","SharingGroup":{"name":"G","SharingGroupOrg":[{"Organisation":{"name":"CIRCL"}}]},
		"Orgc":{"name":"CIRCL"},"Tag":[{"name":"PAP:AMBER"},{"name":"admiralty-scale:source-reliability=\"b\""},{"name":"admiralty-scale:information-credibility=\"2\""},{"name":"tlp:ex:chr"}],
		"Attribute":[{"type":"domain","value":"iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com","to_ids":false,"Tag":[{"name":"do-not-block"}]},{"type":"filename|sha256","value":"a.exe|ef537f25c895bfa782526529a9b63d97aa631564d5d789c2b765448c8635fb6c"},{"type":"yara","value":"rule x {}"}]}`)
	d := got.Items[0]
	if d.TLP != incident.AmberStrict || d.PAP != incident.PAPAmber || d.Item.Caveats != "Chatham House Rule" || !reflect.DeepEqual(d.Audience, []string{"CIRCL"}) {
		t.Errorf("%+v", d)
	}
	if s := d.Item.Sources; len(s) != 1 || s[0].Name != "CIRCL" || s[0].Reliability != "B" || s[0].Credibility != "2" {
		t.Errorf("%+v", s)
	}
	if x := d.Item.Indicators; len(x) != 3 || !x[0].DoNotBlock || x[1].Kind != incident.FileName || x[2].Kind != incident.SHA256 {
		t.Errorf("%+v", x)
	}
	if !strings.Contains(fmt.Sprint(got.Left), "yara") {
		t.Error("what is not carried is not named")
	}
}

func TestAnItemComesBackFromMISPAndCSV(t *testing.T) {
	in := Draft{TLP: incident.Amber, PAP: incident.PAPGreen, Item: incident.Item{Title: "WannaCry", Text: "Text.", Sources: []incident.Source{{Name: "NHS Example Trust", Reliability: "B", Credibility: "2"}},
		Indicators: []incident.Indicator{
			{Kind: incident.Domain, Value: "iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com", DoNotBlock: true, Note: "kill switch"},
			{Kind: incident.CVE, Value: "CVE-2017-0144", CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
			{Kind: incident.Mitre, Value: "T1210"}, {Kind: incident.IPv6, Value: "2001:db8::1"}, {Kind: incident.ASN, Value: "AS64496"},
			{Kind: incident.OtherIOC, Value: "13AM4VW2dhxYgXeQepoHkHSQuy6NgaEb94", Tags: []string{"misp:type=btc"}},
			{Kind: incident.FileName, Value: "=cmd|' /C calc'!A0.exe"},
		}}}
	records := recordsOf(&Import{Items: []Draft{in}})
	for _, c := range []struct {
		name  string
		write func(io.Writer, []Record) error
		parse func(io.Reader, Limits) (*Import, error)
	}{{"misp", WriteMISP, ParseMISP}, {"csv", WriteCSV, ParseCSV}} {
		var b bytes.Buffer
		if err := c.write(&b, records); err != nil {
			t.Fatal(err)
		}
		got, err := c.parse(&b, DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		d := got.Items[0]
		for i := range d.Item.Indicators {
			d.Item.Indicators[i].ID = ""
		}
		if d.TLP != in.TLP || d.PAP != in.PAP || d.Item.Title != in.Item.Title || fmt.Sprint(d.Item.Indicators) != fmt.Sprint(in.Item.Indicators) {
			t.Errorf("%s: %+v\nwas %+v", c.name, d, in)
		}
	}
}

func TestEverySharedFileGivesItemsOrAClearRefusalWhateverItIsTakenFor(t *testing.T) {
	gave := map[string]int{}
	for _, root := range []string{"stix", "misp", "ioc"} {
		err := filepath.Walk(data(t, root), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var why []string
			for _, p := range parsers {
				got, err := p.fn(bytes.NewReader(text), DefaultLimits)
				var r *Refusal
				switch {
				case err == nil:
					gave[p.name]++
					for i := range got.Items {
						item := got.Items[i].Item.Normal()
						if err := item.Check(); err != nil {
							t.Errorf("%s as %s: draft %d: %v", path, p.name, i, err)
						}
					}
					why = append(why, fmt.Sprintf("%s: %d items", p.name, len(got.Items)))
				case errors.As(err, &r) && len(r.Why) > 10:
					why = append(why, p.name+": "+err.Error())
				default:
					t.Errorf("%s as %s: %v", path, p.name, err)
				}
			}
			t.Logf("%s: %s", path, strings.Join(why, " | "))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if gave["stix"] < 7 || gave["misp"] < 10 || gave["csv"] < 2 {
		t.Errorf("too few files gave items: %v", gave)
	}
}
