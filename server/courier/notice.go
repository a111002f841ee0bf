package courier

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// Whose is what kind of id names the recipient.
type Whose string

// The kinds.
const (
	APerson      Whose = "person"     // somebody the deployment knows, by their own number or address
	AContact     Whose = "contact"    // an organisation's contact, by a channel of theirs
	AnInvitation Whose = "invitation" // whoever an invitation was addressed to
)

// Want is a message that somebody should get.
type Want struct {
	Log      incident.LogID
	Root     incident.Seq   // the entry it is about
	Instance string         // what about it, in small letters, digits, hyphens and slashes: step-2; the same is asked for once
	Purpose  notify.Purpose //
	Person   incident.PersonID
	Contact  string               // or an organisation's contact …
	Invited  string               // … or an invitation, by id
	Org      incident.OrgID       // the recipient's
	Channel  incident.ChannelKind // BySMS or ByEmail
	// ChannelID is the contact's channel; empty for persons, and for invitations
	// that go to the number or address they were made with.
	ChannelID string
	After     time.Duration // not sent before
}

func (w Want) whose() (whose Whose, recipient string, err error) {
	given := 0
	for _, x := range []struct {
		whose Whose
		id    string
	}{{APerson, string(w.Person)}, {AContact, w.Contact}, {AnInvitation, w.Invited}} {
		if x.id != "" {
			given++
			whose, recipient = x.whose, x.id
		}
	}
	switch {
	case given != 1, whose == AContact && w.ChannelID == "", whose == APerson && w.ChannelID != "":
		return "", "", errors.New("courier: a notice goes to one person, one channel of a contact, or one invitation")
	case w.Channel != incident.BySMS && w.Channel != incident.ByEmail:
		return "", "", errors.New("courier: a notice goes by text message or e-mail")
	case !w.Purpose.Known() || w.Root == 0 || w.Log == "":
		return "", "", errors.New("courier: a notice has a purpose and is about an entry")
	}
	return whose, recipient, nil
}

// askBatch is how many rows one statement stores.
const askBatch = 500

