package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/projection"
	"wardroom/server/trail"
)

// Bounds of a room's inbox. The dispatcher only makes bytes and fills queues,
// so it falls this far behind only if the machine is out of breath; then the
// room begins anew and its listeners resume.
const (
	maxInbox = 16 << 10 // entries
	maxBatch = 512      // entries dispatched in one go
)

// lull is how long a room without listeners keeps its ring.
const lull = time.Minute

// room is the dispatcher of one room.
type room struct {
	hub  *Hub
	id   incident.LogID
	stop context.CancelFunc

	ready chan struct{} // closed when begun; err says how
	err   error

	inMu   sync.Mutex
	in     []*journal.Group // handed over by the journal, not yet dispatched
	behind int              // entries in it
	newer  bool             // the log goes on with what this server cannot read
	bell   chan struct{}    // one token: there is something in it

	mu        sync.Mutex
	over      bool           // has ended; whoever wants the room begins another
	fold      *incident.Room // at head; never changed, only replaced
	wall      *wall          // at head
	head      incident.Seq
	floor     incident.Seq // nobody joins before the head has come here; set by begin
	shown     map[openedKey]message
	seal      *incident.Seal // as listeners know it, and snapshots say; nil for none
	framed    sealFramed
	unsaid    *incident.Seal // to be told when the head has come as far
	edge      edge           // of size head+1, or larger until the dispatcher has caught up
	ring      ring
	weighed   int          // bytes of the ring that the node's account has
	lastTurn  uint64       // the hub's count when it was last used
	start     incident.Seq // the newest history start of anybody present
	spans     map[[2]incident.Seq]*span
	listeners map[*listener]struct{}
	awaiting  []awaiting
	erasures  uint64                   // how many were dispatched: what was read before one may hold what it erased
	objects   map[incident.Seq]*object // roots read since the last turn, for those to whom they were opened
	empty     time.Time                // since when nobody listens

	filling chan struct{}   // closed when the read before the ring has ended; nil: none under way
	blind   [2]incident.Seq // by host: the newest entry such a reader was not given

	here hereabouts
}

type awaiting struct {
	seq incident.Seq
	ch  chan struct{}
}

