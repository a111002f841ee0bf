package notary_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/incident"
	"wardroom/server/notary"
)

// exchanges counts what a pool asks the database: each waits for an answer.
type exchanges struct {
	mu              sync.Mutex
	begun, answered int
}

func (e *exchanges) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answered++
	if strings.HasPrefix(d.SQL, "begin") {
		e.begun++
	}
	return ctx
}
func (e *exchanges) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (e *exchanges) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answered++
	return ctx
}
func (e *exchanges) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (e *exchanges) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

func (e *exchanges) take() (begun, answered int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	begun, answered = e.begun, e.answered
	e.begun, e.answered = 0, 0
	return begun, answered
}

// counted is a writer's pool whose exchanges are counted.
func (b *bench) counted() (*pgxpool.Pool, *exchanges) {
	b.T.Helper()
	e := &exchanges{}
	cfg := b.DB.Writer.Config()
	cfg.ConnConfig.Tracer = e
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	check(b.T, err)
	b.T.Cleanup(pool.Close)
	return pool, e
}

// many opens so many rooms, each of which has two logs.
func (b *bench) many(n int) (rooms []incident.LogID) {
	b.T.Helper()
	for range n {
		rooms = append(rooms, b.OpenRoom(b.lead, incident.ModeIncident, incident.RosterNames))
	}
	return rooms
}

func TestManyLogsThatHaveGrownCostLittleMoreThanOne(t *testing.T) {
	b := newBench(t)
	rooms := b.many(50)
	pool, e := b.counted()
	n := b.Notary(func(o *notary.Options) { o.Writer = pool })
	sealed := func() int {
		all := 0
		for _, sizes := range b.checkpoints() {
			all += len(sizes)
		}
		return all
	}
	for _, what := range []string{"for the first time", "as they grow"} {
		before := sealed()
		if what == "as they grow" {
			for _, r := range rooms {
				b.Say(r, b.lead, "a word")
			}
		}
		e.take()
		check(t, n.Once(t.Context()))
		begun, asked := e.take()
		logs := sealed() - before
		if logs < len(rooms) || begun > 2 || asked > 12 {
			t.Errorf("%d logs were sealed %s in %d transactions and %d exchanges with the database", logs, what, begun, asked)
		}
		t.Logf("%d logs sealed %s: %d transactions, %d exchanges", logs, what, begun, asked)
	}
}

// The witness is asked about each log by itself; the database about those that
// are under way at the same time.
func TestWhatIsBroughtToTheWitnessSideBySideIsReadTogether(t *testing.T) {
	b := newBench(t)
	rooms := b.many(8)
	pool, e := b.counted()
	n := b.second().notary(func(o *notary.Options) {
		o.Writer = pool
		o.Listening = func() []incident.LogID { return rooms }
		o.Sealed = func(incident.LogID, *incident.Seal) {}
	})
	b.sealed(n)
	for _, r := range rooms {
		b.Say(r, b.lead, "a word")
	}
	check(t, n.Once(t.Context()))
	e.take()
	check(t, n.Cosign(t.Context()))
	if _, asked := e.take(); b.left() != 0 || asked > 6 {
		t.Errorf("%d logs were brought to the witness in %d exchanges with the database; %d are left", len(rooms), asked, b.left())
	} else {
		t.Logf("%d exchanges for %d logs", asked, len(rooms))
	}
	e.take()
	check(t, n.Tell(t.Context()))
	if _, asked := e.take(); asked > 2 {
		t.Errorf("listeners of %d rooms were told after %d exchanges", len(rooms), asked)
	}
}

