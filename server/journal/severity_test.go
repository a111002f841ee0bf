package journal_test

import (
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// raceLowerings sends commands at once, each by its own actor and in turn to one of two
// nodes, and returns which went through; the others must have been refused
// because of what the first one did.
func raceLowerings(t *testing.T, nodes []*journal.Journal, h *servertest.House, room incident.LogID, asks []ask) (won []int) {
	t.Helper()
	errs := make([]error, len(asks))
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i, a := range asks {
		wg.Go(func() {
			<-begin
			_, errs[i] = nodes[i%len(nodes)].Append(t.Context(), room, a.who, h.Key(), a.cmd)
		})
	}
	close(begin)
	wg.Wait()
	for i, err := range errs {
		if err == nil {
			won = append(won, i)
		} else if incident.FaultOf(err) != incident.Conflict {
			t.Errorf("%T: %v, want a conflict", asks[i].cmd, err)
		}
	}
	return won
}

type ask struct {
	who incident.Actor
	cmd command.Command
}

func TestLoweringsThatRaceHaveExactlyOneOutcome(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, deputy, liaison := h.Person("Priya Anand", "DSC"), h.Person("Dev Rao", "DSC"), h.Person("Rowan Ash", "DSC")
	ncsc := h.Person("Ewan Doyle", "NCSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(room, lead, deputy, incident.Deputy, incident.Full)
	h.Join(room, lead, liaison, incident.Liaison, incident.Full)
	h.Join(room, lead, ncsc, incident.Deputy, incident.Full)
	nodes := []*journal.Journal{h.Journal, h.Node()}
	stepped := func(a incident.Actor) incident.Actor { a.StepUp = time.Now(); return a }
	at := func() *incident.Room {
		r, err := h.Journal.Room(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	outcomes := map[int]int{}
	for range 25 {
		h.Must(h.Do(room, lead, command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 4}, Reason: "worse again"}))
		head := at().Head
		lower := func(to int) command.Command {
			return command.AskLowering{Scale: incident.NHSLevel, Grade: &incident.Grade{At: to}, Reason: "better", Seen: head}
		}
		won := raceLowerings(t, nodes, h, room, []ask{{liaison, lower(1)}, {liaison, lower(2)}, {liaison, lower(3)}})
		if len(won) != 1 {
			t.Fatalf("of three lowerings asked at once %v stand", won)
		}
		a := at().Operating(incident.NHSLevel)
		if a.Lowering == nil || a.Lowering.Grade.At != won[0]+1 || a.Grade.At != 4 {
			t.Fatalf("the one that stands is not the one that was answered: %+v", a)
		}
		head = at().Head
		won = raceLowerings(t, nodes, h, room, []ask{{stepped(lead), command.AgreeLowering{Root: a.Root, Seen: head}}, {ncsc, command.RefuseLowering{Root: a.Root, Seen: head}},
			{liaison, command.DropLowering{Root: a.Root, Seen: head}}, {stepped(deputy), command.AgreeLowering{Root: a.Root, Seen: head}}})
		if len(won) != 1 {
			t.Fatalf("agreeing, refusing and taking back at once: %v went through", won)
		}
		outcomes[won[0]]++
		after := at().Operating(incident.NHSLevel)
		want := 4
		if won[0] == 0 || won[0] == 3 {
			want = a.Lowering.Grade.At
		}
		if after.Lowering != nil || after.Grade.At != want {
			t.Fatalf("after %d went through: %+v, want level %d", won[0], after, want)
		}
	}
	t.Logf("who was first: %v", outcomes)
	h.CheckLog(room)
}

func TestRaisingWhileAnotherAgreesToLowerNeverEndsLowerThanWhatWasRaised(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, deputy, liaison := h.Person("Priya Anand", "DSC"), h.Person("Dev Rao", "DSC"), h.Person("Rowan Ash", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(room, lead, deputy, incident.Deputy, incident.Full)
	h.Join(room, lead, liaison, incident.Liaison, incident.Full)
	nodes := []*journal.Journal{h.Journal, h.Node()}
	lead.StepUp = time.Now()
	assess := func(n int) command.Command {
		return command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: n}, Reason: "x"}
	}
	for range 25 {
		h.Must(h.Do(room, deputy, assess(4)))
		r, _ := h.Journal.Room(t.Context(), room)
		a := r.Operating(incident.NHSLevel)
		h.Must(h.Do(room, liaison, command.AskLowering{Scale: incident.NHSLevel, Grade: &incident.Grade{At: 1}, Reason: "x", Seen: r.Head}))
		// Whichever is first, both see the other's work: raised again after the
		// lowering, or the question taken back by raising.
		raceLowerings(t, nodes, h, room, []ask{{lead, command.AgreeLowering{Root: a.Root, Seen: r.Head + 2}}, {deputy, assess(4)}})
		if r, _ = h.Journal.Room(t.Context(), room); r.Operating(incident.NHSLevel).Grade.At != 4 {
			t.Fatalf("it operates at %+v, and the deputy was told that it is at 4", r.Operating(incident.NHSLevel))
		}
	}
	h.CheckLog(room)
}
