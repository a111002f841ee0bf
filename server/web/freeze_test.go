package web_test

import (
	"strings"
	"testing"
	"time"

	"wardroom/server/hub"
	"wardroom/server/incident"
)

func TestAFrozenOrganisationIsOutAtEveryDoorAndItsRecordStays(t *testing.T) {
	s := newStack(t, plenty)
	p := s.posted()
	ciso := s.register("ciso")
	s.register("lead")
	s.register("nightlead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	b := s.as("ciso")
	b.join(lead, room, "ciso", "representative", "full")
	b.say(room, "said before the freeze")
	lead.anew("lead")
	token := lead.must(201, "POST", "/rooms/"+room+"/feeds", object{"name": "SIEM", "org": "X1N", "days": 7})["token"].(string)
	poll := func() int {
		return s.browser(t).send("GET", "/taxii2/rooms/"+room+"/collections/", nil, "Accept", taxii, "Authorization", "Bearer "+token).status
	}
	if r := poll(); r != 200 {
		t.Fatalf("the machine reads before: %d", r)
	}
	s.reached(p, ciso.Person, cisosOwn)
	begun := s.browser(t)
	request := begun.asks(p) // half-way in by codes

	freeze := object{"reason": "Its sign-in service is in an attacker's hands"}
	b.refused(403, "forbidden", "POST", "/organisations/X1N/freeze", freeze)
	s.as("nightlead").refused(403, "forbidden", "POST", "/organisations/X1N/freeze", freeze)
	s.as("lead").refused(401, "step_up", "POST", "/organisations/X1N/freeze", freeze) // another session, without a factor
	lead.anew("lead")
	lead.refused(422, "invalid", "POST", "/organisations/X1N/freeze", object{"reason": " "})
	lead.refused(404, "not_found", "POST", "/organisations/NONE/freeze", freeze)
	if o := lead.must(200, "GET", "/freezes?code=X1N", nil); o["may"] != true || o["sessions"].(float64) < 1 || o["people"] != 1.0 {
		t.Errorf("what it would do: %v", o)
	}
	socket := b.stream()
	began := time.Now()
	lead.must(200, "POST", "/organisations/X1N/freeze", freeze)
	if code := socket.closed(); code != int(hub.SignedOut) {
		t.Errorf("her socket: %d", code)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("her socket closed after %v", took)
	}
	for _, at := range []string{"/session", "/rooms", "/rooms/" + room + "/entries"} {
		if r := b.send("GET", "/api/v1"+at, nil); r.status != 401 {
			t.Errorf("%s: %d", at, r.status)
		}
	}
	again := s.browser(t)
	if to := again.lands("ciso"); !strings.Contains(to, "problem=frozen") {
		t.Errorf("signing in leads to %s", to)
	}
	if r := poll(); r != 401 {
		t.Errorf("the machine: %d", r)
	}
	begun.refused(422, "invalid", "POST", "/sign-in/codes/second", object{"request": request, "code": "123456"})
	if r := s.browser(t).send("POST", "/api/v1/sign-in/codes", object{"org": "X1N", "to": cisosOwn}); r.status != 200 {
		t.Errorf("asking for a code: %d", r.status)
	}
	time.Sleep(300 * time.Millisecond)
	if len(p.sent) != 0 {
		t.Error("a code was sent to somebody who is shut out")
	}
	sys := s.system()
	if !sys.FrozenOut(ciso.Person) || len(objects(lead.must(200, "GET", "/freezes", nil)["frozen"])) != 1 {
		t.Error("the record does not say so")
	}
	if entries := lead.send("GET", "/api/v1/rooms/"+room+"/entries", nil); entries.status != 200 || !strings.Contains(string(entries.body), "said before the freeze") {
		t.Error("the record did not stay")
	}

	// One by one, each with a factor of its own.
	readmit := object{"person": string(ciso.Person), "how": "Rang her on the number in the directory"}
	lead.refused(401, "step_up", "POST", "/organisations/X1N/readmit", readmit)
	lead.anew("lead")
	lead.refused(422, "invalid", "POST", "/organisations/X1N/readmit", object{"person": string(ciso.Person), "how": ""})
	lead.must(200, "POST", "/organisations/X1N/readmit", readmit)
	back := s.as("ciso")
	back.must(200, "GET", "/rooms/"+room+"/entries", nil)
	if s.system().FrozenOut(ciso.Person) {
		t.Error("she is still shut out")
	}

	// Who froze asks; a second person agrees.
	lead.anew("lead")
	lead.must(200, "POST", "/organisations/X1N/unfreeze", object{"reason": "Its service was rebuilt"})
	if !s.system().FrozenOrg("X1N") {
		t.Fatal("one person let them all in")
	}
	lead.anew("lead")
	lead.refused(409, "conflict", "POST", "/organisations/X1N/unfreeze", object{"reason": "again"})
	night := s.as("nightlead")
	night.openRoom("incident", "names") // leads a live room now
	night.anew("nightlead")
	night.must(200, "POST", "/organisations/X1N/unfreeze", object{"reason": ""})
	if s.system().FrozenOrg("X1N") || len(s.system().Frozen) != 0 {
		t.Error("it is still frozen")
	}
	if r := poll(); r != 200 {
		t.Errorf("the machine reads again: %d", r)
	}
}

// system is the deployment's record as it stands.
func (s *stack) system() *incident.System {
	s.t.Helper()
	sys, err := s.Journal.System(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return sys
}

// lands signs in at the issuer, and returns where the browser is sent from
// there.
func (b *browser) lands(key string) string {
	b.t.Helper()
	res, err := b.http.Get(door.origin + "/auth/start?issuer=health&return=/")
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	back, err := door.idp.SignIn(b.t.Context(), b.http, res.Header.Get("Location"), key)
	if err != nil {
		b.t.Fatal(err)
	}
	if res, err = b.http.Get(back); err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	return res.Header.Get("Location")
}

// anew gives a second factor of a later second than the last: issuers count
// whole ones.
func (b *browser) anew(key string) {
	b.t.Helper()
	time.Sleep(1100 * time.Millisecond)
	b.stepUp(key)
}
