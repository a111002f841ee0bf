package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// Postgres is shut down as a power cut would, again and again, under eight
// writers on two nodes. What it answered for is there when it comes back.
func TestImmediateShutdownsOfPostgresLoseNothingThatWasAnswered(t *testing.T) {
	h := servertest.NewHouseOn(t, servertest.DurableDatabase(t, nil), "wardroom.test")
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(room, lead, sam, incident.Representative, incident.FromJoin)
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	nodes := []*journal.Journal{h.Journal, h.Node()}
	var listeners []*servertest.Listener
	for _, j := range nodes {
		listeners = append(listeners, h.ListenOn(j, c, room, lead), h.ListenOn(j, c, room, sam))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	stop := make(chan struct{})
	progress := make(chan struct{}, 1)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			who := []incident.Actor{lead, sam}[w%2]
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				key := h.Key()
				err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					r, err := nodes[w/2%2].Append(ctx, room, who, key, command.PostMessage{Text: fmt.Sprintf("writer %d, %d", w, n)})
					return r.Seq, r.Count, err
				})
				if err != nil {
					t.Errorf("refused: %v", err)
					return
				}
				select {
				case progress <- struct{}{}:
				default:
				}
			}
		})
	}
	s := seed(t)
	rng := rand.New(rand.NewPCG(s, 4))
	rounds := times(t, 20)
	for range rounds {
		// Each shutdown comes after something was answered since the last.
		for range 2 {
			select {
			case <-progress:
			case <-ctx.Done():
				t.Fatal("nothing is answered any more")
			}
		}
		<-time.After(time.Duration(rng.IntN(150)) * time.Millisecond) // at any moment of a commit
		if err := h.DB.Cluster.StopImmediate(); err != nil {
			t.Fatal(err)
		}
		if err := h.DB.Cluster.Restart(ctx); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	wg.Wait()
	key := h.Key()
	var last incident.Seq
	if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
		r, err := h.Journal.Append(ctx, room, lead, key, command.PostMessage{Text: "the last word"})
		last = r.Seq
		return r.Seq, r.Count, err
	}); err != nil {
		t.Fatal(err)
	}
	for _, l := range listeners {
		if err := l.Finish(ctx, last); err != nil {
			t.Fatal(err)
		}
	}
	truth := h.Truth(room)
	if found := c.Judge(truth); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	h.CheckLog(room)
	t.Logf("%d immediate shutdowns, %d entries", rounds, len(truth.Entries))
}
