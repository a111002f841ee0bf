package web_test

import (
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// ofNCSC registers an account of the issuer's as one of NCSC's people.
func (s *stack) ofNCSC(key string) incident.Actor {
	s.t.Helper()
	a := door.people[key]
	p := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: a.Name, Orgs: []incident.OrgID{"NCSC"}}
	s.Must(s.Journal.Append(s.t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(),
		command.AddPerson{Person: p.Person, Name: a.Name, Issuer: "health", Subject: a.Sub, Orgs: p.Orgs}))
	return p
}

// enter joins by an invitation that waits for this sign-in.
func (b *browser) enter() (room string) {
	b.t.Helper()
	list := objects(b.must(200, "GET", "/rooms", nil)["invitations"])
	if len(list) != 1 {
		b.t.Fatalf("%d rooms wait, want 1", len(list))
	}
	inv := list[0]
	return b.must(200, "POST", "/invitations/join", object{"invitation": inv["id"], "rules": inv["rules"].(object)["version"]})["room"].(string)
}

func (b *browser) state(room string) object {
	b.t.Helper()
	return b.must(200, "GET", "/rooms/"+room, nil)["state"].(object)
}

func (b *browser) head(room string) int {
	b.t.Helper()
	return int(b.must(200, "GET", "/rooms/"+room, nil)["seq"].(float64))
}

func severity(at int, more ...object) object {
	o := object{"scale": "nhs_level", "grade": object{"at": at}, "criteria": []string{"service_loss", "spreading"}, "reason": "several trusts divert ambulances"}
	for _, m := range more {
		for k, v := range m {
			o[k] = v
		}
	}
	return o
}

func TestARoomOpenedAtLevelThreeWaitsForWhomNCSCHasOnCall(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	called, other := s.ofNCSC("nightlead"), s.ofNCSC("comms")
	s.OnCall(called)
	lead, night := s.as("lead"), s.as("nightlead")
	if n := len(objects(night.must(200, "GET", "/rooms", nil)["invitations"])); n != 0 {
		t.Fatalf("%d rooms wait before anything happened", n)
	}
	live := night.stream()
	body := object{"title": "Ransomware at several trusts", "mode": "incident", "roster": "names", "org": "DSC", "report": object{"major": false, "type": "Ransomware"},
		"severity": severity(3, object{"grade": object{"at": 2, "or": 3}})}
	key := string(s.Key())
	room := lead.must(201, "POST", "/rooms", body, "Idempotency-Key", key)["room"].(string)
	live.until("rooms")
	head := lead.head(room)
	s.OnCall(called, other) // the rota has changed, and the request is the same
	if again := lead.must(201, "POST", "/rooms", body, "Idempotency-Key", key); again["room"] != room || lead.head(room) != head {
		t.Errorf("sent again: %v, at %d", again, lead.head(room))
	}
	state := lead.state(room)
	if got := state["room"].(object)["called"].([]any); !slices.Equal(got, []any{"NCSC"}) {
		t.Errorf("called: %v", got)
	}
	a := objects(state["assessments"])
	if len(a) != 1 || a[0]["org"] != "DSC" || a[0]["root"] != 5.0 || a[0]["grade"].(object)["or"] != 3.0 || len(a[0]["criteria"].([]any)) != 2 {
		t.Errorf("assessments: %v", a)
	}
	if got := night.enter(); got != room {
		t.Fatalf("entered %v", got)
	}
	for _, m := range objects(night.state(room)["members"]) {
		if m["org"] == "NCSC" && (m["role"] != "liaison" || m["state"] != "joined" || m["tier"] != "operational" || m["start"] != 0.0) {
			t.Errorf("called in: %v", m)
		}
	}
	entries, _ := night.page(room, "")
	if got := seqs(entries); got[0] != 1 || form(entries[5]) != "open" {
		t.Errorf("they see %v", got)
	}
	s.as("comms").refused(404, "not_found", "GET", "/rooms/"+room, nil)
	if n := len(objects(s.as("comms").must(200, "GET", "/rooms", nil)["invitations"])); n != 0 {
		t.Errorf("whom the second sending would have called has %d rooms waiting", n)
	}
	s.CheckLog(incident.LogID(room))
}

