package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Bounds of a decision's parts, in characters, and of its lists.
const (
	maxDecision = 2000
	maxPart     = 4000
	maxReason   = 1000
	maxOptions  = 10
)

// ProposeDecision puts a decision forward for somebody to take.
type ProposeDecision struct {
	Decision     string
	Rationale    string
	Maker        incident.MemberNo // whose it is to take; 0 to leave that open
	Deliberation incident.Deliberation
	Chosen
}

func (c ProposeDecision) roots() []incident.Seq { return nil }
func (c ProposeDecision) cites() []incident.Seq { return c.Deliberation.Relied }

func (c ProposeDecision) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.ProposeDecision, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("decision", c.Decision, maxDecision, true); err != nil {
		return nil, err
	}
	if err := checkPart("rationale", c.Rationale, maxPart, false); err != nil {
		return nil, err
	}
	about, err := s.deliberation(c.Deliberation, s.roomTime())
	if err != nil {
		return nil, err
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	if c.Maker != 0 {
		if _, err := s.maker(c.Maker, s.head+1, "decision.proposed", mark, 0); err != nil {
			return nil, err
		}
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: about.Relied}, Authority: incident.Authority{Seen: c.Shown}, Body: &incident.DecisionProposed{Decision: c.Decision,
		Deliberation: about, Invented: s.Actor.System, Maker: c.Maker, Rationale: c.Rationale}})
}

// Taken is a decision as its recorder gives it.
type Taken struct {
	Decision     string
	Rationale    string
	Maker        incident.MemberNo
	Tier         incident.Tier // "" for the maker's
	At           time.Time     // when it was taken; zero for now
	About        bool          // At is not exact
	Deliberation incident.Deliberation
}

// RecordDecision records a decision that was taken. It is in effect from then
// on; its maker confirms afterwards that this is what they decided.
type RecordDecision struct {
	Taken
	From       incident.Seq // the message it is made of; 0 for none
	Supersedes incident.Seq // the decision it stands in the place of; 0 for none
	Reverses   incident.Seq // the decision it undoes; 0 for none
	Chosen                  // default: what the message or that other decision has, else the room's
	Seen       incident.Seq
}

func (c RecordDecision) roots() []incident.Seq { return inOrder(c.From, c.Supersedes, c.Reverses) }
func (c RecordDecision) cites() []incident.Seq { return c.Deliberation.Relied }

func (c RecordDecision) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RecordDecision, nil, nil); err != nil {
		return nil, err
	}
	if c.Supersedes != 0 && c.Reverses != 0 {
		return nil, incident.BadField("reverses", "A decision supersedes another or reverses it, not both.")
	}
	mark, err := s.made(c)
	if err != nil {
		return nil, err
	}
	verdict, about, times, err := s.taken(c.Taken, s.head+1, mark, 0)
	if err != nil {
		return nil, err
	}
	end, err := c.replaces(s, verdict)
	if err != nil {
		return nil, err
	}
	cites := inOrder(append(slices.Clone(about.Relied), c.roots()...)...)
	events := []*incident.Event{{Marking: &mark, Times: times, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: max(c.Seen, c.Shown)},
		Body: &incident.DecisionRecorded{Deliberation: about, From: c.From, Invented: s.Actor.System, Reverses: c.Reverses, Supersedes: c.Supersedes, Verdict: verdict}}}
	if end != nil {
		events = append(events, end)
	}
	return events, nil
}

// made is the marking of a decision. One made of a message repeats what the
// message says, so it stays its originator's to widen, and carries its label
// where that is higher than the room's. One in place of another goes to those
// who had that one, unless somebody chooses otherwise: what was kept among a
// few is not told to the room by being changed.
func (s *scene) made(c RecordDecision) (incident.Marking, error) {
	def := s.plain()
	if c.From != 0 {
		message, err := s.named("from", c.From, policy.RecordDecision, func(o *incident.Object) bool { return o.Kind == "message.posted" })
		if err != nil {
			return def, err
		}
		source := message.Marking
		def.TLP, def.PAP, def.Caveat, def.Audience, def.Originator = graver(def.TLP, source.TLP), source.PAP, source.Caveat, source.Audience, source.Originator
		mark, err := s.mark(c.Chosen, def, source.Audience)
		if err != nil {
			return mark, err
		}
		return mark, s.carries(mark, source)
	}
	field, root := c.old()
	if root == 0 {
		return s.mark(c.Chosen, def, incident.Audience{})
	}
	o, err := s.named(field, root, policy.RecordDecision, isDecision)
	if err != nil {
		return def, err
	}
	had := o.Marking
	def.TLP, def.PAP, def.Caveat, def.Audience = had.TLP, had.PAP, had.Caveat, had.Audience
	return s.mark(c.Chosen, def, had.Audience)
}

