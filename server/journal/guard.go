package journal

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// guardTimeout bounds the guard's look at a log: it reads every leaf of it.
const guardTimeout = 2 * time.Minute

// askGuard has the log compared with what was signed for elsewhere, once
// before this node first writes to it. What was found stands in the log's row,
// which each group reads under its lock, whichever node looked.
func (w *writer) askGuard(ctx context.Context, group []*pending) error {
	if w.guarded || w.j.opt.Guard == nil {
		return nil
	}
	if !w.frozen && !slices.ContainsFunc(group, func(p *pending) bool { return p.cmd != nil }) {
		return nil // nothing is to be written
	}
	ctx, cancel := context.WithTimeout(ctx, guardTimeout)
	defer cancel()
	if err := w.j.opt.Guard(ctx, w.log); err != nil {
		return err
	}
	w.guarded = true
	return nil
}

// freeze notes that the database does not go on from what this node has seen
// committed. What is in memory stays as it was seen.
func (w *writer) freeze(found string) error {
	w.frozen, w.found = true, found
	w.j.opt.Log.Error("a log in the database does not go on from what was committed: it was restored or changed; the log is read-only", "found", found)
	return nil
}

// tellFrozen closes the log for all nodes: what this one has seen committed
// is as good as a checkpoint.
func (w *writer) tellFrozen(ctx context.Context, conn *pgx.Conn, h head) error {
	w.mu.Lock()
	size, tree := w.seenSize, w.seenTree
	w.mu.Unlock()
	if tree == nil { // nobody here had seen anything of it yet
		return nil
	}
	root := tree.Root()
	b := &pgx.Batch{}
	b.Queue("begin")
	projection.Writer(w.log).Enter(b)
	b.Queue(`UPDATE log SET guard = $2, guard_at = clock_timestamp(), guard_size = $3, guard_root = $4 WHERE id = $1 AND guard = ''`,
		string(w.log), w.found, int64(size), root[:])
	b.Queue("commit")
	return conn.SendBatch(ctx, b).Close()
}

// answerFrozen refuses what would be written; readers go on with what this
// node has seen.
func (w *writer) answerFrozen(group []*pending) {
	w.mu.Lock()
	state := w.seen
	w.mu.Unlock()
	for _, p := range group {
		a := answer{state: state}
		switch {
		case p.cmd != nil:
			a = answer{err: closedToWriting(w.kind)}
		case state == nil:
			a = answer{err: unavailable()}
		case p.watch != nil:
			a.watcher = w.watch(p.watch)
		}
		p.done <- a
	}
}

func frontierOf(b []byte) (*evidence.Frontier, error) {
	f := new(evidence.Frontier)
	if len(b) == 0 {
		return f, nil
	}
	return f, f.UnmarshalBinary(b)
}

// closedToWriting says that the guard closed the log, and what to do.
func closedToWriting(kind incident.LogKind) *incident.Error {
	if kind == incident.SystemLog {
		return incident.Refuse(incident.Conflict, "The deployment's record is read-only: it is not what was signed for. Whoever runs the server begins a new section of it: wardroom continue.")
	}
	return incident.Refuse(incident.Conflict, "This section of the room is read-only: its record here is not what was signed for. A lead goes on at once in a new section.")
}

// Break says that a log was found not to be what was signed for.
type Break struct {
	State incident.BreakState
	At    incident.Instant // when that was found
	Here  uint64           // entries it has here
	Root  [32]byte         // their root, as the log says of itself
	Held  uint64           // entries of the checkpoint that is kept elsewhere
	Other [32]byte         // the root of that
	Next  incident.LogID   // the log that goes on from it; "" while none does
}

// Look has the guard compare these logs now, and returns what it found.
func (j *Journal) Look(ctx context.Context, logs ...incident.LogID) (map[incident.LogID]Break, error) {
	for _, log := range logs {
		if j.opt.Guard == nil {
			break
		}
		if err := j.opt.Guard(ctx, log); err != nil {
			return nil, dbError(err)
		}
	}
	return j.Broken(ctx, logs...)
}

// Broken returns what the guard found of these logs; those that may be written
// to are not among them.
func (j *Journal) Broken(ctx context.Context, logs ...incident.LogID) (map[incident.LogID]Break, error) {
	all := map[incident.LogID]Break{}
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT l.id, l.guard, l.guard_at, l.size, l.frontier, l.guard_size, l.guard_root, coalesce((SELECT n.id FROM log n WHERE n.after = l.id AND n.after <> '' AND n.size > 0), '')
		FROM log l WHERE l.id = ANY ($1) AND l.guard <> ''`, logs).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var found Break
			var id incident.LogID
			var here, held int64
			var at time.Time
			var frontier, root []byte
			if err := rows.Scan((*string)(&id), (*string)(&found.State), &at, &here, &frontier, &held, &root, (*string)(&found.Next)); err != nil {
				return err
			}
			f, err := frontierOf(frontier)
			if err != nil || len(root) != len(found.Other) {
				return fmt.Errorf("journal: what was found of a log cannot be read: %w", err)
			}
			found.At, found.Here, found.Root, found.Held, found.Other = incident.At(at), uint64(here), f.Root(), uint64(held), [32]byte(root)
			all[id] = found
		}
		return rows.Err()
	})
	return all, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// goOn begins the fold of the system log's next section with what stood in the
// one before, which nobody writes to any more. A room's next section says
// itself what stood.
func (w *writer) goOn(ctx context.Context) error {
	if w.kind != incident.SystemLog || w.after == "" {
		return nil
	}
	_, state, _, err := w.j.current(ctx, w.after)
	if err != nil {
		return err
	}
	was, ok := state.(*incident.System)
	if !ok {
		return incident.Missing()
	}
	w.state = was.Next(w.log)
	return nil
}
