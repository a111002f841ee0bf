package journal

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// OtherRules makes the fold of every node begun until back is called another
// than that of those there are.
func OtherRules() (back func()) {
	foldRules++
	return func() { foldRules-- }
}

// FoldEvery sets how many entries the nodes begun from now on leave between two
// snapshots, until back is called.
func FoldEvery(n uint64) (back func()) {
	was := foldEvery
	foldEvery = n
	return func() { foldEvery = was }
}

// Folds waits until no snapshot of a fold is being stored, and returns how many
// this node has stored.
func (j *Journal) Folds() uint64 {
	j.keeping.Wait()
	return j.folds.Load()
}

// SnapshotOf takes hold of the fold as it is and returns what stores it.
func (j *Journal) SnapshotOf(t testing.TB, log incident.LogID) (store func() error) {
	w, state, tree, err := j.current(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	s := snapshot{w: w, state: state, size: tree.Size()}
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT leaf FROM leaf WHERE log = $1 AND seq = $2`, string(log), int64(s.size)-1).QueryRow(func(row pgx.Row) error { return row.Scan(&s.leaf) })
	if err := j.opt.Writer.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	p, err := s.place(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return func() error { return s.put(context.Background(), p) }
}

// Holds reports whether the followers of rooms are at hand with an entry that
// this node committed: it need not be read for them.
func (j *Journal) Holds(log incident.LogID, seq incident.Seq) bool {
	_, ok := j.tideOf(incident.RoomLog, true).held(behind{log, int64(seq), int64(seq) + 1}, nil)
	return ok
}

// HeldEntries is how many entries of rooms are held for followers.
func (j *Journal) HeldEntries() (n int) {
	t := j.tideOf(incident.RoomLog, true)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.telling.Lock()
	defer t.telling.Unlock()
	n = t.owned
	for _, rises := range t.rises {
		for _, r := range rises {
			n += len(r.events)
		}
	}
	return n
}
