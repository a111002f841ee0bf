package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"wardroom/server/devkit"
)

// memoryRows measure what a connection that follows a room holds of a server's
// memory while nothing is said there. Each repetition is a process of its own.
func (g *ground) memoryRows(ctx context.Context) ([]row, error) {
	room, err := g.openRoom(ctx, "Nothing is said here")
	if err != nil {
		return nil, err
	}
	if err := g.sessionsFor(ctx, slices.Max(g.bench.idle)+1); err != nil {
		return nil, err
	}
	rows := make([]row, len(g.bench.idle))
	for i, n := range g.bench.idle {
		rows[i] = row{Group: "memory of an idle connection that follows a room", Name: fmt.Sprintf("%d connections", n),
			Columns: []column{{Name: "bytes", Unit: "KiB each", Less: true, scale: 1.0 / 1024}}}
		if n >= 10_000 { // among fewer a process's own room to breathe is much of each
			rows[i].Columns[0].Aim = valueAtMost(14)
		}
	}
	both, err := interleave(g.bench.Repeat, func(s side, i int) (sample, error) {
		g.note("memory: %s, %d of %d", s, i+1, g.bench.Repeat)
		return g.idle(ctx, s, string(room))
	})
	if err != nil {
		return nil, err
	}
	for i, n := range g.bench.idle {
		for s, samples := range both {
			for _, m := range samples {
				rows[i].Pair[s] = append(rows[i].Pair[s], sample{"bytes": m[fmt.Sprint(n)], "seconds to join all": m["seconds "+fmt.Sprint(n)]})
			}
		}
	}
	return rows, nil
}

// idle fills a fresh server with connections and returns, by their number, the
// bytes that each added to its resident memory.
func (g *ground) idle(ctx context.Context, s side, room string) (m sample, err error) {
	var t *target
	var child *devkit.Child
	if s == ours {
		held, err := devkit.HoldPort()
		if err != nil {
			return nil, err
		}
		held.Release()
		t, child, err = g.serve(ctx, held.Port())
		if err != nil {
			return nil, err
		}
	} else if t, child, err = g.serveBare(ctx); err != nil {
		return nil, err
	}
	defer child.Kill()
	crowd, err := gather(ctx, t, room, 1) // what the first of anything costs is not a connection's
	if err != nil {
		return nil, err
	}
	defer crowd.leave()
	empty, err := settled(ctx, t.pid)
	if err != nil {
		return nil, err
	}
	m = sample{}
	for _, n := range g.bench.idle {
		began := time.Now()
		if err := crowd.join(ctx, t, room, n+1); err != nil {
			return nil, err
		}
		m["seconds "+fmt.Sprint(n)] = time.Since(began).Seconds()
		full, err := settled(ctx, t.pid)
		if err != nil {
			return nil, err
		}
		m[fmt.Sprint(n)] = (full - empty) / float64(n)
	}
	if _, cuts := crowd.received(); cuts > 0 {
		return nil, fmt.Errorf("%s ended %d idle connections", s, cuts)
	}
	return m, nil
}

// settled returns the resident memory of a process once it has changed by less
// than one part in a hundred for two seconds, or after fifteen.
func settled(ctx context.Context, pid int) (float64, error) {
	const every, calm, longest = 250 * time.Millisecond, 8, 60
	look := time.NewTicker(every)
	defer look.Stop()
	var from float64
	still := 0
	for range longest {
		now, err := residentOf(pid)
		if err != nil {
			return 0, err
		}
		if d := now - from; d < from/100 && d > -from/100 {
			still++
		} else {
			from, still = now, 0
		}
		if still == calm {
			return now, nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return residentOf(pid)
}
