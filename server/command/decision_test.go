package command_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// at puts a member at a tier, as a lead does.
func (tr *troupe) at(who incident.Actor, tier incident.Tier) {
	e := &incident.Event{Seq: incident.Seq(len(tr.Events)), Kind: "member.tiered", Root: tr.Member(who).Root, Times: incident.Times{Recorded: incident.At(tr.Now)},
		Body: &incident.MemberTiered{Tier: tier}}
	tr.Room = tr.Room.Clone()
	tr.Room.Apply(e)
	tr.Events = append(tr.Events, e)
}

// fresh is the actor with a second factor of just now.
func (tr *troupe) fresh(who incident.Actor) incident.Actor {
	who.StepUp = tr.Now
	return who
}

// head is the last entry: what someone who looks now has on the screen.
func (tr *troupe) head() incident.Seq { return incident.Seq(len(tr.Events) - 1) }

func decided(maker incident.MemberNo) command.RecordDecision {
	return command.RecordDecision{Taken: command.Taken{Decision: "Cut the link to the national network", Rationale: "It spreads by it", Maker: maker}}
}

// refusal checks a refusal's kind, and that what a person reads holds the
// words: its message, or the field that is named.
func refusal(t *testing.T, why string, err error, want incident.Fault, words ...string) {
	t.Helper()
	fault(t, err, want, why)
	var e *incident.Error
	if !errors.As(err, &e) {
		return
	}
	said := e.Message
	for _, f := range e.Fields {
		said += " [" + f.Name + "] " + f.Message
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			t.Errorf("%s: %q does not say %q", why, said, w)
		}
	}
}

func TestADecisionNeedsWhatWhyWhoAndNothingElse(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev := tr.all[0], tr.Number(tr.all[1])
	for _, x := range []struct {
		field string
		edit  func(*command.RecordDecision)
	}{
		{"decision", func(c *command.RecordDecision) { c.Decision = " \n" }},
		{"rationale", func(c *command.RecordDecision) { c.Rationale = "" }},
		{"maker", func(c *command.RecordDecision) { c.Maker = 0 }},
		{"maker", func(c *command.RecordDecision) { c.Maker = 77 }},
		{"tier", func(c *command.RecordDecision) { c.Tier = "gold" }},
		{"about", func(c *command.RecordDecision) { c.About = true }},
		{"taken", func(c *command.RecordDecision) { c.At = tr.Now.Add(time.Hour) }},
		{"taken", func(c *command.RecordDecision) { c.At = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"deliberation.review", func(c *command.RecordDecision) { c.Deliberation.Review = incident.At(tr.Now.Add(-time.Hour)) }},
		{"deliberation.review", func(c *command.RecordDecision) {
			c.Deliberation.Review = incident.At(time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -14*3600)))
		}},
		{"deliberation.relied", func(c *command.RecordDecision) { c.Deliberation.Relied = []incident.Seq{9999} }},
		{"deliberation.relied", func(c *command.RecordDecision) { c.Deliberation.Relied = []incident.Seq{0} }},
		{"deliberation.relied", func(c *command.RecordDecision) { c.Deliberation.Relied = make([]incident.Seq, 101) }},
		{"deliberation.options", func(c *command.RecordDecision) { c.Deliberation.Options = make([]incident.Option, 11) }},
		{"deliberation.options[0].text", func(c *command.RecordDecision) { c.Deliberation.Options = []incident.Option{{Rejected: "too slow"}} }},
		{"reverses", func(c *command.RecordDecision) { c.Supersedes, c.Reverses = 5, 6 }},
		{"supersedes", func(c *command.RecordDecision) { c.Supersedes = 4 }},
		{"from", func(c *command.RecordDecision) { c.From = 4 }},
		{"from", func(c *command.RecordDecision) { c.From = 9999 }},
	} {
		c := decided(dev)
		x.edit(&c)
		before := len(tr.Events)
		_, err := tr.Do(lead, c)
		refusal(t, x.field, err, incident.Invalid, "["+x.field+"]")
		if len(tr.Events) != before {
			t.Errorf("%s: a refusal stored something", x.field)
		}
	}
	root := tr.Must(lead, decided(dev))
	d := tr.Objects[root].Decision
	if d.State != incident.DecisionIsTaken || d.Maker != dev || d.Tier != incident.Tactical || !d.Standing() {
		t.Errorf("recorded as %+v", d)
	}
	if e := tr.Events[root]; !e.Times.Occurred.IsZero() || e.Marking.TLP != incident.AmberStrict || e.Marking.Audience.Kind != incident.ToRoom {
		t.Errorf("recorded with %+v %+v", e.Times, e.Marking)
	}
	about := decided(dev)
	about.At, about.About = tr.Now.Add(-20*time.Minute), true
	if e := tr.Events[tr.Must(lead, about)]; !e.Times.Occurred.Equal(about.At) || !e.Times.About {
		t.Errorf("the time it was taken was kept as %+v", e.Times)
	}
}

