package projection

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Noun is a kind of object of the record, as boards list them.
type Noun string

const (
	Severities Noun = "severity" // assessments, and the reasons for them
	Decisions  Noun = "decision"
	Actions    Noun = "action"
	Books      Noun = "book"
	LogEntries Noun = "logentry" // item.go has the nouns of intelligence
)

// The states of a book and its lines, and of what a severity board lists
// beside assessments, whose state is their scale.
const (
	BookIsOpen   = "open"
	BookIsClosed = "closed"
	LineWritten  = "written"
	Reason       = "reason"
)

// States lists what an object of the noun may be in; nil for no noun.
func (n Noun) States() []string {
	switch n {
	case Severities:
		return []string{string(incident.NHSLevel), string(incident.NCSCCategory), Reason}
	case Decisions:
		return []string{string(incident.DecisionIsProposed), string(incident.DecisionIsTaken), string(incident.DecisionIsConfirmed),
			string(incident.DecisionIsDisputed), string(incident.DecisionIsSuperseded), string(incident.DecisionIsReversed)}
	case Actions:
		return []string{string(incident.ActionIsRaised), string(incident.ActionIsAccepted), string(incident.ActionIsDeclined),
			string(incident.ActionIsDone), string(incident.ActionIsWithdrawn)}
	case Books:
		return []string{BookIsOpen, BookIsClosed}
	case LogEntries:
		return []string{LineWritten}
	case Escalations:
		return escalationStates
	case Clocks:
		return clockStates
	case Meetings, Sitreps, Updates, Requests, Handovers:
		return cadenceStates[n]
	case Broadcasts:
		return broadcastStates
	case Items:
		return []string{string(incident.ItemIsLive), string(incident.ItemIsMerged), string(incident.ItemIsRecalled)}
	case Tearlines:
		return []string{TearlineIsPublished}
	case Sightings:
		return []string{SightingIsMarked}
	case Releases:
		return []string{ReleaseIsAsked, ReleaseIsGranted, ReleaseIsRefused, AskedIsRecalled}
	case Promotions:
		return []string{PromotionIsAsked, PromotionIsAgreed, PromotionIsRefused, AskedIsRecalled}
	}
	return nil
}

// recordRows are the record's entries of a group.
type recordRows struct {
	events []*incident.Event
	boards []*incident.Event // of intelligence, which is no part of the record's timeline
}

func (r *recordRows) add(e *incident.Event) { r.events = append(r.events, e) }

// queue writes them after the roots and their markings, which they repeat.
func (r *recordRows) queue(b *pgx.Batch, log incident.LogID) {
	for _, e := range r.boards {
		queueRecord(b, log, e, false)
	}
	if len(r.events) == 0 {
		return
	}
	var seqs, roots []int64
	for _, e := range r.events {
		seqs, roots = append(seqs, int64(e.Seq)), append(roots, int64(e.Root))
	}
	b.Queue(`INSERT INTO record_entry (log, seq, root, standing, audience, members, orgs)
		SELECT $1, t.seq, t.root, r.standing, r.audience, r.members, r.orgs
		FROM unnest($2::bigint[], $3::bigint[]) AS t(seq, root) JOIN root r ON r.log = $1 AND r.seq = t.root`, string(log), seqs, roots)
	for _, e := range r.events {
		queueRecord(b, log, e, false)
	}
}

// queueRecordMarking moves who may see what is in the record already.
func queueRecordMarking(b *pgx.Batch, log incident.LogID, r *Root) {
	a := r.Audience
	b.Queue(`UPDATE record SET tlp = $3, audience = $4, members = $5::text::int[], orgs = $6::text::text[], recorded = $7
		WHERE log = $1 AND noun IN ('severity', 'decision', 'action', 'book', 'logentry', 'item', 'tearline', 'sighting', 'release', 'promotion', 'escalation', 'clock', 'meeting', 'sitrep', 'update', 'request', 'handover', 'broadcast') AND root = $2`,
		string(log), int64(r.Seq), string(r.TLP), string(a.Kind), memberArray(a.Members), orgArray(a.Orgs), r.Recorded)
	b.Queue(`UPDATE record_entry SET audience = $3, members = $4::text::int[], orgs = $5::text::text[] WHERE log = $1 AND root = $2`,
		string(log), int64(r.Seq), string(a.Kind), memberArray(a.Members), orgArray(a.Orgs))
}

