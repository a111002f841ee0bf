package command

import (
	"cmp"
	"fmt"
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

func init() { fires["escalation"] = fireEscalation }

// RequestEscalation asks that authority be taken at the tier that the matrix
// sends the condition to.
type RequestEscalation struct {
	Condition incident.Condition
	SBAR      incident.SBAR
	Chosen    // default: the room

	// Facts of the system log and the directory, fetched by the server.
	Chain   []incident.Step    `json:"-"` // who could be asked, in order
	Row     incident.MatrixRow `json:"-"` // where the matrix sends it
	Version int                `json:"-"` // of the matrix
}

// maxSBAR bounds each part.
const maxSBAR = 2000

// MaxWaiting bounds the escalations of one organisation in a room that are not
// over: no other's fill what it has.
const MaxWaiting = 100

// MaxChain bounds how many are asked, one after the other.
const MaxChain = 12

func (c RequestEscalation) roots() []incident.Seq { return nil }

func (c RequestEscalation) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RequestEscalation, nil, nil); err != nil {
		return nil, err
	}
	if !slices.Contains(incident.Conditions, c.Condition) {
		return nil, incident.BadField("condition", "Choose what you ask for.")
	}
	b := c.SBAR
	for _, part := range []struct {
		name, text string
		needed     bool
	}{{"situation", b.Situation, true}, {"background", b.Background, false}, {"assessment", b.Assessment, false}, {"recommendation", b.Recommendation, true}} {
		if err := checkPart("sbar."+part.name, part.text, maxSBAR, part.needed); err != nil {
			return nil, err
		}
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	if mark.TLP == incident.Red || mark.Recorded {
		return nil, incident.BadField("tlp", "Who is asked must be able to read it at once. Put what is TLP:RED in an entry of its own, and give its number here.")
	}
	if !s.hostsReceive(mark) {
		return nil, incident.BadField("audience", "Both hosts receive an escalation: their people are asked, and are alarmed if nobody answers. Add %s.", orgs(s.Room.Hosts))
	}
	if err := s.anotherEscalation(s.Asker().Org); err != nil {
		return nil, err
	}
	chain := s.chain(c.Chain)
	body := &incident.EscalationRequested{Chain: chain, Condition: c.Condition, Factor: c.Row.Factor, Invented: s.Actor.System, Matrix: c.Version,
		Minutes: c.Row.Minutes, SBAR: b, Tier: c.Row.Tier, TwoKey: c.Row.TwoKey}
	events := []*incident.Event{{Marking: &mark, Body: body}}
	if len(chain) == 0 {
		return append(events, &incident.Event{Root: s.head + 1, Body: &incident.EscalationSilent{}}), nil
	}
	return append(events, s.callTo(chain[0])...), nil
}

// anotherEscalation refuses more than anybody can answer.
func (s *scene) anotherEscalation(org incident.OrgID) error {
	n := 0
	for _, e := range s.Room.Escalations {
		if e.By.Org == org {
			n++
		}
	}
	if n >= MaxWaiting {
		return incident.Refuse(incident.Conflict, "%d escalations of your organisation are not over. Have one answered, withdrawn or stood down first. If it cannot wait, ring.", n)
	}
	return nil
}

func orgs(list []incident.OrgID) string {
	words := ""
	for i, o := range list {
		if i > 0 {
			words += " and "
		}
		words += string(o)
	}
	return words
}

// hostsReceive reports whether everyone of both hosts receives an entry.
func (s *scene) hostsReceive(m incident.Marking) bool {
	switch m.Audience.Kind {
	case incident.ToRoom, incident.ToHosts:
		return true
	}
	return !slices.ContainsFunc(s.Room.Hosts, func(h incident.OrgID) bool { return !slices.Contains(m.Audience.Orgs, h) })
}

