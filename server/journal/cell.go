package journal

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Cells lists the side rooms beside a room, or beside an earlier section of it.
// It is the house's own question: nobody is told the answer.
func (j *Journal) Cells(ctx context.Context, room incident.LogID) (cells []incident.LogID, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`WITH RECURSIVE section (id) AS (SELECT $1::text UNION SELECT l.after FROM log l JOIN section s ON l.id = s.id WHERE l.after <> '')
		SELECT c.log FROM cell c JOIN section s ON c.parent = s.id
		WHERE NOT EXISTS (SELECT 1 FROM log n WHERE n.after = c.log AND n.size > 0) ORDER BY c.log`, string(room)).Query(func(rows pgx.Rows) (err error) {
		cells, err = pgx.CollectRows(rows, pgx.RowTo[incident.LogID])
		return err
	})
	return cells, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Newest returns the section in which a log goes on now: itself, unless it was
// broken off.
func (j *Journal) Newest(ctx context.Context, log incident.LogID) (id incident.LogID, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`WITH RECURSIVE section (id, n) AS (SELECT $1::text, 0 UNION SELECT l.id, s.n + 1 FROM log l JOIN section s ON l.after = s.id WHERE l.size > 0)
		SELECT id FROM section ORDER BY n DESC LIMIT 1`, string(log)).QueryRow(func(row pgx.Row) error { return row.Scan((*string)(&id)) })
	return id, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Place says where an entry stands so that it can be proved without being
// found: its leaf's hash, and the hash of its log's origin line, which holds the
// log's id.
func (j *Journal) Place(ctx context.Context, log incident.LogID, seq incident.Seq) (leaf, origin [32]byte, err error) {
	w, err := j.writer(ctx, log)
	if err != nil {
		return leaf, origin, err
	}
	var stored []byte
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(log), int64(seq)).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&stored)
		if errors.Is(err, pgx.ErrNoRows) {
			return incident.Missing()
		}
		return err
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return leaf, origin, dbError(err)
	}
	return evidence.LeafHash(stored), w.origin, nil
}
