package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// listener is one subscription of one connection.
type listener struct {
	conn   *Conn
	id     incident.LogID
	person incident.PersonID
	room   atomic.Pointer[room] // nil until admitted

	// While it is caught up; an idle subscription holds nothing of it.
	way  sync.Mutex
	stop context.CancelFunc // ends the catching-up that is under way; nil for none
	gone bool               // the subscription has ended

	// Guarded by the room's mu.
	live     bool              // gets what the dispatcher hands out
	number   incident.MemberNo // by which the presence board knows them; 0: not on it
	presence message           // the presence frame sent last
}

// part is how many bytes of a long gap are queued at a time.
const part = 128 << 10

// Subscribe asks for a room: from after its number on, or with a snapshot if
// after is nil. The answer comes as frames; a room that is missing, or not
// theirs, is refused with the one answer for both. Subscribing again to the
// same room begins anew. Who was not admitted gets none.
func (c *Conn) Subscribe(id incident.LogID, after *incident.Seq) {
	l := &listener{conn: c, id: id, person: c.who.Person}
	c.mu.Lock()
	if c.state != live || !c.admitted.Load() {
		c.mu.Unlock()
		return
	}
	var old *listener
	if i := slices.IndexFunc(c.listeners, func(o *listener) bool { return o.id == id }); i >= 0 {
		old = c.listeners[i]
		c.listeners = slices.Delete(c.listeners, i, i+1)
	}
	if len(c.listeners) >= maxRooms {
		boundRooms.Hit()
		c.mu.Unlock()
		c.Refuse(id, incident.Refuse(incident.TooMany, "That is more rooms than one connection can listen to."))
		return
	}
	c.listeners = append(c.listeners, l)
	c.hub.wg.Go(func() { // under mu: so it is counted before the hub can wait for it
		if old != nil {
			old.leave()
		}
		l.join(after)
	})
	c.mu.Unlock()
}

// Unsubscribe ends a subscription, if there is one.
func (c *Conn) Unsubscribe(id incident.LogID) {
	if l := c.listener(id); l != nil {
		c.unlist(l)
		l.leave()
	}
}

func (c *Conn) listener(id incident.LogID) *listener {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.listeners {
		if l.id == id {
			return l
		}
	}
	return nil
}

func (c *Conn) unlist(l *listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.listeners, l); i >= 0 {
		c.listeners = slices.Delete(c.listeners, i, i+1)
	}
}

// leave ends the subscription from the client's side.
func (l *listener) leave() {
	l.cancel()
	if r := l.room.Load(); r != nil {
		r.mu.Lock()
		r.remove(l)
		r.mu.Unlock()
	}
}

// join admits the listener and brings it to the head. One connection's joins
// come one after the other, so that together they cannot fill its queue.
func (l *listener) join(after *incident.Seq) {
	l.conn.joins.Lock()
	defer l.conn.joins.Unlock()
	l.onTheWay(func(ctx context.Context) (err error) {
		for range 3 {
			var r *room
			if r, err = l.admit(ctx); err == nil {
				err = l.catchUp(ctx, r, after)
			}
			if !errors.Is(err, errOver) {
				break
			}
		}
		return err
	})
}

// onTheWay calls bring with a context that ends with the subscription. One
// that could not be brought to the head ends.
func (l *listener) onTheWay(bring func(context.Context) error) {
	ctx, stop := context.WithCancel(l.conn.hub.ctx)
	defer stop()
	l.way.Lock()
	l.stop = stop
	gone := l.gone
	l.way.Unlock()
	if gone {
		return
	}
	err := bring(ctx)
	l.way.Lock()
	l.stop = nil
	l.way.Unlock()
	if err != nil && ctx.Err() == nil {
		l.finish(err)
	}
}

// cancel marks the subscription as ended, and ends what brings it to the head.
func (l *listener) cancel() {
	l.way.Lock()
	defer l.way.Unlock()
	l.gone = true
	if l.stop != nil {
		l.stop()
	}
}