func TestADecisionIsForThoseWhoCanTakeIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam, ellis := tr.all[0], tr.all[1], tr.all[3], tr.all[5]
	c := decided(tr.Number(dev))
	c.Tier = incident.Strategic
	_, err := tr.Do(lead, c)
	refusal(t, "a tier above the maker's", err, incident.Invalid, "[tier]", "Dev Rao is at the tactical tier", "a lead can give it")
	tr.at(ellis, incident.Strategic)
	_, err = tr.Do(lead, c)
	refusal(t, "a tier above the maker's", err, incident.Invalid, "At that tier here: Ellis Byrne.")
	c.Tier = incident.Operational
	if d := tr.Objects[tr.Must(lead, c)].Decision; d.Tier != incident.Operational {
		t.Errorf("taken at %s", d.Tier)
	}
	_, err = tr.Do(sam, decided(tr.Number(dev)))
	refusal(t, "a guest recording what a host decided", err, incident.Invalid, "[maker]", "your own organisation", "Propose")
	_, err = tr.Do(sam, decided(tr.Number(ellis)))
	refusal(t, "a guest recording what another guest decided", err, incident.Invalid, "[maker]")
	tr.Must(sam, decided(tr.Number(tr.all[4])))
	tr.Must(lead, decided(tr.Number(sam)))
	hosts := decided(tr.Number(sam))
	hosts.Audience = &incident.Audience{Kind: incident.ToHosts}
	_, err = tr.Do(lead, hosts)
	refusal(t, "a maker who does not receive it", err, incident.Invalid, "[maker]", "Sam Okafor would not receive")
	_, err = tr.Do(tr.all[6], decided(tr.Number(tr.all[6])))
	refusal(t, "an observer", err, incident.Forbidden)
	tr.Must(dev, command.LeaveRoom{})
	_, err = tr.Do(lead, decided(2))
	refusal(t, "a maker who has left", err, incident.Invalid, "[maker]")
}

func TestAMakerWhomTheRosterHidesIsAnsweredAsNobody(t *testing.T) {
	tr := newTroupe(t, incident.RosterHosts)
	sam, ellis := tr.all[3], tr.Number(tr.all[5])
	for name, ask := range map[string]func(incident.MemberNo) command.Command{
		"record":  func(n incident.MemberNo) command.Command { return decided(n) },
		"propose": func(n incident.MemberNo) command.Command { return command.ProposeDecision{Decision: "x", Maker: n} },
		"action": func(n incident.MemberNo) command.Command {
			return command.RaiseAction{Text: "x", For: incident.Assignee{Member: n, Org: "X2E"}}
		},
	} {
		_, hidden := tr.Do(sam, ask(ellis))
		_, missing := tr.Do(sam, ask(77))
		if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), fmt.Sprint(ellis), "N") != strings.ReplaceAll(missing.Error(), "77", "N") {
			t.Errorf("%s: hidden %v; missing %v", name, hidden, missing)
		}
	}
	// Nor does who is at a tier tell of whom they may not know.
	tr.at(tr.all[5], incident.Strategic)
	c := decided(tr.Number(sam))
	c.Tier = incident.Strategic
	_, err := tr.Do(sam, c)
	refusal(t, "the tier of one who is hidden", err, incident.Invalid, "Nobody you know of")
}

