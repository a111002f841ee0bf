package command

import (
	"fmt"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetRules writes the next version of the room's handling rules. Everyone
// accepts it before they go on.
type SetRules struct{ Lines [5]string }

func (c SetRules) roots() []incident.Seq { return nil }

func (c SetRules) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SetRules, nil, nil); err != nil {
		return nil, err
	}
	for i, line := range c.Lines {
		if err := checkLine(fmt.Sprintf("lines.%d", i), line, 160, true); err != nil {
			return nil, err
		}
	}
	version := 1
	if s.Room.Rules != nil {
		version = s.Room.Rules.Version + 1
	}
	m := s.Asker()
	return []*incident.Event{
		{Body: &incident.RulesSet{Lines: c.Lines, Version: version}},
		{Root: m.Root, Body: &incident.MemberAccepted{Rules: version}}, // whoever writes them accepts them
	}, nil
}
