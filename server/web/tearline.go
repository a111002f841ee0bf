package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// TearBody is a tear-line.
type TearBody struct {
	Text string `json:"text" doc:"The originator's releasable wording; at most 16 KiB."`
	ChosenBody
}

func (b TearBody) tear() command.Tear { return command.Tear{Text: b.Text, Chosen: b.chosen()} }

type tearlineIn struct {
	InEntry
	Body struct {
		TearBody
		Overriding
	}
}

func (s *Server) publishTearline(ctx context.Context, c *call, in *tearlineIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.PublishTearline{Root: n, Tear: in.Body.tear()})
	})
}
