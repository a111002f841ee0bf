// Package presence knows who is here and who is typing. It proves nothing and
// is in no log: a sign of life lasts a while and goes by itself. Other nodes'
// people are known through Redis when there is one; without it, or while it is
// away, each node knows its own. What a viewer may be told of it is not
// decided here.
package presence

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/incident"
)

// How long a sign lasts.
const (
	HereFor   = 90 * time.Second
	TypingFor = 6 * time.Second
)

// sweepEvery is how late an end may be noticed.
const sweepEvery = 500 * time.Millisecond

// askEvery is how often Redis is asked for the others' part of a room that is
// watched, though nobody has said that it changed: what is said may be lost,
// and nodes of another version may say it elsewhere.
const askEvery = 10 * time.Second

// Options are what a Board needs.
type Options struct {
	Redis redis.UniversalClient // nil: one node
	Log   *slog.Logger          // never given ids
}

// Board is who is here, by room. It is safe for concurrent use.
type Board struct {
	log  *slog.Logger
	wire *wire // nil: one node
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu    sync.Mutex
	rooms map[incident.LogID]*place
}

// place is one room. Guarded by the board's mu.
type place struct {
	sockets  map[incident.MemberNo]map[uint64]time.Time // this node's, until when
	typing   map[incident.MemberNo]time.Time            // this node's
	away     view                                       // other nodes', as Redis told last
	told     view                                       // what the watchers were last called for
	watchers map[*func()]struct{}

	changed bool      // this node's part differs from what Redis has
	pushed  time.Time // when Redis was last told
	stale   bool      // another node said that its part changed
	asked   time.Time // when Redis was last asked for the others'
}

// view is who is here and who is typing, until when.
type view struct {
	here, typing map[incident.MemberNo]time.Time
}

// New returns an empty board; Close stops it.
func New(opt Options) *Board {
	b := &Board{log: opt.Log, rooms: map[incident.LogID]*place{}}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	var ctx context.Context
	ctx, b.stop = context.WithCancel(context.Background())
	b.wg.Go(func() { b.sweep(ctx) })
	if opt.Redis != nil {
		b.wire = newWire(opt.Redis, b.log)
		b.wire.listen(b)
		b.wg.Go(func() { b.wire.push(ctx, b) })
	}
	return b
}

// Close stops the board. Other nodes forget this one's people after HereFor.
func (b *Board) Close() {
	b.stop()
	b.wg.Wait()
	if b.wire != nil {
		b.wire.ear.Close()
	}
}

// Here is a sign of life of a member on a socket of this node: they have come,
// or are still here.
func (b *Board) Here(room incident.LogID, n incident.MemberNo, socket uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.place(room)
	s := p.sockets[n]
	if s == nil {
		s = map[uint64]time.Time{}
		p.sockets[n] = s
	}
	_, known := s[socket]
	s[socket] = time.Now().Add(HereFor)
	b.note(room, p, n, !known)
}

// Gone says that a socket of the member's has left the room.
func (b *Board) Gone(room incident.LogID, n incident.MemberNo, socket uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.rooms[room]
	if p == nil || p.sockets[n] == nil {
		return
	}
	delete(p.sockets[n], socket)
	if len(p.sockets[n]) == 0 {
		delete(p.sockets, n)
		delete(p.typing, n)
	}
	b.note(room, p, n, true)
}

// Typing says that a member who is here is typing.
func (b *Board) Typing(room incident.LogID, n incident.MemberNo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.rooms[room]
	if p == nil || p.sockets[n] == nil {
		return
	}
	p.typing[n] = time.Now().Add(TypingFor)
	b.note(room, p, n, true)
}

// Watch calls changed when who is here or typing in the room has changed; it
// must not block nor call the board. stop may be called once or more.
func (b *Board) Watch(room incident.LogID, changed func()) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, id := b.place(room), &changed
	p.watchers[id] = struct{}{}
	if b.wire != nil {
		p.stale = true
		b.wire.follow(room)
	}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(p.watchers, id)
		b.tidy(room, p)
	}
}

// State returns who is here and who is typing, ascending.
func (b *Board) State(room incident.LogID) (here, typing []incident.MemberNo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.rooms[room]
	if p == nil {
		return nil, nil
	}
	v := p.view(time.Now())
	return slices.Sorted(maps.Keys(v.here)), slices.Sorted(maps.Keys(v.typing))
}

func (b *Board) place(room incident.LogID) *place {
	p := b.rooms[room]
	if p == nil {
		p = &place{sockets: map[incident.MemberNo]map[uint64]time.Time{}, typing: map[incident.MemberNo]time.Time{}, watchers: map[*func()]struct{}{}}
		b.rooms[room] = p
	}
	return p
}