// Ask asks for messages. What was asked for before is not asked for again, so
// it may be run twice: a crash half way leaves some of them asked for.
func (c *Courier) Ask(ctx context.Context, wants []Want) error {
	for some := range slices.Chunk(wants, askBatch) {
		if err := c.ask(ctx, some); err != nil {
			return err
		}
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
	return nil
}

func (c *Courier) ask(ctx context.Context, wants []Want) error {
	n := len(wants)
	ids, logs, instances, purposes, whoses := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	recipients, orgs, kinds, channels := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	roots, codes, after := make([]int64, n), make([][]byte, n), make([]float64, n)
	for i, w := range wants {
		whose, recipient, err := w.whose()
		if err != nil {
			return err
		}
		id := notify.NewID()
		ids[i], logs[i], instances[i], purposes[i], whoses[i] = id.String(), string(w.Log), w.Instance, w.Purpose.String(), string(whose)
		recipients[i], orgs[i], kinds[i], channels[i] = recipient, string(w.Org), string(w.Channel), w.ChannelID
		roots[i], codes[i], after[i] = int64(w.Root), c.codeMAC(c.code(id)), w.After.Seconds()
	}
	err := c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO notice (id, log, root, instance, purpose, whose, recipient, org, kind, channel, try, code, made, due)
			SELECT x.id, x.log, x.root, x.instance, x.purpose, x.whose, x.recipient, x.org, x.kind, x.channel, 1, x.code, t.now, t.now + x.after * interval '1 second'
			FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::float8[])
				x(id, log, root, instance, purpose, whose, recipient, org, kind, channel, code, after),
				(SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			ON CONFLICT (log, root, instance, recipient, kind, channel, try) DO NOTHING`,
			c.clock(), ids, logs, roots, instances, purposes, whoses, recipients, orgs, kinds, channels, codes, after)
	})
	if err != nil {
		return fmt.Errorf("courier: ask: %w", err)
	}
	return nil
}

// code is the code of a notice: made of its id, so that every attempt says the
// same and none is stored.
func (c *Courier) code(id notify.ID) notify.Code {
	m := c.o.MAC("notice code", id[:])
	return notify.MakeCode(binary.BigEndian.Uint64(m[:]))
}

func (c *Courier) codeMAC(code notify.Code) []byte { return c.mac("notice code typed", code.Shown()) }

// State is how far one message has come.
type State struct {
	ID           notify.ID
	Instance     string
	Purpose      notify.Purpose
	Whose        Whose
	Recipient    string // an id
	Org          incident.OrgID
	Channel      incident.ChannelKind
	ChannelID    string
	State        Stage
	Why          Why
	Way          Way // it went out by; empty before
	Try          int
	Made         time.Time
	Sent         time.Time // when the last attempt began; zero for none
	Settled      time.Time
	Acknowledged time.Time
}

// Stage is where a message stands.
type Stage string

// The stages.
const (
	Queued    Stage = "queued"
	Sending   Stage = "sending"   // a request is under way
	Uncertain Stage = "uncertain" // it may have been accepted; that is asked before it is sent again
	Sent      Stage = "sent"      // accepted; not known to have arrived
	Delivered Stage = "delivered"
	Temporary Stage = "temporary" // off, out of reach or full: can be sent again
	Permanent Stage = "permanent" // there is no such number or address: the contact must be mended
	Technical Stage = "technical" // never left: can be sent again
	Refused   Stage = "refused"   // it was not taken as it is
	NotSent   Stage = "not_sent"  // on purpose: see Why
)

// Stages lists them all, in the order boards show them.
var Stages = []Stage{Queued, Sending, Uncertain, Sent, Delivered, Temporary, Permanent, Technical, Refused, NotSent}

// Again reports whether it is worth sending again as it is.
func (s Stage) Again() bool { return s == Temporary || s == Technical }

// Why is the reason that something was not sent.
type Why string

// The reasons.
const (
	Gone      Why = "gone"       // they are not in the room, or the contact is not there, or may not be told of this
	Answered  Why = "answered"   // nobody waits for them any more
	Here      Why = "here"       // they are signed in and active
	Quiet     Why = "quiet"      // their quiet hours outlast what it was about
	NoChannel Why = "no_channel" // no verified number or address
	Repeats   Why = "repeats"    // they were told the same a moment ago
	Exercise  Why = "exercise"   // an exercise, and a number that somebody has
	Over      Why = "over"       // the incident is closed
	Late      Why = "late"       // it lay too long to be of use
	NoWay     Why = "no_way"     // nothing is set up to send it
	Stopped   Why = "stopped"    // whoever asked for it stopped it
	Turned    Why = "refused"    // whoever was to approve it did not
	Frozen    Why = "frozen"     // nobody is told of this room at present
)

const stateColumns = `n.id, n.instance, n.purpose, n.whose, n.recipient, n.org, n.kind, n.channel, n.state, coalesce(n.why, ''), coalesce(n.way, ''), n.try, n.made, n.began, n.settled, n.acknowledged`

// newest is whether n is the newest try of its message. It is asked of each row
// by itself: joined, it is quadratic when thousands were written a moment ago
// and Postgres still holds the table for an empty one.
const newest = `coalesce((SELECT false FROM notice m WHERE m.log = n.log AND m.root = n.root AND m.instance = n.instance AND m.recipient = n.recipient
	AND m.kind = n.kind AND m.channel = n.channel AND m.try > n.try LIMIT 1), true)`

func scanState(r pgx.CollectableRow) (s State, err error) {
	var id, purpose string
	var began, settled, acknowledged *time.Time
	err = r.Scan(&id, &s.Instance, &purpose, &s.Whose, &s.Recipient, &s.Org, &s.Channel, &s.ChannelID, &s.State, &s.Why, &s.Way, &s.Try, &s.Made, &began, &settled, &acknowledged)
	if err != nil {
		return s, err
	}
	for _, x := range []struct {
		to   *time.Time
		from *time.Time
	}{{&s.Sent, began}, {&s.Settled, settled}, {&s.Acknowledged, acknowledged}} {
		if x.from != nil {
			*x.to = *x.from
		}
	}
	if s.ID, err = notify.ParseID(id); err != nil {
		return s, err
	}
	s.Purpose, err = notify.ParsePurpose(purpose)
	return s, err
}

// Page is a part of a list of states: those behind an id, of some stages.
type Page struct {
	After  string  // the id of the last one of the page before; empty for the first
	Limit  int     // at most 500; 0 is 100
	Stages []Stage // empty for all
}

// States lists the messages about an entry by their ids, the newest try of
// each. Who may read them is the caller's to judge.
func (c *Courier) States(ctx context.Context, log incident.LogID, root incident.Seq, p Page) ([]State, error) {
	if p.Limit < 1 || p.Limit > 500 {
		p.Limit = 100
	}
	if len(p.Stages) == 0 {
		p.Stages = Stages
	}
	return c.states(ctx, `n.root = $2 AND n.id > $3 AND n.state = ANY ($4)`, `n.id LIMIT $5`, log, int64(root), p.After, p.Stages, p.Limit)
}

// states reads the newest tries of messages about entries of a log ($1), of
// those that are so, in this order.
func (c *Courier) states(ctx context.Context, are, order string, log incident.LogID, args ...any) (list []State, err error) {
	err = c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT `+stateColumns+` FROM notice n WHERE n.log = $1 AND `+are+` AND `+newest+` ORDER BY `+order, append([]any{string(log)}, args...)...).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, scanState)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("courier: states: %w", err)
	}
	return list, nil
}