func TestTheMakerConfirmsOrDisputesOnceAndNobodyElseDoes(t *testing.T) {
	for _, first := range []string{"confirm", "dispute"} {
		tr := newTroupe(t, incident.RosterNames)
		lead, dev := tr.all[0], tr.all[1]
		root := tr.Must(lead, decided(tr.Number(dev)))
		seen := tr.head()
		confirm := command.ConfirmDecision{Root: root, Seen: seen}
		dispute := command.DisputeDecision{Root: root, Reason: "I said the opposite", Seen: seen}
		for _, c := range []command.Command{confirm, dispute} {
			_, err := tr.Do(tr.fresh(lead), c)
			refusal(t, "not the maker", err, incident.Forbidden, "Only the decision-maker")
		}
		_, err := tr.Do(dev, confirm)
		refusal(t, "without a second factor", err, incident.StepUp, "second factor")
		stale := dev
		stale.StepUp = tr.Now.Add(-time.Hour)
		_, err = tr.Do(stale, confirm)
		refusal(t, "with one of more than an hour ago", err, incident.StepUp)
		_, err = tr.Do(dev, command.DisputeDecision{Root: root, Seen: seen})
		refusal(t, "disputing without a reason", err, incident.Invalid, "[reason]")
		won, lost := command.Command(confirm), command.Command(dispute)
		words := "was confirmed by its maker"
		if first == "dispute" {
			won, lost, words = dispute, confirm, "was disputed by its maker"
		}
		at := tr.Must(tr.fresh(dev), won)
		if e := tr.Events[at]; first == "confirm" && e.Authority.StepUp.IsZero() || e.Authority.Seen != seen {
			t.Errorf("%s rests on %+v", first, e.Authority)
		}
		for _, c := range []command.Command{lost, won} {
			_, err = tr.Do(tr.fresh(dev), c)
			refusal(t, "after "+first, err, incident.Conflict, words, fmt.Sprintf("in entry %d", at), "supersedes")
		}
	}
}

