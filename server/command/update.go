package command

import (
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// GiveUpdate says that those whom the incident affects were told.
type GiveUpdate struct {
	Text  string       // "" where an entry says it
	Entry incident.Seq // a message, a brief, an item that is the update; 0 for none
	Chosen
}

func (c GiveUpdate) roots() []incident.Seq { return nil }
func (c GiveUpdate) cites() []incident.Seq { return inOrder(c.Entry) }

func (c GiveUpdate) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.GiveUpdate, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxSummary, c.Entry == 0); err != nil {
		return nil, err
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	cites, err := s.citations("entry", c.cites())
	if err != nil {
		return nil, err
	}
	return []*incident.Event{{Marking: &mark, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: c.Shown},
		Body: &incident.UpdateGiven{Entry: c.Entry, Text: c.Text, Invented: s.Actor.System}}, kept(incident.Updates)}, nil
}

// RequestUpdate asks for the next update. The leads are told.
type RequestUpdate struct{ Text string }

func (c RequestUpdate) roots() []incident.Seq { return nil }

func (c RequestUpdate) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RequestUpdate, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxReason, false); err != nil {
		return nil, err
	}
	m := s.Asker()
	if x := s.Room.Cadence; x != nil {
		if at, ok := x.Asked[m.Number]; ok && s.Now.Sub(at.Time) < incident.AskAgain {
			return nil, incident.Refuse(incident.Conflict, "You asked at %s UTC, and the leads were told. You can ask again a quarter of an hour after that.", at.Format("15:04"))
		}
	}
	to := incident.Audience{Kind: incident.ToHosts}
	if !m.Host {
		to = incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{m.Number}, Orgs: slices.Clone(s.Room.Hosts)}
	}
	tlp := s.Room.TLP
	if tlp == incident.Red {
		tlp = incident.AmberStrict // RED is for people by name, and every lead must read this
	}
	mark, err := s.marking(incident.Marking{TLP: tlp, Audience: to, Originator: m.Org}, m.Number, incident.Audience{})
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Marking: &mark, Body: &incident.UpdateRequested{Text: c.Text}})
}

// How long, and how often in a row, an update is snoozed.
const (
	MaxSnooze  = 60
	MaxSnoozes = 2
)

// SnoozeUpdate puts the next update off for a little.
type SnoozeUpdate struct {
	Minutes int
	Seen    incident.Seq
}

func (c SnoozeUpdate) roots() []incident.Seq { return nil }

func (c SnoozeUpdate) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SnoozeUpdate, nil, nil); err != nil {
		return nil, err
	}
	b := s.Room.Beat(incident.Updates)
	switch {
	case b.Every == 0:
		return nil, incident.Refuse(incident.Conflict, "No update is due here: nobody has assessed how severe this is, or the room has been stood down.")
	case b.Snoozed >= MaxSnoozes:
		return nil, incident.Refuse(incident.Conflict, "It was put off twice already. Give the update, if only to say that nothing has changed.")
	case c.Minutes < 1 || c.Minutes > MaxSnooze:
		return nil, incident.BadField("minutes", "Choose 1 to 60 minutes.")
	}
	from := b.Due.Time
	if s.Now.After(from) {
		from = s.Now
	}
	return one(&incident.Event{Authority: incident.Authority{Seen: c.Seen}, Body: &incident.CadenceSnoozed{Until: incident.At(from.Add(time.Duration(c.Minutes) * time.Minute))}})
}
