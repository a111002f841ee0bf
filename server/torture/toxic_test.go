package torture

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// behind has the node reach its database and Redis by lines that a test spoils.
func (f *fleet) behind(n *server) (database, hints *servertest.Wire) {
	f.t.Helper()
	along := func(name string, w *servertest.Wire) *servertest.Wire {
		for _, pair := range n.env {
			value, ok := strings.CutPrefix(pair, name+"=")
			if !ok {
				continue
			}
			u, err := url.Parse(value)
			if err != nil {
				f.t.Fatal(err)
			}
			if w == nil {
				w = servertest.NewWire(f.t, "", u.Host)
			}
			u.Host = w.Addr()
			n.env = append(n.env, name+"="+u.String())
			return w
		}
		f.t.Fatalf("%s is not set", name)
		return nil
	}
	database = along("WARDROOM_DATABASE_URL", nil)
	along("WARDROOM_READER_URL", database)
	hints = along("WARDROOM_REDIS_URL", nil)
	n.kill()
	n.start()
	return database, hints
}

// Twelve things that go wrong with a line, on each of three: browser to node,
// node to database, node to Redis. Whatever is answered stands once, and
// everybody comes to the same log.
func TestTwelveFaultsOfThreeLinesLoseNothing(t *testing.T) {
	f := newFleet(t)
	database, hints := f.behind(f.nodes[0])
	room, keys, people := f.theirs()
	at, err := f.h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	ctx, cancel := context.WithTimeout(t.Context(), 70*time.Minute)
	defer cancel()
	reading, hush := context.WithCancel(ctx)
	defer hush()
	stop := make(chan struct{})
	var writers, readers sync.WaitGroup
	var list []*reader
	for i, k := range append(append([]string{}, keys...), keys...) {
		v := f.signIn(k)
		v.http.Timeout = 3 * time.Second // a browser that gives up, and sends again
		r := &reader{v: v, room: room, came: make(chan struct{}, 1), stream: c.Stream(fmt.Sprintf("%s %d", k, i), string(people[k].Person), uint64(at.Head)), silence: 2 * time.Second}
		r.last.Store(-1)
		list = append(list, r)
		readers.Go(func() { r.run(reading) })
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				key := f.h.Key()
				if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					return v.post(ctx, room, key, fmt.Sprintf("writer %d, %d", i, n))
				}); err != nil {
					t.Errorf("refused: %v", err)
					return
				}
			}
		})
	}
	links := map[string]*servertest.Wire{"browser to node": f.door, "node to database": database, "node to Redis": hints}
	rounds := max(1, times(t, 1))
	began := time.Now()
	var lived, wrote, came time.Duration
	for range rounds {
		for name, wire := range links {
			met := 0
			for _, toxic := range servertest.Toxics {
				wire.Set(toxic)
				time.Sleep(time.Duration(200+100*min(rounds-1, 8)) * time.Millisecond)
				met += wire.Set(servertest.Toxic{})
				time.Sleep(50 * time.Millisecond)
			}
			if met < len(servertest.Toxics) {
				t.Errorf("%s: twelve faults met %d connections", name, met)
			}
		}
	}
	lived = time.Since(began)
	close(stop)
	writers.Wait()
	wrote = time.Since(began)
	key := f.h.Key()
	var last incident.Seq
	if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
		seq, n, err := list[0].v.post(ctx, room, key, "the last word")
		last = seq
		return seq, n, err
	}); err != nil {
		t.Fatal(err)
	}
	waiting, give := context.WithTimeout(ctx, 3*time.Minute)
	defer give()
	for _, r := range list {
		if err := r.wait(waiting, last); err != nil {
			t.Errorf("%s: %v", r.stream.Name, err)
		}
		r.stream.ToEnd = true
	}
	came = time.Since(began)
	hush()
	readers.Wait()
	if found := c.Judge(f.h.Truth(room)); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	f.h.CheckLog(room)
	t.Logf("%d times 12 faults on 3 lines, %d entries; faults over after %v, everything answered after %v, all caught up after %v", rounds, last, lived, wrote, came)
}
