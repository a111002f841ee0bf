package policy

import "wardroom/server/incident"

// MayShare reports whether the member may take an item out of the house in a
// file that bears its label: what they see open. TLP:RED and what is recorded go
// out in no file: they are read by opening them. How much further the file may
// go is what its label says.
func MayShare(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	return !s.Kind.Standing() && s.TLP != incident.Red && !s.Recorded && Sees(room, m, s) == Open
}
