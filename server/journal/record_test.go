package journal_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/projection"
	"wardroom/server/servertest"
)

// recorded is the row of an object of the record.
func recorded(t *testing.T, h *servertest.House, room incident.LogID, root incident.Seq) (state string) {
	t.Helper()
	b := &pgx.Batch{}
	projection.Writer(room).Enter(b)
	b.Queue(`SELECT state FROM record WHERE log = $1 AND root = $2`, string(room), int64(root)).QueryRow(func(row pgx.Row) error { return row.Scan(&state) })
	if err := h.DB.Writer.SendBatch(t.Context(), b).Close(); err != nil {
		t.Fatal(err)
	}
	return state
}

// race sends commands at once, each through a node of its own, and returns the
// kinds of the entries of those that went through.
func race(t *testing.T, h *servertest.House, nodes []*journal.Journal, room incident.LogID, who []incident.Actor, commands []command.Command) (won []incident.Kind) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	receipts, errs := make([]journal.Receipt, len(commands)), make([]error, len(commands))
	for i, c := range commands {
		key := h.Key()
		wg.Go(func() {
			<-start
			receipts[i], errs[i] = nodes[i%len(nodes)].Append(t.Context(), room, who[i], key, c)
		})
	}
	close(start)
	wg.Wait()
	for i, err := range errs {
		switch {
		case err == nil:
			won = append(won, receipts[i].Events[0].Kind)
		case incident.FaultOf(err) != incident.Conflict || !strings.Contains(strings.ToLower(err.Error()), "entry "):
			t.Errorf("%T lost by %v, which does not say to what", commands[i], err)
		}
	}
	return won
}

func TestOfTwoWhoRaceExactlyOneOutcomeStands(t *testing.T) {
	h := servertest.NewHouse(t)
	nodes := []*journal.Journal{h.Journal, h.Node()}
	lead, sam, kim := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N"), h.Person("Kim Doyle", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	n := h.Join(room, lead, sam, incident.Representative, incident.Full)
	h.Join(room, lead, kim, incident.Representative, incident.Full)
	sam.StepUp = time.Now()
	outcomes := map[incident.Kind]int{}
	for i := range 24 {
		through := nodes
		if i%2 == 0 {
			through = nodes[:1] // one node: both may be in one group
		}
		root := h.Must(h.Do(room, lead, command.RecordDecision{Taken: command.Taken{Decision: "Cut the link", Rationale: "It spreads", Maker: n}})).Seq
		won := race(t, h, through, room, []incident.Actor{sam, sam}, []command.Command{
			command.ConfirmDecision{Root: root, Seen: root}, command.DisputeDecision{Root: root, Reason: "no", Seen: root}})
		if len(won) != 1 || !strings.HasSuffix(string(won[0]), "."+recorded(t, h, room, root)) {
			t.Errorf("confirming and disputing came to %v, and the row says %s", won, recorded(t, h, room, root))
		}
		outcomes[won[0]]++
		root = h.Must(h.Do(room, lead, command.RaiseAction{Text: "Switch it off", For: incident.Assignee{Org: "X1N"}})).Seq
		won = race(t, h, through, room, []incident.Actor{sam, kim, lead}, []command.Command{command.AcceptAction{Root: root, Seen: root},
			command.DeclineAction{Root: root, Reason: "no", Seen: root}, command.WithdrawAction{Root: root, Reason: "no need", Seen: root}})
		if len(won) != 1 || !strings.HasSuffix(string(won[0]), "."+recorded(t, h, room, root)) {
			t.Errorf("accepting, declining and withdrawing came to %v, and the row says %s", won, recorded(t, h, room, root))
		}
		outcomes[won[0]]++
	}
	t.Logf("%v", outcomes)
}

// What hides an entry and what cites it may be in one commit: then the one
// that comes second in the log is judged by the first.
func TestWhatIsCitedIsJudgedAsItStandsWhereTheCitationComesToStand(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	n := h.Join(room, lead, sam, incident.Representative, incident.Full)
	// While its writer is held in what it tells a watcher, what is asked queues
	// up and goes into the next commit together.
	held, let := make(chan struct{}), make(chan struct{})
	var holding atomic.Bool
	_, cancel, err := h.Journal.Watch(t.Context(), room, func(*journal.Group) {
		if holding.CompareAndSwap(true, false) {
			held <- struct{}{}
			<-let
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	for i := range 30 {
		said := h.Say(room, lead, fmt.Sprint("fact ", i))
		corrected := h.Must(h.Do(room, lead, command.CorrectMessage{Root: said, Text: fmt.Sprint("corrected ", i)})).Seq
		var wg sync.WaitGroup
		var hid, cited journal.Receipt
		var err error
		holding.Store(true)
		wg.Go(func() { h.Say(room, lead, "meanwhile") })
		<-held
		for _, f := range []func(){
			func() { hid = h.Must(h.Do(room, lead, command.WithholdEntry{Root: said})) },
			func() {
				cited, err = h.Do(room, sam, command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: n,
					Deliberation: incident.Deliberation{Relied: []incident.Seq{corrected}}}})
			},
		} {
			wg.Go(f)
			for range 200 {
				runtime.Gosched() // most often it is in the queue by then, and the test needs no more than that
			}
		}
		let <- struct{}{}
		wg.Wait()
		switch {
		case err == nil && cited.Seq > hid.Seq:
			t.Fatalf("entry %d cites %d, which entry %d had hidden", cited.Seq, corrected, hid.Seq)
		case err != nil && incident.FaultOf(err) != incident.Invalid:
			t.Fatal(err)
		}
		if _, err := h.Do(room, sam, command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: n,
			Deliberation: incident.Deliberation{Relied: []incident.Seq{said}}}}); incident.FaultOf(err) != incident.Invalid {
			t.Fatalf("cited when it was hidden: %v", err)
		}
	}
}

