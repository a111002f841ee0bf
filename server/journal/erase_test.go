package journal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/ledger"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// erasing is a room in which things are erased.
type erasing struct {
	*servertest.House
	id                            incident.LogID
	lead, deputy, una, rowan, sam incident.Actor
}

func newErasing(t *testing.T) *erasing {
	h := servertest.NewHouse(t)
	e := &erasing{House: h, lead: h.Person("Priya Anand", "DSC"), deputy: h.Person("Dev Rao", "NCSC"), una: h.Person("Una Hart", "DSC"),
		rowan: h.Person("Rowan Ash", "NCSC"), sam: h.Person("Sam Okafor", "X1N")}
	e.id = h.OpenRoom(e.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(e.id, e.lead, e.deputy, incident.Deputy, incident.Full)
	h.Join(e.id, e.lead, e.rowan, incident.Liaison, incident.Full)
	h.Join(e.id, e.lead, e.una, incident.Liaison, incident.Full)
	h.Join(e.id, e.lead, e.sam, incident.Representative, incident.Full)
	return e
}

func (e *erasing) must(who incident.Actor, c command.Command) incident.Seq {
	e.T.Helper()
	return e.House.Must(e.Do(e.id, who, c)).Seq
}

func (e *erasing) ask(n ...incident.Seq) incident.Seq {
	e.T.Helper()
	return e.must(e.Stepped(e.lead), command.AskErasure{Entries: n, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "A patient is named."})
}

func (e *erasing) erase(n ...incident.Seq) {
	e.T.Helper()
	root := e.ask(n...)
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	e.must(e.Stepped(e.una), command.AgreeErasure{Root: root})
}

const canary = "CANARY-7f3a91"

// rows is everything that stands in any table, sealed rows opened as far as the
// log's key opens them.
func (e *erasing) rows() string {
	e.T.Helper()
	conn, err := pgx.Connect(context.Background(), e.DB.Cluster.SuperuserURL(e.DB.Name))
	if err != nil {
		e.T.Fatal(err)
	}
	defer conn.Close(context.Background())
	var all strings.Builder
	tables, err := conn.Query(context.Background(), `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'public' ORDER BY 1`)
	if err != nil {
		e.T.Fatal(err)
	}
	names, err := pgx.CollectRows(tables, pgx.RowTo[string])
	if err != nil {
		e.T.Fatal(err)
	}
	for _, table := range names {
		rows, err := conn.Query(context.Background(), `SELECT t::text FROM `+table+` t`)
		if err != nil {
			e.T.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			e.T.Fatal(err)
		}
		all.WriteString(strings.Join(list, "\n"))
	}
	all.WriteString(e.Unsealed(e.id))
	return all.String()
}

func TestWhatWasErasedIsNowhereAndTheTreeIsWhatItWas(t *testing.T) {
	e := newErasing(t)
	other := e.Node()
	asked := e.must(e.sam, command.PostMessage{Text: "Bed 4: " + canary, Mentions: []incident.MemberNo{1}})
	fixed := e.must(e.sam, command.CorrectMessage{Root: asked, Text: canary + " again", Mentions: []incident.MemberNo{1, 2}})
	room, err := other.Room(t.Context(), e.id)
	if err != nil {
		t.Fatal(err)
	}
	report := room.Report.Root
	e.must(e.lead, command.UpdateReport{Root: report, Report: incident.Methane{Type: "Ransomware", Number: canary}})
	room, err = other.Room(t.Context(), e.id)
	if err != nil {
		t.Fatal(err)
	}
	book := e.must(e.lead, command.OpenBook{Maker: 2, Signal: "a raised hand"})
	line := e.must(e.lead, command.WriteLine{Book: book, Text: canary})
	decision := e.must(e.lead, command.RecordDecision{Taken: command.Taken{Decision: canary, Rationale: "x", Maker: 1}})
	before := e.Truth(e.id)
	if !strings.Contains(e.rows(), canary) {
		t.Fatal("the test is blind: what was said is not found before it is erased")
	}
	e.erase(asked, fixed, room.Report.Seq, line, decision)
	if all := e.rows(); strings.Contains(all, canary) {
		t.Fatal("what was erased still stands in a table")
	}
	after := e.Truth(e.id)
	for i := range before.Entries {
		if !bytes.Equal(before.Entries[i].Leaf, after.Entries[i].Leaf) {
			t.Fatalf("the leaf of entry %d changed", i)
		}
	}
	e.CheckLog(e.id)
	for name, j := range map[string]*journal.Journal{"here": e.Journal, "on the other node": other, "on a node that begins now": e.Node()} {
		r, err := j.Room(t.Context(), e.id)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := json.Marshal(r); bytes.Contains(b, []byte(canary)) || r.BookRoot(book).Next != 2 {
			t.Errorf("%s the fold is %s", name, b)
		}
		for after := incident.Seq(0); after < r.Head; {
			rows, err := j.Page(t.Context(), e.id, e.lead.Person, journal.Query{After: after})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				after = incident.Seq(row.Entry.Seq)
				if b, _ := json.Marshal(policy.View(r, r.Member(e.lead.Person), row.Sight, row.Entry)); bytes.Contains(b, []byte(canary)) {
					t.Errorf("%s entry %d is %s", name, after, b)
				}
			}
		}
	}
	if c, err := e.Journal.Counts(t.Context(), room, room.Member(e.lead.Person), 0); err != nil || c.Mentions != 0 {
		t.Errorf("%d mentions of what nobody can read (%v)", c.Mentions, err)
	}
	if second := e.must(e.lead, command.WriteLine{Book: book, Text: "two"}); second == 0 {
		t.Fatal("no line")
	}
}

