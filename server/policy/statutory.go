package policy

import (
	"slices"

	"wardroom/server/incident"
)

// MayKeepClock reports whether the member may start, correct, hand on, evidence
// or withdraw a statutory clock of the organisation: as one who speaks for it,
// or as a host who was told so by it.
func MayKeepClock(room *incident.Room, m *incident.Member, org incident.OrgID) bool {
	return m.Present() && (m.Org == org && Speaks(m) || m.Host && slices.Contains(hosts, m.Role))
}

// MustSay reports whether what the member writes of a clock of the
// organisation has to say how they were told: it is not their own.
func MustSay(m *incident.Member, org incident.OrgID) bool { return m.Org != org }
