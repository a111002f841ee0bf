// Package notary signs how far each log has come, has the witness sign it too,
// and proves by it what a log holds. It reads the leaves as they are stored,
// not what the writer remembers, so that a leaf changed under the server is
// found before it is signed for; and it stores what it signs before anybody is
// given it, one signature a size, whatever crashes when.
//
// It never signs with a key that the system log does not list. All logs and
// all kinds of entry are treated alike: when something was sealed must not tell
// what it was.
package notary

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/trail"
)

// Options are all required but where it is said.
type Options struct {
	Writer *pgxpool.Pool // connects as wardroom_writer
	Reader *pgxpool.Pool // connects as wardroom_reader: proofs for a person
	Keys   *Keys
	Record Record
	Log    *slog.Logger // never given the name of a log, nor content

	// Witness is the second party; nil for none.
	Witness *Witness
	// Kept is the machine's own file of how far each log had come; nil for none.
	Kept *Kept
	// Listening are the rooms that somebody on this node listens to, and Sealed
	// tells them. Both may be nil.
	Listening func() []incident.LogID
	Sealed    func(incident.LogID, *incident.Seal)
	// Every is how often it looks for logs that have grown; 0 means half a
	// second.
	Every time.Duration
	// Now is the clock; nil for the machine's.
	Now func() time.Time
}

// Record is the journal, as far as the notary asks it: what stands in the
// system log, and when an entry was recorded. It opens nothing by itself.
type Record interface {
	Keys(context.Context) ([]incident.ListedKey, error)
	Recorded(ctx context.Context, log incident.LogID, seq incident.Seq) (time.Time, error)
	// Registered finds the entry of the system log that registered the room, or
	// the room of the access log: the room's id is asked for either way. The
	// opening is of slots 0 and 5 alone.
	Registered(ctx context.Context, room incident.LogID) (system incident.LogID, leaf []byte, opening *evidence.Partial, err error)
}

// Notary is safe for concurrent use, also by several nodes at once: of two
// that sign the same log, one's signature is stored.
type Notary struct {
	o    Options
	keys atomic.Pointer[generation] // that sign now

	witness *client // nil for none
	stats   stats
	told    map[incident.LogID]*incident.Seal // by this node, of rooms somebody listens to
	since   recorded

	step func(string) error // tests end it here, as a crash would; nil otherwise
}

// recorded remembers when the first entry beyond a cosigned checkpoint was
// recorded.
type recorded struct {
	sync.Mutex
	of map[incident.LogID]firstUncovered
}

type firstUncovered struct {
	seq incident.Seq
	at  time.Time
}

const (
	everySeal  = 500 * time.Millisecond
	everyTell  = time.Second // at most one "sealed" a room and second
	everyCount = 5 * time.Second
	chunk      = 1 << 16 // leaves read in one transaction
)

// New returns a notary; Run makes it work.
func New(o Options) *Notary {
	if o.Every == 0 {
		o.Every = everySeal
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	n := &Notary{o: o, told: map[incident.LogID]*incident.Seal{}}
	n.since.of = map[incident.LogID]firstUncovered{}
	if o.Witness != nil {
		n.witness = newClient(n, o.Witness)
	}
	return n
}

// Witness returns the second party; nil for none.
func (n *Notary) Witness() *Witness { return n.o.Witness }

// ErrDiffers means that the leaves of a log are not those it was written with;
// ErrUnlisted that the record lists no key of this node's key file.
var (
	ErrDiffers  = errors.New("notary: the leaves are not those that were written")
	ErrUnlisted = errors.New("notary: the record lists none of this node's keys")
)

// Run signs, has cosigned and tells until ctx ends. It returns nil.
func (n *Notary) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { n.each(ctx, everyCount, "what is not sealed could not be counted", n.count) })
	wg.Go(func() {
		n.each(ctx, n.o.Every, "not every log could be sealed; it will be tried again", n.Once)
	})
	if n.witness != nil {
		wg.Go(func() {
			n.each(ctx, n.o.Every/2, "the witness could not be asked; it will be tried again", n.Cosign)
		})
	}
	if n.o.Listening != nil && n.o.Sealed != nil {
		wg.Go(func() {
			n.each(ctx, everyTell, "listeners could not be told what is sealed; it will be tried again", n.tell)
		})
	}
	return nil
}

