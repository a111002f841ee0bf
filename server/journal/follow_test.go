package journal_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// heard is a log in memory.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) count(word string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.text.String(), word)
}

// A log that is closed to writing stays so until somebody does something about
// it, and a follower tries four times a second.
func TestAFollowerThatFailsTheSameWayEachTimeSaysItOnceAndGoesOnTrying(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	var log heard
	j := journal.New(journal.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault, Deployment: h.Deployment, Poll: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	defer j.Close(context.Background())
	ctx, stop := context.WithCancel(t.Context())
	tries := make(chan int)
	done := make(chan error, 1)
	go func() {
		n := 0
		done <- j.Follow(ctx, "the test", incident.RoomLog, func(ctx context.Context, _ incident.LogID, _ *incident.Event) error {
			n++
			select {
			case tries <- n:
			case <-ctx.Done():
			}
			if n <= 20 {
				return errors.New("the first reason")
			}
			return errors.New("the second reason")
		})
	}()
	for n := range tries {
		if n == 40 {
			break
		}
	}
	if a, b := log.count("the first reason"), log.count("the second reason"); a != 1 || b != 1 {
		t.Errorf("of 40 tries %d and %d were said, want 1 of each reason", a, b)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A follower of some kinds is given each of theirs once, from every room, and is
// moved past what others say.
func TestAFollowerOfSomeKindsMissesNoneAmongRoomsThatSayOtherThings(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	want := map[incident.LogID]incident.Seq{}
	var rooms []incident.LogID
	for range 4 {
		id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
		rooms = append(rooms, id)
		h.Say(id, lead, "nothing for it")
	}
	for _, id := range rooms[:2] {
		want[id] = h.Must(h.Do(id, lead, command.RaiseAction{Text: "look", For: incident.Assignee{Org: "DSC"}})).Seq
		h.Say(id, lead, "nothing for it either")
	}
	ctx, stop := context.WithCancel(t.Context())
	type got struct {
		log incident.LogID
		seq incident.Seq
	}
	heard := make(chan got, 100)
	done := make(chan error, 1)
	failed := false
	go func() {
		done <- h.Journal.FollowObjects(ctx, "the test", incident.RoomLog, []incident.Kind{"action.raised"}, func(_ context.Context, log incident.LogID, e *incident.Event) error {
			if !failed {
				failed = true
				return errors.New("the first time fails")
			}
			heard <- got{log, e.Seq}
			return nil
		})
	}()
	for range len(want) {
		if g := <-heard; want[g.log] != g.seq {
			t.Errorf("given entry %d, want %d", g.seq, want[g.log])
		} else {
			delete(want, g.log)
		}
	}
	// It stands at the end of every room, and goes on from there.
	later := h.Must(h.Do(rooms[3], lead, command.RaiseAction{Text: "look again", For: incident.Assignee{Org: "DSC"}})).Seq
	if g := <-heard; g.log != rooms[3] || g.seq != later {
		t.Errorf("given entry %d, want %d", g.seq, later)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	// What it passed over is saved at the latest when it ends.
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var behind int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM log l LEFT JOIN follower f ON f.log = l.id AND f.name = 'the test' WHERE l.kind = 'room' AND l.size > coalesce(f.size, 0)`).Scan(&behind); err != nil || behind != 0 {
		t.Errorf("it is saved as behind in %d rooms (%v)", behind, err)
	}
	if len(heard) != 0 {
		t.Errorf("given %d entries more", len(heard))
	}
}

// A room that stands still keeps no other waiting, nor is what was given of it
// before given again.
func TestAFollowerThatFailsInOneRoomGoesOnInTheOthers(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	action := func(id incident.LogID) incident.Seq {
		return h.Must(h.Do(id, lead, command.RaiseAction{Text: "look", For: incident.Assignee{Org: "DSC"}})).Seq
	}
	stuck := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	action(stuck)
	at := action(stuck)
	var others []incident.LogID
	for range 3 {
		others = append(others, h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames))
		action(others[len(others)-1])
	}
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	given := map[incident.LogID]int{}
	done := make(chan error, 1)
	go func() {
		done <- h.Journal.FollowObjects(ctx, "the test", incident.RoomLog, []incident.Kind{"action.raised"}, func(_ context.Context, log incident.LogID, e *incident.Event) error {
			if log == stuck && e.Seq == at {
				return errors.New("this one fails")
			}
			mu.Lock()
			defer mu.Unlock()
			given[log]++
			return nil
		})
	}()
	until := time.Now().Add(20 * time.Second)
	for n := 0; n < len(others)+1 && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		n = len(given)
		mu.Unlock()
	}
	action(others[0])
	for n := 0; n < 2 && time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		n = given[others[0]]
		mu.Unlock()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if given[stuck] != 1 || given[others[0]] != 2 || given[others[1]] != 1 || given[others[2]] != 1 {
		t.Errorf("given %v", given)
	}
}
