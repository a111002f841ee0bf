package journal_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// foldSizes lists how long the log was at its snapshots.
func foldSizes(t *testing.T, h *servertest.House, id incident.LogID) (sizes []int64) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT seq FROM fold WHERE log = $1 ORDER BY seq`, string(id))
	if err != nil {
		t.Fatal(err)
	}
	if sizes, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		t.Fatal(err)
	}
	return sizes
}

// blind makes every entry but the newest unreadable: whoever can still fold the
// log began with a snapshot.
func blind(t *testing.T, h *servertest.House, id incident.LogID, below int64) {
	t.Helper()
	superuser(t, h, fmt.Sprintf(`UPDATE opening SET sealed = '\x00' WHERE log = '%s' AND seq < %d`, id, below))
}

func TestWhoOnlyReadsALongTailStoresASnapshotOfItOnce(t *testing.T) {
	defer journal.FoldEvery(50)()
	h, _, id := longRoom(t, 160)
	want := fold(t, h.Journal, id)
	h.Journal.Folds()
	h.DropFolds(id)
	reader := h.Node()
	if got := fold(t, reader, id); got != want {
		t.Fatalf("from entry 1:\n%s\nwant\n%s", got, want)
	}
	if n := reader.Folds(); n != 1 {
		t.Fatalf("%d snapshots were stored", n)
	}
	sizes := foldSizes(t, h, id)
	blind(t, h, id, sizes[0])
	other := h.Node()
	if got := fold(t, other, id); got != want {
		t.Errorf("from the snapshot of who only read:\n%s\nwant\n%s", got, want)
	}
	if n := other.Folds(); n != 0 || len(sizes) != 1 {
		t.Errorf("%d snapshots more were stored, and there are %v", n, foldSizes(t, h, id))
	}
}

// While two versions of the server run, the fold of each is kept: a node of
// either that starts has a short tail to fold, whoever wrote last, and in a room
// where nothing is written any more too.
func TestEachOfTwoVersionsFindsItsOwnSnapshot(t *testing.T) {
	defer journal.FoldEvery(50)()
	h, lead, id := longRoom(t, 64)
	h.Journal.Folds()
	h.DropFolds(id)
	first := h.Node() // its snapshot is made at the newest entry: that place is taken
	fold(t, first, id)
	first.Folds()
	node := func(other bool) *journal.Journal {
		if other {
			defer journal.OtherRules()()
		}
		return h.Node()
	}
	want := fold(t, h.Journal, id)
	other := node(true)
	if got := fold(t, other, id); got != want {
		t.Errorf("from entry 1:\n%s\nwant\n%s", got, want)
	}
	if n := other.Folds(); n != 1 {
		t.Errorf("the other version stored %d snapshots", n)
	}
	for range 2 { // both versions write, each far enough for a snapshot of its own
		for _, j := range []*journal.Journal{h.Journal, other} {
			for range 60 {
				h.Must(j.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "on and on"}))
			}
			j.Folds()
		}
		want = fold(t, h.Journal, id)
		fold(t, other, id)
		h.Journal.Folds()
		other.Folds()
	}
	sizes := foldSizes(t, h, id)
	if len(sizes) != 2 {
		t.Fatalf("there are snapshots at %v; each version's newest is wanted", sizes)
	}
	blind(t, h, id, sizes[0])
	for _, other := range []bool{false, true} {
		if got := fold(t, node(other), id); got != want {
			t.Errorf("a node of version %v folds something else", other)
		}
	}
}

// A long tail is folded without the log's lock: others write meanwhile, and what
// they write is folded too.
func TestALongTailIsFoldedWhileOthersWrite(t *testing.T) {
	defer journal.FoldEvery(20)()
	h, lead, id := longRoom(t, 320)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 40 {
			h.Say(id, lead, fmt.Sprint("meanwhile ", i))
		}
	}()
	var nodes []*journal.Journal
	for range 5 {
		nodes = append(nodes, h.Node())
		fold(t, nodes[len(nodes)-1], id)
	}
	<-done
	want := fold(t, h.Journal, id)
	for _, j := range nodes {
		if got := fold(t, j, id); got != want {
			t.Errorf("folded:\n%s\nwant\n%s", got, want)
		}
		h.Must(j.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "from here too"}))
		want = fold(t, j, id)
	}
	h.CheckLog(id)
}

// What is erased while a snapshot is made is in none that is stored: whoever
// erases replaces them, and an older one is not stored any more.
func TestASnapshotOfBeforeAnErasureIsNotStoredAfterIt(t *testing.T) {
	e := newErasing(t)
	secret := "not to be kept at all"
	room, err := e.Journal.Room(t.Context(), e.id)
	if err != nil {
		t.Fatal(err)
	}
	said := e.must(e.lead, command.UpdateReport{Root: room.Report.Root, Report: incident.Methane{Type: secret}})
	before := e.Journal.SnapshotOf(t, e.id)
	e.erase(said)
	if err := before(); err == nil {
		t.Error("a snapshot of before the erasure was stored")
	}
	if sizes := foldSizes(t, e.House, e.id); len(sizes) != 1 {
		t.Errorf("there are snapshots at %v", sizes)
	}
	if strings.Contains(e.Unsealed(e.id), secret) {
		t.Error("what was erased is still there")
	}
}

// A node that has not noticed yet that the database was put back stores nothing
// of the past it remembers: another node may have written on.
func TestASnapshotOfAnotherPastIsNotStored(t *testing.T) {
	h, lead, id := longRoom(t, 64)
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	last := room.Head
	superuser(t, h, `CREATE TABLE was AS SELECT * FROM log`)
	h.Say(id, lead, "before the restore")
	store := h.Journal.SnapshotOf(t, id)
	superuser(t, h,
		fmt.Sprintf(`DELETE FROM leaf WHERE log = '%s' AND seq > %d`, id, last),
		fmt.Sprintf(`DELETE FROM opening WHERE log = '%s' AND seq > %d`, id, last),
		fmt.Sprintf(`DELETE FROM root WHERE log = '%s' AND seq > %d`, id, last),
		`UPDATE log SET size = was.size, frontier = was.frontier FROM was WHERE log.id = was.id`, `DROP TABLE was`)
	for range 2 {
		h.Must(h.Node().Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "another past"}))
	}
	if err := store(); err == nil {
		t.Error("a snapshot of another past was stored")
	}
	if sizes := foldSizes(t, h, id); len(sizes) != 0 {
		t.Errorf("there are snapshots at %v", sizes)
	}
}
