package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetTier puts a member at a tier. Nobody gives one to themselves.
type SetTier struct {
	Root incident.Seq
	Tier incident.Tier
}

func (c SetTier) roots() []incident.Seq { return nil }

func (c SetTier) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.target(policy.SetTier, c.Root, incident.Joined)
	if err != nil {
		return nil, err
	}
	if !c.Tier.Valid() {
		return nil, incident.BadField("tier", "Choose operational, tactical or strategic.")
	}
	if of.Root == s.Asker().Root {
		return nil, incident.Refuse(incident.Forbidden, "Nobody gives a tier to themselves. Ask another lead.")
	}
	if of.Tier() == c.Tier {
		return nil, incident.BadField("tier", "This is their tier as it stands.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberTiered{Tier: c.Tier}})
}
