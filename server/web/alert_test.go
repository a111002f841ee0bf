package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func newAlert(codes []string, more ...object) object {
	b := object{"title": "Patch the file service", "severity": "high", "tlp": "TLP:AMBER", "details": "canary of the details", "remediation": "Install the update.",
		"cves": []string{"CVE-2017-0144"}, "platforms": []string{"Any server"}, "codes": codes, "types": []string{}, "reach": len(codes)}
	for _, m := range more {
		for k, v := range m {
			b[k] = v
		}
	}
	return b
}

// several lets somebody act for more than one organisation.
func (s *stack) several(key string, orgs ...incident.OrgID) *browser {
	a := s.register(key)
	s.Must(s.Journal.Append(s.t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(), command.Affiliate{Person: a.Person, Orgs: orgs}))
	return s.as(key)
}

func TestAnAlertGoesFromIssueToDoneAndIsReadBackOnceClosed(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("ciso")
	lead, ciso := s.as("lead"), s.as("ciso")
	if r := lead.must(200, "POST", "/alerts/preview", object{"types": []string{}, "codes": []string{"X1N", "X2E"}}); r["organisations"] != 2.0 {
		t.Errorf("preview: %v", r)
	}
	lead.refused(422, "invalid", "POST", "/alerts/preview", object{"types": []string{}, "codes": []string{"NOWHERE"}})
	lead.refused(401, "step_up", "POST", "/alerts", newAlert([]string{"X1N", "X2E"}))
	lead.stepUp("lead")
	key := []string{"Idempotency-Key", string(incident.NewKey(time.Now()))}
	made := lead.must(201, "POST", "/alerts", newAlert([]string{"X1N", "X2E"}), key...)
	if made["reference"] != "CC-0001" || len(made) != 2 {
		t.Fatalf("issued: %v", made)
	}
	if again := lead.must(201, "POST", "/alerts", newAlert([]string{"X1N", "X2E"}), key...); fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("sent again: %v", again)
	}
	lead.refused(401, "step_up", "POST", "/alerts", newAlert([]string{"X1N", "X2E"})) // the same factor is not for another

	mine := objects(ciso.must(200, "GET", "/alerts", nil)["alerts"])
	if len(mine) != 1 || mine[0]["title"] != "Patch the file service" || len(objects(mine[0]["mine"])) != 1 {
		t.Fatalf("to whom it went: %v", mine)
	}
	if of := ciso.must(200, "GET", "/alerts/1", nil); of["details"] != "canary of the details" {
		t.Errorf("the alert: %v", of)
	}
	orgs := object{"orgs": []string{"X1N"}}
	with := func(more object) object {
		more["orgs"] = orgs["orgs"]
		return more
	}
	if r := ciso.must(200, "POST", "/alerts/1/acknowledge", with(object{"seen": 1})); len(r) != 2 || r["reference"] != "CC-0001" {
		t.Errorf("its receipt says more than which alert: %v", r)
	}
	ciso.refused(409, "conflict", "POST", "/alerts/1/plan", with(object{"plan": "Tonight", "due": time.Now().Add(time.Hour)}))
	ciso.must(200, "POST", "/alerts/1/answer", with(object{"applies": "yes"}))
	ciso.refused(422, "invalid", "POST", "/alerts/1/plan", with(object{"plan": "Tonight", "due": time.Now().Add(-time.Hour)}))
	ciso.must(200, "POST", "/alerts/1/plan", with(object{"plan": "canary of the plan", "due": time.Now().Add(time.Hour)}))
	ciso.must(200, "POST", "/alerts/1/update", with(object{"text": "Half of it.", "next": time.Now().Add(24 * time.Hour)}))
	ciso.must(200, "POST", "/alerts/1/finish", with(object{"evidence": "Scanned."}))
	lead.refused(403, "forbidden", "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X2E"}})
	lead.must(200, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X2E"}, "via": "telephone"})

	board := lead.must(200, "GET", "/alerts/1/board", nil)
	rows := objects(board["rows"])
	if len(rows) != 2 || rows[0]["org"] != "X2E" || rows[0]["via"] != "telephone" || rows[0]["wants"] != "update" || rows[1]["state"] != "done" || rows[1]["wants"] != "" {
		t.Errorf("the board: %v", rows)
	}
	for query, want := range map[string]int{"?state=done": 1, "?state=sent": 0, "?q=X2E": 1, "?type=supplier": 0, "?overdue=true": 0, "?from=1": 1, "?from=9": 0} {
		if got := objects(lead.must(200, "GET", "/alerts/1/board"+query, nil)["rows"]); len(got) != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	lead.refused(409, "conflict", "POST", "/alerts/1/chase", object{}) // nobody is overdue
	if r := lead.must(200, "POST", "/alerts/1/chase", object{"orgs": []string{"X2E"}}); fmt.Sprint(r["chased"]) != "[X2E]" {
		t.Errorf("chased: %v", r)
	}

	lead.refused(401, "step_up", "POST", "/alerts/1/close", object{"reason": "Over."})
	time.Sleep(1100 * time.Millisecond) // the issuer tells seconds, and a factor is for one act
	lead.stepUp("lead")
	lead.must(200, "POST", "/alerts/1/close", object{"reason": "Over."})
	if open := objects(lead.must(200, "GET", "/alerts", nil)["alerts"]); len(open) != 0 {
		t.Errorf("open: %v", open)
	}
	for _, b := range []*browser{lead, ciso} {
		closed := objects(b.must(200, "GET", "/alerts/closed", nil)["alerts"])
		if len(closed) != 1 || closed[0]["closed"] == nil || b == ciso && objects(closed[0]["mine"])[0]["state"] != "done" {
			t.Errorf("closed: %v", closed)
		}
		if of := b.must(200, "GET", "/alerts/1", nil); of["details"] != "canary of the details" {
			t.Errorf("read back: %v", of)
		}
	}
	if rows := objects(lead.must(200, "GET", "/alerts/1/board", nil)["rows"]); len(rows) != 2 || rows[0]["wants"] != "" {
		t.Errorf("the board of a closed one: %v", rows)
	}
	ciso.refused(404, "not_found", "POST", "/alerts/1/update", with(object{"text": "More."}))
	said := objects(ciso.must(200, "GET", "/alerts/1/entries", nil)["entries"])
	if len(said) != 7 || said[0]["kind"] != "alert.closed" || said[0]["text"] != "Over." || said[6]["kind"] != "alert.issued" || said[3]["text"] != "canary of the plan" {
		t.Errorf("what she reads of it: %v", said)
	}
	if older := objects(ciso.must(200, "GET", "/alerts/1/entries?before=3", nil)["entries"]); len(older) != 2 || older[0]["n"] != 2.0 {
		t.Errorf("before the third: %v", older)
	}
	if all := objects(lead.must(200, "GET", "/alerts/1/entries", nil)["entries"]); len(all) != 9 {
		t.Errorf("what a host reads: %d", len(all))
	}

	// Administrators know that there were alerts, and nothing of what they say.
	s.administrator("admin")
	log := string(s.as("admin").send("GET", "/api/v1/admin/log", nil).body)
	if !strings.Contains(log, "Alert CC-0001 was issued.") || !strings.Contains(log, "Alert CC-0001 was closed.") {
		t.Errorf("the administrators' page: %s", log)
	}
	for _, secret := range []string{"Patch the file service", "canary of", "Half of it"} {
		if strings.Contains(log+s.log.String(), secret) {
			t.Errorf("%q stands in a log", secret)
		}
	}
	for _, secret := range []string{"Patch the file", "canary of", "Half of it"} {
		if strings.Contains(s.rows("alert_entry"), secret) {
			t.Errorf("%q stands in a table", secret)
		}
	}
}

func TestWhoAnAlertDidNotGoToLearnsNothingOfItAndNobodyOfTheOthers(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("ciso")
	s.register("director") // of X2E
	s.register("contact")  // of neither
	lead, ciso, director, contact, stranger := s.as("lead"), s.as("ciso"), s.as("director"), s.as("contact"), s.as("outsider")
	lead.stepUp("lead")
	lead.must(201, "POST", "/alerts", newAlert([]string{"X1N", "X2E"}, object{"title": "canary both"}))
	time.Sleep(1100 * time.Millisecond)
	lead.stepUp("lead")
	lead.must(201, "POST", "/alerts", newAlert([]string{"X2E"}, object{"title": "canary not hers"}))
	time.Sleep(1100 * time.Millisecond)
	lead.stepUp("lead")
	lead.must(201, "POST", "/alerts", newAlert([]string{"X2E"}, object{"title": "canary closed"}))
	time.Sleep(1100 * time.Millisecond)
	lead.stepUp("lead")
	lead.must(200, "POST", "/alerts/3/close", object{"reason": "Over."})
	director.must(200, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X2E"}})
	director.must(200, "POST", "/alerts/1/answer", object{"orgs": []string{"X2E"}, "applies": "no", "note": "canary of the note"})
	lead.must(200, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X1N"}, "via": "telephone"})
	lead.must(200, "POST", "/alerts/1/answer", object{"orgs": []string{"X1N", "X2E"}, "applies": "unsure", "via": "telephone"}) // one entry for both

	nothing := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	missing := func(b *browser, method, path string, body any) {
		t.Helper()
		if r := b.send(method, "/api/v1"+path, body); r.status != 404 || string(r.body) != string(nothing.body) {
			t.Errorf("%s %s: %d %s", method, path, r.status, r.body)
		}
	}
	answers := map[string]object{"acknowledge": {}, "answer": {"applies": "yes"}, "plan": {"plan": "p", "due": time.Now().Add(time.Hour)}, "update": {"text": "t"}, "finish": {"evidence": "e"}}
	elsewhere := []string{"2", "3", "4", "999999", "0", "-1", "x", "01", "2147483648", "9223372036854775808"}
	for name, who := range map[string]struct {
		b     *browser
		their string
	}{"another's": {contact, ""}, "a stranger's": {stranger, ""}, "hers": {ciso, "1"}} {
		for _, n := range append([]string{"1"}, elsewhere...) {
			for act, body := range answers {
				for _, orgs := range [][]string{{"X2E"}, {"X1N", "X2E"}, {"NOWHERE"}, {}} {
					body["orgs"] = orgs
					missing(who.b, "POST", "/alerts/"+n+"/"+act, body)
					body["via"] = "telephone"
					missing(who.b, "POST", "/alerts/"+n+"/"+act, body)
					delete(body, "via")
				}
			}
			if n != who.their {
				missing(who.b, "GET", "/alerts/"+n, nil)
				missing(who.b, "GET", "/alerts/"+n+"/entries", nil)
			}
			who.b.refused(403, "forbidden", "GET", "/alerts/"+n+"/board", nil)
			who.b.refused(403, "forbidden", "POST", "/alerts/"+n+"/chase", object{})
			who.b.refused(403, "forbidden", "POST", "/alerts/"+n+"/close", object{"reason": "r"})
		}
		who.b.refused(403, "forbidden", "POST", "/alerts", newAlert([]string{"X1N"}))
		who.b.refused(403, "forbidden", "POST", "/alerts/preview", object{"types": []string{}, "codes": []string{"X1N"}})
		for _, path := range []string{"/alerts", "/alerts/closed"} {
			a := who.b.must(200, "GET", path, nil)
			if n := len(objects(a["alerts"])); n != map[bool]int{true: 1, false: 0}[who.their != "" && path == "/alerts"] || a["issues"] == true {
				t.Errorf("%s: %s lists %d", name, path, n)
			}
		}
	}
	missing(ciso, "GET", "/alerts/1/entries?org=X2E", nil)
	missing(ciso, "GET", "/alerts/1/entries?org=NOWHERE", nil)
	for _, path := range []string{"/alerts", "/alerts/1", "/alerts/1/entries", "/alerts/1/entries?org=X1N"} {
		body := string(ciso.send("GET", "/api/v1"+path, nil).body)
		for _, secret := range []string{"X2E", "counts", "canary not hers", "canary closed", "canary of the note", "codes", "types", door.people["lead"].Name, door.people["director"].Name} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells of %q: %s", path, secret, body)
			}
		}
	}
	said := objects(ciso.must(200, "GET", "/alerts/1/entries", nil)["entries"])
	if len(said) != 3 || said[0]["n"] != 3.0 || fmt.Sprint(said[0]["orgs"]) != "[X1N]" || said[0]["by"] != "" {
		t.Errorf("what she reads: %v", said)
	}
	// Whoever no longer acts for it has nothing of it any more.
	s.Must(s.Journal.Append(t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(), command.Affiliate{Person: personOf(t, s, "director"), Orgs: []incident.OrgID{"X1N"}}))
	missing(director, "GET", "/alerts/2", nil)
	missing(director, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X2E"}})
}

func TestSomebodyWhoActsForSeveralAnswersForAllOfThemAtOnce(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, both := s.as("lead"), s.several("ciso", "X1N", "X2E")
	lead.stepUp("lead")
	lead.must(201, "POST", "/alerts", newAlert([]string{"X1N", "X2E"}))
	both.must(200, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X1N", "X2E"}})
	both.must(200, "POST", "/alerts/1/answer", object{"orgs": []string{"X1N", "X2E"}, "applies": "no", "note": "Neither has any."})
	if said := objects(both.must(200, "GET", "/alerts/1/entries", nil)["entries"]); len(said) != 3 || fmt.Sprint(said[0]["orgs"]) != "[X1N X2E]" {
		t.Errorf("one entry each: %v", said)
	}
	for _, row := range objects(both.must(200, "GET", "/alerts", nil)["alerts"].([]any)[0].(object)["mine"]) {
		if row["state"] != "not_applicable" || row["by"] != door.people["ciso"].Name {
			t.Errorf("%v", row)
		}
	}
}

func personOf(t *testing.T, s *stack, key string) incident.PersonID {
	t.Helper()
	sys, err := s.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, ok := sys.BySubject("health", door.people[key].Sub)
	if !ok {
		t.Fatalf("%s is not on the books", key)
	}
	return p.ID
}

func TestAnAlertIssuedOutOfARoomIsTheRoomsForItsHostsAlone(t *testing.T) {
	s := newStack(t, plenty)
	for _, key := range []string{"lead", "ciso", "nightlead"} {
		s.register(key)
	}
	lead, ciso, night := s.as("lead"), s.as("ciso"), s.as("nightlead")
	room, guest := lead.openRoom("incident", "names"), ciso
	guest.join(lead, room, "ciso", "representative", "full")
	p := "/rooms/" + room
	out := object{"room": room}
	lead.stepUp("lead")
	lead.refused(422, "invalid", "POST", "/alerts", newAlert([]string{"X1N"}, object{"room": string(incident.RandomID())}))
	night.stepUp("nightlead") // a host who is not in the room: to them it is as if it were not there
	here, nowhere := night.send("POST", "/api/v1/alerts", newAlert([]string{"X1N"}, out)), night.send("POST", "/api/v1/alerts", newAlert([]string{"X1N"}, object{"room": string(incident.RandomID())}))
	if here.status != 422 || string(here.body) != string(nowhere.body) {
		t.Errorf("a room they are not in: %d %s, and none: %s", here.status, here.body, nowhere.body)
	}
	lead.must(201, "POST", "/alerts", newAlert([]string{"X1N", "X2E"}, out))
	ciso.must(200, "POST", "/alerts/1/acknowledge", object{"orgs": []string{"X1N"}})
	list := objects(lead.must(200, "GET", p+"/alerts", nil)["alerts"])
	if len(list) != 1 || list[0]["reference"] != "CC-0001" {
		t.Fatalf("of the room: %v", list)
	}
	if states := list[0]["counts"].(map[string]any)["states"].(map[string]any); states["acknowledged"] != 1.0 || states["sent"] != 1.0 {
		t.Errorf("how far they have come: %v", states)
	}
	if of := lead.must(200, "GET", "/alerts/1", nil)["room"].(map[string]any); of["id"] != room {
		t.Errorf("its room: %v", of)
	}
	// A guest of the room, whose organisation it went to: no alert is the room's, and no room the alert's.
	if got := objects(guest.must(200, "GET", p+"/alerts", nil)["alerts"]); len(got) != 0 {
		t.Errorf("a guest is told %v", got)
	}
	for who, b := range map[string]*browser{"a guest": ciso, "a host who is not in the room": night} {
		for _, path := range []string{"/alerts", "/alerts/1", "/alerts/1/entries"} {
			if r := b.send("GET", "/api/v1"+path, nil); r.status != 200 || strings.Contains(string(r.body), room) {
				t.Errorf("%s reads of the room at %s: %d %s", who, path, r.status, r.body)
			}
		}
	}
	missing := night.send("GET", "/api/v1/rooms/"+incident.RandomID()+"/alerts", nil)
	if r := night.send("GET", "/api/v1"+p+"/alerts", nil); r.status != 404 || string(r.body) != string(missing.body) {
		t.Errorf("whose room it is not: %d %s", r.status, r.body)
	}
}
