package web

import (
	"context"

	"wardroom/server/command"
)

type rulesIn struct {
	InRoom
	Body struct {
		Lines [5]string `json:"lines" doc:"Five lines that fit one phone screen."`
	}
}

func (s *Server) setRules(ctx context.Context, c *call, in *rulesIn) (receipt, error) {
	return s.do(ctx, c, command.SetRules{Lines: in.Body.Lines})
}
