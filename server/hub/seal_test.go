package hub

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func seal(size incident.Seq) *incident.Seal {
	return &incident.Seal{Size: uint64(size), Note: "note of " + string(rune('a'+size%26)), Cosigned: true, At: time.Date(2026, 5, 12, 15, 0, 0, 0, time.UTC)}
}

func says(s *incident.Seal) func(heard) bool {
	return func(f heard) bool { return f.Type == "sealed" && strings.Contains(f.raw, `"note":"`+s.Note+`"`) }
}

func TestASealIsTheSameBytesForAllWhoListen(t *testing.T) {
	s := newScene(t)
	head := s.head()
	lead, guest := s.listen(s.lead, nil), s.listen(s.ward, nil)
	now := seal(head + 1)
	s.hub.Sealed(s.room, now)
	_, a := lead.next("sealed", 0, says(now))
	_, b := guest.next("sealed", 0, says(now))
	if a.raw != b.raw {
		t.Errorf("the lead got %s, the guest %s", a.raw, b.raw)
	}
	if strings.Contains(a.raw, "kind") || !strings.Contains(a.raw, `"seal":{"size":`) || strings.Contains(a.raw, "since") {
		t.Errorf("it says %s", a.raw)
	}
	if rooms := s.hub.Rooms(); len(rooms) != 1 || rooms[0] != s.room {
		t.Errorf("listened to: %v", rooms)
	}
	s.hub.Sealed(incident.LogID(incident.RandomID()), now) // nobody listens there
}

func TestASealIsNotToldBeforeItsEntries(t *testing.T) {
	s := newScene(t)
	head := s.head()
	e := s.listen(s.lead, nil)
	ahead := seal(head + 2) // another node has seen, signed and told of the next entry
	s.hub.Sealed(s.room, ahead)
	s.Say(s.room, s.lead, "the next entry")
	e.next("sealed", 0, says(ahead))
	e.mu.Lock()
	defer e.mu.Unlock()
	written := false
	for _, f := range e.frames {
		if f.Type == "events" && len(f.Events) > 0 && f.Events[len(f.Events)-1].Seq == head+1 {
			written = true
		}
		if f.Type == "sealed" && !written {
			t.Fatalf("it was told before entry %d: %s", head+1, f.raw)
		}
	}
}

func TestWhoComesKnowsHowFarTheRoomIsSealed(t *testing.T) {
	var first *incident.Seal
	s := newScene(t, func(o *Options) {
		o.Seal = func(context.Context, incident.LogID) (*incident.Seal, error) { return first, nil }
	})
	head := s.head()
	first = seal(head + 1)
	e := s.listen(s.lead, nil)
	if _, f := e.next("snapshot", 0, is("snapshot")); !strings.Contains(f.raw, `"seal":{"size":`) || !strings.Contains(f.raw, first.Note) {
		t.Errorf("a snapshot: %s", f.raw)
	}
	again := s.listen(s.host, &head)
	again.next("sealed", 0, says(first))
}

func TestARoomBeginsThoughItIsNotKnownHowFarItIsSealed(t *testing.T) {
	s := newScene(t, func(o *Options) {
		o.Seal = func(context.Context, incident.LogID) (*incident.Seal, error) { return nil, errors.New("away") }
	})
	e := s.listen(s.lead, nil)
	if _, f := e.next("snapshot", 0, is("snapshot")); strings.Contains(f.raw, `"seal"`) {
		t.Errorf("a snapshot: %s", f.raw)
	}
	now := seal(s.head() + 1)
	s.hub.Sealed(s.room, now)
	e.next("sealed", 0, says(now))
}

func TestWhoWasRemovedHearsOfNoMoreSeals(t *testing.T) {
	s := newScene(t)
	lead, guest := s.listen(s.lead, nil), s.listen(s.ward, nil)
	room, err := s.Journal.Room(t.Context(), s.room)
	if err != nil {
		t.Fatal(err)
	}
	s.do(s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root})
	guest.next("revoked", 0, is("revoked"))
	now := seal(s.head() + 1)
	s.hub.Sealed(s.room, now)
	lead.next("sealed", 0, says(now))
	s.hub.Tell(s.ward.Person, nil, []byte(`{"type":"rooms"}`)) // whatever was sent before it has come by then
	guest.next("rooms", 0, is("rooms"))
	guest.mu.Lock()
	defer guest.mu.Unlock()
	for _, f := range guest.frames {
		if f.Type == "sealed" {
			t.Errorf("told: %s", f.raw)
		}
	}
}
