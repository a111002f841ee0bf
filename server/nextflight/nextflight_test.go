package nextflight

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

type question struct {
	asked  []int
	number int // the how manieth question
}

func TestWhoComesWhileOneIsUnderWayIsAnsweredByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		asked := map[string]int{}
		gate := make(chan struct{})
		g := New(func(key string, q *question) error {
			mu.Lock()
			asked[key]++
			q.number = asked[key]
			mu.Unlock()
			<-gate
			return nil
		}, nil)
		answers := make(chan *question, 10)
		ask := func(n int) {
			go func() {
				q, err := g.Do(t.Context(), "a", func(q *question) { q.asked = append(q.asked, n) })
				if err != nil {
					t.Error(err)
				}
				answers <- q
			}()
			synctest.Wait()
		}
		for n := range 4 {
			ask(n)
		}
		if n, busy := g.Waiting("a"); n != 3 || !busy {
			t.Errorf("%d wait, under way: %v", n, busy)
		}
		go g.Do(t.Context(), "b", func(*question) {}) // another key waits for nobody
		synctest.Wait()
		if asked["b"] != 1 {
			t.Error("another key was not asked about")
		}
		gate <- struct{}{}
		gate <- struct{}{}
		synctest.Wait()
		ask(4)
		close(gate)
		synctest.Wait()
		var got [][]int
		for range 5 {
			q := <-answers
			if !slices.ContainsFunc(got, func(x []int) bool { return slices.Equal(x, q.asked) }) {
				got = append(got, q.asked)
			}
		}
		slices.SortFunc(got, slices.Compare)
		if want := [][]int{{0}, {1, 2, 3}, {4}}; !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("asked together: %v, want %v", got, want)
		}
		if n, busy := g.Waiting("a"); n != 0 || busy || len(g.next) != 0 {
			t.Errorf("afterwards %d wait, under way: %v, %d keys", n, busy, len(g.next))
		}
	})
}

func TestAQuestionThatFailsOrPanicsHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate, bad := make(chan struct{}), errors.New("bad")
		first := true
		g := New(func(_ struct{}, q *question) error {
			<-gate
			if first {
				first = false
				panic("the asker's own")
			}
			return bad
		}, nil)
		go func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			g.Do(t.Context(), struct{}{}, func(*question) {})
		}()
		synctest.Wait()
		gone, cancel := context.WithCancel(t.Context())
		left := make(chan error, 2)
		go func() { _, err := g.Do(gone, struct{}{}, func(*question) {}); left <- err }()
		go func() { _, err := g.Do(t.Context(), struct{}{}, func(*question) {}); left <- err }()
		synctest.Wait()
		cancel()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
		close(gate)
		if err := <-left; !errors.Is(err, bad) {
			t.Errorf("who waited got %v", err)
		}
	})
}
