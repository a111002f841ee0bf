package hub

import (
	"sync/atomic"

	"wardroom/server/trail"
)

// Of the span of a dispatch.
var (
	dispatchName = trail.Declare("hub.dispatch")
	entriesKey   = trail.NewKey("entries")
	listenersKey = trail.NewKey("listeners")
)

// metrics are this hub's counters; they name no room and no person.
type metrics struct {
	connections, rooms, listeners   atomic.Int64
	entries, frames, blocked        atomic.Uint64
	overruns, disagreements, alarms atomic.Uint64
	resumed, snapshots, refused     atomic.Uint64
	gapReads, rootReads, foldReads  atomic.Uint64
	goneAway, protocol, signedOut   atomic.Uint64
	tooSlow, narrowed, tooMany, cut atomic.Uint64
}

func (m *metrics) ended(code Code) {
	switch code {
	case GoAway:
		m.goneAway.Add(1)
	case Protocol:
		m.protocol.Add(1)
	case SignedOut:
		m.signedOut.Add(1)
	case TooSlow:
		m.tooSlow.Add(1)
	case Narrowed:
		m.narrowed.Add(1)
	case TooMany:
		m.tooMany.Add(1)
	}
}

// Stats are the hub's counters since it began, for the operator's metrics.
type Stats struct {
	Connections int64 // sockets attached now
	Rooms       int64 // rooms with a dispatcher now
	Listeners   int64 // subscriptions now
	RingBytes   int64 // kept ready of all rooms

	Entries  uint64 // entries dispatched
	Frames   uint64 // frames of entries made; each may go to many
	Blocked  uint64 // times a socket was full and was waited for apart
	Overruns uint64 // rooms begun anew because their dispatcher fell behind

	// Alarms counts judgements in which policy would have shown somebody what
	// the database's rows do not allow, and which went by the rows: a fault of
	// this program or of its database. Anything but 0 is to be looked into.
	Alarms uint64
	// Disagreements counts reads of a root that policy would have shown and
	// row-level security did not give out: narrowed while it was being read, or
	// the same fault.
	Disagreements uint64

	Resumed, Snapshots, Refused     uint64 // subscriptions, by how they were answered
	GapReads, RootReads, FoldReads  uint64 // reads of the journal
	GoneAway, Protocol, SignedOut   uint64 // connections ended, by close code
	TooSlow, Narrowed, TooMany, Cut uint64 // Cut: without one, the socket being dead or past recall
}

// Stats returns the counters.
func (h *Hub) Stats() Stats {
	m := h.metrics
	return Stats{
		Connections: m.connections.Load(), Rooms: m.rooms.Load(), Listeners: m.listeners.Load(),
		RingBytes: h.rings.Load(), Entries: m.entries.Load(), Frames: m.frames.Load(), Blocked: m.blocked.Load(), Overruns: m.overruns.Load(),
		Alarms: m.alarms.Load(), Disagreements: m.disagreements.Load(),
		Resumed: m.resumed.Load(), Snapshots: m.snapshots.Load(), Refused: m.refused.Load(),
		GapReads: m.gapReads.Load(), RootReads: m.rootReads.Load(), FoldReads: m.foldReads.Load(),
		GoneAway: m.goneAway.Load(), Protocol: m.protocol.Load(), SignedOut: m.signedOut.Load(),
		TooSlow: m.tooSlow.Load(), Narrowed: m.narrowed.Load(), TooMany: m.tooMany.Load(), Cut: m.cut.Load(),
	}
}
