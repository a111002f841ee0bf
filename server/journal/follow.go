package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Follow calls fn with every entry of every log of the kind, in order within
// a log, until ctx ends. The position is saved after fn has returned nil, so
// an entry may come twice and none is left out; after an error it is tried
// again later. Only one node follows under a name at a time per entry in
// effect: fn must be safe to run twice.
func (j *Journal) Follow(ctx context.Context, name string, kind incident.LogKind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	return j.follow(ctx, name, kind, nil, fn)
}

// ErrPassed is what a follower's fn returns of an entry that asks nothing of it.
// That it was passed is not saved at once: such an entry may come many times.
var ErrPassed = errors.New("journal: there is nothing to do about this entry")

// FollowObjects is Follow for the entries of objects of some kinds, those that
// began them included. Others are passed over unopened. What fn is given may
// be held by others of this node too: it must not be changed.
func (j *Journal) FollowObjects(ctx context.Context, name string, kind incident.LogKind, of []incident.Kind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	return j.follow(ctx, name, kind, of, fn)
}

// follow follows the entries of objects of some kinds; of all, if none is named.
func (j *Journal) follow(ctx context.Context, name string, kind incident.LogKind, of []incident.Kind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	f := &follower{j: j, name: name, of: of, fn: fn, tide: j.tideOf(kind, len(of) > 0)}
	t := time.NewTicker(j.opt.Poll)
	defer t.Stop()
	var said string // the last thing that went wrong, and when that was said
	var at time.Time
	for {
		switch err := f.once(ctx); {
		case err == nil:
			said = ""
		case ctx.Err() == nil && (err.Error() != said || time.Since(at) > sayAgain):
			j.opt.Log.Warn("a follower stopped short and will try again", "follower", name, "error", err)
			said, at = err.Error(), time.Now()
		}
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveWait)
			defer cancel()
			_ = f.save(ctx, slices.Collect(maps.Keys(f.unsaved))) // or what it passed over is looked at once more
			return nil
		case <-t.C:
		}
	}
}

const (
	// sayAgain is after how long a follower says once more what it stands at. It
	// tries several times a second.
	sayAgain = time.Minute
	// saveEvery is how often a follower saves that it passed over what is not for
	// it: a row for each log that grew, and for each follower. After a crash it
	// looks at that again, and passes over it once more.
	saveEvery = time.Minute
	saveWait  = 2 * time.Second
	// followPage is how many entries of one log are opened at once, and followAll
	// about how many of all. One that is behind takes so many pages of a log one
	// after the other, or where much is said it would stay behind.
	followPage   = 500
	followAll    = 2000
	followRounds = 8
)

// behind is a log that a follower has not come to the end of.
type behind struct {
	log      incident.LogID
	at, size int64
}

// A follower is one of this node under a name; others may run elsewhere.
type follower struct {
	j    *Journal
	name string
	of   []incident.Kind
	fn   func(context.Context, incident.LogID, *incident.Event) error
	tide *tide

	moment  uint64                      // of the tide, up to which it has looked
	at      map[incident.LogID]int64    // its positions; nil until they were read
	todo    map[incident.LogID]struct{} // logs it may not have come to the end of
	unsaved map[incident.LogID]int64    // positions it moved to past what is not for it
	saved   time.Time
}

