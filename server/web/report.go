package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type reportIn struct {
	InRoom
	Body struct {
		Report incident.Methane `json:"report"`
		Seen   incident.Seq     `json:"seen,omitempty" doc:"The report's entry on the screen it was changed at."`
		Overriding
	}
}

func (s *Server) updateReport(ctx context.Context, c *call, in *reportIn) (receipt, error) {
	if c.room.Report == nil {
		return receipt{}, incident.Missing()
	}
	return s.do(ctx, c, in.Body.on(command.UpdateReport{Root: c.room.Report.Root, Report: in.Body.Report, Seen: in.Body.Seen}))
}
