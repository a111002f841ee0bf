package policy

import (
	"slices"

	"wardroom/server/incident"
)

// Freezes says by what right a person may freeze an organisation, let its people
// in again, and let in who has no sign-in: somebody of a host who leads a live
// incident room, or who administers the deployment. To whom neither applies it
// is "". That they lead one, the server found.
func Freezes(sys *incident.System, a incident.Actor, leads bool) incident.FreezesAs {
	p, ok := acting(sys, a.Person)
	switch {
	case !ok || a.Way == incident.ByCodes || sys.FrozenOut(p.ID) || !OfHost(sys, p.ID):
		return ""
	case leads:
		return incident.AsLead
	case p.Admin:
		return incident.AsAdministrator
	}
	return ""
}

// OfHost reports whether a person acts for one of the joint hosts.
func OfHost(sys *incident.System, id incident.PersonID) bool {
	p, ok := acting(sys, id)
	return ok && slices.ContainsFunc(p.Orgs, sys.IsHost)
}

// Thaws reports whether a person ends a freeze alone: they act for a host that
// the one who froze does not act for.
func Thaws(sys *incident.System, f incident.Freeze, id incident.PersonID) bool {
	froze, p := sys.People[f.By], sys.People[id]
	return slices.ContainsFunc(p.Orgs, func(o incident.OrgID) bool { return sys.IsHost(o) && !slices.Contains(froze.Orgs, o) })
}