func TestWhatIsInTheWrongOrderIsToldWhatHappenedAndWhatToDo(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev := tr.all[0], tr.all[1]
	n := tr.Number(dev)
	put := tr.Must(lead, command.ProposeDecision{Decision: "Cut the link", Maker: n})
	_, err := tr.Do(tr.fresh(dev), command.ConfirmDecision{Root: put, Seen: tr.head()})
	refusal(t, "confirming a proposal", err, incident.Conflict, "was proposed", "Nobody has taken it yet")
	_, err = tr.Do(lead, command.ReviewDecision{Root: put, Finding: "x", Seen: tr.head()})
	refusal(t, "reviewing a proposal", err, incident.Conflict)
	replace := decided(n)
	replace.Supersedes = put
	_, err = tr.Do(lead, replace)
	refusal(t, "superseding a proposal", err, incident.Conflict, "that comes first")

	take := command.TakeDecision{Root: put, Taken: decided(n).Taken, Seen: tr.head()}
	other := take
	other.Maker = tr.Number(lead)
	_, err = tr.Do(lead, other)
	refusal(t, "taken by another than it was put to", err, incident.Invalid, "[maker]", "put to Dev Rao")
	taken := tr.Must(lead, take)
	_, err = tr.Do(lead, take)
	refusal(t, "taking it twice", err, incident.Conflict, "was taken", fmt.Sprintf("in entry %d", taken))

	// Looked at again twice, the second without having seen the first.
	seen := tr.head()
	looked := tr.Must(lead, command.ReviewDecision{Root: put, Finding: "still right", Review: incident.At(tr.Now.Add(time.Hour)), Seen: seen})
	_, err = tr.Do(dev, command.ReviewDecision{Root: put, Finding: "still right", Seen: seen})
	refusal(t, "a stale review", err, incident.Conflict, fmt.Sprintf("Entry %d changed", looked), "Read it")
	// A confirmation nobody who looked before it has seen.
	seen = tr.head()
	confirmed := tr.Must(tr.fresh(dev), command.ConfirmDecision{Root: put, Seen: seen})
	_, err = tr.Do(lead, command.ReviewDecision{Root: put, Finding: "x", Seen: seen})
	refusal(t, "a review on what was then confirmed", err, incident.Conflict, fmt.Sprintf("Entry %d changed this decision", confirmed), "was confirmed")
	replace.Supersedes, replace.Seen = put, seen
	_, err = tr.Do(lead, replace)
	refusal(t, "superseding what was then confirmed", err, incident.Conflict, fmt.Sprintf("Entry %d changed that decision", confirmed))

	replace.Seen = tr.head()
	by := tr.Must(lead, replace)
	for name, c := range map[string]command.Command{"superseding it again": replace, "confirming": command.ConfirmDecision{Root: put, Seen: tr.head()},
		"reviewing": command.ReviewDecision{Root: put, Finding: "x", Seen: tr.head()}} {
		_, err = tr.Do(tr.fresh(dev), c)
		refusal(t, name, err, incident.Conflict, fmt.Sprintf("was superseded by decision %d", by), fmt.Sprintf("in entry %d", by+1))
	}
	_, err = tr.Do(lead, command.AddToDecision{Root: put, Deliberation: incident.Deliberation{Review: incident.At(tr.Now.Add(time.Hour))}})
	refusal(t, "a time to look again at what stands no more", err, incident.Invalid, "[deliberation.review]")
	tr.Must(lead, command.AddToDecision{Root: put, Deliberation: incident.Deliberation{Outcome: "It held for two hours"}})
	_, err = tr.Do(lead, command.AddToDecision{Root: put})
	refusal(t, "adding nothing", err, incident.Invalid, "[deliberation]")

	for _, to := range []incident.Lifecycle{incident.StoodDown, incident.Review, incident.Closed} {
		tr.Must(lead, command.MoveRoom{To: to})
	}
	_, err = tr.Do(tr.fresh(dev), command.ConfirmDecision{Root: by, Seen: tr.head()})
	refusal(t, "in a closed room", err, incident.Conflict, "closed")
}

func TestAnotherDecisionEndsOneOnlyFromItsTierUp(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, rowan, sam, ellis := tr.all[0], tr.all[2], tr.all[3], tr.all[5]
	old := tr.Must(lead, decided(tr.Number(lead)))
	c := decided(tr.Number(rowan))
	c.Reverses, c.Seen = old, tr.head()
	_, err := tr.Do(lead, c)
	refusal(t, "from below", err, incident.Invalid, "[reverses]", "at the tactical tier", "Priya Anand, Dev Rao")
	guest := decided(tr.Number(sam))
	guest.Supersedes = old
	tr.at(sam, incident.Strategic)
	_, err = tr.Do(sam, guest)
	refusal(t, "a guest ending a host's decision", err, incident.Invalid, "[supersedes]", "not taken for your organisation")
	theirs := tr.Must(ellis, decided(tr.Number(ellis)))
	guest.Supersedes = theirs
	_, err = tr.Do(sam, guest)
	refusal(t, "a guest ending another guest's decision", err, incident.Invalid, "[supersedes]")
	c.Maker = tr.Number(lead)
	by := tr.Must(lead, c)
	if d := tr.Objects[old].Decision; d.State != incident.DecisionIsReversed || d.By != by || d.Settled != by+1 || d.Standing() {
		t.Errorf("reversed as %+v", d)
	}
	if got := tr.Events[by].Refs.Cites; !slices.Equal(got, []incident.Seq{old}) {
		t.Errorf("the reversal cites %v", got)
	}
}

