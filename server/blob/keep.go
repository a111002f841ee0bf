package blob

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// How often what nobody attached is looked for, and what waits for a scanner
// that did not answer is tried again.
const (
	reapEvery  = 10 * time.Minute
	retryEvery = 30 * time.Second
	atOnce     = 100
)

// Run reaps content that nobody attached, and has content scanned, until ctx
// ends.
func (s *Store) Run(ctx context.Context) error {
	s.wake()
	reap, retry := time.NewTicker(reapEvery), time.NewTicker(retryEvery)
	defer reap.Stop()
	defer retry.Stop()
	s.reap(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-reap.C:
			s.reap(ctx)
		case <-retry.C:
			s.wake()
		case <-s.pending:
			if s.o.Clamd != "" {
				s.scanAll(ctx)
			}
		}
	}
}

func (s *Store) wake() {
	select {
	case s.pending <- struct{}{}:
	default:
	}
}

type place struct {
	log  incident.LogID
	id   incident.BlobID
	size int64
}

// places lists content of any log, by the house's right.
func (s *Store) places(ctx context.Context, where string) (list []place, err error) {
	b := &pgx.Batch{}
	b.Queue(scope, "house", "", "")
	b.Queue(`SELECT log, id, size FROM blob WHERE `+where+` LIMIT $1`, atOnce).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var p place
			if err := rows.Scan((*string)(&p.log), (*string)(&p.id), &p.size); err != nil {
				return err
			}
			list = append(list, p)
		}
		return rows.Err()
	})
	return list, s.o.Writer.SendBatch(ctx, b).Close()
}

func (s *Store) reap(ctx context.Context) {
	if _, err := s.Reap(ctx); err != nil && ctx.Err() == nil {
		s.o.Log.Warn("what nobody attached could not be dropped", "error", err)
	}
}

// Reap drops content that nobody attached in time, and returns how much. What
// is attached the database does not let go.
func (s *Store) Reap(ctx context.Context) (n int64, err error) {
	var logs []string
	b := &pgx.Batch{}
	b.Queue(scope, "house", "", "")
	b.Queue(`SELECT DISTINCT log FROM blob WHERE until < clock_timestamp()`).Query(func(rows pgx.Rows) (err error) {
		logs, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err := s.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return 0, err
	}
	for _, log := range logs {
		var gone int64
		err := s.write(ctx, incident.LogID(log), func(b *pgx.Batch) {
			b.Queue(`WITH d AS (DELETE FROM blob WHERE log = $1 AND until < clock_timestamp() AND `+unused+` RETURNING 1) SELECT count(*) FROM d`, log).
				QueryRow(func(row pgx.Row) error { return row.Scan(&gone) })
		})
		if err != nil {
			return n, err
		}
		n += gone
	}
	return n, nil
}

// Scanned is what became of content that was given to the scanner.
type Scanned struct {
	ID   incident.BlobID
	Scan Scan
}

// scanAll gives all that waits to the scanner. One that does not answer is
// asked again later; what it cannot judge is not scanned.
func (s *Store) scanAll(ctx context.Context) {
	for ctx.Err() == nil {
		list, err := s.places(ctx, `scan = 'pending' AND found IS NOT NULL`)
		if err != nil || len(list) == 0 {
			if err != nil && ctx.Err() == nil {
				s.o.Log.Warn("what waits to be scanned could not be listed", "error", err)
			}
			return
		}
		for _, p := range list {
			scan, err := s.scan(ctx, p)
			if err != nil && !errors.Is(err, errGap) {
				if ctx.Err() == nil {
					s.o.Log.Warn("the scanner does not answer; attachments wait", "error", err)
				}
				return
			}
			if scan == Found {
				s.o.Log.Warn("the scanner found something in an attachment; it is served to nobody", "log", string(p.log))
			}
			err = s.write(ctx, p.log, func(b *pgx.Batch) {
				b.Queue(`UPDATE blob SET scan = $3 WHERE log = $1 AND id = $2`, string(p.log), string(p.id), string(scan))
			})
			if err != nil {
				return
			}
			if s.scanned != nil {
				s.scanned <- Scanned{p.id, scan}
			}
		}
	}
}