// room returns the room's dispatcher, beginning it if need be.
func (h *Hub) room(ctx context.Context, id incident.LogID) (*room, error) {
	h.mu.Lock()
	r := h.rooms[id]
	if r == nil {
		if h.draining {
			h.mu.Unlock()
			return nil, incident.Refuse(incident.Unavailable, "This server is going away. Come back in a moment.")
		}
		r = &room{hub: h, id: id, ready: make(chan struct{}), bell: make(chan struct{}, 1), empty: time.Now(),
			spans: map[[2]incident.Seq]*span{}, listeners: map[*listener]struct{}{}, objects: map[incident.Seq]*object{}, shown: map[openedKey]message{}}
		h.rooms[id] = r
		h.wg.Go(r.run)
	}
	h.mu.Unlock()
	select {
	case <-r.ready:
		return r, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run begins the room and dispatches until it ends.
func (r *room) run() {
	ctx, cancel := context.WithCancel(r.hub.ctx)
	defer cancel()
	r.stop = cancel
	unwatch, err := r.begin(ctx)
	if err != nil {
		r.err = err
		r.hub.drop(r)
		close(r.ready)
		return
	}
	defer unwatch()
	r.hub.metrics.rooms.Add(1)
	defer r.hub.metrics.rooms.Add(-1)
	if b := r.hub.opt.Doorbell; b != nil {
		defer b.Listen(r.id, r.rung)()
	}
	if p := r.hub.opt.Presence; p != nil {
		defer p.Watch(r.id, r.presenceChanged)()
	}
	close(r.ready)
	for {
		select {
		case <-ctx.Done():
			r.end()
			return
		case <-r.bell:
		}
		groups, ok := r.take()
		if !ok {
			r.hub.metrics.overruns.Add(1)
			boundInbox.Hit()
			r.hub.log.Warn("a room's dispatcher fell behind and begins anew")
			r.end()
			return
		}
		for len(groups) > 0 {
			n := batch(groups)
			if !r.dispatch(groups[:n]) {
				r.hub.metrics.overruns.Add(1)
				r.hub.log.Error("the journal left entries out; the room begins anew")
				r.end()
				return
			}
			groups = groups[n:]
		}
		if r.isNewer() {
			r.endWith(GoAway, "come back")
			return
		}
	}
}

func (r *room) isNewer() bool {
	r.inMu.Lock()
	defer r.inMu.Unlock()
	return r.newer
}

// begin starts watching. The rows and then the frontier are asked for after
// that, so they may be ahead of the fold; the dispatcher then catches up with
// them, and nobody joins before.
func (r *room) begin(ctx context.Context) (unwatch func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	at, unwatch, err := r.hub.opt.Journal.Watch(ctx, r.id, r.receive)
	if err != nil {
		return nil, err
	}
	members, told, err := r.hub.opt.Journal.Rows(ctx, r.id, tellsOf(at))
	if err != nil {
		unwatch()
		return nil, err
	}
	size, hashes, err := r.hub.opt.Journal.Frontier(ctx, r.id)
	if err != nil {
		unwatch()
		return nil, err
	}
	seal := r.beginSeal(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unsaid = seal
	r.fold, r.wall, r.head, r.edge = at, newWall(members, told), at.Head, edge{size, hashes}
	r.start = newestStart(at)
	r.floor = max(at.Head, incident.Seq(size-1))
	r.sealed()
	return unwatch, nil
}

// readWait bounds one read of the journal.
const readWait = 20 * time.Second

// receive takes a group from the journal's writer. It never blocks.
func (r *room) receive(g *journal.Group) {
	r.inMu.Lock()
	r.newer = r.newer || g.Newer
	if g.Newer {
		// Listeners come back to whichever server is told to answer them.
	} else if r.behind <= maxInbox {
		r.in = append(r.in, g)
	} else {
		r.in = nil // too much: take reports it
	}
	r.behind += len(g.Entries)
	r.inMu.Unlock()
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

func (r *room) take() (groups []*journal.Group, ok bool) {
	r.inMu.Lock()
	defer r.inMu.Unlock()
	groups, ok = r.in, r.behind <= maxInbox || r.in != nil
	r.in, r.behind = nil, 0
	return groups, ok
}

// rung is the doorbell: another node says that the log has so many entries.
func (r *room) rung(size uint64) {
	r.mu.Lock()
	behind := size > uint64(r.head)+1
	r.mu.Unlock()
	if behind {
		r.hub.opt.Journal.Refresh(r.id)
	}
}

// drop takes the room off the hub's list, so that the next to want it begins
// another.
func (h *Hub) drop(r *room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.rooms[r.id] == r {
		delete(h.rooms, r.id)
	}
}

// end sends everyone away, to come back and resume.
func (r *room) end() { r.endWith(TooSlow, "come back") }

func (r *room) endWith(code Code, why string) {
	r.hub.drop(r)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	r.hub.rings.Add(-int64(r.weighed))
	r.weighed = 0
	for l := range r.listeners {
		l.conn.cut(code, why)
		r.remove(l)
	}
	for _, a := range r.awaiting {
		close(a.ch)
	}
	r.awaiting = nil
	r.here.stop()
}

// idle ends rooms nobody has listened to for a while.
func (h *Hub) idle(now time.Time) {
	h.mu.Lock()
	var rooms []*room
	for _, r := range h.rooms {
		rooms = append(rooms, r)
	}
	h.mu.Unlock()
	for _, r := range rooms {
		r.mu.Lock()
		lonely := r.fold != nil && !r.over && len(r.listeners) == 0 && now.Sub(r.empty) > lull
		if lonely {
			r.over = true
			r.stop()
		}
		r.mu.Unlock()
		if lonely {
			h.drop(r)
		}
	}
}

var errOver = errors.New("hub: the room has begun anew")

// reached waits until the dispatcher is at seq.
func (r *room) reached(ctx context.Context, seq incident.Seq) error {
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		return errOver
	}
	if r.head >= seq {
		r.mu.Unlock()
		return nil
	}
	ch := make(chan struct{})
	r.awaiting = append(r.awaiting, awaiting{seq, ch})
	r.mu.Unlock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// batch says how many groups to dispatch together: as many as change nobody's
// sight, since all their entries are then judged alike; or one that does.
func batch(groups []*journal.Group) int {
	total := 0
	for n, g := range groups {
		total += len(g.Entries)
		if turns(g) || total > maxBatch {
			return max(n, 1)
		}
	}
	return len(groups)
}

// turns reports whether a group changes who sees what.
func turns(g *journal.Group) bool {
	for i := range g.Entries {
		if g.Entries[i].Marked || g.Entries[i].Member != 0 {
			return true
		}
	}
	return false
}

// dispatch takes the groups in and hands every listener their part. It
// reports false if the groups do not join on to the head.
func (r *room) dispatch(groups []*journal.Group) bool {
	var fresh []*entry // made outside the lock: only the dispatcher moves the head
	var written []*journal.Written
	var members []projection.Member
	var left []policy.Forms
	next := r.head + 1
	for _, g := range groups {
		members = append(members, g.Members...)
		for i := range g.Entries {
			w := &g.Entries[i]
			seq := incident.Seq(w.Entry.Seq)
			if seq < next {
				continue // known from the fold we began at
			}
			if seq > next {
				return false
			}
			e := newEntry(policy.AllForms(w.Entry), w.Root, facts{w.Sight, w.Stored})
			e.member = w.Member
			r.noted(e, w.Noter, groups[len(groups)-1].Room)
			fresh, written = append(fresh, e), append(written, w)
			if w.Erased != nil {
				left = append(left, policy.AllForms(*w.Erased))
			}
			next++
		}
	}
	if len(fresh) == 0 {
		return true
	}
	after := groups[len(groups)-1].Room
	_, span := trail.Start(context.Background(), dispatchName, groups[len(groups)-1].Trail)
	defer span.End(nil)
	span.Count(entriesKey, len(fresh))
	r.mu.Lock()
	defer r.mu.Unlock()
	span.Count(listenersKey, len(r.listeners))
	t := r.advance(after, fresh, written, members)
	t.committed = groups[len(groups)-1].Committed
	r.erase(t, left)
	r.weigh()
	r.fanOut(t)
	if !t.committed.IsZero() {
		toQueues.Since(t.committed)
	}
	r.sealed()
	r.settle()
	r.hub.metrics.entries.Add(uint64(len(fresh)))
	return true
}

// erase puts what is left of entries in their place in the ring. Whatever was
// read before, or is being read, may hold the rest: it is not used.
func (r *room) erase(t *turn, left []policy.Forms) {
	if len(left) == 0 {
		return
	}
	for _, forms := range left {
		r.ring.erase(forms)
	}
	t.erases = true
	r.erasures++
	clear(r.objects)
}

// A turn is what one dispatch changes.
type turn struct {
	erases bool
	turns  bool // somebody may see something else than before
	lo     incident.Seq
	moves  []*entry // the first to move each root older than lo

	committed time.Time // when this node had the newest of it committed; zero for another's
}

// advance moves the roster, everyone's sight, the rows and the ring on.
func (r *room) advance(after *incident.Room, fresh []*entry, written []*journal.Written, members []projection.Member) *turn {
	t := &turn{lo: r.head + 1}
	for i, e := range fresh {
		w := written[i]
		t.turns = t.turns || w.Marked || w.Member != 0
		if !w.Marked || w.Root >= t.lo {
			continue // what began in this very turn nobody holds any of
		}
		e.moves = true
		if w.Was != nil {
			e.was = past(*w.Was)
		}
		if !slices.ContainsFunc(t.moves, func(o *entry) bool { return o.root == w.Root }) {
			t.moves = append(t.moves, e)
		}
	}
	r.fold = after
	if len(members) > 0 {
		r.wall.move(members)
	}
	r.wall.follow(after, fresh)
	for i, e := range fresh {
		if written[i].Marked {
			r.ring.see(e.root, e.facts)
		}
		r.ring.push(e, r.hub.opt.Ring)
		r.head++
		if uint64(e.seq) >= r.edge.size {
			r.edge.append(written[i].Leaf)
		}
	}
	if t.turns {
		r.start = newestStart(after)
		clear(r.objects)
	}
	clear(r.spans)
	clear(r.shown)
	r.lastTurn = r.hub.lastTurn.Add(1)
	return t
}

// settle wakes those who waited for the head to come this far.
func (r *room) settle() {
	kept := r.awaiting[:0]
	for _, a := range r.awaiting {
		if a.seq <= r.head {
			close(a.ch)
		} else {
			kept = append(kept, a)
		}
	}
	clear(r.awaiting[len(kept):])
	r.awaiting = kept
}

// newestStart is the newest history start of anybody present.
func newestStart(fold *incident.Room) (s incident.Seq) {
	for _, m := range fold.Members {
		if m.Present() {
			s = max(s, m.Start)
		}
	}
	return s
}

// fanOut hands every listener what the turn brings them. Whoever may no
// longer see a thing is cut off first if anything of the room is still on its
// way to them.
func (r *room) fanOut(t *turn) {
	run := &telling{[]told{{journal.Live, t.lo, r.head}}, t.committed} // shared by all who are told it
	var ready line
	defer func() { r.hub.writers.add(ready) }()
	for l := range r.listeners {
		v, ok := r.viewer(l.person)
		if !ok {
			r.revoke(l)
			continue
		}
		if (t.erases || r.narrows(t.moves, v)) && l.conn.recall(r) { // those who have nothing unsent learn of an erasure by its entry
			r.remove(l)
			continue
		}
		if !l.live {
			continue // its own catching-up will come to this
		}
		if t.lo < r.ring.first(r.head) { // the turn brought more than the ring holds
			r.fallBack(l, t.lo-1)
			continue
		}
		what := run
		var (
			frames  []message
			more    []told
			missing incident.Seq
			reset   bool
		)
		if t.turns {
			frames, more, missing, reset = r.story(v, t.lo-1, t.lo-1, r.head, false, nil)
		} else {
			frames = r.events(t.lo, r.head, v) // all that the story would be
		}
		switch {
		case missing != 0:
			r.fallBack(l, t.lo-1)
			continue
		case reset:
			frames = append(frames, r.snapshot(v))
			what = &telling{told: append(more, told{journal.State, r.head, r.head})}
		case len(more) > 0:
			what = &telling{append(slices.Clone(run.told), more...), run.born}
		}
		if l.conn.tellIn(r, v.Number, what, frames) {
			if ready.push(l.conn); ready.n == some {
				r.hub.writers.add(ready)
				ready = line{}
			}
		}
	}
}

// revoke ends a subscription of somebody who is no longer in the room.
func (r *room) revoke(l *listener) {
	l.conn.revoke(r, revokedFrame(r.id))
	r.remove(l)
}

// remove takes a listener off the room's list.
func (r *room) remove(l *listener) {
	if _, ok := r.listeners[l]; !ok {
		return
	}
	delete(r.listeners, l)
	l.cancel()
	l.conn.unlist(l)
	r.hub.metrics.listeners.Add(-1)
	if len(r.listeners) == 0 {
		r.empty = time.Now()
	}
	r.departed(l)
}

// events returns the frames of the entries lo to hi as the viewer sees them.
// They are shared by all who see the same; to append to the slice copies it.
func (r *room) events(lo, hi incident.Seq, v viewer) []message {
	key := [2]incident.Seq{lo, hi}
	s := r.spans[key]
	if s == nil {
		if len(r.spans) >= 64 {
			clear(r.spans)
		}
		s = newSpan(r.ring.between(lo, hi, r.head), r.start, r.wall.start)
		r.spans[key] = s
	}
	var few [64]byte
	mask := few[:0]
	for _, e := range s.classes {
		mask = append(mask, byte(r.form(v, e)))
	}
	frames, ok := s.frames[string(mask)]
	if !ok {
		frames = eventFrames(r.id, s.fragments(mask))
		s.frames[string(mask)] = frames
		r.hub.metrics.frames.Add(uint64(len(frames)))
	}
	return frames[:len(frames):len(frames)]
}

// snapshot is the room as the viewer sees it now.
func (r *room) snapshot(v viewer) message {
	return snapshotFrame(r.id, r.head, r.edge.size, r.edge.hashes, r.seal, r.state(v))
}
