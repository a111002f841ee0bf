package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// writersMeasured are the numbers of people who write at the same time.
var writersMeasured = []int{1, 8, 32, 128}

// A burst is what closed-loop writers got done: each sends its next message
// when the last one is answered for.
type burst struct {
	entries int
	last    uint64 // the greatest number any of them got
	elapsed time.Duration
	waits   []float64 // of each message, in seconds
}

// hammer lets n writers write for a time; post is called by one writer at a
// time for each i.
func hammer(n int, long time.Duration, post func(i int) (uint64, error)) (b burst, err error) {
	var mu sync.Mutex
	var stop atomic.Bool
	var wg sync.WaitGroup
	began := time.Now()
	for i := range n {
		wg.Go(func() {
			var waits []float64
			var last uint64
			for !stop.Load() {
				at := time.Now()
				seq, e := post(i)
				if e != nil {
					stop.Store(true)
					mu.Lock()
					err = errors.Join(err, e)
					mu.Unlock()
					return
				}
				now := time.Now()
				waits = append(waits, now.Sub(at).Seconds())
				last = max(last, seq)
				if now.Sub(began) >= long {
					break
				}
			}
			mu.Lock()
			b.waits, b.last = append(b.waits, waits...), max(b.last, last)
			mu.Unlock()
		})
	}
	wg.Wait()
	b.elapsed, b.entries = time.Since(began), len(b.waits)
	return b, err
}

// entry numbers make every message of the load another one.
var messages atomic.Int64

func nextText() string { return messageText(int(messages.Add(1))) }

func (b burst) sample() sample {
	slices.Sort(b.waits)
	return sample{"rate": float64(b.entries) / b.elapsed.Seconds(), "p50": quantile(b.waits, 0.50), "p99": quantile(b.waits, 0.99)}
}

var rateColumns = append([]column{
	{Name: "rate", Unit: "entries/s"},
	{Name: "p99", Unit: "ms to the answer, p99", Less: true, scale: 1e3},
}, cpuColumns("an entry")...)

// journalRows are the hot room without HTTP: the journal in this process beside
// a bare group commit in this process.
func (g *ground) journalRows(ctx context.Context) (rows []row, err error) {
	room, err := g.openRoom(ctx, "The journal alone")
	if err != nil {
		return nil, err
	}
	shape := g.shape
	shape.Log = incident.RandomID()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	raw, err := beginBareLog(ctx, g.bare, shape)
	if err != nil {
		return nil, err
	}
	go raw.run(ctx)
	post := [...]func(i int) (uint64, error){
		ours: func(i int) (uint64, error) {
			r, err := g.do(ctx, room, g.actors[i%len(g.actors)], command.PostMessage{Text: nextText()})
			return uint64(r.Seq), err
		},
		limit: func(int) (uint64, error) {
			seq, err := raw.append(ctx, string(incident.NewKey(time.Now())), nextText())
			return uint64(seq), err
		},
	}
	for _, n := range writersMeasured {
		r := row{Group: "durable entries in one hot room, in process", Name: fmt.Sprintf("%d at once", n), Columns: rateColumns[:2]}
		g.note("journal: %d at once", n)
		if r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
			b, err := hammer(n, g.bench.For/2, post[s])
			return b.sample(), err
		}); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// take measures both sides once for nothing, since first times cost more, and
// then in turn as often as was asked for.
func (g *ground) take(ctx context.Context, measure func(s side, repetition int) (sample, error)) (pair, error) {
	for _, s := range []side{ours, limit} {
		if _, err := measure(s, -1); err != nil {
			return pair{}, err
		}
	}
	return interleave(g.bench.Repeat, func(s side, i int) (sample, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := measure(s, i)
		if err != nil {
			err = fmt.Errorf("%s: %w", s, err)
		}
		return m, err
	})
}

// posters are n connections to each side.
func (g *ground) posters(room string, n int) (both [2][]*poster) {
	for _, s := range []side{ours, limit} {
		for i := range n {
			both[s] = append(both[s], newPoster(g.target(s), room, i))
		}
	}
	return both
}

func closeAll(both [2][]*poster) {
	for _, list := range both {
		for _, p := range list {
			p.close()
		}
	}
}

