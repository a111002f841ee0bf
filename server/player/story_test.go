package player_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/exercise"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/player"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// refusals keeps what a player says that the room refused.
type refusals struct {
	slog.Handler
	mu   sync.Mutex
	list []string
}

func (r *refusals) Handle(_ context.Context, rec slog.Record) error {
	var all []string
	rec.Attrs(func(a slog.Attr) bool { all = append(all, a.String()); return true })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, rec.Message+" "+strings.Join(all, " "))
	return nil
}

func (r *refusals) Enabled(context.Context, slog.Level) bool { return true }

func (r *refusals) said() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

func script(t *testing.T) *exercise.Script {
	t.Helper()
	s, err := exercise.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// entry is one of the room's, as far as the script has a say in it.
type entry struct {
	At   time.Time // on the exercise clock
	Kind incident.Kind
	By   incident.MemberNo
}

func (e entry) String() string {
	return fmt.Sprintf("%s %s by M-%d", e.At.Format("02 15:04"), e.Kind, e.By)
}

// log reads the whole room as its lead.
func log(t *testing.T, h *servertest.House, id incident.LogID) (room *incident.Room, events []*incident.Event, first incident.Seq) {
	t.Helper()
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	lead := member(t, room, "Priya Anand")
	for after := incident.Seq(0); ; {
		rows, err := h.Journal.Page(t.Context(), id, lead.Person, journal.Query{After: after})
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return room, events, first
		}
		for _, row := range rows {
			seen, ok := policy.Opened(room, lead, row.Sight, row.Entry)
			if !ok {
				t.Fatalf("entry %d is hidden from the lead", row.Entry.Seq)
			}
			e := seen.Event()
			events, after = append(events, e), e.Seq
			if c, set := e.Body.(*incident.ClockSet); set && first == 0 {
				first = e.Seq
				if !c.At.Equal(script(t).Start) {
					t.Fatalf("the clock starts at %s", c.At)
				}
			}
		}
	}
}

// told are the kinds of entry that an item comes to, in order.
func told(it exercise.Item, opener string, assessed map[exercise.Scale]bool, called map[string]bool) []incident.Kind {
	switch it.Type {
	case exercise.TypeReport:
		return nil
	case exercise.TypeJoin:
		switch {
		case it.By == opener:
			return nil
		case called[it.By]:
			return []incident.Kind{"member.joined"}
		}
		return []incident.Kind{"member.invited", "member.joined"}
	case exercise.TypeLifecycle:
		if it.State == exercise.Open {
			return nil
		}
	case exercise.TypeSeverity:
		kinds := []incident.Kind{"severity.assessed", "severity.reasoned"}
		if assessed[it.Severity.Scale] {
			kinds[0] = "severity.reassessed"
		}
		assessed[it.Severity.Scale] = true
		for i, key := range it.Severity.Calls {
			if called[key] = true; i == 0 {
				kinds = append(kinds, "room.host_called")
			}
			kinds = append(kinds, "member.invited")
		}
		return kinds
	case exercise.TypeDecision:
		kinds := []incident.Kind{"decision.recorded"}
		if it.Decision.Supersedes != "" {
			kinds = append(kinds, "decision.superseded")
		}
		if it.Decision.Reverses != "" {
			kinds = append(kinds, "decision.reversed")
		}
		return kinds
	}
	return map[exercise.Type][]incident.Kind{
		exercise.TypeFact: {"inject.given"}, exercise.TypeMessage: {"message.posted"}, exercise.TypeLeave: {"member.left"}, exercise.TypeBrief: {"brief.set"},
		exercise.TypeLifecycle: {"room.moved"}, exercise.TypeCorrect: {"message.corrected"}, exercise.TypePin: {"entry.pinned"}, exercise.TypeNote: {"entry.noted"},
		exercise.TypeTier: {"member.tiered"}, exercise.TypeLowering: {"severity.lowering_asked", "severity.reasoned"}, exercise.TypeAgree: {"severity.lowering_agreed"},
		exercise.TypeRefuse: {"severity.lowering_refused", "severity.reasoned"}, exercise.TypeProposal: {"decision.proposed"}, exercise.TypeTake: {"decision.taken"},
		exercise.TypeAdd: {"decision.added"}, exercise.TypeConfirm: {"decision.confirmed"}, exercise.TypeDispute: {"decision.disputed"}, exercise.TypeReview: {"decision.reviewed"},
		exercise.TypeAction: {"action.raised"}, exercise.TypeAccept: {"action.accepted"}, exercise.TypeDecline: {"action.declined"}, exercise.TypeDone: {"action.done"},
		exercise.TypeHand: {"action.handed"}, exercise.TypeChase: {"action.chased"}, exercise.TypeWithdraw: {"action.withdrawn"}, exercise.TypeBook: {"book.opened"},
		exercise.TypeAgreed: {"book.agreed"}, exercise.TypeLine: {"logentry.written"}, exercise.TypeReline: {"logentry.corrected"}, exercise.TypeEndBook: {"book.closed"},
	}[it.Type]
}

