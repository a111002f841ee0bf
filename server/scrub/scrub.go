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
	"maps"
	"slices"
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
	// Policy says whose signatures the checkpoints must bear: it names every
	// generation of keys that the record lists, the oldest first. Without one
	// signatures are not looked at, and only what the notes say is.
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
	c := &reading{o: o, log: log, roots: map[uint64]*[32]byte{}, missing: map[int64][]int{}, said: map[int64][]int{}, tiles: map[at][]byte{}}
	if o.Policy != nil { // what only the log's own keys have signed
		if c.own, err = evidence.NewPolicy(o.Policy.Log, nil); err != nil {
			return 0, nil, err
		}
	}
	for _, step := range []func(context.Context, pgx.Tx) error{c.row, c.checkpoints, c.cosignatures, c.notary, c.entries, c.attachments, c.tree, c.end} {
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

	own *evidence.Policy // without the witnesses; nil for none

	kind, room, origin, after string
	size                      int64
	last                      time.Time
	stored                    []byte // frontier
	key                       *vault.Key
	guard                     guard
	signer                    signer

	frontier evidence.Frontier
	recorded incident.Instant
	notes    []signed
	roots    map[uint64]*[32]byte // of the leaves, at the sizes that something is said of; nil: there are fewer
	faults   []Fault

	files   []attachedTo
	missing map[int64][]int // slots that are gone, by entry
	said    map[int64][]int // slots that entries say were erased, by entry
	levels  []level
	tiles   map[at][]byte // SHA-256 of those the leaves make
}

// signed is a stored checkpoint.
type signed struct {
	evidence.Checkpoint
	key  int
	note string
}

func (c *reading) fault(seq int64, format string, args ...any) {
	if len(c.faults) < Faults {
		c.faults = append(c.faults, Fault{c.log, seq, fmt.Sprintf(format, args...)})
	}
}

// row reads what the log says of itself.
func (c *reading) row(ctx context.Context, tx pgx.Tx) error {
	var wrapped []byte
	err := tx.QueryRow(ctx, `SELECT kind, room, origin, size, frontier, key, last, after, guard, guard_at, guard_size, guard_root FROM log WHERE id = $1`, string(c.log)).
		Scan(&c.kind, &c.room, &c.origin, &c.size, &c.stored, &wrapped, &c.last, &c.after, &c.guard.found, &c.guard.at, &c.guard.size, &c.guard.root)
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
	if c.guard.size != nil {
		c.roots[uint64(*c.guard.size)] = nil
	}
	return nil
}

