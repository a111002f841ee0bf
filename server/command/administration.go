package command

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
)

// administrator permits an act on the system log: an administrator, or the
// house itself during setup.
func (s *scene) administrator() error {
	if s.system == nil || s.empty {
		return incident.Missing()
	}
	if s.Actor.System {
		return nil
	}
	p, ok := s.system.People[s.Actor.Person]
	if !ok || p.Suspended || !p.Admin || s.Actor.Way == incident.ByCodes {
		return incident.Missing() // that there is administration at all is nobody else's to know
	}
	return nil
}

// SetDeployment decides the joint hosts, the duty number, who assesses
// severity, and whom it calls in.
type SetDeployment struct {
	Duty      string
	Hosts     []incident.OrgID
	Assessors *[]incident.Assessor // nil: as they stand
	OnCall    *[]incident.PersonID // nil: as they stand
}

func (c SetDeployment) roots() []incident.Seq { return nil }

func (c SetDeployment) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	if err := checkLine("duty", c.Duty, 40, true); err != nil {
		return nil, incident.BadField("duty", "Give the duty telephone number that people who cannot get in should ring.")
	}
	if len(c.Hosts) != 2 || c.Hosts[0] == c.Hosts[1] {
		return nil, incident.BadField("hosts", "Name the two joint hosts.")
	}
	for _, h := range c.Hosts {
		if _, ok := s.system.Orgs[h]; !ok || s.system.Closed[h] {
			return nil, incident.BadField("hosts", "%s is not an organisation on the books.", h)
		}
	}
	next := &incident.DeploymentSet{Duty: c.Duty, Hosts: c.Hosts, Assessors: s.system.Assessors, OnCall: s.system.OnCall}
	if c.Assessors != nil {
		next.Assessors = *c.Assessors
	}
	if c.OnCall != nil {
		next.OnCall = *c.OnCall
	} else {
		next.OnCall = slices.DeleteFunc(slices.Clone(next.OnCall), func(id incident.PersonID) bool { return !s.callable(id, c.Hosts) })
	}
	var err error
	if next.Assessors, err = s.assessors(next.Assessors, c.Hosts); err != nil {
		return nil, err
	}
	if next.OnCall, err = s.onCall(next.OnCall, c.Hosts); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: next})
}

// AddOrganisation puts an organisation on the books.
type AddOrganisation struct{ Organisation incident.Organisation }

func (c AddOrganisation) roots() []incident.Seq { return nil }

func (c AddOrganisation) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	if err := checkOrganisation(s.system, c.Organisation); err != nil {
		return nil, err
	}
	if was, ok := s.system.Orgs[c.Organisation.Code]; ok {
		return nil, incident.BadField("code", "%s is %s already.", c.Organisation.Code, was.Name)
	}
	return one(&incident.Event{Body: &incident.OrganisationAdded{Organisation: c.Organisation}})
}

func checkOrganisation(sys *incident.System, o incident.Organisation) error {
	if !o.Code.Valid() {
		return incident.BadField("code", "A code is 2 to 12 capital letters, digits or hyphens: the ODS code, where there is one.")
	}
	if err := checkLine("name", o.Name, 160, true); err != nil {
		return incident.BadField("name", "Give the organisation's name, on one line.")
	}
	if !slices.Contains(incident.OrgTypes, o.Type) {
		return incident.BadField("type", "Choose what kind of organisation it is.")
	}
	if o.ODS != "" && !incident.OrgID(o.ODS).Valid() {
		return incident.BadField("ods", "An ODS code is capital letters and digits, like R1H.")
	}
	if _, ok := sys.Issuers[o.Issuer]; o.Issuer != "" && !ok {
		return incident.BadField("issuer", "Choose one of the sign-in services.")
	}
	return nil
}

// ChangeOrganisation replaces its particulars. The code stays for ever.
type ChangeOrganisation struct{ Organisation incident.Organisation }

func (c ChangeOrganisation) roots() []incident.Seq { return nil }

func (c ChangeOrganisation) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	was, ok := s.system.Orgs[c.Organisation.Code]
	if !ok {
		return nil, incident.Missing()
	}
	next := c.Organisation
	next.Opened, next.Ended, next.Successor = was.Opened, was.Ended, was.Successor
	if err := checkOrganisation(s.system, next); err != nil {
		return nil, err
	}
	if next == was {
		return nil, incident.BadField("name", "Nothing was changed.")
	}
	return one(&incident.Event{Body: &incident.OrganisationChanged{Organisation: next}})
}

