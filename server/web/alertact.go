package web

import (
	"context"
	"net/http"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// alertReceipt says which alert it was. An entry's number in the system log
// would tell how much else goes on there.
type alertReceipt struct {
	Number    int    `json:"number"`
	Reference string `json:"reference"`
}

type chasedAnswer struct {
	alertReceipt
	Chased []incident.OrgID `json:"chased"`
}

type reachIn struct {
	Body struct {
		Types []incident.OrgType `json:"types"`
		Codes []incident.OrgID   `json:"codes"`
	}
}

type reachCount struct {
	Type incident.OrgType `json:"type"`
	Orgs int              `json:"orgs"`
}

type alertReachAnswer struct {
	Organisations int          `json:"organisations"`
	Types         []reachCount `json:"types"`
}

type issueAlertIn struct {
	Body struct {
		Title       string                 `json:"title" doc:"One line; at most 200 characters."`
		Severity    incident.AlertSeverity `json:"severity" doc:"low, medium or high. A high one is to be acknowledged within 48 hours."`
		TLP         incident.TLP           `json:"tlp" doc:"TLP:AMBER at most."`
		Details     string                 `json:"details" doc:"At most 8,000 characters."`
		Mitigation  string                 `json:"mitigation,omitempty" doc:"What helps until it is put right; at most 4,000 characters."`
		Remediation string                 `json:"remediation,omitempty" doc:"How to put it right; at most 4,000 characters. This or mitigation."`
		CVEs        []string               `json:"cves,omitempty" doc:"At most 50."`
		Platforms   []string               `json:"platforms,omitempty" doc:"What it is about; at most 50."`
		Types       []incident.OrgType     `json:"types,omitempty" doc:"It goes to all open organisations of these types …"`
		Codes       []incident.OrgID       `json:"codes,omitempty" doc:"… and to these."`
		Reach       int                    `json:"reach" doc:"To how many that was shown to go: another number is a conflict."`
		Room        incident.LogID         `json:"room,omitempty" doc:"An incident room that I am in for a host, which it is issued out of. Whom it goes to are told nothing of it."`
	}
}

// AnswersFor is what every answer to an alert says.
type AnswersFor struct {
	Orgs []incident.OrgID `json:"orgs" doc:"For whom: one act for all of them."`
	Via  incident.Via     `json:"via,omitempty" doc:"Hosts: how the organisations' word came to them: telephone, email or in_person."`
	Seen int              `json:"seen,omitempty" doc:"For one organisation: the version of its row on the screen."`
}

func (a AnswersFor) of(n int) command.AlertFor {
	return command.AlertFor{Alert: n, Orgs: a.Orgs, Via: a.Via, Seen: a.Seen}
}

type acknowledgeAlertIn struct {
	AlertPath
	Body struct{ AnswersFor }
}

type answerAlertIn struct {
	AlertPath
	Body struct {
		AnswersFor
		Applies incident.Applies `json:"applies" doc:"yes, no or unsure."`
		Note    string           `json:"note,omitempty" doc:"At most 1,000 characters. Needed where it does not apply: why."`
	}
}

type planAlertIn struct {
	AlertPath
	Body struct {
		AnswersFor
		Plan string    `json:"plan" doc:"At most 4,000 characters."`
		Due  time.Time `json:"due" doc:"Until when it is to be put right."`
		Next time.Time `json:"next,omitzero" doc:"When the next word is due; absent: in three days. At most 14 days ahead."`
	}
}

type updateAlertIn struct {
	AlertPath
	Body struct {
		AnswersFor
		Text string    `json:"text" doc:"At most 4,000 characters."`
		Next time.Time `json:"next,omitzero" doc:"When the next word is due; absent: in three days. At most 14 days ahead."`
	}
}

type finishAlertIn struct {
	AlertPath
	Body struct {
		AnswersFor
		Evidence string `json:"evidence" doc:"How that is known; at most 4,000 characters."`
	}
}

type chaseAlertIn struct {
	AlertPath
	Body struct {
		Orgs []incident.OrgID `json:"orgs,omitempty" doc:"Absent: all that are overdue. Nobody is chased twice in an hour."`
	}
}

type closeAlertIn struct {
	AlertPath
	Body struct {
		Reason string `json:"reason" doc:"At most 1,000 characters. Everyone it went to reads it."`
	}
}

// mountAlertActs mounts what is done with alerts.
func (s *Server) mountAlertActs() {
	op := func(path, id, summary, doc string, a Access, faults ...incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/alerts" + path, Access: a, Keyed: true, Tag: "alerts", ID: id, Summary: summary, Doc: doc, Faults: append(faults, refusals...)}
	}
	preview := op("/preview", "preview-alert", "Whom an alert would go to", "Changes nothing.", Host)
	preview.Keyed, preview.Unkeyed = false, true
	operate(s, preview, s.alertReach)
	issue := op("", "issue-alert", "Issue an alert", "Takes a second factor of the last minutes, each time.", Host, incident.StepUp)
	issue.Status = http.StatusCreated
	operate(s, issue, s.issueAlert)
	operate(s, op("/{number}/close", "close-alert", "Close an alert", "Takes a second factor of the last minutes, each time.", Host, incident.NotFound, incident.StepUp),
		func(ctx context.Context, c *call, in *closeAlertIn) (alertReceipt, error) {
			return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command { return command.CloseAlert{Alert: n, Reason: in.Body.Reason} })
		})
	operate(s, op("/{number}/chase", "chase-alert", "Ask after answers", "Of whoever is overdue, or of some.", Host, incident.NotFound), s.chaseAlert)

	answer := func(path, id, summary string) operation {
		return op("/{number}/"+path, id, summary, "For organisations one acts for; hosts for any, saying how their word came.", SignedIn, incident.NotFound)
	}
	operate(s, answer("acknowledge", "acknowledge-alert", "Acknowledge an alert"), func(ctx context.Context, c *call, in *acknowledgeAlertIn) (alertReceipt, error) {
		return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command {
			return command.AcknowledgeAlert{AlertFor: in.Body.of(n)}
		})
	})
	operate(s, answer("answer", "answer-alert", "Say whether an alert applies"), func(ctx context.Context, c *call, in *answerAlertIn) (alertReceipt, error) {
		return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command {
			return command.AnswerAlert{AlertFor: in.Body.of(n), Applies: in.Body.Applies, Note: in.Body.Note}
		})
	})
	operate(s, answer("plan", "plan-alert", "Say what will be done, and until when"), func(ctx context.Context, c *call, in *planAlertIn) (alertReceipt, error) {
		return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command {
			return command.PlanAlert{AlertFor: in.Body.of(n), Plan: in.Body.Plan, Due: in.Body.Due, Next: in.Body.Next}
		})
	})
	operate(s, answer("update", "update-alert", "Say how it goes"), func(ctx context.Context, c *call, in *updateAlertIn) (alertReceipt, error) {
		return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command {
			return command.UpdateAlert{AlertFor: in.Body.of(n), Text: in.Body.Text, Next: in.Body.Next}
		})
	})
	operate(s, answer("finish", "finish-alert", "Say that it was put right"), func(ctx context.Context, c *call, in *finishAlertIn) (alertReceipt, error) {
		return s.onAlert(ctx, c, in.AlertPath, func(n int) command.Command {
			return command.FinishAlert{AlertFor: in.Body.of(n), Evidence: in.Body.Evidence}
		})
	})
}

