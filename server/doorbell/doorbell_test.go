package doorbell

import (
	"context"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

const patience = 20 * time.Second

func startRedis(t *testing.T) *devkit.Redis {
	t.Helper()
	dir, err := os.MkdirTemp("", "bell-")
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

// signals are what a bell and its listeners have noted, by name; whoever waits is
// woken by each.
type signals struct {
	mu    sync.Mutex
	count map[string]int
	more  chan struct{} // closed and replaced at every signal
	to    *signals      // also told of each; nil for none
}

func newSignals() *signals { return &signals{count: map[string]int{}, more: make(chan struct{})} }

func (s *signals) note(what, channel string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count[what]++
	s.count[what+" "+channel]++
	close(s.more)
	s.more = make(chan struct{})
	if s.to != nil {
		s.to.note(what, channel)
	}
}

// tee has another be told of all that follows.
func (s *signals) tee(to *signals) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to = to
}

func (s *signals) of(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[what]
}

// await returns once it is so; it looks again at each signal.
func (s *signals) await(t *testing.T, what string, so func() bool) {
	t.Helper()
	late := time.After(patience)
	for {
		s.mu.Lock()
		more := s.more
		s.mu.Unlock()
		if so() {
			return
		}
		select {
		case <-more:
		case <-late:
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}

// ringer is a bell with its signals.
type ringer struct {
	*Bell
	*signals
}

func newBell(t *testing.T, c redis.UniversalClient) ringer {
	s := newSignals()
	b := begin(Options{Redis: c}, s.note)
	t.Cleanup(b.Close)
	return ringer{b, s}
}

// listen subscribes and waits until Redis has said so. What is called is a signal
// too.
func (b ringer) listen(t *testing.T, log incident.LogID, fn func(uint64)) {
	t.Helper()
	b.Listen(log, func(size uint64) {
		fn(size)
		b.note("called", channel(log))
	})
	b.await(t, "subscription", func() bool { return b.of("ssubscribe "+channel(log)) > 0 })
}

func TestARingReachesTheOtherNode(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("", func(t *testing.T) {
		r := startRedis(t)
		c := client(t, r)
		here, there := newBell(t, c), newBell(t, client(t, r))
		log, other := incident.LogID(incident.RandomID()), incident.LogID(incident.RandomID())
		rung := make(chan uint64, 100)
		there.listen(t, log, func(size uint64) { rung <- size })
		there.listen(t, other, func(uint64) { t.Error("the wrong log rang") })
		here.Ring(log, 7)
		select {
		case size := <-rung:
			if size != 7 {
				t.Fatalf("it rang with %d", size)
			}
		case <-time.After(patience):
			t.Fatal("it did not ring")
		}
	})
}

func TestRingsBecomeFewAndTheLargestIsHeard(t *testing.T) {
	r := startRedis(t)
	c := client(t, r)
	b := newBell(t, c)
	log := incident.LogID(incident.RandomID())
	var calls, largest atomic.Uint64
	b.listen(t, log, func(size uint64) { calls.Add(1); largest.Store(max(largest.Load(), size)) })
	began := time.Now()
	const n = 20_000
	for i := range uint64(n) {
		b.Ring(log, i+1)
		if i%100 == 0 {
			c.SPublish(t.Context(), channel(log), strconv.FormatUint(i, 10)) // and by others
		}
	}
	b.await(t, "last ring", func() bool { return largest.Load() == n })
	if most := uint64(time.Since(began)/Pace) + 2; calls.Load() > most {
		t.Errorf("%d calls in %v, at most %d are allowed", calls.Load(), time.Since(began), most)
	}
}

func TestForgedHintsCauseNothingButBoundedCalls(t *testing.T) {
	r := startRedis(t)
	c := client(t, r)
	b := newBell(t, c)
	log := incident.LogID(incident.RandomID())
	var calls atomic.Uint64
	b.listen(t, log, func(uint64) { calls.Add(1) })
	began := time.Now()
	const n = 20_000
	for range n / 100 {
		if _, err := c.Pipelined(t.Context(), func(p redis.Pipeliner) error {
			for range 100 {
				name := channel(log)
				if rand.IntN(2) == 0 {
					name = channel(incident.LogID(incident.RandomID())) // of nothing
				}
				junk := make([]byte, rand.IntN(40))
				for i := range junk {
					junk[i] = byte(rand.Uint32())
				}
				payload := []string{"1", "18446744073709551615", "-1", "", "NaN", string(junk)}[rand.IntN(6)]
				p.SPublish(t.Context(), name, payload)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.SPublish(t.Context(), channel(log), "junk")
	b.await(t, "the junk", func() bool { return b.Stats().Malformed > 0 })
	b.Ring(log, 5)
	b.await(t, "a real ring after it", func() bool { return b.Stats().Rung == 1 && calls.Load() > 0 })
	if most := uint64(time.Since(began)/Pace) + 2; calls.Load() > most {
		t.Errorf("%d calls in %v, at most %d are allowed", calls.Load(), time.Since(began), most)
	}
}

func TestTheBellComesBackWithRedis(t *testing.T) {
	r := startRedis(t)
	here, there := newBell(t, client(t, r)), newBell(t, client(t, r))
	log, late := incident.LogID(incident.RandomID()), incident.LogID(incident.RandomID())
	var first, second atomic.Uint64
	there.listen(t, log, func(size uint64) { first.Store(size) })
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	there.Listen(late, func(size uint64) {
		second.Store(size)
		there.note("called", channel(late))
	})
	for i := range uint64(1000) {
		here.Ring(log, i)
	}
	if took := time.Since(began); took > time.Second {
		t.Fatalf("with Redis dead it holds its caller up for %v", took)
	}
	again := there.of("ssubscribe " + channel(log))
	if err := r.Restart(context.Background()); err != nil {
		t.Fatal(err)
	}
	there.await(t, "return to both channels", func() bool {
		return there.of("ssubscribe "+channel(log)) > again && there.of("ssubscribe "+channel(late)) > 0
	})
	// A ring may still be lost on a connection that has died; then once more.
	heard := func() bool { return first.Load() >= 5000 && second.Load() >= 5000 }
	both := newSignals()
	here.tee(both)
	there.tee(both)
	for size := uint64(5000); !heard(); size++ {
		lost := here.of("lost")
		here.Ring(log, size)
		here.Ring(late, size)
		both.await(t, "ring after the return", func() bool { return heard() || here.of("lost") > lost })
	}
}

func TestAloneItIsSilent(t *testing.T) {
	b := New(Options{})
	b.Ring("x", 1)
	b.Listen("x", func(uint64) { t.Error("it rang") })()
	b.Close()
}

func TestAChannelTellsNoID(t *testing.T) {
	log := incident.LogID(incident.RandomID())
	if strings.Contains(channel(log), string(log)) || channel(log) == channel(log+"a") {
		t.Fatal(channel(log))
	}
}
