package policy

import (
	"slices"

	"wardroom/server/incident"
)

// MayAnswer reports whether the member may accept or refuse an escalation: they
// are asked, or were while nobody answered, or they act at its tier. Whoever
// asked for it may not, for whichever organisation they act, and a lower tier
// takes nothing of a higher one's. Auditors and observers decide nothing.
func MayAnswer(room *incident.Room, m *incident.Member, e *incident.Escalation) bool {
	if !m.Present() || m.Person == "" || !slices.Contains(writers, m.Role) || person(room, m, e.By.Member) {
		return false
	}
	return m.Host && e.AskedOf(m.Person) || m.Tier().Rank() >= e.Tier.Rank()
}