// queueRecord queues what one entry changes in the objects' rows; with again,
// the row is there already and begins anew.
func queueRecord(b *pgx.Batch, log incident.LogID, e *incident.Event, again bool) {
	begin := func(noun Noun, state string, member incident.MemberNo, org incident.OrgID, due incident.Instant, under incident.Seq) {
		if again {
			b.Queue(`UPDATE record SET state = $4, member = $5, org = $6, due = $7, under = $8 WHERE log = $1 AND noun = $3 AND root = $2`,
				string(log), int64(e.Root), string(noun), state, int32(member), string(org), orNull(due), int64(under))
			return
		}
		b.Queue(`INSERT INTO record (log, root, noun, state, member, org, due, under, standing, tlp, audience, members, orgs, recorded)
			SELECT log, seq, $3, $4, $5, $6, $7, $8, standing, tlp, audience, members, orgs, recorded FROM root WHERE log = $1 AND seq = $2`,
			string(log), int64(e.Root), string(noun), state, int32(member), string(org), orNull(due), int64(under))
	}
	move := func(noun Noun, s string) {
		b.Queue(`UPDATE record SET state = $4 WHERE log = $1 AND noun = $3 AND root = $2`, string(log), int64(e.Root), string(noun), s)
	}
	decision := func(s incident.DecisionState) { move(Decisions, string(s)) }
	action := func(s incident.ActionState) { move(Actions, string(s)) }
	review := func(t incident.Instant, keep bool) {
		if !keep || !t.IsZero() {
			b.Queue(`UPDATE record SET due = $3 WHERE log = $1 AND noun = 'decision' AND root = $2`, string(log), int64(e.Root), orNull(t))
		}
	}
	queueBoard(b, log, e, again, begin)
	queueEscalation(b, log, e, begin)
	queueStatutory(b, log, e, begin)
	queueCadence(b, log, e, begin, move)
	queueBroadcast(b, log, e, begin)
	switch body := e.Body.(type) {
	case *incident.SeverityAssessed:
		begin(Severities, string(body.Scale), 0, e.By.Org, incident.Instant{}, 0)
	case *incident.SeverityReasoned:
		begin(Severities, Reason, 0, e.By.Org, incident.Instant{}, 0)
	case *incident.DecisionProposed:
		begin(Decisions, string(incident.DecisionIsProposed), body.Maker, "", body.Deliberation.Review, 0)
	case *incident.DecisionRecorded:
		begin(Decisions, string(incident.DecisionIsTaken), body.Verdict.Maker, "", body.Deliberation.Review, 0)
	case *incident.DecisionTaken:
		b.Queue(`UPDATE record SET state = $3, member = $4 WHERE log = $1 AND noun = 'decision' AND root = $2`,
			string(log), int64(e.Root), string(incident.DecisionIsTaken), int32(body.Verdict.Maker))
		review(body.Deliberation.Review, true)
	case *incident.DecisionAdded:
		review(body.Deliberation.Review, true)
	case *incident.DecisionReviewed:
		review(body.Review, false)
	case *incident.DecisionConfirmed:
		decision(incident.DecisionIsConfirmed)
	case *incident.DecisionDisputed:
		decision(incident.DecisionIsDisputed)
	case *incident.DecisionSuperseded:
		decision(incident.DecisionIsSuperseded)
	case *incident.DecisionReversed:
		decision(incident.DecisionIsReversed)
	case *incident.ActionRaised:
		begin(Actions, string(incident.ActionIsRaised), body.For.Member, body.For.Org, body.Due, body.Decision)
	case *incident.ActionHanded:
		b.Queue(`UPDATE record SET state = $3, member = $4, org = $5 WHERE log = $1 AND noun = 'action' AND root = $2`,
			string(log), int64(e.Root), string(incident.ActionIsRaised), int32(body.For.Member), string(body.For.Org))
	case *incident.ActionAccepted:
		action(incident.ActionIsAccepted)
	case *incident.ActionDeclined:
		action(incident.ActionIsDeclined)
	case *incident.ActionDone:
		action(incident.ActionIsDone)
	case *incident.ActionWithdrawn:
		action(incident.ActionIsWithdrawn)
	case *incident.BookOpened:
		begin(Books, BookIsOpen, body.Maker, "", incident.Instant{}, 0)
	case *incident.BookClosed:
		move(Books, BookIsClosed)
	case *incident.LogEntryWritten:
		begin(LogEntries, LineWritten, e.By.Member, "", incident.Instant{}, body.Book)
	}
}

func orNull(t incident.Instant) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

