package directory

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

var midsummer = time.Date(2026, 6, 24, 12, 0, 0, 0, time.UTC)

// books is a deployment's, before a table comes.
func books() *incident.System {
	s := incident.NewSystem("system")
	s.Hosts = []incident.OrgID{"DSC", "NCSC"}
	for _, o := range []incident.Organisation{
		{Code: "DSC", ODS: "X26", Name: "Data Security Centre", Type: incident.HostBody},
		{Code: "NORTH", ODS: "RAA", Name: "Northmoor NHS Trust", Type: incident.Acute, Issuer: "health"}, // came before its ODS code was known
		{Code: "RBB", ODS: "RBB", Name: "Eastmere NHS Trust", Type: incident.MentalHealth},
		{Code: "RCC", ODS: "RCC", Name: "Closed NHS Trust", Type: incident.Acute},
		{Code: "RDD", Name: "Not of the service", Type: incident.Supplier},
	} {
		s.Orgs[o.Code] = o
	}
	s.Closed["RCC"] = true
	return s
}

func lines(rows []RowNote) string {
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprintf("%d %s: %s", r.Line, r.Code, r.Why))
	}
	return strings.Join(all, "\n")
}

func TestATableOfOrganisationsSaysWhatItWouldChange(t *testing.T) {
	t.Parallel()
	table := strings.Join([]string{
		"\ufeffName,OrgId,Status,OrgRecordClass,PostCode,LastChangeDate,PrimaryRoleId,PrimaryRoleDescription,OrgLink,Successor,Close Date",
		"NORTHMOOR NHS TRUST,RAA,Active,RC1,,,RO197,NHS TRUST,,,",             // 2: the same, in capitals
		"Eastmere and Westmere NHS Trust,RBB,Active,RC1,,,RO197,NHS TRUST,,,", // 3: renamed, its kind stays
		"Fellside Ambulance Service NHS Trust,REE,Active,RC1,,,RO197,NHS TRUST,,,",
		"NHS Fellside ICB,QFF,Active,RC1,,,RO261,INTEGRATED CARE BOARD,,,",
		"NHS Fellside CCG,99F,Inactive,RC1,,,RO98,CLINICAL COMMISSIONING GROUP,,QFF,2022-07-01", // 6: new, and closed into one further up
		"Plain NHS Trust,RGG,Active,RC1,,,RO197,NHS TRUST,,,",                                   // 7: of what kind?
		"Northmoor Hospital,RAA01,Active,RC2,,,RO198,NHS TRUST SITE,,,",                         // 8: a place
		"A school,E12345,Active,RC1,,,RO999,SCHOOL,,,",                                          // 9
		"Closed NHS Trust,RCC,Active,RC1,,,RO197,NHS TRUST,,,",                                  // 10: open again?
		"Data Security Centre,X26,Inactive,RC1,,,RO197,NHS TRUST,,,",                            // 11: a host
		",RHH,Active,RC1,,,RO197,NHS TRUST,,,",                                                  // 12
		"Bad code,r h,Active,RC1,,,RO197,NHS TRUST,,,",                                          // 13
		"Fellside Ambulance Service NHS Trust,REE,Active,RC1,,,RO197,NHS TRUST,,,",              // 14: again, alike
		"Another,REE,Active,RC1,,,RO213,COMMISSIONING SUPPORT UNIT,,,",                          // 15: again, differently
		"\"Two\nlines Ambulance\",RJJ,Active,RC1,,,RO197,NHS TRUST,,,",                          // 16–17: one row
		"Lost CSU,0ZZ,Inactive,RC1,,,RO213,COMMISSIONING SUPPORT UNIT,,0YY,31/03/2021",          // 18
		"Odd day CSU,0ZX,Inactive,RC1,,,RO213,COMMISSIONING SUPPORT UNIT,,,next week",           // 19
	}, "\r\n")
	got, err := ReadODS([]byte(table), books(), "", midsummer)
	check(t, err)
	if got.Rows != 17 || got.Same != 2 || len(got.Added) != 5 || len(got.Changed) != 1 || len(got.Closed) != 2 {
		t.Fatalf("%d rows, %d the same, added %v, changed %v, closed %v", got.Rows, got.Same, got.Added, got.Changed, got.Closed)
	}
	want := []incident.Organisation{
		{Code: "REE", ODS: "REE", Name: "Fellside Ambulance Service NHS Trust", Type: incident.Ambulance},
		{Code: "QFF", ODS: "QFF", Name: "NHS Fellside ICB", Type: incident.ICB},
		{Code: "99F", ODS: "99F", Name: "NHS Fellside CCG", Type: incident.CCG},
		{Code: "RJJ", ODS: "RJJ", Name: "Two lines Ambulance", Type: incident.Ambulance},
		{Code: "0ZZ", ODS: "0ZZ", Name: "Lost CSU", Type: incident.CSU},
	}
	for i, o := range want {
		if got.Added[i] != o {
			t.Errorf("added %+v, want %+v", got.Added[i], o)
		}
	}
	if c := got.Changed[0]; c.Now.Name != "Eastmere and Westmere NHS Trust" || c.Now.Type != incident.MentalHealth || c.Now.Code != "RBB" {
		t.Errorf("changed %+v", c)
	}
	if got.Closed[0] != (incident.OrgClosing{Code: "99F", Ended: "2022-07-01", Successor: "QFF"}) || got.Closed[1] != (incident.OrgClosing{Code: "0ZZ", Ended: "2021-03-31"}) {
		t.Errorf("closed %v", got.Closed)
	}
	refused := lines(got.Refused)
	for _, line := range []string{"7 RGG: The table does not say what kind", "8 RAA01: It is a place of a trust", "9 E12345: Its role is none", "10 RCC: It has closed here",
		"11 X26: It is one of the joint hosts", "12 RHH: It has no name", "13 : The code is not one", "15 REE: REE is given twice", "19 0ZX: A date is not one"} {
		if !strings.Contains(refused, line) {
			t.Errorf("not refused: %s\n%s", line, refused)
		}
	}
	if len(got.Refused) != 9 || len(got.Notes) != 1 || got.Notes[0].Line != 18 {
		t.Errorf("refused:\n%s\nnotes:\n%s", refused, lines(got.Notes))
	}
	if with, err := ReadODS([]byte(table), books(), incident.Acute, midsummer); err != nil || len(with.Refused) != 8 || with.Left() != got.Left()+1 {
		t.Errorf("with a kind for such trusts: %v, %s", err, lines(with.Refused))
	}
}

