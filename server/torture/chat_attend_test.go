package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// attendant listens to a room over a real socket and keeps every entry as it
// came. One that is flighty is cut off at random, in the middle of whatever
// is on its way, and resumes after the last entry it read.
type attendant struct {
	name   string
	v      *visitor
	person incident.PersonID
	room   incident.LogID
	stream *servertest.Stream
	flight *rand.Rand // nil for one that stays

	mu        sync.Mutex
	last      incident.Seq
	begun     bool
	snapshots []incident.Seq
	got       map[incident.Seq]json.RawMessage
	cuts      int
	strange   []string // frames that no listener should get here
	come      chan struct{}
}

func newAttendant(c *servertest.Checker, name string, v *visitor, person incident.PersonID, room incident.LogID, after incident.Seq, flight *rand.Rand) *attendant {
	return &attendant{name: name, v: v, person: person, room: room, flight: flight, stream: c.Stream(name, string(person), uint64(after)),
		got: map[incident.Seq]json.RawMessage{}, come: make(chan struct{})}
}

// attend follows the room until ctx ends. Only one that is flighty may lose
// its connection.
func (a *attendant) attend(ctx context.Context) error {
	for ctx.Err() == nil {
		err := a.connection(ctx)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
	}
	return nil
}

// connection is one of them; nil is one that was cut on purpose.
func (a *attendant) connection(ctx context.Context) error {
	ws, err := a.v.dial(ctx)
	if err != nil {
		return err
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	if err := ws.WriteJSON(a.subscription()); err != nil {
		return err
	}
	left := -1 // frames of entries until the cut
	if a.flight != nil {
		left = 1 + a.flight.IntN(25)
	}
	for left != 0 {
		_, raw, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		if a.take(raw) {
			left--
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cuts++
	return nil
}

func (a *attendant) subscription() map[string]any {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := map[string]any{"type": "subscribe", "room": a.room, "after": nil}
	if a.begun {
		s["after"] = a.last
	}
	return s
}

// take keeps a frame, and reports whether it brought entries.
func (a *attendant) take(raw []byte) (entries bool) {
	var f struct {
		Type   string
		Seq    incident.Seq
		Events []json.RawMessage
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := json.Unmarshal(raw, &f); err != nil {
		a.strange = append(a.strange, err.Error())
		return false
	}
	switch f.Type {
	case "snapshot":
		a.last, a.begun = f.Seq, true
		a.snapshots = append(a.snapshots, f.Seq)
	case "events":
		for _, e := range f.Events {
			var n struct{ Seq incident.Seq }
			if json.Unmarshal(e, &n); a.got[n.Seq] != nil {
				a.strange = append(a.strange, fmt.Sprintf("entry %d came twice", n.Seq))
			}
			a.got[n.Seq], a.last = e, n.Seq
		}
	case "welcome", "caught_up", "presence", "read", "rooms", "sealed":
		return false
	default:
		a.strange = append(a.strange, string(raw))
	}
	a.stream.Frame(raw, 0)
	close(a.come)
	a.come = make(chan struct{})
	return f.Type == "events"
}

// await returns once the entry has come.
func (a *attendant) await(ctx context.Context, seq incident.Seq) error {
	for {
		a.mu.Lock()
		there, come, last := a.begun && a.last >= seq, a.come, a.last
		a.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-come:
		case <-ctx.Done():
			return fmt.Errorf("%s came to %d of %d", a.name, last, seq)
		}
	}
}

// shape is an entry as it was shown, to be held against the log.
type shape struct {
	Seq   uint64
	Seed  []byte
	Leaf  []byte
	Slots json.RawMessage
}

// showing compares an entry as it was shown with what the log has and what the
// oracle grants: neither more nor less, and the bytes as they are stored.
func showing(raw json.RawMessage, e *servertest.TrueEntry, grants servertest.Form) error {
	var s shape
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	form := servertest.Stub
	switch {
	case s.Seed != nil:
		form = servertest.Open
	case s.Slots != nil:
		form = servertest.Envelope
	}
	switch {
	case s.Seq != e.Seq:
		return fmt.Errorf("entry %d stands where %d should", s.Seq, e.Seq)
	case form != grants:
		return fmt.Errorf("entry %d was shown as %v; the oracle grants %v", e.Seq, form, grants)
	case form != servertest.Open && string(s.Leaf) != string(e.Leaf):
		return fmt.Errorf("entry %d came with another leaf", e.Seq)
	}
	if form == servertest.Envelope {
		var slots map[string][2]string
		if err := json.Unmarshal(s.Slots, &slots); err != nil {
			return err
		}
		for i := range 4 {
			if slots[fmt.Sprint(i)][1] != string(e.Whole.Values[i]) {
				return fmt.Errorf("entry %d, slot %d is not as stored", e.Seq, i)
			}
		}
	}
	if form == servertest.Open {
		var slots []string
		if err := json.Unmarshal(s.Slots, &slots); err != nil {
			return err
		}
		if len(slots) != len(e.Whole.Values) || string(s.Seed) != string(e.Whole.Seed[:]) {
			return fmt.Errorf("entry %d is not as stored", e.Seq)
		}
		for i, v := range slots {
			if v != string(e.Whole.Values[i]) {
				return fmt.Errorf("entry %d, slot %d is not as stored", e.Seq, i)
			}
		}
	}
	return nil
}
