package projection_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// eventful is a room in which everything that derived rows are made of has
// happened.
func eventful(t *testing.T) (h *servertest.House, id incident.LogID, lead, sam, ellis incident.Actor) {
	h = servertest.NewHouse(t)
	lead, sam, ellis = h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N"), h.Person("Ellis Byrne", "X2E")
	id = h.OpenRoom(lead, incident.ModeIncident, incident.RosterOrganisations)
	h.Say(id, lead, "before anyone came")
	s := h.Join(id, lead, sam, incident.Representative, incident.FromJoin)
	e := h.Join(id, lead, ellis, incident.Representative, incident.FromJoin)
	do := func(who incident.Actor, c command.Command) incident.Seq {
		t.Helper()
		return h.Must(h.Do(id, who, c)).Seq
	}
	asked := do(sam, command.PostMessage{Text: "who is affected?", Mentions: []incident.MemberNo{1}})
	do(sam, command.CorrectMessage{Root: asked, Text: "who else is affected?", Mentions: []incident.MemberNo{1}})
	red := do(lead, command.PostMessage{Text: "x", TLP: incident.Red, Mentions: []incident.MemberNo{s}, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{s}}})
	do(sam, command.NoteEntry{Root: red})
	named := do(lead, command.PostMessage{Text: "y", Mentions: []incident.MemberNo{s}, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}})
	do(lead, command.WithholdEntry{Root: asked})
	do(lead, command.RestoreEntry{Root: asked})
	do(lead, command.TightenEntry{Root: asked, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}})
	do(lead, command.WidenEntry{Root: named, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "known by now"})
	book := do(lead, command.OpenBook{Maker: s, Signal: "She says: for the log"})
	do(sam, command.AgreeBook{Root: book})
	line := do(lead, command.WriteLine{Book: book, Text: "16:10 the network is cut"})
	do(lead, command.TightenEntry{Root: book, Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}})
	do(lead, command.WriteLine{Book: book, Text: "16:12 for one trust"})
	do(lead, command.CorrectLine{Root: line, Text: "16:11 the network is cut"})
	do(lead, command.CloseBook{Root: book})
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	taken := func(maker incident.MemberNo) command.Taken {
		return command.Taken{Decision: "Cut the link", Rationale: "It spreads", Maker: maker, Deliberation: incident.Deliberation{Review: incident.At(time.Now().Add(time.Hour)), Relied: []incident.Seq{named}}}
	}
	fresh := lead
	fresh.StepUp = time.Now()
	decide := func() incident.Seq { return do(lead, command.RecordDecision{Taken: taken(1)}) }
	confirmed, disputed := decide(), decide()
	do(fresh, command.ConfirmDecision{Root: confirmed})
	do(lead, command.DisputeDecision{Root: disputed, Reason: "no"})
	do(lead, command.ReviewDecision{Root: confirmed, Finding: "stands"})
	do(lead, command.RecordDecision{Taken: taken(1), From: named, Supersedes: disputed, Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X1N"}}}})
	do(lead, command.RecordDecision{Taken: taken(1), Reverses: confirmed})
	put := do(lead, command.ProposeDecision{Decision: "Cut it", Maker: 1})
	do(sam, command.AddToDecision{Root: put, Deliberation: incident.Deliberation{Review: incident.At(time.Now().Add(time.Hour))}})
	do(lead, command.TakeDecision{Root: put, Taken: taken(1)})
	do(lead, command.ProposeDecision{Decision: "Or not", Chosen: command.Chosen{Audience: &incident.Audience{Kind: incident.ToHosts}}})
	raise := func(a incident.Assignee) incident.Seq {
		return do(lead, command.RaiseAction{Text: "Switch it off", For: a, Due: incident.At(time.Now().Add(time.Hour))})
	}
	theirs := incident.Assignee{Org: "X1N"}
	raise(theirs)
	declined, done, handed, withdrawn := raise(theirs), raise(incident.Assignee{Member: s, Org: "X1N"}), raise(theirs), raise(theirs)
	do(sam, command.DeclineAction{Root: declined, Reason: "no"})
	do(sam, command.AcceptAction{Root: done})
	do(lead, command.ChaseAction{Root: done})
	do(sam, command.FinishAction{Root: done, Evidence: "dark"})
	do(sam, command.AcceptAction{Root: handed})
	do(sam, command.HandAction{Root: handed, For: incident.Assignee{Member: e, Org: "X2E"}, Reason: "theirs"})
	do(lead, command.WithdrawAction{Root: withdrawn, Reason: "no need"})
	publish := func(who incident.Actor, recorded bool) incident.Seq {
		return do(who, command.PublishItem{Item: incident.Item{Title: "x", Text: "x", Review: incident.At(time.Now().Add(time.Hour)), Expires: incident.At(time.Now().Add(time.Hour))}, Recorded: recorded,
			Tear: &command.Tear{Text: "x"}})
	}
	item, other, sealed := publish(lead, false), publish(lead, false), publish(sam, true)
	do(lead, command.CorrectItem{Root: item, Item: incident.Item{Title: "y", Text: "y", Expires: incident.At(time.Now().Add(2 * time.Hour))}})
	do(lead, command.MergeItem{Root: item, Other: other})
	do(sam, command.MarkSighting{Root: item, Verdict: incident.Seen})
	granted := do(lead, command.RequestRelease{Root: sealed, Why: "x", TLP: incident.Clear})
	do(sam, command.AnswerRelease{Root: granted, Entry: sealed, Grant: true})
	do(sam, command.AnswerRelease{Root: do(lead, command.RequestRelease{Root: sealed, Why: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Orgs: []incident.OrgID{"X2E"}}}), Entry: sealed})
	do(lead, command.RequestRelease{Root: sealed, Why: "x", Audience: &incident.Audience{Kind: incident.ToHosts}})
	do(lead, command.AddToDecision{Root: put, Deliberation: incident.Deliberation{Relied: []incident.Seq{sealed, item}}})
	do(sam, command.RecallEntry{Root: sealed, Reason: "x"})
	on, off := true, false
	do(lead, command.TightenEntry{Root: item, Recorded: &on})
	do(lead, command.WidenEntry{Root: item, Recorded: &off, Reason: "x"})
	do(lead, command.TightenEntry{Root: item, Recorded: &on})
	do(lead, command.GrantHistory{Root: room.Numbered(s).Root, Start: 5})
	do(lead, command.ChangeRole{Root: room.Numbered(s).Root, Role: incident.Observer})
	do(lead, command.RemoveMember{Root: room.Numbered(e).Root, Reason: "moved on"})
	assess(t, h, id, lead)
	return h, id, lead, sam, ellis
}

