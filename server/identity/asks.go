package identity

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// asks finds the sessions of requests, many by one question: whoever comes
// while a question is under way is answered by the next one, which begins
// after. So every request is judged by what stood in the database after it
// came, and a session that has ended is refused, however many ask.
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
	got    map[string]Session
	err    error
	done   chan struct{}
}

// fetch finds the session of a token's hash; touch counts it as activity.
func (a *asks) fetch(ctx context.Context, i *Identity, touch bool, token []byte) (Session, bool, error) {
	a.mu.Lock()
	if a.next == nil {
		a.next = &askBatch{done: make(chan struct{})}
	}
	b := a.next
	b.tokens = append(b.tokens, token)
	if touch {
		b.touch = append(b.touch, token)
	}
	if !a.busy {
		a.busy = true
		go a.run(i)
	}
	a.mu.Unlock()
	select {
	case <-b.done:
		s, found := b.got[string(token)]
		return s, found, b.err
	case <-ctx.Done():
		return Session{}, false, ctx.Err()
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
		q.got = map[string]Session{}
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout) // not one asker's: the others wait for it too
		err := i.do(ctx, func(b *pgx.Batch) {
			if len(q.touch) > 0 {
				b.Queue(touchTokens, i.clock(), q.touch)
			}
			b.Queue(`SELECT `+columns+`, s.token FROM session s WHERE s.token = ANY($2)`, i.clock(), q.tokens).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					var token []byte
					s, err := i.scanWith(rows, &token)
					if err != nil {
						return err
					}
					q.got[string(token)] = s
				}
				return rows.Err()
			})
		})
		cancel()
		if err != nil {
			q.err = fmt.Errorf("identity: read session: %w", err)
		}
		close(q.done)
	}
}
