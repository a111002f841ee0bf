package journal_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// A log that nobody uses leaves memory; one that is watched stays. Whoever
// comes back finds what there was, and nothing is lost of what was said at the
// moment of leaving.
func TestALogThatNobodyUsesLeavesMemory(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	const idle = 60 * time.Millisecond
	node := journal.New(journal.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault, Deployment: h.Deployment, Poll: 5 * time.Millisecond, Ledger: h.Ledger, Idle: idle})
	defer node.Close(context.Background())
	var rooms []incident.LogID
	heads := map[incident.LogID]incident.Seq{}
	for range 12 {
		room := h.OpenRoom(lead, incident.ModeExercise, incident.RosterNames)
		rooms, heads[room] = append(rooms, room), h.Say(room, lead, "before")
		if _, err := node.Room(t.Context(), room); err != nil {
			t.Fatal(err)
		}
	}
	_, cancel, err := node.Watch(t.Context(), rooms[0], func(*journal.Group) {})
	if err != nil {
		t.Fatal(err)
	}
	gone := func(from uint64) {
		t.Helper()
		for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			s := node.Stats()
			if s.Evicted-from >= uint64(len(rooms)-1) && s.Logs <= 2 { // the one that is watched; and the system's, if it is asked for
				return
			}
			if time.Now().After(until) {
				t.Fatalf("%d logs are in memory, %d have left", s.Logs, s.Evicted-from)
			}
		}
	}
	gone(0)
	before := node.Stats().Evicted
	for _, id := range rooms {
		room, err := node.Room(t.Context(), id)
		if err != nil || room.Head != heads[id] {
			t.Fatalf("a room that had left memory: %+v, %v", room, err)
		}
	}
	gone(before)

	// Much is said in one at the pace at which it leaves.
	cancel()
	before = node.Stats().Evicted
	var said atomic.Int64
	var wg sync.WaitGroup
	for range 25 {
		for range 3 {
			wg.Go(func() {
				if _, err := node.Append(t.Context(), rooms[1], lead, h.Key(), command.PostMessage{Text: "on the threshold"}); err != nil {
					t.Errorf("not taken: %v", err)
					return
				}
				said.Add(1)
			})
		}
		wg.Wait()
		time.Sleep(idle + time.Duration(rand.IntN(40)-20)*time.Millisecond) // what this is about
	}
	if left := node.Stats().Evicted - before; left == 0 {
		t.Error("it never left while it was spoken in")
	}
	room, err := h.Journal.Room(t.Context(), rooms[1])
	if err != nil || room.Head != heads[rooms[1]]+incident.Seq(said.Load()) {
		t.Errorf("%d were taken of 75, and the room went from %d to %d (%v)", said.Load(), heads[rooms[1]], room.Head, err)
	}
}