// chain is who is asked: each person once, never whoever asks, those in the
// room by their number and the others by the invitation that was made for
// them.
func (s *scene) chain(list []incident.Step) []incident.Step {
	chain := []incident.Step{}
	for _, step := range list {
		if step.Person == s.Actor.Person || slices.ContainsFunc(chain, func(o incident.Step) bool { return o.Person == step.Person }) || len(chain) == MaxChain {
			continue
		}
		if m := s.Room.Member(step.Person); m.Present() {
			if !m.Host {
				continue // here they act for a guest
			}
			step.Member, step.Name, step.Org = m.Number, m.Seat.Name, m.Org
			step.Invitation, step.Issuer, step.Seat = "", "", nil
		} else if step.Invitation == "" || step.Seat == nil {
			continue
		}
		chain = append(chain, step)
	}
	return chain
}

// reachable reports whether the step's person can be asked now: they are in
// the room, or can be called in.
func (s *scene) reachable(step incident.Step) bool {
	return s.Room.Member(step.Person).Present() || step.Invitation != ""
}

// callTo invites a step's person into the room, if they are not in it and not
// called already.
func (s *scene) callTo(step incident.Step) []*incident.Event {
	if step.Invitation == "" || s.Room.Member(step.Person).Present() ||
		slices.ContainsFunc(s.Room.Members, func(m *incident.Member) bool { return m.Invitation == step.Invitation }) {
		return nil
	}
	return []*incident.Event{{Body: &incident.MemberInvited{Seat: *step.Seat, Issuer: step.Issuer, Invitation: step.Invitation},
		Marking: &incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: step.Org}}}
}

// fireEscalation passes it to the next who can be asked. When nobody is left,
// both hosts are alarmed.
func fireEscalation(s *scene, t incident.Timer) ([]*incident.Event, error) {
	e := s.Room.Escalation(t.ID.Root())
	for next := e.Step; next < len(e.Chain); next++ {
		if s.reachable(e.Chain[next]) {
			return append([]*incident.Event{{Root: e.Root, Body: &incident.EscalationAdvanced{Step: next + 1}}}, s.callTo(e.Chain[next])...), nil
		}
	}
	return one(&incident.Event{Root: e.Root, Body: &incident.EscalationSilent{}})
}

// AcceptEscalation takes the authority, and decides what was asked. Of two
// keys the first changes nothing yet.
type AcceptEscalation struct {
	Root      incident.Seq
	Rationale string
	Seen      incident.Seq
}

func (c AcceptEscalation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AcceptEscalation) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.escalation(policy.AcceptEscalation, c.Root, c.Seen, incident.EscalationIsRequested, incident.EscalationIsSilent)
	if err != nil {
		return nil, err
	}
	if err := checkPart("rationale", c.Rationale, maxPart, true); err != nil {
		return nil, err
	}
	e, m := o.Escalation, s.Asker()
	for _, k := range e.Keys {
		if of := s.Room.Numbered(k.By.Member); of == nil || of.Person == m.Person {
			return nil, incident.Refuse(incident.Conflict, "You have accepted it. A second person must too.")
		}
	}
	auth := incident.Authority{}
	if e.Factor {
		if auth, err = s.fresh(); err != nil {
			return nil, err
		}
	}
	auth.Seen = c.Seen
	accepted := &incident.EscalationAccepted{Rationale: c.Rationale, Tier: m.Tier()}
	events := []*incident.Event{{Root: o.Root, Body: accepted, Authority: auth}}
	if e.TwoKey && len(e.Keys) == 0 {
		return events, nil
	}
	accepted.Decision = s.head + 2
	events = append(events, s.decided(o, c.Rationale)...)
	for _, by := range append(slices.Clone(e.Keys), incident.Accepted{By: member(m)}) {
		if of := s.Room.Numbered(by.By.Member); of.Present() && of.Tier().Rank() < e.Tier.Rank() {
			events = append(events, &incident.Event{Root: of.Root, Body: &incident.MemberTiered{Tier: e.Tier}})
		}
	}
	return events, nil
}

