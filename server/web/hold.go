package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type holdIn struct {
	InRoom
	Body struct {
		Reference string `json:"reference" doc:"Of the inquiry, the claim or the order; at most 100 characters."`
		Reason    string `json:"reason" doc:"At most 1,000 characters. Everyone in the room reads it."`
	}
}

func (s *Server) placeHold(ctx context.Context, c *call, in *holdIn) (receipt, error) {
	return s.do(ctx, c, command.PlaceHold{Reference: in.Body.Reference, Reason: in.Body.Reason})
}

func (s *Server) liftHold(ctx context.Context, c *call, in *whyIn) (receipt, error) {
	return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.LiftHold{Root: n, Reason: in.Body.Reason} })
}
