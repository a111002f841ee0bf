package identity

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// asks finds the sessions of requests, many by one question, and in the same
// round trip how far the logs have come that the request will be judged by:
// whoever comes while a question is under way is answered by the next one,
// which begins after. So every request is judged by what stood in the database
// after it came, and a session that has ended is refused, however many ask.
type asks struct {
	mu   sync.Mutex
	next *askBatch // being filled; nil when nobody waits
	busy bool      // run is going
}

// askTimeout bounds one question.
const askTimeout = 10 * time.Second

type askBatch struct {
	tokens [][]byte
	touch  [][]byte
	logs   []incident.LogID
	got    map[Cookie]Session
	sizes  incident.Sizes // of the logs, and of the system log
	err    error
	done   chan struct{}
}

// fetch finds a cookie's session, and the sizes of the system log and of log,
// if that is not empty; touch counts it as activity.
func (a *asks) fetch(ctx context.Context, i *Identity, touch bool, c Cookie, log incident.LogID) (Session, bool, incident.Sizes, error) {
	a.mu.Lock()
	if a.next == nil {
		a.next = &askBatch{done: make(chan struct{})}
	}
	b := a.next
	b.tokens = append(b.tokens, []byte(c))
	if touch {
		b.touch = append(b.touch, []byte(c))
	}
	if log != "" && !slices.Contains(b.logs, log) {
		b.logs = append(b.logs, log)
	}
	if !a.busy {
		a.busy = true
		go a.run(i)
	}
	a.mu.Unlock()
	select {
	case <-b.done:
		s, found := b.got[c]
		return s, found, b.sizes, b.err
	case <-ctx.Done():
		return Session{}, false, nil, ctx.Err()
	}
}

// run asks until nobody waits.
func (a *asks) run(i *Identity) {
	for {
		a.mu.Lock()
		q := a.next
		a.next = nil
		if q == nil {
			a.busy = false
			a.mu.Unlock()
			return
		}
		a.mu.Unlock()
		q.got, q.sizes = map[Cookie]Session{}, incident.Sizes{}
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout) // not one asker's: the others wait for it too
		err := i.do(ctx, func(b *pgx.Batch) {
			if len(q.touch) > 0 {
				b.Queue(touchTokens, i.clock(), q.touch)
			}
			// The list stands in a subquery so that the plan does not depend on how
			// long it is: else it is made anew for every question.
			b.Queue(`SELECT `+columns+`, s.token FROM session s WHERE s.token = ANY ((SELECT $2::bytea[])::bytea[])`, i.clock(), q.tokens).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					var token []byte
					s, err := i.scanWith(rows, &token)
					if err != nil {
						return err
					}
					q.got[Cookie(token)] = s
				}
				return rows.Err()
			})
			i.o.Record.QueueSizes(b, q.logs, q.sizes)
		})
		cancel()
		if err != nil {
			q.err = fmt.Errorf("identity: read session: %w", err)
		}
		close(q.done)
	}
}
