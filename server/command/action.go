package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RaiseAction asks an organisation, or one person of it, to do something.
type RaiseAction struct {
	Text     string
	For      incident.Assignee
	Due      incident.Instant // by the room's time; zero for none
	Decision incident.Seq     // the decision it carries out; 0 for none
	Chosen                    // default: the decision's, else the room's
}

func (c RaiseAction) roots() []incident.Seq { return inOrder(c.Decision) }

func (c RaiseAction) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RaiseAction, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxDecision, true); err != nil {
		return nil, err
	}
	def := s.plain()
	var had incident.Audience
	if c.Decision != 0 {
		o, err := s.named("decision", c.Decision, policy.RaiseAction, isDecision)
		if err != nil {
			return nil, err
		}
		if !o.Decision.Standing() {
			return nil, settled(o)
		}
		had = o.Marking.Audience
		def.TLP, def.PAP, def.Caveat, def.Audience = o.Marking.TLP, o.Marking.PAP, o.Marking.Caveat, had
	}
	mark, err := s.mark(c.Chosen, def, had)
	if err != nil {
		return nil, err
	}
	if err := s.assignee(c.For, s.head+1, mark, 0); err != nil {
		return nil, err
	}
	if !c.Due.IsZero() {
		if err := s.ahead("due", c.Due); err != nil {
			return nil, err
		}
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: c.roots()}, Authority: incident.Authority{Seen: c.Shown},
		Body: &incident.ActionRaised{Decision: c.Decision, Due: c.Due, For: c.For, Invented: s.Actor.System, Text: c.Text}})
}

// assignee checks whom an action is for: somebody in the room whom the asker
// may know of, who can act, who receives it, and whom its readers may know of
// too; began is who raised it, 0 for the asker.
func (s *scene) assignee(a incident.Assignee, root incident.Seq, mark incident.Marking, began incident.MemberNo) error {
	if a.Member != 0 {
		of := s.Room.Numbered(a.Member)
		if !s.knows(a.Member) || of.Org != a.Org {
			return incident.BadField("for.member", "M-%d is not someone of that organisation here whom you can ask.", a.Member)
		}
		if !s.receives(of, root, "action.raised", mark) {
			return incident.BadField("for.member", "%s does not receive this entry. Name them among its readers, or ask someone else.", s.called(a.Member))
		}
		return s.mayName("for.member", mark.Audience, began, incident.Names{Members: []incident.MemberNo{a.Member}})
	}
	if !s.knowsOrg(a.Org) {
		return incident.BadField("for.org", "%s is not an organisation here that you can ask.", a.Org)
	}
	if !slices.ContainsFunc(s.Room.Members, func(m *incident.Member) bool {
		return m.Present() && policy.ActsFor(s.Room, m, a) && s.receives(m, root, "action.raised", mark)
	}) {
		return incident.BadField("for.org", "Nobody who can act for %s receives this entry. Name them among its readers, invite someone of theirs, or ask another organisation.", a.Org)
	}
	return s.mayName("for.org", mark.Audience, began, incident.Names{Orgs: []incident.OrgID{a.Org}})
}

// AcceptAction says that they will do it.
type AcceptAction struct {
	Root incident.Seq
	Seen incident.Seq
}

func (c AcceptAction) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AcceptAction) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.action(policy.AcceptAction, c.Root, c.Seen, incident.ActionIsRaised); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ActionAccepted{}, Authority: incident.Authority{Seen: c.Seen}})
}

// DeclineAction says that they will not, and why.
type DeclineAction struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c DeclineAction) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c DeclineAction) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.action(policy.DeclineAction, c.Root, c.Seen, incident.ActionIsRaised); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ActionDeclined{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// FinishAction says that it is done, and how one can tell.
type FinishAction struct {
	Root     incident.Seq
	Evidence string
	Cites    []incident.Seq
	Seen     incident.Seq
}

func (c FinishAction) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c FinishAction) cites() []incident.Seq { return c.Cites }

func (c FinishAction) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.action(policy.FinishAction, c.Root, c.Seen, incident.ActionIsAccepted); err != nil {
		return nil, err
	}
	if err := checkPart("evidence", c.Evidence, maxPart, true); err != nil {
		return nil, err
	}
	cites, err := s.citations("cites", c.Cites)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Refs: incident.Refs{Cites: cites}, Body: &incident.ActionDone{Evidence: c.Evidence}, Authority: incident.Authority{Seen: c.Seen}})
}

// HandAction hands it on to another, who accepts or declines anew.
type HandAction struct {
	Root   incident.Seq
	For    incident.Assignee
	Reason string
	Seen   incident.Seq
}

func (c HandAction) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c HandAction) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.action(policy.HandAction, c.Root, c.Seen, incident.ActionIsRaised, incident.ActionIsAccepted)
	if err != nil {
		return nil, err
	}
	if c.For == o.Action.For {
		return nil, incident.BadField("for", "It is theirs already.")
	}
	if err := s.assignee(c.For, o.Root, o.Marking, o.By.Member); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ActionHanded{For: c.For, Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// ChaseAction is a host's reminder.
type ChaseAction struct {
	Root incident.Seq
	Text string // "" for none
}

func (c ChaseAction) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ChaseAction) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.action(policy.ChaseAction, c.Root, 0, incident.ActionIsRaised, incident.ActionIsAccepted); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxReason, false); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ActionChased{Text: c.Text}})
}

// WithdrawAction takes it back.
type WithdrawAction struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c WithdrawAction) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawAction) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.action(policy.WithdrawAction, c.Root, c.Seen, incident.ActionIsRaised, incident.ActionIsAccepted); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ActionWithdrawn{Reason: c.Reason}, Authority: incident.Authority{Seen: c.Seen}})
}

// action permits an act on an action that is in one of the states and has not
// changed since the asker looked. Whose it was when they looked, and is no
// more, is told so rather than that it is not theirs.
func (s *scene) action(act policy.Act, root, seen incident.Seq, states ...incident.ActionState) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil || o.Action == nil {
		return nil, incident.Missing()
	}
	late := moved(seen, o.Action.Settled, "this action", actionIs(o))
	if err := s.permit(act, o, nil); err != nil {
		if late != nil && incident.FaultOf(err) == incident.Forbidden {
			return nil, late
		}
		return nil, err
	}
	if !slices.Contains(states, o.Action.State) {
		advice := map[incident.ActionState]string{
			incident.ActionIsRaised:    "Accept or decline it first.",
			incident.ActionIsAccepted:  "Say when it is done, or hand it on.",
			incident.ActionIsDeclined:  "Raise another, if it still needs doing.",
			incident.ActionIsDone:      "There is nothing left to do about it.",
			incident.ActionIsWithdrawn: "There is nothing left to do about it.",
		}
		return nil, incident.Refuse(incident.Conflict, "Action %d %s in entry %d. %s", root, actionIs(o), o.Action.Settled, advice[o.Action.State])
	}
	return o, late
}

// actionIs says where an action stands.
func actionIs(o *incident.Object) string {
	switch o.Action.State {
	case incident.ActionIsRaised:
		if o.Action.Settled != o.Root {
			return "was handed on, and awaits an answer"
		}
		return "was raised, and awaits an answer"
	case incident.ActionIsAccepted:
		return "was accepted"
	case incident.ActionIsDeclined:
		return "was declined"
	case incident.ActionIsDone:
		return "was done"
	}
	return "was withdrawn"
}
