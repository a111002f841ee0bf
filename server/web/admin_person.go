package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type adminPersonRow struct {
	ID        incident.PersonID `json:"id"`
	Name      string            `json:"name"`
	Issuer    string            `json:"issuer"`
	Subject   string            `json:"subject"`
	Orgs      []incident.OrgID  `json:"orgs"`
	Keeps     []incident.OrgID  `json:"keeps" doc:"Of orgs: those whose contacts they keep."`
	Admin     bool              `json:"admin"`
	Suspended bool              `json:"suspended"`
	Passkeys  []int             `json:"passkeys" doc:"The numbers of the passkeys they may sign in with."`
}

type adminPeopleAnswer struct {
	People []adminPersonRow `json:"people"`
}

type PersonPath struct {
	ID string `path:"id"`
}

type addPersonIn struct {
	Body struct {
		Name    string           `json:"name"`
		Issuer  string           `json:"issuer"`
		Subject string           `json:"subject"`
		Orgs    []incident.OrgID `json:"orgs"`
	}
}

type affiliateIn struct {
	PersonPath
	Body struct {
		Orgs []incident.OrgID `json:"orgs" doc:"Whom they may act for."`
	}
}

type personOnly struct {
	PersonPath
	Body empty
}

type administratorIn struct {
	PersonPath
	Body struct {
		Granted bool `json:"granted"`
	}
}

func (s *Server) mountAdminPeople() {
	about := func(act, summary string) operation {
		return operation{Method: http.MethodPost, Path: "/admin/people/{id}/" + act, Access: Admin, Tag: "administration", ID: act + "-person", Summary: summary, Faults: refusals}
	}
	operate(s, operation{Method: http.MethodGet, Path: "/admin/people", Access: Admin, Tag: "administration", ID: "admin-people", Summary: "Everyone the deployment knows",
		Doc: "Whom they may act for, never which rooms they are in."}, s.adminPeople)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/people", Access: Admin, Tag: "administration", ID: "add-person", Status: http.StatusCreated,
		Summary: "Register a person", Faults: refusals}, s.addPerson)
	operate(s, about("orgs", "Set whom a person may act for"), s.affiliate)
	operate(s, about("suspend", "End a person's sessions and refuse new ones"), s.suspend)
	operate(s, about("restore", "Lift a suspension"), s.unsuspend)
	operate(s, about("administrator", "Make a person an administrator, or no longer"), s.administrator)
}

func (s *Server) adminPeople(ctx context.Context, _ *call, _ *none) (adminPeopleAnswer, error) {
	a := adminPeopleAnswer{People: []adminPersonRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	for _, p := range sys.People {
		a.People = append(a.People, adminPersonRow{p.ID, p.Name, p.Issuer, p.Subject, append([]incident.OrgID{}, p.Orgs...), append([]incident.OrgID{}, p.Keeps...), p.Admin, p.Suspended, hasPasskeys(p)})
	}
	slices.SortFunc(a.People, func(x, y adminPersonRow) int { return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return a, nil
}

func (s *Server) addPerson(ctx context.Context, c *call, in *addPersonIn) (receipt, error) {
	b := in.Body
	return s.toSystem(ctx, c, command.AddPerson{Person: incident.PersonID(s.id("person", b.Issuer, b.Subject)), Name: b.Name, Issuer: b.Issuer, Subject: b.Subject, Orgs: b.Orgs})
}

func (s *Server) affiliate(ctx context.Context, c *call, in *affiliateIn) (receipt, error) {
	return s.toSystem(ctx, c, command.Affiliate{Person: incident.PersonID(in.ID), Orgs: in.Body.Orgs})
}

// suspend writes the suspension first: from then on the log alone refuses
// them. Ending the sessions cuts their sockets.
func (s *Server) suspend(ctx context.Context, c *call, in *personOnly) (receipt, error) {
	r, err := s.toSystem(ctx, c, command.SuspendPerson{Person: incident.PersonID(in.ID)})
	if err != nil {
		return r, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return r, err
	}
	p := sys.People[incident.PersonID(in.ID)]
	if !p.Suspended {
		return r, nil // a repeated request, and they have been restored since
	}
	s.Hub.CutPerson(p.ID)
	return r, s.Identity.EndPerson(ctx, p)
}

func (s *Server) unsuspend(ctx context.Context, c *call, in *personOnly) (receipt, error) {
	return s.toSystem(ctx, c, command.SuspendPerson{Person: incident.PersonID(in.ID), Restore: true})
}

func (s *Server) administrator(ctx context.Context, c *call, in *administratorIn) (receipt, error) {
	return s.toSystem(ctx, c, command.GrantAdministrator{Person: incident.PersonID(in.ID), Revoke: !in.Body.Granted})
}
