package web_test

import (
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/web"
)

func TestAnAdministratorKeepsTheBooksAndSeesNoRoom(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, admin := s.as("lead"), s.as("admin")
	room := lead.openRoom("incident", "names")

	admin.must(201, "POST", "/admin/organisations", object{"code": "X5T", "name": "Testing NHS Trust", "type": "acute_trust", "issuer": "health"})
	admin.refused(422, "invalid", "POST", "/admin/organisations", object{"code": "X5T", "name": "Again", "type": "other"})
	admin.must(200, "PUT", "/admin/organisations/X5T", object{"code": "X5T", "name": "Testing and Trying NHS Trust", "ods": "X5T", "type": "acute_trust", "issuer": "health"})
	admin.refused(422, "invalid", "PUT", "/admin/organisations/X5T", object{"code": "X6T", "name": "Other", "type": "other"})
	admin.refused(404, "not_found", "PUT", "/admin/organisations/NONE", object{"code": "NONE", "name": "Other", "type": "other"})
	admin.must(200, "POST", "/admin/organisations/X5T/close", object{"successor": "X1N"})
	admin.refused(409, "conflict", "POST", "/admin/organisations/DSC/close", object{})
	for _, o := range objects(admin.must(200, "GET", "/admin/organisations", nil)["organisations"]) {
		if o["code"] == "X5T" && (o["closed"] != true || o["successor"] != "X1N" || o["name"] != "Testing and Trying NHS Trust") {
			t.Errorf("the closed organisation: %v", o)
		}
	}

	a := door.people["outsider"]
	admin.must(201, "POST", "/admin/people", object{"name": a.Name, "issuer": "health", "subject": a.Sub, "orgs": []string{"X4S"}})
	admin.refused(409, "conflict", "POST", "/admin/people", object{"name": a.Name, "issuer": "health", "subject": a.Sub, "orgs": []string{"X4S"}})
	var id string
	for _, p := range objects(admin.must(200, "GET", "/admin/people", nil)["people"]) {
		if p["subject"] == a.Sub {
			id = p["id"].(string)
		}
	}
	out := s.as("outsider")
	live := out.stream()
	admin.must(200, "POST", "/admin/people/"+id+"/orgs", object{"orgs": []string{"X4S", "DSC"}})
	if o := out.must(200, "GET", "/session", nil); o["host"] != true {
		t.Errorf("affiliated: %v", o)
	}
	began := time.Now()
	admin.must(200, "POST", "/admin/people/"+id+"/suspend", object{})
	if code := live.closed(); code != 4401 || time.Since(began) > time.Second {
		t.Errorf("a suspended person's socket: %d after %v", code, time.Since(began))
	}
	out.refused(401, "signed_out", "GET", "/rooms", nil)
	admin.refused(409, "conflict", "POST", "/admin/people/"+id+"/suspend", object{})
	admin.must(200, "POST", "/admin/people/"+id+"/restore", object{})
	out.refused(401, "signed_out", "GET", "/rooms", nil) // its session does not live again
	out = s.as("outsider")
	live = out.stream()
	ended := false
	for _, x := range objects(admin.must(200, "GET", "/admin/sessions", nil)["sessions"]) {
		if x["person"] == id {
			admin.must(204, "DELETE", "/admin/sessions/"+x["id"].(string), nil)
			ended = true
		}
	}
	if code := live.closed(); code != 4401 || !ended {
		t.Errorf("an ended session's socket: %d", code)
	}
	admin.refused(404, "not_found", "DELETE", "/admin/sessions/"+incident.RandomID(), nil)
	admin.must(200, "POST", "/admin/people/"+id+"/administrator", object{"granted": true})
	s.as("outsider").must(200, "GET", "/admin/deployment", nil)
	admin.must(200, "POST", "/admin/people/"+id+"/administrator", object{"granted": false})

	token := admin.must(201, "POST", "/admin/tokens", object{"name": "probe", "scopes": []string{"health:read"}, "days": 7})["token"].(string)
	rows := objects(admin.must(200, "GET", "/admin/tokens", nil)["tokens"])
	if len(rows) != 1 || rows[0]["revoked"] != false || !strings.HasPrefix(token, "wardroom_"+rows[0]["id"].(string)+"_") {
		t.Fatalf("tokens: %v", rows)
	}
	admin.must(204, "DELETE", "/admin/tokens/"+rows[0]["id"].(string), nil)
	admin.refused(422, "invalid", "POST", "/admin/tokens", object{"name": "x", "scopes": []string{"rooms:read"}, "days": 7})
	admin.refused(422, "invalid", "POST", "/admin/tokens", object{"name": "x", "scopes": []string{"health:read"}, "days": 1_000_000_000})

	admin.must(200, "PUT", "/admin/issuers/police", object{"name": "Police", "url": "https://issuer.invalid", "acr": "a", "stepUp": "b", "domains": []string{}})
	admin.must(200, "POST", "/admin/issuers/police/stop", object{})
	admin.refused(409, "conflict", "POST", "/admin/issuers/health/stop", object{})
	for _, i := range objects(admin.must(200, "GET", "/admin/issuers", nil)["issuers"]) {
		if want := i["key"] == "health"; i["up"] != want {
			t.Errorf("issuer %v", i)
		}
	}
	admin.must(200, "PUT", "/admin/deployment", object{"duty": "0300 111 1111", "hosts": []string{"DSC", "NCSC"}})
	if o := s.browser(t).must(200, "GET", "/sign-in", nil); o["duty"] != "0300 111 1111" {
		t.Errorf("the sign-in page: %v", o)
	}

	r := admin.send("GET", "/api/v1/admin/log", nil)
	for _, secret := range []string{room, "Ransomware", "INC-", "room."} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("the administrators' log tells of a room: %q in %s", secret, r.body)
		}
	}
	entries := objects(admin.must(200, "GET", "/admin/log", nil)["entries"])
	if entries[0]["summary"] != "Joint hosts are DSC, NCSC; the duty number is 0300 111 1111. DSC assesses severity as NHS levels. NCSC assesses severity as NCSC categories." || entries[0]["by"] != "Noor Khan" {
		t.Errorf("the newest entry: %v", entries[0])
	}
	older := objects(admin.must(200, "GET", "/admin/log?before="+num(entries[len(entries)-1]["seq"]), nil)["entries"])
	if len(older) != 0 {
		t.Errorf("before the first: %v", older)
	}
	admin.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	admin.must(200, "GET", "/organisations?q=north", nil)
	s.CheckLog(s.Journal.SystemLog())
}