// old is the decision that this one ends, and the field that names it; 0 for none.
func (c RecordDecision) old() (field string, root incident.Seq) {
	if c.Reverses != 0 {
		return "reverses", c.Reverses
	}
	return "supersedes", c.Supersedes
}

// replaces returns the event that ends the decision this one stands in the
// place of, or undoes; nil for none.
func (c RecordDecision) replaces(s *scene, v incident.Verdict) (*incident.Event, error) {
	field, root := c.old()
	if root == 0 {
		return nil, nil
	}
	o, err := s.named(field, root, policy.RecordDecision, isDecision)
	if err != nil {
		return nil, err
	}
	old := o.Decision
	if !old.Standing() {
		return nil, settled(o)
	}
	if err := moved(c.Seen, old.Settled, "that decision", decisionIs(old)); err != nil {
		return nil, err
	}
	if asker, maker := s.Asker(), s.Room.Numbered(old.Maker); asker.Role == incident.Representative && (maker == nil || maker.Org != asker.Org) {
		return nil, incident.BadField(field, "Decision %d was not taken for your organisation. Propose what should be decided instead.", root)
	}
	if v.Tier.Rank() < old.Tier.Rank() {
		return nil, incident.BadField(field, "Decision %d was taken at the %s tier; one at a lower tier does not end it. %s", root, old.Tier, s.atTier(old.Tier))
	}
	if field == "reverses" {
		return &incident.Event{Root: root, Body: &incident.DecisionReversed{By: s.head + 1}}, nil
	}
	return &incident.Event{Root: root, Body: &incident.DecisionSuperseded{By: s.head + 1}}, nil
}

// TakeDecision takes a proposed decision, in the words it is taken in.
type TakeDecision struct {
	Root incident.Seq
	Taken
	Seen incident.Seq
}

func (c TakeDecision) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c TakeDecision) cites() []incident.Seq { return c.Deliberation.Relied }

func (c TakeDecision) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.decision(policy.RecordDecision, c.Root, c.Seen, incident.DecisionIsProposed)
	if err != nil {
		return nil, err
	}
	if put := o.Decision.Maker; put != 0 && put != c.Maker && !s.knownGone(put) {
		return nil, incident.BadField("maker", "This was put to %s to decide. Record another decision for anyone else.", s.called(put))
	}
	verdict, about, times, err := s.taken(c.Taken, o.Root, o.Marking, o.By.Member)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Times: times, Refs: incident.Refs{Cites: about.Relied}, Authority: incident.Authority{Seen: c.Seen},
		Body: &incident.DecisionTaken{Deliberation: about, Verdict: verdict}})
}

// taken checks a decision as it was given, to stand at root under the marking;
// began is who proposed it, 0 for nobody.
func (s *scene) taken(c Taken, root incident.Seq, mark incident.Marking, began incident.MemberNo) (v incident.Verdict, about incident.Deliberation, times incident.Times, err error) {
	if err = checkPart("decision", c.Decision, maxDecision, true); err != nil {
		return
	}
	if err = checkPart("rationale", c.Rationale, maxPart, true); err != nil {
		return
	}
	maker, err := s.maker(c.Maker, root, "decision.recorded", mark, began)
	if err != nil {
		return
	}
	if asker := s.Asker(); asker.Role == incident.Representative && maker.Org != asker.Org {
		err = incident.BadField("maker", "You record what your own organisation decides. Propose a decision to anyone else.")
		return
	}
	v = incident.Verdict{Decision: c.Decision, Maker: c.Maker, Rationale: c.Rationale, Tier: c.Tier}
	if v.Tier, err = s.tier(c.Tier, maker); err != nil {
		return
	}
	if times, err = s.happened("taken", c.At, c.About); err != nil {
		return
	}
	when := s.roomTime()
	if !c.At.IsZero() {
		when = c.At
	}
	about, err = s.deliberation(c.Deliberation, when)
	return
}

