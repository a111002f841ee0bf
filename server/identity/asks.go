package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// asked finds the sessions of requests, many by one question, and in the same
// round trip how far the logs have come that the request will be judged by.
// Every request is judged by what stood in the database after it came, and a
// session that has ended is refused, however many ask.
type asked struct {
	tokens [][]byte
	touch  [][]byte
	logs   []incident.LogID
	got    map[Cookie]Session
	sizes  incident.Sizes // of the logs, and of the system log
}

// askTimeout bounds one question.
const askTimeout = 10 * time.Second

// asking finds a cookie's session, and the sizes of the system log and of log,
// if that is not empty; touch counts it as activity.
func (i *Identity) asking(ctx context.Context, touch bool, c Cookie, log incident.LogID) (Session, bool, incident.Sizes, error) {
	b, err := i.asks.Do(ctx, struct{}{}, func(b *asked) {
		b.tokens = append(b.tokens, []byte(c))
		if touch {
			b.touch = append(b.touch, []byte(c))
		}
		if log != "" && !slices.Contains(b.logs, log) {
			b.logs = append(b.logs, log)
		}
	})
	if err != nil {
		return Session{}, false, nil, err
	}
	s, found := b.got[c]
	return s, found, b.sizes, nil
}

// ask answers all who wait for this question.
func (i *Identity) ask(_ struct{}, b *asked) error {
	b.got, b.sizes = map[Cookie]Session{}, incident.Sizes{}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout) // not one asker's: the others wait for it too
	defer cancel()
	err := i.do(ctx, func(q *pgx.Batch) {
		if len(b.touch) > 0 {
			q.Queue(touchTokens, i.clock(), b.touch)
		}
		// The list stands in a subquery so that the plan does not depend on how
		// long it is: else it is made anew for every question.
		q.Queue(`SELECT `+columns+`, s.token FROM session s WHERE s.token = ANY ((SELECT $2::bytea[])::bytea[])`, i.clock(), b.tokens).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var token []byte
				s, err := i.scanWith(rows, &token)
				if err != nil {
					return err
				}
				b.got[Cookie(token)] = s
			}
			return rows.Err()
		})
		i.o.Record.QueueSizes(q, b.logs, b.sizes)
	})
	if err != nil {
		return fmt.Errorf("identity: read session: %w", err)
	}
	return nil
}
