package search

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func roots(f Found) (list []incident.Seq) {
	for _, h := range f.Hits {
		list = append(list, h.Seq)
	}
	return list
}

func TestALongRoomIsSearchedInBoundedPartsThatMissNothing(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	needle := h.Say(room, lead, "a needle")
	var wg sync.WaitGroup
	for w := range 20 {
		wg.Go(func() {
			for i := range 10 {
				if _, err := h.Do(room, lead, command.PostMessage{Text: fmt.Sprint("hay ", w, " ", i)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	h.Must(h.Do(room, lead, command.CorrectMessage{Root: needle, Text: "still a needle"}))
	s := New(h.Journal)
	const budget = 30
	q := Query{Text: "NEEDLE"}
	var got []incident.Seq
	parts := 0
	for {
		parts++
		f, err := s.room(t.Context(), room, lead.Person, q, budget)
		if err != nil {
			t.Fatal(err)
		}
		if f.Scanned > budget {
			t.Fatalf("one request looked at %d entries", f.Scanned)
		}
		got = append(got, roots(f)...)
		if f.Next == 0 {
			break
		}
		q.Before = f.Next
	}
	if !slices.Equal(got, []incident.Seq{needle}) || parts != 7 {
		t.Errorf("found %v in %d parts, want %d once", got, parts, needle)
	}
	f, err := s.Room(t.Context(), room, lead.Person, Query{Text: "hay", Limit: 1000})
	if err != nil || len(f.Hits) != HitLimit || f.Next == 0 {
		t.Errorf("everything at once: %d hits, next %d, %v", len(f.Hits), f.Next, err)
	}
}

func TestNamesUnderAClosedRosterAreNotFound(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, one, two := h.Person("Priya Anand", "DSC"), h.Person("Hannah Osei", "X1N"), h.Person("Alan Whitcombe", "X2E")
	for roster, want := range map[incident.Roster]int{incident.RosterNames: 1, incident.RosterOrganisations: 0, incident.RosterHosts: 0} {
		room := h.OpenRoom(lead, incident.ModeIncident, roster)
		h.Join(room, lead, one, incident.Representative, incident.Full)
		h.Join(room, lead, two, incident.Representative, incident.Full)
		f, err := New(h.Journal).Room(t.Context(), room, one.Person, Query{Text: "whitcombe"})
		if err != nil || len(f.Hits) != want {
			t.Errorf("roster %s: %d hits, %v", roster, len(f.Hits), err)
		}
		if f, err := New(h.Journal).Room(t.Context(), room, lead.Person, Query{Text: "whitcombe"}); err != nil || len(f.Hits) != 1 {
			t.Errorf("roster %s, the lead: %d hits, %v", roster, len(f.Hits), err)
		}
	}
}

func TestWhoIsNotInARoomFindsThatThereIsNone(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, guest := h.Person("Priya Anand", "DSC"), h.Person("Hannah Osei", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	s := New(h.Journal)
	for name, id := range map[string]incident.LogID{"foreign": room, "missing": incident.LogID(incident.RandomID())} {
		if _, err := s.Room(t.Context(), id, guest.Person, Query{Text: "x"}); incident.FaultOf(err) != incident.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	h.Join(room, lead, guest, incident.Representative, incident.Full)
	h.Say(room, lead, "zebra")
	if f, err := s.Room(t.Context(), room, guest.Person, Query{Text: "zebra"}); err != nil || len(f.Hits) != 1 {
		t.Fatalf("as a member: %v, %v", roots(f), err)
	}
	at, _ := h.Journal.Room(t.Context(), room)
	h.Must(h.Do(room, lead, command.RemoveMember{Root: at.Member(guest.Person).Root}))
	if _, err := s.Room(context.Background(), room, guest.Person, Query{Text: "zebra"}); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("after the removal: %v", err)
	}
	if f, err := s.All(t.Context(), guest.Person, Query{Text: "zebra"}, ""); err != nil || len(f.Hits) != 0 {
		t.Errorf("in all rooms after the removal: %v, %v", f.Hits, err)
	}
	if f, err := s.All(t.Context(), lead.Person, Query{Text: "zebra"}, "nonsense"); err != nil || len(f.Hits) != 1 {
		t.Errorf("with a cursor that is none: %v, %v", f.Hits, err)
	}
}

func TestAPersonIsFoundByNameAcrossRoomsWhereTheRosterShowsIt(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, one, two := h.Person("Priya Anand", "DSC"), h.Person("Hannah Osei", "X1N"), h.Person("Alan Whitcombe", "X2E")
	said := map[incident.LogID]incident.Seq{}
	shown := map[incident.LogID]bool{}
	for roster, names := range map[incident.Roster]bool{incident.RosterNames: true, incident.RosterOrganisations: false, incident.RosterHosts: false} {
		room := h.OpenRoom(lead, incident.ModeIncident, roster)
		h.Join(room, lead, one, incident.Representative, incident.Full)
		h.Join(room, lead, two, incident.Representative, incident.Full)
		h.Say(room, lead, "said by the lead")
		said[room], shown[room] = h.Say(room, two, "said by a guest"), names
	}
	search := func(who incident.Actor, name string) map[incident.LogID]RoomHit {
		f, err := New(h.Journal).All(t.Context(), who.Person, Query{Author: name, Noun: "message"}, "")
		if err != nil {
			t.Fatal(err)
		}
		found := map[incident.LogID]RoomHit{}
		for _, hit := range f.Hits {
			found[hit.Room] = hit
		}
		return found
	}
	hosts, guests := search(lead, "whitcombe ALAN"), search(one, "whitcombe")
	for room, seq := range said {
		if hosts[room].Seq != seq || hosts[room].By != "Alan Whitcombe" {
			t.Errorf("a host finds %+v, want entry %d by name", hosts[room], seq)
		}
		if _, found := guests[room]; found != shown[room] {
			t.Errorf("a guest finds another guest by name: %v, want %v", found, shown[room])
		}
	}
	all, err := New(h.Journal).All(t.Context(), one.Person, Query{Text: "guest"}, "")
	if err != nil || len(all.Hits) != 3 {
		t.Fatalf("%d hits, %v", len(all.Hits), err)
	}
	for _, hit := range all.Hits {
		if named := hit.By != ""; named != shown[hit.Room] {
			t.Errorf("a hit names its author: %v, want %v", named, shown[hit.Room])
		}
	}
}
