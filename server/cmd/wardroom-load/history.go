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
}, costColumns("a page", rangeAtMost(1.15))...)

// historyRows read rooms of growing length: a page anywhere in them, and what
// somebody does who comes to one.
func (g *ground) historyRows(ctx context.Context) (rows []row, err error) {
	lengths := []int{1_000, 100_000}
	if g.bench.Quick {
		lengths = []int{1_000}
	}
	if g.bench.Entries > lengths[len(lengths)-1] {
		lengths = append(lengths, g.bench.Entries)
	}
	var rooms []incident.LogID
	var long []int
	for _, wanted := range lengths {
		wanted = min(wanted, g.bench.Entries)
		room, length, took, err := g.fill(ctx, wanted)
		if err != nil {
			return rows, err
		}
		r := row{Group: fmt.Sprintf("a page of %d entries of history, anywhere", pageEntries), Name: thousands(int64(length)) + " entries", Columns: historyColumns, Axis: "entries", At: float64(length)}
		if length < wanted {
			r.Notes = append(r.Notes, fmt.Sprintf("it was to have %s entries, and had these after %v", thousands(int64(wanted)), took.Round(time.Second)))
		}
		if took > 5*time.Second {
			r.Notes = append(r.Notes, fmt.Sprintf("filled through the journal, %d at once: %s entries/s", fillers, thousands(int64(float64(length)/took.Seconds()))))
		}
		rows, rooms, long = append(rows, r), append(rooms, room), append(long, length)
	}
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	g.note("history: pages")
	if err := g.sweep(ctx, rows, eachLimit, func(s side, i int) (sample, error) {
		t := g.target(s)
		return g.waits(ctx, t, func() (time.Duration, error) {
			return turn(ctx, client, t, string(rooms[i]), pageEntries+2+rand.IntN(long[i]-pageEntries-1))
		})
	}); err != nil {
		return rows, err
	}
	few, err := g.fewRow(ctx, client, long[len(long)-1])
	if err != nil {
		return rows, err
	}
	more, err := g.comeRows(ctx, client, rooms, long)
	return append(append(rows, few), more...), err
}

// seenByFew bounds the room of fewRow.
const seenByFew = 20_000

// fewRow turns pages for somebody who may see one entry in a hundred, and gets
// the stubs of the others; beside it, for somebody who sees all.
func (g *ground) fewRow(ctx context.Context, client *http.Client, length int) (r row, err error) {
	room, _, err := g.guestRoom(ctx)
	if err != nil {
		return r, err
	}
	if length, _, err = g.fillRoom(ctx, room, min(length, seenByFew), func(n int64) command.Command {
		if n%100 == 0 {
			return command.PostMessage{Text: nextText()}
		}
		return command.PostMessage{Text: nextText(), Audience: &incident.Audience{Kind: incident.ToHosts}}
	}); err != nil {
		return r, err
	}
	guest := *g.ours
	guest.cookies = &g.guests.first
	r = row{Group: "a page for a viewer who may see 1 % of the entries; limit: for one who sees all, on the same server", Name: thousands(int64(length)) + " entries",
		Columns: aimed(aimed(historyColumns, "p50", nil), "cpu", atMost(1.5))}
	g.note("history: pages for somebody who may see few")
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		return g.waits(ctx, g.ours, func() (time.Duration, error) {
			return turn(ctx, client, [...]*target{ours: &guest, limit: g.ours}[s], string(room), pageEntries+2+rand.IntN(length-pageEntries-1))
		})
	})
	return r, err
}

// comeRows are what somebody does who comes to a room, by its length.
func (g *ground) comeRows(ctx context.Context, client *http.Client, rooms []incident.LogID, long []int) (all []row, err error) {
	if err := g.sessionsFor(ctx, searchSessions*socketsEach); err != nil {
		return nil, err
	}
	join := func(i int, after string) error {
		l := &listener{target: g.ours, room: string(rooms[i]), cookie: g.ours.cookie(0)}
		l.moved.L = &l.mu
		_, err := l.connect(ctx, client, after)
		if err == nil {
			err = l.conn.Close()
		}
		return err
	}
	for _, x := range []struct {
		name string
		do   func(i int) error
	}{
		{"the snapshot", func(i int) error { return g.read(ctx, client, "/api/v1/rooms/"+string(rooms[i])) }},
		{"joined live, to caught up", func(i int) error { return join(i, "null") }},
		{fmt.Sprintf("resumed after %d missed, to caught up", pageEntries), func(i int) error { return join(i, fmt.Sprint(long[i]-pageEntries)) }},
		{"a search's first answer", func(i int) error {
			_, err := g.search(ctx, client, rooms[i], "zeuxis", 0)
			return err
		}},
	} {
		g.note("history: %s", x.name)
		var rows []row
		for _, n := range long {
			rows = append(rows, row{Group: x.name + ", by the room's length", Name: thousands(int64(n)) + " entries", Axis: "entries", At: float64(n), Columns: costColumns("each", nil)})
			rows[len(rows)-1].Columns = append([]column{recordColumns[0]}, rows[len(rows)-1].Columns...)
		}
		if err := g.sweep(ctx, rows, noLimit, func(_ side, i int) (sample, error) {
			return g.waits(ctx, g.ours, func() (time.Duration, error) {
				for {
					from := time.Now()
					err := x.do(i)
					if errors.Is(err, errTooMany) && ctx.Err() == nil {
						continue // the next session's turn
					}
					return time.Since(from), err
				}
			})
		}); err != nil {
			return all, err
		}
		all = append(all, rows...)
	}
	return all, nil
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
	reached, took, err = g.fillRoom(ctx, room, length, func(int64) command.Command { return command.PostMessage{Text: nextText()} })
	return room, reached, took, err
}

// fillRoom is fill of a room that is open, with what say gives for the entries
// that are left.
func (g *ground) fillRoom(ctx context.Context, room incident.LogID, length int, say func(left int64) command.Command) (reached int, took time.Duration, err error) {
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return 0, 0, err
	}
	g.note("history: filling a room with %d entries", length)
	var left, again atomic.Int64
	left.Store(int64(length) - int64(at.Head))
	began := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range fillers {
		wg.Go(func() {
			for time.Since(began) < fillWait {
				n := left.Add(-1)
				if n < 0 {
					return
				}
				if e := g.insist(ctx, room, g.actors[i%len(g.actors)], say(n), &again); e != nil {
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
		return 0, 0, err
	}
	took = time.Since(began)
	if n := again.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "history: %d entries had to be sent again\n", n)
	}
	at, err = g.journal.Room(ctx, room)
	if err != nil {
		return 0, 0, err
	}
	return int(at.Head), took, nil
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
		used.cost(m, len(waits))
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
