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

type gradeBody struct {
	At int `json:"at"`
	Or int `json:"or,omitempty" doc:"Not sure: a neighbour of at. The graver of the two counts."`
}

func (g gradeBody) grade() incident.Grade { return incident.Grade{At: g.At, Or: g.Or} }

// OpeningSeverity is what a room is opened with.
type OpeningSeverity struct {
	Scale    incident.Scale `json:"scale" doc:"nhs_level (4 is the worst) or ncsc_category (1 is the worst)."`
	Grade    gradeBody      `json:"grade"`
	Criteria []string       `json:"criteria" doc:"Which of the scale's criteria are met, by id."`
	Reason   string         `json:"reason" doc:"At most 1,000 characters. An entry of its own, for the room."`
}

type assessIn struct {
	InRoom
	Body struct {
		OpeningSeverity
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"Of the reason; absent: the room's."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"Of the reason; absent: the room."`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
		Seen     incident.Seq       `json:"seen,omitempty" doc:"The last entry on the screen it was decided at."`
	}
}

type lowerIn struct {
	InRoom
	Body struct {
		Scale    incident.Scale     `json:"scale"`
		Grade    *gradeBody         `json:"grade,omitempty" doc:"Absent: withdraw the assessment."`
		Criteria []string           `json:"criteria,omitempty"`
		Reason   string             `json:"reason"`
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"Of the reason; absent: the room's."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"Of the reason; absent: the room. Someone who may agree must be in it."`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
		Seen     incident.Seq       `json:"seen" doc:"The last entry on the screen it was decided at."`
	}
}

type loweringIn struct {
	InEntry
	Body struct {
		Seen incident.Seq `json:"seen" doc:"The last entry on the screen it was decided at."`
	}
}

type refuseLoweringIn struct {
	InEntry
	Body struct {
		Reason   string             `json:"reason,omitempty"`
		TLP      incident.TLP       `json:"tlp,omitempty" doc:"Of the reason; absent: the room's."`
		Audience *incident.Audience `json:"audience,omitempty" doc:"Of the reason; absent: the room."`
		Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
		Seen     incident.Seq       `json:"seen" doc:"The last entry on the screen it was decided at."`
	}
}

func (s *Server) mountSeverity() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/severity", Access: Member, Tag: "severity", ID: "assess-severity", Status: http.StatusCreated,
		Summary: "Set how severe my organisation holds it to be", Doc: "Its first assessment on the scale, or one that counts no less. Needs nobody else. " +
			"The other host is called when its people belong in the room and nobody of it is there.", Faults: refusals}, s.assess)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/severity/lowering", Access: Member, Tag: "severity", ID: "ask-lowering", Status: http.StatusCreated,
		Summary: "Ask for a lower severity, or withdraw the assessment", Doc: "Nothing changes until a second person agrees.", Faults: refusals}, s.askLowering)
	answer := func(act, summary string, faults []incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/" + act, Access: Member, Tag: "severity", ID: act, Summary: summary,
			Doc: "The entry is the one the assessment began with.", Faults: faults}
	}
	operate(s, answer("agree-lowering", "Agree, as the second person; needs a second factor of the last hour", append(slices.Clone(refusals), incident.StepUp)), s.agreeLowering)
	operate(s, answer("refuse-lowering", "Leave the severity as it stands", refusals), s.refuseLowering)
	operate(s, answer("drop-lowering", "Take the question back", refusals), s.dropLowering)
}

func (s *Server) assess(ctx context.Context, c *call, in *assessIn) (receipt, error) {
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	b := in.Body
	cmd := command.AssessSeverity{Scale: b.Scale, Grade: b.Grade.grade(), Criteria: b.Criteria, Reason: b.Reason, TLP: b.TLP, Audience: b.Audience, Shown: b.Shown, Seen: b.Seen}
	if err := policy.Permit(policy.Assess, &policy.Scene{Room: c.room, Actor: c.actor, Scale: b.Scale, Now: time.Now()}); err == nil {
		// Whom it calls is asked before the door; the command judges again by
		// the room as it stands then.
		if hosts := command.ToCall(c.room, b.Scale, cmd.Grade); len(hosts) > 0 {
			if cmd.OnCall, err = s.onCall(ctx, c, c.room.ID, hosts); err != nil {
				return receipt{}, err
			}
		}
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, cmd)
	if err == nil {
		s.tellCalled(ctx, cmd.OnCall)
	}
	return receipt{r.Seq}, err
}

