package courier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/notify"
)

// heardState is where a message stands by the furthest status heard of it, in
// the order of notify.Status.
const heardState = `CASE heard WHEN 8 THEN 'delivered' WHEN 7 THEN 'permanent' WHEN 6 THEN 'temporary' WHEN 5 THEN 'technical' ELSE 'sent' END`

// Took takes a receipt in: see notify.Receiver. What is heard twice, late or
// out of order comes to the same. It proves that the message was accepted, so
// whoever has it in hand to send it has it no more.
func (c *Courier) Took(ctx context.Context, r notify.Receipt) error {
	err := c.do(ctx, func(b *pgx.Batch) { c.hear(b, r.ID, r.Notify, r.Status) })
	if err != nil {
		return fmt.Errorf("courier: receipt: %w", err)
	}
	return nil
}

// hear advances what is known of a message.
func (c *Courier) hear(b *pgx.Batch, id notify.ID, its string, s notify.Status) {
	b.Queue(`UPDATE notice SET heard = greatest(heard, $2), notify = coalesce(notify, nullif($3, '')), hand = NULL, taken = '-infinity', due = '-infinity',
			settled = CASE WHEN $2 > heard AND $2 >= 4 THEN coalesce($4::timestamptz, clock_timestamp()) ELSE settled END,
			again = CASE WHEN greatest(heard, $2) <> 5 THEN NULL WHEN heard < 5 AND try < $5 THEN coalesce($4::timestamptz, clock_timestamp()) + try * $6::interval ELSE again END,
			state = CASE greatest(heard, $2) WHEN 8 THEN 'delivered' WHEN 7 THEN 'permanent' WHEN 6 THEN 'temporary' WHEN 5 THEN 'technical' ELSE 'sent' END
		WHERE id = $1 AND way <> 'smtp'`, id.String(), int16(s), its, c.clock(), ownTries, resendAfter)
}

// find asks whether a message was accepted of which that is uncertain. done
// is false if it was not, and may be sent.
func (c *Courier) find(ctx context.Context, j *job) (done bool, err error) {
	n, found, err := c.o.Client.Found(ctx, j.ID, time.Time{})
	var f *notify.Failure
	switch {
	case err == nil && !found:
		return false, nil
	case err == nil:
		return true, c.do(ctx, func(b *pgx.Batch) {
			c.hear(b, j.ID, n.Notify, n.Status)
			c.worked(b, j.way)
		})
	case errors.As(err, &f) && !errors.Is(err, context.Canceled):
		return true, c.do(ctx, func(b *pgx.Batch) {
			c.wait(b, j, Uncertain, patience(j.attempts))
			c.failed(b, j.way, f)
		})
	}
	return true, err
}

// wait leaves a message for a while.
func (c *Courier) wait(b *pgx.Batch, j *job, as Stage, wait time.Duration) {
	b.Queue(`UPDATE notice SET state = $3, due = coalesce($5::timestamptz, clock_timestamp()) + $4, hand = NULL, taken = '-infinity' WHERE id = $1 AND hand = $2`,
		j.id, j.hand, string(as), wait, c.clock())
}

// unsure leaves a message until it is certain whether it was accepted.
func (c *Courier) unsure(ctx context.Context, j *job, wait time.Duration) error {
	return c.do(ctx, func(b *pgx.Batch) { c.wait(b, j, Uncertain, wait) })
}

// later leaves a message that is not to be sent yet.
func (c *Courier) later(ctx context.Context, j *job, wait time.Duration) error {
	return c.do(ctx, func(b *pgx.Batch) { c.wait(b, j, Queued, wait) })
}

