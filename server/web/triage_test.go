package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardroom/server/directory"
	"wardroom/server/incident"
)

const callerNumber = "+44 7700 900971"

func reportOf(more object) object {
	b := object{"ethane": object{"what": "ransomware", "text": "canary of a report", "mail": "no", "where": "both sites"}, "phone": callerNumber}
	for k, v := range more {
		b[k] = v
	}
	return b
}

func TestAReportIsForTheHostsAndWhoeverFiledItAndTellsNobodyElseThatItIsThere(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("ciso")
	s.register("colleague")
	s.register("director")
	s.administrator("admin")
	lead, ciso, colleague, director := s.as("lead"), s.as("ciso"), s.as("colleague"), s.as("director")
	filed := ciso.must(201, "POST", "/organisations/X1N/reports", reportOf(nil))
	id := filed["id"].(string)
	if ref := filed["reference"].(string); !strings.HasPrefix(ref, "REP-") || len(ref) != 11 {
		t.Errorf("its reference is %q", ref)
	}
	ciso.refused(404, "not_found", "POST", "/organisations/X2E/reports", reportOf(nil))
	ciso.refused(404, "not_found", "POST", "/organisations/X1N/reports", reportOf(object{"via": "telephone"}))

	// Its own organisation's colleague, another's people and strangers: nothing, byte for byte.
	nowhere := "/api/v1/reports/" + incident.RandomID()
	for name, b := range map[string]*browser{"a colleague": colleague, "another trust": director, "nobody known": s.as("outsider")} {
		want, got := b.send("GET", nowhere, nil), b.send("GET", "/api/v1/reports/"+id, nil)
		if want.status != 404 || got.status != 404 || string(got.body) != string(want.body) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if list := objects(b.must(200, "GET", "/my-reports", nil)["reports"]); len(list) != 0 {
			t.Errorf("%s has %v", name, list)
		}
		b.refused(403, "forbidden", "GET", "/reports", nil)
		for _, act := range []string{"note", "call", "answer", "close"} {
			b.refused(403, "forbidden", "POST", "/reports/"+id+"/"+act, object{"text": "x", "reason": "x"})
		}
	}
	for _, bad := range []string{"x", "%00", strings.Repeat("a", 27)} {
		if r := lead.send("GET", "/api/v1/reports/"+bad, nil); r.status != 404 {
			t.Errorf("%q: %d", bad, r.status)
		}
	}

	// The hosts: masked until they call, and that is on record first.
	if n := lead.must(200, "GET", "/rooms", nil)["reports"]; n != 1.0 {
		t.Errorf("%v reports wait", n)
	}
	if n := ciso.must(200, "GET", "/rooms", nil)["reports"]; n != 0.0 {
		t.Errorf("%v reports wait for who filed one", n)
	}
	one := lead.must(200, "GET", "/reports/"+id, nil)
	if one["phone"] != "…971" || one["triage"] == nil {
		t.Errorf("a host is shown %v", one)
	}
	if o := lead.must(200, "POST", "/reports/"+id+"/call", object{}); o["phone"] != callerNumber {
		t.Errorf("called: %v", o)
	}
	one = lead.must(200, "GET", "/reports/"+id, nil)
	if steps := objects(one["triage"].(object)["steps"]); len(steps) != 2 || steps[1]["kind"] != "report.called" {
		t.Errorf("after the call: %v", steps)
	}

	// A room of it: whoever filed it is told that somebody looks, and of no room.
	room := lead.must(201, "POST", "/rooms", object{"title": "Ransomware", "mode": "incident", "roster": "names", "org": "DSC", "filed": id, "report": object{"major": false, "type": "Ransomware"}})["room"].(string)
	mine := ciso.send("GET", "/api/v1/reports/"+id, nil)
	if body := string(mine.body); mine.status != 200 || strings.Contains(body, room) || strings.Contains(body, "triage") || strings.Contains(body, "INC-") || !strings.Contains(body, `"looking"`) {
		t.Errorf("whoever filed it is shown %s", body)
	}
	// Another host who is not in the room: that it is in one, and not in which.
	s.register("nightlead")
	night := s.as("nightlead")
	seen := night.send("GET", "/api/v1/reports/"+id, nil)
	if body := string(seen.body); strings.Contains(body, room) || strings.Contains(body, "INC-") || !strings.Contains(body, `"placed":true`) {
		t.Errorf("a host outside the room is shown %s", body)
	}
	if rooms := objects(night.must(200, "POST", "/reports/alike", object{"report": id})["rooms"]); len(rooms) != 0 {
		t.Errorf("warned of a room they are not in: %v", rooms)
	}
	if rooms := objects(lead.must(200, "POST", "/reports/alike", object{"exact": "something at northmoor nhs trust"})["rooms"]); len(rooms) != 1 || rooms[0]["room"] != room {
		t.Errorf("the room that is about it: %v", rooms)
	}
	night.refused(409, "conflict", "POST", "/rooms", object{"title": "Another", "mode": "incident", "roster": "names", "org": "DSC", "filed": id, "report": object{"major": false, "type": "Ransomware"}})

	// In the room its words are the hosts' alone.
	director.join(lead, room, "director", "representative", "full")
	for _, path := range []string{"/entries?limit=100", "", "/links"} {
		if r := director.send("GET", "/api/v1/rooms/"+room+path, nil); strings.Contains(string(r.body), "canary of a report") || strings.Contains(string(r.body), id) {
			t.Errorf("a guest is shown it by %q", path)
		}
	}
	director.refused(403, "forbidden", "POST", "/rooms/"+room+"/reports", object{"report": id})

	// Closed: no more calls, nothing more for who filed it than that.
	lead.must(200, "POST", "/reports/"+id+"/answer", object{"text": "Unplug the network"})
	lead.must(200, "POST", "/reports/"+id+"/close", object{"reason": "canary of a reason"})
	lead.refused(409, "conflict", "POST", "/reports/"+id+"/call", object{})
	mine = ciso.send("GET", "/api/v1/reports/"+id, nil)
	if body := string(mine.body); !strings.Contains(body, `"closed"`) || !strings.Contains(body, "Unplug the network") || strings.Contains(body, "canary of a reason") {
		t.Errorf("closed, and whoever filed it is shown %s", body)
	}
	if list := objects(lead.must(200, "GET", "/reports?state=closed", nil)["reports"]); len(list) != 1 {
		t.Errorf("closed: %v", list)
	}

	// Administrators see no trace, and no gap; no row and no line of the server's log holds its words or the number.
	log := s.as("admin").send("GET", "/api/v1/admin/log", nil)
	if strings.Contains(string(log.body), "report.") {
		t.Errorf("the administrators' page: %s", log.body)
	}
	for _, word := range []string{"canary of a report", "7700900971", " 900971", "canary of a reason", "Unplug"} {
		if strings.Contains(s.log.String(), word) || strings.Contains(s.tables(), word) {
			t.Errorf("%q stands in a table or in the server's log", word)
		}
	}
}

