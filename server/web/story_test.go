package web_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func TestARoomFromItsOpeningToARemoval(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	if o := lead.must(200, "GET", "/session", nil); o["registered"] != true || o["host"] != true || o["admin"] != false {
		t.Fatalf("the lead's session: %v", o)
	}
	if o := ciso.must(200, "GET", "/session", nil); o["registered"] != false || len(o["orgs"].([]any)) != 0 {
		t.Fatalf("a stranger's session: %v", o)
	}
	ciso.refused(403, "forbidden", "POST", "/rooms", object{"title": "x", "mode": "incident", "roster": "names", "org": "DSC", "report": object{"major": false, "type": "x"}})

	room := lead.openRoom("incident", "names")
	rooms := objects(lead.must(200, "GET", "/rooms", nil)["rooms"])
	if len(rooms) != 1 || rooms[0]["id"] != room || rooms[0]["head"] != 4.0 || !strings.HasPrefix(rooms[0]["reference"].(string), "INC-") {
		t.Fatalf("my rooms: %v", rooms)
	}
	before := lead.say(room, "Before anyone came")
	ciso.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	ciso.join(lead, room, "ciso", "representative", "from_join")
	if o := ciso.must(200, "GET", "/session", nil); o["registered"] != true || objects(o["orgs"])[0]["code"] != "X1N" {
		t.Fatalf("after joining: %v", o)
	}
	state := ciso.must(200, "GET", "/rooms/"+room, nil)["state"].(object)
	if len(objects(state["members"])) != 2 || state["you"] != 2.0 {
		t.Fatalf("the room as the guest sees it: %v", state)
	}

	live := ciso.stream()
	live.send(object{"type": "subscribe", "room": room, "after": nil})
	snap := live.until("snapshot")
	if snap["room"] != room || snap["frontier"].(object)["size"] != snap["seq"].(float64)+1 {
		t.Fatalf("the snapshot: %v", snap)
	}
	live.until("caught_up")
	hello := lead.say(room, "Good morning", object{"mentions": []int{2}})
	events := objects(live.until("events")["events"])
	if len(events) != 1 || int(events[0]["seq"].(float64)) != hello || form(events[0]) != "open" {
		t.Fatalf("live: %v", events)
	}
	entries, _ := ciso.page(room, "?limit=200")
	if got := seqs(entries); got[0] != 1 || got[len(got)-1] != hello || !slices.IsSorted(got) {
		t.Fatalf("the page: %v", got)
	}
	for _, e := range entries {
		if int(e["seq"].(float64)) == before && form(e) != "stub" {
			t.Fatalf("an entry from before they joined: %v", e)
		}
	}
	row := objects(ciso.must(200, "GET", "/rooms", nil)["rooms"])[0]
	if row["unread"] != 1.0 || row["mentions"] != 1.0 {
		t.Fatalf("unread: %v", row)
	}
	live.send(object{"type": "read", "room": room, "seq": hello})
	other := ciso.stream() // the marker goes to my other devices
	ciso.must(200, "POST", "/rooms/"+room+"/read", object{"seq": hello})
	lead.say(room, "One more")
	ciso.must(200, "POST", "/rooms/"+room+"/read", object{"seq": 1 << 40}) // beyond the head is the head
	if o := other.until("read"); o["room"] != room {
		t.Fatalf("the marker: %v", o)
	}
	if row := objects(ciso.must(200, "GET", "/rooms", nil)["rooms"])[0]; row["unread"] != 0.0 {
		t.Fatalf("after reading: %v", row)
	}

	ciso.say(room, "Good morning to you")
	root := int(objects(state["members"])[1]["root"].(float64))
	lead.must(200, "POST", "/rooms/"+room+"/members/"+itoa(root)+"/remove", object{"reason": "Account reported stolen"})
	if o := live.until("revoked"); o["room"] != room {
		t.Fatalf("revoked: %v", o)
	}
	for _, path := range []string{"", "/entries", "/entries/1", "/draft-key"} {
		ciso.refused(404, "not_found", "GET", "/rooms/"+room+path, nil)
	}
	if rooms := ciso.must(200, "GET", "/rooms", nil)["rooms"].([]any); len(rooms) != 0 {
		t.Fatalf("the removed guest's rooms: %v", rooms)
	}
	s.CheckLog(incident.LogID(room))
}