func TestTheFirstAdministratorComesByALinkThatWorksOnce(t *testing.T) {
	s := newStack(t, plenty)
	token, err := s.identity.NewSetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admin, other := s.as("admin"), s.as("outsider")
	other.refused(404, "not_found", "POST", "/setup", object{"token": strings.Repeat("A", 43)})
	if o := admin.must(200, "POST", "/setup", object{"token": token, "org": "DSC"}); o["person"] == nil {
		t.Fatalf("setup: %v", o)
	}
	if o := admin.must(200, "GET", "/session", nil); o["admin"] != true || o["host"] != true {
		t.Fatalf("after setup: %v", o)
	}
	other.refused(404, "not_found", "POST", "/setup", object{"token": token})
	admin.refused(404, "not_found", "POST", "/setup", object{"token": token})
	s.browser(t).refused(401, "signed_out", "POST", "/setup", object{"token": token})
}

func TestOrganisationsAreSearchedByHostsAndNamedByOthers(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, out := s.as("lead"), s.as("outsider")
	if got := objects(lead.must(200, "GET", "/organisations?q=TRUST", nil)["organisations"]); len(got) != 4 {
		t.Errorf("a host finds %v", got)
	}
	if got := objects(out.must(200, "GET", "/organisations?q=trust", nil)["organisations"]); len(got) != 0 {
		t.Errorf("an outsider finds %v", got)
	}
	if got := objects(out.must(200, "GET", "/organisations?codes=DSC,X1N,NOPE", nil)["organisations"]); len(got) != 2 {
		t.Errorf("by code: %v", got)
	}
	out.refused(403, "forbidden", "GET", "/organisations/X1N/people", nil)
}

