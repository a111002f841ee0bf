package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

const (
	pageEntries = 50
	fewestPages = 20 // of a repetition, however long they take
)

var historyColumns = append([]column{
	{Name: "p50", Unit: "ms a page, p50", Less: true, scale: 1e3, Aim: rangeAtMost(1.15)},
	{Name: "p99", Unit: "ms a page, p99", Less: true, scale: 1e3},
}, cpuColumns("a page")...)

// historyRows read pages anywhere in rooms of growing length.
func (g *ground) historyRows(ctx context.Context) (rows []row, err error) {
	lengths := []int{1_000, 100_000}
	if g.bench.Entries > lengths[1] {
		lengths = append(lengths, g.bench.Entries)
	}
	for _, length := range lengths {
		wanted := min(length, g.bench.Entries)
		room, length, took, err := g.fill(ctx, wanted)
		if err != nil {
			return rows, err
		}
		r := row{Group: fmt.Sprintf("a page of %d entries of history", pageEntries), Name: thousands(int64(length)) + " entries", Columns: historyColumns, Axis: "entries", At: float64(length)}
		if length < wanted {
			r.Notes = append(r.Notes, fmt.Sprintf("it was to have %s entries, and had these after %v", thousands(int64(wanted)), took.Round(time.Second)))
		}
		if took > 5*time.Second {
			r.Notes = append(r.Notes, fmt.Sprintf("filled through the journal, %d at once: %s entries/s", fillers, thousands(int64(float64(length)/took.Seconds()))))
		}
		g.note("history: %d entries", length)
		if r.Pair, err = g.leaf(ctx, string(room), length); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// fillers is how many append at the same time: a whole group of the journal's.
const fillers = 256

// fillWait is how long a room may take to be filled. One that has not become
// as long as asked by then is measured as it is.
const fillWait = 4 * time.Minute

// fill opens a room and says things in it until it is as long as asked, or time
// is up. Every entry goes through the journal.
func (g *ground) fill(ctx context.Context, length int) (room incident.LogID, reached int, took time.Duration, err error) {
	if room, err = g.openRoom(ctx, "A long night"); err != nil {
		return room, 0, 0, err
	}
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return room, 0, 0, err
	}
	g.note("history: filling a room with %d entries", length)
	var left, again atomic.Int64
	left.Store(int64(length) - int64(at.Head))
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range fillers {
		wg.Go(func() {
			for left.Add(-1) >= 0 && time.Since(began) < fillWait {
				if e := g.insist(ctx, room, g.actors[i%len(g.actors)], command.PostMessage{Text: nextText()}, &again); e != nil {
					mu.Lock()
					err = errors.Join(err, e)
					mu.Unlock()
					left.Store(0)
				}
			}
		})
	}
	wg.Wait()
	if err != nil {
		return room, 0, 0, err
	}
	took = time.Since(began)
	if n := again.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "history: %d entries had to be sent again\n", n)
	}
	at, err = g.journal.Room(ctx, room)
	if err != nil {
		return room, 0, 0, err
	}
	return room, int(at.Head), took, nil
}

// leaf turns to pages anywhere in the room, one after the other over one
// connection.
func (g *ground) leaf(ctx context.Context, room string, length int) (pair, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	return g.take(ctx, func(s side, _ int) (sample, error) {
		t := g.target(s)
		return g.waits(ctx, t, func() (time.Duration, error) {
			return turn(ctx, client, t, room, pageEntries+2+rand.IntN(length-pageEntries-1))
		})
	})
}

// waits does one thing after another for as long as a repetition takes, and at
// least fewestPages times; of what each took, the median and the slowest, and
// what each cost the server that was asked. Nil is none: all is in process.
func (g *ground) waits(ctx context.Context, t *target, one func() (time.Duration, error)) (sample, error) {
	var waits []float64
	ask := func() error {
		for began := time.Now(); time.Since(began) < g.bench.For || len(waits) < fewestPages; {
			took, err := one()
			if err != nil {
				return err
			}
			waits = append(waits, took.Seconds())
		}
		return nil
	}
	m := sample{}
	if t == nil {
		if err := ask(); err != nil {
			return nil, err
		}
	} else {
		used, err := g.span(ctx, t, ask)
		if err != nil {
			return nil, err
		}
		used.each(m, len(waits))
	}
	slices.Sort(waits)
	m["p50"], m["p99"] = quantile(waits, 0.5), quantile(waits, 0.99)
	return m, nil
}

func turn(ctx context.Context, client *http.Client, t *target, room string, before int) (time.Duration, error) {
	began := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/api/v1/rooms/%s/entries?before=%d&limit=%d", t.address, room, before, pageEntries), nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Cookie", t.cookie(0))
	req.Header.Set("Origin", t.origin)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err
	}
	took := time.Since(began)
	if res.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s answered a page with %s: %s", t.side, res.Status, text)
	}
	if got := bytes.Count(text, entryHead); got < pageEntries {
		return 0, fmt.Errorf("%s gave %d entries on the page before %d", t.side, got, before)
	}
	return took, nil
}
