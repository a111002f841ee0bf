package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type cadenceIn struct {
	InRoom
	Body struct {
		Meeting int          `json:"meeting" minimum:"0" doc:"Minutes between two meetings, 15 to 10,080; 0 leaves it to the severity."`
		Sitrep  int          `json:"sitrep" minimum:"0" doc:"The same for situation reports."`
		Update  int          `json:"update" minimum:"0" doc:"The same for updates to those whom the incident affects."`
		Reason  string       `json:"reason" doc:"At most 1,000 characters. Everyone in the room is told."`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

// mountCadence mounts what a room does again and again.
func (s *Server) mountCadence() {
	fresh := append(slices.Clone(refusals), incident.StepUp)
	operate(s, cadenced("/cadence", "set-cadence", "Set how often the room meets and reports", "A graver severity than stands now counts again. Less often takes a second factor.", fresh),
		func(ctx context.Context, c *call, in *cadenceIn) (receipt, error) {
			b := in.Body
			return s.do(ctx, c, b.on(command.SetCadence{Meeting: b.Meeting, Sitrep: b.Sitrep, Update: b.Update, Reason: b.Reason, Seen: b.Seen}))
		})
}

// cadenced is an operation on what a room does again and again.
func cadenced(path, id, summary, doc string, faults []incident.Fault) operation {
	return operation{Method: http.MethodPost, Path: "/rooms/{room}" + path, Access: Member, Tag: "cadence", ID: id, Status: http.StatusCreated, Summary: summary, Doc: doc, Faults: faults}
}