// assess sets a severity, calls the other host and asks to lower it.
func assess(t *testing.T, h *servertest.House, id incident.LogID, lead incident.Actor) {
	t.Helper()
	c := command.AssessSeverity{Scale: incident.NHSLevel, Grade: incident.Grade{At: 4}, Reason: "x", Audience: &incident.Audience{Kind: incident.ToHosts},
		OnCall: []incident.OnCall{{Invitation: incident.RandomID(), Issuer: "ncsc", Seat: command.CallSeat(incident.Person{Name: "Ewan Doyle"}, servertest.Org("NCSC"))}}}
	r := h.Must(h.Do(id, lead, c))
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	h.Must(h.Do(id, lead, command.AskLowering{Scale: incident.NHSLevel, Reason: "x", Seen: room.Head}))
	h.Must(h.Do(id, lead, command.DropLowering{Root: r.Seq, Seen: room.Head + 1}))
}

var derived = []string{"root", "member", "mention", "record", "record_entry", "cite", "hold", "erasure", "erasure_entry", "erasure_approval", "erased", "timer"}

func dump(t *testing.T, conn *pgx.Conn, id incident.LogID) string {
	t.Helper()
	var b strings.Builder
	for _, table := range derived {
		rows, err := conn.Query(t.Context(), `SELECT t::text FROM `+table+` t WHERE log = $1 ORDER BY 1`, string(id))
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n  %s\n", table, strings.Join(list, "\n  "))
	}
	return b.String()
}

func superuser(t *testing.T, h *servertest.House) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.DB.Cluster.SuperuserURL(h.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestTheRowsMadeAgainFromTheEntriesAreTheRowsThatStand(t *testing.T) {
	h, id, _, _, _ := eventful(t)
	conn := superuser(t, h)
	want := dump(t, conn, id)
	room, b := incident.NewRoom(id), &pgx.Batch{}
	room.Reindex()
	projection.Rebuild(b, id)
	for _, e := range h.Truth(id).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		next := room.Clone()
		next.Apply(event)
		room = next
		projection.Apply(b, id, room, []*incident.Event{event})
	}
	if err := conn.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	if got := dump(t, conn, id); got != want {
		t.Errorf("made again:\n%s\nas they stood:\n%s", got, want)
	}
	if strings.Count(want, "\n") < 20 {
		t.Errorf("there was little to make again:\n%s", want)
	}
}

func TestOneGroupLeavesTheRowsThatSingleEntriesDo(t *testing.T) {
	h, id, _, _, _ := eventful(t)
	conn := superuser(t, h)
	want := dump(t, conn, id)
	room, b := incident.NewRoom(id), &pgx.Batch{}
	room.Reindex()
	projection.Rebuild(b, id)
	var events []*incident.Event
	for _, e := range h.Truth(id).Entries {
		event, err := incident.Decode(incident.Seq(e.Seq), incident.Values(e.Whole.Values))
		if err != nil {
			t.Fatal(err)
		}
		room.Apply(event)
		events = append(events, event)
	}
	for _, s := range b.QueuedQueries {
		if _, err := conn.Exec(t.Context(), s.SQL, s.Arguments...); err != nil {
			t.Fatal(err)
		}
	}
	b = &pgx.Batch{}
	projection.Apply(b, id, room, events)
	if err := conn.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	if got := dump(t, conn, id); got != want {
		t.Errorf("as one group:\n%s\none by one:\n%s", got, want)
	}
}