func (s *Server) askLowering(ctx context.Context, c *call, in *lowerIn) (receipt, error) {
	b := in.Body
	cmd := command.AskLowering{Scale: b.Scale, Criteria: b.Criteria, Reason: b.Reason, TLP: b.TLP, Audience: b.Audience, Shown: b.Shown, Seen: b.Seen}
	if b.Grade != nil {
		g := b.Grade.grade()
		cmd.Grade = &g
	}
	return s.do(ctx, c, cmd)
}

func (s *Server) agreeLowering(ctx context.Context, c *call, in *loweringIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.AgreeLowering{Root: seq, Seen: in.Body.Seen})
}

func (s *Server) refuseLowering(ctx context.Context, c *call, in *refuseLoweringIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	b := in.Body
	return s.do(ctx, c, command.RefuseLowering{Root: seq, Reason: b.Reason, TLP: b.TLP, Audience: b.Audience, Shown: b.Shown, Seen: b.Seen})
}

func (s *Server) dropLowering(ctx context.Context, c *call, in *loweringIn) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.DropLowering{Root: seq, Seen: in.Body.Seen})
}

// openWith adds the severity a room is to open with, and whom it calls.
func (s *Server) openWith(ctx context.Context, c *call, cmd *command.RegisterRoom, o *OpeningSeverity) error {
	if o == nil {
		return nil
	}
	cmd.Severity = &incident.Opening{Scale: o.Scale, Grade: o.Grade.grade(), Criteria: o.Criteria, Reason: o.Reason}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(sys.Assessors, incident.Assessor{Org: cmd.Org, Scale: o.Scale}) || !o.Scale.Joint(cmd.Severity.Grade.Counts(o.Scale)) {
		return nil
	}
	others := slices.DeleteFunc(slices.Clone(sys.Hosts), func(h incident.OrgID) bool { return h == cmd.Org })
	cmd.OnCall, err = s.onCall(ctx, c, cmd.Room, others)
	return err
}

// onCall makes invitations for the people on call of these hosts, each for
// their own sign-in: they find the room among those that wait for them. Until
// the room's log names one it leads nowhere. The ids are derived, so that the
// same request finds the same invitations.
func (s *Server) onCall(ctx context.Context, c *call, room incident.LogID, hosts []incident.OrgID) ([]incident.OnCall, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return nil, err
	}
	var list []incident.OnCall
	for _, id := range sys.OnCall {
		p := sys.People[id]
		i := slices.IndexFunc(hosts, func(h incident.OrgID) bool { return slices.Contains(p.Orgs, h) })
		if i < 0 || p.Suspended || sys.Stopped[p.Issuer] || id == c.actor.Person {
			continue
		}
		seat := command.CallSeat(p, sys.Orgs[hosts[i]])
		inv := directory.Invitation{ID: s.id("on call", string(room), string(id), string(c.actor.Person), string(c.key)), Room: room, Org: seat.Org,
			Issuer: p.Issuer, Subject: p.Subject, Name: p.Name}
		if _, err := s.Directory.Invite(ctx, inv); err != nil && !duplicate(err) {
			return nil, err // nobody sees the link: it is made for a sign-in
		}
		list = append(list, incident.OnCall{Invitation: inv.ID, Issuer: p.Issuer, Seat: seat})
	}
	return list, nil
}

// tellCalled tells the sessions of who was called that a room waits for them.
func (s *Server) tellCalled(ctx context.Context, list []incident.OnCall) {
	if len(list) == 0 {
		return
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return // they find it when they look
	}
	for _, id := range sys.OnCall {
		s.tellRooms(id)
	}
}
