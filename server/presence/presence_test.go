package presence

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

const (
	room    = incident.LogID("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	another = incident.LogID("bbbbbbbbbbbbbbbbbbbbbbbbbb")
)

func says(b *Board, r incident.LogID) string {
	here, typing := b.State(r)
	return fmt.Sprint(here, typing)
}

func TestASignOfLifeLastsAndRunsOutByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		defer b.Close()
		var told atomic.Int32
		defer b.Watch(room, func() { told.Add(1) })()
		check := func(want string, changes int32) {
			t.Helper()
			synctest.Wait()
			if got := says(b, room); got != want || told.Load() != changes {
				t.Fatalf("it says %s after %d changes, want %s after %d", got, told.Load(), want, changes)
			}
		}
		b.Here(room, 7, 1)
		b.Here(room, 3, 2)
		b.Here(another, 9, 3)
		check("[3 7] []", 2)
		b.Typing(room, 7)
		b.Typing(room, 8) // is not here
		check("[3 7] [7]", 3)
		b.Typing(room, 7)
		time.Sleep(TypingFor - time.Second)
		check("[3 7] [7]", 3)
		time.Sleep(time.Second + sweepEvery)
		check("[3 7] []", 4)
		time.Sleep(HereFor / 2)
		b.Here(room, 3, 2) // another sign
		check("[3 7] []", 4)
		time.Sleep(HereFor / 2)
		check("[3] []", 5)
		time.Sleep(HereFor)
		check("[] []", 6)
	})
}

func TestSomeoneIsHereUntilTheirLastSocketGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		defer b.Close()
		b.Here(room, 7, 1)
		b.Here(room, 7, 2)
		b.Typing(room, 7)
		b.Gone(room, 7, 1)
		if got := says(b, room); got != "[7] [7]" {
			t.Fatal(got)
		}
		b.Gone(room, 7, 2)
		b.Gone(room, 7, 2)
		if got := says(b, room); got != "[] []" {
			t.Fatal(got)
		}
		if len(b.rooms) != 0 {
			t.Error("an empty room is kept")
		}
	})
}

func startRedis(t *testing.T) *devkit.Redis {
	t.Helper()
	dir, err := os.MkdirTemp("", "presence-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r, err := devkit.StartRedis(t.Context(), dir, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Kill() })
	return r
}

func client(t *testing.T, r *devkit.Redis) *redis.Client {
	t.Helper()
	opt, err := redis.ParseURL(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(opt)
	t.Cleanup(func() { c.Close() })
	return c
}

// node is a board and the signal of its changes.
type node struct {
	*Board
	t       *testing.T
	changed chan struct{}
	room    incident.LogID
}

func newNode(t *testing.T, r *devkit.Redis) *node {
	n := &node{Board: New(Options{Redis: client(t, r)}), t: t, changed: make(chan struct{}, 1), room: room}
	t.Cleanup(n.Close)
	t.Cleanup(n.Watch(room, func() { token(n.changed) }))
	return n
}

func (n *node) until(want string) {
	n.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		got := says(n.Board, n.room)
		if got == want {
			return
		}
		select {
		case <-n.changed:
		case <-limit:
			n.t.Fatalf("it says %s, want %s", got, want)
		}
	}
}

func TestNodesKnowEachOthersPeople(t *testing.T) {
	r := startRedis(t)
	a, b := newNode(t, r), newNode(t, r)
	a.Here(room, 1, 1)
	b.Here(room, 2, 1)
	a.until("[1 2] []")
	b.until("[1 2] []")
	b.Here(room, 1, 2) // the same member, on both
	b.Typing(room, 2)
	a.until("[1 2] [2]")
	b.Gone(room, 2, 1)
	a.until("[1] []")
	a.Gone(room, 1, 1)
	b.until("[1] []")
	late := newNode(t, r)
	late.until("[1] []")
	b.Gone(room, 1, 2)
	for _, n := range []*node{a, b, late} {
		n.until("[] []")
	}
}

func TestWithoutRedisANodeKnowsItsOwnAndHealsWithIt(t *testing.T) {
	r := startRedis(t)
	a, b := newNode(t, r), newNode(t, r)
	a.Here(room, 1, 1)
	b.until("[1] []")
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	b.Here(room, 2, 1)
	b.Typing(room, 2)
	b.until("[1 2] [2]")
	if took := time.Since(began); took > time.Second {
		t.Fatalf("with Redis dead it holds its caller up for %v", took)
	}
	if err := r.Restart(t.Context()); err != nil { // it has forgotten everything
		t.Fatal(err)
	}
	limit := time.Now().Add(30 * time.Second)
	for says(a.Board, room) != "[1 2] []" || says(b.Board, room) != "[1 2] []" {
		if time.Now().After(limit) {
			t.Fatalf("after its return they say %s and %s", says(a.Board, room), says(b.Board, room))
		}
		a.Here(room, 1, 1) // signs of life, as the sockets' pings bring them
		b.Here(room, 2, 1)
		time.Sleep(20 * time.Millisecond)
	}
}

func TestForgedPresenceIsNotBelievedForLongNorOfTheWrongForm(t *testing.T) {
	r := startRedis(t)
	a := newNode(t, r)
	c := client(t, r)
	h := hash(room)
	for _, z := range []redis.Z{{Score: 9e18, Member: "5@forger"}, {Score: 9e18, Member: "0@forger"}, {Score: 9e18, Member: "5"},
		{Score: 9e18, Member: "x@y"}, {Score: 9e18, Member: "99999999999999@y"}, {Score: 1, Member: "6@forger"}} {
		if err := c.ZAdd(t.Context(), hereKey(h), z).Err(); err != nil {
			t.Fatal(err)
		}
	}
	a.Here(room, 1, 1)
	a.until("[1 5] []")
	a.mu.Lock()
	until := a.rooms[room].away.here[5]
	a.mu.Unlock()
	if until.After(time.Now().Add(HereFor)) {
		t.Errorf("it is believed until %v", until)
	}
}

// The board is asked at each coming and going; what it then tells must be what
// it would tell if it counted everybody.
func TestWhatIsToldOfOneIsWhatCountingAllWouldTell(t *testing.T) {
	b := New(Options{})
	defer b.Close()
	calls := 0
	defer b.Watch(room, func() { calls++ })()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		n, socket := incident.MemberNo(1+r.IntN(5)), uint64(r.IntN(3))
		was, typed := b.State(room)
		before := calls
		switch r.IntN(5) {
		case 0, 1:
			b.Here(room, n, socket)
		case 2, 3:
			b.Gone(room, n, socket)
		default:
			b.Typing(room, n)
		}
		is, types := b.State(room)
		if changed := !slices.Equal(was, is) || !slices.Equal(typed, types); changed != (calls > before) {
			t.Fatalf("from %v typing %v to %v typing %v, told: %v", was, typed, is, types, calls > before)
		}
	}
	if calls == 0 {
		t.Fatal("nothing was ever told")
	}
}

func BenchmarkComingAmongThousands(b *testing.B) {
	board := New(Options{})
	defer board.Close()
	const many = 5000
	for n := range many {
		board.Here(room, incident.MemberNo(n+1), uint64(n))
	}
	for b.Loop() {
		board.Here(room, many+1, many)
		board.Gone(room, many+1, many)
	}
}
