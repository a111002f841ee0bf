package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type setupIn struct {
	Body struct {
		Token string         `json:"token" doc:"From the link that setting up printed."`
		Name  string         `json:"name,omitempty" doc:"How the record names the administrator; absent: as their sign-in service does."`
		Org   incident.OrgID `json:"org,omitempty" doc:"Whom they act for, if for anyone."`
	}
}

type setupAnswer struct {
	Person incident.PersonID `json:"person"`
}

func (s *Server) mountSetup() {
	operate(s, operation{Method: http.MethodPost, Path: "/setup", Access: SignedIn, Tag: "administration", ID: "setup", Unkeyed: true,
		Summary: "Become the first administrator", Doc: "Once, by the link that setting up printed. Every dead end is the same answer.", Faults: []incident.Fault{incident.NotFound}}, s.setup)
}

// setup makes whoever has the one-time link the first administrator. The link
// stays theirs until they are, so that one which failed half-way is repeated.
func (s *Server) setup(ctx context.Context, c *call, in *setupIn) (setupAnswer, error) {
	if err := s.limiter.take(s.Config.Limits.Codes, "setup", c.session.ID); err != nil {
		return setupAnswer{}, err
	}
	if err := s.Identity.RedeemSetup(ctx, in.Body.Token, c.session); err != nil {
		return setupAnswer{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return setupAnswer{}, err
	}
	house, log := incident.Actor{System: true}, s.Journal.SystemLog()
	issuer, subject := c.session.Issuer, c.session.Subject
	p, known := sys.BySubject(issuer, subject)
	if !known {
		p = incident.Person{ID: incident.PersonID(s.id("person", issuer, subject)), Name: in.Body.Name}
		if p.Name == "" {
			p.Name = c.session.Name
		}
		if in.Body.Org != "" {
			p.Orgs = []incident.OrgID{in.Body.Org}
		}
		_, err = s.Journal.Append(ctx, log, house, follow("setup person", string(p.ID), p.Name, string(in.Body.Org)),
			command.AddPerson{Person: p.ID, Name: p.Name, Issuer: issuer, Subject: subject, Orgs: p.Orgs})
		if err != nil {
			return setupAnswer{}, err
		}
	} else if in.Body.Org != "" && !slices.Contains(p.Orgs, in.Body.Org) {
		orgs := append(slices.Clone(p.Orgs), in.Body.Org)
		if _, err = s.Journal.Append(ctx, log, house, follow("setup orgs", string(p.ID), bodyText(orgs)), command.Affiliate{Person: p.ID, Orgs: orgs}); err != nil {
			return setupAnswer{}, err
		}
	}
	_, err = s.Journal.Append(ctx, log, house, follow("setup administrator", string(p.ID)), command.GrantAdministrator{Person: p.ID})
	return setupAnswer{p.ID}, err
}
