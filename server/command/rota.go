package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetRota says that a host's rota of a tier is written anew: by whoever acts for
// that host. The directory writes what it says once this stands.
type SetRota struct {
	Org    incident.OrgID
	Tier   incident.Tier
	Seen   int64 // the version on the screen
	Shifts int
	To     string // names what it says, under a key: sent again with something else it is another command. Not recorded
}

func (c SetRota) roots() []incident.Seq { return nil }

func (c SetRota) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || !s.system.IsHost(c.Org) || !c.Tier.Valid() {
		return nil, incident.Missing()
	}
	p, ok := s.system.People[s.Actor.Person]
	if !ok || p.Suspended || !slices.Contains(p.Orgs, c.Org) {
		return nil, incident.Refuse(incident.Forbidden, "A host's rota is kept by its own people.")
	}
	if s.Actor.Way == incident.ByCodes {
		return nil, policy.ByCodes() // whoever is on a rota is asked to decide
	}
	now := s.system.RotaVersion(c.Org, c.Tier)
	if c.Seen != now {
		return nil, incident.Refuse(incident.Conflict, "This rota was changed after you looked. Read it, then change it again.")
	}
	return one(&incident.Event{Body: &incident.RotaSet{Org: c.Org, Tier: c.Tier, Shifts: c.Shifts, Version: now + 1}})
}
