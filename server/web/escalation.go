package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type requestEscalationIn struct {
	InRoom
	Body struct {
		Condition incident.Condition `json:"condition" doc:"disconnect_network, suspend_service, restore_service, public_statement, ransom_demand, mutual_aid or other."`
		SBAR      incident.SBAR      `json:"sbar" doc:"Situation and recommendation are needed; each at most 2,000 characters."`
		ChosenBody
		Overriding
	}
}

type acceptEscalationIn struct {
	InEntry
	Body struct {
		Rationale string       `json:"rationale" doc:"Why; at most 4,000 characters. It becomes that of the decision."`
		Seen      incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type actEscalationIn struct {
	InEntry
	Body struct {
		Because string       `json:"because" doc:"At most 1,000 characters."`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

func (s *Server) mountEscalations() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/escalations", Access: Member, Tag: "escalations", ID: "request-escalation", Status: http.StatusCreated,
		Summary: "Ask that authority be taken at the tier it belongs to", Doc: "The matrix that the room keeps says which tier, who is asked in which order, and how long each has. " +
			"Both hosts receive it; who is asked and is not in the room is called in.", Faults: refusals}, s.requestEscalation)
	about := func(act, summary string, faults []incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/escalations/{seq}/" + act, Access: Member, Tag: "escalations", ID: act + "-escalation", Summary: summary, Faults: faults}
	}
	fresh := append(slices.Clone(refusals), incident.StepUp)
	operate(s, about("accept", "Take the authority, and decide what is asked", fresh), s.acceptEscalation)
	operate(s, about("refuse", "Say no, and why", refusals), s.refuseEscalation)
	operate(s, about("withdraw", "Take it back before it is answered", refusals), s.withdrawEscalation)
	operate(s, about("act", "Record that I acted without approval, because nobody answered", refusals), s.actEscalation)
	operate(s, about("stand-down", "End what was accepted: authority goes back where it was", refusals), s.standDownEscalation)
}

func (s *Server) requestEscalation(ctx context.Context, c *call, in *requestEscalationIn) (receipt, error) {
	b := in.Body
	cmd := command.RequestEscalation{Condition: b.Condition, SBAR: b.SBAR, Chosen: b.chosen()}
	// Nobody is asked for by who may not ask; the command judges again by the
	// room as it stands then.
	if err := policy.Permit(policy.RequestEscalation, &policy.Scene{Room: c.room, Actor: c.actor}); err == nil && slices.Contains(incident.Conditions, b.Condition) {
		if err := s.limiter.take(s.Config.Limits.Asking, "escalation", string(c.actor.Person)+" "+string(c.room.ID)); err != nil {
			return receipt{}, err
		}
		if err := s.route(ctx, c, &cmd); err != nil {
			return receipt{}, err
		}
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, b.on(cmd))
	if err == nil {
		for _, step := range cmd.Chain[:min(1, len(cmd.Chain))] {
			s.tellRooms(step.Person)
		}
	}
	return receipt{r.Seq}, err
}

// Fired tells whom a timer called into a room that it waits for them.
func (s *Server) Fired(ctx context.Context, log incident.LogID, events []*incident.Event) {
	for _, e := range events {
		b, ok := e.Body.(*incident.EscalationAdvanced)
		if !ok {
			continue
		}
		room, err := s.Journal.Room(ctx, log)
		if err != nil {
			return // they find it when they look
		}
		if x := room.Escalation(e.Root); x != nil && b.Step <= len(x.Chain) {
			s.tellRooms(x.Chain[b.Step-1].Person)
		}
	}
}

// route says where the escalation goes, and makes an invitation for each who
// could be asked and is not in the room. Until the room's log names one it
// leads nowhere.
func (s *Server) route(ctx context.Context, c *call, cmd *command.RequestEscalation) error {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	cmd.Version = c.room.Matrix
	cmd.Row = sys.Matrix(cmd.Version).Route(cmd.Condition, c.room.Severities())
	on, err := s.onShift(ctx, sys, time.Now())
	if err != nil {
		return err
	}
	for _, step := range command.Chain(sys, c.room, cmd.Row, on) {
		if len(cmd.Chain) == command.MaxChain {
			break
		}
		p := sys.People[step.Person]
		if step.Person == c.actor.Person {
			continue
		}
		if !c.room.Member(step.Person).Present() {
			if sys.Stopped[p.Issuer] {
				continue // they could not come in
			}
			seat := command.CallSeat(p, sys.Orgs[step.Org])
			step.Seat = &seat
			step.Invitation = s.id("escalation", string(c.room.ID), string(step.Person), string(c.actor.Person), string(c.key))
			inv := directory.Invitation{ID: step.Invitation, Room: c.room.ID, Org: seat.Org, Issuer: p.Issuer, Subject: p.Subject, Name: p.Name}
			if _, err := s.Directory.Invite(ctx, inv); err != nil && !duplicate(err) {
				return err // nobody sees the link: it is made for a sign-in
			}
		}
		cmd.Chain = append(cmd.Chain, step)
	}
	return nil
}

func (s *Server) acceptEscalation(ctx context.Context, c *call, in *acceptEscalationIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.AcceptEscalation{Root: n, Rationale: in.Body.Rationale, Seen: in.Body.Seen})
	})
}

func (s *Server) refuseEscalation(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.RefuseEscalation{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) withdrawEscalation(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.WithdrawEscalation{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) actEscalation(ctx context.Context, c *call, in *actEscalationIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.ActEscalation{Root: n, Because: in.Body.Because, Seen: in.Body.Seen})
	})
}

func (s *Server) standDownEscalation(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.StandDownEscalation{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}
