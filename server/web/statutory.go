package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

type startClockIn struct {
	InRoom
	Body struct {
		Statute incident.Statute  `json:"statute" doc:"gdpr_33, gdpr_34, nis, ndg_management, ndg_told, bill_24 or bill_72."`
		Aware   time.Time         `json:"aware" doc:"When they became aware of it, by real time."`
		Known   string            `json:"known,omitempty" doc:"What is known, in short; at most 2,000 characters."`
		Org     incident.OrgID    `json:"org,omitempty" doc:"That owes it. Absent: mine."`
		Owner   incident.MemberNo `json:"owner,omitempty" doc:"Who of theirs sees to it. Absent: of my organisation I do, of another whoever speaks for it."`
		Start   incident.Seq      `json:"start,omitempty" doc:"The entry it begins with."`
		Via     incident.Via      `json:"via,omitempty" doc:"Of another organisation than mine: how it told me, telephone, email or in_person."`
		Overriding
	}
}

type correctClockIn struct {
	InEntry
	Body struct {
		Aware  time.Time    `json:"aware"`
		Reason string       `json:"reason" doc:"At most 1,000 characters."`
		Via    incident.Via `json:"via,omitempty"`
		Seen   incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type handClockIn struct {
	InEntry
	Body struct {
		Owner  incident.MemberNo `json:"owner" doc:"0: whoever speaks for the organisation."`
		Reason string            `json:"reason,omitempty" doc:"At most 1,000 characters."`
		Via    incident.Via      `json:"via,omitempty"`
		Seen   incident.Seq      `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type evidenceClockIn struct {
	InEntry
	Body struct {
		Done      *time.Time     `json:"done,omitempty" doc:"When it was done, by real time. Absent: now."`
		Reference string         `json:"reference,omitempty" doc:"That the regulator gave; at most 200 characters. Needed where there is a regulator."`
		Note      string         `json:"note,omitempty" doc:"How one can tell; at most 2,000 characters. Needed where there is no regulator."`
		Cites     []incident.Seq `json:"cites,omitempty" doc:"Numbers of entries that show it."`
		Via       incident.Via   `json:"via,omitempty"`
		Seen      incident.Seq   `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type withdrawClockIn struct {
	InEntry
	Body struct {
		Reason string       `json:"reason" doc:"Why it need not be told; at most 4,000 characters."`
		Via    incident.Via `json:"via,omitempty"`
		Seen   incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type chaseClockIn struct {
	InEntry
	Body struct {
		Text string `json:"text,omitempty" doc:"At most 1,000 characters."`
		Overriding
	}
}

func (s *Server) mountStatutory() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/clocks", Access: Member, Tag: "clocks", ID: "start-clock", Status: http.StatusCreated,
		Summary: "Start the clock of something that the law says must be told", Doc: "It runs by real time from when they became aware, and is never paused. The organisation that owes it receives it, and the hosts.", Faults: refusals}, s.startClock)
	about := func(act, summary string) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/clocks/{seq}/" + act, Access: Member, Tag: "clocks", ID: act + "-clock", Summary: summary, Faults: refusals}
	}
	operate(s, about("correct", "Correct when they became aware"), s.correctClock)
	operate(s, about("hand", "Give it to another of the same organisation"), s.handClock)
	operate(s, about("evidence", "Say that it was done, and how one can tell"), s.evidenceClock)
	operate(s, about("withdraw", "Say that it need not be told, and why"), s.withdrawClock)
	operate(s, about("chase", "Remind them of it"), s.chaseClock)
}

func (s *Server) startClock(ctx context.Context, c *call, in *startClockIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, b.on(command.StartClock{Statute: b.Statute, Org: b.Org, Owner: b.Owner, Aware: incident.At(b.Aware), Known: b.Known, Start: b.Start, Via: b.Via}))
}

func (s *Server) correctClock(ctx context.Context, c *call, in *correctClockIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.CorrectClock{Root: n, Aware: incident.At(b.Aware), Reason: b.Reason, Via: b.Via, Seen: b.Seen})
	})
}

func (s *Server) handClock(ctx context.Context, c *call, in *handClockIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.HandClock{Root: n, Owner: b.Owner, Reason: b.Reason, Via: b.Via, Seen: b.Seen})
	})
}

func (s *Server) evidenceClock(ctx context.Context, c *call, in *evidenceClockIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.EvidenceClock{Root: n, Done: given(b.Done), Reference: b.Reference, Note: b.Note, Cites: b.Cites, Via: b.Via, Seen: b.Seen})
	})
}

func (s *Server) withdrawClock(ctx context.Context, c *call, in *withdrawClockIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.WithdrawClock{Root: n, Reason: b.Reason, Via: b.Via, Seen: b.Seen})
	})
}

func (s *Server) chaseClock(ctx context.Context, c *call, in *chaseClockIn) (receipt, error) {
	b := in.Body
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return b.on(command.ChaseClock{Root: n, Text: b.Text})
	})
}