// wanted is what the room must hold when all items up to the instant have been
// played and nobody else has done anything.
func wanted(t *testing.T, room *incident.Room, upTo time.Time) (want []entry) {
	t.Helper()
	s := script(t)
	assessed, called := map[exercise.Scale]bool{}, map[string]bool{}
	opener := s.Items[0].By
	for _, it := range s.Between(time.Time{}, upTo) {
		for _, kind := range told(it, opener, assessed, called) {
			by := it.By
			if kind == "member.invited" && it.Type == exercise.TypeJoin {
				by = opener
			}
			e := entry{At: it.Due.UTC(), Kind: kind}
			if who, known := s.Person(by); known {
				e.By = member(t, room, who.Name).Number
			}
			want = append(want, e)
		}
	}
	return want
}

// held is what the room holds since its clock started, the clock's own entries
// apart.
func held(events []*incident.Event, first incident.Seq) (got []entry) {
	for _, e := range events {
		if e.Seq > first && e.Kind != "clock.set" {
			got = append(got, entry{e.Times.Exercise.Time, e.Kind, e.By.Member})
		}
	}
	return got
}

func same(t *testing.T, got, want []entry) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fatalf("the room stops before %s; %d of %d entries", want[i], len(got), len(want))
		case i >= len(want):
			t.Fatalf("the room goes on with %s", got[i])
		case got[i] != want[i]:
			t.Fatalf("entry %d is %s, as scripted %s", i, got[i], want[i])
		}
	}
}

