package web

import (
	"context"
	"time"

	"wardroom/server/command"
)

type clockIn struct {
	InRoom
	Body struct {
		Paused bool       `json:"paused"`
		Factor int        `json:"factor" doc:"Exercise seconds per second, 1 to 3600."`
		At     *time.Time `json:"at,omitempty" doc:"Absent: go on from where it stands."`
	}
}

func (s *Server) setClock(ctx context.Context, c *call, in *clockIn) (receipt, error) {
	cmd := command.SetClock{Factor: in.Body.Factor, Paused: in.Body.Paused}
	if in.Body.At != nil {
		cmd.At = *in.Body.At
	}
	return s.do(ctx, c, cmd)
}
