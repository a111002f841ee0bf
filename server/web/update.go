package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type updateIn struct {
	InRoom
	Body struct {
		Text  string       `json:"text,omitempty" doc:"What they were told, at most 4,000 characters; may be left out where an entry says it."`
		Entry incident.Seq `json:"entry,omitempty" doc:"The message, brief or item that is the update."`
		ChosenBody
		Overriding
	}
}

type requestUpdateIn struct {
	InRoom
	Body struct {
		Text string `json:"text,omitempty" doc:"What about; at most 1,000 characters."`
		Overriding
	}
}

type snoozeIn struct {
	InRoom
	Body struct {
		Minutes int          `json:"minutes" minimum:"1" maximum:"60"`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

func (s *Server) mountUpdates() {
	operate(s, cadenced("/updates", "give-update", "Say that those whom the incident affects were told", "", refusals), func(ctx context.Context, c *call, in *updateIn) (receipt, error) {
		return s.do(ctx, c, in.Body.on(command.GiveUpdate{Text: in.Body.Text, Entry: in.Body.Entry, Chosen: in.Body.chosen()}))
	})
	operate(s, cadenced("/updates/snooze", "snooze-update", "Put the next update off, twice at most", "", refusals), func(ctx context.Context, c *call, in *snoozeIn) (receipt, error) {
		return s.do(ctx, c, command.SnoozeUpdate{Minutes: in.Body.Minutes, Seen: in.Body.Seen})
	})
	operate(s, cadenced("/updates/request", "request-update", "Ask for an update", "The leads are told; one person can ask once in a quarter of an hour.", refusals),
		func(ctx context.Context, c *call, in *requestUpdateIn) (receipt, error) {
			return s.do(ctx, c, in.Body.on(command.RequestUpdate{Text: in.Body.Text}))
		})
}
