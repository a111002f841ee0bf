package web_test

import (
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// invite makes an invitation and returns its root and its link's token.
func (b *browser) invite(room string, seat object) (root, token string) {
	b.t.Helper()
	body := object{"org": "X1N", "role": "representative", "history": "full"}
	for k, v := range seat {
		body[k] = v
	}
	o := b.must(201, "POST", "/rooms/"+room+"/members", body)
	return num(o["seq"]), strings.SplitN(o["link"].(string), "#", 2)[1]
}

func TestWhoWasRemovedComesBackByANewInvitationAndNoOlderOne(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	sub := door.people["ciso"].Sub
	first, one := lead.invite(room, object{"name": "Hannah Osei", "email": "hannah.osei@northmoor.example", "otp": true})
	// By another name, so that nobody could know that it is her again.
	o := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": "The CISO on duty", "org": "X1N", "role": "representative", "history": "full", "otp": true})
	two, root2 := strings.SplitN(o["link"].(string), "#", 2)[1], num(o["seq"])
	ciso.must(202, "POST", "/invitations/join", object{"token": one, "rules": 1})
	lead.must(200, "POST", "/rooms/"+room+"/members/"+first+"/vouch", object{})
	ciso.must(200, "POST", "/invitations/join", object{"token": one, "rules": 1})
	lead.must(200, "POST", "/rooms/"+room+"/members/"+first+"/remove", object{})
	dead := ciso.send("POST", "/api/v1/invitations/look", object{"token": strings.Repeat("A", 43)})
	for act, body := range map[string]object{"look": {"token": two}, "join": {"token": two, "rules": 1}} {
		if r := ciso.send("POST", "/api/v1/invitations/"+act, body); r.status != 404 || string(r.body) != string(dead.body) {
			t.Errorf("%s by an older link: %d %s", act, r.status, r.body)
		}
	}
	ciso.refused(404, "not_found", "POST", "/invitations/join", object{"token": two, "rules": 1, "otp": o["otp"]})
	ciso.refused(404, "not_found", "GET", "/rooms/"+room, nil)
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root2+"/withdraw", object{})
	_, three := lead.invite(room, object{"name": "Hannah Osei", "subject": sub})
	if all := objects(ciso.must(200, "GET", "/rooms", nil)["invitations"]); len(all) != 1 {
		t.Fatalf("a new invitation: %v", all)
	}
	ciso.must(200, "POST", "/invitations/join", object{"token": three, "rules": 1})
	ciso.must(200, "GET", "/rooms/"+room, nil)
	s.CheckLog(incident.LogID(room))
}

func TestNobodyIsInvitedTwice(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	known := s.register("supplier")
	lead, ciso, supplier := s.as("lead"), s.as("ciso"), s.as("supplier")
	room := lead.openRoom("incident", "names")
	members := "/rooms/" + room + "/members"
	says := func(p object, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(p["detail"].(string), w) {
				t.Errorf("the refusal says %q, without %q", p["detail"], w)
			}
		}
	}
	seat := func(name, org string, more ...string) object {
		o := object{"name": name, "org": org, "role": "representative", "history": "full"}
		for i := 0; i < len(more); i += 2 {
			o[more[i]] = more[i+1]
		}
		return o
	}
	root, _ := lead.invite(room, object{"name": "Dr Hannah Osei"})
	says(lead.refused(409, "conflict", "POST", members, seat("dr  HANNAH osei ", "X1N")), "Dr Hannah Osei", "open invitation", "new link")
	lead.must(201, "POST", members, seat("Dr Hannah Osei", "X2E")) // of another organisation
	lead.must(200, "POST", members+"/"+root+"/withdraw", object{})
	ciso.join(lead, room, "ciso", "representative", "full")
	says(lead.refused(409, "conflict", "POST", members, seat("Dr Hannah Osei", "X1N")), "in this room already, as M-2")
	says(lead.refused(409, "conflict", "POST", members, seat("Somebody else", "X1N", "subject", door.people["ciso"].Sub)), "in this room already")
	lead.must(201, "POST", members, seat("Dr Hannah Osei", "X1N", "subject", "another of that name"))
	says(ciso.refused(409, "conflict", "POST", "/rooms/"+room+"/proposals", object{"name": "Dr Hannah Osei"}), "already")
	ciso.must(200, "POST", "/rooms/"+room+"/proposals", object{"name": "Jo Lindqvist"})
	says(lead.refused(409, "conflict", "POST", members, seat("Jo Lindqvist", "X1N")), "proposed")
	// By a person the deployment knows, whatever they are called.
	lead.must(201, "POST", members, seat("Ben Tran", "S1C", "person", string(known.Person)))
	says(lead.refused(409, "conflict", "POST", members, seat("B. Tran", "S1C", "person", string(known.Person))), "Ben Tran", "open invitation")
	waiting := objects(supplier.must(200, "GET", "/rooms", nil)["invitations"])
	if len(waiting) != 1 {
		t.Fatalf("waits for the supplier: %v", waiting)
	}
	supplier.must(200, "POST", "/invitations/join", object{"invitation": waiting[0]["id"], "rules": 1})
	says(lead.refused(409, "conflict", "POST", members, seat("B. Tran", "S1C", "person", string(known.Person))), "in this room already")
	state := lead.must(200, "GET", "/rooms/"+room, nil)["state"].(object)
	if n := len(slices.DeleteFunc(objects(state["members"]), func(m object) bool { return m["state"] == "withdrawn" })); n != 6 {
		t.Errorf("%d rows of people", n)
	}
	s.CheckLog(incident.LogID(room))
}
