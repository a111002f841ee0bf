package main

import (
	"context"
	"fmt"
	"time"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

// idleInRoom is how many idle connections share a room, and elsewhereListeners
// how many follow the room that is written to.
const (
	idleInRoom         = 250
	elsewhereListeners = 50
)

// elsewhereRows compare one node that holds thousands of idle connections in
// other rooms with one that holds none: two nodes of the product, each with a
// room of its own that is written to.
func (g *ground) elsewhereRows(ctx context.Context) ([]row, error) {
	n := 9000
	if g.bench.Quick {
		n = 2000
	}
	var both [2][]*poster
	defer func() { closeAll(both) }()
	var targets [2]*target
	var crowds [2]*crowd
	for _, s := range []side{ours, limit} {
		held, err := devkit.HoldPort()
		if err != nil {
			return nil, err
		}
		held.Release()
		t, child, err := g.serve(ctx, held.Port())
		if err != nil {
			return nil, err
		}
		defer child.Kill()
		targets[s] = t
		if err := g.sessionsFor(ctx, n+elsewhereListeners); err != nil {
			return nil, err
		}
		room, err := g.openRoom(ctx, "Written to while others are idle")
		if err != nil {
			return nil, err
		}
		own := g.cookies[n/socketsEach:] // not those whose sockets are idle
		t.cookies = &own
		if crowds[s], err = gather(ctx, t, string(room), elsewhereListeners); err != nil {
			return nil, err
		}
		defer crowds[s].leave()
		for i := range listenerWriters {
			both[s] = append(both[s], newPoster(t, string(room), i))
		}
	}
	g.note("idle: %d connections elsewhere", n)
	idle, err := g.idleElsewhere(ctx, *targets[ours], n)
	if err != nil {
		return nil, err
	}
	defer idle.leave()
	r := row{Group: fmt.Sprintf("entries in one room with %d listeners, while others are idle in other rooms; limit: a node of ours without them", elsewhereListeners),
		Name: fmt.Sprintf("%s idle connections", thousands(int64(n))), Columns: append(aimed(cpuColumns("an entry"), "server", atMost(1.1)), column{Name: "rate", Unit: "entries/s, delivered to all"})}
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var b burst
		used, err := g.span(ctx, targets[s], func() (err error) {
			began := time.Now()
			if b, err = hammer(listenerWriters, 2*g.bench.For, func(i int) (uint64, error) { return both[s][i].post(nextText()) }); err != nil {
				return err
			}
			wait, cancel := context.WithTimeout(ctx, deliveryWait)
			defer cancel()
			err = crowds[s].await(wait, b.last)
			b.elapsed = time.Since(began)
			return err
		})
		if err != nil {
			return nil, err
		}
		m := b.sample()
		used.each(m, b.entries)
		return m, nil
	})
	if err == nil {
		err = idle.failed()
	}
	return []row{r}, err
}

// idleElsewhere holds n connections that follow rooms where nothing is said.
func (g *ground) idleElsewhere(ctx context.Context, t target, n int) (f *flock, err error) {
	t.cookies = &g.cookies
	for left := n; left > 0; left -= idleInRoom {
		var room incident.LogID
		if room, err = g.openRoom(ctx, "Nothing is said elsewhere"); err != nil {
			break
		}
		if f == nil {
			f, err = newFlock(ctx, &t, string(room), min(left, idleInRoom))
		} else {
			err = f.join(ctx, string(room), min(left, idleInRoom))
		}
		if err != nil {
			break
		}
	}
	if err != nil && f != nil {
		f.leave()
	}
	return f, err
}
