package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// OpenEntry records on the access log that a member opens a restricted entry.
// The bytes are given out after it is committed, never before.
type OpenEntry struct {
	Room  *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Sight incident.Sight // of the entry's root, at the head
	Entry incident.Seq
}

func (c OpenEntry) roots() []incident.Seq { return nil }

func (c OpenEntry) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	s.Room = c.Room
	if err := s.permit(policy.OpenEntry, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if !policy.May(c.Room, m, c.Sight) {
		return nil, incident.Missing()
	}
	if c.Sight.TLP == incident.Red && !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Opening TLP:RED needs your second factor again. It covers the next hour.")
	}
	return one(&incident.Event{By: member(m), Body: &incident.EntryOpened{Entry: c.Entry},
		Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}})
}
