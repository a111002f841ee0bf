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

func TestMain(m *testing.M) { servertest.Main(m) }

// register is the first half of opening a room.
func register(t *testing.T, h *servertest.House, lead incident.Actor) (incident.Seq, *incident.RoomRegistered) {
	t.Helper()
	r := h.Must(h.Journal.Append(t.Context(), h.Journal.SystemLog(), lead, h.Key(), command.RegisterRoom{Title: "Ransomware at several trusts",
		Mode: incident.ModeIncident, Roster: incident.RosterNames, Org: "DSC", Report: incident.Methane{Type: "Ransomware"},
		Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID())}))
	return r.Seq, r.Events[0].Body.(*incident.RoomRegistered)
}

func TestARoomIsOpenedOnceHoweverOftenAndByWhomItIsFinished(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	seq, reg := register(t, h, lead)
	stewards := []*steward.Steward{h.Steward, steward.New(h.Node()), steward.New(h.Node())}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			if err := stewards[i%3].Finish(context.Background(), seq, reg); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h.CheckLog(reg.Room)
	if n := len(h.Truth(reg.Room).Entries); n != 5 {
		t.Errorf("the room has %d entries, want 5: genesis, opened, its opener, the rules, the report", n)
	}
	if n := len(h.Truth(reg.Access).Entries); n != 1 {
		t.Errorf("its access log has %d entries, want its genesis", n)
	}
	if id, err := h.Journal.AccessOf(t.Context(), reg.Room); err != nil || id != reg.Access {
		t.Errorf("the access log is %q (%v), want %q", id, err, reg.Access)
	}
}

func TestAnOpeningThatACrashCutShortIsFinishedByTheFollower(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	_, early := register(t, h, lead)
	seq, half := register(t, h, lead) // this one got as far as its logs' rows
	if err := h.Journal.Create(t.Context(), incident.AccessLog, half.Access, half.Room); err != nil {
		t.Fatal(err)
	}
	if err := h.Journal.Create(t.Context(), incident.RoomLog, half.Room, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Journal.Room(t.Context(), half.Room); incident.FaultOf(err) != incident.NotFound {
		t.Errorf("a room that is not finished is answered %v, want not found", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	done := make(chan error, 2)
	for range 2 { // two nodes follow
		go func() { done <- steward.New(h.Node()).Run(ctx) }()
	}
	for _, id := range []incident.LogID{early.Room, half.Room} {
		await(t, ctx, h, id)
	}
	cancel()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := h.Steward.Finish(t.Context(), seq, half); err != nil {
		t.Error(err)
	}
	for _, id := range []incident.LogID{early.Room, half.Room} {
		if n := len(h.Truth(id).Entries); n != 5 {
			t.Errorf("room %s has %d entries, want 5", id, n)
		}
		h.CheckLog(id)
	}
}

func TestAnOpeningAtASeverityIsFinishedWithWhomItCallsInOnce(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	called := incident.OnCall{Invitation: incident.RandomID(), Issuer: "ncsc", Seat: command.CallSeat(incident.Person{Name: "Ewan Doyle"}, servertest.Org("NCSC"))}
	r := h.Must(h.Journal.Append(t.Context(), h.Journal.SystemLog(), lead, h.Key(), command.RegisterRoom{Title: "Ransomware at several trusts",
		Mode: incident.ModeIncident, Roster: incident.RosterNames, Org: "DSC", Report: incident.Methane{Type: "Ransomware"},
		Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID()), OnCall: []incident.OnCall{called},
		Severity: &incident.Opening{Scale: incident.NHSLevel, Grade: incident.Grade{At: 4}, Reason: "national"}}))
	reg := r.Events[0].Body.(*incident.RoomRegistered)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- steward.New(h.Node()).Run(ctx) }() // the request crashed: only the follower is left
	await(t, ctx, h, reg.Room)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := h.Steward.Finish(t.Context(), r.Seq, reg); err != nil { // the request, sent again
		t.Error(err)
	}
	room, err := h.Journal.Room(t.Context(), reg.Room)
	if err != nil {
		t.Fatal(err)
	}
	if a := room.Operating(incident.NHSLevel); a == nil || a.Grade.At != 4 || len(room.Called) != 1 || len(room.Members) != 2 || room.Members[1].Invitation != called.Invitation {
		t.Errorf("opened with %+v, called %v, %d members", a, room.Called, len(room.Members))
	}
	if n := len(h.Truth(reg.Room).Entries); n != 9 {
		t.Errorf("the room has %d entries, want 9", n)
	}
	h.CheckLog(reg.Room)
}

// await asks for the room until it is there; the follower gives no signal.
func await(t *testing.T, ctx context.Context, h *servertest.House, id incident.LogID) {
	t.Helper()
	for {
		if _, err := h.Journal.Room(ctx, id); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("room %s was never finished", id)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestAClosedRoomIsNotedInTheSystemLogOnceForEachTimeItCloses(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	ended := make(chan struct{}, 10)
	followed := make(chan error, 1)
	go func() {
		followed <- h.Journal.Follow(ctx, "the test", incident.SystemLog, func(_ context.Context, _ incident.LogID, e *incident.Event) error {
			if b, ok := e.Body.(*incident.RoomEnded); ok && b.Room == id {
				ended <- struct{}{}
			}
			return nil
		})
	}()
	done := make(chan error, 2)
	for range 2 {
		go func() { done <- steward.New(h.Node()).Run(ctx) }()
	}
	for range 2 {
		for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
			h.Must(h.Do(id, lead, command.MoveRoom{To: to}))
		}
		select {
		case <-ended:
		case <-ctx.Done():
			t.Fatal("the end of the room was never noted")
		}
		h.Must(h.Do(id, lead, command.ReopenRoom{}))
	}
	cancel()
	for range 2 {
		<-done
	}
	<-followed
	n := 0
	for _, e := range h.Truth(h.Journal.SystemLog()).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := event.Body.(*incident.RoomEnded); ok {
			n++
		}
	}
	if n != 2 {
		t.Errorf("two ends are noted %d times", n)
	}
	h.CheckLog(h.Journal.SystemLog())
}