func TestADecisionInPlaceOfAnotherGoesToThoseWhoHadThatOne(t *testing.T) {
	for how, link := range map[string]func(*command.RecordDecision, incident.Seq){
		"superseded": func(c *command.RecordDecision, old incident.Seq) { c.Supersedes = old },
		"reversed":   func(c *command.RecordDecision, old incident.Seq) { c.Reverses = old },
	} {
		tr := newTroupe(t, incident.RosterNames)
		lead := tr.all[0]
		c := decided(tr.Number(lead))
		c.Chosen = command.Chosen{TLP: incident.Amber, PAP: incident.PAPRed, Caveat: incident.OfficialSensitive, Audience: &incident.Audience{Kind: incident.ToHosts}}
		old := tr.Must(lead, c)
		next := decided(tr.Number(lead))
		link(&next, old)
		next.Seen = tr.head()
		was, mark := tr.Objects[old].Marking, tr.Objects[tr.Must(lead, next)].Marking
		if mark.TLP != was.TLP || mark.PAP != was.PAP || mark.Caveat != was.Caveat || !mark.Audience.Equal(was.Audience) {
			t.Errorf("%s: marked %+v, the one before %+v", how, mark, was)
		}
		last := decided(tr.Number(lead))
		link(&last, tr.head()-1)
		last.Seen, last.Audience = tr.head(), &incident.Audience{Kind: incident.ToRoom}
		if got := tr.Objects[tr.Must(lead, last)].Marking.Audience.Kind; got != incident.ToRoom {
			t.Errorf("%s, and meant for everybody: it went to %s", how, got)
		}
	}
}

func TestWhatIsMadeOfAMessageIsKeptAsCloselyAsIt(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam := tr.all[0], tr.all[1], tr.all[3]
	few := &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{tr.Number(lead), tr.Number(dev)}}
	from := tr.Must(sam, command.PostMessage{Text: "Isolate ward 4", TLP: incident.Red, PAP: incident.PAPAmber, Caveat: incident.OfficialSensitive, Audience: few})
	c := decided(tr.Number(dev))
	c.From = from
	for field, wider := range map[string]command.Chosen{
		"tlp":      {TLP: incident.Amber},
		"pap":      {PAP: incident.PAPGreen},
		"caveat":   {Caveat: incident.Official},
		"audience": {Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{tr.Number(dev), tr.Number(tr.all[5])}}},
	} {
		c.Chosen = wider
		_, err := tr.Do(lead, c)
		refusal(t, field, err, incident.Invalid, "["+field+"]")
	}
	c.Chosen = command.Chosen{}
	root := tr.Must(lead, c)
	mark, source := tr.Objects[root].Marking, tr.Objects[from].Marking
	if mark.TLP != incident.Red || !mark.Audience.Equal(source.Audience) || mark.PAP != source.PAP || mark.Caveat != source.Caveat {
		t.Errorf("marked %+v, the message %+v", mark, source)
	}
	// The words are Sam's organisation's: theirs to widen, and nobody else's.
	all := &incident.Audience{Kind: incident.ToRoom}
	_, err := tr.Do(lead, command.WidenEntry{Root: root, TLP: incident.Amber, Audience: all, Reason: "x"})
	refusal(t, "widening what carries another's words", err, incident.Forbidden, "came from")
	sam.StepUp = tr.Now
	tr.Must(sam, command.WidenEntry{Root: root, TLP: incident.Amber, Audience: all, Reason: "agreed"})

	clear := tr.Must(sam, command.PostMessage{Text: "We are open", TLP: incident.Clear})
	c = decided(tr.Number(dev))
	c.From = clear
	if m := tr.Objects[tr.Must(lead, c)].Marking; m.TLP != incident.AmberStrict {
		t.Errorf("made of a message for the world it is labelled %s; the room's default is higher", m.TLP)
	}
	// Nobody makes anything of what they do not see.
	_, hidden := tr.Do(tr.all[5], func() command.Command { c := decided(tr.Number(tr.all[5])); c.From = from; return c }())
	_, missing := tr.Do(tr.all[5], func() command.Command { c := decided(tr.Number(tr.all[5])); c.From = 9999; return c }())
	if hidden == nil || missing == nil || strings.ReplaceAll(hidden.Error(), fmt.Sprint(from), "N") != strings.ReplaceAll(missing.Error(), "9999", "N") {
		t.Errorf("made of a hidden message: %v; of none: %v", hidden, missing)
	}
}

