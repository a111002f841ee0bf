package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type briefIn struct {
	InRoom
	Body struct {
		Lines incident.BriefLines `json:"lines"`
		Seen  incident.Seq        `json:"seen" doc:"The brief's entry on the screen; 0 if there was none."`
		Overriding
	}
}

// mountStanding mounts what changes a room's standing facts.
func (s *Server) mountStanding() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/brief", Access: Member, Tag: "standing facts", ID: "set-brief",
		Summary: "Write the next version of the situation brief", Faults: refusals}, s.setBrief)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/rules", Access: Member, Tag: "standing facts", ID: "set-rules",
		Summary: "Write the next version of the handling rules", Faults: refusals}, s.setRules)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/report", Access: Member, Tag: "standing facts", ID: "update-report",
		Summary: "Replace the fields of the M/ETHANE report", Faults: refusals}, s.updateReport)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/clock", Access: Member, Tag: "standing facts", ID: "set-clock",
		Summary: "Set an exercise's clock", Faults: refusals}, s.setClock)
}

func (s *Server) setBrief(ctx context.Context, c *call, in *briefIn) (receipt, error) {
	return s.do(ctx, c, in.Body.on(command.SetBrief{Lines: in.Body.Lines, Seen: in.Body.Seen}))
}
