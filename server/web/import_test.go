package web_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
)

// table sends a file, as it is.
func (b *browser) table(status int, path, file string) object {
	b.t.Helper()
	return b.must(status, "POST", path, []byte(file), "Content-Type", "application/octet-stream")
}

func TestAnAdministratorEntersATableOfOrganisationsInPartsAfterAPreview(t *testing.T) {
	s := newStack(t, plenty)
	s.administrator("admin")
	s.register("lead")
	admin, lead := s.as("admin"), s.as("lead")
	var table strings.Builder
	table.WriteString("OrgId,Name,Status,PrimaryRoleId,Type,Successor\nX1N,Northmoor and Southmoor NHS Trust,Active,RO197,,\nX2E,Eastmere General Hospital NHS Trust,Inactive,RO197,,X1N\nZZZ99,Somewhere,Active,RO999,,\n")
	for n := range directory.MaxODSRows - 3 {
		fmt.Fprintf(&table, "T%04d,Trust number %d,Active,RO197,%s,\n", n, n, []string{"acute", "Mental health", "ambulance_trust"}[n%3])
	}
	began := time.Now()
	p := admin.table(200, "/admin/organisations/preview", table.String())
	if p["rows"] != 10_000.0 || p["new"] != 9_997.0 || p["changed"] != 1.0 || p["closed"] != 1.0 || p["refused"] != 1.0 || len(objects(p["added"])) != 200 {
		t.Fatalf("the preview: %v", p)
	}
	if o := objects(p["refusals"])[0]; o["line"] != 4.0 || o["code"] != "ZZZ99" {
		t.Errorf("refused: %v", o)
	}
	if o := objects(p["changes"])[0]; o["code"] != "X1N" || o["was"].(object)["name"] != "Northmoor NHS Trust" {
		t.Errorf("changed: %v", o)
	}
	at := "/admin/organisations/enter?trusts=acute_trust&sha256=" + p["sha256"].(string)
	admin.table(422, "/admin/organisations/enter?sha256="+strings.Repeat("0", 64), table.String())
	calls := 0
	for {
		o := admin.table(200, at, table.String())
		if calls++; o["left"] == 0.0 {
			break
		}
	}
	t.Logf("10,000 rows in %d parts: %v", calls, time.Since(began))
	if calls != 25 {
		t.Errorf("%d parts", calls)
	}
	if o := admin.table(200, at, table.String()); o["entered"] != 0.0 || o["left"] != 0.0 {
		t.Errorf("once more: %v", o)
	}
	sys, err := s.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if o := sys.Orgs["X2E"]; !sys.Closed["X2E"] || o.Successor != "X1N" || sys.Orgs["X1N"].Name != "Northmoor and Southmoor NHS Trust" || len(sys.Orgs) != 9_997+8 {
		t.Errorf("the books: %+v, %d", o, len(sys.Orgs))
	}
	if log := string(admin.send("GET", "/api/v1/admin/log", nil).body); !strings.Contains(log, "From a table of organisations: 398 added, 1 changed, 1 closed.") && !strings.Contains(log, "added, 1 changed, 1 closed.") {
		t.Errorf("the system log: %.600s", log)
	}
	if o := lead.must(200, "GET", "/directory?type=ambulance_trust&q=number", nil); o["found"] != 3332.0 || len(objects(o["organisations"])) != 200 {
		t.Errorf("the directory: %v", o["found"])
	}

	// To whoever is no administrator there is no such route.
	nothing := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for _, path := range []string{"/admin/organisations/preview", at} {
		if r := lead.send("POST", "/api/v1"+path, []byte("x"), "Content-Type", "application/octet-stream"); r.status != 404 || string(r.body) != string(nothing.body) {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

// Whatever a table holds, what the reader takes of it the log takes too: else it
// could never be entered to its end.
func TestWhatIsReadOfATableIsTakenByTheLog(t *testing.T) {
	codes := []string{"RAA", "RBB", "RCC", "RDD", "REE", "X26", "DSC", "NORTH", "raa", "R-1", "x", ""}
	cells := [][]string{codes, {"Northmoor", "NORTHMOOR", "Ambulance", "North\u200bmoor", "=cmd()", "<b>", "a\u202eb", "a\tb", strings.Repeat("n", 170), ""},
		{"RO197", "RO98", "RO198", "RO999", "NHS TRUST", ""}, {"acute", "host", "other", "Mental health trust", "nonsense", "", ""},
		{"Active", "Inactive", "inactive", ""}, {"", "2022-07-01", "01/02/2023", "2022-13-01"}, {"", "", "2022-07-01", "20300101"}, append(codes, "", "", "")}
	rapid.Check(t, func(t *rapid.T) {
		sys := incident.NewSystem("system")
		sys.Hosts = []incident.OrgID{"DSC", "NCSC"}
		for _, o := range []incident.Organisation{{Code: "DSC", ODS: "X26", Name: "Data Security Centre", Type: incident.HostBody}, {Code: "NCSC", Name: "Cyber", Type: incident.HostBody},
			{Code: "NORTH", ODS: "RAA", Name: "Northmoor", Type: incident.Acute}, {Code: "RCC", ODS: "RCC", Name: "Closed", Type: incident.CCG, Successor: "NORTH"}} {
			sys.Orgs[o.Code] = o
		}
		sys.Closed["RCC"] = true
		sys.Head = 3
		var table bytes.Buffer
		w := csv.NewWriter(&table)
		w.Write([]string{"Code", "Name", "PrimaryRoleId", "Type", "Status", "Open Date", "Close Date", "Successor"})
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			row := make([]string, 8)
			for i := range row {
				row[i] = rapid.SampledFrom(cells[i]).Draw(t, "cell")
			}
			w.Write(row)
		}
		w.Flush()
		for parts := 0; ; parts++ {
			got, err := directory.ReadODS(table.Bytes(), sys, incident.Community, time.Date(2026, 6, 24, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			if got.Left() == 0 {
				return
			}
			if parts > 40 {
				t.Fatalf("it comes to no end: %+v", got)
			}
			part := got.Part(rapid.IntRange(1, 3).Draw(t, "part"))
			events, err := command.Decide(command.Input{State: sys, Size: uint64(sys.Head) + 1, Actor: incident.Actor{System: true}, Now: time.Now()}, command.EnterOrganisations{Entered: *part})
			if err != nil {
				t.Fatalf("%v: %+v\n%s", err, part, table.String())
			}
			next := sys.Clone()
			for _, e := range events {
				next.Apply(e)
			}
			sys = next
			for code := range sys.Orgs {
				for at, n := sys.Orgs[code].Successor, 0; at != ""; at, n = sys.Orgs[at].Successor, n+1 {
					if n > len(sys.Orgs) {
						t.Fatalf("%s leads back to itself\n%s", code, table.String())
					}
				}
			}
			if sys.Orgs["DSC"].Type != incident.HostBody || sys.Closed["DSC"] {
				t.Fatalf("a table changed a host\n%s", table.String())
			}
		}
	})
}
