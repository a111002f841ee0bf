package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/servertest"
)

// superuser runs statements past every wall, as someone at the database's
// console could.
func superuser(t *testing.T, h *servertest.House, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, s := range statements {
		if _, err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func fold(t *testing.T, j *journal.Journal, id incident.LogID) string {
	t.Helper()
	room, err := j.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(room)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func longRoom(t *testing.T, entries int) (*servertest.House, incident.Actor, incident.LogID) {
	h := servertest.NewHouse(t)
	lead := h.Person("Priya Anand", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, h.Person("Dr Hannah Osei", "X1N"), incident.Representative, incident.FromJoin)
	book := h.Must(h.Do(id, lead, command.OpenBook{Maker: 2, Signal: "A raised hand"})).Seq
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for i := range entries / 32 {
				var say command.Command = command.PostMessage{Text: fmt.Sprint(w, "/", i)}
				if i%3 == 0 {
					say = command.WriteLine{Book: book, Text: fmt.Sprint(w, "/", i)}
				}
				if _, err := h.Do(id, lead, say); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return h, lead, id
}

func TestAFoldFromASnapshotIsTheFoldFromEntryOne(t *testing.T) {
	defer journal.FoldEvery(200)()
	h, lead, id := longRoom(t, 480)
	h.Must(h.Do(id, lead, command.PinEntry{Root: 10}))
	h.Must(h.Do(id, lead, command.TightenEntry{Root: 7, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}}))
	h.Must(h.Do(id, lead, command.CloseBook{Root: 7}))
	want := fold(t, h.Journal, id)
	if h.Journal.Folds() == 0 {
		t.Fatal("no snapshot was stored")
	}
	if got := fold(t, h.Node(), id); got != want {
		t.Errorf("from the snapshot and the tail:\n%s\nwant\n%s", got, want)
	}
	superuser(t, h, `DELETE FROM fold`)
	if got := fold(t, h.Node(), id); got != want {
		t.Errorf("from entry 1:\n%s\nwant\n%s", got, want)
	}
	h.CheckLog(id)
}

func TestADatabaseBehindTheFoldIsARestoreAndIsNotWrittenTo(t *testing.T) {
	h, lead, id := longRoom(t, 64)
	room, _ := h.Journal.Room(t.Context(), id)
	last := room.Head
	superuser(t, h,
		fmt.Sprintf(`DELETE FROM leaf WHERE log = '%s' AND seq = %d`, id, last),
		fmt.Sprintf(`DELETE FROM opening WHERE log = '%s' AND seq = %d`, id, last),
		fmt.Sprintf(`UPDATE log SET size = %d WHERE id = '%s'`, last, id))
	for _, j := range []*journal.Journal{h.Journal, h.Node()} { // the one that had seen more, and one that had not
		_, err := j.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "after the restore"})
		if incident.FaultOf(err) != incident.Conflict {
			t.Fatalf("writing to a restored log: %v, want conflict", err)
		}
		if _, err := j.Room(t.Context(), id); err != nil {
			t.Fatalf("reading it: %v", err)
		}
	}
	var size int64
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), `SELECT size FROM log WHERE id = $1`, string(id)).Scan(&size); err != nil || size != int64(last) {
		t.Fatalf("the log has %d entries after the restore, want %d: %v", size, last, err)
	}
}

func TestALogThatOthersWentOnWithAfterARestoreIsNotWrittenTo(t *testing.T) {
	h, lead, id := longRoom(t, 64)
	room, _ := h.Journal.Room(t.Context(), id)
	last := room.Head
	superuser(t, h, `CREATE TABLE was AS SELECT * FROM log`)
	h.Say(id, lead, "before the restore")
	superuser(t, h, // the database is put back by one entry, under a node that has seen it
		fmt.Sprintf(`DELETE FROM leaf WHERE log = '%s' AND seq > %d`, id, last),
		fmt.Sprintf(`DELETE FROM opening WHERE log = '%s' AND seq > %d`, id, last),
		fmt.Sprintf(`DELETE FROM root WHERE log = '%s' AND seq > %d`, id, last),
		`UPDATE log SET size = was.size, frontier = was.frontier FROM was WHERE log.id = was.id`, `DROP TABLE was`)
	other := h.Node()
	for _, text := range []string{"another past", "and more of it"} {
		h.Must(other.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: text}))
	}
	_, err := h.Do(id, lead, command.PostMessage{Text: "after the restore"})
	if incident.FaultOf(err) != incident.Conflict {
		t.Fatalf("writing to a log with another past: %v, want conflict", err)
	}
	if all, err := h.Journal.Broken(t.Context(), id); err != nil || len(all) != 1 {
		t.Fatalf("found: %v, %v", all, err)
	} else if b := all[id]; b.State != "different" || b.Held != uint64(last)+2 || b.Root == b.Other {
		t.Fatalf("found: %+v", b)
	}
	if _, err := other.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "no further"}); incident.FaultOf(err) != incident.Conflict {
		t.Fatalf("the other node writes on: %v", err)
	}
}

func TestNoRoleOfTheServerCanChangeOrDeleteARecord(t *testing.T) {
	h, _, id := longRoom(t, 32)
	for role, pool := range map[string]*pgxpool.Pool{"the writer": h.DB.Writer, "the reader": h.DB.Reader} {
		for _, table := range []string{"leaf", "opening", "command_key", "root", "member"} {
			for _, s := range []string{"DELETE FROM %s", "UPDATE %s SET log = log", "TRUNCATE %s", "ALTER TABLE %s DISABLE ROW LEVEL SECURITY", "DROP TABLE %s"} {
				tx, err := pool.Begin(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', 'writer', true), set_config('app.log', $1, true)`, string(id)); err != nil {
					t.Fatal(err)
				}
				if _, err := tx.Exec(t.Context(), fmt.Sprintf(s, table)); err == nil {
					t.Errorf(role+" may "+s, table)
				}
				tx.Rollback(context.Background())
			}
		}
	}
	h.CheckLog(id)
}

func TestWithoutAScopeEveryTableIsEmpty(t *testing.T) {
	h, _, _ := longRoom(t, 32)
	empty := func(pool *pgxpool.Pool, tables ...string) {
		for _, table := range tables {
			var n int
			if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s shows %d rows to nobody in particular: %v", table, n, err)
			}
		}
	}
	empty(h.DB.Writer, "log", "leaf", "opening", "command_key", "root", "member", "mention", "opened", "fold", "follower", "record", "record_entry")
	empty(h.DB.Reader, "leaf", "opening", "root", "member", "mention", "opened", "record", "record_entry")
}

func TestAPageEndsAtTheHeadHoweverFarAheadItIsAskedFor(t *testing.T) {
	h, lead, id := longRoom(t, 64)
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range []*journal.Journal{h.Journal, h.Node()} { // one that has the log in memory, one that has not
		for _, before := range []incident.Seq{0, room.Head + 1, room.Head + 2, 9_000_000} {
			rows, err := j.Page(t.Context(), id, lead.Person, journal.Query{Before: before, Limit: 3, Desc: true})
			if err != nil || len(rows) != 3 || incident.Seq(rows[0].Entry.Seq) != room.Head || incident.Seq(rows[2].Entry.Seq) != room.Head-2 {
				t.Errorf("before %d: %d rows, %v", before, len(rows), err)
			}
		}
		rows, err := j.Page(t.Context(), id, lead.Person, journal.Query{Before: 10, Limit: 3, Desc: true})
		if err != nil || len(rows) != 3 || rows[0].Entry.Seq != 9 {
			t.Errorf("before 10: %v", err)
		}
	}
}