// writerRows are the hot room over HTTP.
func (g *ground) writerRows(ctx context.Context) (rows []row, err error) {
	room, err := g.openRoom(ctx, "The hot room")
	if err != nil {
		return nil, err
	}
	for _, n := range writersMeasured {
		r := row{Group: "durable entries in one hot room, over HTTP", Name: fmt.Sprintf("%d writers", n), Columns: rateColumns}
		g.note("writers: %d", n)
		if r.Pair, err = g.heat(ctx, string(room), n, [2]*crowd{}); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

var listenerColumns = []column{
	{Name: "rate", Unit: "entries/s, delivered to all", Aim: atLeast(0.7)},
	{Name: "deliveries", Unit: "deliveries a CPU s of the server"},
	{Name: "perPostgres", Unit: "deliveries a CPU s of Postgres"},
}

// listenersMeasured are the numbers of sockets that get every entry.
var listenersMeasured = []int{50, 200, 1000}

const listenerWriters = 32

// listenerRows are the hot room with sockets that follow it.
func (g *ground) listenerRows(ctx context.Context) (rows []row, err error) {
	room, err := g.openRoom(ctx, "The hot room, listened to")
	if err != nil {
		return nil, err
	}
	for _, n := range listenersMeasured {
		r := row{Group: fmt.Sprintf("the hot room at %d writers, every entry to every listener", listenerWriters), Name: fmt.Sprintf("%d listeners", n), Columns: listenerColumns}
		g.note("listeners: %d", n)
		var crowds [2]*crowd
		if r.Pair, err = g.listened(ctx, string(room), n, &crowds, func() (pair, error) { return g.heat(ctx, string(room), listenerWriters, crowds) }); err != nil {
			return rows, err
		}
		r.Notes = cutNotes(crowds)
		rows = append(rows, r)
	}
	return rows, nil
}

func cutNotes(crowds [2]*crowd) (notes []string) {
	for s, c := range crowds {
		if _, cuts := c.received(); cuts > 0 {
			notes = append(notes, fmt.Sprintf("%s: listeners were cut for being slow %d times, came back and missed nothing", side(s), cuts))
		}
	}
	return notes
}

// listened runs measure while n sockets listen on either side.
func (g *ground) listened(ctx context.Context, room string, n int, crowds *[2]*crowd, measure func() (pair, error)) (p pair, err error) {
	if err := g.sessionsFor(ctx, n); err != nil {
		return p, err
	}
	for _, s := range []side{ours, limit} {
		if crowds[s], err = gather(ctx, g.target(s), room, n); err != nil {
			return p, err
		}
		defer crowds[s].leave()
	}
	return measure()
}

// deliveryWait is how long the last of the listeners may take to have it all.
const deliveryWait = time.Minute

// heat measures n writers over HTTP, and the listeners if there are any: then
// the time is up when the last of them has the last entry.
func (g *ground) heat(ctx context.Context, room string, n int, crowds [2]*crowd) (pair, error) {
	both := g.posters(room, n)
	defer closeAll(both)
	p, err := g.take(ctx, func(s side, _ int) (sample, error) {
		t, c := g.target(s), crowds[s]
		had := 0
		if c != nil {
			had, _ = c.received()
		}
		var b burst
		used, err := g.span(ctx, t, func() (err error) {
			began := time.Now()
			if b, err = hammer(n, g.bench.For, func(i int) (uint64, error) { return both[s][i].post(nextText()) }); err != nil || c == nil {
				return err
			}
			wait, cancel := context.WithTimeout(ctx, deliveryWait)
			defer cancel()
			err = c.await(wait, b.last)
			b.elapsed = time.Since(began)
			return err
		})
		if err != nil {
			return nil, err
		}
		m := b.sample()
		used.each(m, b.entries)
		if c != nil {
			got, _ := c.received()
			m["deliveries"], m["perPostgres"] = float64(got-had)/used.server, float64(got-had)/used.postgres
		}
		return m, nil
	})
	if err != nil || n != listenerWriters || crowds[ours] != nil && len(crowds[ours].all) != 200 {
		return p, err
	}
	name := "hot-room-32-writers"
	if crowds[ours] != nil {
		name += "-200-listeners"
	}
	return p, g.profile(ctx, name, func(long time.Duration) error {
		_, err := hammer(n, long, func(i int) (uint64, error) { return both[ours][i].post(nextText()) })
		return err
	})
}
