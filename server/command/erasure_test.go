package command_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// eraser is a room with two leads and a liaison of each host, and a guest.
type eraser struct {
	*servertest.Paper
	deputy, rowan, una, sam incident.Actor
}

func newEraser(t servertest.TB) eraser {
	p := servertest.NewPaper(t, incident.ModeIncident, incident.RosterNames)
	return eraser{p, p.Join("Dev Rao", "NCSC", incident.Deputy, incident.Full), p.Join("Rowan Ash", "NCSC", incident.Liaison, incident.Full),
		p.Join("Una Hart", "DSC", incident.Liaison, incident.Full), p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)}
}

func (e eraser) ask(entries ...incident.Seq) command.AskErasure {
	return command.AskErasure{Entries: entries, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "A patient is named."}
}

func (e eraser) refused(who incident.Actor, c command.Command, want incident.Fault, word string) {
	e.T.Helper()
	_, err := e.Do(who, c)
	if err == nil || incident.FaultOf(err) != want || !strings.Contains(err.Error(), word) {
		e.T.Fatalf("%T by %s: %v; want %s and %q", c, who.Name, err, want, word)
	}
}

func TestTwoPeopleOfBothHostsEraseWhatAThirdAskedFor(t *testing.T) {
	e := newEraser(t)
	said := e.Must(e.sam, command.PostMessage{Text: "Bed 4 is Mrs CANARY", Mentions: []incident.MemberNo{1}})
	root := e.Must(e.Stepped(e.Lead), e.ask(said))
	e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	if b := e.Objects[said].Body.(*incident.MessagePosted); b.Text == "" {
		t.Fatal("one approval erased it")
	}
	events, err := e.Do(e.Stepped(e.una), command.AgreeErasure{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[0].Kind != "erasure.agreed" || events[1].Kind != "entry.erased" {
		t.Fatalf("it came to %v", events)
	}
	b := events[1].Body.(*incident.EntryErased)
	if b.Ask != root || b.Entry != said || b.Ground != incident.GroundPatientData || fmt.Sprint(b.Slots) != "[4 5 6]" {
		t.Fatalf("the entry says %+v", b)
	}
	if !e.Objects[said].Erased || len(e.Room.Erasures) != 0 {
		t.Fatal("it is not erased, or the question still waits")
	}
	e.refused(e.Stepped(e.rowan), command.AgreeErasure{Root: root}, incident.NotFound, "")
	e.refused(e.Stepped(e.Lead), e.ask(said), incident.Invalid, "already")
	e.refused(e.sam, command.CorrectMessage{Root: said, Text: "again"}, incident.Conflict, "erased")
	e.Must(e.sam, command.PostMessage{Text: "sorry", ReplyTo: said})
}

func TestEachStepTowardsAnErasureNeedsASecondFactorOfItsOwn(t *testing.T) {
	e := newEraser(t)
	said := e.Must(e.sam, command.PostMessage{Text: "x"})
	other := e.Must(e.sam, command.PostMessage{Text: "y"})
	e.refused(e.Lead, e.ask(said), incident.StepUp, "anew")
	once := e.Stepped(e.Lead)
	root := e.Must(once, e.ask(said))
	e.refused(once, e.ask(other), incident.StepUp, "anew")
	e.refused(once, command.SetRetention{Years: 30}, incident.StepUp, "anew")
	old := e.Stepped(e.deputy)
	e.Now = e.Now.Add(command.FreshFor)
	e.refused(old, command.AgreeErasure{Root: root}, incident.StepUp, "anew")
	e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	e.refused(e.una, command.AgreeErasure{Root: root}, incident.StepUp, "anew")
	e.refused(e.una, command.RefuseErasure{Root: root, Reason: "no"}, incident.StepUp, "anew")
	e.Must(e.Stepped(e.una), command.RefuseErasure{Root: root, Reason: "It is needed."})
	if len(e.Room.Erasures) != 0 || e.Objects[said].Erased {
		t.Fatal("refused, and it waits or is erased")
	}
}

func TestWhatTheRecordStandsOnCannotBeErased(t *testing.T) {
	e := newEraser(t)
	said := e.Must(e.sam, command.PostMessage{Text: "x"})
	book := e.Must(e.Lead, command.OpenBook{Maker: e.Number(e.deputy), Signal: "a raised hand"})
	brief := e.Must(e.Lead, command.SetBrief{Lines: incident.BriefLines{Happened: "y"}})
	for _, n := range []incident.Seq{1, 2, 3, book, brief, e.Member(e.sam).Root} {
		e.refused(e.Stepped(e.Lead), e.ask(n), incident.Invalid, "cannot be erased")
	}
	hold := e.Must(e.Lead, command.PlaceHold{Reference: "INQ-1", Reason: "An inquiry."})
	e.Must(e.Stepped(e.deputy), command.LiftHold{Root: hold, Reason: "Ended."})
	asked := e.Must(e.Stepped(e.Lead), e.ask(said))
	for _, n := range []incident.Seq{hold, asked} {
		e.refused(e.Stepped(e.Lead), e.ask(n), incident.Invalid, "cannot be erased")
	}
	e.refused(e.Stepped(e.Lead), e.ask(said), incident.Conflict, "asked already")
	e.refused(e.Stepped(e.Lead), e.ask(999), incident.Invalid, "not there for you")
	e.refused(e.Stepped(e.Lead), e.ask(0), incident.Invalid, "Say which")
	for _, slots := range [][]int{nil, {1}, {0, 4}, {7}, {-1}, {8}} {
		c := e.ask(said)
		c.Slots = slots
		e.refused(e.Stepped(e.Lead), c, incident.Invalid, "What can be erased")
	}
	for _, act := range []command.Command{command.WithholdEntry{Root: asked}, command.TightenEntry{Root: asked, TLP: incident.AmberStrict},
		command.WidenEntry{Root: asked, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "x"}} {
		e.refused(e.Lead, act, incident.Forbidden, "hosts' to know")
	}
}

// Whether there is an entry that the asker may not see is not told by asking to
// erase it.
func TestAskingToEraseWhatOneMayNotSeeIsAskingForWhatIsNotThere(t *testing.T) {
	e := newEraser(t)
	hidden := e.Must(e.sam, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{e.Number(e.rowan)}}})
	_, there := e.Do(e.Stepped(e.Lead), e.ask(hidden))
	_, missing := e.Do(e.Stepped(e.Lead), e.ask(9999))
	if there == nil || missing == nil || strings.ReplaceAll(there.Error(), fmt.Sprint(hidden), "N") != strings.ReplaceAll(missing.Error(), "9999", "N") {
		t.Fatalf("hidden: %v; missing: %v", there, missing)
	}
	e.refused(e.Stepped(e.sam), e.ask(hidden), incident.Forbidden, "lead")
	stranger := incident.Actor{Person: "stranger"}
	for _, c := range []command.Command{e.ask(hidden), command.AgreeErasure{Root: 1}, command.PlaceHold{}, command.SetRetention{}, command.LiftHold{Root: 1}} {
		e.refused(stranger, c, incident.NotFound, "")
	}
}