func TestRaisingToLevelFourCallsNCSCOnce(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.OnCall(s.ofNCSC("nightlead"), s.register("comms")) // hers is the host that assesses: she is not called
	lead, night := s.as("lead"), s.as("nightlead")
	room := lead.openRoom("incident", "names")
	lead.must(201, "POST", "/rooms/"+room+"/severity", severity(2))
	if n := len(objects(night.must(200, "GET", "/rooms", nil)["invitations"])); n != 0 {
		t.Fatalf("level 2 called %d", n)
	}
	live := night.stream()
	lead.must(201, "POST", "/rooms/"+room+"/severity", severity(4))
	live.until("rooms")
	lead.must(201, "POST", "/rooms/"+room+"/severity", severity(4, object{"reason": "still so"}))
	if got := night.enter(); got != room {
		t.Fatalf("entered %v", got)
	}
	lead.must(201, "POST", "/rooms/"+room+"/severity", severity(4, object{"reason": "and still"}))
	n := 0
	for _, m := range objects(lead.state(room)["members"]) {
		if m["org"] == "NCSC" {
			n++
		}
	}
	if n != 1 || len(objects(s.as("comms").must(200, "GET", "/rooms", nil)["invitations"])) != 0 {
		t.Errorf("NCSC has %d memberships", n)
	}
	night.refused(403, "forbidden", "POST", "/rooms/"+room+"/severity", severity(4))
	night.must(201, "POST", "/rooms/"+room+"/severity", object{"scale": "ncsc_category", "grade": object{"at": 2}, "criteria": []string{}, "reason": "a national service"})
	lead.refused(403, "forbidden", "POST", "/rooms/"+room+"/severity", object{"scale": "ncsc_category", "grade": object{"at": 2}, "criteria": []string{}, "reason": "x"})
	if a := objects(lead.state(room)["assessments"]); len(a) != 2 {
		t.Errorf("assessments: %v", a)
	}
}

