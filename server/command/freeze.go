package command

import (
	"slices"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// FreezeOrganisation shuts out everyone who acts for an organisation and signs
// in through its sign-in service. Ending their sessions is the server's, after
// this is stored: from here on the log alone refuses them.
type FreezeOrganisation struct {
	Code   incident.OrgID
	Reason string
	Leads  bool `json:"-"` // the asker leads a live incident room: a fact that the server found
}

// ReadmitPerson lets one of them in again.
type ReadmitPerson struct {
	Code   incident.OrgID
	Person incident.PersonID
	How    string
	Leads  bool `json:"-"`
}

// UnfreezeOrganisation lets all of them in again: at once, if somebody of the
// other host says so; else it asks, and a second person's saying so ends it.
type UnfreezeOrganisation struct {
	Code   incident.OrgID
	Reason string
	Leads  bool `json:"-"`
}

func (c FreezeOrganisation) roots() []incident.Seq   { return nil }
func (c ReadmitPerson) roots() []incident.Seq        { return nil }
func (c UnfreezeOrganisation) roots() []incident.Seq { return nil }

// freezer lets in who may freeze. To guests there is no such thing; the hosts'
// people are told who does it.
func (s *scene) freezer(leads bool) (incident.FreezesAs, error) {
	if s.system == nil || s.empty || !policy.OfHost(s.system, s.Actor.Person) {
		return "", incident.Missing()
	}
	if s.Actor.Way == incident.ByCodes {
		return "", policy.ByCodes()
	}
	as := policy.Freezes(s.system, s.Actor, leads)
	if as == "" {
		return "", incident.Refuse(incident.Forbidden, "Those who lead a live incident room, and the hosts' administrators, do this.")
	}
	return as, nil
}

// rested takes the second factor an act in the system log rests on: given just
// now, and for no act before.
func (s *scene) rested(what string) (incident.Authority, error) {
	if !s.Actor.Fresh(s.Now, s.system.Rested[s.Actor.Person]) {
		return incident.Authority{}, incident.Refuse(incident.StepUp, "%s needs your second factor, each time.", what)
	}
	return incident.Authority{StepUp: incident.At(s.Actor.StepUp)}, nil
}

func (c FreezeOrganisation) decide(s *scene) ([]*incident.Event, error) {
	as, err := s.freezer(c.Leads)
	if err != nil {
		return nil, err
	}
	o, ok := s.system.Orgs[c.Code]
	if !ok {
		return nil, incident.Missing()
	}
	if s.system.FrozenOrg(c.Code) {
		return nil, incident.Refuse(incident.Conflict, "It is frozen already.")
	}
	if me := s.system.People[s.Actor.Person]; slices.Contains(me.Orgs, c.Code) && (incident.Freeze{Issuer: o.Issuer}).Shuts(me.Issuer) {
		return nil, incident.Refuse(incident.Conflict, "You act for it yourself and would be shut out too. Somebody of the other host must do this.")
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	auth, err := s.rested("Freezing an organisation")
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.OrganisationFrozen{As: as, Code: c.Code, Issuer: o.Issuer, Reason: strings.TrimSpace(c.Reason)}, Authority: auth})
}

func (c ReadmitPerson) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.freezer(c.Leads); err != nil {
		return nil, err
	}
	f, ok := s.system.Frozen[c.Code]
	p, known := s.system.People[c.Person]
	if !ok || !known || !slices.Contains(p.Orgs, c.Code) || !f.Shuts(p.Issuer) {
		return nil, incident.Missing()
	}
	if slices.Contains(f.Readmitted, c.Person) {
		return nil, incident.Refuse(incident.Conflict, "They have been let in again already.")
	}
	if strings.TrimSpace(c.How) == "" || checkLine("how", c.How, 300, true) != nil {
		return nil, incident.BadField("how", "Say in a line how you made sure of them, by a way that does not go through their sign-in: “rang her on the number in the directory”.")
	}
	auth, err := s.rested("Letting somebody in again")
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.PersonReadmitted{Code: c.Code, How: strings.TrimSpace(c.How), Person: c.Person}, Authority: auth})
}

func (c UnfreezeOrganisation) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.freezer(c.Leads); err != nil {
		return nil, err
	}
	f, ok := s.system.Frozen[c.Code]
	if !ok {
		return nil, incident.Missing()
	}
	second := f.Thaw != nil && f.Thaw.By != s.Actor.Person
	if f.Thaw != nil && !second {
		return nil, incident.Refuse(incident.Conflict, "You have asked for it. A second person of the hosts, who may do this too, must agree.")
	}
	if err := checkReason("reason", c.Reason, !second); err != nil {
		return nil, err
	}
	auth, err := s.rested("Letting an organisation in again")
	if err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(c.Reason)
	if second || policy.Thaws(s.system, f, s.Actor.Person) {
		return one(&incident.Event{Body: &incident.OrganisationUnfrozen{Code: c.Code, Reason: reason}, Authority: auth})
	}
	return one(&incident.Event{Body: &incident.ThawAsked{Code: c.Code, Reason: reason}, Authority: auth})
}
