package presence

import (
	"io"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

// A room's sets lie on one shard, whichever room it is, and its channel may lie
// on another.
func TestNodesKnowEachOthersPeopleThroughACluster(t *testing.T) {
	dir, err := os.MkdirTemp("", "presence-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c, err := devkit.StartRedisCluster(t.Context(), dir, 3, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	board := func() *Board {
		opt, err := redis.ParseClusterURL(c.URL())
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClusterClient(opt)
		t.Cleanup(func() { client.Close() })
		b := New(Options{Redis: client})
		t.Cleanup(b.Close)
		return b
	}
	one, two := board(), board()
	for range 5 {
		at := incident.LogID(incident.RandomID())
		watch := func(b *Board) *node {
			n := &node{Board: b, t: t, changed: make(chan struct{}, 1), room: at}
			t.Cleanup(b.Watch(at, func() { token(n.changed) }))
			return n
		}
		a, b := watch(one), watch(two)
		a.Here(at, 1, 1)
		b.Here(at, 2, 1)
		a.until("[1 2] []")
		b.until("[1 2] []")
		b.Typing(at, 2)
		a.until("[1 2] [2]")
		b.Gone(at, 2, 1)
		a.until("[1] []")
	}
}
