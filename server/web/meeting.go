package web

import (
	"context"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type meetingIn struct {
	InRoom
	Body struct {
		Held    *incident.Instant   `json:"held,omitempty" doc:"When it was, by the room's clock; left out: now."`
		Place   string              `json:"place" doc:"Where, or how; at most 200 characters."`
		Members []incident.MemberNo `json:"members,omitempty" doc:"Who of the room was there."`
		Others  string              `json:"others,omitempty" doc:"Who else was, in words; at most 1,000 characters."`
		Summary string              `json:"summary" doc:"At most 4,000 characters."`
		Cites   []incident.Seq      `json:"cites,omitempty" doc:"Its decisions and actions, and what was looked at."`
		ChosenBody
		Overriding
	}
}

type putOffIn struct {
	InRoom
	Body struct {
		Until  incident.Instant `json:"until" doc:"By real time, in exercises too; at most one interval after it is due."`
		Reason string           `json:"reason" doc:"At most 1,000 characters. Everyone in the room is told."`
		Seen   incident.Seq     `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

func (s *Server) mountMeetings() {
	operate(s, cadenced("/meetings", "hold-meeting", "Write down a meeting that was held", "", refusals), func(ctx context.Context, c *call, in *meetingIn) (receipt, error) {
		b := in.Body
		cmd := command.HoldMeeting{Place: b.Place, Members: b.Members, Others: b.Others, Summary: b.Summary, Cites: b.Cites, Chosen: b.chosen()}
		if b.Held != nil {
			cmd.Held = b.Held.Time
		}
		return s.do(ctx, c, b.on(cmd))
	})
	operate(s, cadenced("/meetings/put-off", "put-off-meeting", "Put the next meeting off, once", "", refusals), func(ctx context.Context, c *call, in *putOffIn) (receipt, error) {
		return s.do(ctx, c, in.Body.on(command.PutOffMeeting{Until: in.Body.Until, Reason: in.Body.Reason, Seen: in.Body.Seen}))
	})
}
