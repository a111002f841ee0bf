// Package hub delivers a room's entries live. Each room that somebody listens
// to has one dispatcher: it takes the journal's groups in order, moves its
// copy of the roster, of everyone's sight and of the database's rows along,
// makes each entry's bytes once per form, and puts one ready frame in the queue
// of everyone who sees the same. Who sees what is judged by policy and once
// more by those rows (wall.go).
//
// What a listener may count on: entries come in order, each once, none left
// out, from the number it named; after the entry that removes somebody they
// get nothing more of the room; what they may not see comes as a stub. A
// listener that does not keep up is cut and resumes; it never slows another.
// A first connection and a reconnection go the same way.
//
// Whenever the hub cannot tell what a client may still hold (a gap too old, an
// entry nobody here has been shown, their own membership changed) it sends a
// fresh snapshot, which is always right.
package hub

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wardroom/server/doorbell"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/nextflight"
	"wardroom/server/presence"
	"wardroom/server/projection"
)

// source is the journal, as far as the hub uses it. Tests put themselves
// between the two to hold a read up.
type source interface {
	Watch(ctx context.Context, room incident.LogID, fn func(*journal.Group)) (*incident.Room, func(), error)
	Page(ctx context.Context, room incident.LogID, person incident.PersonID, q journal.Query) ([]journal.Row, error)
	Frontier(ctx context.Context, room incident.LogID) (size uint64, hashes [][32]byte, err error)
	Before(ctx context.Context, room incident.LogID, roots []incident.Seq) (map[incident.Seq]incident.Sight, error)
	Room(ctx context.Context, id incident.LogID) (*incident.Room, error)
	Mine(ctx context.Context, person incident.PersonID) ([]journal.Mine, error)
	Rows(ctx context.Context, room incident.LogID, roots []incident.Seq) ([]projection.Member, map[incident.Seq]*projection.Root, error)
	Refresh(log incident.LogID)
	Delivered(list ...journal.Delivery)
	Collect(fn func())
}

// Options are what a Hub needs.
type Options struct {
	Journal  source
	Presence *presence.Board // who is here; nil: nobody is told
	Doorbell *doorbell.Bell  // other nodes; nil: there are none, or polling finds out
	Log      *slog.Logger    // never given content, names of rooms or people
	// Seal says how far a room is sealed when its dispatcher begins; what comes
	// after that comes by Sealed. nil: nothing is sealed.
	Seal func(context.Context, incident.LogID) (*incident.Seal, error)

	Ring        int   // entries a room keeps ready; 0 means 1024
	QueueBytes  int   // what may wait for one listener; 0 means 1 MiB
	QueueFrames int   // and in how many frames; 0 means 256
	Rings       int64 // bytes of the rings of all rooms together; 0 means DefaultRings
}

// Hub holds this node's rooms and connections. It is safe for concurrent use.
type Hub struct {
	opt     Options
	log     *slog.Logger
	metrics *metrics
	writers *writers
	reaper  *reaper
	wheel   *wheel
	reads   chan struct{} // bounds the database reads of all rooms together
	sockets atomic.Uint64 // names connections to the presence board
	open    atomic.Int64  // sockets not yet closed
	alarmed atomic.Int64  // when the log last said that the walls disagree, in Unix nanoseconds

	ctx  context.Context // ends with the hub
	stop context.CancelFunc
	wg   sync.WaitGroup

	rings    atomic.Int64  // bytes of all rings
	crowded  chan struct{} // a token: they are over the budget
	lastTurn atomic.Uint64 // counts dispatches, to tell which room was used last

	folds *nextflight.Group[incident.LogID, *incident.Room]

	mu       sync.Mutex
	rooms    map[incident.LogID]*room
	conns    map[*Conn]struct{}
	draining bool
}

// maxReads is how many reads of the hub may be at the database at once.
const maxReads = 8

// ringBytes bounds what one room keeps ready, whatever the number of entries.
const ringBytes = 8 << 20