func TestAHoldBeatsErasureAtEachStep(t *testing.T) {
	e := newEraser(t)
	said := e.Must(e.sam, command.PostMessage{Text: "x"})
	place := func() incident.Seq {
		return e.Must(e.rowan, command.PlaceHold{Reference: "INQ-7", Reason: "A public inquiry."})
	}
	lift := func(n incident.Seq) { e.Must(e.Stepped(e.Lead), command.LiftHold{Root: n, Reason: "It has ended."}) }
	h := place()
	e.refused(e.Stepped(e.Lead), e.ask(said), incident.Conflict, "on hold (INQ-7")
	lift(h)
	root := e.Must(e.Stepped(e.Lead), e.ask(said))
	h = place()
	e.refused(e.Stepped(e.deputy), command.AgreeErasure{Root: root}, incident.Conflict, "on hold")
	lift(h)
	e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	h, other := place(), place()
	e.refused(e.Stepped(e.una), command.AgreeErasure{Root: root}, incident.Conflict, "on hold")
	lift(h)
	e.refused(e.Stepped(e.una), command.AgreeErasure{Root: root}, incident.Conflict, "on hold")
	e.refused(e.Stepped(e.deputy), command.LiftHold{Root: other, Reason: "x"}, incident.Forbidden, "other host")
	e.refused(e.Lead, command.LiftHold{Root: other, Reason: "x"}, incident.StepUp, "anew")
	lift(other)
	e.Must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	if !e.Objects[said].Erased {
		t.Fatal("it was not erased once every hold was lifted")
	}
}