// maker checks who a decision is said to be by: somebody in the room whom the
// asker may know of, who receives it, and whom its readers may know of too.
func (s *scene) maker(n incident.MemberNo, root incident.Seq, kind incident.Kind, mark incident.Marking, began incident.MemberNo) (*incident.Member, error) {
	if n == 0 || !s.knows(n) {
		return nil, incident.BadField("maker", "M-%d is not someone here whose decision this can be.", n)
	}
	of := s.Room.Numbered(n)
	if !s.receives(of, root, kind, mark) {
		return nil, incident.BadField("maker", "%s would not receive this entry, and could not confirm it. Name them among its readers, or choose another decision-maker.", s.called(n))
	}
	return of, s.mayName("maker", mark.Audience, began, incident.Names{Members: []incident.MemberNo{n}})
}

// tier checks the tier a decision is said to be taken at.
func (s *scene) tier(t incident.Tier, maker *incident.Member) (incident.Tier, error) {
	switch {
	case t == "":
		return maker.Tier(), nil
	case !t.Valid():
		return t, incident.BadField("tier", "Choose operational, tactical or strategic.")
	case t.Rank() > maker.Tier().Rank():
		return t, incident.BadField("tier", "%s is at the %s tier, and decides nothing at the %s one. %s", s.called(maker.Number), maker.Tier(), t, s.atTier(t))
	}
	return t, nil
}

// AddToDecision adds parts of the record that came later. They have their own
// time; what was decided, and on what, stays as it was. A time to look again
// that stands is moved only by those who may look again.
type AddToDecision struct {
	Root         incident.Seq
	Deliberation incident.Deliberation
}

func (c AddToDecision) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c AddToDecision) cites() []incident.Seq { return c.Deliberation.Relied }

func (c AddToDecision) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.decision(policy.AddToDecision, c.Root, 0)
	if err != nil {
		return nil, err
	}
	if c.Deliberation.Empty() {
		return nil, incident.BadField("deliberation", "Give at least one part to add.")
	}
	if d := o.Decision; !c.Deliberation.Review.IsZero() && d.State != incident.DecisionIsProposed && !d.Standing() {
		return nil, incident.BadField("deliberation.review", "This decision %s in entry %d, so there is nothing to look at again.", decisionIs(d), d.Settled)
	} else if !c.Deliberation.Review.IsZero() && !d.Review.IsZero() && s.permit(policy.ReviewDecision, o, nil) != nil {
		return nil, incident.BadField("deliberation.review", "A time to look at it again stands already. Its decision-maker, a lead or a deputy can move it.")
	}
	about, err := s.deliberation(c.Deliberation, s.roomTime())
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Refs: incident.Refs{Cites: about.Relied}, Body: &incident.DecisionAdded{Deliberation: about}})
}

// ConfirmDecision is its maker's word that this is what they decided. It
// rests on a second factor of the last hour.
type ConfirmDecision struct {
	Root incident.Seq
	Seen incident.Seq
}

func (c ConfirmDecision) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ConfirmDecision) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.decision(policy.ConfirmDecision, c.Root, c.Seen, incident.DecisionIsTaken); err != nil {
		return nil, err
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Confirming a decision needs your second factor again. It covers the next hour.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.DecisionConfirmed{},
		Authority: incident.Authority{Seen: c.Seen, StepUp: incident.At(s.Actor.StepUp)}})
}

// DisputeDecision is its maker's word that it is not.
type DisputeDecision struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c DisputeDecision) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c DisputeDecision) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.decision(policy.DisputeDecision, c.Root, c.Seen, incident.DecisionIsTaken); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.DecisionDisputed{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// ReviewDecision says that a decision was looked at again and still stands.
type ReviewDecision struct {
	Root    incident.Seq
	Finding string
	Review  incident.Instant // when to look again; zero: no more
	Seen    incident.Seq
}

func (c ReviewDecision) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ReviewDecision) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.decision(policy.ReviewDecision, c.Root, c.Seen, incident.DecisionIsTaken, incident.DecisionIsConfirmed, incident.DecisionIsDisputed)
	if err != nil {
		return nil, err
	}
	if err := moved(c.Seen, o.Decision.Reviewed, "this decision", "was looked at again"); err != nil {
		return nil, err
	}
	if err := checkPart("finding", c.Finding, maxPart, true); err != nil {
		return nil, err
	}
	if !c.Review.IsZero() {
		if err := s.ahead("review", c.Review); err != nil {
			return nil, err
		}
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.DecisionReviewed{Finding: c.Finding, Review: c.Review}, Authority: incident.Authority{Seen: c.Seen}})
}

