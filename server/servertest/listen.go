package servertest

import (
	"context"
	"strconv"
	"sync"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// EventsFrame is a group as one person receives it: a frame of the stream, of
// the forms that policy gives them as the room stands after the group.
func EventsFrame(g *journal.Group, person incident.PersonID) []byte {
	m := g.Room.Member(person)
	b := append([]byte(`{"type":"events","room":"`), g.Log...)
	b = append(b, `","events":[`...)
	for i, e := range g.Entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = policy.View(g.Room, m, e.Sight, e.Entry).AppendJSON(b)
	}
	return append(b, `]}`...)
}

// Listener follows a room as one person, past hub and socket, and records
// what policy lets them see.
type Listener struct {
	stream *Stream
	cancel func()

	mu   sync.Mutex
	at   incident.Seq
	gone bool // no longer a member: nothing more is recorded

	Newer bool // this node cannot read how the log goes on; to be read once nothing comes any more
	come  chan struct{}
}

// Listen begins to record at the room's head.
func (h *House) Listen(c *Checker, room incident.LogID, who incident.Actor) *Listener {
	h.T.Helper()
	return h.ListenOn(h.Journal, c, room, who)
}

// ListenOn is Listen at another node.
func (h *House) ListenOn(j *journal.Journal, c *Checker, room incident.LogID, who incident.Actor) *Listener {
	h.T.Helper()
	l := &Listener{come: make(chan struct{})}
	ready := make(chan struct{})
	at, cancel, err := j.Watch(context.Background(), room, func(g *journal.Group) {
		<-ready
		l.mu.Lock()
		defer l.mu.Unlock()
		if g.Newer {
			l.Newer = true
			return
		}
		if l.gone = l.gone || !g.Room.Member(who.Person).Present(); !l.gone {
			l.stream.Frame(EventsFrame(g, who.Person), uint64(g.Last()))
		}
		l.at = g.Last()
		close(l.come)
		l.come = make(chan struct{})
	})
	if err != nil {
		h.T.Fatal(err)
	}
	l.at, l.cancel = at.Head, cancel
	l.stream = c.Stream(who.Name+" "+strconv.FormatUint(uint64(at.Head), 10), string(who.Person), uint64(at.Head))
	close(ready)
	h.T.Cleanup(cancel)
	return l
}

// Wait returns once the listener has been told of the entry.
func (l *Listener) Wait(ctx context.Context, seq incident.Seq) error {
	for {
		l.mu.Lock()
		at, come := l.at, l.come
		l.mu.Unlock()
		if at >= seq {
			return nil
		}
		select {
		case <-come:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Finish waits for the entry and ends the recording; a listener still in the
// room must have come to the end.
func (l *Listener) Finish(ctx context.Context, seq incident.Seq) error {
	err := l.Wait(ctx, seq)
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stream.ToEnd = !l.gone
	return err
}
