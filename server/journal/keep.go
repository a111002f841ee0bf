package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// A sealed snapshot of a log's fold is stored once this node's fold is a
// thousand entries beyond the newest that its own kind of fold made: by whoever
// writes, and by whoever only reads and had a long tail to fold, as every node
// has after an upgrade that changes what a fold holds. So a long log is folded
// from its beginning once, and not by each node. It is made and stored beside
// the log's groups, which wait for none of it but the row's lock.
//
// While two versions run, each finds its own: what the other's fold made is kept
// for it.

const (
	// otherFolds is of how many other kinds of fold the newest snapshot is kept;
	// otherBehind, for how many times foldEvery more entries: then nobody runs
	// them any more.
	otherFolds  = 2
	otherBehind = 3 * foldMost
	keepTimeout = time.Minute      // bounds storing one
	keepAgain   = 10 * time.Second // after one that could not be stored
)

// keeper is what a writer knows of its log's snapshots.
type keeper struct {
	mu    sync.Mutex
	size  uint64            // of the newest that this kind of fold made
	bytes int               // that it has
	busy  bool              // one is being stored
	after time.Time         // none is tried before
	shape map[uint64]string // by size, which fold made it, as far as that is known
}

// stands notes that there is a snapshot of this kind of fold. bytes is 0 where
// its length is not known: then it is taken to be what the last one had.
func (k *keeper) stands(size uint64, bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if size < k.size {
		return
	}
	k.size = size
	if bytes > 0 {
		k.bytes = bytes
	}
}

// apart is how many entries lie between two snapshots of this fold.
func (k *keeper) apart(every uint64) uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return stride(every, k.bytes)
}

// due reports whether a snapshot of a fold of this size is to be stored, and
// takes that on.
func (k *keeper) due(size, every uint64) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.busy || size < k.size+stride(every, k.bytes) || time.Now().Before(k.after) {
		return false
	}
	k.busy = true
	return true
}

func (k *keeper) done(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy = false
	if err != nil {
		k.after = time.Now().Add(keepAgain)
	}
}

// keepFold has a snapshot stored if one is due. The writer's goroutine calls it
// with a state that is committed.
func (w *writer) keepFold() {
	if w.state == nil || w.frozen || !w.keeper.due(w.size, w.j.every) {
		return
	}
	s := snapshot{w: w, state: w.state, size: w.size, leaf: w.leaf}
	if w.priorSize == w.size-1 {
		s.prior = w.prior
	}
	w.j.keeping.Add(1)
	w.j.wg.Go(func() {
		defer w.j.keeping.Done()
		err := s.store(w.j.ctx)
		if err != nil && !errors.Is(err, errReplaced) && w.j.ctx.Err() == nil { // another node may have been faster
			w.j.opt.Log.Warn("a snapshot of a fold could not be stored; it will be tried again", "error", err)
		}
		w.keeper.done(err)
	})
}

// snapshot is one to be stored: of the fold as it was when the log had so many
// entries. It is stored only while nobody has stored a newer one, since whoever
// erases replaces all there are in the same transaction: an older one would
// hold what was erased. And only where the newest entry it was made of is
// stored: in a database that was put back meanwhile it would tell of another
// past, and leaves are random, so one entry speaks for all before it.
type snapshot struct {
	w     *writer
	state incident.State
	size  uint64
	leaf  []byte         // of the newest entry
	prior incident.State // of one entry less; nil where there is none
}

// errReplaced means that a snapshot was stored meanwhile that is newer, or that the
// log is not what it was made of.
var errReplaced = errors.New("journal: a newer snapshot is there, or another past")

func (s *snapshot) store(ctx context.Context) error {
	w := s.w
	select {
	case w.j.keeps <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.j.keeps }()
	ctx, cancel := context.WithTimeout(ctx, keepTimeout)
	defer cancel()
	p, err := s.place(ctx)
	if err != nil || p == nil {
		return err
	}
	return s.put(ctx, p)
}

// place is where a snapshot is stored, and what it leaves nobody a use for.
type place struct {
	state incident.State
	at    uint64
	gone  []int64
}

// place looks for one; nil if another node was faster.
func (s *snapshot) place(ctx context.Context) (*place, error) {
	known, err := s.w.foldsThere(ctx)
	if err != nil {
		return nil, err
	}
	p := &place{s.state, s.size, nil}
	own := s.w.j.shapeOf(s.state)
	for size, shape := range known {
		if shape == own && size+s.w.keeper.apart(s.w.j.every) > s.size {
			s.w.keeper.stands(size, 0) // its length is not known here
			return nil, nil
		}
	}
	for size := range known {
		if size == s.size && s.prior != nil { // another kind's place: one entry before it is as good
			p.at, p.state = s.size-1, s.prior
		} else if size >= s.size {
			return nil, errReplaced
		}
	}
	p.gone = superseded(known, own, p.at, s.w.j.every)
	return p, nil
}