func TestWhatWasReliedOnIsSeenByWhoCitesItAndStaysAsItWas(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam := tr.all[0], tr.all[1], tr.all[3]
	said := tr.Must(lead, command.PostMessage{Text: "three sites"})
	corrected := tr.Must(lead, command.CorrectMessage{Root: said, Text: "four sites"})
	secret := tr.Must(lead, command.PostMessage{Text: "a source", Audience: &incident.Audience{Kind: incident.ToHosts}})
	c := decided(tr.Number(sam))
	for _, n := range []incident.Seq{secret, 9999} {
		c.Deliberation.Relied = []incident.Seq{said, n}
		_, err := tr.Do(sam, c)
		refusal(t, "citing what is not there for them", err, incident.Invalid, "[deliberation.relied]", fmt.Sprintf("Entry %d is not there for you", n))
	}
	c = decided(tr.Number(dev))
	c.Deliberation.Relied = []incident.Seq{corrected, said, secret, said}
	root := tr.Must(lead, c)
	want := []incident.Seq{said, corrected, secret}
	if got := tr.Events[root]; !slices.Equal(got.Refs.Cites, want) || !slices.Equal(got.Body.(*incident.DecisionRecorded).Deliberation.Relied, want) {
		t.Errorf("relied on %v, cites %v", got.Body, got.Refs.Cites)
	}
	// Sam sees the decision and the numbers, not the secret; and cites what he sees.
	late := tr.Must(sam, command.AddToDecision{Root: root, Deliberation: incident.Deliberation{Relied: []incident.Seq{corrected}, Dissent: "Too early"}})
	_, err := tr.Do(sam, command.AddToDecision{Root: root, Deliberation: incident.Deliberation{Relied: []incident.Seq{secret}}})
	refusal(t, "adding what is not theirs to see", err, incident.Invalid, "[deliberation.relied]")
	if got := tr.Events[root].Body.(*incident.DecisionRecorded).Deliberation.Relied; !slices.Equal(got, want) || tr.Events[late].Seq <= root {
		t.Errorf("what came later changed what was relied on: %v", got)
	}
	tr.Must(lead, command.WithholdEntry{Root: said})
	_, err = tr.Do(sam, command.AddToDecision{Root: root, Deliberation: incident.Deliberation{Relied: []incident.Seq{corrected}}})
	refusal(t, "citing what has been withheld", err, incident.Invalid)
}

func TestADecisionThatTheMakerSeesNoMoreIsNotFoundByThem(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, sam := tr.all[0], tr.all[3]
	root := tr.Must(lead, decided(tr.Number(sam)))
	tr.Must(lead, command.WithholdEntry{Root: root})
	for _, c := range []command.Command{command.ConfirmDecision{Root: root, Seen: tr.head()}, command.DisputeDecision{Root: root, Reason: "x", Seen: tr.head()}} {
		_, err := tr.Do(tr.fresh(sam), c)
		refusal(t, "while it is withheld", err, incident.NotFound)
		_, none := tr.Do(tr.fresh(sam), command.ConfirmDecision{Root: 9999, Seen: 1})
		if err.Error() != none.Error() {
			t.Errorf("withheld: %v; missing: %v", err, none)
		}
	}
	tr.Must(lead, command.RestoreEntry{Root: root})
	tr.Must(tr.fresh(sam), command.ConfirmDecision{Root: root, Seen: tr.head()})
}

func TestAProposalOfOneWhoHasLeftIsTakenByAnother(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev := tr.all[0], tr.all[1]
	put := tr.Must(lead, command.ProposeDecision{Decision: "Cut the link", Maker: tr.Number(dev)})
	tr.Must(dev, command.LeaveRoom{})
	tr.Must(lead, command.TakeDecision{Root: put, Taken: decided(tr.Number(lead)).Taken, Seen: tr.head()})
	if d := tr.Objects[put].Decision; d.Maker != tr.Number(lead) || d.State != incident.DecisionIsTaken {
		t.Errorf("taken as %+v", d)
	}
}

