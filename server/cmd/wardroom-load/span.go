package main

import (
	"context"
)

// A bill is the processor time, in seconds, that the two halves of a server
// have used: the server's own process, and Postgres with all its backends.
type bill struct{ server, postgres float64 }

func (b bill) since(before bill) bill {
	return bill{b.server - before.server, b.postgres - before.postgres}
}

// bill is what a server and Postgres have used since they began. Postgres is
// one for both servers, so a span in which both are driven cannot be told
// apart: measure in turn.
func (g *ground) bill(t *target) (b bill, err error) {
	if b.server, err = cpuOf(t.pid); err != nil {
		return b, err
	}
	b.postgres, err = cpuOfFamily(g.cluster.PID())
	return b, err
}

// span does something and returns what it cost a server and Postgres.
func (g *ground) span(ctx context.Context, t *target, do func() error) (bill, error) {
	if err := ctx.Err(); err != nil {
		return bill{}, err
	}
	before, err := g.bill(t)
	if err != nil {
		return bill{}, err
	}
	if err := do(); err != nil {
		return bill{}, err
	}
	after, err := g.bill(t)
	return after.since(before), err
}

// each adds to a sample what one of so many pieces of work cost, as the columns
// of cpuColumns show it.
func (b bill) each(m sample, pieces int) {
	m["server"], m["postgres"] = b.server/float64(pieces), b.postgres/float64(pieces)
}

// cpuColumns show what a piece of work costs the server and Postgres, apart.
// piece is its name with the article: "an entry", "a delivery", "a page".
func cpuColumns(piece string) []column {
	return []column{
		{Name: "server", Unit: "µs of server CPU " + piece, Less: true, scale: 1e6},
		{Name: "postgres", Unit: "µs of Postgres CPU " + piece, Less: true, scale: 1e6},
	}
}