func (s *snapshot) put(ctx context.Context, p *place) error {
	w := s.w
	sealed, err := w.sealFold(p.state, p.at)
	if err != nil {
		return err
	}
	stored := false
	b := &pgx.Batch{}
	b.Queue("begin")
	projection.Writer(w.log).Enter(b)
	// No group is under way from here on, so none that erases.
	b.Queue(`SELECT FROM log WHERE id = $1 FOR SHARE`, string(w.log))
	b.Queue(`INSERT INTO fold (log, seq, sealed) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM fold WHERE log = $1 AND (seq > $4 OR seq = $2))
		AND EXISTS (SELECT FROM leaf WHERE log = $1 AND seq = $4 - 1 AND leaf = $5) ON CONFLICT DO NOTHING`, string(w.log), int64(p.at), sealed, int64(s.size), s.leaf).Exec(func(t pgconn.CommandTag) error {
		stored = t.RowsAffected() == 1
		return nil
	})
	b.Queue(`DELETE FROM fold WHERE log = $1 AND seq = ANY ($2) AND EXISTS (SELECT FROM fold WHERE log = $1 AND seq = $3)`,
		string(w.log), p.gone, int64(p.at))
	b.Queue("commit")
	if err := w.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if !stored {
		return errReplaced
	}
	w.keeper.stands(p.at, len(sealed))
	w.keeper.made(p.at, w.j.shapeOf(p.state))
	w.j.folds.Add(1)
	return nil
}

// superseded lists the snapshots that a new one of its own kind at that size
// leaves nobody a use for.
func superseded(known map[uint64]string, own string, at, every uint64) (list []int64) {
	var sizes []uint64
	for size := range known {
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	others := map[string]bool{}
	for _, size := range sizes {
		shape := known[size]
		if shape != own && !others[shape] && len(others) < otherFolds && size+otherBehind*every > at {
			others[shape] = true
			continue
		}
		list = append(list, int64(size))
	}
	return list
}

// foldsThere returns, by size, which kind of fold made the snapshots that are
// there. That stands in them, sealed; it is read once of each.
func (w *writer) foldsThere(ctx context.Context) (map[uint64]string, error) {
	sizes, err := w.foldSizes(ctx)
	if err != nil {
		return nil, err
	}
	known := map[uint64]string{}
	for _, size := range sizes {
		shape, ok := w.keeper.madeBy(size)
		if !ok {
			var sealed []byte
			b := &pgx.Batch{}
			projection.Writer(w.log).Enter(b)
			b.Queue(`SELECT sealed FROM fold WHERE log = $1 AND seq = $2`, string(w.log), int64(size)).QueryRow(func(row pgx.Row) error {
				err := row.Scan(&sealed)
				if errors.Is(err, pgx.ErrNoRows) { // replaced meanwhile
					return nil
				}
				return err
			})
			if err := w.j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
				return nil, err
			}
			if sealed == nil {
				continue
			}
			k, err := w.openFold(size, sealed)
			if err != nil {
				return nil, err
			}
			shape = k.Shape
			w.keeper.made(size, shape)
		}
		known[size] = shape
	}
	w.keeper.only(known)
	return known, nil
}

func (w *writer) foldSizes(ctx context.Context) (sizes []uint64, err error) {
	b := &pgx.Batch{}
	projection.Writer(w.log).Enter(b)
	b.Queue(`SELECT seq FROM fold WHERE log = $1`, string(w.log)).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			sizes = append(sizes, uint64(n))
		}
		return err
	})
	return sizes, w.j.opt.Writer.SendBatch(ctx, b).Close()
}

func (k *keeper) madeBy(size uint64) (shape string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	shape, ok = k.shape[size]
	return shape, ok
}

func (k *keeper) made(size uint64, shape string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shape == nil {
		k.shape = map[uint64]string{}
	}
	k.shape[size] = shape
}

// only forgets those that are there no more.
func (k *keeper) only(known map[uint64]string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for size := range k.shape {
		if _, ok := known[size]; !ok {
			delete(k.shape, size)
		}
	}
}

// queueFold puts a snapshot in the place of all there are, in the transaction
// that erases: none of them may hold what was erased.
func (w *writer) queueFold(b *pgx.Batch, state incident.State, size uint64) error {
	sealed, err := w.sealFold(state, size)
	if err != nil {
		return err
	}
	b.Queue(`DELETE FROM fold WHERE log = $1`, string(w.log))
	b.Queue(`INSERT INTO fold (log, seq, sealed) VALUES ($1, $2, $3)`, string(w.log), int64(size), sealed)
	return nil
}

func (w *writer) sealFold(state incident.State, size uint64) ([]byte, error) {
	made, err := json.Marshal(state)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(kept{Shape: w.j.shapeOf(state), State: made})
	if err != nil {
		return nil, err
	}
	return w.key.Seal(nil, plain, foldAD(w.origin, size))
}

func (w *writer) openFold(size uint64, sealed []byte) (k kept, err error) {
	plain, err := w.key.Open(sealed, foldAD(w.origin, size))
	if err == nil {
		err = json.Unmarshal(plain, &k)
	}
	if err != nil {
		return k, fmt.Errorf("journal: fold snapshot at %d: %w", size, err)
	}
	return k, nil
}
