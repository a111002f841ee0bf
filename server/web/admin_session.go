package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/identity"
	"wardroom/server/incident"
)

type adminSessionRow struct {
	SessionRow
	Person incident.PersonID `json:"person"`
	Name   string            `json:"name"`
}

type adminSessionsAnswer struct {
	Sessions []adminSessionRow `json:"sessions"`
}

func (s *Server) mountAdminSessions() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/sessions", Access: Admin, Tag: "administration", ID: "admin-sessions", Summary: "Everyone's sessions"}, s.adminSessions)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/admin/sessions/{id}", Access: Admin, Tag: "administration", ID: "end-any-session",
		Summary: "End anyone's session", Doc: "Its sockets are cut within a second."}, s.endAnySession)
}

func (s *Server) adminSessions(ctx context.Context, c *call, _ *none) (adminSessionsAnswer, error) {
	a := adminSessionsAnswer{Sessions: []adminSessionRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	all, err := s.Identity.AllSessions(ctx)
	for _, x := range all {
		row := adminSessionRow{SessionRow: rowOf(x, c.session.ID), Name: x.Name}
		if p, ok := sys.BySubject(x.Issuer, x.Subject); ok {
			row.Person, row.Name = p.ID, p.Name
		}
		a.Sessions = append(a.Sessions, row)
	}
	return a, err
}

func (s *Server) endAnySession(ctx context.Context, c *call, in *SessionPath) (none, error) {
	if !incident.LogID(in.ID).Valid() {
		return none{}, incident.Missing()
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return none{}, err
	}
	all, err := s.Identity.AllSessions(ctx)
	if err != nil {
		return none{}, err
	}
	i := slices.IndexFunc(all, func(x identity.Session) bool { return x.ID == in.ID })
	if i < 0 {
		return none{}, incident.Missing()
	}
	p, _ := sys.BySubject(all[i].Issuer, all[i].Subject)
	if err := s.recordEnd(ctx, c, command.EndSession{Session: in.ID, Person: p.ID}); err != nil {
		return none{}, err
	}
	return none{}, s.Identity.EndAny(ctx, in.ID)
}
