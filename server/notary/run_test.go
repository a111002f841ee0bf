package notary_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/notary"
)

// told is what listeners on a node are told.
type told struct {
	mu    sync.Mutex
	ahead time.Duration // of the machine's clock
	seals chan *incident.Seal
}

func (c *told) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *told) later(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// until waits for such a seal.
func (c *told) until(t *testing.T, want func(*incident.Seal) bool) *incident.Seal {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case s := <-c.seals:
			if want(s) {
				return s
			}
		case <-limit:
			t.Fatal("listeners were not told")
		}
	}
}

func TestARunningNotarySealsAndTellsAndSaysSinceWhenItCannot(t *testing.T) {
	b := newBench(t)
	s := b.second()
	c := &told{seals: make(chan *incident.Seal, 1000)}
	n := s.notary(func(o *notary.Options) {
		o.Now = c.now
		o.Listening = func() []incident.LogID { return []incident.LogID{b.room} }
		o.Sealed = func(room incident.LogID, seal *incident.Seal) {
			if room == b.room {
				c.seals <- seal
			}
		}
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	head := b.Say(b.room, b.lead, "sealed soon")
	seal := c.until(t, func(s *incident.Seal) bool { return s.Size == uint64(head)+1 })
	if !seal.Cosigned || seal.Since != nil {
		t.Errorf("told of %+v", seal)
	}
	s.goes(true)
	first := b.Say(b.room, b.lead, "in the dark")
	c.later(11 * time.Second)
	seal = c.until(t, func(s *incident.Seal) bool { return s.Since != nil && s.Size == uint64(first)+1 })
	if seal.Cosigned {
		t.Errorf("told of %+v", seal)
	}
	s.goes(false)
	c.later(time.Minute)
	seal = c.until(t, func(s *incident.Seal) bool { return s.Since == nil })
	if !seal.Cosigned || seal.Size < uint64(first)+1 {
		t.Errorf("told of %+v", seal)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Every entry, of whatever kind and log, has a checkpoint by its own number or
// the next few within a second of being recorded.
func TestEveryKindIsSealedWithinASecond(t *testing.T) {
	b := newBench(t)
	n := b.notary()
	b.settle(n)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	guest := b.Person("Guest", "X1N")
	b.Join(b.room, b.lead, guest, incident.Representative, incident.FromJoin) // invited, joined; a person in the system log
	b.Say(b.room, guest, "a word")
	b.OpenRoom(b.lead, incident.ModeExercise, incident.RosterNames) // three logs
	waiting := 1
	for deadline := time.Now().Add(30 * time.Second); waiting > 0 && time.Now().Before(deadline); {
		b.ask(&waiting, `SELECT count(*) FROM log l LEFT JOIN notary n ON n.log = l.id WHERE l.size > coalesce(n.signed, 0)`)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if waiting > 0 {
		t.Fatalf("%d logs were not sealed", waiting)
	}
	// By the database's clock: the newest entry of each log against its checkpoint.
	var worst float64
	b.ask(&worst, `SELECT max(extract(epoch FROM c.made - l.last)) FROM log l JOIN notary n ON n.log = l.id JOIN checkpoint c ON c.log = l.id AND c.size = n.signed WHERE l.last > now() - interval '1 minute'`)
	t.Logf("the slowest took %.0f ms", worst*1000)
	if worst > 5 { // a second on a machine of its own; this one is shared
		t.Errorf("an entry waited %.1f s", worst)
	}
}
