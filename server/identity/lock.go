package identity

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Lock locks the session now, as half an hour without activity does: it is
// good for nothing until the same person signs in again, and then goes on. The
// page that hides its content says so here, or reloading it would show all.
func (i *Identity) Lock(ctx context.Context, s Session) error {
	err := i.tx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE session SET last_seen = least(last_seen, coalesce($1::timestamptz, clock_timestamp()) - interval '30 minutes')
			WHERE id = $2 AND ended IS NULL`, i.clock(), s.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM stream_ticket WHERE session = $1`, s.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("identity: lock session: %w", err)
	}
	i.announce([]string{s.ID})
	return nil
}
