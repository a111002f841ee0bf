package steward_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
	"wardroom/server/steward"
)

// until runs two nodes' followers until a condition holds. They give no signal.
func until(t *testing.T, h *servertest.House, what string, holds func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- steward.New(h.Node()).Run(ctx) }()
	}
	for !holds(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: never", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func system(t *testing.T, h *servertest.House) *incident.System {
	t.Helper()
	sys, err := h.Journal.System(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sys
}

// count counts the entries of a log that are of the kind.
func count(t *testing.T, h *servertest.House, log incident.LogID, k incident.Kind) (n int) {
	t.Helper()
	for _, e := range h.Truth(log).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		if event.Kind == k {
			n++
		}
	}
	return n
}

func broughtOf(id string) *incident.ReportBrought {
	return &incident.ReportBrought{Report: id, Reference: "REP-ABCDEFG", Org: "X1N", OrgName: "Northmoor NHS Trust", Ethane: ethane(), Via: incident.ViaWeb}
}

func TestAReportThatWasBroughtIntoARoomBeforeACrashIsNotedOnce(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	id, err := filer(h)(sam, "X1N", incident.ViaWeb)
	if err != nil {
		t.Fatal(err)
	}
	log := h.Journal.SystemLog()
	bring := command.BringReport{Report: id, Brought: broughtOf(id), From: incident.LogRef{Log: log, Seq: 1}}
	r := h.Must(h.Do(room, lead, bring)) // and here the request dies
	if f := system(t, h).Filing(id); len(f.Rooms) != 0 {
		t.Fatalf("noted already: %+v", f)
	}
	until(t, h, "the report is noted as added", func(ctx context.Context) bool { return len(system(t, h).Filing(id).Rooms) == 1 })
	var wg sync.WaitGroup
	for range 6 { // the request, sent again and again on both nodes
		wg.Go(func() {
			if err := h.Steward.Brought(context.Background(), room, r.Events[0]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, h, log, "report.added"); n != 1 {
		t.Errorf("noted %d times", n)
	}
	if f := system(t, h).Filing(id); f.State != incident.FilingLooking {
		t.Errorf("a report in a room is %s", f.State)
	}
	_, err = h.Do(room, lead, bring)
	wantFault(t, "brought twice", err, incident.Conflict)
	_, err = h.Do(room, lead, command.BringReport{Report: incident.RandomID()})
	wantFault(t, "one that is not there", err, incident.Invalid)
	h.CheckLog(room)
	h.CheckLog(log)
}

func TestARoomThatIsOpenedOfAReportAndTheReportSayItInOneTransaction(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	id, err := filer(h)(sam, "X1N", incident.ViaWeb)
	if err != nil {
		t.Fatal(err)
	}
	open := func(mode incident.Mode) command.RegisterRoom {
		return command.RegisterRoom{Title: "Ransomware", Mode: mode, Roster: incident.RosterNames, Org: "DSC", Report: incident.Methane{Type: "Ransomware"},
			Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID()), Filed: id, Brought: broughtOf(id)}
	}
	log := h.Journal.SystemLog()
	_, err = h.Do(log, lead, open(incident.ModeExercise))
	wantFault(t, "an exercise of a report", err, incident.Invalid)
	h.Must(h.Do(log, lead, open(incident.ModeIncident))) // and here the request dies
	f := system(t, h).Filing(id)
	if !f.Opened || len(f.Rooms) != 1 || f.State != incident.FilingLooking {
		t.Fatalf("registered, and the report is %+v", f)
	}
	room := f.Rooms[0]
	_, err = h.Do(log, lead, open(incident.ModeIncident))
	wantFault(t, "a second room of it", err, incident.Conflict)
	until(t, h, "the room is open", func(ctx context.Context) bool {
		at, err := h.Journal.Room(ctx, room)
		return err == nil && len(at.Reports) == 1
	})
	if n := count(t, h, room, "report.brought"); n != 1 {
		t.Errorf("brought %d times", n)
	}
	time.Sleep(300 * time.Millisecond) // six looks of a follower, which must do nothing
	if n := count(t, h, log, "report.added"); n != 0 {
		t.Errorf("added %d times to the room that was opened of it", n)
	}
	h.CheckLog(room)
}

func TestALinkThatACrashCutShortStandsInBothRoomsOnceAndEndsInBoth(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, other := h.Person("Priya Anand", "DSC"), h.Person("Marcus Reid", "DSC")
	a, b := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames), h.OpenRoom(other, incident.ModeIncident, incident.RosterNames)
	exercise := h.OpenRoom(lead, incident.ModeExercise, incident.RosterNames)
	h.Join(b, other, lead, incident.Liaison, incident.Full)
	at := func(id incident.LogID) *incident.Room {
		room, err := h.Journal.Room(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		return room
	}
	_, err := h.Do(a, lead, command.LinkRoom{To: exercise, Other: at(exercise)})
	wantFault(t, "with an exercise", err, incident.Invalid)
	_, err = h.Do(a, lead, command.LinkRoom{To: a, Other: at(a)})
	wantFault(t, "with itself", err, incident.Invalid)
	_, err = h.Do(b, other, command.LinkRoom{To: a, Other: at(a)})
	wantFault(t, "by who is not in the other", err, incident.Invalid)
	_, err = h.Do(b, lead, command.LinkRoom{To: a, Other: at(a)})
	wantFault(t, "by who leads in neither", err, incident.Forbidden)
	linked := h.Must(h.Do(a, lead, command.LinkRoom{To: b, Other: at(b)})) // and here the request dies
	until(t, h, "the other room is linked", func(context.Context) bool { return at(b).Link(a) != nil })
	if err := h.Steward.Linked(t.Context(), a, linked.Events[0]); err != nil { // the request, sent again
		t.Error(err)
	}
	if l := at(b).Link(a); l.Reference != at(a).Reference || len(at(b).Links) != 1 || len(at(a).Links) != 1 {
		t.Errorf("in the other room: %+v", at(b).Links)
	}
	_, err = h.Do(a, lead, command.LinkRoom{To: b, Other: at(b)})
	wantFault(t, "linked twice", err, incident.Conflict)
	h.Must(h.Do(b, other, command.UnlinkRoom{Root: at(b).Link(a).Root})) // by the other room's lead
	until(t, h, "the link has ended in the first", func(context.Context) bool { return at(a).Link(b) == nil })
	for _, id := range []incident.LogID{a, b} {
		if n, m := count(t, h, id, "room.linked"), count(t, h, id, "room.unlinked"); n != 1 || m != 1 {
			t.Errorf("linked %d times and unlinked %d", n, m)
		}
		h.CheckLog(id)
	}
}
