// Package nextflight lets all who wait for the same kind of answer share one
// question. It differs from golang.org/x/sync/singleflight in what matters to
// whoever is judged by the answer: nobody is given that of a question which
// began before they asked. Whoever comes while one is under way boards the next.
package nextflight

import (
	"context"
	"sync"
	"time"
)

// A Group asks about each key one question at a time, of which Q is what is
// asked and what is answered. It is safe for concurrent use.
type Group[K comparable, Q any] struct {
	ask   func(K, *Q) error
	run   func(func())
	pause time.Duration

	mu   sync.Mutex
	next map[K]*flight[Q] // a question about the key is under way: who boards the next, nil for nobody yet
}

type flight[Q any] struct {
	q     Q
	err   error
	board int // how many wait for it
	done  chan struct{}
}

// New returns a group that asks with ask, which bounds its own time, and runs
// with run what goes on after a caller has left: nil for a goroutine.
func New[K comparable, Q any](ask func(K, *Q) error, run func(func())) *Group[K, Q] {
	if run == nil {
		run = func(fn func()) { go fn() }
	}
	return &Group[K, Q]{ask: ask, run: run, next: map[K]*flight[Q]{}}
}

// crowd is how many must have shared a question for more to be waited for.
const crowd = 4

// Pausing has the group, which it returns, wait for d between two questions
// about a key when many ask at once: so that thousands share tens of questions
// and not hundreds. It is for what may come that much later. It is called
// before Do.
func (g *Group[K, Q]) Pausing(d time.Duration) *Group[K, Q] {
	g.pause = d
	return g
}

// Do adds to the next question by add, which must not block, and returns the
// question as it was answered, which is shared and not to be changed. Who finds
// nobody asking asks at once, and stays until that is answered; others stay
// until ctx ends.
func (g *Group[K, Q]) Do(ctx context.Context, key K, add func(*Q)) (*Q, error) {
	g.mu.Lock()
	f, busy := g.next[key]
	if f == nil {
		f = &flight[Q]{done: make(chan struct{})}
		g.next[key] = f
	}
	f.board++
	add(&f.q)
	if !busy {
		g.next[key] = nil
	}
	g.mu.Unlock()
	if !busy {
		g.lead(key, f)
	}
	select {
	case <-f.done:
		return &f.q, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Waiting returns how many wait for the next question about the key, and
// whether one is under way.
func (g *Group[K, Q]) Waiting(key K) (n int, busy bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f, busy := g.next[key]
	if f != nil {
		n = f.board
	}
	return n, busy
}

// lead asks for those who came first, and leaves those who came meanwhile to
// another, whatever becomes of the question.
func (g *Group[K, Q]) lead(key K, f *flight[Q]) {
	defer func() {
		if waiting := g.take(key); waiting != nil {
			g.run(func() {
				for f := waiting; f != nil; f = g.take(key) {
					g.fly(key, f)
					if f.board >= crowd {
						time.Sleep(g.pause)
					}
				}
			})
		}
	}()
	g.fly(key, f)
}

func (g *Group[K, Q]) fly(key K, f *flight[Q]) {
	defer close(f.done)
	f.err = g.ask(key, &f.q)
}

// take returns those who wait, or nil, and then nobody is asking any more.
func (g *Group[K, Q]) take(key K) *flight[Q] {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.next[key]
	if f == nil {
		delete(g.next, key)
	} else {
		g.next[key] = nil
	}
	return f
}
