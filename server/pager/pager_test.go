package pager_test

import (
	"context"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/pager"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// world is a room with its lead, and two people of the hosts who can be asked.
type world struct {
	*servertest.House
	room                   incident.LogID
	lead, director, deputy incident.Actor
}

func newWorld(t *testing.T) *world {
	h := servertest.NewHouse(t)
	w := &world{House: h, lead: h.Person("Ada Lead", "DSC"), director: h.Person("Dee Director", "DSC"), deputy: h.Person("Nat Deputy", "NCSC")}
	w.room = h.OpenRoom(w.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(w.room, w.lead, w.director, incident.Liaison, incident.Full)
	h.Join(w.room, w.lead, w.deputy, incident.Liaison, incident.Full)
	return w
}

func (w *world) ask(minutes int, who ...incident.Actor) incident.Seq {
	w.T.Helper()
	c := command.RequestEscalation{Condition: incident.DisconnectNetwork, SBAR: incident.SBAR{Situation: "s", Recommendation: "r"},
		Row: incident.MatrixRow{Condition: incident.DisconnectNetwork, Tier: incident.Strategic, Minutes: minutes}}
	for _, p := range who {
		c.Chain = append(c.Chain, incident.Step{Person: p.Person, Name: p.Name, Org: p.Orgs[0], Tier: incident.Strategic, Way: incident.ByRota})
	}
	return w.Must(w.Do(w.room, w.lead, c)).Seq
}

func TestADueTimerPassesAnEscalationToTheNextAndThenAlarmsBothHosts(t *testing.T) {
	w := newWorld(t)
	root := w.ask(0, w.director, w.deputy)
	ctx, stop := context.WithCancel(t.Context())
	fired := make(chan time.Duration, 8)
	done := make(chan struct{})
	p := pager.New(pager.Options{Pool: w.DB.Writer, Journal: w.Journal, Fired: func(_ incident.LogID, _ []*incident.Event, late time.Duration) { fired <- late }})
	go func() { defer close(done); p.Run(ctx) }()
	for range 2 {
		<-fired
	}
	stop()
	<-done
	room, err := w.Journal.Room(t.Context(), w.room)
	if err != nil {
		t.Fatal(err)
	}
	if e := room.Escalation(root); e == nil || e.State != incident.EscalationIsSilent || e.Step != 2 || len(room.Timers()) != 0 {
		t.Fatalf("%+v, timers %v", e, room.Timers())
	}
	w.Must(w.Do(w.room, w.director, command.AcceptEscalation{Root: root, Rationale: "late, and yes", Seen: room.Head}))
}
