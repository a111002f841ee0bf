package policy

import "wardroom/server/incident"

// MayAnswer reports whether the member may accept or refuse an escalation: they
// are asked, or were while nobody answered, or they act at its tier. Whoever
// asked for it may not, for whichever organisation they act, and a lower tier
// takes nothing of a higher one's.
func MayAnswer(room *incident.Room, m *incident.Member, e *incident.Escalation) bool {
	if !m.Present() || m.Person == "" || person(room, m, e.By.Member) {
		return false
	}
	return m.Host && e.AskedOf(m.Person) || m.Tier().Rank() >= e.Tier.Rank()
}
