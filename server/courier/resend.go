package courier

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/notify"
)

const (
	ownTries    = 3                // messages in all, of one that never left, before somebody has to say so
	resendAfter = 30 * time.Second // it failed; longer each time
	resendBatch = 20               // at once
)

// resend sends again what never left, as GOV.UK Notify says of a technical
// failure: that was no word about the number. It is asked for first, since what
// was heard last may not be the last there is. Like any message it is judged
// when it is sent. Two nodes at it make one message.
func (c *Courier) resend(ctx context.Context) error {
	if c.o.Client == nil {
		return nil
	}
	var ids []string
	var ways []Way
	err := c.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, way FROM notice WHERE again <= coalesce($1::timestamptz, clock_timestamp()) ORDER BY again LIMIT $2`, c.clock(), resendBatch).Query(func(rows pgx.Rows) error {
			var id string
			var w Way
			_, err := pgx.ForEachRow(rows, []any{&id, &w}, func() error {
				ids, ways = append(ids, id), append(ways, w)
				return nil
			})
			return err
		})
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		mine, err := notify.ParseID(id)
		if err != nil {
			return err
		}
		n, found, err := c.o.Client.Found(ctx, mine, time.Time{})
		var f *notify.Failure
		switch {
		case errors.As(err, &f) && !errors.Is(err, context.Canceled):
			// It does not answer: this waits until it does.
			return c.do(ctx, func(b *pgx.Batch) { c.failed(b, ways[i], f) })
		case err != nil:
			return err
		}
		again := notify.NewID()
		err = c.do(ctx, func(b *pgx.Batch) {
			if found {
				c.hear(b, mine, n.Notify, n.Status)
			}
			// A crash before the commit: it is asked for again.
			b.Queue(`INSERT INTO notice (id, log, root, instance, purpose, whose, recipient, org, kind, channel, try, code, made, due)
				SELECT $2, log, root, instance, purpose, whose, recipient, org, kind, channel, try + 1, $3, made, coalesce($4::timestamptz, clock_timestamp())
				FROM notice WHERE id = $1 AND state = 'technical' AND again IS NOT NULL
				ON CONFLICT (log, root, instance, recipient, kind, channel, try) DO NOTHING`, id, again.String(), c.codeMAC(c.code(again)), c.clock())
			b.Queue(`UPDATE notice SET again = NULL WHERE id = $1`, id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
