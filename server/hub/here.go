package hub

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// presenceEvery is how often a room's listeners are told at most who is here.
const presenceEvery = 500 * time.Millisecond

// hereabouts paces a room's presence frames.
type hereabouts struct {
	mu      sync.Mutex
	pending *time.Timer
	last    time.Time
	stopped bool
}

func (h *hereabouts) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	if h.pending != nil {
		h.pending.Stop()
	}
}

// presenceChanged is the presence board's word that somebody came, went, or
// began or stopped typing. It may be called under any lock.
func (r *room) presenceChanged() {
	h := &r.here
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped || h.pending != nil {
		return
	}
	h.pending = time.AfterFunc(presenceEvery-min(time.Since(h.last), presenceEvery), func() {
		h.mu.Lock()
		h.pending, h.last = nil, time.Now()
		h.mu.Unlock()
		r.tellPresence()
	})
}

// circle is all that policy.SeesMember asks of a viewer.
type circle struct {
	host, auditor bool
	org           incident.OrgID
}

// tellPresence sends every listener who is here, as the roster lets them
// know, if that differs from what they were sent last.
func (r *room) tellPresence() {
	here, typing := r.hub.opt.Presence.State(r.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return
	}
	frames := map[circle]message{}
	for l := range r.listeners {
		if !l.live {
			continue
		}
		m := r.fold.Member(l.person)
		c := circle{m.Host, m.Role == incident.Auditor, m.Org}
		f, ok := frames[c]
		if !ok {
			f = presenceFrame(r.id, r.known(m, here), r.known(m, typing))
			frames[c] = f
		}
		if !bytes.Equal(f, l.presence) {
			l.presence = f
			l.conn.enqueue(r, f)
		}
	}
}

// known leaves those whom the viewer may know to be in the room.
func (r *room) known(viewer *incident.Member, list []incident.MemberNo) []incident.MemberNo {
	return slices.DeleteFunc(slices.Clone(list), func(n incident.MemberNo) bool {
		of := r.fold.Numbered(n)
		return !of.Present() || policy.SeesMember(r.fold, viewer, of) == policy.Stub
	})
}

// arrive makes the listener live.
func (r *room) arrive(l *listener, m *incident.Member) {
	l.live = true
	if p := r.hub.opt.Presence; p != nil {
		l.number = m.Number
		p.Here(r.id, l.number, l.conn.id)
		r.presenceChanged() // for the newcomer, even if nobody else learns anything
	}
}

// departed takes a listener off the presence board.
func (r *room) departed(l *listener) {
	if p := r.hub.opt.Presence; p != nil && l.number != 0 {
		p.Gone(r.id, l.number, l.conn.id)
	}
}

// here shows the presence board a sign of life in every room of the
// connection.
func (c *Conn) here() {
	c.mu.Lock()
	listeners := slices.Clone(c.listeners)
	c.mu.Unlock()
	for _, l := range listeners {
		l.present(func(r *room) { r.hub.opt.Presence.Here(r.id, l.number, c.id) })
	}
}

// Typing notes that the person is typing in a room they listen to.
func (c *Conn) Typing(id incident.LogID) {
	if l := c.listener(id); l != nil {
		l.present(func(r *room) { r.hub.opt.Presence.Typing(r.id, l.number) })
	}
}

// present calls fn, under the room's lock, if the listener is on the board.
func (l *listener) present(fn func(*room)) {
	r := l.room.Load()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, here := r.listeners[l]; here && l.number != 0 {
		fn(r)
	}
}
