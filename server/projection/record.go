package projection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Noun is a kind of object of the record, as boards list them.
type Noun string

const (
	Severities Noun = "severity"
	Decisions  Noun = "decision"
	Actions    Noun = "action"
	Books      Noun = "book"
	LogEntries Noun = "logentry"
)

// Valid reports whether n is one of them.
func (n Noun) Valid() bool {
	switch n {
	case Severities, Decisions, Actions, Books, LogEntries:
		return true
	}
	return false
}

// queueRecord queues what one entry changes in the record's rows.
func queueRecord(b *pgx.Batch, log incident.LogID, e *incident.Event) {
	begin := func(noun Noun, state string, member incident.MemberNo, org incident.OrgID, due incident.Instant, book incident.Seq) {
		b.Queue(`INSERT INTO record (log, root, noun, state, member, org, due, book) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(log), int64(e.Root), string(noun), state, int32(member), string(org), orNull(due), int64(book))
	}
	state := func(s string) {
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND root = $2`, string(log), int64(e.Root), s)
	}
	due := func(t incident.Instant, keep bool) {
		if !keep || !t.IsZero() {
			b.Queue(`UPDATE record SET due = $3 WHERE log = $1 AND root = $2`, string(log), int64(e.Root), orNull(t))
		}
	}
	switch body := e.Body.(type) {
	case *incident.SeverityAssessed:
		begin(Severities, string(body.Scale), 0, e.By.Org, incident.Instant{}, 0)
	case *incident.DecisionProposed:
		begin(Decisions, string(incident.DecisionIsProposed), body.Maker, "", body.Deliberation.Review, 0)
	case *incident.DecisionRecorded:
		begin(Decisions, string(incident.DecisionIsTaken), body.Verdict.Maker, "", body.Deliberation.Review, 0)
	case *incident.DecisionTaken:
		b.Queue(`UPDATE record SET state = $3, member = $4 WHERE log = $1 AND root = $2`,
			string(log), int64(e.Root), string(incident.DecisionIsTaken), int32(body.Verdict.Maker))
		due(body.Deliberation.Review, true)
	case *incident.DecisionAdded:
		due(body.Deliberation.Review, true)
	case *incident.DecisionReviewed:
		due(body.Review, false)
	case *incident.DecisionConfirmed:
		state(string(incident.DecisionIsConfirmed))
	case *incident.DecisionDisputed:
		state(string(incident.DecisionIsDisputed))
	case *incident.DecisionSuperseded:
		state(string(incident.DecisionIsSuperseded))
	case *incident.DecisionReversed:
		state(string(incident.DecisionIsReversed))
	case *incident.ActionRaised:
		begin(Actions, string(incident.ActionIsRaised), body.For.Member, body.For.Org, body.Due, 0)
	case *incident.ActionHanded:
		b.Queue(`UPDATE record SET state = $3, member = $4, org = $5 WHERE log = $1 AND root = $2`,
			string(log), int64(e.Root), string(incident.ActionIsRaised), int32(body.For.Member), string(body.For.Org))
	case *incident.ActionAccepted:
		state(string(incident.ActionIsAccepted))
	case *incident.ActionDeclined:
		state(string(incident.ActionIsDeclined))
	case *incident.ActionDone:
		state(string(incident.ActionIsDone))
	case *incident.ActionWithdrawn:
		state(string(incident.ActionIsWithdrawn))
	case *incident.BookOpened:
		begin(Books, "open", body.Maker, "", incident.Instant{}, 0)
	case *incident.BookClosed:
		state("closed")
	case *incident.LogEntryWritten:
		begin(LogEntries, "written", e.By.Member, "", incident.Instant{}, body.Book)
	}
}

func orNull(t incident.Instant) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

// Board says which objects of the record to list.
type Board struct {
	Noun    Noun
	States  []string       // nil for every state
	Mine    bool           // those that wait for the member, or for whom their organisation is asked
	Overdue time.Time      // those due before this and not finished; zero for all
	Book    incident.Seq   // lines of this book; 0 for all
	Org     incident.OrgID // actions for this organisation; "" for all
	Before  incident.Seq   // roots below this; 0 for no bound
	Limit   int
}

// mine is what waits for the member: $2 their number, $3 their organisation.
const mine = `((c.noun = 'decision' AND c.state IN ('proposed', 'taken') AND c.member = $2)
	OR (c.noun = 'action' AND c.state IN ('raised', 'accepted') AND (c.member = $2 OR (c.member = 0 AND c.org = $3))))`

// QueueBoard lists roots of the record that a member may see, newest first;
// the scope is Reader.
func QueueBoard(b *pgx.Batch, log incident.LogID, m *incident.Member, q Board, into *[]incident.Seq) {
	var overdue *time.Time
	if !q.Overdue.IsZero() {
		overdue = &q.Overdue
	}
	before := int64(q.Before)
	if before == 0 {
		before = 1 << 62
	}
	b.Queue(`SELECT c.root FROM record c JOIN root r ON r.log = c.log AND r.seq = c.root
		WHERE c.log = $1 AND c.noun = $6 AND c.root < $7 AND (r.standing OR `+seenBy+`)
			AND ($8::text[] IS NULL OR c.state = ANY ($8)) AND (NOT $9 OR `+mine+`)
			AND ($10::timestamptz IS NULL OR (c.due < $10 AND c.state IN ('taken', 'confirmed', 'disputed', 'raised', 'accepted')))
			AND ($11 = 0 OR c.book = $11) AND ($12 = '' OR c.org = $12)
		ORDER BY c.root DESC LIMIT $13`,
		string(log), int32(m.Number), string(m.Org), m.Host, int64(m.Start), string(q.Noun), before, q.States, q.Mine, overdue,
		int64(q.Book), string(q.Org), q.Limit).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			*into = append(*into, incident.Seq(n))
		}
		return err
	})
}

// QueueNeeds counts what waits for the member, up to CountLimit: decisions to
// take or confirm, actions to accept or finish. TLP:RED ones are counted too:
// an envelope tells that they are there.
func QueueNeeds(b *pgx.Batch, log incident.LogID, m *incident.Member, into *int) {
	b.Queue(`SELECT count(*) FROM (SELECT 1 FROM record c JOIN root r ON r.log = c.log AND r.seq = c.root
		WHERE c.log = $1 AND `+mine+` AND `+seenBy+` LIMIT $6) t`,
		string(log), int32(m.Number), string(m.Org), m.Host, int64(m.Start), CountLimit).
		QueryRow(func(row pgx.Row) error { return row.Scan(into) })
}