func TestAnExercisesTimesAreItsClocks(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeExercise, incident.RosterNames)
	start := time.Date(2017, 5, 12, 13, 0, 0, 0, time.UTC)
	p.Must(p.Lead, command.SetClock{At: start, Factor: 1})
	c := decided(1)
	c.At = start.Add(time.Hour)
	_, err := p.Do(p.Lead, c)
	refusal(t, "later than the exercise", err, incident.Invalid, "[taken]", "not come yet")
	c.At, c.Deliberation.Review = start.Add(-time.Hour), incident.At(start.Add(-30*time.Minute))
	root := p.Must(p.Lead, c)
	if d := p.Objects[root].Decision; !d.Taken.Equal(c.At) || !d.Review.Equal(start.Add(-30*time.Minute)) {
		t.Errorf("taken at %v, to be looked at again at %v", d.Taken, d.Review)
	}
	raise := command.RaiseAction{Text: "x", For: incident.Assignee{Org: "DSC"}, Due: incident.At(start.Add(time.Hour))}
	if a := p.Objects[p.Must(p.Lead, raise)].Action; !a.Due.Equal(raise.Due.Time) {
		t.Errorf("due at %v", a.Due)
	}
	raise.Due = incident.At(start.Add(-time.Hour))
	_, err = p.Do(p.Lead, raise)
	refusal(t, "due before the exercise's now", err, incident.Invalid, "[due]")
	invented := p.Must(incident.Actor{System: true, Person: p.Lead.Person}, decided(1))
	if !p.Events[invented].Body.(*incident.DecisionRecorded).Invented || p.Events[root].Body.(*incident.DecisionRecorded).Invented {
		t.Error("what exercise control writes is not marked as invented, or what a player writes is")
	}
}

// A time that RFC 3339 cannot write would make an entry that nobody can read
// again, and with it the room.
func TestEveryEntryThatIsStoredCanBeReadAgain(t *testing.T) {
	p := servertest.NewPaper(t, incident.ModeExercise, incident.RosterNames)
	east, west := time.FixedZone("", 14*3600), time.FixedZone("", -14*3600)
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, east), time.Date(9999, 12, 31, 23, 0, 0, 0, west)
	for _, when := range []time.Time{first, last} {
		for name, c := range map[string]command.Command{
			"a message":  command.PostMessage{Text: "x", Occurred: when},
			"a clock":    command.SetClock{At: when, Factor: 1},
			"a decision": command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: 1, At: when}},
			"a review":   command.RecordDecision{Taken: command.Taken{Decision: "x", Rationale: "x", Maker: 1, Deliberation: incident.Deliberation{Review: incident.At(when)}}},
			"an action":  command.RaiseAction{Text: "x", For: incident.Assignee{Org: "DSC"}, Due: incident.At(when)},
		} {
			_, err := p.Do(p.Lead, c)
			fault(t, err, incident.Invalid, name+" at "+when.String())
		}
	}
	for _, e := range p.Events {
		values, err := e.Encode()
		if err == nil {
			_, err = incident.Decode(e.Seq, values)
		}
		if err != nil {
			t.Errorf("entry %d: %v", e.Seq, err)
		}
	}
}

// A time to look again that stands is moved by looking again, which is its
// maker's and the leads'; anybody may give one where there is none.
func TestATimeToLookAgainIsNotPutOffByAnAddition(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, liaison, sam, ellis := tr.all[0], tr.all[2], tr.all[3], tr.all[5]
	add := func(root incident.Seq, in time.Duration) command.AddToDecision {
		return command.AddToDecision{Root: root, Deliberation: incident.Deliberation{Review: incident.At(tr.Now.Add(in))}}
	}
	root := tr.Must(lead, decided(tr.Number(sam)))
	put := tr.Must(lead, command.ProposeDecision{Decision: "Open it again"})
	for _, n := range []incident.Seq{root, put} {
		tr.Must(ellis, add(n, time.Hour))
		for _, who := range []incident.Actor{ellis, liaison} {
			_, err := tr.Do(who, add(n, 1000*time.Hour))
			refusal(t, "putting it off", err, incident.Invalid, "look at it again")
		}
	}
	due := tr.Objects[root].Decision.Review
	tr.Must(ellis, command.AddToDecision{Root: root, Deliberation: incident.Deliberation{Dissent: "We would have waited"}})
	if got := tr.Objects[root].Decision.Review; got != due {
		t.Errorf("an addition about something else moved the review to %v", got)
	}
	tr.Must(sam, add(root, 2*time.Hour))
	tr.Must(lead, add(put, 2*time.Hour))
}

