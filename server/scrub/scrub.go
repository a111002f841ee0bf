// Package scrub reads a log as it is stored, from its first entry to its last,
// and says which entries are not what was written: for an operator who wants to
// find bit rot, a bad restore or a meddled database before an auditor does. It
// changes nothing and says nothing of what entries say.
package scrub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/vault"
)

// Options are all required but Policy.
type Options struct {
	Writer *pgxpool.Pool // the only role that may read every opening
	Vault  *vault.Vault
	// Policy says whose signatures the checkpoints must bear. Without one their
	// signatures are not looked at, and only what they say is.
	Policy *evidence.Policy
}

// A Fault is something that is not as it was written.
type Fault struct {
	Log incident.LogID
	// Seq is the entry; of a checkpoint, its size; -1 for what is the log's own.
	Seq  int64
	What string // a sentence without its full stop; it repeats nothing stored
}

func (f Fault) String() string {
	if f.Seq < 0 {
		return fmt.Sprintf("log %s: %s", evidence.Printable(string(f.Log)), f.What)
	}
	return fmt.Sprintf("log %s, entry %d: %s", evidence.Printable(string(f.Log)), f.Seq, f.What)
}

// Faults is how many faults of one log are told; whoever has that many needs a
// backup, not a list.
const Faults = 100

// Logs lists every log there is.
func Logs(ctx context.Context, o Options) (all []incident.LogID, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id FROM log ORDER BY id`).Query(func(rows pgx.Rows) error {
		all, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (id incident.LogID, err error) { return id, r.Scan((*string)(&id)) })
		return err
	})
	return all, o.Writer.SendBatch(ctx, b).Close()
}

// Log reads one log as it stands at one moment. It returns how many entries it
// has and what is wrong, the first entry first; the error is of a database that
// does not answer.
func Log(ctx context.Context, o Options, log incident.LogID) (entries uint64, faults []Fault, err error) {
	tx, err := o.Writer.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return 0, nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, nil, err
	}
	c := &reading{o: o, log: log, roots: map[uint64][32]byte{}}
	for _, step := range []func(context.Context, pgx.Tx) error{c.row, c.checkpoints, c.entries, c.end} {
		if err := step(ctx, tx); err != nil {
			return c.frontier.Size(), nil, err
		}
	}
	return c.frontier.Size(), c.faults, nil
}

// reading is one log's.
type reading struct {
	o   Options
	log incident.LogID

	kind, room, origin string
	size               int64
	last               time.Time
	stored             []byte // frontier
	key                *vault.Key

	frontier evidence.Frontier
	recorded incident.Instant
	notes    []evidence.Checkpoint
	roots    map[uint64][32]byte // of the leaves, at the checkpoints' sizes
	faults   []Fault
}

func (c *reading) fault(seq int64, format string, args ...any) {
	if len(c.faults) < Faults {
		c.faults = append(c.faults, Fault{c.log, seq, fmt.Sprintf(format, args...)})
	}
}

// row reads what the log says of itself.
func (c *reading) row(ctx context.Context, tx pgx.Tx) error {
	var wrapped []byte
	err := tx.QueryRow(ctx, `SELECT kind, room, origin, size, frontier, key, last FROM log WHERE id = $1`, string(c.log)).
		Scan(&c.kind, &c.room, &c.origin, &c.size, &c.stored, &wrapped, &c.last)
	if errors.Is(err, pgx.ErrNoRows) {
		c.fault(-1, "there is no such log")
		return nil
	}
	if err != nil {
		return err
	}
	if c.key, err = c.o.Vault.Unwrap(string(c.log), wrapped); err != nil {
		c.fault(-1, "its key does not unwrap: it is not the one that was stored for this log, or the key file is another deployment's")
	}
	return nil
}

// checkpoints reads the signed notes.
func (c *reading) checkpoints(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT size, note FROM checkpoint WHERE log = $1 ORDER BY size`, string(c.log))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var note string
		if err := rows.Scan(&size, &note); err != nil {
			return err
		}
		p, err := evidence.ReadCheckpoint([]byte(note))
		switch {
		case err != nil:
			c.fault(size, "the checkpoint of this many entries is not one")
			continue
		case p.Origin != c.origin || p.Size != uint64(size):
			c.fault(size, "the checkpoint of this many entries is of another log, or another size")
			continue
		}
		if c.o.Policy != nil {
			if _, err := c.o.Policy.Open([]byte(note), c.origin); err != nil {
				c.fault(size, "the checkpoint of this many entries does not have the signatures it must have")
			}
		}
		c.notes = append(c.notes, p)
	}
	return rows.Err()
}

