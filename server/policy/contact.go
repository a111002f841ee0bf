package policy

import (
	"slices"

	"wardroom/server/incident"
)

// The directory tells how organisations are reached: on-call telephones, which
// an attacker would like to know and to tie up. These three say who has to do
// with it. To everyone else there is no such list.

// ReadsContacts reports whether a person sees who an organisation's contacts
// are, their numbers masked, and may call one: the hosts' people and its own.
func ReadsContacts(sys *incident.System, id incident.PersonID, org incident.OrgID) bool {
	p, ok := acting(sys, id)
	if _, known := sys.Orgs[org]; !ok || !known {
		return false
	}
	return slices.Contains(p.Orgs, org) || slices.ContainsFunc(p.Orgs, sys.IsHost)
}

// KeepsContacts reports whether a person adds, changes and removes an
// organisation's contacts: its own administrators do, and where it has none, or
// has closed, the hosts' people.
func KeepsContacts(sys *incident.System, id incident.PersonID, org incident.OrgID) bool {
	p, _ := acting(sys, id)
	switch {
	case !ReadsContacts(sys, id, org):
		return false
	case slices.Contains(p.Keeps, org) && !sys.Closed[org]:
		return true
	}
	return slices.ContainsFunc(p.Orgs, sys.IsHost) && (sys.Closed[org] || len(Keepers(sys, org)) == 0)
}

// Keepers lists the people who keep an organisation's contacts by having been
// named, in a fixed order. Who is suspended keeps nothing.
func Keepers(sys *incident.System, org incident.OrgID) []incident.Person {
	var all []incident.Person
	for _, id := range sys.Order() {
		if p, ok := acting(sys, id); ok && slices.Contains(p.Keeps, org) {
			all = append(all, p)
		}
	}
	return all
}

// RingsBack reports whether a person's word that a contact answered there
// counts as verification: the hosts' people's.
func RingsBack(sys *incident.System, id incident.PersonID) bool {
	p, ok := acting(sys, id)
	return ok && slices.ContainsFunc(p.Orgs, sys.IsHost)
}

// NamesKeepers reports whether a person names organisations' administrators:
// the deployment's administrators and the hosts' people do.
func NamesKeepers(sys *incident.System, id incident.PersonID) bool {
	p, ok := acting(sys, id)
	return ok && (p.Admin || slices.ContainsFunc(p.Orgs, sys.IsHost))
}

func acting(sys *incident.System, id incident.PersonID) (incident.Person, bool) {
	p, ok := sys.People[id]
	return p, ok && !p.Suspended
}
