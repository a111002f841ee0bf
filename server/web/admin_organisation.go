package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type organisationIn struct {
	Body organisationBody
}

type organisationBody struct {
	Code   incident.OrgID   `json:"code"`
	Name   string           `json:"name"`
	ODS    string           `json:"ods,omitempty"`
	Type   incident.OrgType `json:"type"`
	Issuer string           `json:"issuer,omitempty" doc:"The sign-in its people usually use."`
}

type organisationAtIn struct {
	OrgPath
	Body organisationBody
}

type closeOrganisationIn struct {
	OrgPath
	Body struct {
		Successor incident.OrgID `json:"successor,omitempty"`
	}
}

// toSystem appends a command to the deployment's own log. The entry is
// answered by its number in what an administrator reads of that log.
func (s *Server) toSystem(ctx context.Context, c *call, cmd command.Command) (receipt, error) {
	r, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd)
	if err != nil {
		return receipt{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return receipt{}, err
	}
	return receipt{sys.Number(r.Seq)}, nil
}

func (s *Server) mountAdminOrganisations() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/organisations", Access: Admin, Tag: "administration", ID: "admin-organisations",
		Summary: "All organisations"}, s.adminOrganisations)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/organisations", Access: Admin, Tag: "administration", ID: "add-organisation", Status: http.StatusCreated,
		Summary: "Put an organisation on the books", Faults: refusals}, s.addOrganisation)
	operate(s, operation{Method: http.MethodPut, Path: "/admin/organisations/{code}", Access: Admin, Tag: "administration", ID: "change-organisation",
		Summary: "Change an organisation's particulars", Doc: "The code stays for ever.", Faults: refusals}, s.changeOrganisation)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/organisations/{code}/close", Access: Admin, Tag: "administration", ID: "close-organisation",
		Summary: "Close an organisation", Faults: refusals}, s.closeOrganisation)
}

func (b organisationBody) organisation() incident.Organisation {
	return incident.Organisation{Code: b.Code, Name: b.Name, ODS: b.ODS, Type: b.Type, Issuer: b.Issuer}
}

func (s *Server) adminOrganisations(ctx context.Context, _ *call, _ *none) (organisationsAnswer, error) {
	a := organisationsAnswer{Organisations: []organisationRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	for _, o := range sys.Orgs {
		a.Organisations = append(a.Organisations, orgRow(sys, o))
	}
	sortOrgs(a.Organisations)
	return a, nil
}

func (s *Server) addOrganisation(ctx context.Context, c *call, in *organisationIn) (receipt, error) {
	return s.toSystem(ctx, c, command.AddOrganisation{Organisation: in.Body.organisation()})
}

func (s *Server) changeOrganisation(ctx context.Context, c *call, in *organisationAtIn) (receipt, error) {
	if string(in.Body.Code) != in.Code {
		return receipt{}, incident.BadField("code", "The code stays for ever.")
	}
	return s.toSystem(ctx, c, command.ChangeOrganisation{Organisation: in.Body.organisation()})
}

func (s *Server) closeOrganisation(ctx context.Context, c *call, in *closeOrganisationIn) (receipt, error) {
	return s.toSystem(ctx, c, command.CloseOrganisation{Code: incident.OrgID(in.Code), Successor: in.Body.Successor})
}
