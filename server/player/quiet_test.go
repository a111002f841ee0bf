package player_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/player"
	"wardroom/server/servertest"
)

// A node holds an exercise for its player only if there is a script to play in
// it; and finds that there is one whenever it is named, on whichever node.
func TestAnExerciseIsWatchedOnceItsScriptIsNamed(t *testing.T) {
	h := servertest.NewHouse(t)
	here, err := player.New(h.Journal, h.Steward, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := here.Cast(t.Context()); err != nil {
		t.Fatal(err)
	}
	lead := h.Person("Lead", "DSC")
	for range 3 {
		h.OpenRoom(lead, incident.ModeExercise, incident.RosterNames)
	}
	node := h.Node() // the rooms are older than what it remembers
	there, err := player.New(node, h.Steward, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = there.Run(ctx) }()
	defer func() { stop(); <-ended }()
	rooms := []incident.LogID{h.OpenRoom(lead, incident.ModeExercise, incident.RosterNames), h.OpenRoom(lead, incident.ModeExercise, incident.RosterNames)}
	clock := time.Date(2017, 5, 12, 9, 0, 0, 0, time.UTC)
	for range 16 { // looks of the player, and more
		for i, r := range rooms {
			h.Say(r, lead, "a word")
			if i == 0 { // a clock without a script
				clock = clock.Add(time.Minute)
				h.Must(h.Do(r, lead, command.SetClock{At: clock, Factor: 1}))
			}
		}
		time.Sleep(250 * time.Millisecond)
		if s := node.Stats(); s.Watched > 0 {
			t.Fatalf("%d exercises without a script are watched", s.Watched)
		}
	}

	id, err := here.Begin(t.Context(), "demonstration")
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(30 * time.Second); node.Stats().Watched != 1; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%d exercises are watched, and one has a script", node.Stats().Watched)
		}
	}
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	h.Must(h.Do(id, incident.Actor{Person: member(t, room, "Priya Anand").Person}, command.SetClock{At: room.Clock.Exercise.Time, Factor: 3600}))
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		now, err := h.Journal.Room(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if now.Head > room.Head+1 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the script is not played on")
		}
	}
}
