package notary_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// bench is a house with a room.
type bench struct {
	*servertest.House
	room incident.LogID
	lead incident.Actor
}

func newBench(t *testing.T) *bench {
	h := servertest.NewHouse(t)
	b := &bench{House: h, lead: h.Person("Lead", "DSC")}
	b.room = h.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	return b
}

func (b *bench) notary() *notary.Notary { return b.Notary(nil) }

// need are the verifiers of a generation as the record lists it.
func (b *bench) need(generation int) []note.Verifier {
	b.T.Helper()
	listed, err := b.Journal.Keys(context.Background())
	check(b.T, err)
	v, err := notary.VerifiersOf(listed[generation-1].Verifiers)
	check(b.T, err)
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// settle lets a notary sign until nothing is left to sign: a connection that a
// node was cut off from may hold a log for a moment more.
func (b *bench) settle(n *notary.Notary) {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for left := 1; left > 0; {
		check(b.T, n.Once(ctx))
		conn, err := pgx.Connect(ctx, b.DB.Cluster.SuperuserURL(b.DB.Name))
		check(b.T, err)
		check(b.T, conn.QueryRow(ctx, `SELECT count(*) FROM log l LEFT JOIN notary n ON n.log = l.id WHERE l.size > coalesce(n.signed, 0)`).Scan(&left))
		conn.Close(ctx)
	}
}

// super runs a statement as nobody in earnest can.
func (b *bench) super(sql string, args ...any) {
	b.T.Helper()
	conn, err := pgx.Connect(context.Background(), b.DB.Cluster.SuperuserURL(b.DB.Name))
	check(b.T, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), sql, args...)
	check(b.T, err)
}

// checkpoints are all that were stored, of all logs, each checked against the
// leaves that stand there now.
func (b *bench) checkpoints() map[incident.LogID][]uint64 {
	b.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, b.DB.Cluster.SuperuserURL(b.DB.Name))
	check(b.T, err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `SELECT c.log, l.origin, c.size, c.key, c.note FROM checkpoint c JOIN log l ON l.id = c.log ORDER BY c.log, c.size`)
	check(b.T, err)
	type row struct {
		Log, Origin string
		Size        int64
		Key         int
		Note        string
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	check(b.T, err)
	all := map[incident.LogID][]uint64{}
	for _, r := range list {
		c, err := evidence.OpenCheckpoint([]byte(r.Note), r.Origin, b.need(r.Key), nil)
		if err != nil || c.Size != uint64(r.Size) {
			b.T.Fatalf("log %s, %d entries: %+v, %v", r.Log, r.Size, c, err)
		}
		leaves, err := conn.Query(ctx, `SELECT leaf FROM leaf WHERE log = $1 AND seq < $2 ORDER BY seq`, r.Log, r.Size)
		check(b.T, err)
		var f evidence.Frontier
		for leaves.Next() {
			var leaf []byte
			check(b.T, leaves.Scan(&leaf))
			f.Append(evidence.LeafHash(leaf))
		}
		if f.Size() != c.Size || f.Root() != c.Root {
			b.T.Fatalf("log %s: %d entries have root %x, signed is %x", r.Log, c.Size, f.Root(), c.Root)
		}
		all[incident.LogID(r.Log)] = append(all[incident.LogID(r.Log)], c.Size)
	}
	return all
}

func TestEveryLogIsSignedForAsItIsStored(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	check(t, n.Once(t.Context()))
	first := b.checkpoints()
	if len(first) != 3 { // the system's, the room's, the room's access log
		t.Fatalf("checkpoints: %v", first)
	}
	check(t, n.Once(t.Context()))
	if again := b.checkpoints(); len(again[b.room]) != 1 {
		t.Fatalf("a log that has not grown was signed again: %v", again)
	}
	last := b.Say(b.room, b.lead, "one more")
	check(t, n.Once(t.Context()))
	if got := b.checkpoints()[b.room]; len(got) != 2 || got[1] != uint64(last)+1 {
		t.Fatalf("after entry %d: %v", last, got)
	}
}

func TestOfManyNodesOneSignsEachSize(t *testing.T) {
	b := newBench(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 4 {
		n := b.notary()
		wg.Go(func() {
			for ctx.Err() == nil {
				if err := n.Once(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	var last incident.Seq
	for range 60 {
		last = b.Say(b.room, b.lead, "word")
	}
	stop()
	wg.Wait()
	b.settle(b.notary())
	got := b.checkpoints()[b.room]
	if len(got) < 2 || got[len(got)-1] != uint64(last)+1 {
		t.Fatalf("signed for %v, the last entry is %d", got, last)
	}
	t.Logf("%d checkpoints of %d entries", len(got), last+1)
}

func TestALeafThatWasChangedIsNotSignedFor(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	check(t, n.Once(t.Context()))
	before := b.checkpoints()
	seq := b.Say(b.room, b.lead, "as it was said")
	const turn = `UPDATE leaf SET leaf = set_bit(leaf, 2000, 1 - get_bit(leaf, 2000)) WHERE log = $1 AND seq = $2`
	b.super(turn, string(b.room), int64(seq))
	if err := n.Once(t.Context()); !errors.Is(err, notary.ErrDiffers) {
		t.Fatalf("a changed leaf: %v", err)
	}
	b.super(turn, string(b.room), int64(seq)) // it is put back; the log is not trusted again for that
	b.Say(b.room, b.lead, "later")
	other := b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames)
	check(t, n.Once(t.Context()))
	after := b.checkpoints()
	if len(after[b.room]) != len(before[b.room]) {
		t.Errorf("it was signed for: %v", after[b.room])
	}
	if len(after[other]) != 1 {
		t.Errorf("another log had to wait: %v", after)
	}
}

func TestALeafThatIsMissingIsNotSignedFor(t *testing.T) {
	b := newBench(t)
	seq := b.Say(b.room, b.lead, "gone")
	b.Say(b.room, b.lead, "after it")
	b.super(`CREATE TABLE kept AS SELECT * FROM leaf WHERE log = $1 AND seq = $2`, string(b.room), int64(seq))
	b.super(`DELETE FROM leaf WHERE log = $1 AND seq = $2`, string(b.room), int64(seq))
	if err := b.notary().Once(t.Context()); !errors.Is(err, notary.ErrDiffers) {
		t.Errorf("a missing leaf: %v", err)
	}
	if got := b.checkpoints()[b.room]; got != nil {
		t.Errorf("signed for %v", got)
	}
	b.super(`INSERT INTO leaf SELECT * FROM kept; DROP TABLE kept`)
}
