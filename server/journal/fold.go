package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/vault"
)

// foldEvery is how many entries lie between two snapshots of a fold, so that no
// more than these need folding when a log is loaded. A long snapshot is stored
// less often, one entry later for every foldBytes of it: the fold of a room with
// 10,000 members is some megabytes, and stored every 1,000 entries it would cost
// each of them as much as the entry itself. foldMost bounds that.
const (
	foldEvery = 1000
	foldBytes = 125
	foldMost  = 32 * foldEvery
)

// foldDue reports whether a snapshot belongs between the two sizes of a log, the
// last one having had so many bytes. It goes by the numbers of entries and not
// by when this node stored one, so that of several nodes one does it.
func foldDue(old, size uint64, bytes int) bool {
	every := min(max(foldEvery, uint64(bytes)/foldBytes/foldEvery*foldEvery), foldMost)
	return size/every > old/every
}

// foldAD binds a snapshot to its log and size. It is longer than an
// opening's, so neither can stand for the other.
func foldAD(origin evidence.Origin, size uint64) []byte {
	return append([]byte("fold/1\n"), vault.AD(origin, size)...)
}

// queueFold stores a sealed snapshot of the fold and drops older ones. A
// snapshot is a shortcut: losing it costs time, nothing else.
func (w *writer) queueFold(b *pgx.Batch, state incident.State, size uint64) error {
	made, err := json.Marshal(state)
	if err != nil {
		return err
	}
	shape, err := json.Marshal(shapeOf(state))
	if err != nil {
		return err
	}
	// A kept, put together by hand: encoding it would read through all of made
	// once more.
	plain := make([]byte, 0, len(made)+len(shape)+32)
	plain = append(append(append(plain, `{"shape":`...), shape...), `,"state":`...)
	plain = append(append(plain, made...), '}')
	sealed, err := w.key.Seal(nil, plain, foldAD(w.origin, size))
	if err != nil {
		return err
	}
	w.folded = len(sealed)
	b.Queue(`DELETE FROM fold WHERE log = $1`, string(w.log))
	b.Queue(`INSERT INTO fold (log, seq, sealed) VALUES ($1, $2, $3)`, string(w.log), int64(size), sealed)
	return nil
}

func (w *writer) emptyState() incident.State {
	switch w.kind {
	case incident.RoomLog:
		r := incident.NewRoom(w.log)
		r.Reindex()
		return r
	case incident.SystemLog:
		return incident.NewSystem(w.log)
	}
	return &incident.Access{ID: w.log, Room: w.room}
}

// loadFold brings the newest snapshot, or the empty fold if there is none that
// this server's fold could have made.
func (w *writer) loadFold(ctx context.Context, conn *pgx.Conn) error {
	w.state, w.size = w.emptyState(), 0
	var size int64
	var sealed []byte
	err := conn.QueryRow(ctx, `SELECT seq, sealed FROM fold WHERE log = $1 ORDER BY seq DESC LIMIT 1`, string(w.log)).Scan(&size, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return w.goOn(ctx)
	}
	if err != nil {
		return err
	}
	w.folded = len(sealed)
	plain, err := w.key.Open(sealed, foldAD(w.origin, uint64(size)))
	if err != nil {
		return fmt.Errorf("journal: fold snapshot at %d: %w", size, err)
	}
	var k kept
	if err := json.Unmarshal(plain, &k); err != nil {
		return fmt.Errorf("journal: fold snapshot at %d: %w", size, err)
	}
	if k.Shape != shapeOf(w.state) {
		return w.goOn(ctx)
	}
	if err := json.Unmarshal(k.State, w.state); err != nil {
		return fmt.Errorf("journal: fold snapshot at %d: %w", size, err)
	}
	if r, ok := w.state.(interface{ Reindex() }); ok {
		r.Reindex()
	}
	w.size = uint64(size)
	return nil
}

