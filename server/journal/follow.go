package journal

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

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

// FollowObjects is Follow for the entries of objects of some kinds, those that
// began them included. Others are passed over unopened.
func (j *Journal) FollowObjects(ctx context.Context, name string, kind incident.LogKind, of []incident.Kind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	return j.follow(ctx, name, kind, of, fn)
}

// follow follows the entries of objects of some kinds; of all, if none is named.
func (j *Journal) follow(ctx context.Context, name string, kind incident.LogKind, of []incident.Kind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	t := time.NewTicker(j.opt.Poll)
	defer t.Stop()
	var said string // the last thing that went wrong, and when that was said
	var at time.Time
	for {
		switch err := j.followOnce(ctx, name, kind, of, fn); {
		case err == nil:
			said = ""
		case ctx.Err() == nil && (err.Error() != said || time.Since(at) > sayAgain):
			j.opt.Log.Warn("a follower stopped short and will try again", "follower", name, "error", err)
			said, at = err.Error(), time.Now()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// sayAgain is after how long a follower says once more what it stands at. It
// tries several times a second.
const sayAgain = time.Minute

// behind is a log that a follower has not come to the end of.
type behind struct {
	log      incident.LogID
	at, size int64
}

// ofKinds narrows entries of a log to those of objects of some kinds.
const ofKinds = ` AND EXISTS (SELECT 1 FROM root r WHERE r.log = opening.log AND r.seq = opening.root AND r.kind = ANY ($4) OFFSET 0)`

// pass moves the follower past what is new in logs that have nothing for it, in
// one transaction for all of them, and returns the others. What most rooms say
// is for few followers: else each would cost two transactions a follower
// whenever something was said there.
func (j *Journal) pass(ctx context.Context, name string, logs []behind, of []incident.Kind) (left []behind, err error) {
	if len(of) == 0 || len(logs) == 0 {
		return logs, nil
	}
	b := &pgx.Batch{}
	for _, l := range logs {
		projection.Writer(l.log).Enter(b)
		b.Queue(`INSERT INTO follower (name, log, size) SELECT $5, $1, $3::bigint
			WHERE NOT EXISTS (SELECT 1 FROM opening WHERE log = $1 AND seq >= $2 AND seq < $3`+ofKinds+`)
			ON CONFLICT (name, log) DO UPDATE SET size = greatest(follower.size, excluded.size)`, string(l.log), l.at, l.size, of, name).Exec(func(t pgconn.CommandTag) error {
			if t.RowsAffected() == 0 {
				left = append(left, l)
			}
			return nil
		})
	}
	return left, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// followPage is how many entries of one log are opened at once.
const followPage = 500

func (j *Journal) followOnce(ctx context.Context, name string, kind incident.LogKind, of []incident.Kind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	var logs []behind
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, coalesce(f.size, 0), l.size FROM log l LEFT JOIN follower f ON f.name = $1 AND f.log = l.id
		WHERE l.kind = $2 AND l.size > coalesce(f.size, 0) ORDER BY l.id LIMIT 100`, name, string(kind)).Query(func(rows pgx.Rows) (err error) {
		logs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x behind, err error) {
			return x, r.Scan((*string)(&x.log), &x.at, &x.size)
		})
		return err
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	logs, err := j.pass(ctx, name, logs, of)
	if err != nil {
		return err
	}
	for _, l := range logs {
		// Up to the size that was read, and no further: what is committed
		// meanwhile is beyond it, so the position never passes an entry that was
		// not looked at.
		where, args := `seq >= $2 AND seq < $3`, []any{l.at, l.size}
		if len(of) > 0 {
			where, args = where+ofKinds, append(args, of)
		}
		events, err := j.entries(ctx, l.log, fmt.Sprintf(`%s ORDER BY seq LIMIT %d`, where, followPage), args...)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := fn(ctx, l.log, e); err != nil {
				return err
			}
		}
		if len(events) == followPage {
			l.size = int64(events[followPage-1].Seq) + 1
		}
		b := &pgx.Batch{}
		projection.Writer(l.log).Enter(b)
		b.Queue(`INSERT INTO follower (name, log, size) VALUES ($1, $2, $3) ON CONFLICT (name, log) DO UPDATE SET size = greatest(follower.size, excluded.size)`,
			name, string(l.log), l.size)
		if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	return nil
}
