package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type matrixAnswer struct {
	Version int                  `json:"version" doc:"0: nobody has set one, and the one built in holds."`
	At      *incident.Instant    `json:"at" doc:"When it was set."`
	By      string               `json:"by" doc:"Who set it; empty for the one built in."`
	Rows    []incident.MatrixRow `json:"rows"`
}

type setMatrixIn struct {
	Body struct {
		Rows []incident.MatrixRow `json:"rows" doc:"At most 200. Each condition needs a row without scale and grade."`
		Seen int                  `json:"seen" minimum:"0" doc:"The version on the screen."`
	}
}

type simulateIn struct {
	Body struct {
		Rows      []incident.MatrixRow `json:"rows,omitempty" doc:"A matrix that is not saved; absent: the one that holds."`
		Scale     incident.Scale       `json:"scale,omitempty" doc:"Absent: no severity has been assessed."`
		Grade     int                  `json:"grade,omitempty"`
		Condition incident.Condition   `json:"condition"`
		At        time.Time            `json:"at"`
	}
}

type wokenRow struct {
	Person incident.PersonID `json:"person"`
	Name   string            `json:"name"`
	Org    incident.OrgID    `json:"org"`
	Tier   incident.Tier     `json:"tier"`
	Way    incident.Way      `json:"way"`
	At     incident.Instant  `json:"at" doc:"When they would be asked."`
}

type simulateAnswer struct {
	Tier   incident.Tier    `json:"tier"`
	TwoKey bool             `json:"twoKey"`
	Factor bool             `json:"factor"`
	Asked  []wokenRow       `json:"asked" doc:"Who would be woken, in order. Who holds a post in a room comes before all of them."`
	Silent incident.Instant `json:"silent" doc:"When both hosts would be alarmed, if nobody answers."`
}

func (s *Server) mountMatrix() {
	operate(s, operation{Method: http.MethodGet, Path: "/deployment/matrix", Access: Host, Tag: "escalations", ID: "matrix", Summary: "Who decides what, and who is asked"}, s.matrix)
	operate(s, operation{Method: http.MethodPut, Path: "/deployment/matrix", Access: Host, Tag: "escalations", ID: "set-matrix", Summary: "Set the next version of the matrix",
		Doc: "Rooms that are open keep the one they were opened with.", Faults: refusals}, s.setMatrix)
	operate(s, operation{Method: http.MethodPost, Path: "/deployment/matrix/simulate", Access: Host, Tag: "escalations", ID: "simulate-matrix", Summary: "Who would be woken, in order, and when",
		Unkeyed: true, Faults: []incident.Fault{incident.Invalid}}, s.simulate)
}

func (s *Server) matrix(ctx context.Context, _ *call, _ *none) (matrixAnswer, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return matrixAnswer{}, err
	}
	a := matrixAnswer{Version: sys.MatrixVersion(), Rows: sys.Matrix(sys.MatrixVersion()).Rows}
	if n := len(sys.Matrices); n > 0 {
		m := sys.Matrices[n-1]
		a.At, a.By = &m.At, sys.People[m.By].Name
	}
	return a, nil
}

func (s *Server) setMatrix(ctx context.Context, c *call, in *setMatrixIn) (receipt, error) {
	return s.toSystem(ctx, c, command.SetMatrix{Rows: in.Body.Rows, Seen: in.Body.Seen})
}

func (s *Server) simulate(ctx context.Context, _ *call, in *simulateIn) (simulateAnswer, error) {
	b := in.Body
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return simulateAnswer{}, err
	}
	m := sys.Matrix(sys.MatrixVersion())
	if b.Rows != nil {
		if m.Rows, err = command.CheckMatrix(sys, b.Rows); err != nil {
			return simulateAnswer{}, err
		}
	}
	var at []incident.Severity
	if b.Scale != "" {
		if !b.Scale.Valid(b.Grade) {
			return simulateAnswer{}, incident.BadField("grade", "Choose a grade of the scale.")
		}
		at = []incident.Severity{{Scale: b.Scale, Grade: b.Grade}}
	}
	known := false
	for _, c := range incident.Conditions {
		known = known || c == b.Condition
	}
	if !known {
		return simulateAnswer{}, incident.BadField("condition", "Choose a condition.")
	}
	row := m.Route(b.Condition, at)
	on, err := s.onShift(ctx, sys, b.At)
	if err != nil {
		return simulateAnswer{}, err
	}
	a := simulateAnswer{Tier: row.Tier, TwoKey: row.TwoKey, Factor: row.Factor, Asked: []wokenRow{}}
	when := incident.At(b.At)
	for _, step := range command.Chain(sys, nil, row, on) {
		if len(a.Asked) == command.MaxChain {
			break
		}
		a.Asked = append(a.Asked, wokenRow{Person: step.Person, Name: step.Name, Org: step.Org, Tier: step.Tier, Way: step.Way, At: when})
		when = incident.At(when.Add(time.Duration(row.Minutes) * time.Minute))
	}
	a.Silent = when
	return a, nil
}
