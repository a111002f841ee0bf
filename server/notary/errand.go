package notary

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// errand is what is brought to the witness of one log, and what comes back.
// The witness is asked about each log by itself; the database about a whole
// portion, in three round trips at most: the checkpoints, what goes along with
// them, both as far as this node does not have them at hand, and the
// cosignatures to be stored.
type errand struct {
	waiting
	p     *progress
	drawn *drawn // what is at hand; nil for nothing

	size   uint64 // of the newest checkpoint, which is stored: nothing else leaves the house
	key    int    // that signed it
	signed []byte

	from, to uint64 // the leaves that the witness seems to lack, as far as they are at hand
	leaves   []byte
	old      uint64 // the size that the proof at hand goes on from; 0: none is needed
	proof    [][32]byte

	cosigned []byte // nil: nothing has come back
	at       time.Time
	err      error
}

// part is what is asked of the database about one log, in its own scope.
type part struct {
	log   incident.LogID
	queue func(*pgx.Batch) // called again after a failure: what it reads is begun anew
	err   *error
}

// ask does all parts in one round trip and one transaction. What fails for
// several is done again for each alone: the fault of one log is that log's.
func (c *client) ask(ctx context.Context, parts ...part) {
	if len(parts) == 0 {
		return
	}
	// Rows are locked in one order, on every node.
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.log, b.log) })
	err := c.send(ctx, parts...)
	for _, p := range parts {
		if *p.err = err; err != nil && len(parts) > 1 && ctx.Err() == nil {
			*p.err = c.send(ctx, p)
		}
	}
}

func (c *client) send(ctx context.Context, parts ...part) error {
	b := &pgx.Batch{}
	for _, p := range parts {
		projection.Writer(p.log).Enter(b)
		p.queue(b)
	}
	return c.n.o.Writer.SendBatch(ctx, b).Close()
}

// bring does the errands of a portion of the logs that wait.
func (c *client) bring(ctx context.Context, logs []waiting, failed func(error) (away bool)) {
	var list []*errand
	for _, l := range logs {
		if p := c.progressOf(l); !c.n.o.Now().Before(p.until) {
			list = append(list, &errand{waiting: l, p: p})
		}
	}
	c.load(ctx, list)
	turn := make(chan *errand)
	var wg sync.WaitGroup
	for range min(atOnce, len(list)) {
		wg.Go(func() {
			away := false
			for e := range turn {
				if !away {
					if e.err == nil {
						e.err = c.cosign(ctx, e)
					}
					away = failed(c.came(ctx, e))
				}
			}
		})
	}
	for _, e := range list {
		turn <- e
	}
	close(turn)
	wg.Wait()
	c.store(ctx, list, failed)
}

// came judges what became of asking the witness: the error that is to be told.
// A log that was refused is left alone for a while.
func (c *client) came(ctx context.Context, e *errand) error {
	switch {
	case e.err == nil || errors.Is(e.err, errNotYet):
		return nil
	case errors.Is(e.err, errAway) || errors.Is(e.err, errMore) || ctx.Err() != nil:
		return e.err
	}
	c.n.stats.refused.Add(1)
	e.p.until = c.n.o.Now().Add(pauseOfLog)
	e.p.mirrored, e.p.cosigned = e.waiting.cosigned, e.waiting.cosigned // ask it anew
	return e.err
}

// leavesAtHand bounds what is read of leaves for a portion: 5.7 MB. What a log
// lacks beyond it is read for that log by itself.
const leavesAtHand = 4 * mirrorAtOnce

