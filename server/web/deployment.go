package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type deploymentAnswer struct {
	Duty  string           `json:"duty" doc:"The telephone number dead ends show."`
	Hosts []incident.OrgID `json:"hosts" doc:"The two joint hosts."`
}

type deploymentIn struct{ Body deploymentAnswer }

func (s *Server) mountDeployment() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/deployment", Access: Admin, Tag: "administration", ID: "deployment", Summary: "What holds for the whole deployment"},
		func(ctx context.Context, _ *call, _ *none) (deploymentAnswer, error) {
			sys, err := s.Journal.System(ctx)
			if err != nil {
				return deploymentAnswer{}, err
			}
			return deploymentAnswer{sys.Duty, append([]incident.OrgID{}, sys.Hosts...)}, nil
		})
	operate(s, operation{Method: http.MethodPut, Path: "/admin/deployment", Access: Admin, Tag: "administration", ID: "set-deployment", Summary: "Name the hosts and the duty number",
		Faults: refusals}, func(ctx context.Context, c *call, in *deploymentIn) (receipt, error) {
		return s.toSystem(ctx, c, command.SetDeployment{Duty: in.Body.Duty, Hosts: in.Body.Hosts})
	})
}
