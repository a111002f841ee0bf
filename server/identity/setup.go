package identity

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// NewSetupLink returns the token of a link that lets one person set the
// deployment up, within 24 hours. Links made before it and not used are dead.
func (i *Identity) NewSetupLink(ctx context.Context) (token string, err error) {
	token, hash := newSecret()
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`DELETE FROM setup_link WHERE used IS NULL`)
		b.Queue(`INSERT INTO setup_link (hash, expires) VALUES ($2, coalesce($1::timestamptz, clock_timestamp()) + interval '24 hours')`, i.clock(), hash)
	})
	if err != nil {
		return "", fmt.Errorf("identity: setup link: %w", err)
	}
	return token, nil
}

// RedeemSetup takes the link for this session. The first session that comes
// has it; the same session may come again until there is an administrator, so
// that a setup which failed half-way can be repeated. Everything else is
// Missing.
func (i *Identity) RedeemSetup(ctx context.Context, token string, s Session) error {
	hash, ok := hashSecret(token)
	if !ok {
		return incident.Missing()
	}
	sys, err := i.o.Record.System(ctx)
	if err != nil {
		return fmt.Errorf("identity: system log: %w", err)
	}
	for _, p := range sys.People {
		if p.Admin {
			return incident.Missing()
		}
	}
	var taken bool
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE setup_link SET session = $3, used = coalesce(used, $1, clock_timestamp())
			WHERE hash = $2 AND expires > coalesce($1::timestamptz, clock_timestamp()) AND (used IS NULL OR session = $3) RETURNING true`,
			i.clock(), hash, s.ID).
			Query(func(rows pgx.Rows) error {
				taken = rows.Next()
				rows.Close()
				return rows.Err()
			})
	})
	if err != nil {
		return fmt.Errorf("identity: redeem setup link: %w", err)
	}
	if !taken {
		return incident.Missing()
	}
	return nil
}
