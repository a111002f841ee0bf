package hub

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/command"
	"wardroom/server/devkit"
	"wardroom/server/doorbell"
	"wardroom/server/incident"
	"wardroom/server/journal"
)

// node is one server process's part of this: a journal and a hub of its own.
type node struct {
	journal *journal.Journal
	bell    *doorbell.Bell
	hub     *Hub
}

func newNode(t *testing.T, s *scene, url string) *node {
	t.Helper()
	opt, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(opt)
	n := &node{bell: doorbell.New(doorbell.Options{Redis: client})}
	n.journal = journal.New(journal.Options{Writer: s.DB.Writer, Reader: s.DB.Reader, Vault: s.Vault, Deployment: "wardroom.test", Log: slog.New(slog.DiscardHandler), Rang: n.bell.Ring})
	n.hub = New(Options{Journal: n.journal, Doorbell: n.bell})
	t.Cleanup(func() {
		n.hub.Close()
		n.bell.Close()
		client.Close()
		n.journal.Close(t.Context())
	})
	return n
}

// Two nodes on one Postgres: what one commits reaches the other's listeners
// by the doorbell, and by polling within 300 ms when Redis is dead.
func TestWhatOneNodeCommitsReachesTheListenersOfAnother(t *testing.T) {
	r, err := devkit.StartRedis(t.Context(), t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	t.Cleanup(func() { r.Kill() })
	a, b := newNode(t, s, r.URL()), newNode(t, s, r.URL())
	far := attach(t, b.hub, s.ward)
	far.conn.Subscribe(s.room, nil)
	far.next("caught_up", 0, is("caught_up"))
	say := func(i int) time.Duration {
		time.Sleep(rand.N(250 * time.Millisecond)) // at any moment between two looks at the database
		rec, err := a.journal.Append(t.Context(), s.room, s.lead, s.Key(), command.PostMessage{Text: fmt.Sprint("message ", i)})
		if err != nil {
			t.Fatal(err)
		}
		committed := time.Now()
		_, f := far.next("the message", 0, has(rec.Seq))
		return f.at.Sub(committed)
	}
	round := func() time.Duration {
		var all []time.Duration
		for i := range 21 {
			all = append(all, say(i))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	for i := 0; b.bell.Stats().Heard == 0 && i < 100; i++ {
		say(i) // until the far node has found its way to Redis
	}
	rung := round()
	r.Kill()
	polled := round()
	t.Logf("median from commit to the far listener: %v by the doorbell, %v with Redis dead", rung, polled)
	if rung > 150*time.Millisecond {
		t.Errorf("by the doorbell it takes %v", rung)
	}
	if polled > 300*time.Millisecond {
		t.Errorf("with Redis dead it takes %v", polled)
	}
	// A removal on one node ends the listening on the other.
	room, err := a.journal.Room(t.Context(), s.room)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.journal.Append(t.Context(), s.room, s.lead, s.Key(), command.RemoveMember{Root: room.Member(s.ward.Person).Root}); err != nil {
		t.Fatal(err)
	}
	committed := time.Now()
	_, f := far.next("revoked", 0, is("revoked"))
	if late := f.at.Sub(committed); late > 2*time.Second {
		t.Errorf("revoked after %v", late)
	}
	stream(t, far.all(), 0)
	if err := r.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	near := attach(t, b.hub, s.host)
	near.conn.Subscribe(s.room, nil)
	near.next("caught_up", 0, is("caught_up"))
	heard := b.bell.Stats().Heard
	for i := 0; b.bell.Stats().Heard == heard; i++ {
		if i == 200 {
			t.Fatal("the bell does not come back with Redis")
		}
		rec, err := a.journal.Append(t.Context(), s.room, s.lead, s.Key(), command.PostMessage{Text: fmt.Sprint("again ", i)})
		if err != nil {
			t.Fatal(err)
		}
		near.next("the message", 0, has(rec.Seq))
	}
}

// Both nodes write at once; the streams of both are the same log.
func TestTwoNodesThatWriteAtOnceDeliverOneOrder(t *testing.T) {
	r, err := devkit.StartRedis(t.Context(), t.TempDir(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	s := newScene(t)
	t.Cleanup(func() { r.Kill() })
	nodes := []*node{newNode(t, s, r.URL()), newNode(t, s, r.URL())}
	var ears []*ear
	for _, n := range nodes {
		e := attach(t, n.hub, s.host)
		e.conn.Subscribe(s.room, nil)
		e.next("caught_up", 0, is("caught_up"))
		ears = append(ears, e)
	}
	const each = 40
	done := make(chan incident.Seq, 2)
	for k, n := range nodes {
		go func() {
			var last incident.Seq
			for i := range each {
				rec, err := n.journal.Append(t.Context(), s.room, s.lead, s.Key(), command.PostMessage{Text: fmt.Sprintf("node %d message %d", k, i)})
				if err != nil {
					t.Error(err)
				}
				last = rec.Seq
			}
			done <- last
		}()
	}
	end := max(<-done, <-done)
	var texts []string
	for _, e := range ears {
		e.next("the end", 0, has(end))
		last, entries := stream(t, e.all(), 0)
		all := ""
		for seq := end - 2*each + 1; seq <= last; seq++ {
			all += entries[seq].raw + "\n"
		}
		texts = append(texts, all)
	}
	if texts[0] != texts[1] {
		t.Error("the two nodes' listeners hold different bytes")
	}
}
