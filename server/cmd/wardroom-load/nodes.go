package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"wardroom/server/devkit"
)

// What is written to one node and to two: so many rooms, each by so many people
// at the same time.
const (
	nodeRooms   = 8
	nodeWriters = 4
)

// nodeRows compare two nodes with one. They share one Postgres, and the machine
// with each other and with the load, so the gain is what the machine leaves:
// the limit is the gain of two bare servers over one.
func (g *ground) nodeRows(ctx context.Context) (rows []row, err error) {
	redis, err := devkit.StartRedis(ctx, filepath.Join(g.dir, "redis"), g.child)
	if err != nil {
		return nil, err
	}
	defer redis.Stop(ctx)
	var nodes [2][2]*target
	for _, s := range []side{ours, limit} {
		for i := range nodes[s] {
			var child *devkit.Child
			if nodes[s][i], child, err = g.node(ctx, s, redis.URL()); err != nil {
				return nil, err
			}
			defer child.Kill()
		}
	}
	if err := g.sessionsFor(ctx, nodeRooms*nodeWriters); err != nil {
		return nil, err
	}
	spread, err := g.spread(ctx, nodes)
	if err != nil {
		return nil, err
	}
	rows = append(rows, spread)
	hot, err := g.hotTwice(ctx, nodes[ours])
	return append(rows, hot), err
}

func (g *ground) node(ctx context.Context, s side, redis string) (*target, *devkit.Child, error) {
	if s == limit {
		return g.serveBare(ctx)
	}
	held, err := devkit.HoldPort()
	if err != nil {
		return nil, nil, err
	}
	held.Release()
	return g.serve(ctx, held.Port(), "WARDROOM_REDIS_URL="+redis)
}

// spread measures rooms of their own: all on the first node, then half of them
// on each, in turn within a repetition.
func (g *ground) spread(ctx context.Context, nodes [2][2]*target) (row, error) {
	r := row{Group: fmt.Sprintf("two nodes, %d rooms with %d writers each; limit: two bare servers", nodeRooms, nodeWriters), Name: "rooms spread over both",
		Columns: []column{
			{Name: "gain", Unit: "times the entries/s of one node", Aim: atLeast(0.8)}, // 1.6 of the 2.0 that two bare servers reach where there are cores for them
			{Name: "one", Unit: "entries/s, all on one node"},
			{Name: "two", Unit: "entries/s, half on each"},
			{Name: "cost", Unit: "times the CPU an entry of one node, Postgres with it", Less: true},
		},
		Notes: []string{fmt.Sprintf("%d cores for two nodes, Postgres and the load: a gain of 1.6 and more needs cores that one node leaves idle; what is judged is the gain beside two bare servers'", runtime.NumCPU())}}
	rooms := make([]string, nodeRooms)
	for i := range rooms {
		room, err := g.openRoom(ctx, "One of several")
		if err != nil {
			return r, err
		}
		rooms[i] = string(room)
	}
	var posters [2][2][]*poster // by side, and by how many nodes take them
	defer func() {
		for _, both := range posters {
			closeAll(both)
		}
	}()
	for _, s := range []side{ours, limit} {
		for i := range nodeRooms * nodeWriters {
			for n := range posters[s] { // the second time the odd rooms go to the second node
				posters[s][n] = append(posters[s][n], newPoster(nodes[s][n*(i%2)], rooms[i%nodeRooms], i))
			}
		}
	}
	g.note("nodes: %d rooms", nodeRooms)
	var err error
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var rate, cost [2]float64
		for n := range rate {
			b, used, err := g.both(ctx, nodes[s], func() (burst, error) {
				return hammer(nodeRooms*nodeWriters, g.bench.For, func(i int) (uint64, error) { return posters[s][n][i].post(nextText()) })
			})
			if err != nil {
				return nil, err
			}
			rate[n], cost[n] = b.sample()["rate"], used/float64(b.entries)
		}
		return sample{"gain": rate[1] / rate[0], "one": rate[0], "two": rate[1], "cost": cost[1] / cost[0]}, nil
	})
	return r, err
}

// both is what was done on two nodes, and the processor time that they and
// Postgres have used for it, in seconds.
func (g *ground) both(ctx context.Context, nodes [2]*target, do func() (burst, error)) (b burst, used float64, err error) {
	second, err := cpuOf(nodes[1].pid)
	if err != nil {
		return b, 0, err
	}
	first, err := g.span(ctx, nodes[0], func() (err error) { b, err = do(); return err })
	if err != nil {
		return b, 0, err
	}
	after, err := cpuOf(nodes[1].pid)
	return b, first.server + first.postgres + after - second, err
}

// hotTwice compares one room written to from both nodes with the same room
// written to from one of them.
func (g *ground) hotTwice(ctx context.Context, nodes [2]*target) (row, error) {
	r := row{Group: fmt.Sprintf("one hot room, %d writers; limit: all of them on one of the nodes", listenerWriters), Name: "written to from both nodes",
		Columns: []column{{Name: "rate", Unit: "entries/s", Aim: atLeast(0.7)}, {Name: "p99", Unit: "ms to the answer, p99", Less: true, scale: 1e3}, {Name: "cost", Unit: "µs of CPU an entry, nodes and Postgres", Less: true, scale: 1e6}}}
	room, err := g.openRoom(ctx, "Written to from everywhere")
	if err != nil {
		return r, err
	}
	var posters [2][]*poster
	defer func() { closeAll(posters) }()
	for i := range listenerWriters {
		for s, t := range [2]*target{ours: nodes[i%2], limit: nodes[0]} {
			posters[s] = append(posters[s], newPoster(t, string(room), i))
		}
	}
	g.note("nodes: one room from both")
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		b, used, err := g.both(ctx, nodes, func() (burst, error) {
			return hammer(listenerWriters, g.bench.For, func(i int) (uint64, error) { return posters[s][i].post(nextText()) })
		})
		if err != nil {
			return nil, err
		}
		m := b.sample()
		m["cost"] = used / float64(b.entries)
		return m, nil
	})
	return r, err
}
