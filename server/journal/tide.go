package journal

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// A tide is how far the logs of a kind have come, as all followers of this node
// share it: one question for the logs' lengths, and one for each that grew of
// what kinds of objects its new entries are about. Each follower for itself
// asked both.
type tide struct {
	j     *Journal
	kind  incident.LogKind
	kinds atomic.Bool // somebody follows some kinds of objects
	began atomic.Bool // a first look has been made

	mu    sync.Mutex // held while the database is asked: nobody who writes waits for it
	at    time.Time  // of the newest answer
	sizes map[incident.LogID]int64
	rises map[incident.LogID][]rise // the newest of each log, joined on to one another
	moved []incident.LogID          // logs in the order in which they grew: the newest maxMoved
	past  uint64                    // how many moved no longer holds

	looks   uint64
	holding [heldFor][]incident.LogID // logs with a rise that holds its entries, by the look that found it

	telling sync.Mutex              // guards what is below, and is held for no longer than that takes
	own     map[incident.LogID]rise // what this node committed and no look has found yet
	owned   int                     // how many entries that is
}

// A rise is entries from to before to, and what kinds of objects they are about.
// One of this node's own commits holds them for a while, so that no follower
// need read and open what was here a moment ago.
type rise struct {
	from, to int64
	kinds    []incident.Kind
	events   []*incident.Event // nil unless it holds them
	of       []incident.Kind   // of each event, the kind of its root
	look     uint64            // that found it
}

// The bounds of what a tide remembers. A follower that is further behind looks
// for itself.
const (
	maxRises = 16
	maxMoved = 4096
	maxRise  = 500 // entries whose kinds are asked for together
	atOnce   = 100 // logs asked about in one exchange
	maxOwned = 4096
	// heldFor is for how many looks a rise holds its entries. Looks are at least
	// half a Poll apart, and a follower comes by once in a Poll.
	heldFor = 4
)

