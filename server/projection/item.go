package projection

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Intelligence, as boards list it beside the record.
const (
	Items     Noun = "item"     // a merged one under the one that goes on
	Tearlines Noun = "tearline" // under their item
	Sightings Noun = "sighting" // under their item
	Releases  Noun = "release"  // requests, under the entry they are about

	Promotions Noun = "promotion" // questions of a side room, under the entry they are about
)

// The states of tear-lines, sightings and requests. What a sighting says is
// its own to say; that it was marked is all that a row tells.
const (
	TearlineIsPublished = "published"
	SightingIsMarked    = "marked"
	ReleaseIsAsked      = "asked"
	ReleaseIsGranted    = "granted"
	ReleaseIsRefused    = "refused"

	PromotionIsAsked   = "asked"
	PromotionIsAgreed  = "agreed"
	PromotionIsRefused = "refused"

	// AskedIsRecalled is the state of a request or a question that nobody answered
	// before what it is about was recalled, or before the question itself was
	// erased: it waits for nobody any more.
	AskedIsRecalled = "recalled"
)

// onBoard reports whether the event changes a row of intelligence.
func onBoard(e *incident.Event) bool {
	switch e.Body.(type) {
	case *incident.ItemPublished, *incident.ItemCorrected, *incident.ItemAbsorbed, *incident.TearlinePublished, *incident.SightingMarked,
		*incident.ReleaseRequested, *incident.ReleaseAnswered, *incident.EntryRecalled, *incident.PromotionAsked, *incident.PromotionAgreed, *incident.PromotionRefused:
		return true
	}
	return false
}

// queueBoard queues what one entry changes in the rows of intelligence; with
// again, the row is there already and begins anew.
func queueBoard(b *pgx.Batch, log incident.LogID, e *incident.Event, again bool, begin func(Noun, string, incident.MemberNo, incident.OrgID, incident.Instant, incident.Seq)) {
	expires := func(i *incident.Item) {
		b.Queue(`UPDATE record SET due = $3, expires = $4 WHERE log = $1 AND noun = 'item' AND root = $2`, string(log), int64(e.Root), orNull(i.Review), orNull(i.Expires))
	}
	move := func(noun Noun, state string) {
		b.Queue(`UPDATE record SET state = $4 WHERE log = $1 AND noun = $3 AND root = $2`, string(log), int64(e.Root), string(noun), state)
	}
	switch body := e.Body.(type) {
	case *incident.ItemPublished:
		org := e.By.Org
		if e.Marking != nil { // brought from a side room, it is not whose act that was
			org = e.Marking.Originator
		}
		begin(Items, string(incident.ItemIsLive), 0, org, body.Review, 0)
		if again || !body.Expires.IsZero() {
			expires(&body.Item)
		}
	case *incident.ItemCorrected:
		expires(&body.Item)
	case *incident.ItemAbsorbed:
		b.Queue(`UPDATE record SET state = $3, under = $4 WHERE log = $1 AND noun = 'item' AND root = $2`,
			string(log), int64(e.Root), string(incident.ItemIsMerged), int64(body.Into))
	case *incident.EntryRecalled: // an item's, if there is such a row; and what was asked about it
		move(Items, string(incident.ItemIsRecalled))
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND noun = 'release' AND under = $2 AND under <> 0 AND state = 'asked'`, string(log), int64(e.Root), AskedIsRecalled)
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND noun = 'promotion' AND root = $2 AND state = 'asked'`, string(log), int64(e.Root), AskedIsRecalled)
	case *incident.TearlinePublished:
		begin(Tearlines, TearlineIsPublished, 0, e.By.Org, incident.Instant{}, body.Item)
	case *incident.SightingMarked:
		begin(Sightings, SightingIsMarked, 0, e.By.Org, incident.Instant{}, body.Item)
	case *incident.ReleaseRequested:
		// Whose it is to answer is that of the entry asked about.
		begin(Releases, ReleaseIsAsked, 0, "", incident.Instant{}, body.Entry)
		if body.Second != "" {
			b.Queue(`UPDATE record SET org = $3 WHERE log = $1 AND noun = 'release' AND root = $2`, string(log), int64(e.Root), string(body.Second))
			return
		}
		b.Queue(`UPDATE record c SET org = r.org FROM root r WHERE c.log = $1 AND c.noun = 'release' AND c.root = $2 AND r.log = $1 AND r.seq = $3`,
			string(log), int64(e.Root), int64(body.Entry))
	case *incident.ReleaseAnswered:
		state := ReleaseIsRefused
		if body.Granted {
			state = ReleaseIsGranted
		}
		move(Releases, state)
	case *incident.PromotionAsked:
		state := PromotionIsAsked
		if e.BodyErased() {
			state = AskedIsRecalled
		}
		begin(Promotions, state, 0, e.Marking.Originator, incident.Instant{}, body.Entry)
	case *incident.PromotionAgreed:
		move(Promotions, PromotionIsAgreed)
	case *incident.PromotionRefused:
		move(Promotions, PromotionIsRefused)
	}
}

// Rests reports whether the entry says what a decision or a question to bring
// something to the main room rests on.
func Rests(e *incident.Event) bool { return e.Kind.IsDecision() || e.Kind == "promotion.asked" }

// citeRows are what rests on which entries, by the numbers it cites.
type citeRows struct{ root, cites []int64 }

func (r *citeRows) add(e *incident.Event) {
	if !Rests(e) {
		return
	}
	for _, n := range e.Refs.Cites {
		r.root, r.cites = append(r.root, int64(e.Root)), append(r.cites, int64(n))
	}
}

func (r *citeRows) queue(b *pgx.Batch, log incident.LogID) {
	if len(r.root) > 0 {
		b.Queue(`INSERT INTO cite (log, cites, root) SELECT DISTINCT $1, cites, root FROM unnest($2::bigint[], $3::bigint[]) AS t(root, cites)
			ON CONFLICT DO NOTHING`, string(log), r.root, r.cites)
	}
}

// A Citation is that an object rests on an entry.
type Citation struct {
	Root  incident.Seq   // of the object
	Entry incident.Seq   // as it was cited
	Of    incident.Seq   // the root of that entry
	Sight incident.Sight // of the object
}

// QueueCitations asks what rests on any entry of some roots; the scope is
// Writer.
func QueueCitations(b *pgx.Batch, log incident.LogID, roots []int64, into *[]Citation) {
	b.Queue(`SELECT c.cites, o.root, `+SightColumns+` FROM (SELECT DISTINCT unnest((SELECT $2::bigint[]))) AS a(at)
		CROSS JOIN LATERAL ((SELECT seq, root FROM opening WHERE log = $1 AND seq = a.at LIMIT 1)
			UNION ALL (SELECT seq, root FROM opening WHERE log = $1 AND root = a.at AND root <> seq ORDER BY seq OFFSET 0)) o
		CROSS JOIN LATERAL (SELECT root, cites FROM cite WHERE log = $1 AND cites = o.seq OFFSET 0) c
		CROSS JOIN LATERAL (SELECT * FROM root WHERE log = $1 AND seq = c.root LIMIT 1) r ORDER BY c.root, c.cites`,
		string(log), roots).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (c Citation, err error) {
			var entry, of int64
			var row SightRow
			if err = r.Scan(append([]any{&entry, &of}, row.Targets()...)...); err != nil {
				return c, err
			}
			c.Sight, _ = row.Sight()
			c.Root, c.Entry, c.Of = c.Sight.Root, incident.Seq(entry), incident.Seq(of)
			return c, nil
		})
		return err
	})
}
