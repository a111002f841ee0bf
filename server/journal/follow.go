package journal

import (
	"context"
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
	t := time.NewTicker(j.opt.Poll)
	defer t.Stop()
	for {
		if err := j.followOnce(ctx, name, kind, fn); err != nil && ctx.Err() == nil {
			j.opt.Log.Warn("a follower stopped short and will try again", "follower", name, "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

func (j *Journal) followOnce(ctx context.Context, name string, kind incident.LogKind, fn func(context.Context, incident.LogID, *incident.Event) error) error {
	type behind struct {
		log incident.LogID
		at  int64
	}
	var logs []behind
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, coalesce(f.size, 0) FROM log l LEFT JOIN follower f ON f.name = $1 AND f.log = l.id
		WHERE l.kind = $2 AND l.size > coalesce(f.size, 0) ORDER BY l.id LIMIT 100`, name, string(kind)).Query(func(rows pgx.Rows) (err error) {
		logs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x behind, err error) {
			return x, r.Scan((*string)(&x.log), &x.at)
		})
		return err
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	for _, l := range logs {
		events, err := j.entries(ctx, l.log, `seq >= $2 ORDER BY seq LIMIT 500`, l.at)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := fn(ctx, l.log, e); err != nil {
				return err
			}
			l.at = int64(e.Seq) + 1
		}
		b := &pgx.Batch{}
		projection.Writer(l.log).Enter(b)
		b.Queue(`INSERT INTO follower (name, log, size) VALUES ($1, $2, $3) ON CONFLICT (name, log) DO UPDATE SET size = greatest(follower.size, excluded.size)`,
			name, string(l.log), l.at)
		if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	return nil
}
