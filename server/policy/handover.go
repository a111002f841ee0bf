package policy

import "wardroom/server/incident"

// MayHandOver reports whether the member may hand a post over: whoever holds
// it may. While nobody is the incident lead, whoever leads the room hands that
// over.
func MayHandOver(room *incident.Room, m *incident.Member, p incident.Post) bool {
	if !m.Present() {
		return false
	}
	if t := room.Holder(p); t != nil {
		return same(room, m, t.Member)
	}
	return p == incident.IncidentLead && m.Host && m.Role == incident.Lead
}