func isDecision(o *incident.Object) bool { return o.Decision != nil }

// decision permits an act on a decision that is in one of the states, any if
// none is given, and has not changed since the asker looked.
func (s *scene) decision(act policy.Act, root, seen incident.Seq, states ...incident.DecisionState) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil || !isDecision(o) {
		return nil, incident.Missing()
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	if len(states) == 0 {
		return o, nil
	}
	if !slices.Contains(states, o.Decision.State) {
		return nil, settled(o)
	}
	return o, moved(seen, o.Decision.Settled, "this decision", decisionIs(o.Decision))
}

// decisionIs says where a decision stands.
func decisionIs(d *incident.Decision) string {
	switch d.State {
	case incident.DecisionIsProposed:
		return "was proposed"
	case incident.DecisionIsTaken:
		return "was taken"
	case incident.DecisionIsConfirmed:
		return "was confirmed by its maker"
	case incident.DecisionIsDisputed:
		return "was disputed by its maker"
	case incident.DecisionIsSuperseded:
		return fmt.Sprintf("was superseded by decision %d", d.By)
	}
	return fmt.Sprintf("was reversed by decision %d", d.By)
}

// settled refuses what a decision in its state does not take: it says how it
// came to be so and what can be done.
func settled(o *incident.Object) error {
	advice := map[incident.DecisionState]string{
		incident.DecisionIsProposed:   "Nobody has taken it yet; that comes first.",
		incident.DecisionIsTaken:      "To change it, record another that supersedes or reverses it.",
		incident.DecisionIsConfirmed:  "To change it, record another that supersedes or reverses it.",
		incident.DecisionIsDisputed:   "Record what was decided as another that supersedes it.",
		incident.DecisionIsSuperseded: "Look at that one.",
		incident.DecisionIsReversed:   "Look at that one.",
	}
	d := o.Decision
	return incident.Refuse(incident.Conflict, "Decision %d %s in entry %d. %s", o.Root, decisionIs(d), d.Settled, advice[d.State])
}

// deliberation checks the parts of a decision's record. A time to look again
// lies after the decision.
func (s *scene) deliberation(d incident.Deliberation, after time.Time) (incident.Deliberation, error) {
	for _, part := range []struct{ name, text string }{{"question", d.Question}, {"risks", d.Risks}, {"powers", d.Powers}, {"consulted", d.Consulted},
		{"dissent", d.Dissent}, {"expected", d.Expected}, {"outcome", d.Outcome}} {
		if err := checkPart("deliberation."+part.name, part.text, maxPart, false); err != nil {
			return d, err
		}
	}
	if len(d.Options) > maxOptions {
		return d, incident.BadField("deliberation.options", "At most %d options fit. Leave out the least likely.", maxOptions)
	}
	for i, o := range d.Options {
		if err := checkPart(fmt.Sprintf("deliberation.options[%d].text", i), o.Text, maxDecision, true); err != nil {
			return d, err
		}
		if err := checkPart(fmt.Sprintf("deliberation.options[%d].rejected", i), o.Rejected, maxReason, false); err != nil {
			return d, err
		}
	}
	if !d.Review.IsZero() {
		if d.Review.Before(after.Truncate(time.Minute)) {
			return d, incident.BadField("deliberation.review", "The time to look again lies after the decision.")
		}
		if err := notFar("deliberation.review", d.Review, s.roomTime()); err != nil {
			return d, err
		}
	}
	var err error
	d.Relied, err = s.citations("deliberation.relied", d.Relied)
	return d, err
}

// checkPart checks text of several lines that a person typed.
func checkPart(field, text string, most int, needed bool) error {
	if needed && strings.TrimSpace(text) == "" {
		return incident.BadField(field, "Enter some text here.")
	}
	return checkText(field, text, most)
}
