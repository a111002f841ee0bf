package courier

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/trail"
)

// carry sends what is due by one way, until ctx ends.
func (c *Courier) carry(ctx context.Context, w Way) {
	var under sync.WaitGroup
	defer under.Wait()
	for {
		free := cap(c.hands) - len(c.hands)
		var jobs []*job
		if free > 0 {
			var err error
			if jobs, err = c.take(ctx, w, max(free/2, 1)); err != nil && ctx.Err() == nil {
				c.o.Log.Warn("notices cannot be read; they are tried again", "way", string(w), "error", err)
			}
		}
		for _, j := range jobs {
			c.hands <- struct{}{}
			under.Go(func() {
				defer func() { <-c.hands }()
				c.work(ctx, j)
			})
		}
		wait := look
		if len(jobs) > 0 {
			wait = 10 * time.Millisecond
		}
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		case <-c.o.After(wait):
		}
	}
}

// work brings one message as far as it can be brought now. What fails on the
// way is left to the end of the lease.
func (c *Courier) work(ctx context.Context, j *job) {
	if j.wait > 0 {
		select {
		case <-ctx.Done():
			c.putBack(context.WithoutCancel(ctx), j)
			return
		case <-c.o.After(j.wait):
		}
	}
	inner, span := trail.Start(ctx, sendName)
	err := c.carryOut(inner, j)
	span.End(err)
	switch {
	case err == nil, errors.Is(err, errOutOfHand):
	case ctx.Err() != nil:
		c.putBack(context.WithoutCancel(ctx), j)
	default:
		c.o.Log.Warn("a notice could not be worked on; it is tried again", "notice", j.id, "error", err)
	}
}

// putBack lets others have a message that nothing was begun of.
func (c *Courier) putBack(ctx context.Context, j *job) {
	err := c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE notice SET hand = NULL, taken = '-infinity' WHERE id = $1 AND hand = $2 AND state IN ('queued', 'uncertain')`, j.id, j.hand)
	})
	if err != nil {
		c.o.Log.Warn("a notice could not be put back; it is taken again when its lease is over", "error", err)
	}
}

func (c *Courier) carryOut(ctx context.Context, j *job) error {
	switch {
	case j.State.State == Sending && j.last == BySMTP:
		// Whoever was at it died. Nobody can be asked; sent again it bears the same
		// Message-ID.
	case j.State.State == Sending:
		return c.unsure(ctx, j, max(unsure-j.sinceSent, 0))
	case j.State.State == Uncertain && j.last != BySMTP:
		done, err := c.find(ctx, j)
		if done || err != nil {
			return err
		}
	}
	v, err := c.judge(ctx, j)
	switch {
	case err != nil:
		return err
	case v.Why != "":
		return c.drop(ctx, j, v.Why)
	case v.Later > 0:
		return c.later(ctx, j, v.Later)
	}
	if why, later, err := c.begin(ctx, j, v); err != nil || why != "" || later > 0 {
		switch {
		case err != nil:
			return err
		case why != "":
			return c.drop(ctx, j, why)
		}
		return c.later(ctx, j, later)
	}
	// A crash from here to finish: nobody knows whether it was accepted.
	sent, err := c.send(ctx, j, v)
	return c.finish(context.WithoutCancel(ctx), j, sent, err)
}

// begin commits that a request is about to be made, unless the recipient was
// told the same a moment ago or their number has had too many.
func (c *Courier) begin(ctx context.Context, j *job, v Verdict) (why Why, later time.Duration, err error) {
	err = c.tx(ctx, func(tx pgx.Tx) error {
		// One at a time for a recipient, then for a number; always in this order.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('notice ' || $1 || '/' || $2, 0))`, string(j.log), j.Recipient); err != nil {
			return err
		}
		var now time.Time
		var last *time.Time
		err := tx.QueryRow(ctx, `SELECT t.now, (SELECT max(n.began) FROM notice n WHERE n.log = $2 AND n.recipient = $3 AND n.purpose = $4 AND n.kind = $5 AND n.id <> $6 AND n.began IS NOT NULL
				AND n.channel = $7 AND NOT (n.instance = $8 AND n.root = $9) AND ($10 OR n.root = $9))
			FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)`,
			c.clock(), string(j.log), j.Recipient, j.Purpose.String(), string(j.Channel), j.id, j.ChannelID, j.Instance, int64(j.root), !j.Purpose.Alerts()).Scan(&now, &last)
		if err != nil {
			return err
		}
		if last != nil && notify.Repeats(j.Purpose, *last, now) {
			why = Repeats
			return nil
		}
		if j.Channel == incident.BySMS {
			if later, err = c.number(ctx, tx, v.Phone, now); err != nil || later > 0 {
				return err
			}
		}
		done, err := tx.Exec(ctx, `UPDATE notice SET state = 'sending', way = $3, began = $4, attempts = attempts + 1 WHERE id = $1 AND hand = $2 AND state IN ('queued', 'sending', 'uncertain')`,
			j.id, j.hand, string(j.way), now)
		if err == nil && done.RowsAffected() == 0 {
			return errOutOfHand
		}
		return err
	})
	return why, later, err
}