func (l *listener) left() bool {
	l.way.Lock()
	defer l.way.Unlock()
	return l.gone
}

// finish ends a subscription that could not be brought to the head.
func (l *listener) finish(err error) {
	l.conn.unlist(l)
	l.leave()
	l.conn.hub.metrics.refused.Add(1)
	if _, ok := asRefusal(err); !ok {
		err = incident.Refuse(incident.Unavailable, "The room cannot be read just now. Try again in a moment.")
	}
	l.conn.Refuse(l.id, err)
}

// hidden is what somebody is told whose subscription could not be judged by the
// room, since it cannot be read here. That it is there at all is for those who
// the rows say are in it.
func (l *listener) hidden(ctx context.Context, err error) error {
	if incident.FaultOf(err) == incident.NotFound {
		return err
	}
	var in []journal.Mine
	read := l.conn.hub.read(ctx, func(ctx context.Context) (err error) {
		in, err = l.conn.hub.opt.Journal.Mine(ctx, l.person)
		return err
	})
	if read != nil {
		return read // nobody can be told anything
	}
	if !slices.ContainsFunc(in, func(m journal.Mine) bool { return m.Room == l.id && m.State == incident.Joined }) {
		return incident.Missing()
	}
	return err
}

// admit judges membership by the record as it stands now, and puts the
// listener on the list of a dispatcher that has come as far.
func (l *listener) admit(ctx context.Context) (*room, error) {
	h := l.conn.hub
	fold, err := h.foldOf(ctx, l.id)
	if err != nil {
		return nil, l.hidden(ctx, err)
	}
	if !fold.Member(l.person).Present() {
		return nil, incident.Missing()
	}
	r, err := h.room(ctx, l.id)
	if err != nil {
		return nil, err
	}
	bound, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	if err := r.reached(bound, max(fold.Head, r.floor)); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil, errOver
	}
	if _, ok := r.viewer(l.person); !ok {
		return nil, incident.Missing()
	}
	r.listeners[l] = struct{}{}
	h.metrics.listeners.Add(1)
	l.room.Store(r)
	if l.left() { // left meanwhile; leave either saw the room or is seen here
		r.remove(l)
	}
	return r, nil
}

// catchUp sends what the listener has not had, in parts no larger than its
// queue bears, and lets the dispatcher take over without gap or repeat.
func (l *listener) catchUp(ctx context.Context, r *room, after *incident.Seq) error {
	j := &joining{l: l, r: r, fresh: after == nil}
	if after != nil {
		j.from, j.at, j.again = *after, *after, true
	}
	return j.run(ctx)
}

// fallBack takes a live listener back to catching up, from before a turn that
// needs a read.
func (r *room) fallBack(l *listener, at incident.Seq) {
	l.live = false
	j := &joining{l: l, r: r, from: at, at: at}
	r.hub.wg.Go(func() { // counted: the dispatcher, which calls this, is
		l.conn.joins.Lock()
		defer l.conn.joins.Unlock()
		l.onTheWay(j.run)
	})
}

func (j *joining) run(ctx context.Context) error {
	l := j.l
	for {
		select {
		case <-l.conn.short():
		case <-ctx.Done():
			return nil
		}
		next, err := j.step()
		if err != nil || next == nil {
			return err
		}
		if err := next(ctx); err != nil {
			return err
		}
	}
}

// joining is one listener on its way to the head.
type joining struct {
	l     *listener
	r     *room
	fresh bool                     // a snapshot it will be
	from  incident.Seq             // what the client had
	at    incident.Seq             // what has been queued
	again bool                     // what follows from may not have reached the client
	since incident.Seq             // the head by which the first part was judged
	fills int                      // reads of the gap
	reads int                      // reads of roots
	roots map[incident.Seq]*object // read for opened frames
}

