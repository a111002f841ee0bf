package hub

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// interleavings is how many removals race with messages, resumes and first
// connections.
const interleavings = 1000

// Whatever is under way when a member is removed by entry s, none of their
// sockets gets anything with a number of s or above, whole or stub, and each
// is told within a second.
func TestNothingReachesAnyoneAfterTheirRemoval(t *testing.T) {
	n := interleavings
	if testing.Short() {
		n /= 10
	}
	s := newScene(t)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for _, who := range []incident.Actor{s.lead, s.host} {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := s.Do(s.room, who, command.PostMessage{Text: fmt.Sprintf("%s %d", who.Name, i)}); err != nil {
					t.Errorf("%s: %v", who.Name, err)
					return
				}
			}
		})
	}
	var slowest time.Duration
	told, refused := 0, 0
	from := s.head()
	for i := range n {
		held := []*ear{s.listen(s.ward, nil), s.listen(s.ward, &from)}
		room, err := s.Journal.Room(t.Context(), s.room)
		if err != nil {
			t.Fatal(err)
		}
		from = room.Head
		// One that joins while the removal is under way.
		late := attach(t, s.hub, s.ward)
		var joining sync.WaitGroup
		joining.Go(func() {
			var after *incident.Seq
			if i%2 == 0 {
				after = &from
			}
			time.Sleep(rand.N(3 * time.Millisecond)) // chance, not synchronisation
			late.conn.Subscribe(s.room, after)
		})
		removal := s.do(s.lead, command.RemoveMember{Root: room.Member(s.ward.Person).Root})
		committed := time.Now()
		joining.Wait()
		for k, e := range append(held, late) {
			_, f := e.next("the last word", 0, func(f heard) bool { return f.Type == "revoked" || k == 2 && f.Type == "error" })
			if f.Type == "revoked" {
				told++
				slowest = max(slowest, f.at.Sub(committed))
			} else {
				refused++
			}
		}
		s.wardNo = s.Join(s.room, s.lead, s.ward, incident.Representative, incident.Full)
		for k, e := range append(held, late) {
			e.net.Close()
			e.gone()
			for _, f := range e.all() {
				for _, x := range f.Events {
					if x.Seq >= removal {
						t.Fatalf("interleaving %d, socket %d: entry %d came after the removal by entry %d", i, k, x.Seq, removal)
					}
				}
				if f.Type == "snapshot" && f.Seq >= removal {
					t.Fatalf("interleaving %d, socket %d: a snapshot at %d after the removal by entry %d", i, k, f.Seq, removal)
				}
			}
		}
	}
	close(stop)
	writers.Wait()
	t.Logf("%d removals: %d sockets told, %d refused, the slowest after %v", n, told, refused, slowest)
	if slowest > time.Second {
		t.Errorf("the slowest was told after %v", slowest)
	}
}
