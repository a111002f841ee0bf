package journal_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func TestARoomOpensWithItsFirstFiveEntries(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if room.Head != 4 || room.Reference[:4] != "INC-" || room.Member(lead.Person).Number != 1 || !room.Member(lead.Person).Leads() {
		t.Fatalf("the room is not as it was opened: head %d, %q", room.Head, room.Reference)
	}
	rows, err := h.Journal.Page(t.Context(), id, lead.Person, journal.Query{})
	if err != nil {
		t.Fatal(err)
	}
	kinds := []incident.Kind{"room.opened", "member.joined", "rules.set", "report.given"}
	if len(rows) != len(kinds) {
		t.Fatalf("%d entries on the page, want %d", len(rows), len(kinds))
	}
	for i, row := range rows {
		seen := policy.View(room, room.Member(lead.Person), row.Sight, row.Entry)
		if e := seen.Event(); e == nil || e.Kind != kinds[i] || e.Seq != incident.Seq(i+1) {
			t.Errorf("entry %d: got %v, want %s", i+1, e, kinds[i])
		}
	}
}

func TestConcurrentWritersLeaveNoGapAndNoDouble(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	const writers, each = 16, 25
	var mu sync.Mutex
	got := map[incident.Seq]string{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				text := fmt.Sprintf("writer %d message %d", w, i)
				r, err := h.Do(id, lead, command.PostMessage{Text: text})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if was, twice := got[r.Seq]; twice {
					t.Errorf("number %d given to %q and %q", r.Seq, was, text)
				}
				got[r.Seq] = text
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	h.CheckLog(id)
	if len(got) != writers*each {
		t.Fatalf("%d answered, want %d", len(got), writers*each)
	}
	for seq := incident.Seq(5); seq < 5+writers*each; seq++ {
		if got[seq] == "" {
			t.Errorf("number %d was given to nobody", seq)
		}
	}
}

func TestTheSameKeyGivesTheSameAnswerAndAnotherBodyIsAConflict(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	key := h.Key()
	var wg sync.WaitGroup
	seqs := make([]incident.Seq, 100)
	for i := range seqs {
		wg.Go(func() {
			r, err := h.Journal.Append(context.Background(), id, lead, key, command.PostMessage{Text: "once"})
			if err != nil {
				t.Error(err)
			}
			seqs[i] = r.Seq
		})
	}
	wg.Wait()
	for _, s := range seqs {
		if s != 5 {
			t.Fatalf("a repeated command was answered %d, want 5", s)
		}
	}
	if _, err := h.Journal.Append(t.Context(), id, lead, key, command.PostMessage{Text: "twice"}); incident.FaultOf(err) != incident.Conflict {
		t.Fatalf("the same key with another body: %v, want a conflict", err)
	}
	h.CheckLog(id)
}

func TestTwoNodesFoldEachOther(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	other := h.Node()
	var seen []incident.Seq
	var mu sync.Mutex
	arrived := make(chan struct{}, 1000)
	_, cancel, err := other.Watch(t.Context(), id, func(g *journal.Group) {
		mu.Lock()
		for _, e := range g.Entries {
			seen = append(seen, incident.Seq(e.Entry.Seq))
		}
		mu.Unlock()
		for range g.Entries {
			arrived <- struct{}{}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	nodes := []*journal.Journal{h.Journal, other}
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			if _, err := nodes[n%2].Append(context.Background(), id, lead, h.Key(), command.PostMessage{Text: fmt.Sprint("from node ", n%2)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for range 40 {
		<-arrived
	}
	mu.Lock()
	defer mu.Unlock()
	for i, s := range seen {
		if s != incident.Seq(5+i) {
			t.Fatalf("the watcher got %v: not contiguous from 5", seen)
		}
	}
	h.CheckLog(id)
}
