package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type raiseActionIn struct {
	InRoom
	Body struct {
		Text     string            `json:"text" doc:"At most 2,000 characters."`
		For      incident.Assignee `json:"for" doc:"An organisation, or one person of it; they must receive this entry."`
		Due      *time.Time        `json:"due,omitempty" doc:"By the room's time: in an exercise, the exercise's."`
		Decision incident.Seq      `json:"decision,omitempty" doc:"The decision it carries out. It then gets the decision's label and audience, unless others are chosen."`
		ChosenBody
		Overriding
	}
}

type finishActionIn struct {
	InEntry
	Body struct {
		Evidence string         `json:"evidence" doc:"How one can tell that it is done; at most 4,000 characters."`
		Cites    []incident.Seq `json:"cites,omitempty" doc:"Numbers of entries that show it."`
		Seen     incident.Seq   `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type handActionIn struct {
	InEntry
	Body struct {
		For    incident.Assignee `json:"for"`
		Reason string            `json:"reason" doc:"At most 1,000 characters."`
		Seen   incident.Seq      `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type chaseActionIn struct {
	InEntry
	Body struct {
		Text string `json:"text,omitempty" doc:"At most 1,000 characters."`
		Overriding
	}
}

func (s *Server) mountActions() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/actions", Access: Member, Tag: "actions", ID: "raise-action", Status: http.StatusCreated,
		Summary: "Ask an organisation or a person to do something", Faults: refusals}, s.raiseAction)
	about := func(path, id, summary string) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/" + path, Access: Member, Tag: "actions", ID: id, Summary: summary, Faults: refusals}
	}
	operate(s, about("accept", "accept-action", "Say that we will do it"), s.acceptAction)
	operate(s, about("decline", "decline-action", "Say that we will not, and why"), s.declineAction)
	operate(s, about("done", "finish-action", "Say that it is done, and how one can tell"), s.finishAction)
	operate(s, about("hand", "hand-action", "Hand it on to another, who accepts or declines anew"), s.handAction)
	operate(s, about("chase", "chase-action", "Remind those it is for"), s.chaseAction)
	operate(s, about("withdraw-action", "withdraw-action", "Take it back"), s.withdrawAction)
}

func (s *Server) raiseAction(ctx context.Context, c *call, in *raiseActionIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, b.on(command.RaiseAction{Text: b.Text, For: b.For, Due: given(b.Due), Decision: b.Decision, Chosen: b.chosen()}))
}

func (s *Server) acceptAction(ctx context.Context, c *call, in *seenIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.AcceptAction{Root: n, Seen: in.Body.Seen}
	})
}

func (s *Server) declineAction(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.DeclineAction{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) finishAction(ctx context.Context, c *call, in *finishActionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.FinishAction{Root: n, Evidence: in.Body.Evidence, Cites: in.Body.Cites, Seen: in.Body.Seen})
	})
}

func (s *Server) handAction(ctx context.Context, c *call, in *handActionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.HandAction{Root: n, For: in.Body.For, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) chaseAction(ctx context.Context, c *call, in *chaseActionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.ChaseAction{Root: n, Text: in.Body.Text})
	})
}

func (s *Server) withdrawAction(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.WithdrawAction{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}