func TestAReportSentAgainIsFiledOnceAndItsNumberIsForgottenWithIt(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("ciso")
	lead, ciso := s.as("lead"), s.as("ciso")
	key := string(incident.NewKey(time.Now()))
	first := ciso.must(201, "POST", "/organisations/X1N/reports", reportOf(nil), "Idempotency-Key", key)
	again := ciso.must(201, "POST", "/organisations/X1N/reports", reportOf(nil), "Idempotency-Key", key)
	if first["id"] != again["id"] {
		t.Errorf("filed as %v and as %v", first, again)
	}
	ciso.refused(409, "conflict", "POST", "/organisations/X1N/reports", reportOf(object{"phone": "+44 7700 900972"}), "Idempotency-Key", key)
	id := first["id"].(string)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.server.KeepCallers(ctx) }()
	lead.must(200, "POST", "/reports/"+id+"/close", object{"reason": "done"})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(s.rows("report_caller"), id) && !strings.Contains(s.rows("report_caller"), ",)") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing says when the number is forgotten: %s", s.rows("report_caller"))
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := s.directory.CallerOf(t.Context(), id); err != nil {
		t.Errorf("known for thirty days: %v", err)
	}
	late, err := directory.New(directory.Options{Pool: s.DB.Writer, Vault: s.Vault, Now: func() time.Time { return time.Now().Add(directory.CallerKept + time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := late.CallerOf(t.Context(), id); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("after thirty days: %v", err)
	}
	if err := late.ForgetCallers(t.Context()); err != nil || strings.Contains(s.rows("report_caller"), id) {
		t.Errorf("after thirty days it is still there: %v", err)
	}
	ciso.must(201, "POST", "/organisations/X1N/reports", reportOf(nil), "Idempotency-Key", key)
	if strings.Contains(s.rows("report_caller"), id) {
		t.Error("an old request sent again keeps the number again")
	}
}

func TestGuestsAreNotToldOfLinksAndWhoIsInOneRoomIsNotLedToTheOther(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("nightlead")
	lead, night := s.as("lead"), s.as("nightlead")
	one, two := lead.openRoom("incident", "names"), lead.openRoom("incident", "names")
	ciso := s.as("ciso")
	ciso.join(lead, one, "ciso", "representative", "full")
	night.join(lead, two, "nightlead", "deputy", "full")
	night.refused(422, "invalid", "POST", "/rooms/"+two+"/links", object{"room": one}) // not in it: as if there were none
	missing := night.send("POST", "/api/v1/rooms/"+two+"/links", object{"room": incident.RandomID()})
	theirs := night.send("POST", "/api/v1/rooms/"+two+"/links", object{"room": one})
	if string(missing.body) != string(theirs.body) {
		t.Errorf("a room that is not theirs: %s; one that is not there: %s", theirs.body, missing.body)
	}
	lead.must(201, "POST", "/rooms/"+one+"/links", object{"room": two})
	if l := objects(lead.must(200, "GET", "/rooms/"+one+"/links", nil)["links"]); len(l) != 1 || l[0]["room"] != two {
		t.Errorf("the lead's: %v", l)
	}
	if l := objects(night.must(200, "GET", "/rooms/"+two+"/links", nil)["links"]); len(l) != 1 || l[0]["room"] != nil || l[0]["reference"] == "" {
		t.Errorf("of a host who is in one: %v", l)
	}
	if l := objects(ciso.must(200, "GET", "/rooms/"+one+"/links", nil)["links"]); len(l) != 0 {
		t.Errorf("a guest's: %v", l)
	}
	if r := ciso.send("GET", "/api/v1/rooms/"+one+"/entries?limit=100", nil); strings.Contains(string(r.body), "linked") || strings.Contains(string(r.body), two) {
		t.Error("a guest is shown the link in the record")
	}
	root := itoa(int(objects(lead.must(200, "GET", "/rooms/"+one+"/links", nil)["links"])[0]["root"].(float64)))
	lead.refused(403, "forbidden", "POST", "/rooms/"+one+"/entries/"+root+"/widen", object{"audience": object{"kind": "room"}, "reason": "r"})
	ciso.refused(403, "forbidden", "POST", "/rooms/"+one+"/links/"+root+"/remove", object{})
	lead.must(200, "POST", "/rooms/"+one+"/links/"+root+"/remove", object{})
	if l := objects(night.must(200, "GET", "/rooms/"+two+"/links", nil)["links"]); len(l) != 0 {
		t.Errorf("unlinked, and still: %v", l)
	}
}
