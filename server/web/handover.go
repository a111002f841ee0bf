package web

import (
	"context"
	"net/http"
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

type handoverIn struct {
	InRoom
	Body struct {
		Post    incident.Post     `json:"post"`
		To      incident.MemberNo `json:"to"`
		IIMARCH incident.IIMARCH  `json:"iimarch" doc:"Information, intent and risk are needed; each at most 4,000 characters."`
		Cites   []incident.Seq    `json:"cites,omitempty"`
		ChosenBody
		Overriding
	}
}

type acceptHandoverIn struct {
	InEntry
	Body struct {
		Seen incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type draftIn struct {
	InRoom
	Post incident.Post `query:"post" default:"incident_lead"`
}

type draftAnswer struct {
	Since incident.Seq `json:"since" doc:"The entry by which the post was last handed over; 1 if it never was."`
	boardAnswer
}

func (s *Server) mountHandovers() {
	fresh := append(slices.Clone(refusals), incident.StepUp)
	about := func(act, summary string, faults []incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/handovers/{seq}/" + act, Access: Member, Tag: "handovers", ID: act + "-handover", Summary: summary, Faults: faults}
	}
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/handovers", Access: Member, Tag: "handovers", ID: "sign-handover", Status: http.StatusCreated,
		Summary: "Hand my post over", Doc: "It stays with me until the other accepts.", Faults: fresh}, func(ctx context.Context, c *call, in *handoverIn) (receipt, error) {
		b := in.Body
		return s.do(ctx, c, b.on(command.SignHandover{Post: b.Post, To: b.To, IIMARCH: b.IIMARCH, Cites: b.Cites, Chosen: b.chosen()}))
	})
	operate(s, about("accept", "Take the post that is handed over to me", fresh), func(ctx context.Context, c *call, in *acceptHandoverIn) (receipt, error) {
		return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command { return command.AcceptHandover{Root: n, Seen: in.Body.Seen} })
	})
	operate(s, about("decline", "Say no, and why: the post stays where it is", refusals), func(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
		return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
			return in.Body.on(command.DeclineHandover{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
		})
	})
	operate(s, about("withdraw", "Take it back before it is accepted", refusals), func(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
		return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
			return in.Body.on(command.WithdrawHandover{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
		})
	})
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/handover/draft", Access: Member, Tag: "handovers", ID: "draft-handover",
		Summary: "What to hand over", Doc: "What is open, and what was decided, met and reported since the post was last handed over, as I may see it.", Faults: []incident.Fault{incident.Conflict}}, s.draftHandover)
}

// The most of each noun that a draft is made of: the newest.
const draftOf = 30

// drafts is what a handover is drafted of.
var drafts = []journal.Board{
	{Noun: "decision", Limit: draftOf},
	{Noun: "action", States: []string{string(incident.ActionIsAccepted), string(incident.ActionIsRaised)}, Limit: draftOf},
	{Noun: "escalation", States: []string{string(incident.EscalationIsAccepted), string(incident.EscalationIsRequested), string(incident.EscalationIsSilent)}, Limit: draftOf},
	{Noun: "meeting", Limit: 3},
	{Noun: "sitrep", Limit: 3},
	{Noun: "update", Limit: 3},
	{Noun: "request", States: []string{"asked"}, Limit: draftOf},
}

// draftHandover gives what whoever hands over may see of it: each board judged
// for them, as any board is.
func (s *Server) draftHandover(ctx context.Context, c *call, in *draftIn) (draftAnswer, error) {
	if err := policy.Permit(policy.SignHandover, &policy.Scene{Room: c.room, Actor: c.actor, Post: in.Post}); err != nil {
		if incident.FaultOf(err) == incident.Forbidden { // whoever is in the room may ask; there is nothing of theirs to draft
			err = incident.Refuse(incident.Conflict, "You do not hold this post, so there is nothing of yours to hand over.")
		}
		return draftAnswer{}, err
	}
	var roots []incident.Seq
	more := false
	for _, q := range drafts {
		found, others, err := s.Journal.Board(ctx, c.room, c.member, q)
		if err != nil {
			return draftAnswer{}, err
		}
		roots, more = append(roots, found...), more || others
	}
	slices.Sort(roots)
	slices.Reverse(roots)
	board, err := s.boardOf(ctx, c, roots, more)
	return draftAnswer{Since: c.room.HandedSince(in.Post), boardAnswer: board}, err
}
