package command

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// The bounds of alerts. They keep the fold of the system log small.
const (
	MaxOpenAlerts   = 50
	MaxAlertOrgs    = 1000 // to which one goes
	AnswersAnHour   = 10   // by one organisation to one alert
	ChaseEvery      = time.Hour
	maxAlertText    = 8000 // characters
	maxAlertPart    = 4000
	maxAlertTitle   = 200
	maxAlertList    = 50 // CVEs; platforms
	maxAlertLine    = 120
	longestWait     = 14 * 24 * time.Hour  // until the next word
	longestPlan     = 366 * 24 * time.Hour // until it is put right
	namedInRefusals = 5
)

// IssueAlert tells organisations of something to be done: those of some types,
// and those named.
type IssueAlert struct {
	Title, Details, Mitigation, Remediation string
	Severity                                incident.AlertSeverity
	TLP                                     incident.TLP
	CVEs, Platforms                         []string
	Types                                   []incident.OrgType
	Codes                                   []incident.OrgID
	Reach                                   int // how many organisations its author was shown that it goes to
	Room                                    incident.LogID
	Out                                     *incident.Room `json:"-"` // the room it is issued out of as it stands, if the asker is in it; nil if not
}

func (c IssueAlert) roots() []incident.Seq { return nil }

func (c IssueAlert) decide(s *scene) ([]*incident.Event, error) {
	if err := s.issues(); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	switch o := c.Out; {
	case c.Room == "":
	case o == nil || o.ID != c.Room || !policy.MayLink(o, s.Actor.Person):
		return nil, incident.BadField("room", "Choose an incident room that you are in for a host. No alert is issued out of a side room.")
	case o.Mode != incident.ModeIncident:
		return nil, incident.BadField("room", "This room is an exercise, and an alert reaches organisations in earnest.")
	case o.Lifecycle == incident.Closed:
		return nil, incident.BadField("room", "That room is closed.")
	}
	orgs, err := AlertReach(s.system, c.Types, c.Codes)
	if err != nil {
		return nil, err
	}
	if len(orgs) != c.Reach {
		return nil, incident.Refuse(incident.Conflict, "The organisations on the books have changed: it would go to %d now, and %d were shown. Look again, then issue it.", len(orgs), c.Reach)
	}
	if len(s.system.Alerts) >= MaxOpenAlerts {
		return nil, incident.Refuse(incident.Conflict, "%d alerts are open. Close one that is over first.", MaxOpenAlerts)
	}
	auth, err := s.freshOfHost()
	if err != nil {
		return nil, err
	}
	b := &incident.AlertIssued{Alert: s.system.NextAlert(), Title: strings.TrimSpace(c.Title), Details: c.Details, Mitigation: c.Mitigation, Remediation: c.Remediation,
		Severity: c.Severity, TLP: c.TLP, CVEs: c.CVEs, Platforms: c.Platforms, Types: c.Types, Codes: c.Codes, Orgs: orgs, Room: c.Room}
	if c.Severity == incident.AlertHigh {
		b.AcknowledgeBy = incident.At(s.Now.Add(incident.AcknowledgeWithin))
	}
	return one(&incident.Event{Body: b, Authority: auth})
}

