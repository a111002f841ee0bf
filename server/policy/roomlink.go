package policy

import (
	"slices"

	"wardroom/server/incident"
)

// MayLink reports whether a member of one room may link it with another, in
// which they are too: for a host in both, so that who joins the two knows what
// is in them and is told nothing by the reference.
func MayLink(other *incident.Room, p incident.PersonID) bool {
	m := other.Member(p)
	return m.Present() && m.Host && other.Cell == nil
}

// Links lists the other rooms that a member may know this one is linked with.
// Guests are never told.
func Links(room *incident.Room, m *incident.Member) []incident.Link {
	return slices.DeleteFunc(slices.Clone(room.Links), func(l incident.Link) bool { return Sees(room, m, l.Sight) != Open })
}

// Shares returns the organisations for which two things could be one: of the
// room's members and of the reports that were brought into it, those that fits
// accepts and the member may know of. Hosts are in every room and count for
// nothing.
func Shares(room *incident.Room, m *incident.Member, fits func(incident.OrgID, string) bool) []incident.OrgID {
	var list []incident.OrgID
	if !m.Present() || !m.Host || room.Lifecycle == incident.Closed {
		return nil
	}
	for _, of := range room.Members {
		if !of.Host && (of.Present() || of.State == incident.Invited) && SeesMember(room, m, of) != Stub && fits(of.Org, of.Seat.OrgName) {
			list = append(list, of.Org)
		}
	}
	for _, b := range room.Reports { // hosts see all of them
		if fits(b.Org, "") {
			list = append(list, b.Org)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
