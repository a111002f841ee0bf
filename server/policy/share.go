package policy

import "wardroom/server/incident"

// MayShare reports whether the member may take an item out of the house in a
// file that bears its label: what they see open, and of what is recorded only
// their own organisation's. TLP:RED goes out in no file. How much further the
// file may go is what its label says.
func MayShare(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	if s.Kind.Standing() || s.TLP == incident.Red {
		return false
	}
	switch Sees(room, m, s) {
	case Open:
		return true
	case Envelope:
		return s.Recorded && s.Org == m.Org
	}
	return false
}