// playOn lets the clock go, from the pause straight to the script's last
// minute, and plays until nothing is left or stop says so.
func playOn(t *testing.T, h *servertest.House, j *journal.Journal, id incident.LogID, stop func(size int) bool) *refusals {
	t.Helper()
	said := &refusals{}
	p, err := player.New(j, h.Steward, slog.New(said))
	if err != nil {
		t.Fatal(err)
	}
	size := make(chan struct{}, 1)
	var mu sync.Mutex
	head := 0
	_, cancel, err := j.Watch(t.Context(), id, func(g *journal.Group) {
		mu.Lock()
		head = int(g.Last())
		mu.Unlock()
		select {
		case size <- struct{}{}:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	ctx, end := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); p.Run(ctx) }()
	defer func() { end(); <-done }()
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if s := script(t); room.Clock.Paused {
		lead := incident.Actor{Person: member(t, room, "Priya Anand").Person}
		if _, err := h.Do(id, lead, command.SetClock{At: s.End.Add(-30 * time.Second), Factor: 3600}); err != nil {
			t.Fatal(err)
		}
	}
	late := time.After(90 * time.Second)
	for {
		select {
		case <-size:
		case <-late:
			t.Fatalf("the exercise stopped short, at entry %d: %v", head, said.said())
		}
		mu.Lock()
		now := head
		mu.Unlock()
		if stop(now) {
			return said
		}
	}
}

// lastEntry is the number of the script's last entry in a room where nobody
// has done anything but let the clock go, once.
func lastEntry(t *testing.T, h *servertest.House, id incident.LogID) int {
	t.Helper()
	_, _, first := log(t, h, id)
	s := script(t)
	n := int(first) + 2 // the clock's entries: at the pause, and let go
	assessed, called := map[exercise.Scale]bool{}, map[string]bool{}
	for _, it := range s.Items {
		n += len(told(it, s.Items[0].By, assessed, called))
	}
	return n
}

func TestTheWholeScriptIsPlayedAndEveryEntryStands(t *testing.T) {
	h, _, id := begin(t)
	last := lastEntry(t, h, id)
	said := playOn(t, h, h.Journal, id, func(head int) bool { return head >= last })
	if list := said.said(); len(list) > 0 {
		t.Errorf("the room refused %d items:\n%s", len(list), strings.Join(list, "\n"))
	}
	room, events, first := log(t, h, id)
	same(t, held(events, first), wanted(t, room, script(t).End))
	h.CheckLog(id)
	invented, record, lines := 0, 0, 0
	for _, e := range events {
		switch b := e.Body.(type) {
		case *incident.InjectGiven:
			record++
			if b.Provenance != string(exercise.PublicRecord) || len(b.Sources) == 0 {
				t.Errorf("entry %d is marked %q, with %d sources", e.Seq, b.Provenance, len(b.Sources))
			}
		case *incident.SeverityAssessed:
			invented += marked(t, e, b.Invented)
		case *incident.SeverityReassessed:
			invented += marked(t, e, b.Invented)
		case *incident.SeverityLoweringAsked:
			invented += marked(t, e, b.Invented)
		case *incident.SeverityReasoned:
			invented += marked(t, e, b.Invented)
		case *incident.DecisionProposed:
			invented += marked(t, e, b.Invented)
		case *incident.DecisionRecorded:
			invented += marked(t, e, b.Invented)
		case *incident.ActionRaised:
			invented += marked(t, e, b.Invented)
		case *incident.BookOpened:
			invented += marked(t, e, b.Invented)
		case *incident.LogEntryWritten:
			invented += marked(t, e, b.Invented)
			lines++
		case *incident.LogEntryCorrected:
			invented += marked(t, e, b.Invented)
		}
	}
	if record != 65 || invented < 66 || lines != 13 {
		t.Errorf("%d facts of the public record, %d entries marked invented, %d lines of logs", record, invented, lines)
	}
	now := time.Now()
	for _, e := range events {
		if now.Sub(e.Times.Recorded.Time) > time.Hour {
			t.Errorf("entry %d was recorded %s, which is not when it was", e.Seq, e.Times.Recorded)
		}
	}
	if room.Operating(incident.NHSLevel) != nil || room.Operating(incident.NCSCCategory) != nil || room.Lifecycle != incident.StoodDown {
		t.Errorf("after the stand-down a severity operates, or the room is %s", room.Lifecycle)
	}
}

func marked(t *testing.T, e *incident.Event, invented bool) int {
	t.Helper()
	if !invented {
		t.Errorf("entry %d (%s) is not marked as invented", e.Seq, e.Kind)
	}
	return 1
}

func TestAReplayThatIsKilledGoesOnAndRepeatsNothing(t *testing.T) {
	h, _, id := begin(t)
	last := lastEntry(t, h, id)
	room, _ := h.Journal.Room(t.Context(), id)
	for from, part := int(room.Head), 1; part <= 3; part++ { // three players, each on a journal of its own that knows nothing of the one before
		upTo := from + (last-from)*part/4
		playOn(t, h, h.Node(), id, func(head int) bool { return head >= upTo })
	}
	said := playOn(t, h, h.Node(), id, func(head int) bool { return head >= last })
	if list := said.said(); len(list) > 0 {
		t.Errorf("on resuming the room refused %d items:\n%s", len(list), strings.Join(list, "\n"))
	}
	room, events, first := log(t, h, id)
	same(t, held(events, first), wanted(t, room, script(t).End))
	h.CheckLog(id)
}

// TestTheDemonstrationOpensWithSomethingForItsPeopleToDo holds what stands at
// 12 May 2017, 16:10, by the folds and by what each is told waits for them.
func TestTheDemonstrationOpensWithSomethingForItsPeopleToDo(t *testing.T) {
	h, _, id := begin(t)
	room, events, first := log(t, h, id)
	same(t, held(events, first), wanted(t, room, script(t).Pause))

	at := func(hour, minute int) time.Time { return time.Date(2017, 5, 12, hour-1, minute, 0, 0, time.UTC) }
	a := room.Operating(incident.NHSLevel)
	if a == nil || a.Org != "DSC" || a.Grade != (incident.Grade{At: 4}) || !a.Since.Equal(at(16, 4)) || len(a.Criteria) < 3 || a.Lowering != nil {
		t.Errorf("the operating NHS level: %+v", a)
	}
	if room.Operating(incident.NCSCCategory) != nil {
		t.Error("an NCSC category stands already")
	}
	if !slices.Equal(room.Called, []incident.OrgID{"NCSC"}) || !member(t, room, "Ewan Doyle").Present() {
		t.Errorf("called: %v", room.Called)
	}
	lead, ciso := member(t, room, "Priya Anand"), member(t, room, "Dr Hannah Osei")
	objects := map[incident.Seq]*incident.Object{}
	by := map[incident.Seq][]*incident.Event{}
	for _, e := range events {
		by[e.Root] = append(by[e.Root], e)
	}
	for root, list := range by {
		if o := incident.FoldObject(list); o != nil {
			objects[root] = o
		}
	}
	reasoned := 0
	for _, e := range events {
		if r, ok := e.Body.(*incident.SeverityReasoned); ok && a != nil && r.About == a.Seq && r.Text != "" {
			reasoned++
		}
	}
	if reasoned != 1 {
		t.Errorf("%d reasons for the operating level", reasoned)
	}
	needs := func(m *incident.Member) []*incident.Object {
		roots, _, err := h.Journal.Needs(t.Context(), room, m, 100)
		if err != nil {
			t.Fatal(err)
		}
		var list []*incident.Object
		for _, root := range roots {
			list = append(list, objects[root])
		}
		return list
	}
	if list := needs(lead); len(list) != 1 || list[0].Decision == nil || list[0].Decision.State != incident.DecisionIsTaken || list[0].Decision.Maker != lead.Number ||
		!list[0].Decision.Taken.Equal(at(16, 2)) || list[0].Body.(*incident.DecisionRecorded).From == 0 {
		t.Errorf("for the lead waits: %+v", list)
	}
	if list := needs(ciso); len(list) != 1 || list[0].Action == nil || list[0].Action.State != incident.ActionIsRaised ||
		list[0].Action.For != (incident.Assignee{Member: ciso.Number, Org: "X1N"}) || !list[0].Action.Due.Equal(at(18, 0)) {
		t.Errorf("for Northmoor's CISO waits: %+v", list)
	}
	if len(room.Books) != 1 || !room.Books[0].Open() || room.Books[0].Agreed.IsZero() || room.Books[0].Maker != lead.Number || room.Books[0].Next < 8 {
		t.Errorf("the loggist's books: %+v", room.Books)
	}
}

// TestWhatIsLeftForPeopleIsDoneByNobodyElse holds that exercise control leaves
// what waits at the pause to whoever it waits for, all week, and that what they
// do is what stands.
func TestWhatIsLeftForPeopleIsDoneByNobodyElse(t *testing.T) {
	h, _, id := begin(t)
	room, _ := h.Journal.Room(t.Context(), id)
	lead, ciso := member(t, room, "Priya Anand"), member(t, room, "Dr Hannah Osei")
	waits := func(m *incident.Member) incident.Seq {
		roots, _, err := h.Journal.Needs(t.Context(), room, m, 1)
		if err != nil || len(roots) != 1 {
			t.Fatalf("%v %v", roots, err)
		}
		return roots[0]
	}
	decision, action := waits(lead), waits(ciso)
	h.Must(h.Do(id, incident.Actor{Person: ciso.Person}, command.DeclineAction{Root: action, Reason: "The estates team has the keys. Ask them.", Seen: room.Head}))
	last := lastEntry(t, h, id) // one entry of hers more, and the reminder that no longer fits it fewer
	said := playOn(t, h, h.Journal, id, func(head int) bool { return head >= last })
	if list := said.said(); len(list) != 1 || !strings.Contains(list[0], "chase-02") {
		t.Errorf("refused: %v", list)
	}
	_, events, _ := log(t, h, id)
	for _, e := range events {
		if e.Root == decision && e.Seq != decision || e.Root == action && e.Seq != action && e.Kind != "action.declined" {
			t.Errorf("entry %d: %s by M-%d", e.Seq, e.Kind, e.By.Member)
		}
	}
	room, _ = h.Journal.Room(t.Context(), id)
	if roots, _, err := h.Journal.Needs(t.Context(), room, room.Member(lead.Person), 100); err != nil || !slices.Equal(roots, []incident.Seq{decision}) {
		t.Errorf("a week later waits for the lead: %v, %v", roots, err)
	}
}
