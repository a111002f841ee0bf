package projection

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Ledger is wardroom_writer's scope for erasing again, in one log, what the
// ledger says was erased.
func Ledger(log incident.LogID) Scope { return Scope{Name: "ledger", Log: log} }

// SlotBits writes slots as the database keeps them: 1 << slot each.
func SlotBits(slots []int) (bits int32) {
	for _, i := range slots {
		bits |= 1 << i
	}
	return bits
}

// SlotsOf reads them.
func SlotsOf(bits int32) (slots []int) {
	for i := range incident.Slots {
		if bits&(1<<i) != 0 {
			slots = append(slots, i)
		}
	}
	return slots
}

// queueErasure queues what an entry changes in the rows of holds and erasures.
func queueErasure(b *pgx.Batch, log incident.LogID, e *incident.Event) {
	switch body := e.Body.(type) {
	case *incident.HoldPlaced:
		b.Queue(`INSERT INTO hold (log, root) VALUES ($1, $2)`, string(log), int64(e.Root))
	case *incident.HoldLifted:
		b.Queue(`UPDATE hold SET lifted = $3 WHERE log = $1 AND root = $2`, string(log), int64(e.Root), int64(e.Seq))
	case *incident.ErasureAsked:
		entries := make([]int64, len(body.Entries))
		for i, n := range body.Entries {
			entries[i] = int64(n)
		}
		b.Queue(`INSERT INTO erasure (log, root, asker, slots, state) VALUES ($1, $2, $3, $4, 'waiting')`,
			string(log), int64(e.Root), int32(e.By.Member), SlotBits(body.Slots))
		b.Queue(`INSERT INTO erasure_entry (log, ask, entry) SELECT $1, $2, unnest($3::bigint[])`, string(log), int64(e.Root), entries)
	case *incident.ErasureAgreed:
		b.Queue(`INSERT INTO erasure_approval (log, ask, seq, member, org) VALUES ($1, $2, $3, $4, $5)`,
			string(log), int64(e.Root), int64(e.Seq), int32(e.By.Member), string(e.By.Org))
	case *incident.ErasureRefused:
		b.Queue(`UPDATE erasure SET state = 'refused' WHERE log = $1 AND root = $2`, string(log), int64(e.Root))
	case *incident.ErasureDropped:
		b.Queue(`UPDATE erasure SET state = 'dropped' WHERE log = $1 AND root = $2`, string(log), int64(e.Root))
	case *incident.EntryErased:
		b.Queue(`INSERT INTO erased (log, entry, seq, ask, slots) VALUES ($1, $2, $3, $4, $5)`,
			string(log), int64(body.Entry), int64(e.Seq), int64(body.Ask), SlotBits(body.Slots))
	}
}

// Refold queues an object's rows anew after slots of its entries were erased:
// whom its text mentions, and what of a decision, an action or a line its row
// repeats. events are all of the object's, in order, as they are stored then.
func Refold(b *pgx.Batch, log incident.LogID, events []*incident.Event) {
	if len(events) == 0 {
		return
	}
	var mentions []incident.MemberNo
	message := false
	for _, e := range events {
		switch body := e.Body.(type) {
		case *incident.MessagePosted:
			message, mentions = true, body.Mentions
		case *incident.MessageCorrected:
			mentions = body.Mentions
		}
		if e.Kind.InRecord() || onBoard(e) {
			queueRecord(b, log, e, true)
		}
	}
	if message {
		b.Queue(`DELETE FROM mention WHERE log = $1 AND root = $2`, string(log), int64(events[0].Root))
		var rows mentionRows
		rows.add(events[0].Root, mentions)
		rows.queue(b, log)
	}
}

// Erasing is a row of the table erased: which slots of which entry were erased,
// by which entry.
type Erasing struct {
	Log   incident.LogID
	Entry incident.Seq
	Seq   incident.Seq
	Ask   incident.Seq
	Slots []int
}

// QueueErased asks which entries erased from these; the scope is Writer or
// Reader.
func QueueErased(b *pgx.Batch, log incident.LogID, entries []incident.Seq, into *[]Erasing) {
	list := make([]int64, len(entries))
	for i, n := range entries {
		list[i] = int64(n)
	}
	b.Queue(`SELECT log, entry, seq, ask, slots FROM erased WHERE log = $1 AND entry = ANY ($2) ORDER BY seq`, string(log), list).Query(erasings(into))
}

// QueueAllErased asks for all that was erased in any log; the scope is House.
func QueueAllErased(b *pgx.Batch, into *[]Erasing) {
	b.Queue(`SELECT log, entry, seq, ask, slots FROM erased ORDER BY log, seq`).Query(erasings(into))
}

func erasings(into *[]Erasing) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e Erasing, err error) {
			var entry, seq, ask int64
			var slots int32
			err = r.Scan((*string)(&e.Log), &entry, &seq, &ask, &slots)
			e.Entry, e.Seq, e.Ask, e.Slots = incident.Seq(entry), incident.Seq(seq), incident.Seq(ask), SlotsOf(slots)
			return e, err
		})
		return err
	}
}

// QueueErase puts what is left of entries in the place of their openings; the
// scope is Writer, or Ledger to erase again.
func QueueErase(b *pgx.Batch, log incident.LogID, entries []incident.Seq, sealed [][]byte) {
	list := make([]int64, len(entries))
	for i, n := range entries {
		list[i] = int64(n)
	}
	b.Queue(`SELECT erase_openings($1, $2, $3)`, string(log), list, sealed)
}

// Reapply erases again, in a transaction of its own, what the ledger says was
// erased from entries of a log. Fold snapshots go with it.
func Reapply(ctx context.Context, conn interface {
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
}, log incident.LogID, entries []incident.Seq, slots [][]int, sealed [][]byte) error {
	b := &pgx.Batch{} // a batch is a transaction
	Writer(log).Enter(b)
	b.Queue(`DELETE FROM fold WHERE log = $1`, string(log))
	Ledger(log).Enter(b)
	for i, n := range entries {
		b.Queue(`INSERT INTO reapplied (log, entry, slots) VALUES ($1, $2, $3)`, string(log), int64(n), SlotBits(slots[i]))
	}
	QueueErase(b, log, entries, sealed)
	return conn.SendBatch(ctx, b).Close()
}

// Disposal is how much of a room can be erased, and was.
type Disposal struct {
	Total  int            // entries of kinds that can be erased
	Erased int            // of those, how many say nothing any more
	Next   []incident.Seq // the first of the others
}

// QueueDisposal asks how far a room's disposal has come; the scope is Writer.
// What follows a book or a question whether to erase is kept with it.
func QueueDisposal(b *pgx.Batch, log incident.LogID, limit int, into *Disposal) {
	const from = ` FROM opening o JOIN root r ON r.log = o.log AND r.seq = o.root WHERE o.log = $1 AND NOT r.standing AND r.kind NOT IN ('book.opened', 'erasure.asked')`
	const gone = `EXISTS (SELECT FROM erased e WHERE e.log = o.log AND e.entry = o.seq AND e.slots & 16 <> 0)`
	b.Queue(`SELECT count(*), count(*) FILTER (WHERE `+gone+`)`+from, string(log)).QueryRow(func(row pgx.Row) error { return row.Scan(&into.Total, &into.Erased) })
	b.Queue(`SELECT o.seq`+from+` AND NOT `+gone+` ORDER BY o.seq LIMIT $2`, string(log), limit).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			into.Next = append(into.Next, incident.Seq(n))
		}
		return err
	})
}