// A fold from the beginning, from the fold snapshot and along the way are one.
func TestTheFoldAfterErasuresIsTheSameHoweverItIsMade(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	e.erase(said)
	e.Say(e.id, e.sam, "after")
	fold := func(j *journal.Journal) string {
		r, err := j.Room(t.Context(), e.id)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(r)
		return string(b)
	}
	live, snapshot := fold(e.Journal), fold(e.Node())
	e.DropFolds(e.id)
	if begun := fold(e.Node()); begun != live || snapshot != live {
		t.Fatalf("live\n%s\nfrom the snapshot\n%s\nfrom the beginning\n%s", live, snapshot, begun)
	}
}

// The hold and the second approval come at once, on two nodes: whichever the
// log has first decides, and an erasure never follows a hold.
func TestAHoldPlacedWhileTheSecondApprovalIsUnderWay(t *testing.T) {
	e := newErasing(t)
	other := e.Node()
	erased, held := 0, 0
	for range 12 {
		said := e.Say(e.id, e.sam, "x")
		root := e.ask(said)
		e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
		second := e.Stepped(e.una)
		placed := make(chan incident.Seq, 1)
		go func() {
			r, err := other.Append(context.Background(), e.id, e.rowan, e.Key(), command.PlaceHold{Reference: "INQ-1", Reason: "An inquiry."})
			if err != nil {
				t.Error(err)
			}
			placed <- r.Seq
		}()
		r, err := e.Do(e.id, second, command.AgreeErasure{Root: root})
		hold := <-placed
		switch {
		case err == nil && r.Seq < hold:
			erased++
		case incident.FaultOf(err) == incident.Conflict:
			held++
		default:
			t.Fatalf("the hold is entry %d, the erasure entry %d (%v)", hold, r.Seq, err)
		}
		e.must(e.Stepped(e.lead), command.LiftHold{Root: hold, Reason: "Ended."})
		if err != nil {
			e.must(e.Stepped(e.lead), command.DropErasure{Root: root})
		}
	}
	t.Logf("%d erased before the hold, %d held", erased, held)
	e.CheckLog(e.id)
}

