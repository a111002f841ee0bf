package player_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/player"
	"wardroom/server/servertest"
)

// lines hands each line of a log on.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// shut is what the guard does to a log that is not what was signed for.
func shut(t *testing.T, h *servertest.House, log incident.LogID) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `UPDATE log SET guard = 'behind', guard_at = clock_timestamp(), guard_size = size + 1, guard_root = decode(repeat('00', 32), 'hex') WHERE id = $1`, string(log)); err != nil {
		t.Fatal(err)
	}
}

func TestAnExerciseWhoseSectionIsReadOnlyIsLeftAloneAndThatIsSaidOnce(t *testing.T) {
	h, _, id := begin(t)
	said := make(lines, 100)
	p, err := player.New(h.Journal, h.Steward, slog.New(slog.NewTextHandler(said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	lead := incident.Actor{Person: member(t, room, "Priya Anand").Person}
	h.Must(h.Do(id, lead, command.SetClock{At: room.Clock.Exercise.Time, Factor: 3600}))
	shut(t, h, id)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	defer func() { stop(); <-done }()
	select {
	case line := <-said:
		if !strings.Contains(line, "read-only") {
			t.Errorf("it was said: %s", line)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was said of it")
	}
	select {
	case line := <-said:
		t.Errorf("and once more: %s", line)
	case <-time.After(5 * time.Second): // a try that failed is made again after two
	}
}

func TestAnExerciseIsFoundAgainAfterTheDeploymentsRecordWentOnInANewSection(t *testing.T) {
	h, _, id := begin(t)
	was := h.Journal.SystemLog()
	shut(t, h, was)
	next := incident.LogID(incident.RandomID())
	if err := h.Journal.CreateNext(t.Context(), incident.SystemLog, next, "", was); err != nil {
		t.Fatal(err)
	}
	g := h.Journal.Genesis(incident.SystemLog, next, "")
	g.Section = 2
	h.Must(h.Journal.Append(t.Context(), next, incident.Actor{System: true}, h.Key(), command.OpenSystem{Genesis: g}))
	j := h.Node()
	again, err := player.New(j, h.Steward, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sys, err := j.System(t.Context())
	if err != nil || sys.ID != next {
		t.Fatalf("the record is %v, %v", sys.ID, err)
	}
	if err := again.Cast(t.Context()); err != nil {
		t.Fatal(err)
	}
	if room, err := again.Begin(t.Context(), "demonstration"); err != nil || room != id {
		t.Fatalf("begun again: %v, %v", room, err)
	}
	if now, _ := j.System(t.Context()); now.Head != sys.Head {
		t.Errorf("beginning again wrote %d entries into the deployment's record", now.Head-sys.Head)
	}
}
