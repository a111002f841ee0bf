package hub

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// listener is one subscription of one connection.
type listener struct {
	conn   *Conn
	id     incident.LogID
	person incident.PersonID
	room   atomic.Pointer[room] // nil until admitted
	ctx    context.Context      // ends with the subscription
	cancel context.CancelFunc

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
// same room begins anew.
func (c *Conn) Subscribe(id incident.LogID, after *incident.Seq) {
	l := &listener{conn: c, id: id, person: c.who.Person}
	l.ctx, l.cancel = context.WithCancel(c.hub.ctx)
	c.mu.Lock()
	if c.state != live {
		c.mu.Unlock()
		l.cancel()
		return
	}
	var old *listener
	if i := slices.IndexFunc(c.listeners, func(o *listener) bool { return o.id == id }); i >= 0 {
		old = c.listeners[i]
		c.listeners = slices.Delete(c.listeners, i, i+1)
	}
	if len(c.listeners) >= maxRooms {
		c.mu.Unlock()
		l.cancel()
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
	var err error
	for range 3 {
		var r *room
		if r, err = l.admit(); err == nil {
			err = l.catchUp(r, after)
		}
		if !errors.Is(err, errOver) {
			break
		}
	}
	if err == nil || l.ctx.Err() != nil {
		return
	}
	l.conn.unlist(l)
	l.leave()
	l.conn.hub.metrics.refused.Add(1)
	if _, ok := asRefusal(err); !ok {
		err = incident.Refuse(incident.Unavailable, "The room cannot be read just now. Try again in a moment.")
	}
	l.conn.Refuse(l.id, err)
}

// admit judges membership by the record as it stands now, and puts the
// listener on the list of a dispatcher that has come as far.
func (l *listener) admit() (*room, error) {
	h := l.conn.hub
	fold, err := h.foldOf(l.ctx, l.id)
	if err != nil {
		return nil, err
	}
	if !fold.Member(l.person).Present() {
		return nil, incident.Missing()
	}
	r, err := h.room(l.ctx, l.id)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(l.ctx, readWait)
	defer cancel()
	if err := r.reached(ctx, max(fold.Head, r.floor)); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil, errOver
	}
	if !r.fold.Member(l.person).Present() {
		return nil, incident.Missing()
	}
	r.listeners[l] = struct{}{}
	h.metrics.listeners.Add(1)
	l.room.Store(r)
	if l.ctx.Err() != nil { // left meanwhile; leave either saw the room or is seen here
		r.remove(l)
	}
	return r, nil
}

// catchUp sends what the listener has not had, in parts no larger than its
// queue bears, and lets the dispatcher take over without gap or repeat.
func (l *listener) catchUp(r *room, after *incident.Seq) error {
	j := &joining{l: l, r: r}
	if after == nil {
		j.fresh = true
	} else {
		j.from, j.at = *after, *after
	}
	for {
		select {
		case <-l.conn.short():
		case <-l.ctx.Done():
			return nil
		}
		next, err := j.step()
		if err != nil || next == nil {
			return err
		}
		if err := next(); err != nil {
			return err
		}
	}
}

// joining is one listener on its way to the head.
type joining struct {
	l     *listener
	r     *room
	fresh bool         // a snapshot it will be
	from  incident.Seq // what the client had
	at    incident.Seq // what has been queued
	turns uint64       // the room's count of turns when the first part was
	fills int
	roots map[incident.Seq]*object // read for opened frames
}

// step queues one part. It returns what must be done outside the lock before
// the next; nil when the listener is live, or gone.
func (j *joining) step() (next func() error, err error) {
	r, l := j.r, j.l
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		return nil, errOver
	}
	if _, here := r.listeners[l]; !here {
		return nil, nil
	}
	m := r.fold.Member(l.person) // present: or they would not be on the list
	if !j.fresh {
		next = j.resume(m)
	}
	if next != nil || l.live {
		return next, nil
	}
	if j.fresh {
		l.conn.enqueue(r, r.snapshot(m), caughtUpFrame(r.id, r.head))
		r.hub.metrics.snapshots.Add(1)
		r.arrive(l, m)
		return nil, nil
	}
	return func() error { return nil }, nil
}

// resume queues the next part of the gap. If that is not possible it sets
// fresh. It returns a read that must come first, or nil.
func (j *joining) resume(m *incident.Member) (read func() error) {
	r, l := j.r, j.l
	switch first := r.ring.first(r.head); {
	case j.at > r.head, j.at > j.from && j.turns != r.turns:
		// Ahead of the log; or what was sent was judged before a turn.
		j.fresh = true
		return nil
	case j.at+1 < first:
		host := hostIndex(m)
		if r.head-j.at > incident.Seq(r.hub.opt.Ring) || j.fills == maxFills || j.at < r.blind[host] {
			j.fresh = true
			return nil
		}
		j.fills++
		return func() error { return r.fill(l.ctx, j.at, l.person, host) }
	}
	j.turns = r.turns
	if hi := r.reach(j.at); hi < r.head {
		l.conn.enqueue(r, r.events(j.at+1, hi, m)...)
		j.at = hi
		return nil
	}
	tail, read := j.tail(m)
	if read != nil || j.fresh {
		return read
	}
	var frames []message
	if j.at < r.head {
		frames = r.events(j.at+1, r.head, m)
	}
	frames = append(append(frames, tail...), caughtUpFrame(r.id, r.head))
	l.conn.enqueue(r, frames...)
	r.hub.metrics.resumed.Add(1)
	r.arrive(l, m)
	return nil
}

const maxFills = 3

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

// tail makes the opened and withdrawn frames that follow the entries of the
// gap, by what the member may see now and could see before.
func (j *joining) tail(m *incident.Member) (frames []message, read func() error) {
	r := j.r
	if j.from >= r.head {
		return nil, nil
	}
	done := map[incident.Seq]bool{}
	if r.ring.first(r.head) > j.from+1 { // cut short while parts went out
		j.fresh = true
		return nil, nil
	}
	for _, e := range r.ring.between(j.from+1, r.head, r.head) {
		if e.member == m.Root {
			j.fresh = true // their own membership changed
			return nil, nil
		}
		root := e.sight.Root
		if !e.moves || root > j.from || done[root] {
			continue
		}
		done[root] = true
		switch r.follow(e, m) {
		case openedWord:
			f, ok := r.opened(root, r.sees(m, e.sight), j.roots[root])
			if !ok {
				return nil, func() (err error) {
					if j.roots == nil {
						j.roots = map[incident.Seq]*object{}
					}
					j.roots[root], err = r.readRoot(j.l.ctx, root, j.l.person)
					return err
				}
			}
			frames = append(frames, f)
		case withdrawnWord:
			frames = append(frames, withdrawnFrame(r.id, root))
		case snapshotWord:
			j.fresh = true
			return nil, nil
		}
	}
	return frames, nil
}

func hostIndex(m *incident.Member) int {
	if m.Host {
		return 1
	}
	return 0
}
