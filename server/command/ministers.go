package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// BriefMinisters says that ministers were told, and with it that the National
// Data Guardian is to be told at once: by whoever holds the post of
// communications, else by who leads.
type BriefMinisters struct {
	Text string
	At   incident.Instant // by real time; zero for now
}

func (c BriefMinisters) roots() []incident.Seq { return nil }

func (c BriefMinisters) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.BriefMinisters, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxKnown, true); err != nil {
		return nil, err
	}
	at := c.At
	switch {
	case at.IsZero():
		at = incident.At(s.Now)
	case at.After(s.Now.Add(maxAhead)):
		return nil, incident.BadField("at", "This time has not come yet. Say it once ministers were told.")
	case s.Now.Sub(at.Time) > longAgo:
		return nil, incident.BadField("at", "This is more than thirty years ago.")
	}
	owner := s.tellsGuardian()
	if err := s.roomFor(owner.Org); err != nil {
		return nil, err
	}
	said, owed := s.clockMarking(owner.Org), s.clockMarking(owner.Org)
	said.Originator = s.Asker().Org
	briefed := s.head + 1
	return []*incident.Event{
		{Marking: &said, Body: &incident.MinistersBriefed{At: at, Text: c.Text}},
		{Marking: &owed, Refs: incident.Refs{Cites: []incident.Seq{briefed}}, Body: &incident.ClockStarted{Aware: at, Due: incident.NDGTold.Due(at), Org: owner.Org, Owner: owner.Number, Start: briefed, Statute: incident.NDGTold}},
	}, nil
}

// tellsGuardian is who tells the National Data Guardian: who holds the post of
// communications, else the incident lead's, else a lead of this room, else
// whoever says that ministers were told.
func (s *scene) tellsGuardian() *incident.Member {
	able := func(m *incident.Member) bool { return m.Present() && m.Host && policy.Speaks(m) }
	for _, p := range []incident.Post{incident.Communications, incident.IncidentLead} {
		if t := s.Room.Holder(p); t != nil {
			if m := s.Room.Numbered(t.Member); able(m) {
				return m
			}
		}
	}
	if i := slices.IndexFunc(s.Room.Members, func(m *incident.Member) bool { return able(m) && m.Role == incident.Lead }); i >= 0 {
		return s.Room.Members[i]
	}
	return s.Asker()
}
