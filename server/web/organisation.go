package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/incident"
)

type organisationRow struct {
	Code      incident.OrgID   `json:"code"`
	Name      string           `json:"name"`
	ODS       string           `json:"ods"`
	Type      incident.OrgType `json:"type"`
	Issuer    string           `json:"issuer"`
	Host      bool             `json:"host"`
	Closed    bool             `json:"closed"`
	Successor incident.OrgID   `json:"successor,omitempty"`
}

type organisationsAnswer struct {
	Organisations []organisationRow `json:"organisations"`
}

type organisationsIn struct {
	Q     string `query:"q" doc:"Part of a name, a code or an ODS code; hosts and administrators only."`
	Codes string `query:"codes" doc:"Codes, with commas between."`
}

type OrgPath struct {
	Code string `path:"code"`
}

type personRow struct {
	ID   incident.PersonID `json:"id"`
	Name string            `json:"name"`
}

type peopleAnswer struct {
	People []personRow `json:"people"`
}

func (s *Server) mountOrganisations() {
	operate(s, operation{Method: http.MethodGet, Path: "/organisations", Access: SignedIn, Tag: "organisations", ID: "organisations",
		Summary: "Organisations on the books", Doc: "Hosts and administrators search all of them; others name the codes they have met."}, s.organisations)
	operate(s, operation{Method: http.MethodGet, Path: "/organisations/{code}/people", Access: Host, Tag: "organisations", ID: "organisation-people",
		Summary: "An organisation's people", Faults: []incident.Fault{incident.NotFound}}, s.peopleOf)
}

const organisationsShown = 500

func (s *Server) organisations(ctx context.Context, c *call, in *organisationsIn) (organisationsAnswer, error) {
	a := organisationsAnswer{Organisations: []organisationRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	all := c.actor.Admin || slices.ContainsFunc(c.actor.Orgs, sys.IsHost)
	codes := map[incident.OrgID]bool{}
	for code := range strings.SplitSeq(in.Codes, ",") {
		codes[incident.OrgID(code)] = true
	}
	if len(codes) > 200 {
		return a, incident.BadField("codes", "At most 200 codes at once.")
	}
	for _, o := range sys.Orgs {
		if codes[o.Code] || all && in.Codes == "" && matches(o, in.Q) {
			a.Organisations = append(a.Organisations, orgRow(sys, o))
		}
	}
	sortOrgs(a.Organisations)
	a.Organisations = a.Organisations[:min(len(a.Organisations), organisationsShown)]
	return a, nil
}

func matches(o incident.Organisation, q string) bool {
	q = strings.ToLower(strings.TrimSpace(q))
	return strings.Contains(strings.ToLower(o.Name), q) || strings.HasPrefix(strings.ToLower(string(o.Code)), q) || strings.HasPrefix(strings.ToLower(o.ODS), q)
}

func orgRow(sys *incident.System, o incident.Organisation) organisationRow {
	return organisationRow{Code: o.Code, Name: o.Name, ODS: o.ODS, Type: o.Type, Issuer: o.Issuer, Host: sys.IsHost(o.Code), Closed: sys.Closed[o.Code], Successor: o.Successor}
}

func sortOrgs(rows []organisationRow) {
	slices.SortFunc(rows, func(a, b organisationRow) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
}

func (s *Server) peopleOf(ctx context.Context, _ *call, in *OrgPath) (peopleAnswer, error) {
	a := peopleAnswer{People: []personRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	if _, ok := sys.Orgs[incident.OrgID(in.Code)]; !ok {
		return a, incident.Missing()
	}
	for _, p := range sys.People {
		if !p.Suspended && slices.Contains(p.Orgs, incident.OrgID(in.Code)) {
			a.People = append(a.People, personRow{p.ID, p.Name})
		}
	}
	slices.SortFunc(a.People, func(x, y personRow) int { return cmp.Or(strings.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return a, nil
}
