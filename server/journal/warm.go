package journal

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// warmFrom says from how many entries on a tail is folded before the log's lock is
// taken: other nodes write on meanwhile, and it may take longer than a group's
// transaction may. Entries of a log stay what they are, so what is read early is
// what would be read later; what is erased meanwhile is replaced by the entry
// that says so, as for a node that was there.
const warmFrom = 2 // times foldEvery

// warmPage is how many entries are read in one transaction.
const warmPage = 20_000

// long reports whether the tail to fold is a long one, that nobody here watches.
func (w *writer) long(ctx context.Context, conn *pgx.Conn, h head) (bool, error) {
	if err := w.takeUp(ctx, conn, h.size); err != nil {
		return false, err
	}
	w.mu.Lock()
	watched := len(w.watchers) > 0
	w.mu.Unlock()
	return !watched && h.size > w.size && h.size-w.size > warmFrom*w.j.every, nil
}

// longTail is told by a group that came upon one, and has let the lock go.
type longTail struct{ to head }

func (*longTail) Error() string { return "journal: there is a long tail to fold first" }

// warm folds up to the head without the log's lock. What is written meanwhile is
// read under the lock, or by another round.
func (w *writer) warm(h head) error {
	began, broken := time.Now(), h.guard != "" && w.first
	next := cloneState(w.state)
	var tree *evidence.Frontier
	if w.frontier != nil && !broken {
		tree = w.frontier.Clone()
	}
	for w.size < h.size {
		if err := w.warmOn(min(h.size, w.size+warmPage), next, broken, tree); err != nil {
			return err
		}
	}
	w.state, w.frontier = next, tree
	w.j.opt.Log.Info("a long tail was folded", "size", h.size, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// warmOn folds one page. Long tails of several logs take turns: each page needs
// a connection, which groups need too.
func (w *writer) warmOn(to uint64, next incident.State, broken bool, tree *evidence.Frontier) error {
	select {
	case w.j.warms <- struct{}{}:
	case <-w.j.ctx.Done():
		return w.j.ctx.Err()
	}
	defer func() { <-w.j.warms }()
	ctx, cancel := context.WithTimeout(w.j.ctx, groupTimeout)
	defer cancel()
	conn, err := w.j.opt.Writer.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	b := &pgx.Batch{}
	b.Queue("begin")
	projection.Writer(w.log).Enter(b)
	if err := conn.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	if err := w.advance(ctx, conn.Conn(), to, next, broken, func(_ *incident.Event, entry evidence.Entry) {
		if tree != nil {
			tree.Append(evidence.LeafHash(entry.Leaf))
		}
	}); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "rollback")
	return err
}
