package steward_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/servertest"
	"wardroom/server/steward"
)

// A backup may have been made between a room's registration and its opening;
// what is restored from it has fewer entries than were signed for.
func TestARoomThatIsReadOnlyDoesNotKeepTheNextFromBeingFinished(t *testing.T) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	_, shut := register(t, h, lead)
	if err := h.Journal.Create(t.Context(), incident.AccessLog, shut.Access, shut.Room); err != nil {
		t.Fatal(err)
	}
	if err := h.Journal.Create(t.Context(), incident.RoomLog, shut.Room, ""); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `UPDATE log SET guard = 'behind', guard_at = clock_timestamp(), guard_size = size + 1, guard_root = decode(repeat('00', 32), 'hex') WHERE id IN ($1, $2)`,
		string(shut.Room), string(shut.Access)); err != nil {
		t.Fatal(err)
	}
	_, next := register(t, h, lead)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- steward.New(h.Node()).Run(ctx) }()
	await(t, ctx, h, next.Room)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