func TestWhoNothingTiesToAnInvitationAsksAndIsVouchedFor(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, guest, thief := s.as("lead"), s.as("colleague"), s.as("outsider")
	room := lead.openRoom("incident", "names")
	inv := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Jo Lindqvist", "org": "X1N", "role": "representative", "history": "from_join", "phone": "07700900001"})
	if inv["code"] == nil || inv["otp"] != nil {
		t.Fatalf("the invitation: %v", inv)
	}
	code := object{"code": strings.ToLower(inv["code"].(string))}
	look := guest.must(200, "POST", "/invitations/look", code)
	if look["needsCode"] != false || look["state"] != "invited" || look["tied"] != false || look["reference"] == "" || len(look["hosts"].([]any)) != 2 {
		t.Fatalf("look: %v", look)
	}
	rules := look["rules"].(object)["version"]
	guest.refused(409, "conflict", "POST", "/invitations/join", object{"code": code["code"], "rules": 9})
	guest.refused(404, "not_found", "POST", "/invitations/join", object{"code": "AAAAA-AAAAA", "rules": rules})
	if o := guest.must(202, "POST", "/invitations/join", object{"code": code["code"], "rules": rules}); o["state"] != "asked" {
		t.Fatalf("joining: %v", o)
	}
	guest.must(202, "POST", "/invitations/join", object{"code": code["code"], "rules": rules}) // asking twice is asking once
	guest.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	if o := guest.must(202, "POST", "/invitations/join", object{"code": code["code"], "rules": 0}); o["state"] != "asked" {
		t.Fatalf("asking without having been shown any rules: %v", o)
	}
	if o := guest.must(200, "GET", "/session", nil); o["registered"] != true || len(o["orgs"].([]any)) != 0 {
		t.Fatalf("who merely asked acts for somebody: %v", o)
	}
	// Someone with the same code has nothing of it.
	thief.refused(404, "not_found", "POST", "/invitations/look", code)
	thief.refused(404, "not_found", "POST", "/invitations/join", object{"invitation": look["invitation"], "rules": rules})

	waiting := objects(guest.must(200, "GET", "/rooms", nil)["invitations"])
	if len(waiting) != 1 || waiting[0]["id"] != look["invitation"] {
		t.Fatalf("waiting: %v", waiting)
	}
	said := mustJSON([]any{look, waiting, guest.must(200, "POST", "/invitations/look", code)})
	for _, word := range []string{"Ransomware at several trusts", "Jo Lindqvist", "X1N", "Northmoor", "representative", command.DefaultRules[0]} {
		if strings.Contains(strings.ToLower(string(said)), strings.ToLower(word)) {
			t.Errorf("who merely has a code is told %q: %s", word, said)
		}
	}
	lead.must(200, "POST", "/rooms/"+room+"/members/"+num(inv["seq"])+"/vouch", object{})
	id := object{"invitation": look["invitation"], "rules": rules}
	if o := guest.must(200, "POST", "/invitations/look", object{"invitation": look["invitation"]}); o["state"] != "vouched" ||
		o["tied"] != true || o["title"] != "Ransomware at several trusts" || o["seat"].(object)["name"] != "Jo Lindqvist" {
		t.Fatalf("after the vouch: %v", o)
	}
	if o := guest.must(200, "POST", "/invitations/look", code); o["tied"] != true || len(o["rules"].(object)["lines"].([]any)) != 5 || o["rules"].(object)["lines"].([]any)[0] == "" {
		t.Fatalf("after the vouch, by the code: %v", o)
	}
	if o := guest.must(200, "POST", "/invitations/join", id); o["room"] != room {
		t.Fatalf("joining: %v", o)
	}
	if o := guest.must(200, "POST", "/invitations/join", id); o["room"] != room {
		t.Fatalf("joining again: %v", o)
	}
	s.CheckLog(incident.LogID(room))
}

