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

	Assessors []incident.Assessor `json:"assessors" doc:"Which organisation assesses severity on which scale. Rooms keep what held when they opened."`
	OnCall    []incident.PersonID `json:"onCall" doc:"The hosts' people who are called into a room by its severity."`
}

type deploymentIn struct {
	Body struct {
		Duty      string               `json:"duty"`
		Hosts     []incident.OrgID     `json:"hosts"`
		Assessors *[]incident.Assessor `json:"assessors,omitempty" doc:"Absent: as they stand."`
		OnCall    *[]incident.PersonID `json:"onCall,omitempty" doc:"Absent: as they stand."`
	}
}

func (s *Server) mountDeployment() {
	operate(s, operation{Method: http.MethodGet, Path: "/admin/deployment", Access: Admin, Tag: "administration", ID: "deployment", Summary: "What holds for the whole deployment"},
		func(ctx context.Context, _ *call, _ *none) (deploymentAnswer, error) {
			sys, err := s.Journal.System(ctx)
			if err != nil {
				return deploymentAnswer{}, err
			}
			return deploymentAnswer{Duty: sys.Duty, Hosts: append([]incident.OrgID{}, sys.Hosts...),
				Assessors: append([]incident.Assessor{}, sys.Assessors...), OnCall: append([]incident.PersonID{}, sys.OnCall...)}, nil
		})
	operate(s, operation{Method: http.MethodPut, Path: "/admin/deployment", Access: Admin, Tag: "administration", ID: "set-deployment", Summary: "Name the hosts, the duty number, who assesses severity and who is on call",
		Faults: refusals}, func(ctx context.Context, c *call, in *deploymentIn) (receipt, error) {
		return s.toSystem(ctx, c, command.SetDeployment{Duty: in.Body.Duty, Hosts: in.Body.Hosts, Assessors: in.Body.Assessors, OnCall: in.Body.OnCall})
	})
}
