package web_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"
)

// Whoever takes nothing of their socket while much is said is sent away with
// 4408, hears all that had been written to it, and resumes without a gap or a
// repetition; somebody beside them hears everything as it is said.
func TestASlowSocketIsClosedWith4408AndResumesWithoutAGap(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	head := int(lead.must(200, "GET", "/rooms/"+room, nil)["seq"].(float64))

	slow, quick := ciso.stream(), lead.stream()
	for _, k := range []*socket{slow, quick} {
		k.send(object{"type": "subscribe", "room": room, "after": head})
		k.until("caught_up")
	}
	heard := make(chan int, 1)
	var to atomic.Int64 // entry; 0: nobody knows yet
	text := strings.Repeat("Much is said. ", 600)
	last := head
	for i := 0; s.hub.Stats().TooSlow == 0; i++ {
		if i == 2000 {
			t.Fatal("2,000 entries fit into the socket of somebody who takes nothing")
		}
		last = lead.say(room, fmt.Sprint(i, " ", text))
		if i == 0 {
			go func() { // its socket is its own; whatever is wrong with it is seen by how far it came
				at := head
				for to.Load() == 0 || at < int(to.Load()) {
					o, err := quick.next()
					if err != nil {
						break
					}
					for _, seq := range brought(o) {
						if seq != at+1 {
							heard <- -seq
							return
						}
						at = seq
					}
				}
				heard <- at
			}()
		}
	}
	at := head
	take := func(k *socket) error {
		o, err := k.next()
		for _, seq := range brought(o) {
			if seq != at+1 {
				t.Fatalf("entry %d came after entry %d", seq, at)
			}
			at = seq
		}
		return err
	}
	var err error
	for err == nil {
		err = take(slow)
	}
	if !websocket.IsCloseError(err, 4408) {
		t.Fatalf("it was ended with %v", err)
	}
	if at == head || at >= last {
		t.Errorf("of entries %d to %d it was sent those up to %d", head+1, last, at)
	}
	again := ciso.stream()
	again.send(object{"type": "subscribe", "room": room, "after": at})
	for at < last {
		if err := take(again); err != nil {
			t.Fatalf("at entry %d of %d: %v", at, last, err)
		}
	}
	to.Store(int64(last) + 1)
	lead.say(room, "to be heard by all")
	for at < last+1 {
		if err := take(again); err != nil {
			t.Fatal(err)
		}
	}
	if at := <-heard; at != last+1 {
		t.Errorf("somebody beside them heard up to %d of %d", at, last+1)
	}
}

// brought are the numbers of the entries that a frame brings.
func brought(frame object) []int {
	if frame["type"] != "events" {
		return nil
	}
	return seqs(objects(frame["events"]))
}
