package web_test

import (
	"strconv"
	"strings"
	"testing"

	"wardroom/server/incident"
)

const (
	invitedNumber = "07700 900041"
	ownNumber     = "+44 7700 900042"
)

// linkFor invites somebody to be a representative, and returns the root of
// their membership and their link's token.
func linkFor(b *browser, room string, seat object) (root, token string) {
	b.t.Helper()
	body := object{"role": "representative", "history": "full"}
	for k, v := range seat {
		body[k] = v
	}
	o := b.must(201, "POST", "/rooms/"+room+"/members", body)
	return num(o["seq"]), strings.SplitN(o["link"].(string), "#", 2)[1]
}

func TestThoseWhoRunARoomSeeHowToRingItsMembersAndNobodyElseDoes(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("loggist")
	lead, ciso, director, outsider := s.as("lead"), s.as("ciso"), s.as("director"), s.as("outsider")
	room := lead.openRoom("incident", "names")
	at := func(root string) string { return "/rooms/" + room + "/members/" + root + "/contact" }
	root, token := linkFor(lead, room, object{"name": "Dr Hannah Osei", "org": "X1N", "subject": door.people["ciso"].Sub, "phone": invitedNumber})
	if o := lead.must(200, "GET", at(root), nil); o["phone"] != invitedNumber {
		t.Fatalf("of who is on the way in: %v", o)
	}
	ciso.must(200, "POST", "/invitations/join", object{"token": token, "rules": 1})
	director.join(lead, room, "director", "representative", "full")
	loggist := s.as("loggist")
	loggist.join(lead, room, "loggist", "loggist", "full")
	if o := lead.must(200, "GET", at(root), nil); o["phone"] != invitedNumber {
		t.Fatalf("the invited number: %v", o)
	}
	nothing := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for name, b := range map[string]*browser{"another guest": director, "a loggist": loggist, "an outsider": outsider, "herself, by the room": ciso} {
		if r := b.send("GET", "/api/v1"+at(root), nil); r.status != 404 || string(r.body) != string(nothing.body) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	lead.refused(404, "not_found", "GET", at("999999"), nil)

	// Her own to change, in every room she is in, and with her into the next.
	if o := ciso.must(200, "GET", "/contact", nil); o["phone"] != invitedNumber || o["rooms"] != 1.0 {
		t.Fatalf("her own: %v", o)
	}
	for _, bad := range []string{"ring me", "123", "+44 7700 900042 or at home", strings.Repeat("1", 16), "07700+900042"} {
		ciso.refused(422, "invalid", "PUT", "/contact", object{"phone": bad})
	}
	ciso.must(204, "PUT", "/contact", object{"phone": " " + ownNumber + " "})
	second := lead.openRoom("incident", "hosts")
	ciso.join(lead, second, "ciso", "representative", "full")
	hers := ""
	for _, m := range objects(lead.must(200, "GET", "/rooms/"+second, nil)["state"].(object)["members"]) {
		if m["name"] == "Dr Hannah Osei" {
			hers = num(m["root"])
		}
	}
	for path, want := range map[string]string{at(root): ownNumber, "/rooms/" + second + "/members/" + hers + "/contact": ownNumber} {
		if o := lead.must(200, "GET", path, nil); o["phone"] != want {
			t.Errorf("%s: %v, want %s", path, o, want)
		}
	}
	outsider.refused(409, "conflict", "PUT", "/contact", object{"phone": ownNumber})
	if o := outsider.must(200, "GET", "/contact", nil); o["phone"] != "" || o["rooms"] != 0.0 {
		t.Errorf("who is in no room: %v", o)
	}

	// No log, snapshot or list holds it.
	k := lead.stream()
	k.send(object{"type": "subscribe", "room": room, "after": nil})
	heard := string(mustJSON(k.until("snapshot")))
	for _, path := range []string{"", "/entries?after=0&limit=200"} {
		heard += string(lead.send("GET", "/api/v1/rooms/"+room+path, nil).body)
	}
	heard += string(lead.send("GET", "/api/v1/rooms", nil).body) + s.log.String()
	for _, number := range []string{invitedNumber, ownNumber, "900041", "900042"} {
		if strings.Contains(heard, number) {
			t.Errorf("%s stands where it should not", number)
		}
	}

	// It goes with the membership.
	lead.must(200, "POST", "/rooms/"+room+"/members/"+root+"/remove", object{})
	lead.refused(404, "not_found", "GET", at(root), nil)
	seq, err := strconv.ParseUint(root, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := s.directory.ContactOf(t.Context(), incident.LogID(room), incident.Seq(seq)); err != nil || c.Phone != "" || c.Email != "" {
		t.Errorf("kept after the removal: %v, %v", c, err)
	}
	ciso.must(204, "PUT", "/contact", object{"phone": ""})
	if o := ciso.must(200, "GET", "/contact", nil); o["phone"] != "" {
		t.Errorf("forgotten: %v", o)
	}
	s.CheckLog(incident.LogID(room))
}

func TestWhoMayLetPeopleInIsToldHowManyWait(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director, liaison := s.as("lead"), s.as("ciso"), s.as("director"), s.as("loggist")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	liaison.join(lead, room, "loggist", "liaison", "full")
	waiting := func(b *browser) any {
		t.Helper()
		for _, r := range objects(b.must(200, "GET", "/rooms", nil)["rooms"]) {
			if r["id"] == room {
				return r["waiting"]
			}
		}
		return nil
	}
	is := func(when string, leads, liaisons float64) {
		t.Helper()
		if a, b, c := waiting(lead), waiting(liaison), waiting(ciso); a != leads || b != liaisons || c != 0.0 {
			t.Errorf("%s: the lead sees %v, the liaison %v, a guest %v", when, a, b, c)
		}
	}
	is("nobody waits", 0, 0)
	k := lead.stream()
	ciso.must(200, "POST", "/rooms/"+room+"/proposals", object{"name": "Jo Lindqvist"})
	k.until("rooms")
	is("one is proposed", 1, 0)
	root, token := linkFor(lead, room, object{"name": "Alan Whitcombe", "org": "X2E"})
	is("one is invited", 1, 0)
	director.must(202, "POST", "/invitations/join", object{"token": token, "rules": 0})
	k.until("rooms")
	is("one asks", 2, 1)
	liaison.must(200, "POST", "/rooms/"+room+"/members/"+root+"/vouch", object{})
	is("one is let in", 1, 0)
}

func TestAMemberIsToldWhoElseOfTheirOrganisationIsInTheRoom(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, colleague, director := s.as("lead"), s.as("ciso"), s.as("colleague"), s.as("director")
	room := lead.openRoom("incident", "hosts")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	is := func(when, want string) {
		t.Helper()
		for _, r := range objects(ciso.must(200, "GET", "/rooms", nil)["rooms"]) {
			if got := string(mustJSON(r["colleagues"])); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
	}
	is("others are of another", "[]")
	k := ciso.stream()
	colleague.join(lead, room, "colleague", "representative", "full")
	k.until("rooms")
	is("one of hers came", "[4]")
	for _, m := range objects(lead.must(200, "GET", "/rooms/"+room, nil)["state"].(object)["members"]) {
		if m["number"] == 4.0 {
			lead.must(200, "POST", "/rooms/"+room+"/members/"+num(m["root"])+"/remove", object{})
		}
	}
	k.until("rooms")
	is("one of hers was removed", "[]")
}