var cve = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`) // the CVE record format, 5.1

func (c IssueAlert) check() error {
	if err := checkLine("title", c.Title, maxAlertTitle, true); err != nil {
		return err
	}
	if !slices.Contains(incident.AlertSeverities, c.Severity) {
		return incident.BadField("severity", "Choose low, medium or high.")
	}
	if !slices.Contains([]incident.TLP{incident.Clear, incident.Green, incident.Amber}, c.TLP) {
		return incident.BadField("tlp", "An alert is TLP:CLEAR, TLP:GREEN or TLP:AMBER. What must be kept more closely belongs in a room.")
	}
	if err := checkPart("details", c.Details, maxAlertText, true); err != nil {
		return err
	}
	if err := checkPart("mitigation", c.Mitigation, maxAlertPart, false); err != nil {
		return err
	}
	if err := checkPart("remediation", c.Remediation, maxAlertPart, false); err != nil {
		return err
	}
	if strings.TrimSpace(c.Mitigation+c.Remediation) == "" {
		return incident.BadField("remediation", "Say what is to be done: how to put it right, or what helps until then.")
	}
	for name, list := range map[string][]string{"cves": c.CVEs, "platforms": c.Platforms} {
		if len(list) > maxAlertList {
			return incident.BadField(name, "At most %d.", maxAlertList)
		}
		for i, text := range list {
			if err := checkLine(fmt.Sprintf("%s[%d]", name, i), text, maxAlertLine, true); err != nil {
				return err
			}
		}
	}
	for i, id := range c.CVEs {
		if !cve.MatchString(id) {
			return incident.BadField(fmt.Sprintf("cves[%d]", i), "A CVE is written CVE-2017-0144.")
		}
	}
	return nil
}

// AlertReach lists the organisations that types and codes come to, ascending:
// those on the books that have not closed.
func AlertReach(sys *incident.System, types []incident.OrgType, codes []incident.OrgID) ([]incident.OrgID, error) {
	if len(types) > len(incident.OrgTypes) {
		return nil, incident.BadField("types", "Name each type once.")
	}
	for i, t := range types {
		if !slices.Contains(incident.OrgTypes, t) {
			return nil, incident.BadField(fmt.Sprintf("types[%d]", i), "There is no such type of organisation.")
		}
	}
	if len(codes) > MaxAlertOrgs {
		return nil, incident.BadField("codes", "At most %d organisations.", MaxAlertOrgs)
	}
	var list []incident.OrgID
	for i, code := range codes {
		at := fmt.Sprintf("codes[%d]", i)
		o, ok := sys.Orgs[code]
		if !ok {
			return nil, incident.BadField(at, "%q is not on the books.", string(code))
		}
		if sys.Closed[code] {
			if o.Successor != "" {
				return nil, incident.BadField(at, "%s has closed. It became %s.", code, o.Successor)
			}
			return nil, incident.BadField(at, "%s has closed.", code)
		}
		list = append(list, code)
	}
	for code, o := range sys.Orgs {
		if !sys.Closed[code] && slices.Contains(types, o.Type) {
			list = append(list, code)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	switch {
	case len(list) == 0:
		return nil, incident.BadField("types", "Choose whom it goes to. There is no open organisation of these types.")
	case len(list) > MaxAlertOrgs:
		return nil, incident.BadField("types", "This is %d organisations; an alert goes to at most %d. Issue it in parts.", len(list), MaxAlertOrgs)
	}
	return list, nil
}

// issues lets in whoever acts for a host.
func (s *scene) issues() error {
	if s.system == nil || s.empty {
		return incident.Missing()
	}
	if !policy.IssuesAlerts(s.system, s.Actor.Person) {
		return incident.Refuse(incident.Forbidden, "Only the joint hosts can do this.")
	}
	return nil
}

// freshOfHost asks for a second factor of its own.
func (s *scene) freshOfHost() (incident.Authority, error) {
	return s.rested("Issuing or closing an alert")
}

// AlertFor names the organisations an answer is for, and how it came.
type AlertFor struct {
	Alert int
	Orgs  []incident.OrgID
	Via   incident.Via // hosts: how the organisations' word came to them
	Seen  int          // of one organisation: the version of its row on the screen; 0 to say nothing of it
}

func (c AlertFor) roots() []incident.Seq { return nil }

// AcknowledgeAlert says that they have it.
type AcknowledgeAlert struct{ AlertFor }

// AnswerAlert says whether it applies to them, or corrects what was said.
type AnswerAlert struct {
	AlertFor
	Applies incident.Applies
	Note    string
}

// PlanAlert says what will be done until when, or plans anew.
type PlanAlert struct {
	AlertFor
	Plan      string
	Due, Next time.Time // zero Next: in three days
}

// UpdateAlert says how it goes.
type UpdateAlert struct {
	AlertFor
	Text string
	Next time.Time // zero: in three days
}

// FinishAlert says that it was put right.
type FinishAlert struct {
	AlertFor
	Evidence string
}

func (c AcknowledgeAlert) decide(s *scene) ([]*incident.Event, error) {
	orgs, err := s.answers(c.AlertFor, "acknowledged it already", incident.AlertIsSent)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.AlertAcknowledged{Alert: c.Alert, Orgs: orgs, Via: c.Via, Next: s.nextWord()}})
}

func (c AnswerAlert) decide(s *scene) ([]*incident.Event, error) {
	states := map[incident.Applies][]incident.AlertState{
		incident.AppliesYes:    {incident.AlertIsAcknowledged, incident.AlertIsUnsure, incident.AlertNotApplicable, incident.AlertIsDone},
		incident.AppliesNo:     {incident.AlertIsAcknowledged, incident.AlertIsUnsure, incident.AlertApplies, incident.AlertIsPlanned, incident.AlertIsDone},
		incident.AppliesUnsure: {incident.AlertIsAcknowledged, incident.AlertApplies, incident.AlertIsPlanned, incident.AlertNotApplicable, incident.AlertIsDone},
	}[c.Applies]
	if states == nil {
		states = incident.AlertStates // who may not answer is told so first
	}
	orgs, err := s.answers(c.AlertFor, "said so already", states...)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(incident.AppliesAnswers, c.Applies) {
		return nil, incident.BadField("applies", "Say whether it applies: yes, no or not sure.")
	}
	if err := checkPart("note", c.Note, maxReason, c.Applies == incident.AppliesNo); err != nil {
		return nil, err
	}
	b := &incident.AlertAnswered{Alert: c.Alert, Orgs: orgs, Via: c.Via, Applies: c.Applies, Note: c.Note}
	if c.Applies != incident.AppliesNo {
		b.Next = s.nextWord()
	}
	return one(&incident.Event{Body: b})
}

func (c PlanAlert) decide(s *scene) ([]*incident.Event, error) {
	orgs, err := s.answers(c.AlertFor, "finished it already", incident.AlertApplies, incident.AlertIsPlanned)
	if err != nil {
		return nil, err
	}
	if err := checkPart("plan", c.Plan, maxAlertPart, true); err != nil {
		return nil, err
	}
	due, err := s.dayAhead("due", c.Due, longestPlan, "a year")
	if err != nil {
		return nil, err
	}
	next, err := s.next(c.Next)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.AlertPlanned{Alert: c.Alert, Orgs: orgs, Via: c.Via, Plan: c.Plan, Due: due, Next: next}})
}

func (c UpdateAlert) decide(s *scene) ([]*incident.Event, error) {
	orgs, err := s.answers(c.AlertFor, "finished with it already", incident.AlertIsAcknowledged, incident.AlertIsUnsure, incident.AlertApplies, incident.AlertIsPlanned)
	if err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxAlertPart, true); err != nil {
		return nil, err
	}
	next, err := s.next(c.Next)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.AlertUpdated{Alert: c.Alert, Orgs: orgs, Via: c.Via, Text: c.Text, Next: next}})
}

func (c FinishAlert) decide(s *scene) ([]*incident.Event, error) {
	orgs, err := s.answers(c.AlertFor, "finished it already", incident.AlertApplies, incident.AlertIsPlanned)
	if err != nil {
		return nil, err
	}
	if err := checkPart("evidence", c.Evidence, maxAlertPart, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.AlertDone{Alert: c.Alert, Orgs: orgs, Via: c.Via, Evidence: c.Evidence}})
}

// answers permits an answer for organisations that have come as far as it
// takes. Of an alert that is closed there is nothing to answer, and nothing is
// told of it: its page says that it is closed.
func (s *scene) answers(c AlertFor, already string, states ...incident.AlertState) ([]incident.OrgID, error) {
	if s.system == nil || s.empty {
		return nil, incident.Missing()
	}
	a := s.system.Alert(c.Alert)
	orgs := slices.Compact(slices.Sorted(slices.Values(c.Orgs)))
	if c.Via != "" && !slices.Contains(incident.Vias, c.Via) && policy.SeesAlert(s.system, s.Actor.Person, a) {
		return nil, incident.BadField("via", "Say how it came to you: by telephone, by e-mail or in a meeting.")
	}
	if !policy.AnswersAlert(s.system, s.Actor.Person, a, orgs, c.Via) {
		if policy.IssuesAlerts(s.system, s.Actor.Person) && a != nil && c.Via == "" && policy.AnswersAlert(s.system, s.Actor.Person, a, orgs, incident.ViaTelephone) {
			return nil, incident.Refuse(incident.Forbidden, "You do not act for all of these. If it is their word, say how it came to you.")
		}
		return nil, incident.Missing()
	}
	var behind, before, often []incident.OrgID
	for _, o := range orgs {
		r := a.Row(o)
		if len(orgs) == 1 && c.Seen != 0 && r.Version() != c.Seen {
			return nil, incident.Refuse(incident.Conflict, "%s was answered for by somebody else while you looked. Read it, then answer.", o)
		}
		switch {
		case slices.Contains(states, r.State):
		case r.State == incident.AlertNotApplicable && states[0] == incident.AlertApplies, slices.Index(incident.AlertStates, r.State) < slices.Index(incident.AlertStates, states[0]):
			behind = append(behind, o)
		default:
			before = append(before, o)
		}
		if c.Via == "" && r.AnsweredLately(s.Now) >= AnswersAnHour {
			often = append(often, o)
		}
	}
	switch {
	case len(behind) > 0 && a.Row(behind[0]).State == incident.AlertIsSent:
		return nil, incident.Refuse(incident.Conflict, "Acknowledge it first: %s.", named(behind))
	case len(behind) > 0:
		return nil, incident.Refuse(incident.Conflict, "Say first that it applies: %s.", named(behind))
	case len(before) > 0:
		return nil, incident.Refuse(incident.Conflict, "Somebody %s: %s. Leave out whoever has.", already, named(before))
	case len(often) > 0:
		return nil, incident.Refuse(incident.TooMany, "At most %d answers an hour to one alert: %s. If it is urgent, ring the hosts.", AnswersAnHour, named(often))
	}
	return orgs, nil
}

// named lists some organisations in a sentence.
func named(orgs []incident.OrgID) string {
	words := make([]string, 0, namedInRefusals)
	for _, o := range orgs[:min(len(orgs), namedInRefusals)] {
		words = append(words, string(o))
	}
	text := strings.Join(words, ", ")
	if more := len(orgs) - len(words); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// nextWord is when the next word is due if nothing else is said.
func (s *scene) nextWord() incident.Instant { return incident.At(s.Now.Add(incident.UpdateWithin)) }

func (s *scene) next(t time.Time) (incident.Instant, error) {
	if t.IsZero() {
		return s.nextWord(), nil
	}
	return s.dayAhead("next", t, longestWait, "14 days")
}

// dayAhead checks a time that somebody gave for what is to come.
func (s *scene) dayAhead(field string, t time.Time, most time.Duration, words string) (incident.Instant, error) {
	if !t.After(s.Now) || t.Sub(s.Now) > most {
		return incident.Instant{}, incident.BadField(field, "Give a day to come, at most %s ahead.", words)
	}
	return incident.At(t), nil
}

// ChaseAlert asks after answers: of the organisations named, or of all that
// owe one. Nobody is asked twice in an hour.
type ChaseAlert struct {
	Alert int
	Orgs  []incident.OrgID // empty: all that are overdue
}

func (c ChaseAlert) roots() []incident.Seq { return nil }

func (c ChaseAlert) decide(s *scene) ([]*incident.Event, error) {
	if err := s.issues(); err != nil {
		return nil, err
	}
	a := s.system.Alert(c.Alert)
	if a == nil {
		return nil, incident.Missing()
	}
	if len(c.Orgs) > MaxAlertOrgs {
		return nil, incident.BadField("orgs", "At most %d organisations.", MaxAlertOrgs)
	}
	var orgs, settled []incident.OrgID
	late := func(r *incident.AlertRow) bool { return s.Now.Sub(r.Chased.Time) >= ChaseEvery }
	for i := range a.Rows {
		r := &a.Rows[i]
		switch asked := slices.Contains(c.Orgs, r.Org); {
		case len(c.Orgs) == 0 && a.Overdue(r, s.Now) && late(r), asked && !r.State.Settled() && late(r):
			orgs = append(orgs, r.Org)
		case asked && r.State.Settled():
			settled = append(settled, r.Org)
		}
	}
	for _, o := range c.Orgs {
		if a.Row(o) == nil {
			return nil, incident.BadField("orgs", "%s was not issued to %s.", a.Reference(), o)
		}
	}
	switch {
	case len(settled) > 0:
		return nil, incident.Refuse(incident.Conflict, "There is nothing to ask of %s any more. Leave them out.", named(settled))
	case len(orgs) == 0 && len(c.Orgs) == 0:
		return nil, incident.Refuse(incident.Conflict, "Nobody is overdue who was not chased within the last hour.")
	case len(orgs) == 0:
		return nil, incident.Refuse(incident.Conflict, "All of them were chased within the last hour.")
	}
	return one(&incident.Event{Body: &incident.AlertChased{Alert: c.Alert, Orgs: orgs}})
}

// CloseAlert ends an alert, whoever has not answered.
type CloseAlert struct {
	Alert  int
	Reason string
}

func (c CloseAlert) roots() []incident.Seq { return nil }

func (c CloseAlert) decide(s *scene) ([]*incident.Event, error) {
	if err := s.issues(); err != nil {
		return nil, err
	}
	if s.system.Alert(c.Alert) == nil {
		return nil, incident.Missing()
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	auth, err := s.freshOfHost()
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.AlertClosed{Alert: c.Alert, Reason: strings.TrimSpace(c.Reason)}, Authority: auth})
}