// Board says which objects of the record to list. States and Mine may be
// asked of what travels as an envelope too: a reader's envelopes name the kinds
// of its entries, and that something waits for oneself is nobody else's affair.
// Overdue, Expired, Under and Org ask of what an envelope hides, so they pass
// TLP:RED over, and what is recorded.
type Board struct {
	Noun    Noun
	States  []string       // none for every state
	Mine    bool           // those that wait for the asker: see Asker
	Overdue time.Time      // those due before this and not finished; zero for all
	Expired time.Time      // items not to be acted on from a time before this; zero for all
	Under   incident.Seq   // lines of this book, or actions that carry out this decision; 0 for all
	Org     incident.OrgID // actions for, and assessments by, this organisation; "" for all
	Before  incident.Seq   // roots below this; 0 for no bound
	Limit   int
}

// Asker is a member as boards know them.
type Asker struct {
	*incident.Member
	Known  []incident.MemberNo // every number they bore: what was asked of one is asked of them
	Speaks bool                // they answer for their organisation
	Gone   []incident.MemberNo // if they do: who sees to its clocks and is in the room no more
}

// seenIn is the rule of policy.Sees over rows of the record, for listing. The
// member's number, organisation, whether they are a host's and their history
// start are the four parameters from the first on.
func seenIn(table string, first int) string {
	return fmt.Sprintf(`(%[1]s.standing OR (%[1]s.root >= $%[5]d AND (%[1]s.audience = 'room' OR (%[1]s.audience = 'hosts' AND $%[4]d)
		OR (%[1]s.audience = 'named' AND ($%[2]d = ANY (%[1]s.members) OR $%[3]d = ANY (%[1]s.orgs))))))`, table, first, first+1, first+2, first+3)
}

func sightOf(m *incident.Member) []any {
	return []any{int32(m.Number), string(m.Org), m.Host, int64(m.Start)}
}

// ask is a statement with its parameters, put together of those conditions
// that are asked: the database then sees which index answers it.
type ask struct {
	args []any
}

func askOf(log incident.LogID, m *incident.Member) *ask {
	return &ask{append([]any{string(log)}, sightOf(m)...)}
}

// with names a parameter.
func (a *ask) with(x any) string {
	a.args = append(a.args, x)
	return fmt.Sprintf("$%d", len(a.args))
}

// waits are the ways in which something waits for the asker; an index answers
// each.
func (a *ask) waits(noun Noun, by Asker) (ways []string) {
	switch noun {
	case Decisions:
		for _, n := range by.Known {
			ways = append(ways, `c.state IN ('proposed', 'taken') AND c.org = '' AND c.member = `+a.with(int32(n)))
		}
	case Actions:
		for _, n := range by.Known {
			ways = append(ways, `c.state IN ('raised', 'accepted') AND c.org = $3 AND c.member = `+a.with(int32(n)))
		}
		if by.Speaks {
			ways = append(ways, `c.state IN ('raised', 'accepted') AND c.org = $3 AND c.member = 0`)
		}
	case Escalations:
		// Whose they are to answer the fold knows; there are never many.
		ways = append(ways, `c.state = 'requested'`, `c.state = 'silent'`)
	case Clocks:
		for _, n := range append(slices.Clone(by.Known), by.Gone...) {
			ways = append(ways, `c.state = 'running' AND c.org = $3 AND c.member = `+a.with(int32(n)))
		}
		if by.Speaks {
			ways = append(ways, `c.state = 'running' AND c.org = $3 AND c.member = 0`)
		}
	case Requests:
		if by.Leads() {
			ways = append(ways, `c.state = 'asked' AND c.org = ''`)
		}
	case Handovers:
		for _, n := range by.Known {
			ways = append(ways, `c.state = 'signed' AND c.org = '' AND c.member = `+a.with(int32(n)))
		}
	case Broadcasts:
		// Whose they are to answer the fold knows; there are at most a few.
		ways = append(ways, `c.state = 'asked'`)
	case Releases, Promotions:
		if by.Speaks {
			way := `c.state = 'asked' AND c.org = $3 AND c.member = 0`
			if noun == Releases { // what one asks of one's own organisation waits for a second person
				known := make([]int32, 0, len(by.Known))
				for _, n := range by.Known {
					known = append(known, int32(n))
				}
				way += ` AND NOT EXISTS (SELECT FROM root q WHERE q.log = $1 AND q.seq = c.root AND q.org = $3 AND q.author = ANY (` + a.with(known) + `::int[]))`
			}
			ways = append(ways, way)
		}
	}
	return ways
}