// toAlert writes to the system log, and returns the entry as it was first
// written.
func (s *Server) toAlert(ctx context.Context, c *call, cmd command.Command) (alertReceipt, *incident.Event, error) {
	if c.actor.Person == "" {
		return alertReceipt{}, nil, incident.Missing()
	}
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return alertReceipt{}, nil, err
	}
	r, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, c.key, cmd)
	if err != nil {
		return alertReceipt{}, nil, err
	}
	e, err := s.Journal.SystemEntry(ctx, r.Seq)
	if err != nil {
		return alertReceipt{}, nil, err
	}
	n := incident.AlertNumber(e.Body)
	return alertReceipt{n, incident.AlertReference(n)}, e, nil
}

func (s *Server) onAlert(ctx context.Context, c *call, at AlertPath, cmd func(int) command.Command) (alertReceipt, error) {
	n, err := alertNumber(at.Number)
	if err != nil {
		return alertReceipt{}, err
	}
	r, _, err := s.toAlert(ctx, c, cmd(n))
	return r, err
}

func (s *Server) issueAlert(ctx context.Context, c *call, in *issueAlertIn) (alertReceipt, error) {
	b := in.Body
	var out *incident.Room
	if b.Room != "" {
		var err error
		if out, _, err = s.stands(ctx, b.Room, c.actor.Person); err != nil && incident.FaultOf(err) != incident.NotFound {
			return alertReceipt{}, err
		} else if err != nil {
			out = nil
		}
	}
	r, _, err := s.toAlert(ctx, c, command.IssueAlert{Room: b.Room, Out: out, Title: b.Title, Details: b.Details, Mitigation: b.Mitigation, Remediation: b.Remediation, Severity: b.Severity, TLP: b.TLP,
		CVEs: b.CVEs, Platforms: b.Platforms, Types: b.Types, Codes: b.Codes, Reach: b.Reach})
	return r, err
}

func (s *Server) chaseAlert(ctx context.Context, c *call, in *chaseAlertIn) (chasedAnswer, error) {
	n, err := alertNumber(in.Number)
	if err != nil {
		return chasedAnswer{}, err
	}
	r, e, err := s.toAlert(ctx, c, command.ChaseAlert{Alert: n, Orgs: in.Body.Orgs})
	if err != nil {
		return chasedAnswer{}, err
	}
	return chasedAnswer{r, incident.AlertOrgs(e.Body)}, nil
}

func (s *Server) alertReach(ctx context.Context, _ *call, in *reachIn) (alertReachAnswer, error) {
	a := alertReachAnswer{Types: []reachCount{}}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return a, err
	}
	orgs, err := command.AlertReach(sys, in.Body.Types, in.Body.Codes)
	if err != nil {
		return a, err
	}
	a.Organisations = len(orgs)
	of := map[incident.OrgType]int{}
	for _, o := range orgs {
		of[sys.Orgs[o].Type]++
	}
	for _, t := range incident.OrgTypes {
		if of[t] > 0 {
			a.Types = append(a.Types, reachCount{t, of[t]})
		}
	}
	return a, nil
}
