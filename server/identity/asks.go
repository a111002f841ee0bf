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
	busy bool      // a question is under way
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
// if that is not empty; touch counts it as activity. Who finds nobody asking
// asks at once, and stays until that is answered, askTimeout at most.
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
	first := !a.busy
	if first {
		a.busy, a.next = true, nil
	}
	a.mu.Unlock()
	if first {
		a.lead(i, b)
	}
	select {
	case <-b.done:
		s, found := b.got[c]
		return s, found, b.sizes, b.err
	case <-ctx.Done():
		return Session{}, false, nil, ctx.Err()
	}
}

// lead asks for those who came first, and leaves those who came meanwhile to
// another, whatever becomes of the question.
func (a *asks) lead(i *Identity, b *askBatch) {
	defer func() {
		if waiting := a.take(); waiting != nil {
			go a.run(i, waiting)
		}
	}()
	b.ask(i)
}

// take returns those who wait, or nil, and then nobody is asking any more.
func (a *asks) take() *askBatch {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.next
	a.next, a.busy = nil, b != nil
	return b
}

// run asks until nobody waits.
func (a *asks) run(i *Identity, b *askBatch) {
	for ; b != nil; b = a.take() {
		b.ask(i)
	}
}

// ask answers all who wait for this question.
func (b *askBatch) ask(i *Identity) {
	defer close(b.done)
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
		b.err = fmt.Errorf("identity: read session: %w", err)
	}
}