// decided records what was accepted as a decision of whoever accepts it, and
// as confirmed where they have just shown that it is them.
func (s *scene) decided(o *incident.Object, rationale string) []*incident.Event {
	m, mark, at := s.Asker(), o.Marking, s.head+2
	mark.Originator = m.Org
	said := cmp.Or(o.Body.(*incident.EscalationRequested).SBAR.Recommendation, fmt.Sprintf("As was asked in entry %d.", o.Root))
	about := incident.Deliberation{Question: fmt.Sprintf("Escalation %d, to the %s tier.", o.Root, o.Escalation.Tier), Relied: []incident.Seq{o.Root}}
	events := []*incident.Event{{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{o.Root}},
		Body: &incident.DecisionRecorded{Deliberation: about, Invented: s.Actor.System,
			Verdict: incident.Verdict{Decision: said, Maker: m.Number, Rationale: rationale, Tier: o.Escalation.Tier}}}}
	if s.Actor.SteppedUp(s.Now) && !s.Actor.System {
		events = append(events, &incident.Event{Root: at, Body: &incident.DecisionConfirmed{}, Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}})
	}
	return events
}

// RefuseEscalation is the answer no.
type RefuseEscalation struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c RefuseEscalation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RefuseEscalation) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.escalation(policy.RefuseEscalation, c.Root, c.Seen, incident.EscalationIsRequested, incident.EscalationIsSilent); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.EscalationRefused{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// WithdrawEscalation takes it back before it is answered.
type WithdrawEscalation struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c WithdrawEscalation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawEscalation) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.escalation(policy.WithdrawEscalation, c.Root, c.Seen, incident.EscalationIsRequested, incident.EscalationIsSilent); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.EscalationWithdrawn{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// ActEscalation says that whoever asked acted without approval, because nobody
// answered.
type ActEscalation struct {
	Root    incident.Seq
	Because string
	Seen    incident.Seq
}

func (c ActEscalation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ActEscalation) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.escalation(policy.ActEscalation, c.Root, c.Seen, incident.EscalationIsSilent); err != nil {
		return nil, err
	}
	if err := checkPart("because", c.Because, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.EscalationActed{Because: c.Because}, Authority: incident.Authority{Seen: c.Seen}})
}

// StandDownEscalation ends what was accepted: whoever took the authority acts
// at the tier they had before.
type StandDownEscalation struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c StandDownEscalation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c StandDownEscalation) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.escalation(policy.StandDownEscalation, c.Root, c.Seen, incident.EscalationIsAccepted)
	if err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	e := o.Escalation
	events := []*incident.Event{{Root: c.Root, Body: &incident.EscalationStoodDown{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}}}
	for _, k := range e.Keys {
		of := s.Room.Numbered(k.By.Member)
		if of.Present() && of.Tier() == e.Tier && k.Was.Rank() < e.Tier.Rank() && !s.keptAt(of, e.Tier, e.Root) {
			events = append(events, &incident.Event{Root: of.Root, Body: &incident.MemberTiered{Tier: k.Was}})
		}
	}
	return events, nil
}

// escalation permits an act on one that is in one of the states. To whom it is
// no more than known what became of it while they looked, that is told.
func (s *scene) escalation(act policy.Act, root, seen incident.Seq, states ...incident.EscalationState) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil || o.Escalation == nil {
		return nil, incident.Missing()
	}
	e := o.Escalation
	if err := s.permit(act, o, nil); err != nil {
		if (act == policy.AcceptEscalation || act == policy.RefuseEscalation) && incident.FaultOf(err) == incident.Forbidden && policy.May(s.Room, s.Asker(), o.Sight()) {
			return nil, s.notTheirs(e, err)
		}
		return nil, err
	}
	if !slices.Contains(states, e.State) {
		return nil, incident.Refuse(incident.Conflict, "Escalation %d %s in entry %d.", root, escalationIs(e), e.Settled)
	}
	return o, moved(seen, e.Settled, "this escalation", escalationIs(e))
}

