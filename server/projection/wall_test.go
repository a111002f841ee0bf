package projection_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

func denied(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501" // insufficient_privilege
}

// opens is a house in whose room a TLP:RED entry was written and opened.
func opens(t *testing.T) (h *servertest.House, room, access incident.LogID, red incident.Seq, people map[string]incident.Actor) {
	h = servertest.NewHouse(t)
	people = map[string]incident.Actor{
		"the lead":             h.Person("Priya Anand", "DSC"),
		"its author":           h.Person("Sam Okafor", "X1N"),
		"a colleague of his":   h.Person("Kim Lowe", "X1N"),
		"who opened it":        h.Person("Ellis Byrne", "X2E"),
		"an auditor":           h.Person("Rae Whitlock", "AUD"),
		"a host who leads not": h.Person("Ewan Doyle", "NCSC"),
		"who was removed":      h.Person("Alan Whitcombe", "X3F"),
		"who came back":        h.Person("Jo Marsh", "AUD"),
		"nobody of the room":   h.Person("Nia Fell", "X4S"),
	}
	lead := people["the lead"]
	room = h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	named := []incident.MemberNo{1}
	for _, who := range []string{"its author", "a colleague of his", "who opened it", "an auditor", "a host who leads not", "who was removed", "who came back"} {
		role := map[string]incident.Role{"an auditor": incident.Auditor, "who came back": incident.Auditor, "a host who leads not": incident.Liaison}[who]
		if role == "" {
			role = incident.Representative
		}
		n := h.Join(room, lead, people[who], role, incident.Full)
		if who != "a colleague of his" {
			named = append(named, n)
		}
	}
	red = h.Must(h.Do(room, people["its author"], command.PostMessage{Text: "x", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: named}})).Seq
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	sight, err := h.Journal.Sight(t.Context(), room, lead.Person, red)
	if err != nil {
		t.Fatal(err)
	}
	if access, err = h.Journal.AccessOf(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	opener := people["who opened it"]
	opener.StepUp = time.Now()
	h.Must(h.Do(access, opener, command.OpenEntry{Room: at, Sight: sight, Entry: red}))
	for _, who := range []string{"who was removed", "who came back"} {
		h.Must(h.Do(room, lead, command.RemoveMember{Root: at.Member(people[who].Person).Root, Reason: "moved on"}))
	}
	h.Join(room, lead, people["who came back"], incident.Observer, incident.Full) // as another member, whom the entry does not name
	return h, room, access, red, people
}

// The second wall on its own, against the first: policy.Receipts says the same.
func TestTheDatabaseTellsWhoOpenedAnEntryToThoseWhoMayKnow(t *testing.T) {
	h, room, _, red, people := opens(t)
	may := map[string]bool{"the lead": true, "its author": true, "a colleague of his": true, "an auditor": true}
	judge := func(entry incident.Seq) {
		t.Helper()
		at, err := h.Journal.Room(t.Context(), room)
		if err != nil {
			t.Fatal(err)
		}
		for name, who := range people {
			list, err := h.Journal.Opens(t.Context(), room, who.Person, entry)
			if err != nil {
				t.Fatal(err)
			}
			sight, err := h.Journal.Sight(t.Context(), room, who.Person, entry)
			if err != nil {
				t.Fatal(err)
			}
			if first := policy.Receipts(at, at.Member(who.Person), sight); first != may[name] || (len(list) == 1) != may[name] {
				t.Errorf("%s may know who opened it: %v; policy says %v and the database gives %d openings", name, may[name], first, len(list))
			}
		}
	}
	judge(red)
	// At the head: a lead who is no longer in the audience no longer knows.
	h.Must(h.Do(room, people["its author"], command.TightenEntry{Root: red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{2, 4}}}))
	delete(may, "the lead")
	judge(red)
	other := h.OpenRoom(people["the lead"], incident.ModeIncident, incident.RosterNames)
	h.Join(other, people["the lead"], people["its author"], incident.Representative, incident.Full)
	if list, err := h.Journal.Opens(t.Context(), other, people["its author"].Person, red); err != nil || len(list) != 0 {
		t.Errorf("another room's entry of that number was opened by %v, %v", list, err)
	}
}