// catchUp folds what the log holds beyond this node's fold, inside the
// group's transaction and under its lock. It returns the entries as a group
// for the watchers, or nil when there was nothing or nobody watched yet.
func (w *writer) catchUp(ctx context.Context, conn *pgx.Conn, h head) (*Group, error) {
	first := w.state == nil
	w.mu.Lock()
	known, watched := w.seenSize, len(w.watchers) > 0
	if first && w.seen != nil {
		// Go on from what readers and watchers have: a snapshot may lie beyond
		// it, and what is between would never reach them.
		w.state, w.size, w.frontier = w.seen, known, w.seenTree
	}
	w.mu.Unlock()
	if w.state == nil {
		if err := w.loadFold(ctx, conn); err != nil {
			return nil, err
		}
	}
	stored, err := frontierOf(h.frontier)
	if err != nil {
		return nil, err
	}
	if h.size < known || h.size < w.size {
		// The database has forgotten entries this node has seen committed: it
		// was restored from a backup. Writing now would fork the log.
		return nil, w.freeze("behind")
	}
	if w.size == h.size {
		if w.frontier != nil && w.frontier.Root() != stored.Root() {
			return nil, w.freeze("different")
		}
		if w.frontier == nil {
			w.frontier = stored
		}
		return nil, nil
	}
	// A log that is known to be broken is read as far as it can be: nothing more
	// is written to it, and somebody must be able to go on from it.
	broken := h.guard != "" && first && !watched
	var tree *evidence.Frontier // what this node knows, and what it reads now
	if w.frontier != nil && !broken {
		tree = w.frontier.Clone()
	}
	before := w.state // nothing is applied to it any more
	next := cloneState(w.state)
	var events []*incident.Event
	var entries []evidence.Entry
	var hashes [][32]byte
	for w.size < h.size {
		const page = 5000
		rows, err := conn.Query(ctx, `SELECT l.seq, l.leaf, o.sealed FROM leaf l JOIN opening o ON o.log = l.log AND o.seq = l.seq
			WHERE l.log = $1 AND l.seq >= $2 AND l.seq < $3 ORDER BY l.seq LIMIT $4`, string(w.log), int64(w.size), int64(h.size), page)
		if err != nil {
			return nil, err
		}
		was := w.size
		for rows.Next() {
			var seq int64
			var leaf, sealed []byte
			if err := rows.Scan(&seq, &leaf, &sealed); err != nil {
				rows.Close()
				return nil, err
			}
			if broken {
				w.missed(next, uint64(seq))
			}
			if uint64(seq) != w.size {
				rows.Close()
				return nil, fmt.Errorf("journal: entry %d is missing from the log", w.size)
			}
			entry, e, err := w.open(incident.Seq(seq), sealed)
			if err != nil && broken {
				w.missed(next, uint64(seq)+1)
				continue
			}
			if err != nil {
				rows.Close()
				return nil, err
			}
			if uint64(seq) == known {
				// Readers and watchers have seen up to here.
				before, next = next, cloneState(next)
			}
			next.Apply(e)
			if tree != nil {
				tree.Append(evidence.LeafHash(leaf))
			}
			if watched && uint64(seq) >= known {
				events = append(events, e)
				entry.Leaf = leaf
				entries = append(entries, entry)
				hashes = append(hashes, evidence.LeafHash(leaf))
			}
			w.size++
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		if w.size == was && broken {
			w.missed(next, h.size)
		}
		if w.size == was {
			return nil, fmt.Errorf("journal: entry %d is missing from the log", w.size)
		}
	}
	if tree != nil && tree.Root() != stored.Root() {
		// It was restored, and another node has written since: what is stored
		// does not go on from what this node knows.
		return nil, w.freeze("different")
	}
	w.state, w.frontier = next, stored
	if len(events) == 0 {
		return nil, nil
	}
	var roots []incident.Seq
	for _, e := range events {
		roots = append(roots, e.Root)
	}
	rows := map[incident.Seq]*projection.Root{}
	b := &pgx.Batch{}
	projection.QueueRoots(b, w.log, roots, rows)
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return nil, err
	}
	g := makeGroup(w.log, before, w.state, events, entries, hashes, func(root incident.Seq) (s incident.Sight, ok bool) {
		if r := rows[root]; r != nil {
			return r.Sight(), true
		}
		return s, false
	})
	g.rows(projection.Derive(g.Room, events).Members, func(root incident.Seq) *projection.Root { return rows[root] })
	left, err := w.leftOf(ctx, conn, events)
	if err != nil {
		return nil, err
	}
	g.erased(left)
	if err := w.recall(ctx, conn, g); err != nil {
		return nil, err
	}
	return g, nil
}

// missed passes over the entries below the number that are not there, or
// cannot be opened.
func (w *writer) missed(state incident.State, to uint64) {
	for ; w.size < to; w.size++ {
		state.Missed(incident.Seq(w.size))
	}
}