func TestLoweringIsASecondPersonsWordWithTheirSecondFactor(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("loggist")
	lead, colleague, ciso := s.as("lead"), s.as("loggist"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	colleague.join(lead, room, "loggist", "liaison", "full")
	ciso.join(lead, room, "ciso", "representative", "from_join")
	at := "/rooms/" + room
	root := int(lead.must(201, "POST", at+"/severity", severity(4))["seq"].(float64))
	ask := object{"scale": "nhs_level", "grade": object{"at": 2}, "criteria": []string{}, "reason": "only for the hosts", "audience": object{"kind": "hosts"}, "seen": lead.head(room)}
	ciso.refused(403, "forbidden", "POST", at+"/severity/lowering", ask)
	asked := int(colleague.must(201, "POST", at+"/severity/lowering", ask)["seq"].(float64))
	colleague.refused(409, "conflict", "POST", at+"/severity/lowering", ask)
	for b, want := range map[*browser]float64{lead: 1, colleague: 0, ciso: 0} {
		if row := objects(b.must(200, "GET", "/rooms", nil)["rooms"])[0]; row["needs"] != want {
			t.Errorf("while a question waits %v things wait in the room's row, want %v", row["needs"], want)
		}
	}
	seen := object{"seen": lead.head(room)}
	entry := at + "/entries/" + itoa(root)
	p := colleague.refused(403, "forbidden", "POST", entry+"/agree-lowering", seen)
	if !strings.Contains(p["detail"].(string), "You asked for this yourself") || !strings.Contains(p["detail"].(string), "Priya Anand (DSC)") {
		t.Errorf("to who asked: %v", p["detail"])
	}
	ciso.refused(403, "forbidden", "POST", entry+"/agree-lowering", seen)
	lead.refused(401, "step_up", "POST", entry+"/agree-lowering", seen)
	lead.stepUp("lead")
	lead.refused(409, "conflict", "POST", entry+"/agree-lowering", object{"seen": asked - 1})
	lead.refused(422, "invalid", "POST", entry+"/agree-lowering", object{})

	// The guest sees the question and the severity live; why, not.
	live := ciso.stream()
	live.send(object{"type": "subscribe", "room": room, "after": nil})
	live.until("caught_up")
	lead.must(200, "POST", entry+"/agree-lowering", seen)
	if e := objects(live.until("events")["events"]); len(e) != 1 || form(e[0]) != "open" {
		t.Errorf("the guest hears %v", e)
	}
	entries, _ := ciso.page(room, "?limit=200")
	for _, e := range entries {
		want := map[int]string{root: "open", asked: "open", asked + 1: "stub"}[int(e["seq"].(float64))]
		if want != "" && form(e) != want {
			t.Errorf("entry %v is %s to the guest, want %s", e["seq"], form(e), want)
		}
	}
	a := objects(ciso.state(room)["assessments"])[0]
	if a["grade"].(object)["at"] != 2.0 || a["lowering"] != nil {
		t.Errorf("lowered to %v", a)
	}
	p = lead.refused(409, "conflict", "POST", entry+"/agree-lowering", object{"seen": lead.head(room)})
	if !strings.Contains(p["detail"].(string), "it is now NHS level 2") {
		t.Errorf("again: %v", p["detail"])
	}
	ask["grade"], ask["seen"] = object{"at": 1}, lead.head(room)
	colleague.must(201, "POST", at+"/severity/lowering", ask)
	lead.must(200, "POST", entry+"/refuse-lowering", object{"reason": "too early", "seen": lead.head(room)})
	delete(ask, "grade") // withdraw
	delete(ask, "criteria")
	ask["seen"] = lead.head(room)
	colleague.must(201, "POST", at+"/severity/lowering", ask)
	colleague.must(200, "POST", entry+"/drop-lowering", object{"seen": lead.head(room)})

	// Tiers: a lead gives one to another.
	members := objects(lead.state(room)["members"])
	for _, m := range members {
		path := at + "/members/" + itoa(int(m["root"].(float64))) + "/tier"
		if m["org"] == "DSC" && m["role"] == "lead" {
			lead.refused(403, "forbidden", "POST", path, object{"tier": "strategic"})
		}
		if m["role"] == "liaison" {
			lead.must(200, "POST", path, object{"tier": "strategic"})
			ciso.refused(403, "forbidden", "POST", path, object{"tier": "operational"})
		}
	}
	for _, m := range objects(ciso.state(room)["members"]) {
		if m["role"] == "liaison" && m["tier"] != "strategic" {
			t.Errorf("the liaison's tier: %v", m)
		}
	}
}

func TestTheDeploymentSaysWhoAssessesAndWhoIsOnCall(t *testing.T) {
	s := newStack(t, plenty)
	s.administrator("admin")
	lead, ncsc := s.register("lead"), s.ofNCSC("nightlead")
	admin := s.as("admin")
	duty := object{"duty": "0300 000 0000", "hosts": []string{"DSC", "NCSC"}}
	with := func(more object) object {
		o := object{}
		for _, m := range []object{duty, more} {
			for k, v := range m {
				o[k] = v
			}
		}
		return o
	}
	type list = []object
	admin.must(200, "PUT", "/admin/deployment", with(object{"onCall": []incident.PersonID{ncsc.Person, lead.Person}}))
	got := admin.must(200, "GET", "/admin/deployment", nil)
	if a := objects(got["assessors"]); len(a) != 2 || a[0]["org"] != "DSC" || a[0]["scale"] != "nhs_level" || !slices.Equal(got["onCall"].([]any), []any{string(ncsc.Person), string(lead.Person)}) {
		t.Errorf("the deployment: %v", got)
	}
	admin.must(200, "PUT", "/admin/deployment", with(object{"duty": "0300 111 1111"})) // what is not named stays
	if a := admin.must(200, "GET", "/admin/deployment", nil); len(objects(a["assessors"])) != 2 || len(a["onCall"].([]any)) != 2 {
		t.Errorf("after changing the number: %v", a)
	}
	for name, body := range map[string]object{
		"a trust":              {"assessors": list{{"org": "X1N", "scale": "nhs_level"}}},
		"a trust, categories":  {"assessors": list{{"org": "X1N", "scale": "ncsc_category"}}},
		"nobody known":         {"assessors": list{{"org": "NONE", "scale": "nhs_level"}}},
		"no scale":             {"assessors": list{{"org": "DSC", "scale": "beaufort"}}},
		"both scales":          {"assessors": list{{"org": "DSC", "scale": "nhs_level"}, {"org": "DSC", "scale": "ncsc_category"}}},
		"a stranger on call":   {"onCall": []string{incident.RandomID()}},
		"somebody named twice": {"onCall": []incident.PersonID{lead.Person, lead.Person}},
	} {
		if p := admin.refused(422, "invalid", "PUT", "/admin/deployment", with(body)); p["errors"] == nil {
			t.Errorf("%s: %v", name, p)
		}
	}
	admin.must(201, "POST", "/admin/organisations", object{"code": "NCA", "name": "National Crime Agency", "type": "law_enforcement", "issuer": "health"})
	admin.must(200, "PUT", "/admin/deployment", with(object{"assessors": list{{"org": "NCA", "scale": "ncsc_category"}, {"org": "DSC", "scale": "nhs_level"}}, "onCall": []string{}}))
	if a := objects(admin.must(200, "GET", "/admin/deployment", nil)["assessors"]); a[0]["org"] != "DSC" || a[1]["org"] != "NCA" {
		t.Errorf("with law enforcement: %v", a)
	}
	if o := objects(s.as("lead").must(200, "GET", "/session", nil)["orgs"]); o[0]["code"] != "DSC" || o[0]["assesses"] != "nhs_level" {
		t.Errorf("whom the lead may act for: %v", o)
	}
	if o := objects(s.as("nightlead").must(200, "GET", "/session", nil)["orgs"]); o[0]["code"] != "NCSC" || o[0]["assesses"] != nil {
		t.Errorf("whom a host's person may act for that assesses nothing any more: %v", o)
	}
	for _, e := range objects(admin.must(200, "GET", "/admin/log", nil)["entries"])[:1] {
		if !strings.Contains(e["summary"].(string), "NCA assesses severity as NCSC categories") {
			t.Errorf("the deployment's log: %v", e)
		}
	}

	// A room keeps the assessors it opened with; law enforcement categorises as a guest.
	b := s.as("lead")
	room := b.openRoom("incident", "names")
	admin.must(200, "PUT", "/admin/deployment", with(object{"assessors": list{}}))
	b.must(201, "POST", "/rooms/"+room+"/severity", severity(1))
	later := b.openRoom("incident", "names")
	b.refused(403, "forbidden", "POST", "/rooms/"+later+"/severity", severity(1))
	p := b.refused(422, "invalid", "POST", "/rooms", object{"title": "x", "mode": "incident", "roster": "names", "org": "DSC", "report": object{"major": false, "type": "x"}, "severity": severity(1)})
	if objects(p["errors"])[0]["name"] != "severity.scale" {
		t.Errorf("opening without an assessor: %v", p)
	}
	police := s.as("supplier")
	a := door.people["supplier"]
	inv := b.must(201, "POST", "/rooms/"+room+"/members", object{"name": a.Name, "org": "NCA", "role": "representative", "history": "full", "subject": a.Sub, "issuer": "health"})
	token := strings.TrimPrefix(inv["link"].(string), door.origin+"/join#")
	police.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1})
	police.must(201, "POST", "/rooms/"+room+"/severity", object{"scale": "ncsc_category", "grade": object{"at": 4}, "criteria": []string{}, "reason": "x"})
	police.refused(403, "forbidden", "POST", "/rooms/"+room+"/severity", severity(2))
}
