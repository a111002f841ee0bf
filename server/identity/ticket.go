package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardroom/server/incident"
)

// Thousands come back at the same moment when a node restarts. Their tickets
// are given out and taken many by one question: each is judged by what stood in
// the database after it came.

// ticketPause is what tickets may take longer when many ask for them at once.
const ticketPause = 5 * time.Millisecond

// issuing is the tickets that wait to be stored.
type issuing struct {
	hashes   [][]byte
	sessions []string
}

// redeeming is the tickets that wait to be taken, and what was found of them.
type redeeming struct {
	hashes   [][]byte
	sessions []string
	claims   map[claim]int // which of those who hold the same ticket comes first, from 1
	asked    int
	found    map[claim]Session
	sizes    incident.Sizes
}

// A claim is a ticket and the session that its holder came with.
type claim struct {
	hash    [32]byte
	session string
}

// Ticket returns a new ticket for one socket of this session. It is good once
// and for 10 seconds.
func (i *Identity) Ticket(ctx context.Context, s Session) (string, error) {
	ticket, hash := newSecret()
	_, err := i.issues.Do(ctx, struct{}{}, func(q *issuing) {
		q.hashes, q.sessions = append(q.hashes, hash), append(q.sessions, s.ID)
	})
	if err != nil {
		return "", fmt.Errorf("identity: ticket: %w", err)
	}
	return ticket, nil
}

// issue stores tickets. That of a session which is not there is none: nothing
// will be found when it is redeemed.
func (i *Identity) issue(_ struct{}, q *issuing) error {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	return i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO stream_ticket (hash, session, expires)
			SELECT q.hash, s.id, coalesce($1::timestamptz, clock_timestamp()) + interval '10 seconds'
			FROM unnest($2::bytea[], $3::text[]) AS q(hash, session) JOIN session s ON s.id = q.session`,
			i.clock(), q.hashes, q.sessions)
	})
}

// Redeem takes a ticket of the session whose cookie came with the socket's
// handshake, and judges the session once more. The row's deletion is what
// makes it single: of many at once one deletes it, the others find nothing; and
// of those who ask by the same question the first alone is told. Any other
// ticket, another session's included, is SignedOut.
func (i *Identity) Redeem(ctx context.Context, sessionID, ticket string) (_ incident.Actor, _ Session, err error) {
	defer func() { count("ticket", err) }()
	hash, ok := hashSecret(ticket)
	if !ok {
		return incident.Actor{}, Session{}, signedOut("This connection's ticket is not good any more.")
	}
	c, place := claim{[32]byte(hash), sessionID}, 0
	q, err := i.redeems.Do(ctx, struct{}{}, func(q *redeeming) {
		q.asked++
		place = q.asked
		if q.claims == nil {
			q.claims = map[claim]int{}
		}
		if _, claimed := q.claims[c]; !claimed {
			q.claims[c] = place
			q.hashes, q.sessions = append(q.hashes, hash), append(q.sessions, sessionID)
		}
	})
	if err != nil {
		return incident.Actor{}, Session{}, fmt.Errorf("identity: redeem ticket: %w", err)
	}
	s, found := q.found[c]
	if !found || q.claims[c] != place {
		return incident.Actor{}, Session{}, signedOut("This connection's ticket is not good any more.")
	}
	return i.judge(ctx, q.sizes)(s, true, nil)
}

// redeem takes tickets. Two nodes that are brought the same ones in another
// order may wait for each other; the database then takes back all that one of
// them did, and it asks again.
func (i *Identity) redeem(_ struct{}, q *redeeming) (err error) {
	const deadlock, tries = "40P01", 3
	for range tries {
		var refused *pgconn.PgError
		if err = i.redeemOnce(q); !errors.As(err, &refused) || refused.Code != deadlock {
			return err
		}
	}
	return err
}

func (i *Identity) redeemOnce(q *redeeming) error {
	q.found, q.sizes = map[claim]Session{}, incident.Sizes{}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	return i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`WITH t AS (DELETE FROM stream_ticket k USING unnest($2::bytea[], $3::text[]) AS q(hash, session)
				WHERE k.hash = q.hash AND k.session = q.session RETURNING k.hash, k.session, k.expires)
			SELECT `+columns+`, t.hash FROM t JOIN session s ON s.id = t.session WHERE t.expires > coalesce($1::timestamptz, clock_timestamp())`,
			i.clock(), q.hashes, q.sessions).
			Query(func(rows pgx.Rows) error {
				for rows.Next() {
					var hash []byte
					s, err := i.scanWith(rows, &hash)
					if err != nil {
						return err
					}
					q.found[claim{[32]byte(hash), s.ID}] = s
				}
				return rows.Err()
			})
		i.o.Record.QueueSizes(b, nil, q.sizes)
	})
}
