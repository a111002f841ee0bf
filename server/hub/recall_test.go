package hub

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestWhatIsRecalledIsNotSentOutOfAQueue(t *testing.T) {
	s := newScene(t)
	ward := s.listen(s.ward, nil)
	hear := deaf(ward)
	s.stuff(ward, 128<<10)
	root := s.do(s.lead, command.PublishItem{Item: incident.Item{Title: "soon recalled", Text: "x"}})
	s.do(s.lead, command.RecallEntry{Root: root, Reason: "a mistake"})
	end := s.Say(s.room, s.lead, "end")
	hear()
	ward.gone()
	for _, f := range ward.all() {
		if strings.Contains(f.raw, "soon recalled") {
			t.Fatal("the recalled item came out of the queue")
		}
	}
	last, _ := stream(t, ward.all(), 0)
	back := s.listen(s.ward, &last)
	if got, entries := stream(t, back.all(), last); got != end || entries[root].form() != "stub" {
		t.Fatalf("resumed from %d to %d with the item as %q", last, got, entries[root].form())
	}
}

// Whatever is under way when an item is recalled by entry s: no frame that
// tells of s or of anything after it, and none that follows such a frame,
// carries a word of the item; and a second later nothing does.
func TestNothingOfAnItemReachesAnyoneAfterItsRecall(t *testing.T) {
	h := servertest.NewHouse(t)
	hub := newHub(t, h)
	lead := h.Person("Lena", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	var people []incident.Actor
	for i := range 6 {
		p := h.Person(fmt.Sprint("guest ", i), []incident.OrgID{"X1N", "X2E", "X3F"}[i%3])
		h.Join(room, lead, p, incident.Representative, incident.Full)
		people = append(people, p)
	}
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	before, slowest := 0, time.Duration(0)
	for n := range rounds {
		canary := fmt.Sprintf("canary-%d-of-the-round", n)
		now, err := h.Journal.Room(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		from := now.Head
		var ears []*ear
		for i, p := range people {
			e := attach(t, hub, p)
			ears = append(ears, e)
			if i%3 == 0 { // the others come while it happens
				e.conn.Subscribe(room, [2]*incident.Seq{nil, &from}[n%2])
			}
		}
		item := h.Must(h.Do(room, lead, command.PublishItem{Item: incident.Item{Title: canary, Text: canary}})).Seq
		var late sync.WaitGroup
		for i, e := range ears {
			if i%3 != 0 {
				late.Go(func() { e.conn.Subscribe(room, [2]*incident.Seq{&from, nil}[(n+i)%2]) })
			}
		}
		recall := h.Must(h.Do(room, lead, command.RecallEntry{Root: item, Reason: "a mistake"})).Seq
		committed := time.Now()
		late.Wait()
		end := h.Say(room, lead, "the end of the round")
		for i, e := range ears {
			e.until("the end of the round", func(all []heard) bool {
				last := all[max(0, len(all)-1):]
				return e.narrowed() || len(all) > 0 && (last[0].Type == "snapshot" && last[0].Seq >= end || last[0].Type == "caught_up" && last[0].Seq >= end || len(last[0].Events) > 0 && last[0].Events[len(last[0].Events)-1].Seq >= end)
			})
			told := false
			for _, f := range e.all() {
				told = told || f.Seq >= recall && f.Type != "" || len(f.Events) > 0 && f.Events[len(f.Events)-1].Seq >= recall && f.Type == "events"
				if !strings.Contains(f.raw, canary) {
					continue
				}
				before++
				slowest = max(slowest, f.at.Sub(committed))
				if told {
					t.Fatalf("round %d, listener %d: the item came by %s after its recall by entry %d: %.300s", n, i, f.Type, recall, f.raw)
				}
			}
			e.net.Close()
			e.gone()
		}
	}
	t.Logf("%d frames carried it before; the last %v after the recall was committed", before, slowest)
	if before == 0 {
		t.Error("nobody ever received an item: nothing was tested")
	}
	if slowest > time.Second {
		t.Errorf("it still came %v after the recall", slowest)
	}
}

// A decision's readers hear at once that what it cites was recalled, also where
// the decision is older than anything the hub holds, and from another node.
func TestThatWhatADecisionCitesWasRecalledReachesItsReadersAlone(t *testing.T) {
	s := newScene(t)
	root := s.do(s.lead, command.PublishItem{Item: incident.Item{Title: "x", Text: "x"}})
	all := s.do(s.lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1, Deliberation: incident.Deliberation{Relied: []incident.Seq{root}}}})
	few := s.do(s.lead, command.RecordDecision{Taken: command.Taken{Decision: "d", Rationale: "r", Maker: 1, Deliberation: incident.Deliberation{Relied: []incident.Seq{root}}},
		Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToHosts}}})
	elsewhere := New(Options{Journal: s.Node(), Ring: 4})
	t.Cleanup(elsewhere.Close)
	for i := range 6 {
		s.Say(s.room, s.lead, fmt.Sprint("in between ", i))
	}
	near := s.listen(s.ward, nil)
	far := attach(t, elsewhere, s.ward)
	far.conn.Subscribe(s.room, nil)
	far.next("the snapshot", 0, is("caught_up"))
	recall := s.do(s.lead, command.RecallEntry{Root: root, Reason: "a mistake"})
	end := s.Say(s.room, s.lead, "end")
	for name, e := range map[string]*ear{"near": near, "far": far} {
		e.next("the end", 0, has(end))
		got := map[incident.Seq]fragment{}
		for _, f := range e.all() {
			for _, x := range f.Events {
				got[x.Seq] = x
			}
		}
		if f := got[recall+1]; f.form() != "open" || f.root() != all || !strings.Contains(f.raw, "decision.shaken") {
			t.Errorf("%s: of the decision that all read: %s", name, f.raw)
		}
		if f := got[recall+2]; f.form() != "stub" {
			t.Errorf("%s: of decision %d, which is for the hosts: %s", name, few, f.raw)
		}
	}
}
