package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type issuerRow struct {
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
	Acr     string   `json:"acr"`
	StepUp  string   `json:"stepUp"`
	Domains []string `json:"domains"`
	Up      bool     `json:"up"`
	Stopped bool     `json:"stopped"`
}

type issuersAnswer struct {
	Issuers []issuerRow `json:"issuers"`
}

type IssuerPath struct {
	Key string `path:"key"`
}

type setIssuerIn struct {
	IssuerPath
	Body struct {
		Name    string   `json:"name"`
		URL     string   `json:"url"`
		Acr     string   `json:"acr" doc:"The acr a sign-in must carry."`
		StepUp  string   `json:"stepUp" doc:"The acr a step-up must carry."`
		Domains []string `json:"domains" doc:"E-mail domains whose verified addresses it vouches for."`
	}
}

type issuerOnly struct {
	IssuerPath
	Body empty
}

func (s *Server) mountAdminIssuers() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/issuers", Access: Admin, Tag: "administration", ID: "admin-issuers",
		Summary: "The sign-in services, and which of them answers"}, s.adminIssuers)
	operate(s, operation{Method: http.MethodPut, Path: "/admin/issuers/{key}", Access: Admin, Tag: "administration", ID: "set-issuer",
		Summary: "Name or change a sign-in service", Doc: "Its client secret is configuration, never an entry.", Faults: refusals}, s.setIssuer)
	operate(s, operation{Method: http.MethodPost, Path: "/admin/issuers/{key}/stop", Access: Admin, Tag: "administration", ID: "stop-issuer",
		Summary: "Take a sign-in service out of use", Faults: refusals}, s.stopIssuer)
}

func (s *Server) adminIssuers(ctx context.Context, _ *call, _ *none) (issuersAnswer, error) {
	a := issuersAnswer{Issuers: []issuerRow{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	states, err := s.Identity.States(ctx)
	if err != nil {
		return a, err
	}
	up := map[string]bool{}
	for _, st := range states {
		up[st.Key] = st.Up
	}
	for _, i := range sys.Issuers {
		a.Issuers = append(a.Issuers, issuerRow{i.Key, i.Name, i.URL, i.Acr, i.StepUp, append([]string{}, i.Domains...), up[i.Key], sys.Stopped[i.Key]})
	}
	slices.SortFunc(a.Issuers, func(x, y issuerRow) int { return strings.Compare(x.Key, y.Key) })
	return a, nil
}

func (s *Server) setIssuer(ctx context.Context, c *call, in *setIssuerIn) (receipt, error) {
	b := in.Body
	if len(b.Domains) > 50 {
		return receipt{}, incident.BadField("domains", "At most 50 domains.")
	}
	return s.toSystem(ctx, c, command.SetIssuer{Issuer: incident.IssuerSet{Key: in.Key, Name: b.Name, URL: b.URL, Acr: b.Acr, StepUp: b.StepUp, Domains: b.Domains}})
}

func (s *Server) stopIssuer(ctx context.Context, c *call, in *issuerOnly) (receipt, error) {
	return s.toSystem(ctx, c, command.StopIssuer{Key: in.Key})
}