// Count is how many messages about an entry stand where.
type Count struct {
	Channel      incident.ChannelKind
	State        Stage
	Why          Why
	Messages     int
	Acknowledged int
}

// Counts adds the messages about an entry up, the newest try of each.
func (c *Courier) Counts(ctx context.Context, log incident.LogID, root incident.Seq) (list []Count, err error) {
	err = c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT n.kind, n.state, coalesce(n.why, ''), count(*)::int, count(n.acknowledged)::int FROM notice n WHERE n.log = $1 AND n.root = $2
			AND `+newest+`
			GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, string(log), int64(root)).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Count])
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("courier: counts: %w", err)
	}
	return list, nil
}

// maxTries bounds how often one message is sent again on request.
const maxTries = 5

// Retry sends a message about this entry again, as a message of its own. It is
// Missing if there is none such, and a Conflict if sending it again is in vain
// or under way. Who may is the caller's to judge.
func (c *Courier) Retry(ctx context.Context, log incident.LogID, root incident.Seq, id notify.ID) error {
	again := notify.NewID()
	err := c.tx(ctx, func(tx pgx.Tx) error {
		var s Stage
		var try int
		var latest bool
		err := tx.QueryRow(ctx, `SELECT n.state, n.try, `+newest+`
			FROM notice n WHERE n.id = $1 AND n.log = $2 AND n.root = $3 FOR UPDATE`, id.String(), string(log), int64(root)).Scan(&s, &try, &latest)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return incident.Missing()
		case err != nil:
			return err
		case !latest:
			return incident.Refuse(incident.Conflict, "It was sent again already. Wait for what becomes of that.")
		case !s.Again():
			return incident.Refuse(incident.Conflict, "Sending it again would change nothing.")
		case try >= maxTries:
			return incident.Refuse(incident.Conflict, "It was sent %d times. Ring them instead.", maxTries)
		}
		_, err = tx.Exec(ctx, `INSERT INTO notice (id, log, root, instance, purpose, whose, recipient, org, kind, channel, try, code, made, due)
			SELECT $2, log, root, instance, purpose, whose, recipient, org, kind, channel, try + 1, $3, t.now, t.now
			FROM notice, (SELECT coalesce($4::timestamptz, clock_timestamp())) t(now) WHERE id = $1
			ON CONFLICT (log, root, instance, recipient, kind, channel, try) DO NOTHING`, id.String(), again.String(), c.codeMAC(c.code(again)), c.clock())
		return err
	})
	if err != nil {
		return fmt.Errorf("courier: retry: %w", err)
	}
	return nil
}

// Stop ends what waits of the messages about an entry: none that has not begun
// is sent. What is under way goes out.
func (c *Courier) Stop(ctx context.Context, log incident.LogID, root incident.Seq, why Why) error {
	err := c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE notice SET state = 'not_sent', why = $4, hand = NULL, settled = coalesce($1::timestamptz, clock_timestamp()) WHERE log = $2 AND root = $3 AND state = 'queued'`,
			c.clock(), string(log), int64(root), string(why))
		b.Queue(`UPDATE notice SET again = NULL WHERE log = $1 AND root = $2 AND again IS NOT NULL`, string(log), int64(root))
	})
	if err != nil {
		return fmt.Errorf("courier: stop: %w", err)
	}
	return nil
}
