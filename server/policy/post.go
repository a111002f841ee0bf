package policy

import (
	"slices"

	"wardroom/server/incident"
)

// MayAssume reports whether the member may take a post without anybody's
// consent: as the deputy of whoever holds it, or of whoever waits to, or as one
// of a tier above it. Above the strategic tier there is none, so there it is
// others of that tier. Whoever leads an incident is of a host; auditors and
// observers command nothing.
func MayAssume(room *incident.Room, m *incident.Member, p incident.Post) bool {
	if !m.Present() || !slices.Contains(writers, m.Role) || !slices.Contains(incident.Posts, p) || p == incident.IncidentLead && !m.Host {
		return false
	}
	for _, t := range []*incident.Tenure{room.Holder(p), room.Waiting(p)} {
		if t != nil && t.Deputy != 0 && same(room, m, t.Deputy) {
			return true
		}
	}
	rank := p.Tier().Rank()
	return m.Tier().Rank() > rank || m.Tier() == incident.Strategic && p.Tier() == incident.Strategic
}
