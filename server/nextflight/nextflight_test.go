package nextflight

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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

func TestACrowdIsGatheredAndAFewAreNotKeptWaiting(t *testing.T) {
	for _, c := range []struct {
		at    int // how many ask every millisecond, the first ten of them
		asked int // questions
	}{
		{1, 10},        // one after the other: nobody waits for others
		{8, 1 + 1 + 2}, // the first, who came meanwhile, and those who came in two pauses
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			g := New(func(_ struct{}, q *question) error {
				asked++
				time.Sleep(500 * time.Microsecond)
				return nil
			}, nil).Pausing(5 * time.Millisecond)
			var all sync.WaitGroup
			for range 10 {
				for range c.at {
					all.Go(func() {
						began := time.Now()
						if _, err := g.Do(t.Context(), struct{}{}, func(*question) {}); err != nil {
							t.Error(err)
						}
						if took := time.Since(began); took > 6*time.Millisecond || c.at == 1 && took > 500*time.Microsecond {
							t.Errorf("%d at a time: answered after %v", c.at, took)
						}
					})
				}
				time.Sleep(time.Millisecond)
			}
			all.Wait()
			if asked != c.asked {
				t.Errorf("%d at a time: %d questions, want %d", c.at, asked, c.asked)
			}
			time.Sleep(time.Second)
			if _, busy := g.Waiting(struct{}{}); busy {
				t.Error("it asks nothing, and says that it does")
			}
		})
	}
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
