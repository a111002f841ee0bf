package courier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// Way is how messages leave.
type Way string

// The ways.
const (
	ByText Way = "sms"   // a text message, by GOV.UK Notify
	ByMail Way = "email" // an e-mail, by GOV.UK Notify
	BySMTP Way = "smtp"  // an e-mail, by the deployment's own submission service, where ByMail is held
)

// Hold is why a way is not used at present.
type Hold string

// The reasons. A way that is Busy goes on in a moment: nobody is told.
const (
	Unreachable Hold = "unreachable" // it does not answer, or with errors
	Busy        Hold = "busy"
	Exhausted   Hold = "exhausted" // the day's limit is spent
	Denied      Hold = "denied"    // the key or the sender is not taken
	Skewed      Hold = "skewed"    // this deployment's clock is wrong
	Strange     Hold = "strange"   // something else answers there
)

const (
	failuresHeld = 5                // in a row: then the way is held
	troubleHeld  = time.Minute      // or so long nothing but failures, however few: a lone message tells too
	probeAfter   = 15 * time.Second // a held way is tried with one message, this often
	ahead        = time.Second      // places of the pace that are taken in advance, at most
)

// Health is how a way does.
type Health struct {
	Way     Way
	Set     bool // it is set up on this node
	Hold    Hold // empty for nothing
	Since   time.Time
	Skew    time.Duration // this deployment's clock is ahead by that; of Skewed
	Waiting int           // messages that wait for it, those that it may have already included; an e-mail is counted with ByMail
	Oldest  time.Time     // since when the first of them waits
}

func (c *Courier) has(w Way) bool {
	if w == BySMTP {
		return c.o.Mailer != nil
	}
	return c.o.Client != nil
}

// Reaches reports whether anything on this node could send that way.
func (c *Courier) Reaches(kind incident.ChannelKind) bool {
	return c != nil && !c.o.Site.IsZero() && (kind == incident.BySMS && c.has(ByText) || kind == incident.ByEmail && (c.has(ByMail) || c.has(BySMTP)))
}

