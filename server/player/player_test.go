package player_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/player"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

func begin(t *testing.T) (*servertest.House, *player.Player, incident.LogID) {
	h := servertest.NewHouse(t)
	p, err := player.New(h.Journal, h.Steward, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Cast(t.Context()); err != nil {
		t.Fatal(err)
	}
	room, err := p.Begin(t.Context(), "demonstration")
	if err != nil {
		t.Fatal(err)
	}
	return h, p, room
}

func member(t *testing.T, room *incident.Room, name string) *incident.Member {
	for _, m := range room.Members {
		if m.Seat.Name == name && m.Number != 0 {
			return m
		}
	}
	t.Fatalf("%s is not in the room", name)
	return nil
}

func TestTheRoomStandsAt1610WithOneRedStubForTheTrustsCISO(t *testing.T) {
	h, p, id := begin(t)
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2017, 5, 12, 15, 10, 0, 0, time.UTC)
	if !room.Clock.Paused || !room.Clock.Exercise.Equal(want) || room.Mode != incident.ModeExercise || room.Reference[:3] != "EX-" {
		t.Fatalf("clock %v paused %v, %s %s", room.Clock.Exercise, room.Clock.Paused, room.Mode, room.Reference)
	}
	ciso := member(t, room, "Dr Hannah Osei")
	rows, err := h.Journal.Page(t.Context(), id, ciso.Person, journal.Query{})
	if err != nil {
		t.Fatal(err)
	}
	stubs, facts := 0, 0
	for _, r := range rows {
		seen := policy.View(room, ciso, r.Sight, r.Entry)
		if seen.Form() == policy.Stub {
			stubs++
		} else if e := seen.Event(); e != nil && e.Kind == "inject.given" {
			facts++
		}
	}
	if stubs != 1 || facts < 20 {
		t.Errorf("the CISO sees %d stubs and %d facts of the record, want one stub", stubs, facts)
	}
	h.CheckLog(id)
	if again, err := p.Begin(t.Context(), "demonstration"); err != nil || again != id {
		t.Errorf("begun again: %v %v", again, err)
	}
	if now, _ := h.Journal.Room(t.Context(), id); now.Head != room.Head {
		t.Errorf("beginning again wrote entries %d to %d", room.Head+1, now.Head)
	}
}

func TestContinuingPlaysEveryItemOnceAlsoWhenTwoPlayersPlay(t *testing.T) {
	h, p, id := begin(t)
	other, err := player.New(h.Node(), h.Steward, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	room, _ := h.Journal.Room(t.Context(), id)
	lead := incident.Actor{Person: member(t, room, "Priya Anand").Person}
	stood := make(chan struct{})
	var once bool
	_, cancel, err := h.Journal.Watch(t.Context(), id, func(g *journal.Group) {
		if g.Room.Lifecycle == incident.StoodDown && !once {
			once = true
			close(stood)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{}, 2)
	for _, x := range []*player.Player{p, other} {
		go func() { x.Run(ctx); done <- struct{}{} }()
	}
	// The script's week at an hour a second would take minutes; its clock may
	// be set forward instead.
	if _, err := h.Do(id, lead, command.SetClock{At: time.Date(2017, 5, 19, 16, 29, 0, 0, time.UTC), Factor: 3600}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-stood:
	case <-time.After(60 * time.Second):
		t.Fatal("the exercise was not played to its end")
	}
	stop()
	<-done
	<-done
	h.CheckLog(id)
	facts := 0
	rows, err := h.Journal.Page(t.Context(), id, lead.Person, journal.Query{})
	if err != nil {
		t.Fatal(err)
	}
	room, _ = h.Journal.Room(t.Context(), id)
	texts := map[string]int{}
	for _, r := range rows {
		e := policy.View(room, room.Member(lead.Person), r.Sight, r.Entry).Event()
		if e == nil {
			continue
		}
		switch b := e.Body.(type) {
		case *incident.InjectGiven:
			facts++
		case *incident.MessagePosted:
			texts[b.Text]++
			if !b.Invented {
				t.Errorf("entry %d is not marked as invented", e.Seq)
			}
		}
	}
	for text, n := range texts {
		if n != 1 {
			t.Errorf("posted %d times: %.60q", n, text)
		}
	}
	if facts < 56 || facts > 65 {
		t.Errorf("%d facts of the public record were played, want 56 by the stand-down and at most 65", facts)
	}
}
