package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/projection"
)

// sealFor is how long a repetition lasts at least: some checkpoints long.
const sealFor = 3 * time.Second

// sealRows are what sealing costs the hot room, beside the same room when
// nobody seals; and what a proof takes in a long room, beside reading one leaf
// of it by its number.
func (g *ground) sealRows(ctx context.Context) (rows []row, err error) {
	n, err := g.newNotary()
	if err != nil {
		return nil, err
	}
	hot, err := g.openRoom(ctx, "The sealed room")
	if err != nil {
		return nil, err
	}
	post := func(i int) (uint64, error) {
		r, err := g.do(ctx, hot, g.actors[i%len(g.actors)], command.PostMessage{Text: nextText()})
		return uint64(r.Seq), err
	}
	for _, writers := range []int{32, 128} {
		g.note("seal: %d at once", writers)
		r := row{Group: "the same hot room sealed as it grows; limit: nobody seals it", Name: fmt.Sprintf("%d at once", writers), Columns: rateColumns[:2]}
		if r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
			if s == limit {
				b, err := hammer(writers, max(g.bench.For, sealFor), post)
				return b.sample(), err
			}
			if err := n.Once(ctx); err != nil { // what grew unsealed is not this repetition's
				return nil, err
			}
			sealing, stop := context.WithCancel(ctx)
			var wg sync.WaitGroup
			wg.Go(func() { n.Run(sealing) })
			b, err := hammer(writers, max(g.bench.For, sealFor), post)
			stop()
			wg.Wait()
			return b.sample(), err
		}); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	r, err := g.proofRow(ctx, n)
	if err != nil {
		return rows, err
	}
	return append(rows, r), nil
}

func (g *ground) newNotary() (*notary.Notary, error) {
	keys, err := notary.LoadKeys(filepath.Join(g.dir, "notary.json"))
	if err != nil {
		return nil, err
	}
	return notary.New(notary.Options{Writer: g.writer, Reader: g.reader, Keys: keys, Record: g.journal, Log: slog.New(slog.DiscardHandler)}), nil
}

// proofRow proves entries anywhere in a long room, for a member of it.
func (g *ground) proofRow(ctx context.Context, n *notary.Notary) (r row, err error) {
	room, length, took, err := g.fill(ctx, g.bench.Entries)
	if err != nil {
		return r, err
	}
	began := time.Now()
	if err := n.Once(ctx); err != nil {
		return r, err
	}
	r = row{Group: "the proof of an entry, in process; limit: its leaf read by number", Name: thousands(int64(length)) + " entries", Columns: recordColumns,
		Notes: []string{fmt.Sprintf("filled in %v, then sealed at once in %v", took.Round(time.Second), time.Since(began).Round(time.Millisecond))}}
	person := g.actors[0].Person
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var waits []float64
		for began := time.Now(); time.Since(began) < g.bench.For || len(waits) < fewestPages; {
			seq := incident.Seq(1 + rand.IntN(length-1))
			from := time.Now()
			if s == ours {
				_, err = n.Prove(ctx, room, person, seq)
			} else {
				err = g.readLeaf(ctx, room, person, seq)
			}
			if err != nil {
				return nil, err
			}
			waits = append(waits, time.Since(from).Seconds())
		}
		slices.Sort(waits)
		return sample{"p50": quantile(waits, 0.5), "p99": quantile(waits, 0.99)}, nil
	})
	return r, err
}

func (g *ground) readLeaf(ctx context.Context, room incident.LogID, person incident.PersonID, seq incident.Seq) error {
	var leaf []byte
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	b.Queue(`SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(room), int64(seq)).QueryRow(func(row pgx.Row) error { return row.Scan(&leaf) })
	return g.reader.SendBatch(ctx, b).Close()
}