// look brings the lengths up to date, unless somebody did a moment ago.
func (t *tide) look(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sizes != nil && time.Since(t.at) < t.j.opt.Poll/2 {
		return nil
	}
	began := time.Now()
	var grown []behind
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id, size FROM log WHERE kind = $1 AND size > 0`, string(t.kind)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var l behind
			if err := rows.Scan((*string)(&l.log), &l.size); err != nil {
				return err
			}
			if l.at = t.sizes[l.log]; l.size > l.at {
				grown = append(grown, l)
			}
		}
		return rows.Err()
	})
	if err := t.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return dbError(err)
	}
	if t.sizes == nil { // whoever begins here looks for itself
		t.sizes, t.rises = map[incident.LogID]int64{}, map[incident.LogID][]rise{}
		t.began.Store(true)
	} else if t.kinds.Load() {
		if err := t.rise(ctx, grown); err != nil {
			return err
		}
	}
	for _, l := range grown {
		t.sizes[l.log] = l.size
		t.moved = append(t.moved, l.log)
	}
	if over := len(t.moved) - maxMoved; over > 0 {
		t.moved, t.past = slices.Clone(t.moved[over:]), t.past+uint64(over)
	}
	t.release()
	t.at = began
	return nil
}

// release lets go of entries that every follower has had the time to take, and
// of those that a look found before this node said that it had committed them.
func (t *tide) release() {
	t.telling.Lock()
	maps.DeleteFunc(t.own, func(log incident.LogID, r rise) bool {
		if r.to > t.sizes[log] {
			return false
		}
		t.owned -= len(r.events)
		return true
	})
	t.telling.Unlock()
	t.looks++
	oldest := &t.holding[t.looks%heldFor]
	for _, log := range *oldest {
		for i := range t.rises[log] {
			if r := &t.rises[log][i]; r.look+heldFor <= t.looks {
				r.events, r.of = nil, nil
			}
		}
	}
	*oldest = nil
}

// rose is told of a group that this node has committed.
func (t *tide) rose(g *Group) {
	if !t.kinds.Load() || !t.began.Load() {
		return
	}
	of := make([]incident.Kind, len(g.Entries))
	for i, e := range g.Entries {
		if e.Stored == nil {
			return
		}
		of[i] = e.Stored.Kind
	}
	t.telling.Lock()
	defer t.telling.Unlock()
	if t.owned += len(of); t.owned > maxOwned { // what it forgets is asked of the database
		clear(t.own)
		t.owned = len(of)
	}
	first := int64(g.events[0].Seq)
	r := t.own[g.Log]
	if r.to != first {
		t.owned -= len(r.events)
		r = rise{from: first}
	}
	r.to, r.events, r.of = first+int64(len(of)), append(r.events, g.events...), append(r.of, of...)
	t.own[g.Log] = r
}

// mine takes of what this node committed what a look has found. Where the look
// found more, which this node has not said yet that it committed, or which another
// did, the rest is for the next look.
func (t *tide) mine(l *behind) bool {
	events, of := t.told(l)
	if len(events) == 0 {
		return false
	}
	kinds := slices.Clone(of)
	slices.Sort(kinds)
	t.add(l.log, rise{from: l.at, to: l.size, kinds: slices.Compact(kinds), events: events, of: of, look: t.looks})
	held := &t.holding[t.looks%heldFor]
	*held = append(*held, l.log)
	return true
}

// told takes from what this node was told what comes after at, up to size or as
// far as it was told; nothing if it was not told of what comes next.
func (t *tide) told(l *behind) (events []*incident.Event, of []incident.Kind) {
	t.telling.Lock()
	defer t.telling.Unlock()
	r, ok := t.own[l.log]
	if !ok {
		return nil, nil
	}
	t.owned -= len(r.events)
	delete(t.own, l.log)
	if r.from <= l.at && l.at < r.to {
		l.size = min(l.size, r.to)
		events, of = slices.Clone(r.events[l.at-r.from:l.size-r.from]), slices.Clone(r.of[l.at-r.from:l.size-r.from])
	}
	if n := max(0, l.size-r.from); r.to > l.size { // committed since the look
		t.own[l.log] = rise{from: r.from + n, to: r.to, events: r.events[n:], of: r.of[n:]}
		t.owned += len(r.events[n:])
	}
	return events, of
}

// add remembers a rise.
func (t *tide) add(log incident.LogID, r rise) {
	had := t.rises[log]
	if n := len(had); n > 0 && had[n-1].to != r.from {
		had = nil
	}
	had = append(had, r)
	t.rises[log] = slices.Delete(had, 0, max(0, len(had)-maxRises))
}

// rise finds the kinds of what is new, and says of each log as far as it did.
func (t *tide) rise(ctx context.Context, grown []behind) error {
	var others []behind
	for i := range grown {
		if !t.mine(&grown[i]) {
			others = append(others, grown[i])
		}
	}
	for part := range slices.Chunk(others, atOnce) {
		b := &pgx.Batch{}
		for _, l := range part {
			if l.size-l.at > maxRise {
				continue
			}
			projection.Writer(l.log).Enter(b)
			b.Queue(`SELECT DISTINCT r.kind FROM opening o JOIN root r ON r.log = o.log AND r.seq = o.root WHERE o.log = $1 AND o.seq >= $2 AND o.seq < $3`, string(l.log), l.at, l.size).Query(func(rows pgx.Rows) error {
				kinds, err := pgx.CollectRows(rows, pgx.RowTo[incident.Kind])
				if err != nil {
					return err
				}
				t.add(l.log, rise{from: l.at, to: l.size, kinds: kinds, look: t.looks})
				return nil
			})
		}
		if b.Len() == 0 {
			continue
		}
		if err := t.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			return dbError(err)
		}
	}
	return nil
}

// since returns the logs that grew after a moment, and the next moment. Of one
// that is not remembered, and of the first, it returns all logs.
func (t *tide) since(moment uint64) (logs []incident.LogID, next uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next = t.past + uint64(len(t.moved))
	if moment < t.past || moment == 0 {
		for log := range t.sizes {
			logs = append(logs, log)
		}
		return logs, next
	}
	return slices.Clone(t.moved[moment-t.past:]), next
}

// size returns how many entries a log has.
func (t *tide) size(log incident.LogID) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sizes[log]
}

// without reports whether none of the entries is about an object of one of
// those kinds; known is false where that is not remembered.
func (t *tide) without(l behind, of []incident.Kind) (none, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := l.at
	for _, r := range t.rises[l.log] {
		if r.to <= at || at >= l.size {
			continue
		}
		if r.from > at {
			return false, false
		}
		if slices.ContainsFunc(r.kinds, func(k incident.Kind) bool { return slices.Contains(of, k) }) {
			return false, true
		}
		at = r.to
	}
	return true, at >= l.size
}

// held returns what is about objects of those kinds of the entries up to size
// that come after at; ok is false unless it holds all of them.
func (t *tide) held(l behind, of []incident.Kind) (events []*incident.Event, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := l.at
	for _, r := range t.rises[l.log] {
		if r.to <= at || at >= l.size {
			continue
		}
		if r.from > at || r.events == nil {
			return nil, false
		}
		for i := at - r.from; i < min(r.to, l.size)-r.from; i++ {
			if slices.Contains(of, r.of[i]) {
				events = append(events, r.events[i])
			}
		}
		at = r.to
	}
	return events, at >= l.size
}

// rose tells the followers' tide, if there is one, of a group that this node has
// committed.
func (j *Journal) rose(kind incident.LogKind, g *Group) {
	j.mu.Lock()
	t := j.tides[kind]
	j.mu.Unlock()
	if t != nil {
		t.rose(g)
	}
}

// tideOf is the tide of a kind of logs, for one who follows some kinds of
// objects or all.
func (j *Journal) tideOf(kind incident.LogKind, kinds bool) *tide {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.tides[kind]
	if t == nil {
		t = &tide{j: j, kind: kind, own: map[incident.LogID]rise{}}
		j.tides[kind] = t
	}
	if kinds {
		t.kinds.Store(true)
	}
	return t
}
