package notary

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"wardroom/server/projection"
)

// Stats are counts for the operator. None of them names a log.
type Stats struct {
	Signed          uint64 // checkpoints this node has signed and stored
	Cosigned        uint64 // of which it has stored the witness's signatures
	Refused         uint64 // times the witness answered, and not with good signatures
	WitnessUp       int64  // 1: it answered when it was last asked; 0: it did not, or there is none
	Uncosigned      int64  // logs, of the whole deployment, with a checkpoint that waits for the witness
	Unsealed        int64  // entries that no cosigned checkpoint covers
	LagMilliseconds int64  // how long the oldest of those checkpoints has waited
	Differing       int64  // logs whose leaves are not those that were written: look at once
}

type stats struct {
	signed, cosigned, refused            atomic.Uint64
	up                                   atomic.Bool
	uncosigned, unsealed, differing, lag atomic.Int64
}

// Stats returns the counts as they stand.
func (n *Notary) Stats() Stats {
	s := Stats{Signed: n.stats.signed.Load(), Cosigned: n.stats.cosigned.Load(), Refused: n.stats.refused.Load(),
		Uncosigned: n.stats.uncosigned.Load(), Unsealed: n.stats.unsealed.Load(), LagMilliseconds: n.stats.lag.Load(), Differing: n.stats.differing.Load()}
	if n.stats.up.Load() {
		s.WitnessUp = 1
	}
	return s
}

// count asks what of all logs is not sealed.
func (n *Notary) count(ctx context.Context) error {
	s := &n.stats
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT count(n.pending), coalesce(sum(l.size - coalesce(n.cosigned, 0)), 0)::bigint, count(*) FILTER (WHERE n.differs > 0),
			coalesce(extract(epoch FROM clock_timestamp() - min(n.pending)) * 1000, 0)::bigint
		FROM log l LEFT JOIN notary n ON n.log = l.id`).QueryRow(func(row pgx.Row) error {
		var uncosigned, unsealed, differing, lag int64
		if err := row.Scan(&uncosigned, &unsealed, &differing, &lag); err != nil {
			return err
		}
		s.uncosigned.Store(uncosigned)
		s.unsealed.Store(unsealed)
		s.differing.Store(differing)
		s.lag.Store(lag)
		return nil
	})
	return n.o.Writer.SendBatch(ctx, b).Close()
}