// step queues one part. It returns what must be done outside the lock before
// the next; nil when the listener is live, or gone.
func (j *joining) step() (next func(context.Context) error, err error) {
	r, l := j.r, j.l
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil, errOver
	}
	if _, here := r.listeners[l]; !here {
		return nil, nil
	}
	v, _ := r.viewer(l.person) // in the room: or they would not be on the list
	if !j.fresh {
		next = j.resume(v)
	}
	if j.fresh {
		l.conn.tell(r, v.Number, &telling{told: []told{{journal.State, r.head, r.head}}}, r.snapshot(v), caughtUpFrame(r.id, r.head))
		r.hub.metrics.snapshots.Add(1)
		r.arrive(l, v.Member)
		return nil, nil
	}
	return next, nil
}

// resume queues the next part of the gap and returns what comes before the
// one after it, a read or nothing; nil when the listener is live. If the gap
// cannot be filled it sets fresh.
func (j *joining) resume(v viewer) (next func(context.Context) error) {
	r, l := j.r, j.l
	needs := j.at + 1
	if j.again && j.at > 0 {
		needs = j.at
	}
	switch first := r.ring.first(r.head); {
	case j.at > r.head, j.at > j.from && r.turned(v, j.since, j.at):
		// Ahead of the log; or what was sent they would be sent otherwise now.
		j.fresh = true
		return nil
	case needs < first:
		host := hostIndex(v.Member)
		if r.head-needs >= incident.Seq(r.hub.opt.Ring) || j.fills == maxFills || needs <= r.blind[host] {
			if j.fills == maxFills {
				boundRoots.Hit()
			}
			j.fresh = true
			return nil
		}
		j.fills++
		return func(ctx context.Context) error { return r.fill(ctx, needs-1, l.person, host) }
	}
	if j.at == j.from {
		j.since = r.head
	}
	hi := r.reach(j.at)
	frames, more, missing, reset := r.story(v, j.from, j.at, hi, j.again, j.roots)
	switch {
	case reset:
		j.fresh = true
		return nil
	case missing != 0:
		return func(ctx context.Context) error { return j.read(ctx, missing) }
	}
	j.again = false
	what := more
	if j.at < hi {
		what = append([]told{{journal.Live, j.at + 1, hi}}, more...)
	}
	if hi < r.head {
		l.conn.tell(r, v.Number, &telling{told: what}, frames...)
		j.at = hi
		return func(context.Context) error { return nil }
	}
	frames = append(frames[:len(frames):len(frames)], caughtUpFrame(r.id, r.head))
	if r.seal != nil {
		frames = append(frames, r.sealFrame()) // who resumes may have missed it
	}
	l.conn.tell(r, v.Number, &telling{told: what}, frames...)
	r.hub.metrics.resumed.Add(1)
	r.arrive(l, v.Member)
	return nil
}

// read fetches a root that was opened to the listener and is older than the
// ring. What the record keeps back is met by a snapshot.
func (j *joining) read(ctx context.Context, root incident.Seq) error {
	if j.reads++; j.reads > maxRoots {
		boundRoots.Hit()
		j.fresh = true
		return nil
	}
	o, err := j.r.object(ctx, root, j.l.person)
	if errors.Is(err, errKeptBack) {
		j.fresh = true
		return nil
	}
	if err != nil {
		return err
	}
	if j.roots == nil {
		j.roots = map[incident.Seq]*object{}
	}
	j.roots[root] = o
	return nil
}

// More reads than this for one gap are given up for a snapshot.
const (
	maxFills = 3
	maxRoots = 16
)

// reach returns how far one part from at goes.
func (r *room) reach(at incident.Seq) incident.Seq {
	if at >= r.head {
		return r.head
	}
	n := 0
	for _, e := range r.ring.between(at+1, r.head, r.head) {
		if n += len(e.bytes[policy.Open]); n > part && at+1 < e.seq {
			return e.seq - 1
		}
	}
	return r.head
}

func hostIndex(m *incident.Member) int {
	if m.Host {
		return 1
	}
	return 0
}
