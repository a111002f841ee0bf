package policy

import (
	"slices"

	"wardroom/server/incident"
)

// An alert is the hosts' word to organisations. The hosts' people see all of
// it; somebody else sees it if it went to an organisation they act for, and of
// it what their own organisations have to do with: never to whom else it went,
// nor how many they are. To everyone else there is no such alert.

// IssuesAlerts reports whether a person issues, chases and closes alerts, and
// sees all of them: the hosts' people do.
func IssuesAlerts(sys *incident.System, id incident.PersonID) bool {
	p, ok := acting(sys, id)
	return ok && slices.ContainsFunc(p.Orgs, sys.IsHost)
}

// OwnAlertRows lists the organisations a person acts for to which an alert was
// issued, ascending.
func OwnAlertRows(sys *incident.System, id incident.PersonID, a *incident.Alert) (own []incident.OrgID) {
	p, ok := acting(sys, id)
	if !ok || a == nil {
		return nil
	}
	for _, o := range p.Orgs {
		if a.Row(o) != nil {
			own = append(own, o)
		}
	}
	slices.Sort(own)
	return slices.Compact(own)
}

// SeesAlert reports whether there is this alert for a person.
func SeesAlert(sys *incident.System, id incident.PersonID, a *incident.Alert) bool {
	return a != nil && (IssuesAlerts(sys, id) || len(OwnAlertRows(sys, id, a)) > 0)
}

// OfRoom reports whether an alert belongs to a room, as far as a member of it may
// know: for the hosts there alone. A room that goes on in a new section has what
// was issued out of the section before.
func OfRoom(sys *incident.System, a *incident.Alert, room *incident.Room, m *incident.Member) bool {
	if a == nil || a.Room == "" || !m.Present() || !m.Host || !IssuesAlerts(sys, m.Person) {
		return false
	}
	return a.Room == room.ID || room.Earlier != nil && a.Room == room.Earlier.Break.Log
}

// AnswersAlert reports whether a person answers an alert for all of these
// organisations: whom they act for, or, as the word of an organisation that
// came to a host, any it went to.
func AnswersAlert(sys *incident.System, id incident.PersonID, a *incident.Alert, orgs []incident.OrgID, via incident.Via) bool {
	if a == nil || len(orgs) == 0 {
		return false
	}
	own, host := OwnAlertRows(sys, id, a), via != "" && IssuesAlerts(sys, id)
	return !slices.ContainsFunc(orgs, func(o incident.OrgID) bool { return a.Row(o) == nil || !host && !slices.Contains(own, o) })
}

// AlertEntry is what a person sees of an entry of an alert that they see: it,
// and of the organisations it names those they may know of. Issue and closing
// are for all whom it went to, and name nobody else to them.
func AlertEntry(sys *incident.System, id incident.PersonID, a *incident.Alert, e *incident.Event) (orgs []incident.OrgID, ok bool) {
	if !SeesAlert(sys, id, a) || incident.AlertNumber(e.Body) != a.Number {
		return nil, false
	}
	named := incident.AlertOrgs(e.Body)
	if IssuesAlerts(sys, id) {
		return named, true
	}
	for _, o := range OwnAlertRows(sys, id, a) {
		if slices.Contains(named, o) {
			orgs = append(orgs, o)
		}
	}
	_, closed := e.Body.(*incident.AlertClosed)
	return orgs, closed || len(orgs) > 0
}

// NamesAlertAuthor reports whether a person may know who wrote an entry of an
// alert: the hosts' people know it of all, others of answers that somebody
// gave for an organisation of theirs. What hosts wrote is the hosts'.
func NamesAlertAuthor(sys *incident.System, id incident.PersonID, e *incident.Event) bool {
	if IssuesAlerts(sys, id) || e.By.Person == id {
		return true
	}
	switch e.Body.(type) {
	case *incident.AlertIssued, *incident.AlertChased, *incident.AlertClosed:
		return false
	}
	return incident.AlertVia(e.Body) == ""
}
