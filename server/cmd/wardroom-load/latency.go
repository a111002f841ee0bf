package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// pace is a rate of messages and how many sockets get them.
type pace struct{ rate, listeners int }

var pacesMeasured = []pace{{100, 50}, {40, 200}, {20, 1000}}

var latencyColumns = append([]column{
	{Name: "p50", Unit: "ms from due to delivered, p50", Less: true, scale: 1e3},
	{Name: "p99", Unit: "ms from due to delivered, p99", Less: true, scale: 1e3, Aim: atMost(1.5)},
}, cpuColumns("a message")...)

// latencyRows measure how long it takes from a message's being due to its
// standing at each listener.
func (g *ground) latencyRows(ctx context.Context) (rows []row, err error) {
	room, err := g.openRoom(ctx, "At people's pace")
	if err != nil {
		return nil, err
	}
	for _, p := range pacesMeasured {
		r := row{Group: "from post to delivered, messages due at fixed times", Name: fmt.Sprintf("%d/s to %d", p.rate, p.listeners), Columns: latencyColumns}
		g.note("latency: %d/s to %d", p.rate, p.listeners)
		var crowds [2]*crowd
		if r.Pair, err = g.listened(ctx, string(room), p.listeners, &crowds, func() (pair, error) { return g.paced(ctx, string(room), p, crowds) }); err != nil {
			return rows, err
		}
		r.Notes = cutNotes(crowds)
		rows = append(rows, r)
	}
	return rows, nil
}

// pacedPosters is how many messages may be under way at the same time. One that
// finds none of them free waits, and its wait counts.
const pacedPosters = 16

func (g *ground) paced(ctx context.Context, room string, p pace, crowds [2]*crowd) (pair, error) {
	both := g.posters(room, pacedPosters)
	defer closeAll(both)
	n := max(20, int(float64(p.rate)*2*g.bench.For.Seconds()))
	return g.take(ctx, func(s side, _ int) (sample, error) {
		t, c := g.target(s), crowds[s]
		first := int(messages.Add(int64(n))) - n + 1
		began := time.Now().Add(50 * time.Millisecond)
		due := func(i int) time.Time { return began.Add(time.Duration(i) * time.Second / time.Duration(p.rate)) }
		c.note(func(number int) (time.Time, bool) {
			i := number - first
			return due(i), i >= 0 && i < n
		})
		used, err := g.span(ctx, t, func() error {
			last, err := schedule(n, due, both[s], func(i int) string { return messageText(first + i) })
			if err != nil {
				return err
			}
			wait, cancel := context.WithTimeout(ctx, deliveryWait)
			defer cancel()
			return c.await(wait, last)
		})
		if err != nil {
			return nil, err
		}
		c.note(nil)
		delays := c.delays()
		if want := n * p.listeners; len(delays) != want {
			return nil, fmt.Errorf("%d deliveries were timed, and there should be %d", len(delays), want)
		}
		slices.Sort(delays)
		m := sample{"p50": quantile(delays, 0.5), "p99": quantile(delays, 0.99)}
		used.each(m, n)
		return m, nil
	})
}

// schedule sends n messages, each when it is due, whether those before it have
// been answered or not, and returns the greatest number they got.
func schedule(n int, due func(int) time.Time, posters []*poster, text func(int) string) (last uint64, err error) {
	waiting := make(chan int, n)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range posters {
		wg.Go(func() {
			for i := range waiting {
				seq, e := p.post(text(i))
				mu.Lock()
				last, err = max(last, seq), errors.Join(err, e)
				mu.Unlock()
				if e != nil {
					return
				}
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(due(i)))
		waiting <- i
	}
	close(waiting)
	wg.Wait()
	return last, err
}