// CloseOrganisation ends an organisation, in favour of a successor if it has
// one.
type CloseOrganisation struct {
	Code      incident.OrgID
	Successor incident.OrgID
}

func (c CloseOrganisation) roots() []incident.Seq { return nil }

func (c CloseOrganisation) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	if _, ok := s.system.Orgs[c.Code]; !ok {
		return nil, incident.Missing()
	}
	if s.system.Closed[c.Code] {
		return nil, incident.Refuse(incident.Conflict, "It has closed already.")
	}
	if s.system.IsHost(c.Code) {
		return nil, incident.Refuse(incident.Conflict, "It is one of the joint hosts. Name another host first.")
	}
	if _, ok := s.system.Orgs[c.Successor]; c.Successor != "" && (!ok || c.Successor == c.Code || s.system.Closed[c.Successor]) {
		return nil, incident.BadField("successor", "Choose an open organisation as its successor, or none.")
	}
	return one(&incident.Event{Body: &incident.OrganisationClosed{Code: c.Code, Successor: c.Successor}})
}

// AddPerson registers a person by issuer and subject. A person who comes by
// an invitation registers themselves by joining.
type AddPerson struct {
	Person  incident.PersonID // fresh and random, made by the server
	Name    string
	Issuer  string
	Subject string
	Orgs    []incident.OrgID
	Joining bool // the server registers someone who redeemed an invitation
}

func (c AddPerson) roots() []incident.Seq { return nil }

func (c AddPerson) decide(s *scene) ([]*incident.Event, error) {
	if !c.Joining || s.empty {
		if err := s.administrator(); err != nil {
			return nil, err
		}
	}
	if err := checkLine("name", c.Name, 120, true); err != nil {
		return nil, incident.BadField("name", "Give the person's name, on one line.")
	}
	if _, ok := s.system.Issuers[c.Issuer]; !ok {
		return nil, incident.BadField("issuer", "Choose one of the sign-in services.")
	}
	if c.Subject == "" || len(c.Subject) > 255 || checkLine("subject", c.Subject, 255, true) != nil {
		return nil, incident.BadField("subject", "Give the subject their sign-in service knows them by.")
	}
	if _, ok := s.system.BySubject(c.Issuer, c.Subject); ok {
		return nil, incident.Refuse(incident.Conflict, "This person is registered already.")
	}
	if err := s.openOrgs(c.Orgs); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.PersonAdded{Person: c.Person, Name: c.Name, Issuer: c.Issuer, Subject: c.Subject, Orgs: normal(c.Orgs)}})
}

func (s *scene) openOrgs(orgs []incident.OrgID) error {
	for _, o := range orgs {
		if _, ok := s.system.Orgs[o]; !ok || s.system.Closed[o] {
			return incident.BadField("orgs", "%s is not an open organisation on the books.", o)
		}
	}
	return nil
}

func normal(orgs []incident.OrgID) []incident.OrgID {
	orgs = slices.Clone(orgs)
	slices.Sort(orgs)
	return slices.Compact(orgs)
}

// Affiliate sets whom a person may act for.
type Affiliate struct {
	Person  incident.PersonID
	Orgs    []incident.OrgID
	Joining bool
}

func (c Affiliate) roots() []incident.Seq { return nil }

func (c Affiliate) decide(s *scene) ([]*incident.Event, error) {
	if !c.Joining || s.empty {
		if err := s.administrator(); err != nil {
			return nil, err
		}
	}
	p, ok := s.system.People[c.Person]
	if !ok {
		return nil, incident.Missing()
	}
	if err := s.openOrgs(c.Orgs); err != nil {
		return nil, err
	}
	if c.Joining {
		for _, o := range c.Orgs {
			if f, frozen := s.system.Frozen[o]; frozen && f.Shuts(p.Issuer) && !slices.Contains(p.Orgs, o) {
				return nil, incident.Missing() // nobody comes in for it as anybody
			}
		}
	}
	if slices.Equal(p.Orgs, normal(c.Orgs)) {
		return nil, incident.BadField("orgs", "Nothing was changed.")
	}
	return one(&incident.Event{Body: &incident.PersonAffiliated{Person: c.Person, Orgs: normal(c.Orgs)}})
}

// SuspendPerson ends a person's sessions and refuses new ones; Restore lifts
// it.
type SuspendPerson struct {
	Person  incident.PersonID
	Restore bool
}

func (c SuspendPerson) roots() []incident.Seq { return nil }