func TestEachWayIntoARoomTiesOnlyWhomItIsFor(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	host, director, outsider := s.as("lead"), s.as("director"), s.as("outsider")
	room := host.openRoom("incident", "names")
	// Their issuer vouches for the address it was sent to.
	inv := host.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Alan Whitcombe", "org": "X2E", "role": "representative", "history": "full", "email": "Alan.Whitcombe@eastmere.example"})
	token := strings.SplitN(inv["link"].(string), "#", 2)[1]
	if o := director.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1}); o["room"] != room {
		t.Fatalf("by address: %v", o)
	}
	outsider.refused(404, "not_found", "POST", "/invitations/look", object{"token": token})
	// Six digits by another channel.
	inv = host.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Dan Pryce", "org": "X4S", "role": "representative", "history": "from_join", "otp": true})
	token = strings.SplitN(inv["link"].(string), "#", 2)[1]
	if o := outsider.must(200, "POST", "/invitations/look", object{"token": token}); o["needsCode"] != true {
		t.Fatalf("look: %v", o)
	}
	p := outsider.refused(422, "invalid", "POST", "/invitations/join", object{"token": token, "rules": 1, "otp": "000000x"})
	if objects(p["errors"])[0]["name"] != "otp" {
		t.Fatalf("wrong digits: %v", p)
	}
	outsider.must(202, "POST", "/invitations/join", object{"token": token, "rules": 0}) // asked before they had the digits
	if o := outsider.must(200, "POST", "/invitations/look", object{"token": token}); o["state"] != "asked" || o["needsCode"] != true {
		t.Fatalf("look, asked: %v", o)
	}
	if o := outsider.must(200, "POST", "/invitations/join", object{"token": token, "rules": 0, "otp": inv["otp"]}); o["state"] != "invited" || o["room"] != nil {
		t.Fatalf("tied by digits, with rules to read: %v", o)
	}
	outsider.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	if o := outsider.must(200, "POST", "/invitations/look", object{"token": token}); o["tied"] != true || o["state"] != "invited" || o["needsCode"] != false || o["seat"].(object)["name"] != "Dan Pryce" {
		t.Fatalf("look, tied by digits: %v", o)
	}
	if o := outsider.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1}); o["room"] != room {
		t.Fatalf("by digits: %v", o)
	}
	// A person the deployment knows: nobody else can come with their link.
	known := s.register("supplier")
	supplier := s.as("supplier")
	people := objects(host.must(200, "GET", "/organisations/S1C/people", nil)["people"])
	if len(people) != 1 || people[0]["id"] != string(known.Person) {
		t.Fatalf("the supplier's people: %v", people)
	}
	host.refused(422, "invalid", "POST", "/rooms/"+room+"/members", object{"name": "Ben Tran", "org": "X1N", "role": "representative", "history": "full", "person": known.Person})
	inv = host.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Ben Tran", "org": "S1C", "role": "representative", "history": "full", "person": known.Person})
	token = strings.SplitN(inv["link"].(string), "#", 2)[1]
	outsider.refused(404, "not_found", "POST", "/invitations/look", object{"token": token})
	look := supplier.must(200, "POST", "/invitations/look", object{"token": token})
	outsider.refused(404, "not_found", "POST", "/invitations/look", object{"invitation": look["invitation"]})
	// They need no link: it waits among their rooms, and among nobody else's.
	if all := objects(supplier.must(200, "GET", "/rooms", nil)["invitations"]); len(all) != 1 || all[0]["id"] != look["invitation"] {
		t.Fatalf("waits for the supplier: %v", all)
	}
	if all := objects(outsider.must(200, "GET", "/rooms", nil)["invitations"]); len(all) != 0 {
		t.Fatalf("waits for somebody else: %v", all)
	}
	if o := supplier.must(200, "POST", "/invitations/join", object{"invitation": look["invitation"], "rules": 1}); o["room"] != room {
		t.Fatalf("by subject: %v", o)
	}
	if all := objects(supplier.must(200, "GET", "/rooms", nil)["invitations"]); len(all) != 0 {
		t.Fatalf("still waits for who has joined: %v", all)
	}
	s.CheckLog(incident.LogID(room))
}

// Whom a link was forwarded to came first and asked.
func TestAForwardedLinkKeepsNobodyOutWhomItIsFor(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, colleague, director := s.as("lead"), s.as("colleague"), s.as("director")
	room := lead.openRoom("incident", "names")
	inv := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Alan Whitcombe", "org": "X2E", "role": "representative", "history": "full", "email": "alan.whitcombe@eastmere.example"})
	token := strings.SplitN(inv["link"].(string), "#", 2)[1]
	if o := colleague.must(202, "POST", "/invitations/join", object{"token": token, "rules": 1}); o["state"] != "asked" {
		t.Fatalf("the colleague: %v", o)
	}
	if o := colleague.must(200, "POST", "/invitations/look", object{"token": token}); o["state"] != "asked" {
		t.Fatalf("the colleague looks again: %v", o)
	}
	if o := director.must(200, "POST", "/invitations/look", object{"token": token}); o["state"] != "invited" || o["needsCode"] != false || o["tied"] != true || o["title"] == nil {
		t.Fatalf("whom it is for looks: %v", o)
	}
	if o := director.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1}); o["room"] != room {
		t.Fatalf("whom it is for joins: %v", o)
	}
	colleague.refused(404, "not_found", "POST", "/invitations/look", object{"token": token})
	colleague.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	if all := objects(colleague.must(200, "GET", "/rooms", nil)["invitations"]); len(all) != 0 {
		t.Fatalf("still waits for who asked: %v", all)
	}
	s.CheckLog(incident.LogID(room))
}

