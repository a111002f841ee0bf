package command

import (
	"wardroom/server/incident"
)

// GiveInject tells an exercise's players something; exercise control only.
type GiveInject struct{ Inject incident.InjectGiven }

func (c GiveInject) roots() []incident.Seq { return nil }

func (c GiveInject) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.empty || s.Room == nil || s.Room.Mode != incident.ModeExercise {
		return nil, incident.Missing()
	}
	if err := checkText("text", c.Inject.Text, 2000); err != nil {
		return nil, err
	}
	body := c.Inject
	return one(&incident.Event{Body: &body, Marking: &incident.Marking{TLP: incident.Clear,
		Audience: incident.Audience{Kind: incident.ToRoom}, Originator: s.Room.Hosts[0]}})
}
