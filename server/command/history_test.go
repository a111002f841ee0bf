package command_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// steps are the only ways there are from one state of a decision to another,
// by the kind of entry that takes it. "" is before it was there.
var steps = map[incident.Kind]map[incident.DecisionState]incident.DecisionState{
	"decision.proposed":  {"": "proposed"},
	"decision.recorded":  {"": "taken"},
	"decision.taken":     {"proposed": "taken"},
	"decision.confirmed": {"taken": "confirmed"},
	"decision.disputed":  {"taken": "disputed"},
	"decision.superseded": {"taken": "superseded", "confirmed": "superseded",
		"disputed": "superseded"},
	"decision.reversed": {"taken": "reversed", "confirmed": "reversed", "disputed": "reversed"},
}

var actionSteps = map[incident.Kind]map[incident.ActionState]incident.ActionState{
	"action.raised":    {"": "raised"},
	"action.accepted":  {"raised": "accepted"},
	"action.declined":  {"raised": "declined"},
	"action.done":      {"accepted": "done"},
	"action.handed":    {"raised": "raised", "accepted": "raised"},
	"action.withdrawn": {"raised": "withdrawn", "accepted": "withdrawn"},
}

// history is a random room, with what stood before each command.
type history struct {
	*troupe
	t                  *rapid.T
	decisions, actions []incident.Seq
	messages           []incident.Seq
	was                map[incident.Seq]incident.Decision
	wasAction          map[incident.Seq]incident.Action
	ended              map[incident.Seq]int // how often a decision was confirmed, disputed; superseded, reversed
	answered           map[incident.Seq]int
}

func (h *history) who() incident.Actor {
	a := h.all[rapid.IntRange(0, len(h.all)-1).Draw(h.t, "who")]
	switch rapid.IntRange(0, 2).Draw(h.t, "factor") {
	case 0:
		a.StepUp = h.Now
	case 1:
		a.StepUp = h.Now.Add(-2 * time.Hour)
	}
	return a
}

// rightful is mostly the one whose step it is.
func (h *history) rightful(n incident.MemberNo, org incident.OrgID) incident.Actor {
	who := h.who()
	if rapid.IntRange(0, 3).Draw(h.t, "anyone") == 0 {
		return who
	}
	for _, a := range h.all {
		if m := h.Member(a); m.Number == n || n == 0 && m.Org == org {
			a.StepUp = who.StepUp
			return a
		}
	}
	return who
}

func (h *history) seen() incident.Seq {
	return h.head() - incident.Seq(rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(h.t, "seen"))
}

func (h *history) number() incident.MemberNo {
	return incident.MemberNo(rapid.IntRange(0, len(h.all)).Draw(h.t, "number"))
}

func (h *history) one(list []incident.Seq, what string) incident.Seq {
	if len(list) == 0 {
		return 4
	}
	return rapid.SampledFrom(list).Draw(h.t, what)
}

func (h *history) chosen() command.Chosen {
	if rapid.IntRange(0, 2).Draw(h.t, "chosen") > 0 {
		return command.Chosen{}
	}
	return command.Chosen{TLP: rapid.SampledFrom(tlps).Draw(h.t, "tlp"), Audience: drawAudience(h.t, h.troupe)}
}

func (h *history) relied() (list []incident.Seq) {
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(h.t, "relied") {
		list = append(list, incident.Seq(rapid.IntRange(1, len(h.Events)).Draw(h.t, "cited")))
	}
	return list
}

func (h *history) taken() command.Taken {
	c := command.Taken{Decision: "Cut the link", Rationale: "It spreads", Maker: h.number(), Tier: rapid.SampledFrom([]incident.Tier{"", "", incident.Operational, incident.Tactical, incident.Strategic}).Draw(h.t, "tier"),
		Deliberation: incident.Deliberation{Relied: h.relied()}}
	if rapid.Bool().Draw(h.t, "earlier") {
		c.At, c.About = h.Now.Add(-time.Hour), true
	}
	return c
}

func (h *history) assignee() incident.Assignee {
	a := incident.Assignee{Org: rapid.SampledFrom([]incident.OrgID{"DSC", "NCSC", "X1N", "X2E", "X3F"}).Draw(h.t, "org")}
	if rapid.Bool().Draw(h.t, "person") {
		a.Member = h.number()
		if m := h.Room.Numbered(a.Member); m != nil {
			a.Org = m.Org
		}
	}
	return a
}

