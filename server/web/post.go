package web

import (
	"context"
	"net/http"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type assignPostIn struct {
	InRoom
	Body struct {
		Post   incident.Post     `json:"post" doc:"incident_lead, strategic_commander, tactical_commander, operational_commander, loggist, communications, liaison, technical_lead or clinical_safety."`
		Member incident.MemberNo `json:"member"`
		Deputy incident.MemberNo `json:"deputy,omitempty" doc:"Who may assume it without anybody's consent."`
	}
}

type assumePostIn struct {
	InRoom
	Body struct {
		Post   incident.Post `json:"post"`
		Reason string        `json:"reason" doc:"At most 1,000 characters. Everyone in the room is told."`
		Overriding
	}
}

func (s *Server) mountPosts() {
	post := func(path, id, summary, doc string) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/posts" + path, Access: Member, Tag: "posts", ID: id, Summary: summary, Doc: doc, Faults: refusals}
	}
	assign := post("", "assign-post", "Give somebody a post", "It is theirs when they acknowledge it.")
	assign.Status = http.StatusCreated
	operate(s, assign, func(ctx context.Context, c *call, in *assignPostIn) (receipt, error) {
		return s.do(ctx, c, command.AssignPost{Post: in.Body.Post, Member: in.Body.Member, Deputy: in.Body.Deputy})
	})
	assume := post("/assume", "assume-post", "Assume command", "As the post's deputy, or as one of a tier above it: nobody's consent is needed, and everybody is told.")
	assume.Status = http.StatusCreated
	operate(s, assume, func(ctx context.Context, c *call, in *assumePostIn) (receipt, error) {
		return s.do(ctx, c, in.Body.on(command.AssumePost{Post: in.Body.Post, Reason: in.Body.Reason}))
	})
	operate(s, post("/{seq}/acknowledge", "acknowledge-post", "Take the post that I was given", ""), func(ctx context.Context, c *call, in *plainIn) (receipt, error) {
		return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.AcknowledgePost{Root: n} })
	})
	operate(s, post("/{seq}/release", "release-post", "End somebody's time in a post", ""), func(ctx context.Context, c *call, in *plainIn) (receipt, error) {
		return s.about1(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.ReleasePost{Root: n} })
	})
}