// The database refuses by itself, whoever of the server asks: without approvals,
// with one, with two by one person, with a hold, by an older event, of another
// log, in another scope.
func TestTheDatabaseErasesOnlyWhatTwoPeopleAgreedToHereAndNow(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, "x")
	gone := e.Say(e.id, e.sam, "y")
	e.erase(gone)
	waiting := e.ask(said)
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: waiting})
	try := func(scope string, log incident.LogID, before string, args ...any) error {
		t.Helper()
		tx, err := e.DB.Writer.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', 'writer', true), set_config('app.log', $1, true)`, string(e.id)); err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Split(before, ";") {
			if strings.TrimSpace(s) == "" {
				continue
			}
			if _, err := tx.Exec(t.Context(), strings.ReplaceAll(strings.ReplaceAll(s, "LOG", "'"+string(e.id)+"'"), "ASK", itoa(waiting))); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		if _, err := tx.Exec(t.Context(), `SELECT set_config('app.scope', $1, true), set_config('app.log', $2, true)`, scope, string(log)); err != nil {
			t.Fatal(err)
		}
		_, err = tx.Exec(t.Context(), `SELECT erase_openings($1, $2, $3)`, args...)
		return err
	}
	entry := []int64{int64(said)}
	seal := [][]byte{[]byte("sealed")}
	event := `INSERT INTO opening (log, seq, root, sealed) VALUES (LOG, 9000, 9000, 'x'); INSERT INTO root (log, seq, kind, standing, author, tlp, org, audience, members, orgs)
		VALUES (LOG, 9000, 'entry.erased', true, 1, '', '', 'room', '{}', '{}'); INSERT INTO erased (log, entry, seq, ask, slots) VALUES (LOG, ` + itoa(said) + `, 9000, ASK, 16)`
	second := `INSERT INTO erasure_approval (log, ask, seq, member, org) VALUES (LOG, ASK, 8999, 4, 'DSC');`
	if err := try("writer", e.id, second+event, string(e.id), entry, seal); err != nil {
		t.Fatalf("the test is blind: what it builds on is refused: %v", err)
	}
	for name, err := range map[string]error{
		"with one approval":                   try("writer", e.id, event, string(e.id), entry, seal),
		"without the entry that erases":       try("writer", e.id, second, string(e.id), entry, seal),
		"by the same person twice":            try("writer", e.id, strings.Replace(second, "8999, 4", "8999, 2", 1)+event, string(e.id), entry, seal),
		"by who asked":                        try("writer", e.id, strings.Replace(second, "8999, 4", "8999, 1", 1)+event, string(e.id), entry, seal),
		"by a guest":                          try("writer", e.id, strings.Replace(second, "8999, 4, 'DSC'", "8999, 5, 'X1N'", 1)+event, string(e.id), entry, seal),
		"of one host twice":                   try("writer", e.id, strings.Replace(second, "8999, 4, 'DSC'", "8999, 3, 'NCSC'", 1)+event, string(e.id), entry, seal),
		"on hold":                             try("writer", e.id, second+event+`; INSERT INTO hold (log, root) VALUES (LOG, 9001)`, string(e.id), entry, seal),
		"refused":                             try("writer", e.id, second+event+`; UPDATE erasure SET state = 'refused' WHERE log = LOG AND root = ASK`, string(e.id), entry, seal),
		"of a slot not asked about":           try("writer", e.id, second+strings.Replace(event, "ASK, 16)", "ASK, 2)", 1), string(e.id), entry, seal),
		"of an entry not asked about":         try("writer", e.id, second+strings.Replace(event, "VALUES (LOG, "+itoa(said)+", 9000, ASK", "VALUES (LOG, "+itoa(gone)+", 9000, ASK", 1), string(e.id), []int64{int64(gone)}, seal),
		"by an entry of an older transaction": try("writer", e.id, second, string(e.id), []int64{int64(gone)}, seal),
		"of a membership":                     try("writer", e.id, second+strings.Replace(event, "VALUES (LOG, "+itoa(said)+", 9000, ASK", "VALUES (LOG, 2, 9000, ASK", 1)+`; INSERT INTO erasure_entry (log, ask, entry) VALUES (LOG, ASK, 2)`, string(e.id), []int64{2}, seal),
		"of another log":                      try("writer", "another", second+event, string(e.id), entry, seal),
		"as a reader":                         try("reader", e.id, second+event, string(e.id), entry, seal),
		"as the house":                        try("house", e.id, second+event, string(e.id), entry, seal),
		"by a ledger that says nothing":       try("ledger", e.id, second+event, string(e.id), entry, seal),
		"without openings":                    try("writer", e.id, second+event, string(e.id), entry, [][]byte{}),
		"with nothing":                        try("writer", e.id, second+event, string(e.id), entry, [][]byte{nil}),
	} {
		if err == nil || !strings.Contains(err.Error(), "erase:") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := e.DB.Reader.Exec(t.Context(), `SELECT erase_openings('x', '{1}', '{x}')`); err == nil || !strings.Contains(err.Error(), "denied") {
		t.Errorf("the reader's role may erase: %v", err)
	}
}