// load reads what the errands bring.
func (c *client) load(ctx context.Context, list []*errand) {
	var parts []part
	for _, e := range list {
		if e.drawn = c.fresh.find(e.waiting); e.drawn != nil {
			e.size, e.key, e.signed = e.drawn.checkpoint.Size, e.drawn.key, e.drawn.signed
			continue
		}
		parts = append(parts, part{e.id, func(b *pgx.Batch) {
			b.Queue(`SELECT size, key, note FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1`, string(e.id)).QueryRow(func(row pgx.Row) error {
				var n int64
				err := row.Scan(&n, &e.key, &e.signed)
				e.size = uint64(n)
				return err
			})
		}, &e.err})
	}
	c.ask(ctx, parts...)
	parts = parts[:0]
	left := uint64(leavesAtHand)
	proofs := map[*errand]*proving{}
	for _, e := range list {
		if e.err != nil {
			continue
		}
		e.from, e.to, e.leaves = e.p.mirrored, e.size, e.drawn.leavesOf(e.p.mirrored)
		if e.leaves == nil {
			n := uint64(0)
			if e.p.mirrored < e.size {
				if n = min(e.size-e.p.mirrored, mirrorAtOnce); n > left {
					n = 0
				}
			}
			e.to = e.from + n
			left -= n
		}
		p, err := e.path(e.p.cosigned)
		if e.err = err; err != nil {
			continue
		}
		if p != nil && e.drawn != nil && e.drawn.answer(p) {
			p = nil
		}
		if p == nil && (e.leaves != nil || e.from == e.to) {
			continue
		}
		atHand := e.leaves != nil
		var into bytes.Buffer
		parts = append(parts, part{e.id, func(b *pgx.Batch) {
			if !atHand {
				queueLeaves(b, e.id, e.from, e.to, &into, func(whole bool) {
					if e.leaves = into.Bytes(); !whole {
						e.from, e.to, e.leaves = 0, 0, nil // bringing them will say what is wrong
					}
				})
			}
			if p != nil {
				p.queue(b, e.id)
			}
		}, &e.err})
		if p != nil {
			proofs[e] = p
		}
	}
	c.ask(ctx, parts...)
	for e, p := range proofs {
		if e.err == nil {
			e.err = p.finish()
		}
	}
}

// path prepares the proof that the checkpoint goes on from the witness's own
// of that size; nil if it needs none.
func (e *errand) path(old uint64) (*proving, error) {
	if e.old, e.proof = old, nil; old == 0 || old >= e.size {
		return nil, nil
	}
	return newProving(func(r tlog.HashReader) error {
		proof, err := tlog.ProveTree(int64(e.size), int64(old), r)
		e.proof = plain(proof)
		return err
	})
}

// queueLeaves reads leaves into a buffer, and says whether they are all there.
func queueLeaves(b *pgx.Batch, log incident.LogID, from, to uint64, into *bytes.Buffer, done func(whole bool)) {
	before, seq := into.Len(), from
	if from == to {
		return
	}
	b.Queue(`SELECT seq, leaf FROM leaf WHERE log = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, string(log), int64(from), int64(to)).Query(func(rows pgx.Rows) error {
		into.Truncate(before)
		seq = from
		for rows.Next() {
			var at int64
			var leaf []byte
			if err := rows.Scan(&at, &leaf); err != nil {
				return err
			}
			if uint64(at) != seq || len(leaf) != evidence.LeafSize {
				break
			}
			seq++
			into.Write(leaf)
		}
		done(seq == to)
		return rows.Err()
	})
}

// store keeps the cosigned notes of a portion, unless there is one of a size
// already.
func (c *client) store(ctx context.Context, list []*errand, failed func(error) bool) {
	var parts []part
	var back []*errand
	for _, e := range list {
		if e.err != nil || e.cosigned == nil {
			continue
		}
		log, size := string(e.id), int64(e.size)
		back = append(back, e)
		parts = append(parts, part{e.id, func(b *pgx.Batch) {
			b.Queue(`INSERT INTO cosignature (log, size, note, at) VALUES ($1, $2, $3, $4) ON CONFLICT (log, size) DO NOTHING`, log, size, string(e.cosigned), e.at)
			// Whoever signs a newer checkpoint at this moment has the row: what it says afterwards is asked, since the other
			// table is still seen as it was before.
			b.Queue(`UPDATE notary SET cosigned = greatest(cosigned, $2), pending = CASE WHEN signed > greatest(cosigned, $2) THEN
				coalesce((SELECT made FROM checkpoint WHERE log = $1 AND size > greatest(cosigned, $2) ORDER BY size LIMIT 1), clock_timestamp()) END
				WHERE log = $1`, log, size)
		}, &e.err})
	}
	c.ask(ctx, parts...)
	for _, e := range back {
		if e.err == nil {
			e.p.cosigned = e.size
			c.fresh.drop(e.id, e.size)
			c.n.stats.cosigned.Add(1)
			e.err = c.n.at("kept")
		}
		failed(e.err)
	}
}
