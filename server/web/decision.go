package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// ChosenBody is what may be chosen for a new entry of the record.
type ChosenBody struct {
	TLP      incident.TLP       `json:"tlp,omitempty"`
	PAP      incident.PAP       `json:"pap,omitempty"`
	Caveat   incident.Caveat    `json:"caveat,omitempty"`
	Audience *incident.Audience `json:"audience,omitempty"`
	Shown    incident.Seq       `json:"shown,omitempty" doc:"The head of the preflight that was shown: refused with the code gained if somebody came in since. Absent: nothing was shown."`
}

func (b ChosenBody) chosen() command.Chosen {
	return command.Chosen{TLP: b.TLP, PAP: b.PAP, Caveat: b.Caveat, Audience: b.Audience, Shown: b.Shown}
}

// deliberationBody is the rest of a decision's record. No part is needed.
type deliberationBody struct {
	Consulted string            `json:"consulted,omitempty" doc:"Who was asked."`
	Dissent   string            `json:"dissent,omitempty"`
	Expected  string            `json:"expected,omitempty" doc:"What it is expected to bring about."`
	Options   []incident.Option `json:"options,omitempty" doc:"At most 10 ways that were considered, each with why it was not taken."`
	Outcome   string            `json:"outcome,omitempty" doc:"What came of it."`
	Powers    string            `json:"powers,omitempty" doc:"Powers, policies and authority considered."`
	Question  string            `json:"question,omitempty"`
	Relied    []incident.Seq    `json:"relied,omitempty" doc:"Numbers of entries relied on, as they stand now; at most 100."`
	Review    *time.Time        `json:"review,omitempty" doc:"When to look again, by the room's time."`
	Risks     string            `json:"risks,omitempty"`
}

func (b deliberationBody) deliberation() incident.Deliberation {
	return incident.Deliberation{Consulted: b.Consulted, Dissent: b.Dissent, Expected: b.Expected, Options: b.Options, Outcome: b.Outcome,
		Powers: b.Powers, Question: b.Question, Relied: b.Relied, Review: given(b.Review), Risks: b.Risks}
}

// given is a time that may be left out.
func given(t *time.Time) incident.Instant {
	if t == nil {
		return incident.Instant{}
	}
	return incident.At(*t)
}

// TakenBody is a decision as its recorder gives it.
type TakenBody struct {
	Decision     string            `json:"decision" doc:"At most 2,000 characters."`
	Rationale    string            `json:"rationale" doc:"At most 4,000 characters."`
	Maker        incident.MemberNo `json:"maker" doc:"Who took it: the number of a member who receives this entry."`
	Tier         incident.Tier     `json:"tier,omitempty" doc:"The tier it was taken at: the maker's if absent, and never above it."`
	Taken        *time.Time        `json:"taken,omitempty" doc:"When, by the room's time; now if absent."`
	About        bool              `json:"about,omitempty" doc:"The time is not exact."`
	Deliberation deliberationBody  `json:"deliberation,omitempty"`
}

func (b TakenBody) taken() command.Taken {
	t := command.Taken{Decision: b.Decision, Rationale: b.Rationale, Maker: b.Maker, Tier: b.Tier, About: b.About, Deliberation: b.Deliberation.deliberation()}
	if b.Taken != nil {
		t.At = *b.Taken
	}
	return t
}

type recordDecisionIn struct {
	InRoom
	Body struct {
		TakenBody
		From       incident.Seq `json:"from,omitempty" doc:"The message it is made of. It then gets the message's label and audience, or a closer choice."`
		Supersedes incident.Seq `json:"supersedes,omitempty" doc:"The decision it stands in the place of. It then gets that one's label and audience, unless others are chosen."`
		Reverses   incident.Seq `json:"reverses,omitempty" doc:"The decision it undoes. Label and audience as with supersedes."`
		ChosenBody
		Seen incident.Seq `json:"seen,omitempty" doc:"With supersedes or reverses: the last entry on the screen it was decided at."`
		Overriding
	}
}

type proposeDecisionIn struct {
	InRoom
	Body struct {
		Decision     string            `json:"decision"`
		Rationale    string            `json:"rationale,omitempty"`
		Maker        incident.MemberNo `json:"maker,omitempty" doc:"Whose it is to take; absent while that is open."`
		Deliberation deliberationBody  `json:"deliberation,omitempty"`
		ChosenBody
		Overriding
	}
}

