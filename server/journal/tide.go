package journal

import (
	"context"
	"slices"
	"sync"
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
	j    *Journal
	kind incident.LogKind

	mu    sync.Mutex
	kinds bool      // somebody follows some kinds of objects
	at    time.Time // of the newest answer
	sizes map[incident.LogID]int64
	rises map[incident.LogID][]rise // the newest of each log, joined on to one another
	moved []incident.LogID          // logs in the order in which they grew: the newest maxMoved
	past  uint64                    // how many moved no longer holds
}

// A rise is entries from to before to, and what kinds of objects they are about.
type rise struct {
	from, to int64
	kinds    []incident.Kind
}

// The bounds of what a tide remembers. A follower that is further behind looks
// for itself.
const (
	maxRises = 16
	maxMoved = 4096
	maxRise  = 500 // entries whose kinds are asked for together
	atOnce   = 100 // logs asked about in one exchange
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
	} else if t.kinds {
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
	t.at = began
	return nil
}

// rise finds the kinds of what is new.
func (t *tide) rise(ctx context.Context, grown []behind) error {
	for part := range slices.Chunk(grown, atOnce) {
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
				had := t.rises[l.log]
				if n := len(had); n > 0 && had[n-1].to != l.at {
					had = nil
				}
				had = append(had, rise{l.at, l.size, kinds})
				t.rises[l.log] = had[max(0, len(had)-maxRises):]
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

// tideOf is the tide of a kind of logs, for one who follows some kinds of
// objects or all.
func (j *Journal) tideOf(kind incident.LogKind, kinds bool) *tide {
	j.mu.Lock()
	defer j.mu.Unlock()
	t := j.tides[kind]
	if t == nil {
		t = &tide{j: j, kind: kind}
		j.tides[kind] = t
	}
	if kinds {
		t.mu.Lock()
		t.kinds = true
		t.mu.Unlock()
	}
	return t
}