// To a guest a stub is a stub: citing its number does not tell a hidden guest's
// note on an entry they both see from an entry that is not theirs to see.
func TestCitingANoteOfAHiddenGuestIsAnsweredAsCitingWhatIsHidden(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam, ellis := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N"), h.Person("Ellis Byrne", "X2E")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterHosts)
	h.Join(id, lead, sam, incident.Representative, incident.Full)
	h.Join(id, lead, ellis, incident.Representative, incident.Full)
	said := h.Say(id, lead, "To all of you")
	own := h.Must(h.Do(id, sam, command.NoteEntry{Root: said})).Seq
	noted := h.Must(h.Do(id, ellis, command.NoteEntry{Root: said})).Seq
	hidden := h.Must(h.Do(id, lead, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToHosts}})).Seq
	citing := func(n incident.Seq) command.Command {
		return command.ProposeDecision{Decision: "x", Deliberation: incident.Deliberation{Relied: []incident.Seq{n}}}
	}
	_, note := h.Do(id, sam, citing(noted))
	_, other := h.Do(id, sam, citing(hidden))
	if note == nil || other == nil || strings.ReplaceAll(note.Error(), fmt.Sprint(noted), "N") != strings.ReplaceAll(other.Error(), fmt.Sprint(hidden), "N") {
		t.Errorf("the note: %v; the hidden entry: %v", note, other)
	}
	h.Must(h.Do(id, sam, citing(own)))
	h.Must(h.Do(id, lead, citing(noted)))
	h.Must(h.Do(id, sam, citing(said)))
}

// What waits for somebody waits for them still when they have left and come
// back under another number, and for nobody who comes back for another
// organisation. In a closed room nothing does.
func TestWhatWaitedForSomebodyWaitsForThemWhenTheyComeBack(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	waits := func(when string, who incident.Actor, want ...incident.Seq) {
		t.Helper()
		room, err := h.Journal.Room(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		roots, more, err := h.Journal.Needs(t.Context(), room, room.Member(who.Person), 10)
		if err != nil || more || !slices.Equal(roots, want) {
			t.Errorf("%s: %v waits, more %v, want %v (%v)", when, roots, more, want, err)
		}
		if c, err := h.Journal.Counts(t.Context(), room, room.Member(who.Person), 0); err != nil || c.Needs != len(want) {
			t.Errorf("%s: %d wait, want %d (%v)", when, c.Needs, len(want), err)
		}
	}
	come := func(org incident.OrgID) (decision, action incident.Seq) {
		sam.Orgs = []incident.OrgID{org}
		n := h.Join(id, lead, sam, incident.Representative, incident.Full)
		decision = h.Must(h.Do(id, lead, command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: n}})).Seq
		return decision, h.Must(h.Do(id, lead, command.RaiseAction{Text: "x", For: incident.Assignee{Member: n, Org: org}})).Seq
	}
	leave := func() { h.Must(h.Do(id, sam, command.LeaveRoom{})) }
	d1, a1 := come("X1N")
	waits("at first", sam, d1, a1)
	leave()
	d2, a2 := come("X1N")
	waits("come back", sam, d2, d1, a2, a1)
	leave()
	d3, a3 := come("X2E")
	waits("come back for another", sam, d3, a3)
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		waits("in a room that is not closed", sam, d3, a3)
		h.Must(h.Do(id, lead, command.MoveRoom{To: to}))
	}
	waits("in a closed room", sam)
}

// That TLP:RED is to be lowered waits for a second person, not for who asks it:
// what is counted is what is listed.
func TestLoweringREDWaitsForASecondPersonAndNotForWhoAsks(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam, kim := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N"), h.Person("Kim Lowe", "X1N")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, sam, incident.Representative, incident.Full)
	second := h.Join(id, lead, kim, incident.Representative, incident.Full)
	red := h.Must(h.Do(id, sam, command.PostMessage{Text: "x", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{second}}})).Seq
	ask := h.Must(h.Do(id, h.Stepped(sam), command.WidenEntry{Root: red, TLP: incident.Amber, Reason: "r"})).Seq
	outside := h.Must(h.Do(id, lead, command.RequestRelease{Root: h.Say(id, sam, "y"), Why: "w", TLP: incident.Green})).Seq
	for _, c := range []struct {
		who  incident.Actor
		want []incident.Seq
	}{{kim, []incident.Seq{outside, ask}}, {sam, []incident.Seq{outside}}, {lead, nil}} {
		room, err := h.Journal.Room(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		roots, _, err := h.Journal.Needs(t.Context(), room, room.Member(c.who.Person), 10)
		counts, failed := h.Journal.Counts(t.Context(), room, room.Member(c.who.Person), 0)
		if err != nil || failed != nil || !slices.Equal(roots, c.want) || counts.Needs != len(c.want) {
			t.Errorf("%s: %v wait, %d are counted, want %v (%v, %v)", c.who.Name, roots, counts.Needs, c.want, err, failed)
		}
	}
}