// checkpoints reads the signed notes.
func (c *reading) checkpoints(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT size, key, note FROM checkpoint WHERE log = $1 ORDER BY size`, string(c.log))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var key int
		var note string
		if err := rows.Scan(&size, &key, &note); err != nil {
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
		if c.own != nil {
			s, err := c.own.Open([]byte(note), c.origin)
			switch {
			case err != nil:
				c.fault(size, "the checkpoint of this many entries does not have the signatures it must have")
			case s.Generation != key:
				c.fault(size, "the checkpoint of this many entries is stored under another key than the one that signed it")
			}
		}
		if n := len(c.notes); n > 0 && key < c.notes[n-1].key {
			c.fault(size, "the checkpoint of this many entries is of an older key than the one before it")
		}
		c.notes = append(c.notes, signed{p, key, note})
		c.roots[p.Size] = nil
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
	next := int64(0)
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
		hash := evidence.LeafHash(leaf)
		if c.frontier.Size() < c.signer.size {
			c.grow(0, hash)
		}
		c.frontier.Append(hash)
		if _, of := c.roots[c.frontier.Size()]; of {
			root := c.frontier.Root()
			c.roots[c.frontier.Size()] = &root
		}
		if c.frontier.Size() == c.signer.size {
			if c.signer.read, err = c.frontier.MarshalBinary(); err != nil {
				return err
			}
		}
		if what := c.entry(uint64(seq), leaf, root, sealed); what != "" {
			c.fault(seq, "%s", what)
		}
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
	e, what := c.open(origin, seq, leaf, sealed)
	if e == nil {
		return what
	}
	switch {
	case int64(e.Root) != *root:
		return "it is stored under another object than its own"
	case e.Times.Recorded.Before(c.recorded.Time):
		return "it was recorded before the one above it"
	}
	c.recorded = e.Times.Recorded
	for _, f := range e.Files {
		c.files = append(c.files, attachedTo{int64(seq), f})
	}
	if b, ok := e.Body.(*incident.EntryErased); ok {
		if b.Entry >= e.Seq {
			return "it says that a later entry was erased"
		}
		c.said[int64(b.Entry)] = append(c.said[int64(b.Entry)], b.Slots...)
	}
	if g, ok := e.Body.(*incident.Genesis); ok && g.Break == nil && c.after != "" || ok && g.Break != nil && string(g.Break.Log) != c.after {
		c.fault(-1, "the log's own row names another section before it than its first entry")
	} else if ok && (g.Origin != c.origin || string(g.Log) != c.kind || string(g.Room) != c.room ||
		c.origin != incident.OriginLine(g.Deployment, g.Log, c.log)) {
		c.fault(-1, "the log's own row names another log, kind or room than its first entry")
	}
	return ""
}

// open opens one entry, of which slots may have been erased.
func (c *reading) open(origin evidence.Origin, seq uint64, leaf, sealed []byte) (e *incident.Event, what string) {
	var err error
	if plain, bad := c.key.Open(sealed, vault.AD(origin, seq)); bad == nil {
		whole, bad := evidence.ParseWhole(seq, plain)
		if bad != nil {
			return nil, "its opening is not one"
		}
		if err = whole.Check(origin, leaf); err == nil {
			e, err = incident.Decode(incident.Seq(seq), incident.Values(whole.Values))
		}
	} else if plain, bad := c.key.Open(sealed, vault.ErasedAD(origin, seq)); bad == nil {
		left, bad := evidence.ParsePartial(seq, plain)
		if bad != nil {
			return nil, "what is left of its opening is not one"
		}
		c.missing[int64(seq)] = left.Missing()
		if err = left.Check(origin, leaf); err == nil {
			e, err = incident.DecodeErased(incident.Seq(seq), incident.Values(left.Values()), left.Missing())
		}
	} else {
		return nil, "its opening does not unseal: it was changed, or is of another entry"
	}
	var m *evidence.Mismatch
	switch {
	case errors.As(err, &m):
		return nil, fmt.Sprintf("slot %d of its leaf is not what its opening says", m.Slot)
	case err != nil:
		return nil, "it cannot be read by this version"
	}
	return e, ""
}

// end compares the whole with what the log and its checkpoints say of it.
func (c *reading) end(context.Context, pgx.Tx) error {
	if c.kind == "" {
		return nil
	}
	c.erasures()
	if uint64(c.size) != c.frontier.Size() {
		c.fault(-1, "it says it has %d entries, and has %d", c.size, c.frontier.Size())
	}
	if b, err := c.frontier.MarshalBinary(); err != nil || !bytes.Equal(b, c.stored) {
		c.fault(-1, "the tree over its leaves is not the one that was stored with them")
	}
	if c.key != nil && !c.last.Equal(c.recorded.Time) && c.frontier.Size() > 0 {
		c.fault(-1, "the time of its last entry is not the one that is stored with the log")
	}
	c.closed()
	c.sealed()
	agreed := uint64(0)
	for _, n := range c.notes {
		switch root := c.roots[n.Size]; {
		case root == nil:
			c.fault(int64(n.Size), "a checkpoint of this many entries was signed, and there are fewer")
		case *root != n.Root:
			c.fault(int64(agreed), "from here on the entries are not those that were signed for when there were %d", n.Size)
			return nil
		}
		agreed = n.Size
	}
	return nil
}

// erasures compares what is gone with what entries say was erased.
func (c *reading) erasures() {
	if c.key == nil {
		return
	}
	entries := map[int64]bool{}
	for seq := range c.missing {
		entries[seq] = true
	}
	for seq := range c.said {
		entries[seq] = true
	}
	for _, seq := range slices.Sorted(maps.Keys(entries)) {
		said := slices.Compact(slices.Sorted(slices.Values(c.said[seq])))
		for _, slot := range c.missing[seq] {
			if !slices.Contains(said, slot) {
				c.fault(seq, "its slot %d is gone, and no entry says that it was erased", slot)
			}
		}
		for _, slot := range said {
			if !slices.Contains(c.missing[seq], slot) {
				c.fault(seq, "its slot %d was erased, as an entry says, and is there", slot)
			}
		}
	}
}

// Say is the faults as an operator reads them, a line each.
func Say(faults []Fault) string {
	var b strings.Builder
	for _, f := range faults {
		b.WriteString(f.String() + ".\n")
	}
	return b.String()
}