func (c SuspendPerson) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	p, ok := s.system.People[c.Person]
	if !ok {
		return nil, incident.Missing()
	}
	switch {
	case p.Suspended != c.Restore:
		return nil, incident.Refuse(incident.Conflict, "Nothing was changed.")
	case c.Restore:
		return one(&incident.Event{Body: &incident.PersonRestored{Person: c.Person}})
	case p.ID == s.Actor.Person:
		return nil, incident.Refuse(incident.Conflict, "You cannot suspend yourself.")
	}
	return one(&incident.Event{Body: &incident.PersonSuspended{Person: c.Person}})
}

// GrantAdministrator makes a person an administrator; Revoke ends it.
type GrantAdministrator struct {
	Person incident.PersonID
	Revoke bool
}

func (c GrantAdministrator) roots() []incident.Seq { return nil }

func (c GrantAdministrator) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	p, ok := s.system.People[c.Person]
	if !ok {
		return nil, incident.Missing()
	}
	admins := 0
	for _, o := range s.system.People {
		if o.Admin && !o.Suspended {
			admins++
		}
	}
	switch {
	case p.Admin != c.Revoke:
		return nil, incident.Refuse(incident.Conflict, "Nothing was changed.")
	case c.Revoke && admins == 1:
		return nil, incident.Refuse(incident.Conflict, "They are the only administrator. Name another first.")
	case c.Revoke:
		return one(&incident.Event{Body: &incident.AdministratorRevoked{Person: c.Person}})
	}
	return one(&incident.Event{Body: &incident.AdministratorGranted{Person: c.Person}})
}

// SetIssuer names or changes a sign-in service.
type SetIssuer struct{ Issuer incident.IssuerSet }

func (c SetIssuer) roots() []incident.Seq { return nil }

func (c SetIssuer) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	i := c.Issuer
	if i.Key == "" || strings.Trim(i.Key, "abcdefghijklmnopqrstuvwxyz0123456789") != "" || len(i.Key) > 20 {
		return nil, incident.BadField("key", "A key is up to 20 small letters or digits, as in the configuration.")
	}
	if err := checkLine("name", i.Name, 80, true); err != nil {
		return nil, incident.BadField("name", "Give the name the sign-in page should show.")
	}
	if u, err := url.Parse(i.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, incident.BadField("url", "Give the issuer's address, beginning with https://.")
	}
	if i.Acr == "" || i.StepUp == "" {
		return nil, incident.BadField("acr", "Name the acr values a sign-in and a step-up must carry.")
	}
	return one(&incident.Event{Body: &i})
}

// StopIssuer takes a sign-in service out of use.
type StopIssuer struct{ Key string }

func (c StopIssuer) roots() []incident.Seq { return nil }

func (c StopIssuer) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	if _, ok := s.system.Issuers[c.Key]; !ok || s.system.Stopped[c.Key] {
		return nil, incident.Missing()
	}
	if me := s.system.People[s.Actor.Person]; me.Issuer == c.Key {
		return nil, incident.Refuse(incident.Conflict, "You sign in with this one yourself. Ask an administrator who uses another.")
	}
	return one(&incident.Event{Body: &incident.IssuerStopped{Key: c.Key}})
}

// TokenScopes are what a service token may be for.
var TokenScopes = []string{"organisations:read", "health:read"}

// IssueToken registers a service token; the token itself never comes here.
type IssueToken struct {
	ID      string
	Name    string
	Scopes  []string
	Expires time.Time
}

func (c IssueToken) roots() []incident.Seq { return nil }

func (c IssueToken) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	if err := checkLine("name", c.Name, 80, true); err != nil {
		return nil, incident.BadField("name", "Say what the token is for.")
	}
	if len(c.Scopes) == 0 || slices.ContainsFunc(c.Scopes, func(x string) bool { return !slices.Contains(TokenScopes, x) }) {
		return nil, incident.BadField("scopes", "Choose from %s.", strings.Join(TokenScopes, ", "))
	}
	if left := c.Expires.Sub(s.Now); left < time.Hour || left > 366*24*time.Hour {
		return nil, incident.BadField("days", "A token lasts from 1 to 365 days.")
	}
	return one(&incident.Event{Body: &incident.TokenIssued{ID: c.ID, Name: c.Name, Scopes: c.Scopes, Expires: incident.At(c.Expires)}})
}

// RevokeToken ends a service token.
type RevokeToken struct{ ID string }

func (c RevokeToken) roots() []incident.Seq { return nil }

func (c RevokeToken) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	t, ok := s.system.Tokens[c.ID]
	if !ok || t.Revoked {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Body: &incident.TokenRevoked{ID: c.ID}})
}