func TestATableThatCannotBeReadIsRefusedWhole(t *testing.T) {
	t.Parallel()
	for table, why := range map[string]string{"": "empty", "a,b\n1,2": "must name the columns", "OrgId,Name\n\"RAA,x\n": "Line 2", "OrgId,Name\nRAA,\xff": "not UTF-8",
		"OrgId,Name\n" + strings.Repeat("RAA,x\n", MaxODSRows+1): "more than 10000 rows", "OrgId,Name\n" + strings.Repeat(" ", MaxODSBytes): "too large"} {
		_, err := ReadODS([]byte(table), books(), "", midsummer)
		wantFault(t, why, err, incident.Invalid)
		if fields := err.(*incident.Error).Fields; len(fields) != 1 || !strings.Contains(fields[0].Message, why) {
			t.Errorf("%q: %v", why, fields)
		}
	}
}

func TestWhatAnOrganisationBecameNeverLeadsBackToIt(t *testing.T) {
	t.Parallel()
	got, err := ReadODS([]byte("Code,Name,Type,Status,Successor\nRK1,One,acute,Inactive,RK2\nRK2,Two,acute,Inactive,RK3\nRK3,Three,acute,Inactive,RK1\nRK4,Four,acute,Inactive,RK4"), books(), "", midsummer)
	check(t, err)
	if len(got.Closed) != 4 || len(got.Notes) != 2 || got.Closed[2].Successor != "" || got.Closed[3].Successor != "" || got.Closed[0].Successor != "RK2" {
		t.Errorf("closed %v, notes %s", got.Closed, lines(got.Notes))
	}
}

