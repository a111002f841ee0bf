package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetRetention says how long the record is kept after the room is closed. It
// can be made longer, never shorter.
type SetRetention struct{ Years int }

func (c SetRetention) roots() []incident.Seq { return nil }

func (c SetRetention) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SetRetention, nil, nil); err != nil {
		return nil, err
	}
	keeps := s.Room.Keeps()
	switch {
	case c.Years < 1 || c.Years > incident.MaxYears:
		return nil, incident.BadField("years", "Choose from 1 to %d years.", incident.MaxYears)
	case c.Years == keeps.Years:
		return nil, incident.BadField("years", "It is kept for %d years already.", c.Years)
	case c.Years < keeps.Years:
		return nil, incident.BadField("years", "It is kept for %d years, and that is never made shorter. What must go sooner is erased, on a ground of its own.", keeps.Years)
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Authority: auth, Body: &incident.RetentionSet{Years: c.Years}})
}