// Who may know who had an item is one rule, whatever of the two ways it went and
// whichever audience it is for: also one for leads alone.
func TestTheDatabaseTellsWhoTookAnItemToThoseWhoMayKnow(t *testing.T) {
	h, room, access, _, people := opens(t)
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	item := h.Must(h.Do(room, people["its author"], command.PublishItem{Item: incident.Item{Title: "x", Text: "y"}})).Seq
	sight, err := h.Journal.Sight(t.Context(), room, people["the lead"].Person, item)
	if err != nil {
		t.Fatal(err)
	}
	h.Must(h.Do(access, people["who opened it"], command.ExportIntel{Room: at, Sights: []incident.Sight{sight}, Format: "csv"}))
	super := superuser(t, h)
	tell := func(sql string, args ...any) {
		t.Helper()
		if tag, err := super.Exec(t.Context(), sql, args...); err != nil || tag.RowsAffected() != 1 {
			t.Fatal(tag, err)
		}
	}
	tell(`INSERT INTO opened (log, entry, seq, member, at) VALUES ($1, $2, 999, 1, now())`, string(access), int64(item))
	for kind, audience := range map[string]incident.Audience{"room": {Kind: incident.ToRoom}, "hosts": {Kind: incident.ToHosts}, "leads": {Kind: incident.ToLeads},
		"named, without the lead": {Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}} {
		sight.Audience = audience
		tell(`UPDATE root SET audience = $3, orgs = $4 WHERE log = $1 AND seq = $2`, string(room), int64(item), string(audience.Kind), append([]incident.OrgID{}, audience.Orgs...))
		for name, who := range people {
			took, err := h.Journal.Exports(t.Context(), room, who.Person, item)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := h.Journal.Opens(t.Context(), room, who.Person, item)
			if err != nil {
				t.Fatal(err)
			}
			if may := policy.Receipts(at, at.Member(who.Person), sight); (len(took) == 1) != may || (len(opened) == 1) != may {
				t.Errorf("for %s, %s may know who had it: %v; the database gives %d takings and %d openings", kind, name, may, len(took), len(opened))
			}
		}
	}
}

