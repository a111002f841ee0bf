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
	logs map[incident.LogID]bool
	got  incident.Sizes
	err  error
	done chan struct{}
}

// QueueSizes queues the question how far the system log and these logs have
// come, behind what is in the batch already, for whoever asks the database
// something else at the same time: SystemAt and RoomAt take the answer. It
// takes on the scope of the house. into is written while the batch is read.
func (j *Journal) QueueSizes(b *pgx.Batch, logs []incident.LogID, into incident.Sizes) {
	j.mu.Lock()
	system := j.system
	j.mu.Unlock()
	ids := make([]string, 0, len(logs)+1)
	if system != "" {
		ids = append(ids, string(system))
	}
	for _, id := range logs {
		ids = append(ids, string(id))
	}
	queueSizes(b, ids, into)
}

// queueSizes takes on the scope of the house and asks. The list stands in a
// subquery so that the plan does not depend on how long it is: else it is made
// anew for every question.
func queueSizes(b *pgx.Batch, ids []string, into incident.Sizes) {
	projection.House().Enter(b)
	b.Queue(`SELECT id, size FROM log WHERE id = ANY ((SELECT $1::text[])::text[])`, ids).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id string
			var n int64
			if err := rows.Scan(&id, &n); err != nil {
				return err
			}
			into[incident.LogID(id)] = uint64(n)
		}
		return rows.Err()
	})
}

// sizeOf returns how many entries a log has, by a question begun after it was
// called; 0 for a log that is not there.
func (j *Journal) sizeOf(ctx context.Context, log incident.LogID) (uint64, error) {
	s := &j.sizes
	s.mu.Lock()
	if s.next == nil {
		s.next = &sizeBatch{logs: map[incident.LogID]bool{}, done: make(chan struct{})}
	}
	b := s.next
	b.logs[log] = true
	if !s.busy {
		s.busy = true
		go j.askSizes()
	}
	s.mu.Unlock()
	select {
	case <-b.done:
		return b.got[log], b.err
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
			ids = append(ids, string(id))
		}
		q.got = incident.Sizes{}
		b := &pgx.Batch{}
		queueSizes(b, ids, q.got)
		// The journal's own context: one asker who gives up must not end it for
		// the others.
		q.err = j.opt.Writer.SendBatch(j.ctx, b).Close()
		close(q.done)
	}
}
