package web_test

import (
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/identity"
	"wardroom/server/incident"
)

// The session, the system log and the room are asked for by one question; the
// log's own transaction comes after it.
func TestAMemberIsLetInByOneQuestion(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	work := &statements{}
	s.onPool(work)
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	lead.say(room, "so that the room is in memory, and the session known in it")
	for what, try := range map[string]struct {
		request func()
		scopes  map[string]int
	}{
		"a post":    {func() { lead.say(room, "one more") }, map[string]int{"'identity'": 1, "[house": 1, "[writer": 1, "[person": 0}},
		"a look-up": {func() { lead.must(200, "GET", "/session", nil) }, map[string]int{"'identity'": 1, "[house": 1, "[writer": 0, "[person": 0}},
	} {
		work.take()
		try.request()
		asked := work.take()
		for scope, n := range try.scopes {
			if strings.Count(asked, scope) != n {
				t.Errorf("%s takes on the scope %s %d times, want %d:\n%s", what, scope, strings.Count(asked, scope), n, asked)
			}
		}
	}
}

// A node that heard nothing of it judges the next request by it all the same.
func TestWhatAnotherNodeDidCountsAtTheNextRequest(t *testing.T) {
	s := newStack(t, plenty)
	chair := s.register("lead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	other := s.Node()
	elsewhere, err := identity.New(identity.Options{Pool: s.DB.Writer, Vault: s.Vault, Record: other, Clients: map[string]identity.Client{},
		PublicURLs: []string{door.origin}, Log: s.server.Log, OnEnded: func([]string) {}})
	if err != nil {
		t.Fatal(err)
	}
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	for _, b := range []*browser{ciso, director, lead} {
		b.say(room, "so that the room is in memory, and the session known in it")
	}
	everything := func(b *browser, status int, fault string) {
		t.Helper()
		b.refused(status, fault, "POST", "/rooms/"+room+"/messages", object{"text": "after the end"})
		b.refused(status, fault, "GET", "/rooms/"+room+"/entries", nil)
		b.refused(status, fault, "GET", "/rooms/"+room, nil)
	}

	state, err := other.Room(t.Context(), incident.LogID(room))
	if err != nil {
		t.Fatal(err)
	}
	who := func(b *browser) *incident.Member {
		n := b.must(200, "GET", "/rooms/"+room, nil)["state"].(object)["you"].(float64)
		return state.Numbered(incident.MemberNo(n))
	}
	removed, suspended := who(ciso), who(director)
	s.Must(other.Append(t.Context(), state.ID, chair, s.Key(), command.RemoveMember{Root: removed.Root, Reason: "moved on"}))
	everything(ciso, 404, "not_found")
	s.Must(other.Append(t.Context(), other.SystemLog(), incident.Actor{System: true}, s.Key(), command.SuspendPerson{Person: suspended.Person}))
	everything(director, 401, "signed_out")
	session := lead.must(200, "GET", "/session", nil)["session"].(string)
	if err := elsewhere.EndAny(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	everything(lead, 401, "signed_out")
}
