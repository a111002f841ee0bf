package identity

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Ticket returns a new ticket for one socket of this session. It is good once
// and for 10 seconds.
func (i *Identity) Ticket(ctx context.Context, s Session) (string, error) {
	ticket, hash := newSecret()
	err := i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO stream_ticket (hash, session, expires) VALUES ($2, $3, coalesce($1::timestamptz, clock_timestamp()) + interval '10 seconds')`,
			i.clock(), hash, s.ID)
	})
	if err != nil {
		return "", fmt.Errorf("identity: ticket: %w", err)
	}
	return ticket, nil
}

// Redeem takes a ticket of the session whose cookie came with the socket's
// handshake, and judges the session once more. The row's deletion is what
// makes it single: of many at once one deletes it, the others find nothing.
// Any other ticket, another session's included, is SignedOut.
func (i *Identity) Redeem(ctx context.Context, sessionID, ticket string) (_ incident.Actor, _ Session, err error) {
	defer func() { count("ticket", err) }()
	hash, ok := hashSecret(ticket)
	if !ok {
		return incident.Actor{}, Session{}, signedOut("This connection's ticket is not good any more.")
	}
	var s Session
	var found bool
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`WITH t AS (DELETE FROM stream_ticket WHERE hash = $2 AND session = $3 RETURNING session, expires)
			SELECT `+columns+` FROM t JOIN session s ON s.id = t.session WHERE t.expires > coalesce($1::timestamptz, clock_timestamp())`,
			i.clock(), hash, sessionID).
			Query(func(rows pgx.Rows) error {
				all, err := pgx.CollectRows(rows, i.scan)
				if err == nil && len(all) == 1 {
					s, found = all[0], true
				}
				return err
			})
	})
	if err != nil {
		return incident.Actor{}, Session{}, fmt.Errorf("identity: redeem ticket: %w", err)
	}
	if !found {
		return incident.Actor{}, Session{}, signedOut("This connection's ticket is not good any more.")
	}
	return i.judge(ctx, nil)(s, true, nil)
}