// each runs fn again and again. An error that lasts is logged once a minute.
func (n *Notary) each(ctx context.Context, every time.Duration, complaint string, fn func(context.Context) error) {
	t := time.NewTicker(every)
	defer t.Stop()
	var said time.Time
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil && time.Since(said) > time.Minute {
			said = time.Now()
			n.o.Log.Error(complaint, "error", err)
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
	key, err := n.signing(ctx)
	if err != nil {
		return err
	}
	type grown struct {
		id     incident.LogID
		origin string
	}
	var logs []grown
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, l.origin FROM log l LEFT JOIN notary n ON n.log = l.id
		WHERE l.size > coalesce(n.signed, 0) AND coalesce(n.differs, 0) = 0 AND l.guard = '' ORDER BY l.id`).Query(func(rows pgx.Rows) (err error) {
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
		for more := true; more; {
			if more, err = n.seal(ctx, g.id, g.origin, key); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// signing returns the newest keys that may sign: those of the file that the
// record lists. A key once listed stays so.
func (n *Notary) signing(ctx context.Context) (*generation, error) {
	all := n.o.Keys.generations()
	if g := n.keys.Load(); g != nil && g == all[len(all)-1] {
		return g, nil
	}
	listed, err := n.o.Record.Keys(ctx)
	if err != nil {
		return nil, err
	}
	g := n.o.Keys.signing(listed)
	if g == nil {
		return nil, ErrUnlisted
	}
	if n.keys.Swap(g) != g {
		n.o.Log.Info("checkpoints are signed with this generation of keys", "generation", g.Generation)
	}
	return g, nil
}

// state is what the notary knows of a log, and what the log says of itself.
type state struct {
	size     uint64 // entries it had read before
	key      int    // that signed last
	now      evidence.Frontier
	tree     *tiles
	written  evidence.Frontier // as the writer left it
	boundary uint64            // how far this transaction reads
}

// seal reads what a log has grown by and signs for it, in one transaction that
// holds the notary's row of the log: another node passes it over meanwhile. It
// reports whether there is more to read.
func (n *Notary) seal(ctx context.Context, log incident.LogID, origin string, key *generation) (more bool, err error) {
	ctx, span := trail.Start(ctx, sealName)
	defer func() { span.End(err) }()
	tx, err := n.o.Writer.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	s, mine, err := n.take(ctx, tx, log)
	if err != nil || !mine || s.size == s.written.Size() && s.now.Root() == s.written.Root() {
		return false, err
	}
	if err := s.read(ctx, tx, log); err != nil {
		return false, err
	}
	whole := s.now.Size() == s.written.Size()
	if s.now.Size() != s.boundary || whole && s.now.Root() != s.written.Root() {
		return false, n.differs(ctx, tx, log, s)
	}
	if s.key > key.Generation {
		return false, fmt.Errorf("notary: a log was signed with generation %d of the keys, and this node has %d: it leaves that log to others", s.key, key.Generation)
	}
	var signed []byte
	if whole {
		if signed, err = (evidence.Checkpoint{Origin: origin, Size: s.now.Size(), Root: s.now.Root()}).Sign(key.signers...); err != nil {
			return false, err
		}
		if err := n.at("signed"); err != nil {
			return false, err
		}
	}
	if err := n.keep(ctx, tx, log, s, key, signed); err != nil {
		return false, err
	}
	if signed != nil && n.o.Kept != nil {
		return false, n.o.Kept.Add(evidence.Checkpoint{Origin: origin, Size: s.now.Size(), Root: s.now.Root()})
	}
	return !whole, nil
}

// take locks the notary's row of the log and brings what it knows. Not mine is
// a log that another node is at, or one that is signed no more.
func (n *Notary) take(ctx context.Context, tx pgx.Tx, log incident.LogID) (s state, mine bool, err error) {
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`INSERT INTO notary (log) VALUES ($1) ON CONFLICT (log) DO NOTHING`, string(log))
	b.Queue(`SELECT size, key, frontier FROM notary WHERE log = $1 AND differs = 0 FOR NO KEY UPDATE SKIP LOCKED`, string(log)).QueryRow(func(row pgx.Row) error {
		var size int64
		var edge []byte
		err := row.Scan(&size, &s.key, &edge)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err == nil && len(edge) > 0 {
			err = s.now.UnmarshalBinary(edge)
		}
		s.size, mine = uint64(size), err == nil
		return err
	})
	// Read after the row was locked: never behind what another node has signed.
	b.Queue(`SELECT frontier FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error {
		var edge []byte
		if err := row.Scan(&edge); err != nil || len(edge) == 0 {
			return err
		}
		return s.written.UnmarshalBinary(edge)
	})
	if err := tx.SendBatch(ctx, b).Close(); err != nil || !mine {
		return s, false, err
	}
	stored := map[at][]byte{}
	b = &pgx.Batch{}
	queueTiles(b, log, openTiles(int64(s.size)), stored)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return s, false, err
	}
	s.tree, err = newTiles(int64(s.size), stored)
	s.boundary = min(s.written.Size(), s.size+chunk)
	return s, err == nil, err
}

