package hub

import (
	"context"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestRingsOfANodeKeepToItsBudgetAndTheLeastUsedGiveWay(t *testing.T) {
	h := &Hub{opt: Options{Ring: 1024, Rings: 1 << 20}, crowded: make(chan struct{}, 1), rooms: map[incident.LogID]*room{}}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { h.makeRoom(ctx); close(done) }()
	fill := func(name string) *room {
		r := &room{hub: h, id: incident.LogID(name), listeners: map[*listener]struct{}{}}
		h.mu.Lock()
		h.rooms[r.id] = r
		h.mu.Unlock()
		r.mu.Lock()
		defer r.mu.Unlock()
		for i := range 100 { // a hundred KiB and more
			r.ring.push(&entry{seq: incident.Seq(i + 1), bytes: [3][]byte{make([]byte, 1024)}}, h.opt.Ring)
		}
		r.head = 100
		r.lastTurn = h.lastTurn.Add(1)
		r.weigh()
		return r
	}
	first := fill("the room unused for longest")
	var newest *room
	for i := range 30 {
		newest = fill(string(rune('a' + i)))
	}
	deadline := time.Now().Add(20 * time.Second)
	for h.rings.Load() > h.opt.Rings {
		if time.Now().After(deadline) {
			t.Fatalf("the rings take %d bytes of %d", h.rings.Load(), h.opt.Rings)
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	<-done
	if n := len(first.ring.entries); n != ringKept || first.ring.first(first.head) != incident.Seq(100-ringKept+1) {
		t.Errorf("the room unused for longest keeps %d entries from %d on", n, first.ring.first(first.head))
	}
	if n := len(newest.ring.entries); n != 100 {
		t.Errorf("the room used last keeps %d entries", n)
	}
	sum := 0
	for _, r := range h.rooms {
		sum += r.ring.bytes
	}
	if int64(sum) != h.rings.Load() {
		t.Errorf("the rings hold %d bytes, and the account says %d", sum, h.rings.Load())
	}
}
