package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type correctSitrepIn struct {
	InEntry
	Body struct {
		AsAt      *incident.Instant `json:"asAt,omitempty" doc:"How things were when, by the room's clock; left out: as it stands."`
		Situation string            `json:"situation" doc:"Each part at most 4,000 characters. The report is said anew, whole."`
		Impact    string            `json:"impact,omitempty"`
		Actions   string            `json:"actions,omitempty"`
		Forecast  string            `json:"forecast,omitempty"`
		Reason    string            `json:"reason"`
		Overriding
	}
}

type sitrepIn struct {
	InRoom
	Body struct {
		AsAt      *incident.Instant `json:"asAt,omitempty" doc:"How things were when, by the room's clock; left out: now."`
		Situation string            `json:"situation" doc:"Each part at most 4,000 characters."`
		Impact    string            `json:"impact,omitempty"`
		Actions   string            `json:"actions,omitempty"`
		Forecast  string            `json:"forecast,omitempty"`
		Cites     []incident.Seq    `json:"cites,omitempty"`
		ChosenBody
		Overriding
	}
}

func (s *Server) mountSitreps() {
	operate(s, cadenced("/sitreps", "file-sitrep", "File a situation report", "A host's keeps the room's rhythm; a guest's is their organisation's own.", refusals),
		func(ctx context.Context, c *call, in *sitrepIn) (receipt, error) {
			b := in.Body
			cmd := command.FileSitrep{Sitrep: command.Sitrep{Situation: b.Situation, Impact: b.Impact, Actions: b.Actions, Forecast: b.Forecast}, Cites: b.Cites, Chosen: b.chosen()}
			if b.AsAt != nil {
				cmd.AsAt = b.AsAt.Time
			}
			return s.do(ctx, c, b.on(cmd))
		})
	operate(s, cadenced("/entries/{seq}/correct-sitrep", "correct-sitrep", "Correct a situation report", "Whoever speaks for the organisation that filed it, with a reason. What it said before stays legible, and no rhythm is kept by it.", refusals), s.correctSitrep)
}

func (s *Server) correctSitrep(ctx context.Context, c *call, in *correctSitrepIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	b := in.Body
	cmd := command.CorrectSitrep{Root: seq, Sitrep: command.Sitrep{Situation: b.Situation, Impact: b.Impact, Actions: b.Actions, Forecast: b.Forecast}, Reason: b.Reason}
	if b.AsAt != nil {
		cmd.AsAt = b.AsAt.Time
	}
	return s.do(ctx, c, b.on(cmd))
}
