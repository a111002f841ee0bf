package directory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// mayType counts a typed code against whoever types it, before it is looked
// up; typedRight takes it off again. So of many at once no more than the
// allowed number are tried. It counts by person: another session is no new
// start.
func (d *Directory) mayType(ctx context.Context, v Visitor) error {
	if v.Subject == "" {
		return incident.Refuse(incident.SignedOut, "Sign in, then type the code.")
	}
	var wrong int
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO code_attempt AS a (who, wrong, since) VALUES ($2, 1, coalesce($1::timestamptz, clock_timestamp()))
			ON CONFLICT (who) DO UPDATE SET
				wrong = CASE WHEN a.since <= excluded.since - interval '1 hour' THEN 1 ELSE least(a.wrong, $3) + 1 END,
				since = CASE WHEN a.since <= excluded.since - interval '1 hour' THEN excluded.since ELSE a.since END
			RETURNING wrong`, d.clock(), d.personMAC(v.Issuer, v.Subject), codeTries).
			QueryRow(func(r pgx.Row) error { return r.Scan(&wrong) })
	})
	if err != nil {
		return fmt.Errorf("directory: count a code: %w", err)
	}
	if wrong > codeTries {
		return errTyping
	}
	return nil
}

func (d *Directory) typedRight(ctx context.Context, v Visitor) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE code_attempt SET wrong = wrong - 1 WHERE who = $1 AND wrong > 0`, d.personMAC(v.Issuer, v.Subject))
	})
	if err != nil {
		return fmt.Errorf("directory: count a code: %w", err)
	}
	return nil
}