// Health says how the ways do. It tells of no message.
func (c *Courier) Health(ctx context.Context) (all []Health, err error) {
	err = c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT g.way, g.why, g.since, g.skew, w.waiting, w.oldest FROM gateway g LEFT JOIN LATERAL (
				SELECT count(*)::int AS waiting, min(n.due) AS oldest FROM notice n WHERE n.kind = g.way AND n.state IN ('queued', 'sending', 'uncertain')
					AND (n.due <= coalesce($1::timestamptz, clock_timestamp()) OR n.state = 'uncertain')) w ON true
			ORDER BY array_position(ARRAY['sms', 'email', 'smtp'], g.way)`, c.clock()).Query(func(rows pgx.Rows) error {
			var h Health
			var since, oldest *time.Time
			var skew int
			_, err := pgx.ForEachRow(rows, []any{&h.Way, &h.Hold, &since, &skew, &h.Waiting, &oldest}, func() error {
				h.Set, h.Since, h.Oldest, h.Skew = c.has(h.Way), time.Time{}, time.Time{}, time.Duration(skew)*time.Second
				if h.Hold == Busy {
					h.Hold = ""
				}
				if since != nil && h.Hold != "" {
					h.Since = *since
				}
				if oldest != nil {
					h.Oldest = *oldest
				}
				all = append(all, h)
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("courier: health: %w", err)
	}
	return all, nil
}

// Stats are what an operator is shown of it, of all nodes together.
type Stats struct {
	Held    int64 // ways that are set up and do not work
	Waiting int64 // messages that wait
}

// Stats asks how the ways do. Where that cannot be asked, the ways are held.
func (c *Courier) Stats() Stats {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	all, err := c.Health(ctx)
	if err != nil {
		return Stats{Held: 1}
	}
	var s Stats
	for _, h := range all {
		if h.Set && h.Hold != "" {
			s.Held++
		}
		s.Waiting += int64(h.Waiting)
	}
	return s
}

// failed notes that a way failed. Some failures hold it at once.
func (c *Courier) failed(b *pgx.Batch, w Way, f *notify.Failure) {
	var hold Hold
	again := probeAfter
	switch f.Kind {
	case notify.Busy:
		b.Queue(`UPDATE gateway SET why = CASE WHEN why = '' THEN 'busy' ELSE why END, again = greatest(again, coalesce($1::timestamptz, clock_timestamp()) + $3) WHERE way = $2`,
			c.clock(), string(w), max(f.After.Sub(c.now()), 0))
		return
	case notify.Exhausted:
		hold, again = Exhausted, min(max(f.After.Sub(c.now()), probeAfter), 10*time.Minute)
	case notify.Denied:
		hold = Denied
	case notify.Skewed:
		hold = Skewed
	case notify.Strange:
		hold = Strange
	case notify.Unsent, notify.Uncertain:
	default:
		return // it is about the message
	}
	b.Queue(`UPDATE gateway SET failures = least(failures, 1000000) + 1, since = coalesce(since, t.now), skew = $4,
			why = CASE WHEN $3 <> '' THEN $3 WHEN failures + 1 >= $5 OR since < t.now - $7::interval THEN 'unreachable' ELSE why END,
			again = CASE WHEN $3 <> '' OR failures + 1 >= $5 OR since < t.now - $7::interval THEN t.now + $6 ELSE again END
		FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now) WHERE way = $2`,
		c.clock(), string(w), string(hold), int(f.Offset/time.Second), failuresHeld, again, troubleHeld)
}

// worked notes that a way works. In the usual case there is nothing to change.
func (c *Courier) worked(b *pgx.Batch, w Way) {
	b.Queue(`UPDATE gateway SET why = '', failures = 0, since = NULL, skew = 0 WHERE way = $1 AND (why <> '' OR failures > 0)`, string(w))
}

// job is a message that this node has in hand.
type job struct {
	State
	id        string
	log       incident.LogID
	root      incident.Seq
	hand      string
	way       Way    // by which it is to go, now
	last      Way    // by which the last attempt went; empty for none
	attempts  int    //
	notify    string // Notify's id, once it is known
	age       time.Duration
	sinceSent time.Duration // since the last attempt began
	wait      time.Duration // until its place in the pace
}

// take takes messages that are due and can go by this way, with a place in the
// pace for each. Of a way that is held it takes one, now and then, to see; an
// uncertain one first, since asking for it costs nobody a second message.
func (c *Courier) take(ctx context.Context, w Way, free int) (jobs []*job, err error) {
	knock := false
	err = c.tx(ctx, func(tx pgx.Tx) error {
		var hold, mail Hold
		var held, full bool
		// The row's lock makes the pace one for all nodes.
		err := tx.QueryRow(ctx, `SELECT g.why, g.again > t.now, g.next > t.now + $3, (SELECT m.why FROM gateway m WHERE m.way = 'email')
			FROM gateway g, (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now) WHERE g.way = $2 FOR NO KEY UPDATE OF g`,
			c.clock(), string(w), ahead).Scan(&hold, &held, &full, &mail)
		if err != nil || full || hold != "" && held {
			return err
		}
		kind, smtp := string(w), w == BySMTP
		if smtp {
			kind = string(incident.ByEmail)
		}
		// While GOV.UK Notify does it, SMTP ends only what it began.
		own := smtp && c.has(ByMail) && (mail == "" || mail == Busy)
		probing := hold != "" && hold != Busy
		if probing {
			free = 1
		}
		// What can go by SMTP is not spent on seeing whether Notify answers: it
		// would be uncertain, and then it could go no other way.
		spare := w == ByMail && probing && hold != Exhausted && c.has(BySMTP)
		own = own || spare
		hand := notify.NewID().String()
		rows, err := tx.Query(ctx, `UPDATE notice n SET hand = $5, taken = t.now + $6 FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			WHERE n.id IN (SELECT q.id FROM notice q, (SELECT coalesce($1::timestamptz, clock_timestamp())) u(now)
				WHERE q.kind = $2 AND q.state IN ('queued', 'sending', 'uncertain') AND q.due <= u.now AND q.taken <= u.now
					AND CASE WHEN $3 THEN q.state <> 'queued' AND q.way = 'smtp' OR q.state = 'queued' AND NOT $8 ELSE q.state = 'queued' AND NOT $8 OR q.state <> 'queued' AND coalesce(q.way, '') <> 'smtp' END
				ORDER BY CASE WHEN $7 AND q.state = 'queued' THEN 1 ELSE 0 END, q.due LIMIT $4 FOR UPDATE SKIP LOCKED)
			RETURNING n.log, n.root, n.attempts, coalesce(n.notify, ''), t.now - n.made, coalesce(t.now - n.began, interval '0'), `+stateColumns,
			c.clock(), kind, smtp, free, hand, lease, probing, own)
		if err != nil {
			return err
		}
		if jobs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (*job, error) { return scanJob(r, w, hand) }); err != nil {
			return err
		}
		if len(jobs) == 0 {
			if spare {
				knock = true
				_, err = tx.Exec(ctx, `UPDATE gateway SET again = coalesce($1::timestamptz, clock_timestamp()) + $3 WHERE way = $2`, c.clock(), string(w), probeAfter)
			}
			return err
		}
		var wait float64
		each := 1 / c.o.Rate
		err = tx.QueryRow(ctx, `UPDATE gateway g SET next = greatest(next, t.now) + $3 * interval '1 second', again = CASE WHEN $4 THEN t.now + $5 ELSE again END
			FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now) WHERE way = $2
			RETURNING extract(epoch FROM next - t.now)::float8 - $3`, c.clock(), c.pace(w), each*float64(len(jobs)), probing && c.pace(w) == string(w), probeAfter).Scan(&wait)
		for i, j := range jobs {
			j.wait = time.Duration((wait + each*float64(i)) * float64(time.Second))
		}
		if err == nil && probing && c.pace(w) != string(w) {
			_, err = tx.Exec(ctx, `UPDATE gateway SET again = coalesce($1::timestamptz, clock_timestamp()) + $3 WHERE way = $2`, c.clock(), string(w), probeAfter)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("courier: take: %w", err)
	}
	if knock {
		return nil, c.knock(ctx, w)
	}
	return jobs, nil
}

// knock sees whether GOV.UK Notify answers, by asking for a message that there
// is not.
func (c *Courier) knock(ctx context.Context, w Way) error {
	id := notify.NewID()
	_, err := c.o.Client.Get(ctx, fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]))
	var f *notify.Failure
	if !errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return nil
	}
	return c.do(ctx, func(b *pgx.Batch) {
		if f.Kind == notify.Missing {
			c.worked(b, w)
		} else {
			c.failed(b, w, f)
		}
	})
}

// pace is whose places a way takes: GOV.UK Notify counts text messages and
// e-mails together.
func (c *Courier) pace(w Way) string {
	if w == BySMTP {
		return string(BySMTP)
	}
	return string(ByText)
}

func scanJob(r pgx.CollectableRow, w Way, hand string) (*job, error) {
	j := &job{way: w, hand: hand}
	var purpose string
	var began, settled, acknowledged *time.Time
	err := r.Scan(&j.log, &j.root, &j.attempts, &j.notify, &j.age, &j.sinceSent,
		&j.id, &j.Instance, &purpose, &j.Whose, &j.Recipient, &j.Org, &j.Channel, &j.ChannelID, &j.State.State, &j.Why, &j.last, &j.Try, &j.Made, &began, &settled, &acknowledged)
	if err != nil {
		return nil, err
	}
	if began != nil {
		j.Sent = *began
	}
	var bad error
	if j.ID, bad = notify.ParseID(j.id); bad != nil {
		return nil, bad
	}
	j.Purpose, err = notify.ParsePurpose(purpose)
	return j, err
}

// errOutOfHand is a message that somebody else has in hand by now, or that was
// heard of meanwhile: nothing more is done about it here.
var errOutOfHand = errors.New("courier: it is in other hands")