// drop settles that a message is not sent.
func (c *Courier) drop(ctx context.Context, j *job, why Why) error {
	return c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE notice SET state = 'not_sent', why = $3, settled = coalesce($4::timestamptz, clock_timestamp()), hand = NULL, taken = '-infinity' WHERE id = $1 AND hand = $2`,
			j.id, j.hand, string(why), c.clock())
	})
}

const (
	pollAfter = 6 * time.Minute // after it was sent, and after it was last asked for: receipts are tried again every five
	pollBatch = 40              // at once: the pace is for sending
	pollFor   = 73 * time.Hour  // providers try for seventy-two
)

// poll asks after messages of which no receipt came.
func (c *Courier) poll(ctx context.Context) error {
	if c.o.Client == nil {
		return nil
	}
	var ids, its []string
	err := c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE notice n SET polled = t.now FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			WHERE n.id IN (SELECT q.id FROM notice q, (SELECT coalesce($1::timestamptz, clock_timestamp())) u(now)
				WHERE q.state = 'sent' AND q.way <> 'smtp' AND q.notify IS NOT NULL AND q.heard < 4 AND coalesce(q.polled, q.began) < u.now - $2::interval AND q.began > u.now - $3::interval
				ORDER BY coalesce(q.polled, q.began) LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING n.id, n.notify`,
			c.clock(), pollAfter, pollFor, pollBatch).Query(func(rows pgx.Rows) error {
			var id, notify string
			_, err := pgx.ForEachRow(rows, []any{&id, &notify}, func() error {
				ids, its = append(ids, id), append(its, notify)
				return nil
			})
			return err
		})
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		n, err := c.o.Client.Get(ctx, its[i])
		var f *notify.Failure
		if errors.As(err, &f) && f.Kind == notify.Missing {
			continue // a smoke test's, or one that is forgotten
		}
		if err != nil {
			return err
		}
		mine, err := notify.ParseID(id)
		if err != nil {
			return err
		}
		if n.Status != 0 {
			if err := c.do(ctx, func(b *pgx.Batch) { c.hear(b, mine, n.Notify, n.Status) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// kept is how long it is known how far a message came.
const kept = 30 * 24 * time.Hour

// sweep drops what is not needed any more.
func (c *Courier) sweep(ctx context.Context) error {
	return c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`DELETE FROM notice WHERE made < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, c.clock(), kept)
		b.Queue(`DELETE FROM number_sent WHERE at < coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour'`, c.clock())
	})
}

// giveUp settles messages that nothing on any node could send: there is no
// such way.
func (c *Courier) giveUp(ctx context.Context) error {
	return c.do(ctx, func(b *pgx.Batch) {
		if !c.has(ByText) {
			b.Queue(`UPDATE notice SET state = 'not_sent', why = 'no_way', settled = coalesce($1::timestamptz, clock_timestamp()) WHERE kind = 'sms' AND state = 'queued' AND attempts = 0`, c.clock())
		}
		if !c.has(ByMail) && !c.has(BySMTP) {
			b.Queue(`UPDATE notice SET state = 'not_sent', why = 'no_way', settled = coalesce($1::timestamptz, clock_timestamp()) WHERE kind = 'email' AND state = 'queued' AND attempts = 0`, c.clock())
		}
	})
}

// Acknowledge takes in what somebody typed who got a notice. It says nothing of
// what it found, and does the same for any text: what was typed is stored, and
// compared afterwards.
func (c *Courier) Acknowledge(ctx context.Context, typed string) error {
	code, err := notify.TypedCode(typed)
	if err != nil {
		code = notify.Code{} // nobody's, and stored like any other
	}
	err = c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO typed (code, at) SELECT $2, coalesce($1::timestamptz, clock_timestamp())`, c.clock(), c.codeMAC(code))
	})
	if err != nil {
		return fmt.Errorf("courier: acknowledge: %w", err)
	}
	return nil
}

// note marks the notices as acknowledged whose codes were typed. It does
// nothing else: who acknowledges a question has not answered it.
func (c *Courier) note(ctx context.Context) error {
	return c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`WITH came AS (DELETE FROM typed RETURNING code, at)
			UPDATE notice n SET acknowledged = coalesce(n.acknowledged, came.at) FROM (SELECT code, min(at) AS at FROM came GROUP BY code) came WHERE n.code = came.code AND n.began IS NOT NULL`)
	})
}
