package main

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// deliveriesASecond is the pace of the fan-out: so many entries a second that
// all listeners together receive this many.
const deliveriesASecond = 100_000

var fanoutColumns = []column{
	{Name: "deliveries", Unit: "deliveries a CPU s of the server", Aim: atLeast(0.85)},
	{Name: "perPostgres", Unit: "deliveries a CPU s of Postgres"},
	{Name: "pace", Unit: "deliveries/s, as it came out"},
}

// fanoutRows measure what it costs to bring each entry to thousands. The limit
// is a pool of writers that share the sockets, with every frame ready.
func (g *ground) fanoutRows(ctx context.Context) (rows []row, err error) {
	room, err := g.openRoom(ctx, "Thousands listen")
	if err != nil {
		return nil, err
	}
	for _, n := range g.bench.herds() {
		r := row{Group: fmt.Sprintf("every entry to thousands of listeners, %s deliveries a second", thousands(deliveriesASecond)),
			Name: fmt.Sprintf("%s listeners", thousands(int64(n))), Columns: fanoutColumns}
		g.note("fanout: %d listeners", n)
		if r.Pair, err = g.fanout(ctx, string(room), n); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// herds are the numbers of listeners.
func (b *bench) herds() []int {
	if b.Quick {
		return []int{2000}
	}
	return []int{2000, 10_000}
}

// spareFiles are what the load opens beside its sockets.
const spareFiles = 1000

// bothFit says whether this process may hold n sockets to either side at once.
func bothFit(n int) bool {
	var files syscall.Rlimit
	return syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) == nil && uint64(2*n+spareFiles) <= files.Cur
}

func (g *ground) fanout(ctx context.Context, room string, n int) (pair, error) {
	if err := g.sessionsFor(ctx, n); err != nil {
		return pair{}, err
	}
	both := g.posters(room, pacedPosters)
	defer closeAll(both)
	var held [2]*flock
	defer func() {
		for _, f := range held {
			if f != nil {
				f.leave()
			}
		}
	}()
	measure := func(s side) (m sample, err error) {
		if held[s] == nil {
			if held[s], err = newFlock(ctx, g.target(s), room, n); err != nil {
				return nil, err
			}
			if _, err := g.strew(ctx, s, held[s], both[s], n); err != nil { // the first of anything costs more
				return nil, err
			}
		}
		m, err = g.strew(ctx, s, held[s], both[s], n)
		if err == nil && !bothFit(n) {
			held[s].leave()
			held[s] = nil
		}
		return m, err
	}
	return interleave(g.bench.Repeat, func(s side, _ int) (sample, error) { return measure(s) })
}

// strew posts at the pace and returns what bringing it to all has cost.
func (g *ground) strew(ctx context.Context, s side, f *flock, posters []*poster, listeners int) (sample, error) {
	rate := float64(deliveriesASecond) / float64(listeners)
	n := max(10, int(rate*2*g.bench.For.Seconds()))
	had, began := f.received(), time.Now()
	used, err := g.span(ctx, f.target, func() error {
		last, err := schedule(n, func(i int) time.Time { return began.Add(time.Duration(float64(i) / rate * float64(time.Second))) }, posters, func(int) string { return nextText() })
		if err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, deliveryWait)
		defer cancel()
		return f.await(wait, last)
	})
	if err != nil {
		return nil, err
	}
	got := float64(f.received() - had)
	if want := float64(n * listeners); got < want {
		return nil, fmt.Errorf("%s: %.0f deliveries were made, and there should be %.0f", s, got, want)
	}
	return sample{"deliveries": got / used.server, "perPostgres": got / used.postgres, "pace": got / time.Since(began).Seconds()}, nil
}