// What reads for people cannot take on the writer's part, or anyone's but its
// own: not by saying so, and not by becoming another.
func TestTheReaderInAnotherScopeReadsNothingAndInNoScopeWrites(t *testing.T) {
	h, room, access, _, people := opens(t)
	super := superuser(t, h)
	rows, err := super.Query(t.Context(), `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 18 {
		t.Fatalf("tables: %q, %v", tables, err)
	}
	in := func(s projection.Scope, sql string) (n int, err error) {
		err = pgx.BeginFunc(t.Context(), h.DB.Reader, func(tx pgx.Tx) error {
			b := &pgx.Batch{}
			s.Enter(b)
			if err := tx.SendBatch(t.Context(), b).Close(); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), sql).Scan(&n)
		})
		return n, err
	}
	author := people["its author"].Person
	shown := 0
	for _, table := range tables {
		for _, log := range []incident.LogID{room, access, h.Journal.SystemLog(), ""} {
			for _, person := range []incident.PersonID{author, people["the lead"].Person, ""} {
				for _, scope := range []string{"writer", "house", "identity", "directory", "owner", ""} {
					n, err := in(projection.Scope{Name: scope, Log: log, Person: person}, `SELECT count(*) FROM `+table)
					if n != 0 || err != nil && !denied(err) {
						t.Errorf("in the scope %q, of log %q and person %q, the reader sees %d rows of %s: %v", scope, log, person, n, table, err)
					}
				}
			}
		}
		if n, _ := in(projection.Reader(room, author), `SELECT count(*) FROM `+table); n > 0 {
			shown++
		}
	}
	if shown < 5 {
		t.Errorf("in its own scope the reader sees rows of %d tables: the test is blind", shown)
	}

	before := everything(t, super, tables)
	for _, scope := range []projection.Scope{projection.Writer(room), projection.Writer(access), projection.House(), {Name: "identity"}, {Name: "directory"}, projection.Reader(room, author)} {
		for _, table := range tables {
			for _, sql := range []string{
				`INSERT INTO ` + table + ` SELECT * FROM ` + table, `INSERT INTO ` + table + ` DEFAULT VALUES`, `DELETE FROM ` + table, `TRUNCATE ` + table,
				`MERGE INTO ` + table + ` USING (SELECT 1) x ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES`,
				`SELECT 1 FROM ` + table + ` FOR KEY SHARE`, `LOCK TABLE ` + table + ` IN ROW SHARE MODE`, `COPY ` + table + ` FROM STDIN`,
			} {
				if _, err := in(scope, sql+" "); !denied(err) {
					t.Errorf("the reader in the scope %q: %s: %v", scope.Name, sql, err)
				}
			}
		}
		for _, sql := range []string{`SET LOCAL ROLE wardroom_writer`, `SET LOCAL SESSION AUTHORIZATION wardroom_writer`, `SELECT session_live('{}')`, `CREATE TABLE mine (a int)`} {
			if _, err := in(scope, sql); !denied(err) {
				t.Errorf("the reader in the scope %q: %s: %v", scope.Name, sql, err)
			}
		}
	}
	if after := everything(t, super, tables); after != before {
		t.Error("the reader has changed something")
	}
}

// everything is all rows of the tables.
func everything(t *testing.T, conn *pgx.Conn, tables []string) string {
	t.Helper()
	var b strings.Builder
	for _, table := range tables {
		var rows []string
		if err := conn.QueryRow(t.Context(), `SELECT coalesce(array_agg(x::text ORDER BY x::text), '{}') FROM `+table+` x`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		b.WriteString(table + "\n" + strings.Join(rows, "\n") + "\n")
	}
	return b.String()
}

// Each way of the journal is by its own role: with the other's it does nothing.
func TestTheJournalReadsForPeopleByTheReaderAloneAndWritesByTheWriterAlone(t *testing.T) {
	h, room, _, red, people := opens(t)
	lead := people["the lead"]
	as := map[string]*journal.Journal{"its own": h.Node(), "the reader's twice": h.NodeOn(h.DB.Reader, h.DB.Reader), "the writer's twice": h.NodeOn(h.DB.Writer, h.DB.Writer)}
	at, err := h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	book := h.Must(h.Do(room, lead, command.OpenBook{Maker: 2, Signal: "A raised hand"})).Seq
	if at, err = h.Journal.Room(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	var rooms, entries, openings, unread, boards, wrote []string
	for name, j := range as {
		if mine, err := j.Mine(ctx, lead.Person); err == nil && len(mine) == 1 {
			rooms = append(rooms, name)
		}
		if rows, err := j.Page(ctx, room, lead.Person, journal.Query{}); err == nil && len(rows) >= int(at.Head) {
			entries = append(entries, name)
		}
		if list, err := j.Opens(ctx, room, lead.Person, red); err == nil && len(list) == 1 {
			openings = append(openings, name)
		}
		if n, err := j.Counts(ctx, at, at.Member(lead.Person), 0); err == nil && n.Unread > 0 {
			unread = append(unread, name)
		}
		if list, _, err := j.Board(ctx, at, at.Member(lead.Person), journal.Board{Noun: projection.Books, Limit: 9}); err == nil && slices.Equal(list, []incident.Seq{book}) {
			boards = append(boards, name)
		}
		if _, err := j.Append(ctx, room, lead, h.Key(), command.PostMessage{Text: name}); err == nil {
			wrote = append(wrote, name)
		}
	}
	slices.Sort(wrote)
	if len(rooms) != 2 || slices.Contains(rooms, "the writer's twice") || len(openings) != 2 || slices.Contains(openings, "the writer's twice") || len(unread) != 2 || slices.Contains(unread, "the writer's twice") ||
		len(boards) != 2 || slices.Contains(boards, "the writer's twice") {
		t.Errorf("rooms are listed by %q, openings by %q, what is unread is counted by %q, boards are read by %q", rooms, openings, unread, boards)
	}
	if !slices.Equal(entries, []string{"its own"}) { // the log's key is the writer's to fetch
		t.Errorf("entries are read by %q", entries)
	}
	if !slices.Equal(wrote, []string{"its own", "the writer's twice"}) {
		t.Errorf("entries are written by %q", wrote)
	}
}
