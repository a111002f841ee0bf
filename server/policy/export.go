package policy

import (
	"slices"

	"wardroom/server/incident"
)

// Restricted reports whether what begins with this root is given to nobody
// outside without its originator's word, even where the hosts have agreed to
// an export. A host's agreement is that host's word for its own entries; it
// covers neither what is for named eyes only, nor a guest's that its label
// keeps within the organisations that received it. So it is restricted
//
//   - if it is TLP:RED, or opening it is recorded, whoever's it is: it travels
//     as an envelope;
//   - if it was recalled, whoever's it is: its originator ended the sharing;
//   - if it did not go to all of the hosts, whoever's it is;
//   - if it is a guest's, and TLP:AMBER+STRICT.
func Restricted(hosts []incident.OrgID, s incident.Sight) bool {
	if s.Kind.Standing() {
		return false
	}
	return s.TLP == incident.Red || s.Recorded || s.Recalled || !reachesHosts(hosts, s.Audience) || s.TLP.Rank() >= incident.AmberStrict.Rank() && !slices.Contains(hosts, s.Org)
}

func reachesHosts(hosts []incident.OrgID, a incident.Audience) bool {
	return a.Kind != incident.ToNamed || !slices.ContainsFunc(hosts, func(h incident.OrgID) bool { return !slices.Contains(a.Orgs, h) })
}

// MayRelease reports whether the member answers for a restricted entry: they
// speak for its originator, and receive it themselves. Whoever may not is not
// told that anything is asked.
func MayRelease(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	return m.Present() && Speaks(m) && m.Org == s.Org && May(room, m, s) && Restricted(room.Hosts, s) && !s.Kind.IsExport()
}

// MayApprove reports whether the member is a second person to the export:
// neither who asked for it, nor anybody who proposed or took back a redaction,
// nor an originator who left something out. It is asked of the person, under
// whatever number and for whichever organisation they acted.
func MayApprove(room *incident.Room, m *incident.Member, x *incident.Export) bool {
	return !slices.ContainsFunc(append([]incident.MemberNo{x.By.Member}, x.Redactors...), func(n incident.MemberNo) bool {
		of := room.Numbered(n)
		return of == nil || of.Person == m.Person
	})
}