// What is wrong with one log is that log's alone, in one look and whatever it
// is: the others are sealed beside it.
func TestALogThatCannotBeSealedKeepsNoOtherWaiting(t *testing.T) {
	b := newBench(t)
	rooms := b.many(6)
	n := b.notary()
	check(t, n.Once(t.Context()))
	before := b.checkpoints()
	last := map[incident.LogID]incident.Seq{}
	for _, r := range rooms {
		last[r] = b.Say(r, b.lead, "a word")
	}
	const turn = `UPDATE leaf SET leaf = set_bit(leaf, 2000, 1 - get_bit(leaf, 2000)) WHERE log = $1 AND seq = $2`
	b.super(turn, string(rooms[0]), int64(last[rooms[0]]))
	b.super(`UPDATE tile SET hashes = substr(hashes, 1, 32) WHERE log = $1`, string(rooms[1]))
	b.super(`INSERT INTO checkpoint (log, size, key, note) VALUES ($1, $2, 1, 'in the way')`, string(rooms[2]), int64(last[rooms[2]])+1)
	b.super(`UPDATE notary SET key = 7 WHERE log = $1`, string(rooms[3]))
	b.super(`UPDATE notary SET frontier = 'x' WHERE log = $1`, string(rooms[4]))
	err := n.Once(t.Context())
	if !errors.Is(err, notary.ErrDiffers) {
		t.Errorf("the changed leaf: %v", err)
	}
	for _, of := range []string{"a tile of level 0 is short", "checkpoint_pkey", "generation 7", "frontier"} {
		if !strings.Contains(fmt.Sprint(err), of) {
			t.Errorf("of %q nothing is said: %v", of, err)
		}
	}
	b.super(turn, string(rooms[0]), int64(last[rooms[0]]))
	b.super(`DELETE FROM checkpoint WHERE note = 'in the way'`)
	after := b.checkpoints()
	for i, r := range rooms {
		more := len(after[r]) - len(before[r])
		if i < 5 && more != 0 || i == 5 && more != 1 {
			t.Errorf("room %d was sealed %d times", i, more)
		}
	}
	// What was in the way is gone: they are sealed, but for the one that differs.
	b.super(`UPDATE notary SET key = 1 WHERE log = $1`, string(rooms[3]))
	if err := n.Once(t.Context()); err == nil || strings.Contains(err.Error(), "generation") {
		t.Errorf("then: %v", err)
	}
	after = b.checkpoints()
	for i, want := range []int{0, 0, 1, 1, 0, 1} {
		if more := len(after[rooms[i]]) - len(before[rooms[i]]); more != want {
			t.Errorf("then room %d was sealed %d times, want %d", i, more, want)
		}
	}
}

// Nothing is signed for that was not read, whatever was written into the row
// that says how far the notary has come.
func TestWhatTheNotaryHasReadIsNotTakenFromItsRowAlone(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	b.settle(n)
	before := len(b.checkpoints()[b.room])
	seq := b.Say(b.room, b.lead, "a word")
	b.super(`UPDATE leaf SET leaf = set_bit(leaf, 2000, 1 - get_bit(leaf, 2000)) WHERE log = $1 AND seq = $2`, string(b.room), int64(seq))
	b.super(`UPDATE notary SET frontier = (SELECT frontier FROM log WHERE id = $1) WHERE log = $1`, string(b.room))
	if err := n.Once(t.Context()); err == nil || !strings.Contains(err.Error(), "of another size") {
		t.Errorf("signing: %v", err)
	}
	var after int
	if b.ask(&after, `SELECT count(*) FROM checkpoint WHERE log = $1`, string(b.room)); after != before {
		t.Errorf("%d checkpoints, and there were %d", after, before)
	}
}

// A node that dies while it signs for many leaves each of them to be signed
// for, and none signed twice.
func TestAPortionThatIsCutShortIsDoneAgainWhole(t *testing.T) {
	b := newBench(t)
	rooms := b.many(3)
	b.settle(b.notary())
	before := b.checkpoints()
	cut := errors.New("cut")
	rounds := 0
	for _, x := range []struct {
		step string
		nth  int
	}{{"signed", 1}, {"signed", 2}, {"signed", 4}, {"stored", 1}, {"committed", 1}} {
		for _, r := range append(rooms, b.room) {
			b.Say(r, b.lead, fmt.Sprint(x))
		}
		rounds++
		n, times := b.notary(), 0
		n.EndAt(func(step string) error {
			if step == x.step {
				if times++; times == x.nth {
					return cut
				}
			}
			return nil
		})
		if err := n.Once(t.Context()); !errors.Is(err, cut) {
			t.Fatalf("%v: %v", x, err)
		}
		stored := 0
		b.ask(&stored, `SELECT count(*) FROM log l JOIN notary n ON n.log = l.id WHERE l.size = n.signed AND l.kind = 'room'`)
		if want := map[bool]int{true: len(rooms) + 1}[x.step == "committed"]; stored != want {
			t.Errorf("%v: of %d logs are sealed %d", x, len(rooms)+1, stored)
		}
		if x.step == "committed" || x.nth > 1 {
			b.settle(b.notary())
		}
	}
	after := b.checkpoints() // each checked against its leaves
	for _, r := range rooms {
		if more := len(after[r]) - len(before[r]); more < 3 || more > rounds {
			t.Errorf("sealed %d times in %d rounds", more, rounds)
		}
	}
}

// Nodes that meet at the same logs, all of them new to the notary, pass each
// other over: none waits for ever and none signs what another has.
func TestNodesThatMeetAtManyNewLogsPassOn(t *testing.T) {
	b := newBench(t)
	b.many(20)
	var wg sync.WaitGroup
	for range 4 {
		n := b.notary()
		wg.Go(func() {
			for range 5 {
				if err := n.Once(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	rooms := b.many(20)
	wg.Wait()
	b.settle(b.notary())
	all := b.checkpoints()
	for _, r := range rooms {
		if len(all[r]) == 0 {
			t.Errorf("a room was not sealed")
		}
	}
}
