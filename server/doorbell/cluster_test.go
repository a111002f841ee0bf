package doorbell

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

func startCluster(t *testing.T) *devkit.RedisCluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "bells-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c, err := devkit.StartRedisCluster(t.Context(), dir, 3, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	return c
}

func clusterClient(t *testing.T, url string) *redis.ClusterClient {
	t.Helper()
	opt, err := redis.ParseClusterURL(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClusterClient(opt)
	t.Cleanup(func() { c.Close() })
	return c
}

// A cluster's node that the slot of a channel is on hears its rings, and no
// other does; the bell is heard through each of them, and again after a server
// has died and come back, and after slots have moved.
func TestABellRingsThroughACluster(t *testing.T) {
	c := startCluster(t)
	here, there := newBell(t, clusterClient(t, c.URL())), newBell(t, clusterClient(t, c.URL()))
	const rooms = 60
	logs, sizes := make([]incident.LogID, rooms), make([]atomic.Uint64, rooms)
	for i := range rooms {
		logs[i] = incident.LogID(incident.RandomID())
		there.Listen(logs[i], func(size uint64) {
			sizes[i].Store(max(sizes[i].Load(), size))
			there.note("called", channel(logs[i]))
		})
	}
	crowd := []ringer{there}
	for range 6 {
		b := newBell(t, clusterClient(t, c.URL()))
		for _, log := range logs {
			b.Listen(log, func(uint64) {})
		}
		crowd = append(crowd, b)
	}
	for _, b := range crowd {
		for _, log := range logs {
			b.await(t, "subscription", func() bool { return b.of("ssubscribe "+channel(log)) > 0 })
		}
	}
	askedRight := func(step string) {
		t.Helper()
		for i, node := range c.Nodes {
			if answer, err := node.Do(t.Context(), "INFO errorstats"); err != nil || strings.Contains(answer, "MOVED") {
				t.Errorf("%s: server %d was asked for what is another's: %v\n%s", step, i, err, answer)
			}
		}
	}
	askedRight("at first")
	for _, b := range crowd[1:] {
		b.Close()
	}

	// So is what is asked for after everything was let go, and connections broke meanwhile.
	again := newBell(t, clusterClient(t, c.URL()))
	for round := range 2 {
		var stops []func()
		for _, log := range logs {
			stops = append(stops, again.Listen(log, func(uint64) {}))
		}
		for _, log := range logs {
			again.await(t, "subscription", func() bool { return again.of("ssubscribe "+channel(log)) > round })
		}
		for _, stop := range stops {
			stop()
		}
		for _, log := range logs {
			again.await(t, "letting go", func() bool { return again.of("sunsubscribe "+channel(log)) > round })
		}
		for _, node := range c.Nodes {
			if _, err := node.Do(t.Context(), "CLIENT KILL TYPE NORMAL SKIPME YES"); err != nil {
				t.Fatal(err)
			}
		}
	}
	askedRight("after all was let go")
	again.Close()
	said := uint64(0)
	heardAll := func(step string) {
		t.Helper()
		limit := time.Now().Add(40 * time.Second)
		for said++; ; {
			missing := 0
			for i, log := range logs {
				if sizes[i].Load() < said {
					missing++
					here.Ring(log, said)
				}
			}
			if missing == 0 {
				return
			}
			if time.Now().After(limit) {
				t.Fatalf("%s: %d of %d logs are not heard", step, missing, rooms)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	heardAll("at first")

	// Sharded: each server hands messages only to whoever is subscribed there.
	total := 0
	for _, node := range c.Nodes {
		n := 0
		answer, err := node.Do(t.Context(), "PUBSUB SHARDCHANNELS")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Sscanf(answer, "*%d", &n)
		if n == 0 || n == rooms {
			t.Errorf("a server of three has %d of %d channels", n, rooms)
		}
		total += n
	}
	if total != rooms {
		t.Errorf("%d channels are subscribed to, want %d", total, rooms)
	}

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Move(ctx, 2, 0); err != nil {
		t.Fatal(err)
	}
	heardAll("after slots moved")
	if err := c.Nodes[1].Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Nodes[1].Restart(ctx); err != nil {
		t.Fatal(err)
	}
	heardAll("after a server came back")
}
