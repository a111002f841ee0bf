package journal

import (
	"context"

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

// Stands is where the words of an entry stand so that they can be proved without
// being found.
type Stands struct {
	Words  incident.Seq // the entry they stand in
	Leaf   [32]byte     // its leaf's hash
	Origin [32]byte     // the hash of its log's origin line, which holds the log's id
}

// Stands says where the words stand that a question is about, to bring something
// from a side room to the main room; zero if there is no such question. It is
// the house's own question, and whoever asks for it is told nothing of this.
func (j *Journal) Stands(ctx context.Context, log incident.LogID, question incident.Seq) (at Stands, err error) {
	w, err := j.writer(ctx, log)
	if err != nil {
		return at, err
	}
	events, err := j.entries(ctx, log, `seq = $2`, int64(question))
	if err != nil || len(events) == 0 {
		return at, err
	}
	asked, ok := events[0].Body.(*incident.PromotionAsked)
	if !ok {
		return at, nil
	}
	var stored []byte
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(log), int64(asked.Words)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&stored)
	})
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return at, dbError(err)
	}
	return Stands{asked.Words, evidence.LeafHash(stored), w.origin}, nil
}

// Consent says what became of a question: by which entry the organisation
// agreed, 0 if it did not, and whether what it is about was recalled since.
func (j *Journal) Consent(ctx context.Context, log incident.LogID, question incident.Seq) (agreed incident.Seq, recalled bool, err error) {
	events, err := j.entries(ctx, log, `root = $2 ORDER BY seq`, int64(question))
	for _, e := range events {
		switch e.Body.(type) {
		case *incident.PromotionAgreed:
			agreed = e.Seq
		case *incident.EntryRecalled:
			recalled = true
		}
	}
	return agreed, recalled, err
}

// Kept returns the first entry that the house wrote in a log under a key; ok is
// false if it wrote none.
func (j *Journal) Kept(ctx context.Context, log incident.LogID, key incident.Key) (seq incident.Seq, ok bool, err error) {
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT seq FROM command_key WHERE log = $1 AND actor = $2 AND key = $3`, string(log), who(incident.Actor{System: true}), string(key)).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if len(list) > 0 {
			seq, ok = incident.Seq(list[0]), true
		}
		return err
	})
	return seq, ok, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}
