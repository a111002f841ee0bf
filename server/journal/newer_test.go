package journal_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// What a server of a later version wrote, this one does not serve without: it
// decides nothing more, tells its watchers, keeps no snapshot and shows a stub.
func TestALogThatGoesOnWithAnUnknownKindIsServedByOthers(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	room, other := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames), h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	watch := make(chan *journal.Group, 2000)
	_, cancel, err := h.Journal.Watch(t.Context(), room, func(g *journal.Group) { watch <- g })
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 98 { // close below the thousandth, where a snapshot would be kept
				h.Say(room, lead, "filler")
			}
		})
	}
	wg.Wait()
	last := h.Say(room, lead, "read by all")
	unknown := h.Newer(room, "hologram.shown", `{"secret":"what only later versions know how to keep"}`)
	if unknown != last+1 {
		t.Fatalf("it is entry %d", unknown)
	}
	limit := time.After(20 * time.Second)
	for newer := false; !newer; {
		select {
		case g := <-watch:
			newer = g.Newer
			if !newer && g.Last() > last {
				t.Fatalf("the watchers were given entry %d", g.Last())
			}
		case <-limit:
			t.Fatal("the watchers were not told")
		}
	}
	began := time.Now()
	for i := range 50 {
		_, err := h.Journal.Append(t.Context(), room, lead, h.Key(), command.PostMessage{Text: fmt.Sprint(i)})
		if incident.FaultOf(err) != incident.Unavailable || !strings.Contains(err.Error(), "renewed") {
			t.Fatalf("it says %v", err)
		}
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	if _, err := h.Journal.Room(t.Context(), room); incident.FaultOf(err) != incident.Unavailable {
		t.Errorf("the room as it stood before is served: %v", err)
	}
	if logs, system := h.Journal.Newer(); logs != 1 || system {
		t.Errorf("it counts %d, %v", logs, system)
	}
	// A node that starts afresh fares no better, and its page shows a stub.
	fresh := h.Node()
	if _, err := fresh.Room(t.Context(), room); incident.FaultOf(err) != incident.Unavailable {
		t.Errorf("a fresh node serves it: %v", err)
	}
	page, err := fresh.Page(t.Context(), room, lead.Person, journal.Query{After: last - 1})
	if err != nil || len(page) != 2 {
		t.Fatalf("%d rows, %v", len(page), err)
	}
	at, err := h.Journal.Room(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range page {
		seen := policy.View(at, at.Member(lead.Person), row.Sight, row.Entry)
		if want := i == 0; row.Entry.Given() != want || (seen.Form() != policy.Stub) != want {
			t.Errorf("row %d is given %v, form %v", i, row.Entry.Given(), seen.Form())
		}
		if strings.Contains(string(seen.AppendJSON(nil)), "secret") {
			t.Error("it shows what it cannot judge")
		}
	}
	// Nothing was lost, and the rest of the house goes on.
	if truth := h.Truth(room); len(truth.Entries) != int(unknown)+1 || truth.Size != uint64(unknown)+1 {
		t.Errorf("the log has %d entries", len(truth.Entries))
	}
	if n := h.Folds(room); n != 0 {
		t.Errorf("%d snapshots were kept", n)
	}
	h.Say(other, lead, "elsewhere all is well")
}

// A field that this version does not know is as much as a kind.
func TestALogThatGoesOnWithAnUnknownFieldIsServedByOthers(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Newer(room, "message.posted", `{"hologram":true,"text":"a message with more to it"}`)
	if _, err := h.Do(room, lead, command.PostMessage{Text: "x"}); incident.FaultOf(err) != incident.Unavailable || !strings.Contains(err.Error(), "renewed") {
		t.Fatalf("it says %v", err)
	}
}