type takeDecisionIn struct {
	InEntry
	Body struct {
		TakenBody
		Overriding
		Seen incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type addToDecisionIn struct {
	InEntry
	Body struct {
		Deliberation deliberationBody `json:"deliberation"`
		Overriding
	}
}

// seenIn is a command that says only which entry, and what was on the screen.
type seenIn struct {
	InEntry
	Body struct {
		Seen incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
	}
}

type reasonIn struct {
	InEntry
	Body struct {
		Reason string       `json:"reason" doc:"At most 1,000 characters."`
		Seen   incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

type reviewDecisionIn struct {
	InEntry
	Body struct {
		Finding string       `json:"finding" doc:"At most 4,000 characters."`
		Review  *time.Time   `json:"review,omitempty" doc:"When to look again; absent: no more."`
		Seen    incident.Seq `json:"seen" minimum:"1" doc:"The last entry on the screen it was decided at."`
		Overriding
	}
}

func (s *Server) mountDecisions() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/decisions", Access: Member, Tag: "decisions", ID: "record-decision", Status: http.StatusCreated,
		Summary: "Record a decision that was taken", Doc: "It is in effect from then on; its maker confirms or disputes it afterwards.", Faults: refusals}, s.recordDecision)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/decisions/proposals", Access: Member, Tag: "decisions", ID: "propose-decision", Status: http.StatusCreated,
		Summary: "Put a decision forward", Faults: refusals}, s.proposeDecision)
	about := func(path, id, summary, doc string) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/entries/{seq}/" + path, Access: Member, Tag: "decisions", ID: id, Summary: summary, Doc: doc, Faults: refusals}
	}
	operate(s, about("take", "take-decision", "Take a proposed decision", ""), s.takeDecision)
	operate(s, about("add-to-decision", "add-to-decision", "Add parts of a decision's record", "They have their own time. What it relied on when it was taken stays what it was."), s.addToDecision)
	confirm := about("confirm", "confirm-decision", "Say that this is what I decided", "Its maker alone, with a second factor of the last hour.")
	confirm.Faults = []incident.Fault{incident.Forbidden, incident.Conflict, incident.StepUp}
	operate(s, confirm, s.confirmDecision)
	operate(s, about("dispute", "dispute-decision", "Say that this is not what I decided", "Its maker alone."), s.disputeDecision)
	operate(s, about("review", "review-decision", "Say that it was looked at again and still stands", ""), s.reviewDecision)
}

func (s *Server) recordDecision(ctx context.Context, c *call, in *recordDecisionIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, b.on(command.RecordDecision{Taken: b.taken(), From: b.From, Supersedes: b.Supersedes, Reverses: b.Reverses, Chosen: b.chosen(), Seen: b.Seen}))
}

func (s *Server) proposeDecision(ctx context.Context, c *call, in *proposeDecisionIn) (receipt, error) {
	b := in.Body
	return s.do(ctx, c, b.on(command.ProposeDecision{Decision: b.Decision, Rationale: b.Rationale, Maker: b.Maker, Deliberation: b.Deliberation.deliberation(), Chosen: b.chosen()}))
}

// onRoot appends the command that make makes of the path's entry.
func (s *Server) onRoot(ctx context.Context, c *call, in InEntry, make func(incident.Seq) command.Command) (receipt, error) {
	seq, err := in.seq()
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, make(seq))
}

func (s *Server) takeDecision(ctx context.Context, c *call, in *takeDecisionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.TakeDecision{Root: n, Taken: in.Body.taken(), Seen: in.Body.Seen})
	})
}

func (s *Server) addToDecision(ctx context.Context, c *call, in *addToDecisionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.AddToDecision{Root: n, Deliberation: in.Body.Deliberation.deliberation()})
	})
}

func (s *Server) confirmDecision(ctx context.Context, c *call, in *seenIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.ConfirmDecision{Root: n, Seen: in.Body.Seen}
	})
}

func (s *Server) disputeDecision(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.DisputeDecision{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) reviewDecision(ctx context.Context, c *call, in *reviewDecisionIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.ReviewDecision{Root: n, Finding: in.Body.Finding, Review: given(in.Body.Review), Seen: in.Body.Seen})
	})
}
