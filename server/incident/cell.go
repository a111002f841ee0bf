package incident

// Cell says that a room is a side room: of one organisation with hosts, beside
// the room they are all in. It is a log like any other, and nothing about it is
// ever in the parent's: not a name, not a stub, not a number.
type Cell struct {
	Org    OrgID `json:"org"`    // whose it is
	Parent LogID `json:"parent"` // the room it stands beside, or the section of it that it was opened from
}

// Seated is somebody who comes into a side room because they are in its parent:
// as they are there, with the handling rules they accepted there.
type Seated struct {
	Person PersonID `json:"person"`
	Rules  int      `json:"rules"`
	Seat   Seat     `json:"seat"`
}

// SeatedAs is the member as a side room takes them in. They see all of it:
// it was opened for them.
func SeatedAs(m *Member) Seated {
	seat := m.Seat
	seat.Org, seat.Role, seat.History = m.Org, m.Role, Full
	return Seated{Person: m.Person, Rules: m.Rules, Seat: seat}
}
