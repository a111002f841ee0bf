package assembly_test

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/schema"
	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// newer is the schema of a later program: what it expands, fills and, a release
// later, takes away, on the tables that every entry writes to. A migration takes
// them in the order in which a writer does, the log's first: the other way round
// each would wait for what the other holds, until the migration gives way.
func newer(t *testing.T) (expanded, contracted fstest.MapFS) {
	t.Helper()
	expanded, contracted = fstest.MapFS{}, fstest.MapFS{}
	names, err := fs.Glob(schema.Migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	add := func(name, text string) {
		contracted[name] = &fstest.MapFile{Data: []byte(text)}
		if !strings.Contains(name, "contract") {
			expanded[name] = contracted[name]
		}
	}
	for _, n := range names {
		b, err := schema.Migrations.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		add(n, string(b))
	}
	add("9001_expand.sql", `-- +goose Up
ALTER TABLE log ADD COLUMN later text;
ALTER TABLE log ADD CONSTRAINT later_short CHECK (length(later) < 9) NOT VALID;
ALTER TABLE opening ADD COLUMN later text;
ALTER TABLE root ADD COLUMN later bigint NOT NULL DEFAULT 0;`)
	add("9002_fill.sql", `-- +goose Up
ALTER TABLE log NO FORCE ROW LEVEL SECURITY;
UPDATE log SET later = 'x';
ALTER TABLE log VALIDATE CONSTRAINT later_short;
ALTER TABLE log FORCE ROW LEVEL SECURITY;`)
	add("9003_index.sql", `-- +goose NO TRANSACTION
-- +goose Up
DROP INDEX CONCURRENTLY IF EXISTS opening_later; -- of a run that others' locks cut short
CREATE INDEX CONCURRENTLY opening_later ON opening (log, later);`)
	add("9004_contract.sql", `-- +goose Up
ALTER TABLE log DROP COLUMN later;
ALTER TABLE opening DROP COLUMN later;
ALTER TABLE root DROP COLUMN later;`)
	return expanded, contracted
}

// People write while the database is brought to a later version, and somebody
// else reads a table for long, as a backup does. The migration waits for that
// reader, and nobody waits for the migration: without a bound on its wait for a
// lock, each of them would stand behind it for as long as the reader reads.
func TestADatabaseIsMigratedWhilePeopleWrite(t *testing.T) {
	const holds = 6 * time.Second
	db := &servertest.DB{Cluster: cluster, Name: migrated(t)}
	for pool, url := range map[**pgxpool.Pool]string{&db.Writer: cluster.WriterURL(db.Name), &db.Reader: cluster.ReaderURL(db.Name)} {
		p, err := pgxpool.New(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		*pool = p
	}
	h := servertest.NewHouseOn(t, db, "wardroom.test")
	lead := h.Person("Priya Anand", "DSC")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var writers sync.WaitGroup
	var written, longest atomic.Int64
	for range 4 {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				began := time.Now()
				if _, err := h.Journal.Append(context.Background(), room, lead, h.Key(), command.PostMessage{Text: fmt.Sprint("entry ", n)}); err != nil {
					t.Errorf("writing during a migration: %v", err)
					return
				}
				took := int64(time.Since(began))
				for old := longest.Load(); took > old && !longest.CompareAndSwap(old, took); old = longest.Load() {
				}
				written.Add(1)
				time.Sleep(time.Millisecond)
			}
		})
	}
	reading := make(chan struct{})
	var beside atomic.Int64 // entries of the second half of the time that the reader reads
	writers.Go(func() {
		half := func() { beside.Store(-written.Load()) }
		if err := longRead(cluster.SuperuserURL(db.Name), reading, holds, half); err != nil {
			t.Error(err)
		}
		beside.Add(written.Load())
	})
	<-reading
	expanded, contracted := newer(t)
	began := time.Now()
	if _, err := assembly.MigrateWith(t.Context(), cluster.OwnerURL(db.Name), expanded, schema.Oldest); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < holds/2 {
		t.Errorf("the test is blind: the migration took %v beside a reader of %v", took, holds)
	}
	// A node of this program, which is the older one now, starts and writes.
	expect(t, found(t, db.Name, false), "")
	old := h.Node()
	for range 3 {
		if _, err := old.Append(t.Context(), room, lead, h.Key(), command.PostMessage{Text: "from a node of the version before"}); err != nil {
			t.Errorf("a node that started on the later schema: %v", err)
		}
	}
	if _, err := assembly.MigrateWith(t.Context(), cluster.OwnerURL(db.Name), contracted, 9001); err != nil {
		t.Fatal(err)
	}
	expect(t, found(t, db.Name, false), "on which programs from version 9001 on may run")
	stop()
	writers.Wait()
	t.Logf("%d entries, %d of them while the migration waited for the reader; the longest took %v", written.Load(), beside.Load(), time.Duration(longest.Load()))
	if beside.Load() < 3 {
		t.Errorf("%d entries were written while the migration waited for a reader: everybody stood behind it", beside.Load())
	}
	if written.Load() < 20 {
		t.Errorf("the test is blind: %d entries", written.Load())
	}
	h.CheckLog(room)
}

// longRead holds the table of openings as a reader does, and tells when half of
// its time is over.
func longRead(url string, reading chan<- struct{}, holds time.Duration, half func()) error {
	defer close(reading)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `BEGIN; SELECT count(*) FROM opening`); err != nil {
		return err
	}
	reading <- struct{}{}
	if _, err := conn.Exec(ctx, `SELECT pg_sleep($1)`, holds.Seconds()/2); err != nil {
		return err
	}
	half()
	_, err = conn.Exec(ctx, `SELECT pg_sleep($1)`, holds.Seconds()/2)
	return err
}

// A migration that takes something away says from which program on it may.
func TestAMigrationThatTakesAwaySaysWhoMayStillRun(t *testing.T) {
	takes := regexp.MustCompile(`(?i)\bDROP (TABLE|COLUMN)\b|\bRENAME\b|\bSET NOT NULL\b|\bALTER COLUMN \S+ TYPE\b`)
	says := regexp.MustCompile(`(?m)^-- Programs from (\d+) on\.$`)
	names, err := fs.Glob(schema.Migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		number, err := strconv.Atoi(n[:4])
		if err != nil || number <= 33 { // from before programs were let run on a later schema
			continue
		}
		b, err := schema.Migrations.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		up, _, _ := strings.Cut(string(b), "-- +goose Down")
		m := says.FindStringSubmatch(up)
		switch {
		case takes.MatchString(up) && m == nil:
			t.Errorf(`%s takes something away: say so in a line of its head, "-- Programs from N on.", and raise schema.Oldest to N`, n)
		case m != nil:
			if from, _ := strconv.Atoi(m[1]); schema.Oldest < from {
				t.Errorf("%s is for programs from %d on, and schema.Oldest is %d", n, from, schema.Oldest)
			}
		}
	}
}
