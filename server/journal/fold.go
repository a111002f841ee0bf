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

// foldEvery is how many entries may lie between two fold snapshots, but for the
// few that are written while one is being stored. A long snapshot is stored less
// often, one entry later for every foldBytes of it, and foldMost times as many
// at most: the fold of a room with 10,000 members is some megabytes, and stored
// every 1,000 entries it would cost each of them as much as the entry itself.
var foldEvery uint64 = 1000

const (
	foldBytes = 125
	foldMost  = 32
)

// stride is how many entries lie between two snapshots of so many bytes.
func stride(every uint64, bytes int) uint64 {
	return min(max(every, uint64(bytes)/foldBytes), foldMost*every)
}

// foldAD binds a snapshot to its log and size. It is longer than an
// opening's, so neither can stand for the other.
func foldAD(origin evidence.Origin, size uint64) []byte {
	return append([]byte("fold/1\n"), vault.AD(origin, size)...)
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

// loadFold brings the newest snapshot that this server's fold made, or the
// empty fold if there is none. Those that another server's fold made are passed
// over: they are for its nodes.
func (w *writer) loadFold(ctx context.Context, conn *pgx.Conn) error {
	w.state, w.size = w.emptyState(), 0
	own := w.j.shapeOf(w.state)
	for below := int64(1 << 62); ; {
		var size int64
		var sealed []byte
		err := conn.QueryRow(ctx, `SELECT seq, sealed FROM fold WHERE log = $1 AND seq < $2 ORDER BY seq DESC LIMIT 1`, string(w.log), below).Scan(&size, &sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return w.goOn(ctx)
		}
		if err != nil {
			return err
		}
		k, err := w.openFold(uint64(size), sealed)
		if err != nil {
			return err
		}
		if k.Shape != own {
			below = size
			continue
		}
		if err := json.Unmarshal(k.State, w.state); err != nil {
			return fmt.Errorf("journal: fold snapshot at %d: %w", size, err)
		}
		if r, ok := w.state.(interface{ Reindex() }); ok {
			r.Reindex()
		}
		w.size = uint64(size)
		w.keeper.stands(w.size, len(sealed))
		return nil
	}
}

// takeUp begins with what is to be folded on: what readers and watchers here
// have, else a snapshot. size is that of the log.
func (w *writer) takeUp(ctx context.Context, conn *pgx.Conn, size uint64) error {
	if w.state != nil {
		return nil
	}
	w.first = true
	w.mu.Lock()
	if w.seen != nil {
		// Go on from what readers and watchers have: a snapshot may lie beyond
		// it, and what is between would never reach them.
		w.state, w.size, w.frontier = w.seen, w.seenSize, w.seenTree
	}
	w.mu.Unlock()
	if w.state != nil {
		return nil
	}
	if err := w.loadFold(ctx, conn); err != nil {
		return err
	}
	w.loaded(size)
	return nil
}

// catchUp folds what the log holds beyond this node's fold, inside the
// group's transaction and under its lock. It returns the entries as a group
// for the watchers, or nil when there was nothing or nobody watched yet.
func (w *writer) catchUp(ctx context.Context, conn *pgx.Conn, h head) (*Group, error) {
	if err := w.takeUp(ctx, conn, h.size); err != nil {
		return nil, err
	}
	first := w.first
	w.first = false
	w.mu.Lock()
	known, watched := w.seenSize, len(w.watchers) > 0
	w.mu.Unlock()
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
	err = w.advance(ctx, conn, h.size, next, broken, func(e *incident.Event, entry evidence.Entry) {
		if uint64(e.Seq) == known {
			// Readers and watchers have seen up to here.
			before = cloneState(next)
		}
		if tree == nil && !watched {
			return
		}
		hash := evidence.LeafHash(entry.Leaf)
		if tree != nil {
			tree.Append(hash)
		}
		if watched && uint64(e.Seq) >= known {
			events, entries, hashes = append(events, e), append(entries, entry), append(hashes, hash)
		}
	})
	if err != nil {
		return nil, err
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

// advance folds into next what is stored from w.size on, up to a size, and tells
// of each entry before it is folded. Of a broken log it passes over what is not
// to be had.
func (w *writer) advance(ctx context.Context, conn *pgx.Conn, to uint64, next incident.State, broken bool, tell func(*incident.Event, evidence.Entry)) error {
	for w.size < to {
		const page = 5000
		rows, err := conn.Query(ctx, `SELECT l.seq, l.leaf, o.sealed FROM leaf l JOIN opening o ON o.log = l.log AND o.seq = l.seq
			WHERE l.log = $1 AND l.seq >= $2 AND l.seq < $3 ORDER BY l.seq LIMIT $4`, string(w.log), int64(w.size), int64(to), page)
		if err != nil {
			return err
		}
		was := w.size
		for rows.Next() {
			if err := w.foldRow(rows, to, next, broken, tell); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if w.size == was && broken {
			w.missed(next, to)
		}
		if w.size == was {
			return fmt.Errorf("journal: entry %d is missing from the log", w.size)
		}
	}
	return nil
}

func (w *writer) foldRow(row pgx.Rows, to uint64, next incident.State, broken bool, tell func(*incident.Event, evidence.Entry)) error {
	var seq int64
	var leaf, sealed []byte
	if err := row.Scan(&seq, &leaf, &sealed); err != nil {
		return err
	}
	if broken {
		w.missed(next, uint64(seq))
	}
	if uint64(seq) != w.size {
		return fmt.Errorf("journal: entry %d is missing from the log", w.size)
	}
	entry, e, err := w.open(incident.Seq(seq), sealed)
	if errors.Is(err, incident.ErrNewer) {
		return w.meetNewer()
	}
	if err != nil && broken {
		w.missed(next, uint64(seq)+1)
		return nil
	}
	if err != nil {
		return err
	}
	entry.Leaf = leaf
	tell(e, entry)
	if w.size == to-1 {
		w.prior, w.priorSize = cloneState(next), w.size
	}
	next.Apply(e)
	w.leaf = leaf
	w.size++
	return nil
}

// missed passes over the entries below the number that are not there, or
// cannot be opened.
func (w *writer) missed(state incident.State, to uint64) {
	for ; w.size < to; w.size++ {
		state.Missed(incident.Seq(w.size))
	}
}