// What is entered part by part, by whatever parts, is what the table says; and
// the same table then changes nothing.
func TestATableEnteredInPartsChangesNothingWhenItIsReadAgain(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("Code,Name,Type,Status,Close Date,Successor\n")
	for n := range 300 {
		switch n % 3 {
		case 0:
			fmt.Fprintf(&table, "S%03d,Organisation %d,icb,Active,,\n", n, n)
		case 1:
			fmt.Fprintf(&table, "S%03d,Organisation %d,ccg,Inactive,2022-07-01,S%03d\n", n, n, (n+200)%300)
		default:
			fmt.Fprintf(&table, "S%03d,Organisation %d,csu,Active,,\n", n, n)
		}
	}
	sys := books()
	for parts := 0; ; parts++ {
		got, err := ReadODS([]byte(table.String()), sys, "", midsummer)
		check(t, err)
		if len(got.Refused)+len(got.Notes) > 0 {
			t.Fatal(lines(append(got.Refused, got.Notes...)))
		}
		if got.Left() == 0 {
			if parts != 12 || got.Same != 300 {
				t.Errorf("%d parts, %d the same", parts, got.Same)
			}
			break
		}
		next := sys.Clone()
		next.Apply(&incident.Event{Seq: sys.Head + 1, Body: got.Part(34)})
		sys = next
	}
	if sys.Orgs["S001"].Successor != "S201" || !sys.Closed["S001"] || sys.Orgs["S001"].Ended != "2022-07-01" || sys.Closed["S000"] {
		t.Errorf("S001: %+v", sys.Orgs["S001"])
	}
}

func TestTheSampleOfRealOrganisationsIsRead(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../shared/data/orgs/nhs-organisations.json")
	if err != nil {
		t.Skip("SKIPPED: the sample of organisations is not here: ", err)
	}
	var sample struct {
		Organisations []struct {
			Code    string `json:"ods_code"`
			Name    string `json:"name"`
			Type    string `json:"org_type"`
			Subtype string `json:"subtype_evident_from_name"`
		} `json:"organisations"`
	}
	check(t, json.Unmarshal(raw, &sample))
	var table strings.Builder
	w := csv.NewWriter(&table)
	check(t, w.Write([]string{"ods_code", "Name", "org_type"}))
	for _, o := range sample.Organisations {
		check(t, w.Write([]string{o.Code, o.Name, o.Type}))
	}
	w.Flush()
	got, err := ReadODS([]byte(table.String()), books(), incident.Acute, midsummer)
	check(t, err)
	kinds := map[incident.OrgType]int{}
	is := map[incident.OrgID]incident.OrgType{}
	for _, o := range got.Added {
		kinds[o.Type]++
		is[o.Code] = o.Type
	}
	t.Logf("%d rows: added %v, the same %d, refused %d", got.Rows, kinds, got.Same, len(got.Refused))
	if got.Rows != len(sample.Organisations) || kinds[incident.Acute] < 200 || kinds[incident.Ambulance] < 10 || kinds[incident.CSU] < 10 || kinds[incident.ICB] < 5 {
		t.Errorf("of %d rows: %v\n%s", got.Rows, kinds, lines(got.Refused[:min(5, len(got.Refused))]))
	}
	for _, o := range sample.Organisations {
		want := map[string]incident.OrgType{"Ambulance": incident.Ambulance, "Mental Health": incident.MentalHealth, "Community": incident.Community}[o.Subtype]
		if have := is[incident.OrgID(o.Code)]; want != "" && o.Type == "NHS Trust" && have != want {
			t.Errorf("%s %s is taken for %q, not %q", o.Code, o.Name, have, want)
		}
	}
}