// entries reads leaves and openings side by side.
func (c *reading) entries(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT coalesce(l.seq, o.seq), l.leaf, o.root, o.sealed
		FROM (SELECT seq, leaf FROM leaf WHERE log = $1) l FULL JOIN (SELECT seq, root, sealed FROM opening WHERE log = $1) o USING (seq) ORDER BY 1`, string(c.log))
	if err != nil {
		return err
	}
	defer rows.Close()
	next, met := int64(0), 0
	for rows.Next() {
		var seq int64
		var root *int64
		var leaf, sealed []byte
		if err := rows.Scan(&seq, &leaf, &root, &sealed); err != nil {
			return err
		}
		if seq > next {
			c.fault(next, "it is missing")
		}
		if seq < 0 || seq >= c.size {
			c.fault(seq, "it stands beyond what the log says it has")
		}
		next = seq + 1
		if leaf == nil {
			c.fault(seq, "its leaf is missing")
			continue
		}
		for met < len(c.notes) && c.notes[met].Size <= c.frontier.Size() {
			c.roots[c.notes[met].Size] = c.frontier.Root()
			met++
		}
		c.frontier.Append(evidence.LeafHash(leaf))
		if what := c.entry(uint64(seq), leaf, root, sealed); what != "" {
			c.fault(seq, "%s", what)
		}
	}
	for ; met < len(c.notes) && c.notes[met].Size <= c.frontier.Size(); met++ {
		c.roots[c.notes[met].Size] = c.frontier.Root()
	}
	return rows.Err()
}

// entry says what is wrong with one.
func (c *reading) entry(seq uint64, leaf []byte, root *int64, sealed []byte) string {
	origin := evidence.OriginOf(c.origin)
	n, of, _, err := evidence.ParseLeaf(leaf)
	if err != nil || n != seq || of != origin {
		return "its leaf is not one, or of another entry or log"
	}
	switch {
	case root == nil:
		return "its opening is missing"
	case c.key == nil:
		return "" // said once, of the log
	}
	plain, err := c.key.Open(sealed, vault.AD(origin, seq))
	if err != nil {
		return "its opening does not unseal: it was changed, or is of another entry"
	}
	whole, err := evidence.ParseWhole(seq, plain)
	if err != nil {
		return "its opening is not one"
	}
	var m *evidence.Mismatch
	if err := whole.Check(origin, leaf); errors.As(err, &m) {
		return fmt.Sprintf("slot %d of its leaf is not what its opening says", m.Slot)
	}
	e, err := incident.Decode(incident.Seq(seq), incident.Values(whole.Values))
	if err != nil {
		return "it cannot be read by this version"
	}
	switch {
	case int64(e.Root) != *root:
		return "it is stored under another object than its own"
	case e.Times.Recorded.Before(c.recorded.Time):
		return "it was recorded before the one above it"
	}
	c.recorded = e.Times.Recorded
	if g, ok := e.Body.(*incident.Genesis); ok && (g.Origin != c.origin || string(g.Log) != c.kind || string(g.Room) != c.room ||
		c.origin != incident.OriginLine(g.Deployment, g.Log, c.log)) {
		c.fault(-1, "the log's own row names another log, kind or room than its first entry")
	}
	return ""
}

// end compares the whole with what the log and its checkpoints say of it.
func (c *reading) end(context.Context, pgx.Tx) error {
	if c.kind == "" {
		return nil
	}
	if uint64(c.size) != c.frontier.Size() {
		c.fault(-1, "it says it has %d entries, and has %d", c.size, c.frontier.Size())
	}
	if b, err := c.frontier.MarshalBinary(); err != nil || !bytes.Equal(b, c.stored) {
		c.fault(-1, "the tree over its leaves is not the one that was stored with them")
	}
	if c.key != nil && !c.last.Equal(c.recorded.Time) && c.frontier.Size() > 0 {
		c.fault(-1, "the time of its last entry is not the one that is stored with the log")
	}
	agreed := uint64(0)
	for _, n := range c.notes {
		root, met := c.roots[n.Size]
		switch {
		case !met:
			c.fault(int64(n.Size), "a checkpoint of this many entries was signed, and there are fewer")
		case root != n.Root:
			c.fault(int64(agreed), "from here on the entries are not those that were signed for when there were %d", n.Size)
			return nil
		}
		agreed = n.Size
	}
	return nil
}

// Say is the faults as an operator reads them, a line each.
func Say(faults []Fault) string {
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(f.String() + ".\n")
	}
	return b.String()
}
