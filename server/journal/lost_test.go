package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// If a commit goes through and its answer does not, the node starts again from
// what it had published, not from the newest snapshot: another node may have
// stored one beyond it, and the watchers would never hear of what lies between.
func TestAGroupWhoseAnswerWasLostReachesEveryWatcherOnce(t *testing.T) {
	defer journal.FoldEvery(1)()
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	j, link := h.LinkedNode()
	say := func(text string) incident.Seq {
		t.Helper()
		r, err := j.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		return r.Seq
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { // reads on and on, and stores a snapshot of all it reads
		for other := h.Node(); ctx.Err() == nil; {
			other.Room(ctx, id)
			other.Folds()
		}
	})
	c := servertest.NewChecker()
	l := h.ListenOn(j, c, id, lead)
	for range 6 {
		_, in := link.Carried()
		say("undisturbed")
		_, after := link.Carried()
		// The last bytes of the answer are lost: the commit stands, and the node
		// cannot know.
		link.Cut(servertest.FromDatabase, after-in-2, 0)
		say("answer lost")
		link.Mend()
	}
	stop()
	wg.Wait()
	last := say("the last word")
	if err := l.Finish(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	truth := h.Truth(id)
	c.From = truth.Size
	if found := c.Judge(truth); len(found) > 0 {
		t.Fatal(servertest.Describe(found))
	}
}

// One key, a hundred times at once on two nodes, and with another body: one
// entry, one number, a conflict for what is different.
func TestAHundredSendsOfOneKeyAreOneEntry(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	sam := h.Person("Sam Okafor", "X1N")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, sam, incident.Representative, incident.FromJoin)
	at, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	nodes := []*journal.Journal{h.Journal, h.Node()}
	key := h.Key()
	var wg sync.WaitGroup
	var mu sync.Mutex
	seqs := map[incident.Seq]int{}
	conflicts := 0
	for i := range 200 {
		wg.Go(func() {
			text := "the one body"
			if i%2 == 1 {
				text = fmt.Sprint("another body ", i)
			}
			a := c.Send(string(key))
			r, err := nodes[i/2%2].Append(context.Background(), id, lead, key, command.PostMessage{Text: text})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				a.Acked(uint64(r.Seq), r.Count)
				seqs[r.Seq]++
			case incident.FaultOf(err) == incident.Conflict:
				a.Refused()
				conflicts++
			default:
				t.Error(err)
				a.Lost()
			}
		})
	}
	wg.Wait()
	if len(seqs) != 1 {
		t.Errorf("one key was answered with the numbers %v", seqs)
	}
	for _, n := range seqs {
		// Whichever body came first stands: its senders are answered, all others refused.
		if n != 100 && n != 1 || n+conflicts != 200 {
			t.Errorf("%d answers and %d conflicts, of 100 sends of one body and 100 others", n, conflicts)
		}
	}
	// The key belongs to its actor: another's use of it is another command.
	if r, err := h.Journal.Append(t.Context(), id, sam, key, command.PostMessage{Text: "the one body"}); err != nil || seqs[r.Seq] != 0 {
		t.Errorf("another person's use of the same key was answered %d, %v", r.Seq, err)
	}
	if truth := h.Truth(id); truth.Size != uint64(at.Head)+3 {
		t.Errorf("the log has %d entries, want %d", truth.Size, at.Head+3)
	}
	// It lives as long as the log: also on a node that has never seen it.
	r, err := h.Node().Append(t.Context(), id, sam, key, command.PostMessage{Text: "the one body"})
	if err != nil || !r.Repeat {
		t.Errorf("a fresh node answered %+v, %v", r, err)
	}
	h.CheckLog(id)
}

func TestARefusalStoresNothingAndItsKeyMayBeUsedAgain(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	before := h.Truth(id)
	key := h.Key()
	for _, text := range []string{"", "bidi \u202e", "broken \xff"} {
		if _, err := h.Journal.Append(t.Context(), id, lead, key, command.PostMessage{Text: text}); incident.FaultOf(err) != incident.Invalid {
			t.Errorf("%q was answered %v", text, err)
		}
	}
	for _, bad := range []incident.Key{"", "not-a-ulid", "01J0000000000000000000000", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ"} {
		if _, err := h.Journal.Append(t.Context(), id, lead, bad, command.PostMessage{Text: "x"}); incident.FaultOf(err) != incident.Invalid {
			t.Errorf("the key %q was answered %v", bad, err)
		}
	}
	if after := h.Truth(id); after.Size != before.Size {
		t.Errorf("refusals stored %d entries", after.Size-before.Size)
	}
	if _, err := h.Journal.Append(t.Context(), id, lead, key, command.PostMessage{Text: "right this time"}); err != nil {
		t.Error(err)
	}
}

func TestAnEndedSessionWritesNothing(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	lead.Session = incident.RandomID()
	if _, err := h.Do(id, lead, command.PostMessage{Text: "x"}); incident.FaultOf(err) != incident.SignedOut {
		t.Fatalf("a session that is not live was answered %v", err)
	}
}

func TestClosingFinishesWhatIsInFlight(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	at, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	for range 5 {
		j := h.Node()
		var wg sync.WaitGroup
		started := make(chan struct{}, 1000)
		for range 16 {
			wg.Go(func() {
				for {
					key := h.Key()
					a := c.Send(string(key))
					started <- struct{}{}
					r, err := j.Append(context.Background(), id, lead, key, command.PostMessage{Text: "x"})
					if err != nil {
						if incident.FaultOf(err) != incident.Unavailable {
							t.Errorf("closing was answered %v", err)
						}
						a.Lost()
						return
					}
					a.Acked(uint64(r.Seq), r.Count)
				}
			})
		}
		for range 60 {
			<-started
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if err := j.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		cancel()
		wg.Wait()
	}
	if found := c.Judge(h.Truth(id)); len(found) > 0 {
		t.Fatal(servertest.Describe(found))
	}
}

func TestWatchingWithAContextThatHasEndedLeavesNobodyBehind(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	var mu sync.Mutex
	heard := 0
	for range 50 {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, stop, err := h.Journal.Watch(ctx, id, func(*journal.Group) { mu.Lock(); heard++; mu.Unlock() })
		if err == nil {
			stop() // it was quicker than the context
		} else if !errors.Is(err, incident.Unavailable) {
			t.Fatal(err)
		}
	}
	// Everything asked before an entry has been answered when it is; the
	// watchers are taken off right after.
	for deadline := time.Now().Add(10 * time.Second); ; {
		mu.Lock()
		heard = 0
		mu.Unlock()
		h.Say(id, lead, "who is there?")
		mu.Lock()
		left := heard
		mu.Unlock()
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d watchers whose askers are gone still listen", left)
		}
	}
}