func itoa(n incident.Seq) string { b, _ := json.Marshal(n); return string(b) }

// A server without a ledger erases nothing and says why; nor does one whose
// ledger cannot be written.
func TestWithoutALedgerNothingIsErased(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	root := e.ask(said)
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	none := journal.New(journal.Options{Writer: e.DB.Writer, Reader: e.DB.Reader, Vault: e.Vault, Deployment: e.Deployment, Poll: 50 * time.Millisecond})
	defer none.Close(context.Background())
	if _, err := none.Append(t.Context(), e.id, e.Stepped(e.una), e.Key(), command.AgreeErasure{Root: root}); incident.FaultOf(err) != incident.Unavailable || !strings.Contains(err.Error(), "WARDROOM_LEDGER") {
		t.Fatalf("without one: %v", err)
	}
	broken, err := ledger.Open(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	broken.Close()
	j := journal.New(journal.Options{Writer: e.DB.Writer, Reader: e.DB.Reader, Vault: e.Vault, Deployment: e.Deployment, Ledger: broken, Log: slog.New(slog.DiscardHandler), Poll: 50 * time.Millisecond})
	defer j.Close(context.Background())
	if _, err := j.Append(t.Context(), e.id, e.Stepped(e.una), e.Key(), command.AgreeErasure{Root: root}); incident.FaultOf(err) != incident.Unavailable {
		t.Fatalf("with one that cannot be written: %v", err)
	}
	if _, err := j.Append(t.Context(), e.id, e.sam, e.Key(), command.PostMessage{Text: "still here"}); err != nil {
		t.Fatalf("what erases nothing is refused too: %v", err)
	}
	if !strings.Contains(e.rows(), canary) {
		t.Fatal("it was erased all the same")
	}
	e.must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	if strings.Contains(e.rows(), canary) {
		t.Fatal("it was not erased in the end")
	}
}

// What the evidence says of an erased entry is that slots are missing, never
// that it was tampered with; and a byte changed in what is left is found.
func TestAnErasedEntryChecksAgainstItsLeaf(t *testing.T) {
	e := newErasing(t)
	said := e.Say(e.id, e.sam, canary)
	e.erase(said)
	truth := e.Truth(e.id)
	at := truth.Entries[said]
	if at.Whole != nil || at.Part == nil {
		t.Fatal("its opening is whole")
	}
	if err := at.Part.Check(truth.Origin, at.Leaf); err != nil {
		t.Fatal(err)
	}
	if got := at.Part.Missing(); len(got) != 3 || got[0] != incident.SlotBody {
		t.Fatalf("missing are %v", got)
	}
	at.Part.Slots[1].Value = append([]byte{}, at.Part.Slots[1].Value...)
	at.Part.Slots[1].Value[0] ^= 1
	var m *evidence.Mismatch
	if err := at.Part.Check(truth.Origin, at.Leaf); err == nil {
		t.Fatalf("a changed byte was not found (%v)", m)
	}
}