// ByIndex has the database walk an index in order and stop when it has enough,
// whatever it believes of the tables: it cannot know how many rows a rule of
// sight leaves, guesses next to none, and would rather read and sort them all.
// Without jit, or it would compile the statement for the costs this pretends;
// and by one plan for all, or planning would cost more than the page. It holds
// to the end of the transaction.
func ByIndex(b *pgx.Batch) {
	b.Queue(`SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
		set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`)
}

// QueueBoard lists roots of the record that a member may see, newest first;
// nouns and states, which are words of ours, stand in the statement's text, so
// that a plan kept for it rests on how many there are of each;
// the scope is Reader. It touches the rows of one noun at most, and those of
// one page when nothing narrows it.
func QueueBoard(b *pgx.Batch, log incident.LogID, by Asker, q Board, into *[]incident.Seq) {
	known := q.Noun.States()
	if known == nil || slices.ContainsFunc(q.States, func(s string) bool { return !slices.Contains(known, s) }) {
		return // there is no such thing
	}
	a := askOf(log, by.Member)
	where := []string{`c.log = $1 AND c.noun = '` + string(q.Noun) + `'`, seenIn("c", 2)}
	if q.Before != 0 {
		where = append(where, `c.root < `+a.with(int64(q.Before)))
	}
	if !q.Overdue.IsZero() {
		unfinished := `c.state IN ('taken', 'confirmed', 'disputed', 'raised', 'accepted')`
		switch q.Noun {
		case Items:
			unfinished = `c.state = 'live'`
		case Clocks:
			unfinished = `c.state = 'running'`
		}
		where = append(where, `c.due IS NOT NULL AND c.due < `+a.with(q.Overdue)+` AND `+unfinished)
	}
	if !q.Expired.IsZero() {
		where = append(where, `c.expires IS NOT NULL AND c.expires < `+a.with(q.Expired))
	}
	if q.Under != 0 {
		where = append(where, `c.under <> 0 AND c.under = `+a.with(int64(q.Under)))
	}
	if q.Org != "" {
		where = append(where, `c.org <> '' AND c.org = `+a.with(string(q.Org)))
	}
	if !q.Overdue.IsZero() || !q.Expired.IsZero() || q.Under != 0 || q.Org != "" {
		where = append(where, `c.tlp <> 'TLP:RED' AND NOT c.recorded`)
	}
	ways := []string{`true`}
	switch {
	case q.Mine:
		ways = a.waits(q.Noun, by)
		if len(q.States) > 0 {
			where = append(where, `c.state = ANY (`+a.with(q.States)+`::text[])`)
		}
	case len(q.States) > 0:
		ways = nil
		for _, s := range q.States {
			ways = append(ways, `c.state = '`+s+`'`)
		}
	}
	if len(ways) == 0 {
		return // nothing of this noun waits for anyone
	}
	limit := a.with(q.Limit)
	var parts []string
	for _, way := range ways {
		parts = append(parts, `(SELECT c.root FROM record c WHERE `+strings.Join(where, " AND ")+` AND `+way+` ORDER BY c.root DESC LIMIT `+limit+`)`)
	}
	ByIndex(b)
	b.Queue(`SELECT root FROM (`+strings.Join(parts, ` UNION ALL `)+`) t ORDER BY root DESC LIMIT `+limit, a.args...).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			*into = append(*into, incident.Seq(n))
		}
		return err
	})
}

// QueueNeeds lists what waits for a member: clocks that run, then escalations
// that nobody has answered, then posts that are handed over to them, then
// broadcasts that wait for the other host, then decisions to take or confirm,
// then actions to accept or finish, then requests to release, then questions of
// a side room, then requests for an update, of each the newest first and at
// most limit; the scope is Reader.
func QueueNeeds(b *pgx.Batch, log incident.LogID, by Asker, limit int, into *[]incident.Seq) {
	for _, noun := range []Noun{Clocks, Escalations, Handovers, Broadcasts, Decisions, Actions, Releases, Promotions, Requests} {
		QueueBoard(b, log, by, Board{Noun: noun, Mine: true, Limit: limit}, into)
	}
}

// RecordEntries is a query of the numbers of those entries of the record that
// a member may see: $1 the log, $2 and $3 the bounds, both excluded, $4 how
// many. Its other parameters go behind args, which it returns with them.
func RecordEntries(m *incident.Member, order string, args []any) (string, []any) {
	return `SELECT e.seq FROM record_entry e WHERE e.log = $1 AND e.seq > $2 AND e.seq < $3 AND ` + seenIn("e", len(args)+1) +
		` ORDER BY e.seq ` + order + ` LIMIT $4`, append(args, sightOf(m)...)
}
