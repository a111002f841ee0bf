package projection_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/projection"
	"wardroom/server/servertest"
)

// A plan is kept for as long as a connection lives: what is made while there
// are two logs must be good when there are thousands.
func TestByKeyMeansByIndexInASmallTableToo(t *testing.T) {
	db := servertest.Database(t)
	plan := func(enter func(projection.Scope, *pgx.Batch) *pgx.QueuedQuery) string {
		var lines []string
		b := &pgx.Batch{}
		enter(projection.House(), b)
		b.Queue(`EXPLAIN SELECT id, size FROM log WHERE id = ANY ((SELECT $1::text[])::text[])`, []string{"a", "b"}).Query(func(rows pgx.Rows) (err error) {
			lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
		if err := db.Writer.SendBatch(t.Context(), b).Close(); err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	root, err := pgx.Connect(t.Context(), db.Cluster.SuperuserURL(db.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close(context.Background())
	for _, sql := range []string{`INSERT INTO log (id, kind, origin, key) VALUES ('a', 'room', 'a', 'x'), ('b', 'room', 'b', 'x')`, `VACUUM ANALYZE log`} {
		if _, err := root.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if p := plan(projection.Scope.Enter); !strings.Contains(p, "Seq Scan") {
		t.Errorf("the test is blind: a table with two rows is read by index anyway\n%s", p)
	}
	if p := plan(projection.Scope.EnterByKey); !strings.Contains(p, "log_pkey") || strings.Contains(p, "Seq Scan") {
		t.Errorf("the table is read from end to end:\n%s", p)
	}
}
