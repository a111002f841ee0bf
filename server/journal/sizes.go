package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

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
	projection.House().EnterByKey(b)
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

// sizeAsk is the sizes of logs, asked for on behalf of all who want one.
type sizeAsk struct {
	logs map[incident.LogID]bool
	got  incident.Sizes
}

// sizeOf returns how many entries a log has, by a question begun after it was
// called; 0 for a log that is not there.
func (j *Journal) sizeOf(ctx context.Context, log incident.LogID) (uint64, error) {
	q, err := j.sizes.Do(ctx, struct{}{}, func(q *sizeAsk) {
		if q.logs == nil {
			q.logs = map[incident.LogID]bool{}
		}
		q.logs[log] = true
	})
	if err != nil {
		return 0, err
	}
	return q.got[log], nil
}

func (j *Journal) askSizes(_ struct{}, q *sizeAsk) error {
	ids := make([]string, 0, len(q.logs))
	for id := range q.logs {
		ids = append(ids, string(id))
	}
	q.got = incident.Sizes{}
	b := &pgx.Batch{}
	queueSizes(b, ids, q.got)
	// The journal's own context: one asker who gives up must not end it for
	// the others.
	return j.opt.Writer.SendBatch(j.ctx, b).Close()
}