func TestRetentionIsMadeLongerAndNeverShorterAndEndsBeforeItsGroundIsOpen(t *testing.T) {
	e := newEraser(t)
	said := e.Must(e.sam, command.PostMessage{Text: "x", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{e.Number(e.rowan)}}})
	if k := e.Room.Keeps(); k.Years != 20 || k.Seq != 0 {
		t.Fatalf("by default it is kept %+v", k)
	}
	for _, years := range []int{-1, 0, 101, 20, 8} {
		e.refused(e.Stepped(e.Lead), command.SetRetention{Years: years}, incident.Invalid, "ears")
	}
	e.Must(e.Stepped(e.deputy), command.SetRetention{Years: 30})
	e.refused(e.Stepped(e.Lead), command.SetRetention{Years: 29}, incident.Invalid, "never made shorter")
	ask := e.ask(said)
	ask.Ground = incident.GroundRetention
	e.refused(e.Stepped(e.Lead), ask, incident.Invalid, "it is not closed")
	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		e.Must(e.Lead, command.MoveRoom{To: to})
	}
	e.refused(e.Stepped(e.Lead), ask, incident.Invalid, "kept until 2 March 2056")
	e.Now = e.Now.AddDate(30, 0, 0)
	root := e.Must(e.Stepped(e.Lead), ask) // also what the lead may not read
	e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	e.Must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	if !e.Objects[said].Erased {
		t.Fatal("it was not erased")
	}
	e.Must(e.Lead, command.ReopenRoom{})
	if _, ok := e.Room.KeptUntil(); ok {
		t.Fatal("an open room's record has run out")
	}
}

// A line's own number goes with it, and no number is given twice.
func TestALogGoesOnCountingAfterItsLastLineWasErased(t *testing.T) {
	e := newEraser(t)
	book := e.Must(e.Lead, command.OpenBook{Maker: e.Number(e.deputy), Signal: "a raised hand"})
	e.Must(e.Lead, command.WriteLine{Book: book, Text: "one"})
	two := e.Must(e.Lead, command.WriteLine{Book: book, Text: "two"})
	root := e.Must(e.Stepped(e.Lead), e.ask(two))
	e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
	e.Must(e.Stepped(e.una), command.AgreeErasure{Root: root})
	if b := e.Replay().BookRoot(book); b.Next != 3 {
		t.Fatalf("folded from the beginning, the next line is %d", b.Next)
	}
}

// The fold from the beginning, of what is stored after the erasures, is the
// fold that was kept along the way.
func TestTheFoldOfAnErasedRecordIsTheFoldThatWasKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := newEraser(t)
		book := e.Must(e.Lead, command.OpenBook{Maker: e.Number(e.deputy), Signal: "a raised hand"})
		said := []incident.Seq{e.Room.Report.Root}
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			pick := func() incident.Seq { return rapid.SampledFrom(said).Draw(t, "entry") }
			e.Now = e.Now.Add(time.Second)
			var seq incident.Seq
			switch rapid.IntRange(0, 7).Draw(t, "what") {
			case 0:
				seq = e.Must(e.sam, command.PostMessage{Text: "CANARY message", Mentions: []incident.MemberNo{1}})
			case 1:
				seq = e.Must(e.Lead, command.UpdateReport{Root: e.Room.Report.Root, Report: incident.Methane{Type: "CANARY", Exact: fmt.Sprint(e.Now)}})
			case 2:
				seq = e.Must(e.Lead, command.WriteLine{Book: book, Text: "CANARY line"})
			case 3:
				e.Do(e.Lead, command.PinEntry{Root: pick()})
				continue
			case 4:
				e.Do(e.Lead, command.WithholdEntry{Root: pick()})
				continue
			default:
				events, err := e.Do(e.Stepped(e.Lead), e.ask(pick()))
				if err != nil {
					continue
				}
				root := events[0].Seq
				e.Must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})
				e.Must(e.Stepped(e.una), command.AgreeErasure{Root: root})
				continue
			}
			said = append(said, seq)
		}
		live, _ := json.Marshal(e.Room)
		again, _ := json.Marshal(e.Replay())
		if string(live) != string(again) {
			t.Fatalf("kept:\n%s\nfolded from the beginning:\n%s", live, again)
		}
		for _, ev := range e.Events {
			if b, _ := json.Marshal(ev.Body); ev.BodyErased() && strings.Contains(string(b), "CANARY") {
				t.Fatalf("entry %d still says %s", ev.Seq, b)
			}
		}
		if r := e.Room.Report; r.Erased != (r.Methane.Type == "") {
			t.Fatalf("the report is %+v", r)
		}
	})
}