// number counts a text message to a number, or says when it may get one.
func (c *Courier) number(ctx context.Context, tx pgx.Tx, to notify.Phone, now time.Time) (later time.Duration, err error) {
	number := c.mac("notice number", to.E164())
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('number ' || encode($1::bytea, 'hex'), 0))`, number); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `SELECT at FROM number_sent WHERE number = $1 AND at > $2::timestamptz - interval '1 hour'`, number, now)
	if err != nil {
		return 0, err
	}
	sent, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return 0, err
	}
	if clear := notify.Clear(sent, now); clear.After(now) {
		return clear.Sub(now), nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO number_sent (number, at) VALUES ($1, $2)`, number, now)
	return 0, err
}

// send makes the one request.
func (c *Courier) send(ctx context.Context, j *job, v Verdict) (notify.Sent, error) {
	ctx, cancel := context.WithTimeout(ctx, lease/2)
	defer cancel()
	code := v.Code
	if code.IsZero() {
		code = c.code(j.ID)
	}
	n := notify.Notice{Purpose: j.Purpose, Room: v.Room, About: v.About, Code: code, Site: c.o.Site, Duty: v.Duty}
	switch j.way {
	case ByText:
		return c.o.Client.Text(ctx, c.o.Templates, j.ID, n, v.Phone)
	case ByMail:
		return c.o.Client.Email(ctx, c.o.Templates, j.ID, n, v.Email)
	}
	return notify.Sent{ID: j.ID}, c.o.Mailer.Send(ctx, j.ID, n, v.Email)
}

// patience is how long after attempts that never left the next one is.
func patience(attempts int) time.Duration { return 5 * time.Second << min(attempts, 5) }

// finish notes what came of a request. A receipt may have been faster: then
// the message is in nobody's hand any more and this changes nothing but what
// is known of the way.
func (c *Courier) finish(ctx context.Context, j *job, sent notify.Sent, failure error) error {
	var f *notify.Failure
	isFailure := errors.As(failure, &f)
	err := c.do(ctx, func(b *pgx.Batch) {
		set := func(state Stage, why Why, wait time.Duration) {
			b.Queue(`UPDATE notice SET state = $3, why = nullif($4, ''), due = t.now + $5, hand = NULL, taken = '-infinity',
					settled = CASE WHEN $3 IN ('refused', 'not_sent') THEN t.now END
				FROM (SELECT coalesce($6::timestamptz, clock_timestamp())) t(now) WHERE id = $1 AND hand = $2`, j.id, j.hand, string(state), string(why), wait, c.clock())
		}
		switch {
		case failure == nil:
			b.Queue(`UPDATE notice SET notify = nullif($3, ''), state = `+heardState+`, hand = NULL, taken = '-infinity', settled = CASE WHEN $4 THEN coalesce($5::timestamptz, clock_timestamp()) ELSE settled END
				WHERE id = $1 AND hand = $2`, j.id, j.hand, sent.Notify, j.way == BySMTP, c.clock())
			c.worked(b, j.way)
		case errors.Is(failure, notify.ErrExercise):
			set(NotSent, Exercise, 0)
		case errors.Is(failure, notify.ErrNotMobile), errors.Is(failure, notify.ErrNotEmail):
			set(Refused, "", 0)
		case !isFailure:
			set(NotSent, NoWay, 0) // there is no template for it
		case f.Kind == notify.Uncertain && j.way == BySMTP:
			set(Uncertain, "", patience(j.attempts))
			c.failed(b, j.way, f)
		case f.Kind == notify.Uncertain:
			set(Uncertain, "", max(f.After.Sub(c.now()), 0))
			c.failed(b, j.way, f)
		case f.Kind == notify.Refused, f.Kind == notify.Missing:
			set(Refused, "", 0)
			c.worked(b, j.way)
		default:
			wait := time.Duration(0) // it is the way that waits
			if f.Kind == notify.Unsent || f.Kind == notify.Busy {
				wait = max(patience(j.attempts), f.After.Sub(c.now()))
			}
			if errors.Is(f, context.Canceled) {
				set(Queued, "", 0) // this node's end is no word about the way
				return
			}
			set(Queued, "", wait)
			c.failed(b, j.way, f)
		}
	})
	if err != nil {
		return fmt.Errorf("courier: finish: %w", err)
	}
	if f != nil && (f.Kind == notify.Denied || f.Kind == notify.Skewed || f.Kind == notify.Exhausted || f.Kind == notify.Strange) {
		c.o.Log.Warn("messages are not going out", "way", string(j.way), "why", f.Kind.String(), "status", f.Status, "type", f.Type, "ahead", f.Offset)
	}
	return nil
}