func (h *history) draw() (incident.Actor, command.Command) {
	c := h.command()
	switch c := c.(type) {
	case command.ConfirmDecision:
		return h.rightful(h.was[c.Root].Maker, ""), c
	case command.DisputeDecision:
		return h.rightful(h.was[c.Root].Maker, ""), c
	case command.AcceptAction:
		return h.rightful(h.wasAction[c.Root].For.Member, h.wasAction[c.Root].For.Org), c
	case command.DeclineAction:
		return h.rightful(h.wasAction[c.Root].For.Member, h.wasAction[c.Root].For.Org), c
	case command.FinishAction:
		return h.rightful(h.wasAction[c.Root].For.Member, h.wasAction[c.Root].For.Org), c
	case command.HandAction:
		return h.rightful(h.wasAction[c.Root].For.Member, h.wasAction[c.Root].For.Org), c
	}
	return h.who(), c
}

func (h *history) command() command.Command {
	d, a := h.one(h.decisions, "decision"), h.one(h.actions, "action")
	any := h.one(append(append([]incident.Seq{}, h.decisions...), h.actions...), "root")
	switch rapid.IntRange(0, 21).Draw(h.t, "command") {
	case 0:
		return command.PostMessage{Text: "x", TLP: rapid.SampledFrom(tlps).Draw(h.t, "tlp"), Audience: drawAudience(h.t, h.troupe)}
	case 1, 2:
		c := command.RecordDecision{Taken: h.taken(), Chosen: h.chosen(), Seen: h.seen()}
		switch rapid.IntRange(0, 4).Draw(h.t, "made") {
		case 0:
			c.From = h.one(h.messages, "from")
		case 1:
			c.Supersedes = d
		case 2:
			c.Reverses = d
		}
		return c
	case 3:
		return command.ProposeDecision{Decision: "Cut the link", Maker: h.number(), Deliberation: incident.Deliberation{Relied: h.relied()}, Chosen: h.chosen()}
	case 4, 5:
		return command.TakeDecision{Root: d, Taken: h.taken(), Seen: h.seen()}
	case 6, 7:
		return command.ConfirmDecision{Root: d, Seen: h.seen()}
	case 8:
		return command.DisputeDecision{Root: d, Reason: "no", Seen: h.seen()}
	case 9:
		return command.AddToDecision{Root: d, Deliberation: incident.Deliberation{Relied: h.relied(), Outcome: "so far", Review: incident.At(h.Now.Add(time.Hour))}}
	case 10:
		return command.ReviewDecision{Root: d, Finding: "stands", Seen: h.seen()}
	case 11, 12:
		return command.RaiseAction{Text: "x", For: h.assignee(), Chosen: h.chosen()}
	case 13:
		return command.RaiseAction{Text: "x", For: h.assignee(), Decision: d, Chosen: h.chosen()}
	case 14, 15:
		return command.AcceptAction{Root: a, Seen: h.seen()}
	case 16:
		return command.DeclineAction{Root: a, Reason: "no", Seen: h.seen()}
	case 17:
		return command.FinishAction{Root: a, Evidence: "there", Cites: h.relied(), Seen: h.seen()}
	case 18:
		return command.HandAction{Root: a, For: h.assignee(), Reason: "not mine", Seen: h.seen()}
	case 19:
		if rapid.Bool().Draw(h.t, "chase") {
			return command.ChaseAction{Root: a}
		}
		return command.WithdrawAction{Root: a, Reason: "no need", Seen: h.seen()}
	case 20:
		if rapid.IntRange(0, 2).Draw(h.t, "restore") > 0 {
			return command.RestoreEntry{Root: any}
		}
		return command.WithholdEntry{Root: any}
	}
	return drawAct(h.t, h.troupe, any)
}

