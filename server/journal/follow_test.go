package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
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

// Followers take what this node has just committed as it is here, and what
// another node did from the database: each is given all that is for it, once and
// in order, as it is stored.
func TestFollowersAreGivenEachEntryOnceWhicheverNodeWroteIt(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	var rooms []incident.LogID
	for range 3 {
		rooms = append(rooms, h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames))
	}
	node := func() *journal.Journal {
		j := journal.New(journal.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault, Deployment: h.Deployment, Poll: 4 * time.Millisecond, Ledger: h.Ledger})
		t.Cleanup(func() { j.Close(context.Background()) })
		return j
	}
	a, b := node(), node()
	type at struct {
		log incident.LogID
		seq incident.Seq
	}
	var mu sync.Mutex
	said := map[at]string{} // what was written, by whether a follower of messages or one of actions is to have it
	raised := map[at]string{}
	ctx, stop := context.WithCancel(t.Context())
	var followers sync.WaitGroup
	follow := func(name string, kind incident.Kind, given map[at]string, end func(n int) error) {
		last := map[incident.LogID]incident.Seq{}
		n := 0
		followers.Go(func() {
			err := a.FollowObjects(ctx, name, incident.RoomLog, []incident.Kind{kind}, func(_ context.Context, log incident.LogID, e *incident.Event) error {
				n++
				err := end(n)
				if err != nil && !errors.Is(err, journal.ErrPassed) {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if _, twice := given[at{log, e.Seq}]; twice || e.Seq <= last[log] {
					t.Errorf("%s: entry %d after %d, given before: %v", name, e.Seq, last[log], twice)
				}
				last[log] = e.Seq
				switch body := e.Body.(type) {
				case *incident.MessagePosted:
					given[at{log, e.Seq}] = body.Text
				case *incident.ActionRaised:
					given[at{log, e.Seq}] = body.Text
				default:
					t.Errorf("%s was given %T", name, e.Body)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	messages, actions, halting := map[at]string{}, map[at]string{}, map[at]string{}
	follow("passes all", "message.posted", messages, func(int) error { return journal.ErrPassed })
	follow("takes all", "action.raised", actions, func(int) error { return nil })
	follow("fails at times", "action.raised", halting, func(n int) error {
		switch {
		case n%7 == 0:
			return errors.New("this time it fails")
		case n%2 == 0:
			return journal.ErrPassed
		}
		return nil
	})
	var writers sync.WaitGroup
	var fromMemory int
	for i, j := range []*journal.Journal{a, b} {
		writers.Go(func() {
			for n := range 90 {
				room := rooms[(n/5+i)%len(rooms)]
				text := fmt.Sprintf("%d of node %d", n, i)
				var cmd command.Command = command.PostMessage{Text: text}
				into := said
				if n%3 == 0 {
					cmd, into = command.RaiseAction{Text: text, For: incident.Assignee{Org: "DSC"}}, raised
				}
				r, err := j.Append(t.Context(), room, lead, h.Key(), cmd)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				into[at{room, r.Seq}] = text
				mu.Unlock()
				if n%10 == 0 {
					time.Sleep(7 * time.Millisecond)
				}
				if a.Holds(room, r.Seq) {
					fromMemory++
				}
			}
		})
		if i == 0 {
			writers.Wait() // first one node alone, then the other and
			writers.Go(func() {
				for range 60 { // the first with it
					if r, err := a.Append(t.Context(), rooms[0], lead, h.Key(), command.PostMessage{Text: "beside"}); err != nil {
						t.Error(err)
					} else {
						mu.Lock()
						said[at{rooms[0], r.Seq}] = "beside"
						mu.Unlock()
					}
				}
			})
		}
	}
	writers.Wait()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		mu.Lock()
		ok := maps.Equal(messages, said) && maps.Equal(actions, raised) && maps.Equal(halting, raised)
		mu.Unlock()
		if ok {
			break
		}
		if time.Now().After(until) {
			t.Errorf("given %d, %d and %d, want %d, %d and %d", len(messages), len(actions), len(halting), len(said), len(raised), len(raised))
			break
		}
	}
	stop()
	followers.Wait()
	if fromMemory == 0 {
		t.Error("nothing of what the node committed itself was at hand")
	}
	// What it held of them it lets go of, though nothing more is said.
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, _, err := a.Since(t.Context(), rooms[0], 0); err != nil {
			t.Fatal(err)
		}
		if a.HeldEntries() == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%d entries are still held", a.HeldEntries())
		}
	}
}

// Where much was said a follower takes page after page, and does not wait for its
// next look between them: it would stay behind for as long as much is said.
func TestAFollowerThatIsBehindTakesPageAfterPage(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	const said = 1200 // more than two pages
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range said / 8 {
				h.Must(h.Do(room, lead, command.PostMessage{Text: "much"}))
			}
		})
	}
	writers.Wait()
	j := journal.New(journal.Options{Writer: h.DB.Writer, Reader: h.DB.Reader, Vault: h.Vault, Deployment: h.Deployment, Poll: time.Hour, Ledger: h.Ledger})
	defer j.Close(context.Background())
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	given := 0
	err := j.FollowObjects(ctx, "the test", incident.RoomLog, []incident.Kind{"message.posted"}, func(context.Context, incident.LogID, *incident.Event) error {
		if given++; given == said {
			stop()
		}
		return nil
	})
	if err != nil || given != said {
		t.Errorf("given %d of %d before its next look (%v)", given, said, err)
	}
}
