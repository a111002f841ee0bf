package command

import "wardroom/server/incident"

// ListPolicy lists the rules of sight by which the house judges from now on.
// It is the house's own to do.
type ListPolicy struct{ Version int }

func (c ListPolicy) roots() []incident.Seq { return nil }

func (c ListPolicy) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || !s.Actor.System || c.Version < 1 {
		return nil, incident.Missing()
	}
	if n := len(s.system.Policies); n > 0 && s.system.Policies[n-1].Version == c.Version {
		return nil, incident.Refuse(incident.Conflict, "These rules are listed already.")
	}
	return one(&incident.Event{Body: &incident.PolicyListed{Version: c.Version}})
}
