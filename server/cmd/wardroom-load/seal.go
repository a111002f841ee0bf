package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/projection"
	"wardroom/server/witness"
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
	lag, err := g.lagRow(ctx)
	if err != nil {
		return rows, err
	}
	r, err := g.proofRow(ctx, n)
	if err != nil {
		return rows, err
	}
	return append(rows, lag, r), nil
}

// lagRow is how long an entry waits until it is covered by a checkpoint that
// the witness has signed too, beside one that the notary alone has signed.
func (g *ground) lagRow(ctx context.Context) (r row, err error) {
	const perSecond = 40
	keys, err := g.journal.Keys(ctx)
	if err != nil {
		return r, err
	}
	policy := "wardroom/policy/1\n"
	for _, k := range keys {
		policy += "log " + strings.Join(k.Verifiers, " ") + "\n"
	}
	dir := filepath.Join(g.dir, "witness")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, "policy"), []byte(policy), 0o600)); err != nil {
		return r, err
	}
	w, err := witness.Open(witness.Options{Dir: dir, Name: "witness.bench", Policy: filepath.Join(dir, "policy"), Log: slog.New(slog.DiscardHandler),
		System: g.journal.Genesis(incident.SystemLog, g.journal.SystemLog(), "").Origin})
	if err != nil {
		return r, err
	}
	defer w.Close()
	second := httptest.NewServer(w.Handler())
	defer second.Close()
	known, err := notary.NewWitness(second.URL, w.Keys())
	if err != nil {
		return r, err
	}
	n, err := g.notaryWith(known)
	if err != nil {
		return r, err
	}
	room, err := g.openRoom(ctx, "The witnessed room")
	if err != nil {
		return r, err
	}
	r = row{Group: "from recorded to signed by notary and witness; limit: by the notary alone", Name: fmt.Sprintf("%d/s", perSecond), Columns: recordColumns}
	g.note("seal: how long an entry waits for the witness")
	sealing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { n.Run(sealing) })
	defer func() { stop(); wg.Wait() }()
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var recorded []time.Time
		var seqs []int64
		tick := time.NewTicker(time.Second / perSecond)
		defer tick.Stop()
		for began := time.Now(); time.Since(began) < max(2*g.bench.For, 5*time.Second); <-tick.C {
			a, err := g.do(ctx, room, g.actors[0], command.PostMessage{Text: nextText()})
			if err != nil {
				return nil, err
			}
			seqs, recorded = append(seqs, int64(a.Seq)), append(recorded, a.Events[0].Times.Recorded.Time)
		}
		waits, err := g.waited(ctx, room, s, seqs, recorded)
		if err != nil {
			return nil, err
		}
		slices.Sort(waits)
		return sample{"p50": quantile(waits, 0.5), "p99": quantile(waits, 0.99)}, nil
	})
	return r, err
}

// waited returns how long each entry waited, in seconds, once the last one is
// covered.
func (g *ground) waited(ctx context.Context, room incident.LogID, s side, seqs []int64, recorded []time.Time) (waits []float64, err error) {
	covered := `SELECT min(made) FROM checkpoint WHERE log = $1 AND size > t.seq`
	if s == ours {
		covered = `SELECT min(at) + interval '1 second' FROM cosignature WHERE log = $1 AND size > t.seq` // a witness says whole seconds: the latest it can have been
	}
	for deadline := time.Now().Add(time.Minute); ; {
		left := 0
		waits = waits[:0]
		b := &pgx.Batch{}
		projection.Writer(room).Enter(b)
		b.Queue(`SELECT t.n, (`+covered+`) FROM unnest($2::bigint[]) WITH ORDINALITY AS t(seq, n)`, string(room), seqs).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var i int
				var at *time.Time
				if err := rows.Scan(&i, &at); err != nil {
					return err
				}
				if at == nil {
					left++
				} else {
					waits = append(waits, at.Sub(recorded[i-1]).Seconds())
				}
			}
			return rows.Err()
		})
		if err := g.writer.SendBatch(ctx, b).Close(); err != nil {
			return nil, err
		}
		switch {
		case left == 0:
			return waits, nil
		case time.Now().After(deadline):
			return nil, fmt.Errorf("%d entries were not sealed within a minute", left)
		}
		time.Sleep(100 * time.Millisecond) // nothing tells a client of the database that a checkpoint came
	}
}

func (g *ground) newNotary() (*notary.Notary, error) { return g.notaryWith(nil) }

func (g *ground) notaryWith(w *notary.Witness) (*notary.Notary, error) {
	keys, err := notary.LoadKeys(filepath.Join(g.dir, "notary.json"))
	if err != nil {
		return nil, err
	}
	return notary.New(notary.Options{Writer: g.writer, Reader: g.reader, Keys: keys, Record: g.journal, Witness: w, Log: slog.New(slog.DiscardHandler)}), nil
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
		return g.waits(ctx, nil, func() (time.Duration, error) {
			seq := incident.Seq(1 + rand.IntN(length-1))
			from := time.Now()
			var err error
			if s == ours {
				_, err = n.Prove(ctx, room, person, seq)
			} else {
				err = g.readLeaf(ctx, room, person, seq)
			}
			return time.Since(from), err
		})
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