// Whose move it is, or whose decision it is said to be, is not left out by
// narrowing who receives it: it would be theirs without their knowing. A lead
// may withhold it, which is a step that is seen and taken back.
func TestNarrowingLeavesInWhoseItIs(t *testing.T) {
	tr := newTroupe(t, incident.RosterNames)
	lead, dev, sam, kim, ellis := tr.all[0], tr.all[1], tr.all[3], tr.all[4], tr.all[5]
	n := tr.Number
	to := func(list ...incident.Actor) *incident.Audience {
		a := &incident.Audience{Kind: incident.ToNamed}
		for _, who := range list {
			a.Members = append(a.Members, n(who))
		}
		return a
	}
	// A guest's proposal that a host has taken is not the guest's to hide.
	put := tr.Must(ellis, command.ProposeDecision{Decision: "Cut the link"})
	tr.Must(lead, command.TakeDecision{Root: put, Taken: decided(n(dev)).Taken, Seen: tr.head()})
	_, err := tr.Do(ellis, command.TightenEntry{Root: put, Audience: to(ellis)})
	refusal(t, "the proposer hides what was decided", err, incident.Invalid, "Dev Rao")
	tr.Must(ellis, command.TightenEntry{Root: put, Audience: to(ellis, lead, dev)})

	made := tr.Must(lead, decided(n(sam)))
	_, err = tr.Do(lead, command.TightenEntry{Root: made, Audience: &incident.Audience{Kind: incident.ToHosts}})
	refusal(t, "a lead hides from its maker what they are said to have decided", err, incident.Invalid, "Sam Okafor", "withhold")
	tr.Must(lead, command.TightenEntry{Root: made, TLP: incident.Red, Audience: to(lead, sam)})

	for i, who := range []incident.Assignee{{Member: n(sam), Org: "X1N"}, {Org: "X1N"}} {
		asked := tr.Must(lead, command.RaiseAction{Text: "Check the firewall", For: who})
		_, err = tr.Do(lead, command.TightenEntry{Root: asked, Audience: &incident.Audience{Kind: incident.ToHosts}})
		refusal(t, "an action is hidden from whom it is for", err, incident.Invalid, []string{"Sam Okafor", "Northmoor NHS Trust"}[i], "withhold")
		tr.Must(lead, command.TightenEntry{Root: asked, Audience: to(lead, sam)})
		tr.Must(lead, command.WithholdEntry{Root: asked})
	}
	org := tr.Must(lead, command.RaiseAction{Text: "Check it too", For: incident.Assignee{Org: "X1N"}})
	tr.Must(lead, command.TightenEntry{Root: org, Audience: to(lead, kim)}) // any of them will do
	tr.Must(kim, command.AcceptAction{Root: org, Seen: tr.head()})
	tr.Must(kim, command.FinishAction{Root: org, Evidence: "Checked", Seen: tr.head()})
	tr.Must(lead, command.TightenEntry{Root: org, Audience: to(lead)}) // nothing is left for them to do

	book := tr.Must(lead, command.OpenBook{Maker: n(dev), Signal: "He says so"})
	_, err = tr.Do(lead, command.TightenEntry{Root: book, Audience: to(lead)})
	refusal(t, "a book is hidden from whom it is kept for", err, incident.Invalid, "Dev Rao")
	tr.Must(lead, command.TightenEntry{Root: book, Audience: to(lead, dev)})

	// Who has left, or does not receive it as it is, keeps nothing open.
	gone := tr.Must(lead, decided(n(ellis)))
	tr.Must(ellis, command.LeaveRoom{})
	tr.Must(lead, command.TightenEntry{Root: gone, Audience: to(lead)})
}