func TestTheRecordsRowsAreWhereEachObjectStands(t *testing.T) {
	h, id, _, _, _ := eventful(t)
	rows, err := superuser(t, h).Query(t.Context(), `SELECT concat_ws(' ', noun, state, member, org, CASE WHEN due IS NULL THEN '' ELSE 'due' END)
		FROM record WHERE log = $1 AND noun IN ('decision', 'action') ORDER BY root`, string(id))
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"decision reversed 1  ", "decision superseded 1  due", "decision taken 1  due", "decision taken 1  due", "decision taken 1  due", "decision proposed 0  ",
		"action raised 0 X1N due", "action declined 0 X1N due", "action done 2 X1N due", "action raised 3 X2E due", "action withdrawn 0 X1N due"}
	if !slices.Equal(got, want) {
		t.Errorf("the rows stand as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestARowOfTheRecordIsReadByWhoSeesItsObject(t *testing.T) {
	h, id, lead, sam, ellis := eventful(t)
	for _, x := range []struct {
		who              incident.Actor
		decision, action int
	}{{lead, 6, 5}, {sam, 5, 5}, {ellis, 0, 0}, {incident.Actor{}, 0, 0}} {
		for noun, want := range map[string]int{"decision": x.decision, "action": x.action} {
			var n int
			b := &pgx.Batch{}
			projection.Reader(id, x.who.Person).Enter(b)
			b.Queue(`SELECT count(*) FROM record WHERE noun = $1`, noun).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
			if err := h.DB.Reader.SendBatch(t.Context(), b).Close(); err != nil {
				t.Fatal(err)
			}
			if n != want {
				t.Errorf("%q reads %d rows of %ss, want %d", x.who.Name, n, noun, want)
			}
		}
	}
}

func TestMentionsAreThoseOfTheTextAsItStandsAndOfWhatIsSeen(t *testing.T) {
	h, id, lead, sam, _ := eventful(t)
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := h.Journal.Mentions(t.Context(), id, room.Member(sam.Person), 0, 10)
	if err != nil || len(mine) != 1 {
		t.Errorf("Sam is mentioned in %v (%v), want the one message that is no RED", mine, err)
	}
	hers, err := h.Journal.Mentions(t.Context(), id, room.Member(lead.Person), 0, 10)
	if err != nil || len(hers) != 0 {
		t.Errorf("the lead is mentioned in %v (%v): that message is RED by now", hers, err)
	}
}

// The second wall on its own: what the database gives a reader, whoever asks
// for what.
func TestTheDatabaseGivesAReaderTheirRoomAndTheirPartOfIt(t *testing.T) {
	h, id, lead, sam, ellis := eventful(t)
	other := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Say(other, lead, "another room")
	count := func(s projection.Scope, table string, log incident.LogID) (n int) {
		t.Helper()
		b := &pgx.Batch{}
		s.Enter(b)
		b.Queue(`SELECT count(*) FROM `+table+` WHERE log = $1`, string(log)).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
		if err := h.DB.Reader.SendBatch(t.Context(), b).Close(); err != nil && !denied(err) {
			t.Fatal(err)
		}
		return n
	}
	all := len(h.Truth(id).Entries)
	for _, x := range []struct {
		who    incident.Actor
		leaves int
	}{{lead, all}, {sam, all}, {ellis, 0}, {incident.Actor{Person: incident.PersonID(incident.RandomID())}, 0}, {incident.Actor{}, 0}} {
		scope := projection.Reader(id, x.who.Person)
		if n := count(scope, "leaf", id); n != x.leaves {
			t.Errorf("%q reads %d leaves, want %d", x.who.Name, n, x.leaves)
		}
		openings := count(scope, "opening", id)
		if x.leaves == 0 && openings != 0 || x.leaves > 0 && (openings == 0 || openings > all) {
			t.Errorf("%q reads %d openings", x.who.Name, openings)
		}
		for _, table := range []string{"leaf", "opening", "root", "member", "mention", "record", "record_entry"} {
			if n := count(scope, table, other); n != 0 {
				t.Errorf("%q, reading one room, gets %d rows of %s of another", x.who.Name, n, table)
			}
		}
		for _, table := range []string{"command_key", "fold", "opened"} {
			if n := count(scope, table, id); n != 0 {
				t.Errorf("%q reads %d rows of %s", x.who.Name, n, table)
			}
		}
	}
	if n := count(projection.Person(sam.Person), "member", id); n != 1 {
		t.Errorf("Sam has %d memberships, want 1", n)
	}
	if n := count(projection.Person(sam.Person), "opening", id); n != 0 {
		t.Errorf("asking for one's rooms gives %d openings", n)
	}
}

func TestAScopeEndsWithItsTransaction(t *testing.T) {
	h, id, lead, _, _ := eventful(t)
	conn, err := h.DB.Reader.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	b := &pgx.Batch{}
	projection.Reader(id, lead.Person).Enter(b)
	if err := conn.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM opening`).Scan(&n); err != nil || n != 0 {
		t.Errorf("the next transaction on the same connection reads %d openings: %v", n, err)
	}
}
