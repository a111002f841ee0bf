// Package notary signs how far each log has come. It reads the leaves as they
// are stored, not what the writer remembers, so that a leaf changed under the
// server is found before it is signed for; and it stores what it signs before
// anybody is given it, one signature a size, whatever crashes when.
package notary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Options are all required but Every.
type Options struct {
	Writer  *pgxpool.Pool
	Signers []note.Signer // each signs every checkpoint
	Log     *slog.Logger
	// Every is how often it looks for logs that have grown; 0 means half a
	// second. It is the same for all logs and all kinds of entry: when something
	// was sealed must not tell what it was.
	Every time.Duration
}

// Notary is safe for concurrent use, also by several nodes at once: of two
// that sign the same log, one's signature is stored.
type Notary struct{ o Options }

// New returns a notary; Run makes it work.
func New(o Options) *Notary {
	if o.Every == 0 {
		o.Every = 500 * time.Millisecond
	}
	return &Notary{o}
}

// ErrDiffers means that the leaves of a log are not those it was written with.
var ErrDiffers = errors.New("notary: the leaves are not those that were written")

// Run signs until ctx ends.
func (n *Notary) Run(ctx context.Context) {
	t := time.NewTicker(n.o.Every)
	defer t.Stop()
	for {
		if err := n.Once(ctx); err != nil && ctx.Err() == nil {
			n.o.Log.Error("not every log could be sealed; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Once signs every log that has grown since it was signed. A log that fails
// does not keep the others waiting; the errors come together.
func (n *Notary) Once(ctx context.Context) error {
	type grown struct {
		id     incident.LogID
		origin string
	}
	var logs []grown
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, l.origin FROM log l LEFT JOIN notary n ON n.log = l.id
		WHERE l.size > coalesce(n.size, 0) AND coalesce(n.differs, 0) = 0 ORDER BY l.id`).Query(func(rows pgx.Rows) (err error) {
		logs, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (g grown, err error) {
			return g, r.Scan((*string)(&g.id), &g.origin)
		})
		return err
	})
	if err := n.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	var errs []error
	for _, g := range logs {
		if err := n.seal(ctx, g.id, g.origin); err != nil {
			errs = append(errs, fmt.Errorf("log %s: %w", g.id, err))
		}
	}
	return errors.Join(errs...)
}

// state is what the notary knows of a log, and what the log says of itself, at
// one moment.
type state struct {
	had     uint64            // entries it had read before
	now     evidence.Frontier // of those and the ones stored since
	written evidence.Frontier // as the writer left it
}

// seal reads what a log has grown by and signs for it.
func (n *Notary) seal(ctx context.Context, log incident.LogID, origin string) error {
	s, err := n.read(ctx, log)
	if err != nil {
		return err
	}
	if s.had == s.written.Size() && s.now.Root() == s.written.Root() {
		return nil // another node has signed meanwhile
	}
	if s.now.Size() != s.written.Size() || s.now.Root() != s.written.Root() {
		if err := n.differs(ctx, log, s); err != nil {
			return err
		}
		return fmt.Errorf("%w: among its first %d", ErrDiffers, s.written.Size())
	}
	signed, err := evidence.Checkpoint{Origin: origin, Size: s.now.Size(), Root: s.now.Root()}.Sign(n.o.Signers...)
	if err != nil {
		return err
	}
	return n.keep(ctx, log, s, signed)
}

// read takes in the leaves that are new to the notary, in one snapshot of the
// database.
func (n *Notary) read(ctx context.Context, log incident.LogID) (s state, err error) {
	tx, err := n.o.Writer.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return s, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT frontier FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error { return scanFrontier(row, &s.written) })
	b.Queue(`SELECT frontier FROM notary WHERE log = $1`, string(log)).QueryRow(func(row pgx.Row) error {
		if err := scanFrontier(row, &s.now); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return nil
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return s, err
	}
	s.had = s.now.Size()
	rows, err := tx.Query(ctx, `SELECT seq, leaf FROM leaf WHERE log = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, string(log), int64(s.had), int64(s.written.Size()))
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var leaf []byte
		if err := rows.Scan(&seq, &leaf); err != nil {
			return s, err
		}
		if uint64(seq) != s.now.Size() { // one is missing: what is here is shorter than what was written
			return s, nil
		}
		s.now.Append(evidence.LeafHash(leaf))
	}
	return s, rows.Err()
}

func scanFrontier(row pgx.Row, into *evidence.Frontier) error {
	var b []byte
	if err := row.Scan(&b); err != nil || len(b) == 0 {
		return err
	}
	return into.UnmarshalBinary(b)
}

// keep stores a checkpoint if no other node has signed since the log was read:
// then, and only then, it may leave the house.
func (n *Notary) keep(ctx context.Context, log incident.LogID, s state, signed []byte) error {
	frontier, err := s.now.MarshalBinary()
	if err != nil {
		return err
	}
	return n.swap(ctx, log, func(tx pgx.Tx) error {
		t, err := tx.Exec(ctx, `UPDATE notary SET size = $2, frontier = $3 WHERE log = $1 AND size = $4 AND differs = 0`,
			string(log), int64(s.now.Size()), frontier, int64(s.had))
		if err != nil || t.RowsAffected() == 0 {
			return err // another was first, and what was signed here is nobody's
		}
		_, err = tx.Exec(ctx, `INSERT INTO checkpoint (log, size, note) VALUES ($1, $2, $3)`, string(log), int64(s.now.Size()), string(signed))
		return err
	})
}

// differs notes that nothing more of the log may be signed.
func (n *Notary) differs(ctx context.Context, log incident.LogID, s state) error {
	return n.swap(ctx, log, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE notary SET differs = $2 WHERE log = $1 AND size = $3 AND differs = 0`, string(log), int64(s.written.Size()), int64(s.had))
		return err
	})
}

// swap runs fn in the log's scope, where its row in notary is.
func (n *Notary) swap(ctx context.Context, log incident.LogID, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, n.o.Writer, func(tx pgx.Tx) error {
		b := &pgx.Batch{}
		projection.Writer(log).Enter(b)
		b.Queue(`INSERT INTO notary (log) VALUES ($1) ON CONFLICT (log) DO NOTHING`, string(log))
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
		return fn(tx)
	})
}
