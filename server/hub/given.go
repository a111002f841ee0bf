package hub

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
)

// What a socket has taken is noted on its connection and handed to the journal
// every few seconds, to be written down: which entries reached which member.
// It is the numbers alone, so it says nothing of what they were shown of each.

// told is what some frames tell: entries first to last.
type told struct {
	how         journal.How
	first, last incident.Seq
}

// A telling is what the frames queued together tell, noted once the socket has
// taken the last of them. Listeners who are told the same share one.
type telling struct {
	told []told
	born time.Time // when the newest of it was committed here; zero for another's, and for what was read
}

// given is what a connection's socket has taken of one room and that is not
// handed over yet.
type given struct {
	room      incident.LogID
	member    incident.MemberNo
	told      told
	since, at time.Time
}

// maxGiven is how much a connection notes; beyond it is handed over at once.
const maxGiven = 256

// note takes down what the frame told, now that the socket has it; c.mu is
// held.
func (c *Conn) note(o *outgoing) {
	now := time.Now()
	for _, t := range o.telling.told {
		if n := len(c.given); n > 0 {
			if g := &c.given[n-1]; g.room == o.room.id && g.member == o.member && g.told.how == journal.Live && t.how == journal.Live && t.first <= g.told.last+1 && t.first >= g.told.first {
				g.told.last, g.at = max(g.told.last, t.last), now
				continue
			}
		}
		c.given = append(c.given, given{o.room.id, o.member, t, now, now})
	}
	if len(c.given) >= maxGiven {
		c.hub.handOver(c.given)
		c.given = nil
	}
}

// handOver gives the journal what was noted.
func (h *Hub) handOver(list []given) {
	if len(list) == 0 {
		return
	}
	rows := make([]journal.Delivery, len(list))
	for i, g := range list {
		rows[i] = journal.Delivery{Room: g.room, Members: []incident.MemberNo{g.member}, How: g.told.how, First: g.told.first, Last: g.told.last, Since: g.since, At: g.at}
	}
	h.opt.Journal.Delivered(rows...)
}

// collect hands over what the connections have noted. The journal calls it
// before it writes.
func (h *Hub) collect() {
	h.each(func(*Conn) bool { return true }, func(c *Conn) { h.handOver(c.taken()) })
}

// taken returns what is noted, and notes it no more.
func (c *Conn) taken() []given {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.given
	c.given = nil
	return list
}