// notTheirs says why somebody may not answer, if that is why.
func (s *scene) notTheirs(e *incident.Escalation, err error) error {
	m := s.Asker()
	if policy.MayAnswer(s.Room, m, e) {
		return err
	}
	if by := s.Room.Numbered(e.By.Member); by != nil && by.Person == m.Person {
		return incident.Refuse(incident.Forbidden, "You asked for this. Somebody else must answer it.")
	}
	return incident.Refuse(incident.Forbidden, "This goes to the %s tier, and you act at the %s one. %s", e.Tier, m.Tier(), s.atTier(e.Tier))
}

// escalationIs says where an escalation stands.
func escalationIs(e *incident.Escalation) string {
	switch e.State {
	case incident.EscalationIsRequested:
		if len(e.Keys) > 0 {
			return "was accepted by one, and awaits a second person"
		}
		return "awaits an answer"
	case incident.EscalationIsSilent:
		return "was answered by nobody, and can still be"
	case incident.EscalationIsAccepted:
		return "was accepted"
	case incident.EscalationIsRefused:
		return "was refused"
	case incident.EscalationIsWithdrawn:
		return "was withdrawn"
	case incident.EscalationIsActed:
		return "was acted on without approval"
	}
	return "was stood down"
}

// carryEscalations writes anew what of escalations goes on in a room's next
// section: what waits is asked of whom it was asked, whose time begins anew,
// and of the others in the room after them; who took authority has it. Their
// words stay where they were said. Who is not in the room any more is left out:
// their invitation belongs to the section before, and what they took ended
// with them.
func carryEscalations(was *incident.Room, standsFor func(incident.By) incident.By, add func(*incident.Event) incident.Seq) {
	for _, e := range was.Escalations {
		keys := slices.DeleteFunc(slices.Clone(e.Keys), func(k incident.Accepted) bool { return !was.Numbered(k.By.Member).Present() })
		if e.State == incident.EscalationIsAccepted && len(keys) == 0 {
			continue
		}
		var chain []incident.Step
		step := 1
		for i, s := range e.Chain {
			in := was.Member(s.Person)
			if !in.Present() {
				continue
			}
			if i+1 < e.Step {
				step++
			}
			s.Member, s.Invitation, s.Issuer, s.Seat = in.Number, "", "", nil
			chain = append(chain, s)
		}
		root := add(&incident.Event{By: standsFor(e.By), Marking: &incident.Marking{TLP: e.Sight.TLP, Originator: e.Sight.Org, Audience: e.Sight.Audience},
			Body: &incident.EscalationRequested{Before: e.Root, Chain: chain, Condition: e.Asks, Factor: e.Factor, Matrix: e.Matrix, Minutes: e.Minutes, Tier: e.Tier, TwoKey: e.TwoKey,
				SBAR: incident.SBAR{Situation: fmt.Sprintf("What was said of it stands in entry %d of the section before.", e.Root),
					Recommendation: fmt.Sprintf("As asked in entry %d of the section before.", e.Root)}}})
		for i, k := range keys {
			b := &incident.EscalationAccepted{Tier: k.Was, Rationale: "As it was accepted in the section before."}
			if i == len(keys)-1 && e.State == incident.EscalationIsAccepted {
				b.Before = e.Decided
			}
			add(&incident.Event{Root: root, By: k.By, Body: b})
		}
		switch {
		case e.State == incident.EscalationIsAccepted:
		case e.State == incident.EscalationIsSilent || step > len(chain):
			if len(chain) > 0 { // each of them was asked, and can answer still
				add(&incident.Event{Root: root, Body: &incident.EscalationAdvanced{Step: len(chain)}})
			}
			add(&incident.Event{Root: root, Body: &incident.EscalationSilent{}})
		case step > 1:
			add(&incident.Event{Root: root, Body: &incident.EscalationAdvanced{Step: step}})
		}
	}
}