// read takes in the leaves that are new to the notary. If one is missing, what
// it has read is shorter than what was written.
func (s *state) read(ctx context.Context, tx pgx.Tx, log incident.LogID) error {
	rows, err := tx.Query(ctx, `SELECT seq, leaf FROM leaf WHERE log = $1 AND seq >= $2 AND seq < $3 ORDER BY seq`, string(log), int64(s.size), int64(s.boundary))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var leaf []byte
		if err := rows.Scan(&seq, &leaf); err != nil {
			return err
		}
		if uint64(seq) != s.now.Size() {
			return nil
		}
		h := evidence.LeafHash(leaf)
		s.now.Append(h)
		s.tree.append(tlog.Hash(h))
	}
	return rows.Err()
}

// keep stores what was read, and the checkpoint if there is one. Only when it
// has returned nil may the checkpoint leave the house.
func (n *Notary) keep(ctx context.Context, tx pgx.Tx, log incident.LogID, s state, key *generation, signed []byte) error {
	frontier, err := s.now.MarshalBinary()
	if err != nil {
		return err
	}
	size := int64(s.now.Size())
	b := &pgx.Batch{}
	moved := int64(0)
	b.Queue(`UPDATE notary SET size = $2, frontier = $3 WHERE log = $1 AND size = $4 AND differs = 0`,
		string(log), size, frontier, int64(s.size)).Exec(func(t pgconn.CommandTag) error { moved = t.RowsAffected(); return nil })
	s.tree.queue(b, log)
	if signed != nil {
		b.Queue(`INSERT INTO checkpoint (log, size, key, note) VALUES ($1, $2, $3, $4)`, string(log), size, key.Generation, string(signed))
		b.Queue(`UPDATE notary SET signed = $2, key = $3, pending = coalesce(pending, clock_timestamp()) WHERE log = $1`, string(log), size, key.Generation)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if moved == 0 {
		return nil // another was first, and what was signed here is nobody's: it is rolled back
	}
	if err := n.at("stored"); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	if signed != nil {
		n.stats.signed.Add(1)
	}
	return n.at("committed")
}

// differs notes that nothing more of the log may be signed.
func (n *Notary) differs(ctx context.Context, tx pgx.Tx, log incident.LogID, s state) error {
	// Nor is anything more written to it: what stands there is not what was.
	root := s.written.Root()
	b := &pgx.Batch{}
	b.Queue(`UPDATE notary SET differs = $2 WHERE log = $1 AND differs = 0`, string(log), int64(s.boundary))
	b.Queue(`UPDATE log SET guard = 'different', guard_at = clock_timestamp(), guard_size = $2, guard_root = $3 WHERE id = $1 AND guard = ''`,
		string(log), int64(s.written.Size()), root[:])
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	return fmt.Errorf("%w: among the first %d of a log", ErrDiffers, s.boundary)
}

func (n *Notary) at(step string) error {
	if n.step == nil {
		return nil
	}
	return n.step(step)
}
