package notary

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Newest returns the newest checkpoint of a log that an export can rest on: one
// that the witness has signed too, if there is a witness. keys is a policy file
// with the generations that have signed this log, each with the sizes it
// signed. Size is 0 while there is none.
func (n *Notary) Newest(ctx context.Context, log incident.LogID) (size uint64, note, keys string, err error) {
	listed, err := n.o.Record.Keys(ctx)
	if err != nil {
		return 0, "", "", err
	}
	from := `SELECT size, note FROM checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1`
	if n.o.Witness != nil {
		from = `SELECT size, note FROM cosignature WHERE log = $1 ORDER BY size DESC LIMIT 1`
	}
	var spans []Span
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(from, string(log)).QueryRow(func(row pgx.Row) error {
		var at int64
		err := none(row.Scan(&at, &note))
		size = uint64(at)
		return err
	})
	b.Queue(`SELECT key, min(size), max(size) FROM checkpoint WHERE log = $1 GROUP BY key ORDER BY key`, string(log)).Query(func(rows pgx.Rows) (err error) {
		spans, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (s Span, err error) {
			var first, last int64
			err = r.Scan(&s.Generation, &first, &last)
			s.First, s.Last = uint64(first), uint64(last)
			return s, err
		})
		return err
	})
	if err := n.o.Writer.SendBatch(ctx, b).Close(); err != nil || size == 0 {
		return 0, "", "", err
	}
	var generations []evidence.Generation
	for i, s := range spans {
		for _, k := range listed {
			if k.Generation != s.Generation || len(k.Verifiers) != 2 {
				continue
			}
			g := evidence.Generation{Ed25519: k.Verifiers[0], MLDSA: k.Verifiers[1], From: s.First, To: s.Last}
			if i == len(spans)-1 {
				g.To = 0 // it goes on
			}
			generations = append(generations, g)
		}
	}
	var witnesses []evidence.Witness
	if w := n.o.Witness; w != nil {
		witnesses = []evidence.Witness{{Keys: w.Keys}}
	}
	p, err := evidence.NewPolicy(generations, witnesses)
	if err != nil {
		return 0, "", "", err
	}
	return size, note, p.String(), nil
}

// Sealed returns the note of a size whose SHA-256, in hex, is sum, as Newest
// returned it, and earlier ones, ascending: the first of each ten minutes. A
// size is signed and cosigned once, and no smaller one after a greater one, so
// the answer is the same each time, also if a witness comes or goes.
func (n *Notary) Sealed(ctx context.Context, log incident.LogID, size uint64, sum string) (note string, earlier []string, err error) {
	for _, kept := range []struct{ table, at string }{{"cosignature", "at"}, {"checkpoint", "made"}} {
		b := &pgx.Batch{}
		projection.Writer(log).Enter(b)
		b.Queue(`SELECT note FROM `+kept.table+` WHERE log = $1 AND size = $2`, string(log), int64(size)).QueryRow(func(row pgx.Row) error { return none(row.Scan(&note)) })
		b.Queue(`SELECT note FROM (SELECT DISTINCT ON (floor(extract(epoch FROM `+kept.at+`) / 600)) size, note FROM `+kept.table+`
			WHERE log = $1 AND size < $2 ORDER BY floor(extract(epoch FROM `+kept.at+`) / 600), size) t ORDER BY size`, string(log), int64(size)).Query(func(rows pgx.Rows) (err error) {
			earlier, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
		if err := n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
			return "", nil, err
		}
		if is := sha256.Sum256([]byte(note)); hex.EncodeToString(is[:]) == sum {
			return note, earlier, nil
		}
	}
	return "", nil, errors.New("notary: that checkpoint is not there")
}