func TestWhoMayInviteIsToldThatANewLinkIsWanted(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, director, stranger := s.as("lead"), s.as("director"), s.browser(t)
	room := lead.openRoom("incident", "names")
	invite := func(name string) (root, token string) {
		o := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": name, "org": "X2E", "role": "representative", "history": "full", "email": "alan.whitcombe@eastmere.example"})
		return num(o["seq"]), strings.SplitN(o["link"].(string), "#", 2)[1]
	}
	root, token := invite("Alan Whitcombe")
	_, other := invite("Somebody else")
	if o := director.must(200, "POST", "/invitations/join", object{"token": other, "rules": 1}); o["room"] != room {
		t.Fatalf("the director: %v", o)
	}
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/link", object{}) // the first link is dead now
	wanted := func() []object { return objects(lead.must(200, "GET", "/rooms/"+room+"/links-wanted", nil)["wanted"]) }
	stranger.must(202, "POST", "/invitations/ask", object{"token": strings.Repeat("A", 43)})
	stranger.must(202, "POST", "/invitations/ask", object{"token": token})
	if all := wanted(); len(all) != 0 {
		t.Fatalf("by links that are no invitation's: %v", all)
	}
	o := lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/link", object{})
	stranger.must(202, "POST", "/invitations/ask", object{"token": strings.SplitN(o["link"].(string), "#", 2)[1]})
	if all := wanted(); len(all) != 1 || num(all[0]["root"]) != root || all[0]["at"] == "" {
		t.Fatalf("wanted: %v", all)
	}
	director.refused(404, "not_found", "GET", "/rooms/"+room+"/links-wanted", nil)
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/link", object{})
	if all := wanted(); len(all) != 0 {
		t.Fatalf("still wanted once it was made: %v", all)
	}
}

func TestALinkThatIsDeadIsOneAnswerWhateverKilledIt(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	invite := func() (root, token string) {
		o := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": "Dr Hannah Osei", "org": "X1N", "role": "representative", "history": "full"})
		return num(o["seq"]), strings.SplitN(o["link"].(string), "#", 2)[1]
	}
	dead := map[string]string{"unknown": strings.Repeat("A", 43), "long": strings.Repeat("A", 300), "odd": "%00\"'"}
	root, token := invite()
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/withdraw", object{})
	dead["withdrawn"] = token
	root, token = invite()
	dead["replaced"] = token
	fresh := lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/link", object{})
	want := ciso.send("POST", "/api/v1/rooms/"+room+"/entries/1/pin", object{})
	for name, token := range dead {
		for _, act := range []string{"look", "join"} {
			body := object{"token": token}
			if act == "join" {
				body["rules"] = 1
			}
			if r := ciso.send("POST", "/api/v1/invitations/"+act, body); r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s by a link that is %s: %d %s", act, name, r.status, r.body)
			}
		}
		ciso.must(202, "POST", "/invitations/ask", object{"token": token})
	}
	s.browser(t).must(202, "POST", "/invitations/ask", object{"token": dead["replaced"]}) // nobody signed in
	ciso.must(200, "POST", "/invitations/look", object{"token": strings.SplitN(fresh["link"].(string), "#", 2)[1]})
}

func TestAProposalBecomesAnInvitationWhenALeadAdmitsIt(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, colleague := s.as("lead"), s.as("ciso"), s.as("colleague")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	lead.refused(403, "forbidden", "POST", "/rooms/"+room+"/proposals", object{"name": "Somebody"})
	root := num(ciso.must(200, "POST", "/rooms/"+room+"/proposals", object{"name": "Jo Lindqvist", "email": "jo.lindqvist@northmoor.example"})["seq"])
	ciso.refused(403, "forbidden", "POST", "/rooms/"+room+"/members/"+root+"/admit", object{})
	inv := lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/admit", object{})
	token := strings.SplitN(inv["link"].(string), "#", 2)[1]
	colleague.must(202, "POST", "/invitations/join", object{"token": token, "rules": 1})
	lead.refused(409, "conflict", "POST", "/rooms/"+room+"/members/"+root+"/link", object{})
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/vouch", object{})
	colleague.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1})
	second := num(ciso.must(200, "POST", "/rooms/"+room+"/proposals", object{"name": "Another"})["seq"])
	lead.must(200, "POST", "/rooms/"+room+"/members/"+second+"/decline", object{})
	lead.refused(409, "conflict", "POST", "/rooms/"+room+"/members/"+second+"/admit", object{})
	s.CheckLog(incident.LogID(room))
}

func itoa(n int) string { return strconv.Itoa(n) }

// num is a number of an answer, as a path has it.
func num(v any) string { return strconv.Itoa(int(v.(float64))) }