// judge holds one entry to what may come of a room as it stood.
func (h *history) judge(e *incident.Event, room *incident.Room, sights func(incident.Seq) incident.Sight) {
	t := h.t
	by := room.Numbered(e.By.Member)
	if from, ok := steps[e.Kind]; ok {
		old := h.was[e.Root]
		if from[old.State] == "" {
			t.Fatalf("entry %d: %s of a decision that was %q", e.Seq, e.Kind, old.State)
		}
	}
	if from, ok := actionSteps[e.Kind]; ok {
		old := h.wasAction[e.Root]
		if from[old.State] == "" {
			t.Fatalf("entry %d: %s of an action that was %q", e.Seq, e.Kind, old.State)
		}
	}
	forWhom := func() {
		a := h.wasAction[e.Root].For
		if a.Member != 0 && a.Member != by.Number || a.Org != by.Org {
			t.Fatalf("entry %d: %s by M-%d of %s, for whom it is not: %+v", e.Seq, e.Kind, by.Number, by.Org, a)
		}
	}
	receives := func(n incident.MemberNo, why string) {
		if !policy.May(room, room.Numbered(n), h.Sight(e.Root)) {
			t.Fatalf("entry %d: %s, and M-%d does not receive it", e.Seq, why, n)
		}
	}
	made := func(v incident.Verdict) {
		maker := room.Numbered(v.Maker)
		receives(v.Maker, "a decision of theirs")
		if v.Tier.Rank() > maker.Tier().Rank() {
			t.Fatalf("entry %d: decided at the %s tier by one at the %s tier", e.Seq, v.Tier, maker.Tier())
		}
		if by.Role == incident.Representative && by.Org != maker.Org {
			t.Fatalf("entry %d: recorded by %s for %s", e.Seq, by.Org, maker.Org)
		}
	}
	for _, n := range e.Refs.Cites {
		if !policy.May(room, by, sights(h.Events[n].Root)) {
			t.Fatalf("entry %d cites %d, which M-%d does not see", e.Seq, n, by.Number)
		}
	}
	switch b := e.Body.(type) {
	case *incident.DecisionRecorded:
		made(b.Verdict)
		if b.From != 0 {
			mark, source := e.Marking, h.Objects[b.From].Marking
			if mark.TLP.Rank() < source.TLP.Rank() || mark.Originator != source.Originator {
				t.Fatalf("entry %d: made of %+v and marked %+v", e.Seq, source, mark)
			}
			for _, m := range room.Members {
				if mark.Audience.Includes(m) && !source.Audience.Includes(m) {
					t.Fatalf("entry %d reaches M-%d, whom the message it is made of does not", e.Seq, m.Number)
				}
			}
		}
	case *incident.DecisionTaken:
		made(b.Verdict)
	case *incident.DecisionConfirmed, *incident.DecisionDisputed:
		h.ended[e.Root]++
		if by.Number != h.was[e.Root].Maker || h.ended[e.Root] > 1 {
			t.Fatalf("entry %d: %s by M-%d, %d times; the maker is M-%d", e.Seq, e.Kind, by.Number, h.ended[e.Root], h.was[e.Root].Maker)
		}
		if e.Kind == "decision.confirmed" && h.Now.Sub(e.Authority.StepUp.Time) >= incident.StepUpFor {
			t.Fatalf("entry %d: confirmed on a second factor of %v", e.Seq, e.Authority.StepUp)
		}
		receives(by.Number, string(e.Kind))
	case *incident.DecisionSuperseded:
		h.replaced(e, b.By)
	case *incident.DecisionReversed:
		h.replaced(e, b.By)
	case *incident.ActionAccepted, *incident.ActionDeclined:
		forWhom()
	case *incident.ActionDone:
		forWhom()
		if h.answered[e.Root]++; h.answered[e.Root] > 1 {
			t.Fatalf("entry %d: done twice", e.Seq)
		}
	case *incident.ActionHanded:
		forWhom()
		if b.For.Member != 0 {
			receives(b.For.Member, "handed to them")
		}
	case *incident.ActionRaised:
		if b.For.Member != 0 {
			receives(b.For.Member, "an action for them")
		}
		if b.Decision != 0 && !h.Objects[b.Decision].Decision.Standing() {
			t.Fatalf("entry %d carries out decision %d, which does not stand", e.Seq, b.Decision)
		}
	}
}

func (h *history) replaced(e *incident.Event, by incident.Seq) {
	next, ok := h.Events[by].Body.(*incident.DecisionRecorded)
	if !ok || by != e.Seq-1 || next.Supersedes+next.Reverses != e.Root || next.Verdict.Tier.Rank() < h.was[e.Root].Tier.Rank() {
		h.t.Fatalf("entry %d ends decision %d by %d: %+v", e.Seq, e.Root, by, next)
	}
}