// note is called after a change of this node's part that is about one member:
// moved if they came, went or typed, not if they only gave another sign of life.
func (b *Board) note(room incident.LogID, p *place, n incident.MemberNo, moved bool) {
	if b.wire != nil && (moved || time.Since(p.pushed) > HereFor/4) {
		p.changed = true
		b.wire.wake()
	}
	if moved {
		b.tellOf(p, n, time.Now())
	}
	b.tidy(room, p)
}

// tellOf is tell after a change that is about one member: thousands come and go
// at once, and each must not be counted for each.
func (b *Board) tellOf(p *place, n incident.MemberNo, now time.Time) {
	here, typing := p.of(n, now)
	_, was := p.told.here[n]
	_, typed := p.told.typing[n]
	if here.IsZero() != was && typing.IsZero() != typed {
		return
	}
	if p.told.here == nil {
		p.told = view{here: map[incident.MemberNo]time.Time{}, typing: map[incident.MemberNo]time.Time{}}
	}
	set(p.told.here, n, here)
	set(p.told.typing, n, typing)
	for fn := range p.watchers {
		(*fn)()
	}
}

func set(m map[incident.MemberNo]time.Time, n incident.MemberNo, until time.Time) {
	if until.IsZero() {
		delete(m, n)
	} else {
		m[n] = until
	}
}

// of is one member's part of the view: until some time when they are here and
// typing, zero for not. The first sign of life that is good will do.
func (p *place) of(n incident.MemberNo, now time.Time) (here, typing time.Time) {
	good := func(until time.Time) bool { return until.After(now) }
	if here = p.away.here[n]; !good(here) {
		here = time.Time{}
		for _, until := range p.sockets[n] {
			if good(until) {
				here = until
				break
			}
		}
	}
	if here.IsZero() {
		return here, typing
	}
	for _, until := range []time.Time{p.typing[n], p.away.typing[n]} {
		if good(until) {
			typing = until
		}
	}
	return here, typing
}

// tell calls the watchers if what they would see has changed.
func (b *Board) tell(p *place, now time.Time) {
	v := p.view(now)
	if sameKeys(v.here, p.told.here) && sameKeys(v.typing, p.told.typing) {
		return
	}
	p.told = v
	for fn := range p.watchers {
		(*fn)()
	}
}

// tidy forgets a room with nobody in it and nobody watching.
func (b *Board) tidy(room incident.LogID, p *place) {
	if len(p.sockets) == 0 && len(p.watchers) == 0 && !p.changed && b.rooms[room] == p {
		delete(b.rooms, room)
		if b.wire != nil {
			b.wire.leave(room)
		}
	}
}

// view is the room now: this node's people and the others'.
func (p *place) view(now time.Time) view {
	v := view{here: map[incident.MemberNo]time.Time{}, typing: map[incident.MemberNo]time.Time{}}
	for n, s := range p.sockets {
		for _, until := range s {
			add(v.here, n, until, now)
		}
	}
	for n, until := range p.typing {
		add(v.typing, n, until, now)
	}
	for n, until := range p.away.here {
		add(v.here, n, until, now)
	}
	for n, until := range p.away.typing {
		add(v.typing, n, until, now)
	}
	maps.DeleteFunc(v.typing, func(n incident.MemberNo, _ time.Time) bool { return v.here[n].IsZero() })
	return v
}

func add(m map[incident.MemberNo]time.Time, n incident.MemberNo, until, now time.Time) {
	if until.After(now) && until.After(m[n]) {
		m[n] = until
	}
}

func sameKeys(a, b map[incident.MemberNo]time.Time) bool {
	if len(a) != len(b) {
		return false
	}
	for n := range a {
		if _, ok := b[n]; !ok {
			return false
		}
	}
	return true
}

// sweep notices what has run out.
func (b *Board) sweep(ctx context.Context) {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		now := time.Now()
		b.mu.Lock()
		for room, p := range b.rooms {
			ended := func(_ incident.MemberNo, until time.Time) bool { return !until.After(now) }
			for n, s := range p.sockets {
				maps.DeleteFunc(s, func(_ uint64, until time.Time) bool { return !until.After(now) })
				if len(s) == 0 {
					delete(p.sockets, n)
				}
			}
			maps.DeleteFunc(p.typing, ended)
			maps.DeleteFunc(p.away.here, ended)
			maps.DeleteFunc(p.away.typing, ended)
			if b.wire != nil && len(p.watchers) > 0 && now.Sub(p.asked) > askEvery {
				p.stale = true
				b.wire.wake()
			}
			b.tell(p, now)
			b.tidy(room, p)
		}
		b.mu.Unlock()
	}
}
