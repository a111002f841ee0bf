package policy

import "wardroom/server/incident"

// Version is the number of the rules of sight, which are Sees, SeesNote and
// SeesMember: whoever changes what one of them answers adds one. A server lists
// its version in the system log before it serves, so that what somebody could
// see years ago is told by the rules of then, or not at all.
const Version = 2

// Form is how much of an entry someone sees.
type Form uint8

const (
	Stub     Form = iota // the leaf, nothing else: no kind, author, size or reason
	Envelope             // slots 0–3: a named reader knows that it is there
	Open                 // everything
)

// Form returns how much of the entries of this root the member sees, as the
// room stands now. A nil member, or one who is not in the room, sees stubs;
// the front door does not even let them ask.
func Sees(room *incident.Room, m *incident.Member, s incident.Sight) Form {
	if !m.Present() {
		return Stub
	}
	if !s.Kind.Standing() {
		if s.Root < m.Start || !s.Audience.Includes(m) {
			return Stub
		}
		if s.TLP == incident.Red || s.Recorded {
			return Envelope
		}
		return Open
	}
	if of := room.MemberRoot(s.Root); of != nil {
		return SeesMember(room, m, of)
	}
	return Open
}

// SeesNote is Sees for an entry that is a note, given by the member with the
// number: it says who has seen the entry, and nothing more, so where the roster
// hides them from the viewer there is no note.
func SeesNote(room *incident.Room, viewer *incident.Member, s incident.Sight, by incident.MemberNo) Form {
	if room.Roster == incident.RosterHosts && SeesMember(room, viewer, room.Numbered(by)) == Stub {
		return Stub
	}
	return Sees(room, viewer, s)
}

// May reports whether the member may see that the root exists.
func May(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	return Sees(room, m, s) != Stub
}

// NameOf returns the name of a member as the viewer may know it: as it stood
// when they joined, or "" where the roster hides it.
func NameOf(room *incident.Room, viewer *incident.Member, n incident.MemberNo) string {
	if of := room.Numbered(n); of != nil && SeesMember(room, viewer, of) == Open {
		return of.Seat.Name
	}
	return ""
}

// SeesMember returns how much viewer may know of another member under the
// room's roster rule. Hosts and auditors see all; everyone sees the hosts,
// themselves and their own organisation.
func SeesMember(room *incident.Room, viewer, of *incident.Member) Form {
	switch {
	case !viewer.Present(), of == nil:
		return Stub
	case viewer.Host, viewer.Role == incident.Auditor, of.Host, of.Org == viewer.Org:
		return Open
	}
	switch room.Roster {
	case incident.RosterNames:
		return Open
	case incident.RosterOrganisations:
		return Envelope
	}
	return Stub
}

// Veils counts the organisations of the member's own type, theirs included,
// that have somebody in the room who may write: among whom they would hide by
// saying no more than the type. What somebody can only read, nobody takes them
// for having written.
func Veils(room *incident.Room, m *incident.Member) int {
	return len(veilers(room, m, func(*incident.Member) bool { return true }))
}

// VeilsAlike reports whether each of those organisations has somebody among
// its writers who sees the root: what only some can see, its author answers to
// the exclusion of the others.
func VeilsAlike(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	return len(veilers(room, m, func(of *incident.Member) bool { return May(room, of, s) })) == Veils(room, m)
}

// veilers are the organisations of the member's type with a writer who is so.
func veilers(room *incident.Room, m *incident.Member, is func(*incident.Member) bool) map[incident.OrgID]bool {
	orgs := map[incident.OrgID]bool{}
	for _, of := range room.Members {
		if of.Present() && !of.Host && of.Role == incident.Representative && of.Seat.OrgType == m.Seat.OrgType && is(of) {
			orgs[of.Org] = true
		}
	}
	return orgs
}
