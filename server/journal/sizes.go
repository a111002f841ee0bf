package journal

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// sizes asks for the sizes of logs on behalf of all who want one: whoever comes
// while a question is under way is answered by the next one, which begins after.
type sizes struct {
	mu   sync.Mutex
	next *sizeBatch
	busy bool
}

type sizeBatch struct {
	logs map[string]bool
	got  map[string]int64
	err  error
	done chan struct{}
}

// sizeOf returns how many entries a log has, by a question begun after it was
// called; 0 for a log that is not there.
func (j *Journal) sizeOf(ctx context.Context, log incident.LogID) (int64, error) {
	s := &j.sizes
	s.mu.Lock()
	if s.next == nil {
		s.next = &sizeBatch{logs: map[string]bool{}, done: make(chan struct{})}
	}
	b := s.next
	b.logs[string(log)] = true
	if !s.busy {
		s.busy = true
		go j.askSizes()
	}
	s.mu.Unlock()
	select {
	case <-b.done:
		return b.got[string(log)], b.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// askSizes asks until nobody waits.
func (j *Journal) askSizes() {
	s := &j.sizes
	for {
		s.mu.Lock()
		q := s.next
		s.next = nil
		if q == nil {
			s.busy = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		ids := make([]string, 0, len(q.logs))
		for id := range q.logs {
			ids = append(ids, id)
		}
		q.got = map[string]int64{}
		b := &pgx.Batch{}
		projection.House().Enter(b)
		b.Queue(`SELECT id, size FROM log WHERE id = ANY ($1)`, ids).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var id string
				var n int64
				if err := rows.Scan(&id, &n); err != nil {
					return err
				}
				q.got[id] = n
			}
			return rows.Err()
		})
		// The journal's own context: one asker who gives up must not end it for
		// the others.
		q.err = j.opt.Writer.SendBatch(j.ctx, b).Close()
		close(q.done)
	}
}