// New returns a hub that is running; Close ends it.
func New(opt Options) *Hub {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Ring == 0 {
		opt.Ring = 1024
	}
	if opt.QueueBytes == 0 {
		opt.QueueBytes = 1 << 20
	}
	if opt.QueueFrames == 0 {
		opt.QueueFrames = 256
	}
	if opt.Rings == 0 {
		opt.Rings = DefaultRings
	}
	h := &Hub{opt: opt, crowded: make(chan struct{}, 1), log: opt.Log, metrics: new(metrics), reads: make(chan struct{}, maxReads),
		rooms: map[incident.LogID]*room{}, conns: map[*Conn]struct{}{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.folds = nextflight.New(h.readFold, h.wg.Go).Pausing(foldPause)
	h.writers = newWriters(max(2, runtime.GOMAXPROCS(0)), h.metrics)
	h.reaper = newReaper(h)
	h.wheel = newWheel()
	h.wg.Go(func() { h.wheel.run(h.ctx, h) })
	h.wg.Go(func() { h.makeRoom(h.ctx) })
	opt.Journal.Collect(h.collect)
	return h
}

// Attach takes over the writing half of a socket, from after its handshake. It
// is ended with its session and its person from now on, and is told nothing of
// theirs before Admit. The caller goes on reading: it calls Heard for whatever
// comes, and Detach when reading ends.
func (h *Hub) Attach(s Sink, who Who) *Conn {
	c := &Conn{hub: h, who: who, sink: s, id: h.sockets.Add(1)}
	if s, ok := s.(syscall.Conn); ok {
		c.raw, _ = s.SyscallConn() // on error the slower way is taken
	}
	if s, ok := s.(interface{ SetWriteBuffer(int) error }); ok {
		s.SetWriteBuffer(sendBuffer)
	}
	c.Heard()
	h.open.Add(1)
	h.mu.Lock()
	late := h.draining
	h.conns[c] = struct{}{}
	h.mu.Unlock()
	h.metrics.connections.Add(1)
	h.wheel.add(c)
	if late {
		c.Close(GoAway, "going away")
	}
	return c
}

// forget takes an ended connection off every list. The reaper calls it once.
func (h *Hub) forget(c *Conn) {
	h.mu.Lock()
	_, known := h.conns[c]
	delete(h.conns, c)
	h.mu.Unlock()
	if !known {
		return
	}
	h.metrics.connections.Add(-1)
	h.handOver(c.taken())
	h.wheel.remove(c)
	c.mu.Lock()
	listeners := c.listeners
	c.listeners = nil
	c.mu.Unlock()
	for _, l := range listeners {
		l.leave()
	}
}

// each calls fn with every connection for which pick is true.
func (h *Hub) each(pick func(*Conn) bool, fn func(*Conn)) {
	h.mu.Lock()
	var picked []*Conn
	for c := range h.conns {
		if pick(c) {
			picked = append(picked, c)
		}
	}
	h.mu.Unlock()
	for _, c := range picked {
		fn(c)
	}
}

// CutSessions ends every socket of these sessions at once.
func (h *Hub) CutSessions(ids ...string) {
	dead := make(map[string]bool, len(ids))
	for _, id := range ids {
		dead[id] = true
	}
	h.each(func(c *Conn) bool { return dead[c.who.Session] }, func(c *Conn) { c.cut(SignedOut, "signed out") })
}

// CutPerson ends every socket of the person at once.
func (h *Hub) CutPerson(p incident.PersonID) {
	h.each(func(c *Conn) bool { return c.who.Person == p }, func(c *Conn) { c.cut(SignedOut, "signed out") })
}

// Sessions lists the sessions that have a socket here, each once: whose end
// must reach this node.
func (h *Hub) Sessions() []string {
	seen := map[string]bool{}
	var ids []string
	h.each(func(c *Conn) bool { return true }, func(c *Conn) {
		if !seen[c.who.Session] {
			seen[c.who.Session] = true
			ids = append(ids, c.who.Session)
		}
	})
	return ids
}

// Tell sends a text frame of JSON to every socket of the person that was
// admitted on this node, but one; except may be nil.
func (h *Hub) Tell(p incident.PersonID, except *Conn, json []byte) {
	m := frame(opText, json)
	h.each(func(c *Conn) bool { return c.who.Person == p && c != except && c.admitted.Load() }, func(c *Conn) { c.enqueue(nil, m) })
}

// drainSpread is over how long clients are asked to spread their coming back;
// with the browser's own quarter of a second they are back within two.
const drainSpread = 1500 * time.Millisecond

// Drain tells every client to come back after a wait of its own, lets what is
// queued go out and closes the sockets; those that ctx ends before are reset.
// Whoever attaches from now on is sent away.
func (h *Hub) Drain(ctx context.Context) error {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	h.each(func(*Conn) bool { return true }, func(c *Conn) {
		c.enqueue(nil, goawayFrame(rand.N(drainSpread)))
		c.Close(GoAway, "going away")
	})
	select {
	case <-h.reaper.empty():
		return nil
	case <-ctx.Done():
		h.each(func(*Conn) bool { return true }, (*Conn).abort)
		return ctx.Err()
	}
}

// Close ends every connection and room. What has not gone out does not.
func (h *Hub) Close() {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	h.each(func(*Conn) bool { return true }, (*Conn).abort)
	h.stop()
	h.wg.Wait() // joins, dispatchers and the wheel; none of them adds another
	h.reaper.close()
	h.writers.close()
}

var errKeptBack = errors.New("hub: the record keeps back what policy would show")

func asRefusal(err error) (*incident.Error, bool) {
	var refused *incident.Error
	ok := errors.As(err, &refused)
	return refused, ok
}
