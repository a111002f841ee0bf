package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RequestRelease asks an entry's originator to let it go further.
type RequestRelease struct {
	Root     incident.Seq
	Why      string
	TLP      incident.TLP       // the label asked for; "" to keep it
	Audience *incident.Audience // who else should receive it; nil for nobody
}

func (c RequestRelease) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RequestRelease) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.RequestRelease, c.Root)
	if err != nil {
		return nil, err
	}
	if !o.Kind.Recallable() {
		return nil, incident.Refuse(incident.Forbidden, "Ask for messages, items and tear-lines to be released. This is not one.")
	}
	if o.Recalled != 0 {
		return nil, recalled()
	}
	if err := checkLine("why", c.Why, 500, true); err != nil {
		return nil, err
	}
	if c.TLP == "" && c.Audience == nil {
		return nil, incident.BadField("audience", "Say whom it should reach, or which label it should have.")
	}
	wish := o.Marking
	if c.TLP != "" {
		wish.TLP = c.TLP
	}
	if wish.TLP.Valid() && wish.TLP.Rank() > o.Marking.TLP.Rank() {
		return nil, incident.BadField("tlp", "This is a higher label than it has.")
	}
	body := &incident.ReleaseRequested{Entry: c.Root, TLP: c.TLP, Why: c.Why}
	if c.Audience != nil {
		wish.Audience = *c.Audience
	}
	if c.Audience != nil || c.TLP != "" {
		had := o.Marking.Audience
		if wish, err = s.marking(wish, 0, had); err != nil {
			return nil, err
		}
	}
	if c.Audience != nil {
		body.Audience = &wish.Audience
	}
	mark, err := s.asking(o, body)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: []incident.Seq{c.Root}}, Body: body})
}

// asking is the marking of a request: for whoever asks, and those of the
// originator who receive the entry. It may name whom it should go to, which
// neither side may learn of the other where guests are not told of one another.
func (s *scene) asking(o *incident.Object, body *incident.ReleaseRequested) (incident.Marking, error) {
	m, mark := s.Asker(), s.plain()
	to := s.among(o.Marking.Audience, []incident.OrgID{o.Marking.Originator})
	mark.Audience = to
	if body.Audience != nil {
		names := incident.Names{Members: append(slices.Clone(body.Audience.Members), m.Number), Orgs: body.Audience.Orgs}
		if s.tells(incident.Audience{Kind: incident.ToNamed, Members: append(slices.Clone(to.Members), m.Number), Orgs: to.Orgs}, m.Number, names) {
			return mark, incident.BadField("audience", "In this room guests are not told of one another. Ask the hosts.")
		}
	}
	mark, err := s.marking(mark, m.Number, to)
	if err != nil && incident.FaultOf(err) == incident.Invalid {
		return mark, incident.Refuse(incident.Forbidden, "In this room guests are not told of one another. Ask the hosts.")
	}
	if err != nil {
		return mark, err
	}
	answers := slices.ContainsFunc(s.Room.Members, func(of *incident.Member) bool {
		return of.Present() && policy.Speaks(of) && to.Includes(of) && policy.May(s.Room, of, o.Sight())
	})
	if !answers {
		return mark, incident.Refuse(incident.Conflict, "Nobody who could release this is in the room now.")
	}
	return mark, nil
}

// AnswerRelease answers a request: granted, the entry goes to those asked for
// and gets the label asked for, or what the originator chooses instead.
type AnswerRelease struct {
	Root     incident.Seq // the request
	Entry    incident.Seq // what it is about, fetched by the server
	For      incident.Seq `json:",omitempty"` // the request that it answers too, fetched by the server; 0: none
	Grant    bool
	Why      string             // to whoever asked
	TLP      incident.TLP       // "" for what was asked
	Audience *incident.Audience // nil for what was asked, beside those it has
	Recorded *bool              `json:",omitempty"` // false: openings are no longer on record
	Shown    incident.Seq       `json:"-"`          // the newest entry when the asker was shown who would receive it; 0 if they were not; no part of what is said
}

func (c AnswerRelease) roots() []incident.Seq { return inOrder(c.Root, c.Entry, c.For) }
func (c AnswerRelease) moves() []incident.Seq { return []incident.Seq{c.Entry} }

func (c AnswerRelease) decide(s *scene) ([]*incident.Event, error) {
	asked := s.objects[c.Root]
	if asked == nil || asked.Asked == nil || !policy.May(s.Room, s.Asker(), asked.Sight()) || asked.Asked.Entry != c.Entry || asked.Asked.For != c.For {
		return nil, incident.Missing()
	}
	if asked.Asked.Second != "" {
		return c.agreeRed(s, asked)
	}
	o, err := s.about(policy.AnswerRelease, c.Entry)
	if err != nil {
		return nil, err
	}
	if err := c.answers(asked.Asked); err != nil {
		return nil, err
	}
	events := []*incident.Event{{Root: c.Root, Body: &incident.ReleaseAnswered{Granted: c.Grant, Why: c.Why}}}
	if !c.Grant {
		if c.TLP != "" || c.Audience != nil || c.Recorded != nil {
			return nil, incident.BadField("grant", "A request that is refused changes nothing of the entry.")
		}
		return events, nil
	}
	tlp, to := c.TLP, c.Audience
	if tlp == "" {
		tlp = asked.Asked.TLP
	}
	if to == nil && asked.Asked.Audience != nil {
		both := s.both(o.Marking.Audience, *asked.Asked.Audience)
		to = &both
	}
	if lowersRed(o, tlp) { // the request stays open until a second person has agreed
		why := c.Why
		if why == "" {
			why = released
		}
		return s.askSecond(o, tlp, to, c.Recorded, why, c.Root, c.Shown)
	}
	e, err := s.widened(o, tlp, to, c.Recorded, released, c.Shown)
	if err != nil {
		return nil, err
	}
	return append(events, e), nil
}

// answers refuses a second answer, and one whose words are too long.
func (c AnswerRelease) answers(asked *incident.ReleaseRequest) error {
	if asked.Answered != 0 {
		return incident.Refuse(incident.Conflict, "This was answered already, by entry %d.", asked.Answered)
	}
	return checkLine("why", c.Why, 500, false)
}

// released is the reason that an entry's readers are given: who asked, and why,
// is for its originator alone.
const released = "Released on request."

// both is an audience of everyone whom either reaches.
func (s *scene) both(a, b incident.Audience) incident.Audience {
	if a.Kind == incident.ToRoom || b.Kind == incident.ToRoom {
		return incident.Audience{Kind: incident.ToRoom}
	}
	all := incident.Audience{Kind: incident.ToNamed}
	for _, x := range []incident.Audience{a, b} {
		if x.Kind == incident.ToHosts {
			all.Orgs = append(all.Orgs, s.Room.Hosts...)
			continue
		}
		all.Members, all.Orgs = append(all.Members, x.Members...), append(all.Orgs, x.Orgs...)
	}
	if a.Kind == incident.ToHosts && b.Kind == incident.ToHosts {
		return a
	}
	return all.Normal()
}
