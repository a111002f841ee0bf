package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// TLP:RED is lowered by two people, each with a second factor of the last hour:
// one of its originator asks, another agrees. Silence is no consent, however
// long it lasts, and no lead can do without.

// lowersRed reports whether a label chosen for an entry takes TLP:RED off it.
func lowersRed(o *incident.Object, tlp incident.TLP) bool {
	return o.Marking.TLP == incident.Red && tlp != "" && tlp != incident.Red
}

// askSecond is the question to a second person, whether an entry's TLP:RED is to
// be lowered; it changes nothing of the entry. of is the request from outside
// that the first person has granted, 0 if they lower it of themselves.
func (s *scene) askSecond(o *incident.Object, tlp incident.TLP, a *incident.Audience, recorded *bool, why string, of, shown incident.Seq) ([]*incident.Event, error) {
	if recorded != nil && *recorded != o.Marking.Recorded {
		return nil, incident.BadField("recorded", "A second person is asked about the label alone. Take its openings off the record in a step of its own.")
	}
	would, err := s.widened(o, tlp, a, nil, why, shown)
	if err != nil {
		return nil, err
	}
	me := s.Asker()
	var whom []incident.MemberNo
	var org incident.OrgID
	for _, m := range s.Room.Members {
		if policy.MaySecond(s.Room, m, o.Sight(), me.Number) && (org == "" || org == m.Org) {
			whom, org = append(whom, m.Number), m.Org
		}
	}
	if org == "" {
		return nil, incident.Refuse(incident.Conflict, "TLP:RED is lowered by two people, and nobody else of your organisation reads this, nor does a lead. Name one of them among its readers first.")
	}
	body := &incident.ReleaseRequested{Entry: o.Root, For: of, Second: org, TLP: tlp, Why: why}
	if a != nil {
		body.Audience = &would.Marking.Audience
	}
	mark := s.plain()
	mark.Originator = me.Org
	mark.Audience = incident.Audience{Kind: incident.ToNamed, Members: append(slices.Clone(whom), me.Number)}.Normal()
	cites := []incident.Seq{o.Root}
	if of != 0 {
		cites = append(cites, of)
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: cites}, Body: body,
		Authority: incident.Authority{Seen: shown, StepUp: incident.At(s.Actor.StepUp)}})
}

// agreeRed is the second person's answer.
func (c AnswerRelease) agreeRed(s *scene, asked *incident.Object) ([]*incident.Event, error) {
	s.Red = asked.Asked
	o, err := s.about(policy.AgreeRed, c.Entry)
	if err != nil {
		return nil, err
	}
	if err := c.answers(asked.Asked); err != nil {
		return nil, err
	}
	q, to := asked.Asked, o.Marking.Audience
	if q.Audience != nil {
		to = *q.Audience
	}
	if c.TLP != "" && c.TLP != q.TLP || c.Recorded != nil || c.Audience != nil && !c.Audience.Normal().Equal(to) {
		return nil, incident.BadField("grant", "Agree to what was asked, or refuse it.")
	}
	answer := &incident.Event{Root: c.Root, Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)},
		Body: &incident.ReleaseAnswered{Granted: c.Grant, Why: c.Why}}
	if !c.Grant {
		return one(answer)
	}
	first := s.Room.Numbered(asked.Asked.By)
	if !first.Present() || first.Org != o.Marking.Originator || !policy.Speaks(first) {
		return nil, incident.Refuse(incident.Conflict, "Whoever asked for this speaks for its originator here no more. One of them must ask anew.")
	}
	why := asked.Asked.Why
	if asked.Asked.For != 0 {
		why = released
	}
	e, err := s.widened(o, asked.Asked.TLP, asked.Asked.Audience, nil, why, c.Shown)
	if err != nil {
		return nil, err
	}
	e.Refs.Cites = []incident.Seq{c.Root}
	events := []*incident.Event{answer, e}
	if of := s.objects[asked.Asked.For]; asked.Asked.For != 0 && of != nil && of.Asked != nil && of.Asked.Answered == 0 {
		events = append(events, &incident.Event{Root: of.Root, Body: &incident.ReleaseAnswered{Granted: true}})
	}
	return events, nil
}