// once takes the follower on in all logs that have grown.
func (f *follower) once(ctx context.Context) error {
	if err := f.tide.look(ctx); err != nil {
		return err
	}
	if f.at == nil {
		at, err := f.positions(ctx, nil)
		if err != nil {
			return err
		}
		f.at, f.todo, f.unsaved, f.saved = at, map[incident.LogID]struct{}{}, map[incident.LogID]int64{}, time.Now()
	}
	var grown []incident.LogID
	grown, f.moment = f.tide.since(f.moment)
	for _, log := range grown {
		f.todo[log] = struct{}{}
	}
	var errs []error // a log that stands still keeps no other waiting
	for range followRounds {
		logs, err := f.pass(ctx)
		if err != nil {
			return err
		}
		for len(logs) > 0 {
			n, entries := 0, int64(0)
			for n < len(logs) && n < atOnce && entries < followAll {
				entries += min(logs[n].size-logs[n].at, followPage)
				n++
			}
			errs = append(errs, f.take(ctx, logs[:n]))
			logs = logs[n:]
		}
		if len(f.todo) == 0 || errors.Join(errs...) != nil {
			break
		}
	}
	if len(f.unsaved) > 0 && time.Since(f.saved) >= saveEvery {
		err := f.save(ctx, slices.Collect(maps.Keys(f.unsaved)))
		if err == nil {
			f.saved = time.Now()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// positions reads where the follower stands, in some logs or in all.
func (f *follower) positions(ctx context.Context, logs []string) (map[incident.LogID]int64, error) {
	at := map[incident.LogID]int64{}
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT log, size FROM follower WHERE name = $1 AND ($2::text[] IS NULL OR log = ANY ($2))`, f.name, logs).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var log incident.LogID
			var size int64
			if err := rows.Scan((*string)(&log), &size); err != nil {
				return err
			}
			at[log] = size
		}
		return rows.Err()
	})
	return at, dbError(f.j.opt.Writer.SendBatch(ctx, b).Close())
}

// pass moves the follower past what is new in logs that have nothing for it,
// and returns the others, with where it really stands: another node may have
// been there. What most rooms say is for few followers.
func (f *follower) pass(ctx context.Context) (left []behind, err error) {
	var unknown []behind
	for log := range f.todo {
		l := behind{log, f.at[log], f.tide.size(log)}
		if l.at >= l.size {
			delete(f.todo, log)
			continue
		}
		if len(f.of) == 0 {
			left = append(left, l)
			continue
		}
		switch none, known := f.tide.without(l, f.of); {
		case !known:
			unknown = append(unknown, l)
		case none:
			f.passed(l)
		default:
			left = append(left, l)
		}
	}
	for part := range slices.Chunk(unknown, atOnce) {
		b := &pgx.Batch{}
		for _, l := range part {
			projection.Writer(l.log).Enter(b)
			b.Queue(`SELECT EXISTS (SELECT 1 FROM opening WHERE log = $1 AND seq >= $2 AND seq < $3`+ofKinds+`)`, string(l.log), l.at, l.size, f.of).QueryRow(func(row pgx.Row) error {
				var some bool
				if err := row.Scan(&some); err != nil {
					return err
				}
				if some {
					left = append(left, l)
				} else {
					f.passed(l)
				}
				return nil
			})
		}
		if err := f.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			return nil, dbError(err)
		}
	}
	if len(left) == 0 {
		return nil, nil
	}
	ids := make([]string, len(left))
	for i, l := range left {
		ids[i] = string(l.log)
	}
	at, err := f.positions(ctx, ids)
	if err != nil {
		return nil, err
	}
	kept := left[:0]
	for _, l := range left {
		l.at = max(l.at, at[l.log])
		if f.at[l.log] = l.at; l.at < l.size {
			kept = append(kept, l)
		} else {
			delete(f.todo, l.log)
		}
	}
	slices.SortFunc(kept, func(a, b behind) int { return cmp.Compare(a.log, b.log) })
	return kept, nil
}

// passed notes that nothing up to the log's end is for the follower.
func (f *follower) passed(l behind) {
	f.at[l.log], f.unsaved[l.log] = l.size, l.size
	delete(f.todo, l.log)
}

// ofKinds narrows entries of a log to those of objects of some kinds.
const ofKinds = ` AND EXISTS (SELECT 1 FROM root r WHERE r.log = opening.log AND r.seq = opening.root AND r.kind = ANY ($4) OFFSET 0)`

// take gives the follower what is for it of some logs: read in one exchange, and
// saved in another. Where one log fails the others are taken on by themselves.
func (f *follower) take(ctx context.Context, logs []behind) error {
	events, err := f.read(ctx, logs)
	if err != nil && len(logs) > 1 && ctx.Err() == nil {
		var errs []error
		for _, l := range logs {
			errs = append(errs, f.take(ctx, []behind{l}))
		}
		return errors.Join(errs...)
	}
	if err != nil {
		return err
	}
	var errs []error
	var moved []incident.LogID
	for i, l := range logs {
		at := l.size
		if n := len(events[i]); n == followPage {
			at = int64(events[i][n-1].Seq) + 1
		}
		did := false
		for _, e := range events[i] {
			switch err := f.fn(ctx, l.log, e); {
			case err == nil:
				did = true
				continue
			case errors.Is(err, ErrPassed):
				continue
			default:
				errs = append(errs, err)
			}
			at = int64(e.Seq) // it comes again
			break
		}
		if at > l.at {
			f.at[l.log], f.unsaved[l.log] = at, at
			if did {
				moved = append(moved, l.log)
			}
		}
		if at >= l.size {
			delete(f.todo, l.log)
		}
	}
	if err := f.save(ctx, moved); err != nil {
		f.saved = time.Time{} // all of it the next time
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// read opens what is for the follower. It goes up to the size that was read, and
// no further: what is committed meanwhile is beyond it, so the position never
// passes an entry that was not looked at.
func (f *follower) read(ctx context.Context, logs []behind) ([][]*incident.Event, error) {
	b := &pgx.Batch{}
	events := make([][]*incident.Event, len(logs))
	for i, l := range logs {
		if held, ok := f.tide.held(l, f.of); ok && len(f.of) > 0 {
			events[i] = held // there is no more of it than there can be in a few looks
			continue
		}
		where, args := `seq >= $2 AND seq < $3`, []any{l.at, l.size}
		if len(f.of) > 0 {
			where, args = where+ofKinds, append(args, f.of)
		}
		if err := f.j.queueEntries(ctx, b, l.log, &events[i], fmt.Sprintf(`%s ORDER BY seq LIMIT %d`, where, followPage), args...); err != nil {
			return nil, err
		}
	}
	if b.Len() == 0 {
		return events, nil
	}
	return events, dbError(f.j.opt.Writer.SendBatch(ctx, b).Close())
}

// save stores the positions in those logs.
func (f *follower) save(ctx context.Context, logs []incident.LogID) error {
	slices.Sort(logs) // in one order, whoever else saves theirs
	for part := range slices.Chunk(logs, atOnce) {
		b := &pgx.Batch{}
		for _, log := range part {
			projection.Writer(log).Enter(b)
			b.Queue(`INSERT INTO follower (name, log, size) VALUES ($1, $2, $3) ON CONFLICT (name, log) DO UPDATE SET size = greatest(follower.size, excluded.size)`,
				f.name, string(log), f.unsaved[log])
		}
		if err := f.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			return dbError(err)
		}
		for _, log := range part {
			delete(f.unsaved, log)
		}
	}
	return nil
}

// Since reports how many entries a room has, and whether any but the first few
// may be about an object of one of those kinds: where that is not remembered, it
// says that some are. It is for who goes by little of what is said and need not
// hold a room for that; however many ask, and of however many rooms, the
// database is asked with the followers, and no oftener. What it says is as old as
// a follower's look.
func (j *Journal) Since(ctx context.Context, room incident.LogID, first uint64, of ...incident.Kind) (size uint64, some bool, err error) {
	t := j.tideOf(incident.RoomLog, true)
	if err := t.look(ctx); err != nil {
		return 0, false, err
	}
	l := behind{room, int64(first), t.size(room)}
	if l.size <= l.at {
		return uint64(l.size), false, nil
	}
	none, known := t.without(l, of)
	return uint64(l.size), !none || !known, nil
}
