package assembly_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/incident"
)

// sessionRow is a session that was live when the backup was made.
const sessionRow = `INSERT INTO session (id, token, issuer, subject, sealed, acr, device, started, last_seen, expires)
	VALUES (repeat('a', 26), sha256('t'), 'health', sha256('s'), 'x', 'urn:wardroom:acr:mfa', 'A browser', now(), now(), now() + interval '1 hour')`

func ask(t *testing.T, db, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(db))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAServerOnADatabaseThatWasPutBackEndsEverySessionAndItsRecordGoesOnInANextSection(t *testing.T) {
	cfg := deployment(t)
	cfg.Checkpoints = filepath.Join(t.TempDir(), "checkpoints.jsonl")
	db := newDatabase(t)
	const live = `SELECT count(*) FROM session WHERE ended IS NULL`
	run := func(do func(*assembly.Server)) {
		t.Helper()
		s, err := assembly.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		do(s)
	}
	add := func(s *assembly.Server, code incident.OrgID) error {
		return s.Do(t.Context(), command.AddOrganisation{Organisation: incident.Organisation{Code: code, Name: "Northmoor NHS Trust", Type: incident.Acute, Issuer: "health"}})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	run(func(s *assembly.Server) {
		_, err := s.EnsureSystem(t.Context())
		must(err)
		must(s.ListKeys(t.Context()))
		must(s.Do(t.Context(), command.SetIssuer{Issuer: incident.IssuerSet{Key: "health", Name: "Health", URL: "http://127.0.0.1:1", Acr: "urn:wardroom:acr:mfa", StepUp: "urn:wardroom:acr:stepup"}}))
		must(add(s, "X1N"))
	})
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(db))
	must(err)
	_, err = conn.Exec(t.Context(), sessionRow)
	must(err)
	must(conn.Close(t.Context()))
	admin, err := pgx.Connect(t.Context(), cluster.SuperuserURL("postgres"))
	must(err)
	defer admin.Close(context.Background())
	_, err = admin.Exec(t.Context(), `CREATE DATABASE backup TEMPLATE `+pgx.Identifier{db}.Sanitize())
	must(err)

	// What the backup does not have, and the machine's own file knows of.
	run(func(s *assembly.Server) {
		must(add(s, "X2E"))
		must(s.Notary.Once(t.Context()))
	})
	if n := ask(t, db, live); n != 1 {
		t.Fatalf("%d sessions live before the restore", n)
	}
	cfg.DatabaseURL, cfg.ReaderURL = cluster.WriterURL("backup"), cluster.ReaderURL("backup")
	run(func(s *assembly.Server) {
		if n := ask(t, "backup", live); n != 0 {
			t.Errorf("%d sessions of the backup live again", n)
		}
		if err := add(s, "X3F"); incident.FaultOf(err) != incident.Conflict {
			t.Fatalf("writing to a record that is behind: %v, want conflict", err)
		}
		origin, err := s.ContinueSystem(t.Context())
		if err != nil || origin == "" {
			t.Fatalf("the next section: %q, %v", origin, err)
		}
		if again, err := s.ContinueSystem(t.Context()); err != nil || again != "" {
			t.Errorf("asked again: %q, %v", again, err)
		}
	})
	run(func(s *assembly.Server) {
		must(add(s, "X3F"))
		sys, err := s.Journal.System(t.Context())
		must(err)
		if _, ok := sys.Orgs["X1N"]; !ok || sys.Section != 2 {
			t.Errorf("section %d, organisations %v", sys.Section, sys.Orgs)
		}
		must(s.Notary.Once(t.Context())) // listed keys are listed in the next section too
	})
}
