package hub

import (
	"testing"

	"wardroom/server/incident"
)

// Whoever listens to a room that this node can no longer read is sent to come
// back, and whoever comes back to it is told to wait; other rooms are heard as
// before.
func TestListenersOfARoomThatANewerNodeWroteToAreSentAway(t *testing.T) {
	s := newScene(t)
	h := newHub(t, s.House)
	other := s.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	away, stays := attach(t, h, s.lead), attach(t, h, s.lead)
	away.conn.Subscribe(s.room, nil)
	away.next("caught_up", 0, is("caught_up"))
	stays.conn.Subscribe(other, nil)
	stays.next("caught_up", 0, is("caught_up"))
	unknown := s.Newer(s.room, "hologram.shown", `{"secret":1}`)
	if code := away.gone(); code != GoAway {
		t.Errorf("cut with %d", code)
	}
	for _, f := range away.all() {
		if has(unknown)(f) {
			t.Error("the entry was shown")
		}
	}
	again := attach(t, h, s.lead)
	again.conn.Subscribe(s.room, nil)
	if _, f := again.next("error", 0, is("error")); f.Fault != incident.Unavailable {
		t.Errorf("it says %q", f.Fault)
	}
	// To whoever is not in it there is no such room, as where there is none.
	stranger, from := attach(t, h, s.Person("Sven", "X1N")), 0
	for _, id := range []incident.LogID{s.room, incident.LogID(incident.RandomID())} {
		stranger.conn.Subscribe(id, nil)
		at, f := stranger.next("error", from, is("error"))
		if from = at + 1; f.Fault != incident.NotFound {
			t.Errorf("a stranger is told %q", f.Fault)
		}
	}
	seq := s.Say(other, s.lead, "all is well")
	stays.next("the message", 0, has(seq))
}