func TestStandingFactsChangeByTheirOwnCommands(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("exercise", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	p := "/rooms/" + room
	lines := object{"happened": "Something", "affects": "", "doing": "", "need": "", "next": ""}
	brief := lead.must(200, "POST", p+"/brief", object{"lines": lines, "seen": 0})["seq"]
	lines["happened"] = "Something else"
	lead.refused(409, "conflict", "POST", p+"/brief", object{"lines": lines, "seen": 0})
	lead.must(200, "POST", p+"/brief", object{"lines": lines, "seen": brief})
	ciso.refused(403, "forbidden", "POST", p+"/brief", object{"lines": lines, "seen": brief})
	lead.must(200, "POST", p+"/title", object{"title": "Another title"})
	lead.must(200, "POST", p+"/report", object{"report": object{"major": true, "type": "Ransomware", "exact": "Four trusts"}})
	lead.refused(409, "conflict", "POST", p+"/report", object{"report": object{"major": true, "type": "Phishing"}, "seen": 4})
	lead.must(200, "POST", p+"/clock", object{"paused": true, "factor": 60, "at": "2017-05-12T11:00:00Z"})
	lead.must(200, "POST", p+"/clock", object{"paused": false, "factor": 60})
	seen := lead.must(200, "POST", p+"/lifecycle", object{"to": "responding", "seen": 4})["seq"]
	// Decided at a screen that still said open.
	lead.refused(409, "conflict", "POST", p+"/lifecycle", object{"to": "stood_down", "seen": 4})
	lead.must(200, "POST", p+"/lifecycle", object{"to": "stood_down", "seen": seen})
	lead.must(200, "POST", p+"/rules", object{"lines": []string{"one", "two", "three", "four", "five"}})
	ciso.refused(403, "forbidden", "POST", p+"/messages", object{"text": "before accepting"})
	ciso.must(200, "POST", p+"/accept", object{"rules": 2})
	ciso.say(room, "after accepting")
	state := ciso.must(200, "GET", p, nil)["state"].(object)
	if state["room"].(object)["title"] != "Another title" || state["room"].(object)["lifecycle"] != "stood_down" || state["brief"].(object)["version"] != 2.0 ||
		state["report"].(object)["methane"].(object)["exact"] != "Four trusts" || state["room"].(object)["clock"] == nil {
		t.Errorf("the room: %v", state)
	}
	lead.must(200, "POST", p+"/lifecycle", object{"to": "review", "seen": 0})
	lead.must(200, "POST", p+"/lifecycle", object{"to": "closed", "seen": 0})
	ciso.refused(409, "conflict", "POST", p+"/messages", object{"text": "too late"})
	lead.must(200, "POST", p+"/reopen", object{})
	ciso.say(room, "a new section")
	ciso.must(204, "PUT", p+"/mute", object{"muted": true})
	if row := objects(ciso.must(200, "GET", "/rooms", nil)["rooms"])[0]; row["muted"] != true {
		t.Errorf("muted: %v", row)
	}
	mine, theirs := ciso.must(200, "GET", p+"/draft-key", nil)["key"], lead.must(200, "GET", p+"/draft-key", nil)["key"]
	if mine == theirs || len(mine.(string)) != 44 {
		t.Errorf("draft keys: %v, %v", mine, theirs)
	}
	own, other := ciso.must(200, "GET", "/session/draft-key", nil)["key"], lead.must(200, "GET", "/session/draft-key", nil)["key"]
	if own == other || own == mine || len(own.(string)) != 44 {
		t.Errorf("draft keys of no room: %v, %v; of the room: %v", own, other, mine)
	}
	root := num(objects(state["members"])[1]["root"])
	lead.must(200, "POST", p+"/members/"+root+"/role", object{"role": "observer"})
	ciso.refused(403, "forbidden", "POST", p+"/messages", object{"text": "observers watch"})
	lead.refused(422, "invalid", "POST", p+"/members/"+root+"/grant", object{"start": 3}) // they see all already
	ciso.must(200, "POST", p+"/leave", object{})
	ciso.refused(404, "not_found", "GET", p, nil)
	s.CheckLog(incident.LogID(room))
}

func TestWhoAsksTooMuchIsToldWhenToComeBack(t *testing.T) {
	few := web.Limit{Rate: 0.1, Burst: 3}
	limits := plenty
	limits.Posts, limits.Searches, limits.Codes, limits.Opens = web.Limit{Rate: 0.1, Burst: 8}, few, few, few
	s := newStack(t, limits)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	for _, c := range []struct {
		path string
		body object
	}{{"/rooms/" + room + "/search", object{"text": "x"}}, {"/invitations/look", object{"token": strings.Repeat("A", 43)}}, {"/rooms/" + room + "/entries/4/open", object{}},
		{"/rooms/" + room + "/messages", object{"text": "x"}}} {
		var r reply
		for range 9 {
			if r = lead.send("POST", "/api/v1"+c.path, c.body); r.status == 429 {
				break
			}
		}
		if r.status != 429 || r.header.Get("Retry-After") == "" || !strings.Contains(string(r.body), `"too_many"`) {
			t.Errorf("%s: %d %v %s", c.path, r.status, r.header, r.body)
		}
	}
	other := s.as("lead") // another session has its own
	other.must(200, "POST", "/rooms/"+room+"/search", object{"text": "x"})
}

func TestTheLogKnowsRoutesAndNeverWhatWasAsked(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	lead.say(room, "canary-message")
	lead.send("GET", "/api/v1/rooms/"+room+"/entries?before=canary-query", nil)
	lead.send("GET", "/canary-path/x", nil)
	lead.send("CANARYMETHOD", "/api/v1/rooms", nil)
	inv := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": "canary-name", "org": "X1N", "role": "observer", "history": "full", "email": "canary@mail.example", "phone": "canary-phone"})
	lead.send("POST", "/api/v1/invitations/look", object{"token": strings.SplitN(inv["link"].(string), "#", 2)[1]})
	log := s.log.String()
	if !strings.Contains(log, `"route":"POST /api/v1/rooms/{room}/messages","status":201`) {
		t.Errorf("no line for the message in %s", log)
	}
	for _, secret := range []string{"canary", "CANARY", room, strings.SplitN(inv["link"].(string), "#", 2)[1], inv["code"].(string), "__Host-"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestTheAdministratorsLogTellsNeitherHowManyRoomsThereAreNorWhen(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, admin := s.as("lead"), s.as("admin")
	org := func(code string) int {
		return int(admin.must(201, "POST", "/admin/organisations", object{"code": code, "name": code, "type": "other", "issuer": "health"})["seq"].(float64))
	}
	first := org("X5T")
	lead.openRoom("incident", "names")
	lead.openRoom("exercise", "names")
	lead.openRoom("incident", "hosts")
	if second := org("X6T"); second != first+1 {
		t.Errorf("three rooms between them, and entry %d was followed by %d", first, second)
	}
	read := func(query string) []object {
		return objects(admin.must(200, "GET", "/admin/log"+query, nil)["entries"])
	}
	all := read("")
	for i, e := range all {
		if int(e["seq"].(float64)) != first+1-i {
			t.Fatalf("row %d of the log is number %v", i, e["seq"])
		}
	}
	if got := read("?before=" + num(all[2]["seq"])); len(got) != len(all)-3 || got[0]["summary"] != all[3]["summary"] {
		t.Errorf("the next page begins with %v, want %v", got[0], all[3])
	}
	// Nor do rooms push anything off a page.
	person := incident.Actor{Person: incident.PersonID(lead.must(200, "GET", "/session", nil)["person"].(object)["id"].(string)), Orgs: []incident.OrgID{"DSC"}}
	for range 30 {
		s.OpenRoom(person, incident.ModeExercise, incident.RosterNames)
	}
	if got := read(""); len(got) != len(all) || got[0]["seq"] != all[0]["seq"] {
		t.Errorf("thirty rooms later the newest of %d rows is %v", len(got), got[0])
	}
}

func TestEndingASessionIsAnEntryOfTheSystemLog(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, other, third, admin, stranger := s.as("lead"), s.as("lead"), s.as("lead"), s.as("admin"), s.as("outsider")
	id := func(b *browser) string { return b.must(200, "GET", "/session", nil)["session"].(string) }
	newest := func() object { return objects(admin.must(200, "GET", "/admin/log", nil)["entries"])[0] }
	before := newest()
	lead.refused(404, "not_found", "DELETE", "/sessions/"+id(admin), nil)
	lead.refused(404, "not_found", "DELETE", "/sessions/"+incident.RandomID(), nil)
	admin.refused(404, "not_found", "DELETE", "/admin/sessions/"+incident.RandomID(), nil)
	if now := newest(); now["seq"] != before["seq"] {
		t.Fatalf("what ended nothing is an entry: %v", now)
	}
	name := door.people["lead"].Name
	gone := id(other)
	lead.must(204, "DELETE", "/sessions/"+gone, nil)
	if e := newest(); e["kind"] != "session.ended" || e["by"] != name || e["summary"] != name+" ended a session of their own." {
		t.Errorf("ended by its owner: %v", e)
	}
	lead.refused(404, "not_found", "DELETE", "/sessions/"+gone, nil)
	admin.must(204, "DELETE", "/admin/sessions/"+id(third), nil)
	if e := newest(); e["kind"] != "session.ended" || e["by"] != door.people["admin"].Name || e["summary"] != "A session of "+name+" was ended." {
		t.Errorf("ended by an administrator: %v", e)
	}
	admin.must(204, "DELETE", "/admin/sessions/"+id(stranger), nil)
	if e := newest(); e["summary"] != "A session of someone was ended." {
		t.Errorf("of who is not on record: %v", e)
	}
	again := s.as("outsider")
	two := s.as("outsider")
	again.must(204, "DELETE", "/sessions/"+id(two), nil) // not on record: no entry, and it ends all the same
	two.refused(401, "signed_out", "GET", "/session", nil)
	s.CheckLog(s.Journal.SystemLog())
}