// settle holds what stands to what stood: only an entry that is a step moves a
// decision or an action, and nothing moves who took it, at which tier or when.
func (h *history) settle(events []*incident.Event) {
	moved := map[incident.Seq]*incident.Event{}
	for _, e := range events {
		if steps[e.Kind] != nil || actionSteps[e.Kind] != nil {
			moved[e.Root] = e
		}
	}
	for root, o := range h.Objects {
		var all []*incident.Event
		for _, e := range h.Events {
			if e.Root == root {
				all = append(all, e)
			}
		}
		if again := incident.FoldObject(all); (o.Decision != nil || o.Action != nil) && (!reflect.DeepEqual(again.Decision, o.Decision) || !reflect.DeepEqual(again.Action, o.Action)) {
			h.t.Fatalf("object %d is %+v %+v; folded anew %+v %+v", root, o.Decision, o.Action, again.Decision, again.Action)
		}
		e := moved[root]
		if d := o.Decision; d != nil {
			old, known := h.was[root]
			switch {
			case e != nil && (d.State != steps[e.Kind][old.State] || d.Settled != e.Seq):
				h.t.Fatalf("%s left decision %d as %+v, it was %+v", e.Kind, root, d, old)
			case e == nil && known && (d.State != old.State || d.Settled != old.Settled):
				h.t.Fatalf("decision %d went from %+v to %+v by nothing that moves it", root, old, d)
			case known && old.State != incident.DecisionIsProposed && (d.Maker != old.Maker || d.Tier != old.Tier || !d.Taken.Equal(old.Taken.Time)):
				h.t.Fatalf("decision %d was %+v and is %+v", root, old, d)
			}
			h.was[root] = *d
		}
		if a := o.Action; a != nil {
			old, known := h.wasAction[root]
			switch {
			case e != nil && (a.State != actionSteps[e.Kind][old.State] || a.Settled != e.Seq):
				h.t.Fatalf("%s left action %d as %+v, it was %+v", e.Kind, root, a, old)
			case e == nil && known && *a != old:
				h.t.Fatalf("action %d went from %+v to %+v by nothing that moves it", root, old, a)
			}
			h.wasAction[root] = *a
		}
	}
}

func TestNoDecisionOrActionChangesButByItsNamedSteps(t *testing.T) {
	reached := map[string]int{}
	play := func(t *rapid.T) {
		tr := newTroupe(t, rapid.SampledFrom([]incident.Roster{incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts}).Draw(t, "roster"))
		h := &history{troupe: tr, t: t, was: map[incident.Seq]incident.Decision{}, wasAction: map[incident.Seq]incident.Action{}, ended: map[incident.Seq]int{}, answered: map[incident.Seq]int{}}
		tr.at(tr.all[1], incident.Strategic)
		tr.at(tr.all[3], incident.Tactical)
		for range rapid.IntRange(20, 160).Draw(t, "length") {
			who, c := h.draw()
			room, before := h.Room, len(h.Events)
			sight := map[incident.Seq]incident.Sight{}
			for _, n := range command.Cites(c) {
				if n != 0 && int(n) < before {
					sight[h.Events[n].Root] = h.Sight(h.Events[n].Root)
				}
			}
			events, err := h.Do(who, c)
			if err != nil {
				if len(h.Events) != before || h.Room != room {
					t.Fatalf("%T was refused and stored something", c)
				}
				reached[fmt.Sprintf("%T refused: %s", c, incident.FaultOf(err))]++
				continue
			}
			for _, e := range events {
				h.judge(e, room, func(root incident.Seq) incident.Sight {
					if s, ok := sight[root]; ok {
						return s
					}
					return h.Sight(root)
				})
				reached[string(e.Kind)]++
				switch {
				case e.IsRoot() && e.Kind.IsDecision():
					h.decisions = append(h.decisions, e.Seq)
				case e.Kind == "action.raised":
					h.actions = append(h.actions, e.Seq)
				case e.Kind == "message.posted":
					h.messages = append(h.messages, e.Seq)
				}
			}
			h.settle(events)
		}
	}
	for range 5 {
		rapid.Check(t, play)
	}
	if testing.Short() || t.Failed() {
		return
	}
	for k := range steps {
		if reached[string(k)] == 0 {
			t.Errorf("no history reached %s", k)
		}
	}
	for k := range actionSteps {
		if reached[string(k)] == 0 {
			t.Errorf("no history reached %s", k)
		}
	}
	t.Logf("%v", reached)
}
