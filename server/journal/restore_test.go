package journal_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/ledger"
)

// super runs statements as the superuser, past all walls.
func (e *erasing) super(database string, statements ...string) {
	e.T.Helper()
	conn, err := pgx.Connect(context.Background(), e.DB.Cluster.SuperuserURL(database))
	if err != nil {
		e.T.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, s := range statements {
		if _, err := conn.Exec(context.Background(), s); err != nil {
			e.T.Fatalf("%s: %v", s, err)
		}
	}
}

// backup copies the database's files as they are now.
func (e *erasing) backup() (name string) {
	e.T.Helper()
	name = e.DB.Name + "_backup"
	e.super("postgres", `ALTER DATABASE `+e.DB.Name+` ALLOW_CONNECTIONS false`,
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+e.DB.Name+`'`,
		`CREATE DATABASE `+name+` TEMPLATE `+e.DB.Name, `ALTER DATABASE `+e.DB.Name+` ALLOW_CONNECTIONS true`)
	e.T.Cleanup(func() { e.super("postgres", `DROP DATABASE `+name+` WITH (FORCE)`) })
	return name
}

// restored is a server that starts on a database, with what it found.
func (e *erasing) restored(database string, l *ledger.File) (*journal.Journal, []string) {
	e.T.Helper()
	pools := e.Pools(database)
	j := journal.New(journal.Options{Writer: pools[0], Reader: pools[1], Vault: e.Vault, Deployment: e.Deployment, Ledger: l, Log: slog.New(slog.DiscardHandler), Poll: 50 * time.Millisecond})
	e.T.Cleanup(func() { j.Close(context.Background()) })
	said, err := j.Reapply(e.T.Context())
	if err != nil {
		e.T.Fatal(err)
	}
	return j, said
}

// A backup made before the erasure is restored: what was erased is erased again
// before anybody reads, and the log, which lacks the entry that says so, is shut
// with a sentence.
func TestARestoredBackupBringsNothingBack(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	root := e.ask(said)
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	backup := e.backup()
	e.must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	was := e.DB.Name
	e.DB.Name = backup
	defer func() { e.DB.Name = was }()
	if !strings.Contains(e.rows(), canary) {
		t.Fatal("the test is blind: the backup does not hold what was erased since")
	}
	j, sentences := e.restored(backup, e.Ledger)
	if strings.Contains(e.rows(), canary) {
		t.Fatal("the restored database still holds what was erased")
	}
	if all := strings.Join(sentences, "\n"); !strings.Contains(all, "has been erased again") || !strings.Contains(all, "restored from an older backup") {
		t.Fatalf("it says %q", sentences)
	}
	for what, err := range map[string]error{
		"the room": func() error { _, err := j.Room(t.Context(), e.id); return err }(),
		"a page":   func() error { _, err := j.Page(t.Context(), e.id, e.lead.Person, journal.Query{}); return err }(),
		"a change": func() error {
			_, err := j.Append(t.Context(), e.id, e.lead, e.Key(), command.PostMessage{Text: "x"})
			return err
		}(),
	} {
		if incident.FaultOf(err) != incident.Unavailable || !strings.Contains(err.Error(), "restored from a backup") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := j.System(t.Context()); err != nil {
		t.Errorf("another log is shut too: %v", err)
	}
	j.Unshut(e.id)
	if _, err := j.Room(t.Context(), e.id); err != nil {
		t.Errorf("opened again: %v", err)
	}
	// Again: nothing more to erase, the log is shut all the same.
	again, sentences := e.restored(backup, e.Ledger)
	if _, err := again.Room(t.Context(), e.id); err == nil || len(sentences) != 1 {
		t.Errorf("started again it says %q (%v)", sentences, err)
	}
}

// Only what an entry said is back, and the entry that erased it is there: it is
// erased again and the log goes on.
func TestAnOpeningThatCameBackIsErasedAgainAndTheLogGoesOn(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	e.super(e.DB.Name, `CREATE TABLE kept AS SELECT * FROM opening WHERE seq = `+itoa(said))
	e.erase(said)
	e.super(e.DB.Name, `UPDATE opening o SET sealed = k.sealed FROM kept k WHERE o.log = k.log AND o.seq = k.seq AND o.log = '`+string(e.id)+`'`, `DROP TABLE kept`)
	if !strings.Contains(e.Unsealed(e.id), canary) {
		t.Fatal("the test is blind")
	}
	j, sentences := e.restored(e.DB.Name, e.Ledger)
	if strings.Contains(e.Unsealed(e.id), canary) || len(sentences) != 1 {
		t.Fatalf("it is still there; it says %q", sentences)
	}
	if _, err := j.Append(t.Context(), e.id, e.lead, e.Key(), command.PostMessage{Text: "on"}); err != nil {
		t.Fatal(err)
	}
	e.CheckLog(e.id)
}

// attach sends a file of more than one chunk, attached to an entry of its own.
func (e *erasing) attach(who incident.Actor, content string) incident.Seq {
	e.T.Helper()
	ctx := e.T.Context()
	s := blob.New(blob.Options{Writer: e.DB.Writer, Reader: e.DB.Reader, Vault: e.Vault})
	u, err := s.Begin(ctx, e.id, who.Person, "patients.csv", int64(len(content)))
	for n := 0; err == nil && n*blob.Chunk < len(content); n++ {
		_, err = s.Put(ctx, e.id, who.Person, u.ID, n, []byte(content[n*blob.Chunk:min(len(content), (n+1)*blob.Chunk)]))
	}
	if err != nil {
		e.T.Fatal(err)
	}
	files, err := s.Take(ctx, e.id, who.Person, []incident.BlobID{u.ID})
	if err != nil {
		e.T.Fatal(err)
	}
	return e.must(who, command.PostMessage{Attachments: files})
}

// content is how many rows there are of content that is attached to something.
func (e *erasing) content(database string) (n int) {
	e.T.Helper()
	conn, err := pgx.Connect(context.Background(), e.DB.Cluster.SuperuserURL(database))
	if err != nil {
		e.T.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), `SELECT (SELECT count(*) FROM blob_chunk) + (SELECT count(*) FROM blob) + (SELECT count(*) FROM attachment)`).Scan(&n); err != nil {
		e.T.Fatal(err)
	}
	return n
}

// An attachment that was erased does not come back with a backup: neither with
// the whole database as it was before, nor when only the tables of content are
// restored beside entries that say nothing of it any more.
func TestARestoredBackupBringsNoAttachmentBack(t *testing.T) {
	e := newErasing(t)
	said := e.attach(e.sam, strings.Repeat("x", blob.Chunk+9))
	kept := e.attach(e.sam, "another's")
	root := e.ask(said)
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	backup := e.backup()
	for _, table := range []string{"blob", "blob_chunk", "attachment"} {
		e.super(e.DB.Name, `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table)
	}
	e.must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	const other = 3 // one chunk, its blob, its attachment
	if n := e.content(e.DB.Name); n != other {
		t.Fatalf("erased, and %d rows of content stand, want %d", n, other)
	}
	for what, database := range map[string]string{"the whole database": backup, "the tables of content": e.DB.Name} {
		if database == e.DB.Name {
			e.super(database, `INSERT INTO blob SELECT * FROM kept_blob ON CONFLICT DO NOTHING`, `INSERT INTO blob_chunk SELECT * FROM kept_blob_chunk ON CONFLICT DO NOTHING`,
				`INSERT INTO attachment SELECT * FROM kept_attachment ON CONFLICT DO NOTHING`)
		}
		if n := e.content(database); n != other+4 {
			t.Fatalf("%s: the test is blind: %d rows of content before the server starts", what, n)
		}
		_, sentences := e.restored(database, e.Ledger)
		if n := e.content(database); n != other || !strings.Contains(strings.Join(sentences, " "), "has been erased again") {
			t.Errorf("%s restored: %d rows of content stand, want %d; it says %q", what, n, other, sentences)
		}
		if _, sentences := e.restored(database, e.Ledger); strings.Contains(strings.Join(sentences, " "), "has been erased again") {
			t.Errorf("%s: nothing is left to erase, and it says %q", what, sentences)
		}
	}
	truth := e.Truth(e.id)
	if truth.Entries[kept].Part != nil || truth.Entries[said].Part == nil {
		t.Error("the entry was not erased from, or another was")
	}
	for _, entry := range truth.Entries {
		if err := entry.Check(truth.Origin); err != nil {
			t.Error(err)
		}
	}
}

// A crash between the commit and the ledger's word that it was done, and one
// before the commit: the log decides.
func TestWhatTheLedgerOnlyIntendedTheLogDecides(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	e.erase(said)
	all := e.Ledger.Entries()
	if len(all) != 1 || all[0].Did != ledger.Done {
		t.Fatalf("the ledger says %+v", all)
	}
	l, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	never := all[0].Erasure
	never.Entry, never.Event, never.Leaf = never.Entry-1, never.Event+1, "ab"
	if err := l.Intend([]ledger.Erasure{all[0].Erasure, never}); err != nil {
		t.Fatal(err)
	}
	_, sentences := e.restored(e.DB.Name, l)
	if got := l.Entries(); len(sentences) != 0 || got[0].Did != ledger.Done || got[1].Did != ledger.Void {
		t.Fatalf("it says %q, the ledger %+v", sentences, got)
	}
	// And a server whose ledger knows nothing is told by the log.
	other, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	e.restored(e.DB.Name, other)
	if got := other.Entries(); len(got) != 1 || got[0].Did != ledger.Done || got[0].Leaf != all[0].Leaf {
		t.Fatalf("another server's ledger says %+v", got)
	}
}
