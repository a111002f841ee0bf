package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
)

type briefMinistersIn struct {
	InRoom
	Body struct {
		Text string     `json:"text" doc:"Who was told, and of what; at most 2,000 characters."`
		At   *time.Time `json:"at,omitempty" doc:"When, by real time. Absent: now."`
		Overriding
	}
}

func (s *Server) mountMinisters() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/ministers", Access: Member, Tag: "clocks", ID: "brief-ministers", Status: http.StatusCreated,
		Summary: "Record that ministers were told", Doc: "With it the clock starts for telling the National Data Guardian, which is due at once.", Faults: refusals}, s.briefMinisters)
}

func (s *Server) briefMinisters(ctx context.Context, c *call, in *briefMinistersIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, b.on(command.BriefMinisters{Text: b.Text, At: given(b.At)}))
}
