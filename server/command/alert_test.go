package command_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// ladder is a deployment with an alert to X1N, X2E and X3W, of which "several"
// acts for the first two.
type ladder struct {
	t   testing.TB
	sys *incident.System
	now time.Time
}

var everybody = []incident.OrgID{"X1N", "X2E", "X3W"}

func newLadder(t testing.TB) *ladder {
	s := outside()
	s.Orgs["X3W"] = incident.Organisation{Code: "X3W", Name: "X3W", Type: incident.Ambulance}
	s.People["several"] = incident.Person{ID: "several", Orgs: []incident.OrgID{"X1N", "X2E"}}
	return &ladder{t, s, time.Date(2026, 5, 12, 9, 0, 0, 0, time.UTC)}
}

func (l *ladder) try(who incident.PersonID, c command.Command) error {
	events, err := command.Decide(command.Input{State: l.sys, Size: uint64(l.sys.Head + 1), Actor: incident.Actor{Person: who, StepUp: l.now.Add(-time.Second)}, Now: l.now}, c)
	if err == nil {
		next := l.sys.Clone()
		for _, e := range events {
			next.Apply(e)
		}
		l.sys = next
	}
	l.now = l.now.Add(10 * time.Second) // so that a second factor may be given anew
	return err
}

func (l *ladder) must(who incident.PersonID, c command.Command) {
	l.t.Helper()
	if err := l.try(who, c); err != nil {
		l.t.Fatalf("%T by %s: %v", c, who, err)
	}
}

func (l *ladder) refused(f incident.Fault, who incident.PersonID, c command.Command) string {
	l.t.Helper()
	err := l.try(who, c)
	if err == nil || incident.FaultOf(err) != f {
		l.t.Fatalf("%T by %s: %v, want %s", c, who, err, f)
	}
	return err.Error()
}

func (l *ladder) is(org incident.OrgID, want incident.AlertState) {
	l.t.Helper()
	if r := l.sys.Alert(1).Row(org); r.State != want {
		l.t.Fatalf("%s is %s, want %s", org, r.State, want)
	}
}

func alertTo(orgs ...incident.OrgID) command.IssueAlert {
	return command.IssueAlert{Title: "Patch the file service", Details: "It is being used to break in.", Remediation: "Install the update.", Severity: incident.AlertHigh,
		TLP: incident.Amber, CVEs: []string{"CVE-2017-0144"}, Platforms: []string{"Any server of the last ten years"}, Codes: orgs, Reach: len(orgs)}
}

func of(orgs ...incident.OrgID) command.AlertFor { return command.AlertFor{Alert: 1, Orgs: orgs} }

func rung(orgs ...incident.OrgID) command.AlertFor {
	return command.AlertFor{Alert: 1, Orgs: orgs, Via: incident.ViaTelephone}
}

func TestAnOrganisationClimbsTheLadderOfAnAlertStepByStep(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo(everybody...))
	a := l.sys.Alert(1)
	if a.Reference() != "CC-0001" || a.AcknowledgeBy.Sub(a.Issued.Time) != 48*time.Hour || len(a.Rows) != 3 {
		t.Fatalf("issued as %+v", a)
	}
	due := l.now.Add(10 * 24 * time.Hour)
	yes, no, plan, done := command.AnswerAlert{AlertFor: of("X1N"), Applies: incident.AppliesYes}, command.AnswerAlert{AlertFor: of("X1N"), Applies: incident.AppliesNo, Note: "We have none."},
		command.PlanAlert{AlertFor: of("X1N"), Plan: "Tonight", Due: due}, command.FinishAlert{AlertFor: of("X1N"), Evidence: "Scanned."}
	update := command.UpdateAlert{AlertFor: of("X1N"), Text: "Half of it."}
	for _, c := range []command.Command{yes, no, plan, update, done} {
		if text := l.refused(incident.Conflict, "keeper", c); !strings.Contains(text, "Acknowledge it first: X1N") {
			t.Errorf("%T: %s", c, text)
		}
	}
	l.must("keeper", command.AcknowledgeAlert{AlertFor: of("X1N")})
	l.is("X1N", incident.AlertIsAcknowledged)
	l.refused(incident.Conflict, "keeper", command.AcknowledgeAlert{AlertFor: of("X1N")})
	if text := l.refused(incident.Conflict, "keeper", plan); !strings.Contains(text, "Say first that it applies") {
		t.Error(text)
	}
	l.refused(incident.Conflict, "keeper", done)
	if what, at := l.sys.Alert(1).Wants(l.sys.Alert(1).Row("X1N")); what != incident.WantsUpdate || at.Sub(l.sys.Alert(1).Row("X1N").Acknowledged.Time) != 3*24*time.Hour {
		t.Errorf("then wants %s by %v", what, at)
	}
	l.must("keeper", command.AnswerAlert{AlertFor: of("X1N"), Applies: incident.AppliesUnsure})
	l.must("keeper", yes)
	l.refused(incident.Conflict, "keeper", yes)
	l.must("keeper", plan)
	l.is("X1N", incident.AlertIsPlanned)
	l.must("keeper", command.UpdateAlert{AlertFor: of("X1N"), Text: "Half of it.", Next: due.Add(24 * time.Hour)})
	if what, at := l.sys.Alert(1).Wants(l.sys.Alert(1).Row("X1N")); what != incident.WantsRemediation || !at.Equal(due) {
		t.Errorf("with its day before the next word it wants %s by %v", what, at)
	}
	l.must("keeper", done)
	l.is("X1N", incident.AlertIsDone)
	l.refused(incident.Conflict, "keeper", update)

	// A correction is another answer.
	l.must("keeper", no)
	l.is("X1N", incident.AlertNotApplicable)
	l.refused(incident.Conflict, "keeper", no)
	if text := l.refused(incident.Conflict, "keeper", done); !strings.Contains(text, "Say first that it applies") {
		t.Error(text)
	}
	l.must("keeper", yes)
	l.is("X1N", incident.AlertApplies)
	l.is("X2E", incident.AlertIsSent)
}

func TestOneActForSeveralOrganisationsIsOneEntryByWhoActsForEach(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo(everybody...))
	before := l.sys.Head
	l.must("several", command.AcknowledgeAlert{AlertFor: of("X2E", "X1N", "X2E")})
	if l.sys.Head != before+1 {
		t.Errorf("%d entries", l.sys.Head-before)
	}
	l.is("X1N", incident.AlertIsAcknowledged)
	l.is("X2E", incident.AlertIsAcknowledged)
	l.is("X3W", incident.AlertIsSent)
	for _, orgs := range [][]incident.OrgID{{"X1N", "X3W"}, {"X3W"}, {"NOWHERE"}, {"OLD"}, {}} { // one and the same answer
		want := incident.Missing().Error()
		if text := l.refused(incident.NotFound, "several", command.AcknowledgeAlert{AlertFor: of(orgs...)}); text != want {
			t.Errorf("for %v: %s", orgs, text)
		}
		if text := l.refused(incident.NotFound, "several", command.AcknowledgeAlert{AlertFor: rung(orgs...)}); text != want {
			t.Errorf("for %v, as if told: %s", orgs, text)
		}
		l.refused(incident.NotFound, "several", command.AcknowledgeAlert{AlertFor: command.AlertFor{Alert: 2, Orgs: orgs}})
	}
	// A host enters what they were told, and says how.
	l.refused(incident.Forbidden, "host", command.AcknowledgeAlert{AlertFor: of("X3W")})
	l.refused(incident.Invalid, "host", command.AcknowledgeAlert{AlertFor: command.AlertFor{Alert: 1, Orgs: []incident.OrgID{"X3W"}, Via: "pigeon"}})
	l.must("host", command.AcknowledgeAlert{AlertFor: rung("X3W")})
	l.must("host", command.AnswerAlert{AlertFor: rung(everybody...), Applies: incident.AppliesNo, Note: "Told on the call."})
	if r := l.sys.Alert(1).Row("X3W"); r.Via != incident.ViaTelephone || r.By != "host" {
		t.Errorf("entered as %+v", r)
	}
	if text := l.refused(incident.Conflict, "host", command.AnswerAlert{AlertFor: rung(everybody...), Applies: incident.AppliesNo, Note: "Again."}); !strings.Contains(text, "X1N, X2E, X3W") {
		t.Error(text)
	}
}

func TestWhoLookedAtAnOlderAnswerIsToldBeforeTheyWriteOverIt(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo("X1N"))
	mine := of("X1N")
	mine.Seen = l.sys.Alert(1).Row("X1N").Version()
	l.must("keeper", command.AcknowledgeAlert{AlertFor: mine})
	l.refused(incident.Conflict, "colleague", command.AnswerAlert{AlertFor: mine, Applies: incident.AppliesYes})
	mine.Seen++
	l.must("colleague", command.AnswerAlert{AlertFor: mine, Applies: incident.AppliesYes})
}

func TestAnOrganisationAnswersAnAlertTenTimesAnHourAtMost(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo("X1N", "X2E"))
	l.must("several", command.AcknowledgeAlert{AlertFor: of("X1N", "X2E")})
	for range command.AnswersAnHour - 1 {
		l.must("keeper", command.UpdateAlert{AlertFor: of("X1N"), Text: "More."})
	}
	l.refused(incident.TooMany, "colleague", command.UpdateAlert{AlertFor: of("X1N"), Text: "More."}) // the organisation's, not the person's
	l.refused(incident.TooMany, "several", command.UpdateAlert{AlertFor: of("X1N", "X2E"), Text: "More."})
	l.must("several", command.UpdateAlert{AlertFor: of("X2E"), Text: "More."})
	l.must("host", command.UpdateAlert{AlertFor: rung("X1N"), Text: "They rang."})
	l.now = l.now.Add(time.Hour)
	l.must("keeper", command.UpdateAlert{AlertFor: of("X1N"), Text: "More."})
}

func TestAnAlertIsIssuedByAHostWithAFreshFactorToWhomTheyWereShown(t *testing.T) {
	l := newLadder(t)
	good := alertTo(everybody...)
	for name, change := range map[string]func(*command.IssueAlert){
		"title":       func(c *command.IssueAlert) { c.Title = " " },
		"severity":    func(c *command.IssueAlert) { c.Severity = "dire" },
		"tlp":         func(c *command.IssueAlert) { c.TLP = incident.AmberStrict },
		"details":     func(c *command.IssueAlert) { c.Details = strings.Repeat("a", 8001) },
		"remediation": func(c *command.IssueAlert) { c.Remediation = "" },
		"cves[0]":     func(c *command.IssueAlert) { c.CVEs = []string{"cve-1"} },
		"platforms":   func(c *command.IssueAlert) { c.Platforms = slices.Repeat([]string{"x"}, 51) },
		"codes[0]":    func(c *command.IssueAlert) { c.Codes = []incident.OrgID{"OLD"} },
		"codes[1]":    func(c *command.IssueAlert) { c.Codes = []incident.OrgID{"X1N", "NOWHERE"} },
		"types[0]":    func(c *command.IssueAlert) { c.Types = []incident.OrgType{"circus"} },
		"types":       func(c *command.IssueAlert) { c.Codes = nil },
	} {
		bad := good
		change(&bad)
		if text := l.refused(incident.Invalid, "host", bad); !strings.Contains(text, "("+name+":") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if text := l.refused(incident.Invalid, "host", func() command.Command { c := good; c.Details = "SECRET\nUK EYES ONLY"; return c }()); !strings.Contains(text, "marking") {
		t.Errorf("a protective marking: %s", text)
	}
	for _, who := range []incident.PersonID{"keeper", "admin", "gone", "nobody"} {
		l.refused(incident.Forbidden, who, good)
	}
	wrong := good
	wrong.Reach = 2
	l.refused(incident.Conflict, "host", wrong)
	wrong = good
	wrong.Codes, wrong.Types, wrong.Reach = nil, []incident.OrgType{incident.Ambulance}, 1
	l.must("host", wrong)
	if rows := l.sys.Alert(1).Rows; len(rows) != 1 || rows[0].Org != "X3W" {
		t.Errorf("by type it went to %v", rows)
	}
	for factor, want := range map[time.Duration]incident.Fault{-10 * time.Minute: incident.StepUp, -time.Minute: ""} {
		_, err := command.Decide(command.Input{State: l.sys, Size: 11, Actor: incident.Actor{Person: "host", StepUp: l.now.Add(2 * time.Minute).Add(factor)}, Now: l.now.Add(2 * time.Minute)}, good)
		if (err == nil) != (want == "") || err != nil && incident.FaultOf(err) != want {
			t.Errorf("a factor of %v: %v", factor, err)
		}
	}
	// One factor, one act.
	used := l.sys.Rested["host"]
	if _, err := command.Decide(command.Input{State: l.sys, Size: 11, Actor: incident.Actor{Person: "host", StepUp: used.Time}, Now: used.Add(time.Minute)}, good); incident.FaultOf(err) != incident.StepUp {
		t.Errorf("used twice: %v", err)
	}
}

func TestOpenAlertsAreBoundedAndClosedOnesLeaveTheFold(t *testing.T) {
	l := newLadder(t)
	for range command.MaxOpenAlerts {
		l.must("host", alertTo("X1N"))
	}
	l.refused(incident.Conflict, "host", alertTo("X1N"))
	l.refused(incident.Forbidden, "keeper", command.CloseAlert{Alert: 1, Reason: "No."})
	l.refused(incident.Invalid, "host", command.CloseAlert{Alert: 1})
	l.must("host", command.CloseAlert{Alert: 1, Reason: "Over."})
	l.refused(incident.NotFound, "host", command.CloseAlert{Alert: 1, Reason: "Over."})
	l.refused(incident.NotFound, "keeper", command.AcknowledgeAlert{AlertFor: of("X1N")})
	if len(l.sys.Alerts) != command.MaxOpenAlerts-1 || l.sys.Alert(1) != nil {
		t.Errorf("%d alerts are in the fold", len(l.sys.Alerts))
	}
	l.must("host", alertTo("X1N"))
	if l.sys.Alert(command.MaxOpenAlerts+1) == nil {
		t.Error("a number was given twice")
	}
}

func TestAnAlertGoesOnInTheNextSectionAndInASnapshotOfTheFold(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo(everybody...))
	l.must("keeper", command.AcknowledgeAlert{AlertFor: of("X1N")})
	was := *l.sys.Alert(1)
	l.sys = l.sys.Next("next")
	kept, err := json.Marshal(l.sys)
	if err != nil {
		t.Fatal(err)
	}
	l.sys = incident.NewSystem("next")
	if err := json.Unmarshal(kept, l.sys); err != nil {
		t.Fatal(err)
	}
	l.sys.Reindex()
	if got := *l.sys.Alert(1); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", was) || got.Log != "system" {
		t.Errorf("read back as %+v, was %+v", got, was)
	}
	l.must("keeper", command.AnswerAlert{AlertFor: of("X1N"), Applies: incident.AppliesYes})
	l.is("X1N", incident.AlertApplies)
	l.must("host", alertTo("X1N"))
	if l.sys.Alert(2) == nil || l.sys.Alert(2).Log != "next" {
		t.Error("the next alert is not the second, of this section")
	}
}

func TestChasingAsksAllThatAreOverdueOnceAnHour(t *testing.T) {
	l := newLadder(t)
	l.must("host", alertTo(everybody...))
	l.refused(incident.Conflict, "host", command.ChaseAlert{Alert: 1})
	l.must("host", command.AcknowledgeAlert{AlertFor: rung("X1N")})
	l.must("host", command.AnswerAlert{AlertFor: rung("X1N"), Applies: incident.AppliesNo, Note: "None."})
	l.must("host", command.AcknowledgeAlert{AlertFor: rung("X2E")})
	l.now = l.now.Add(49 * time.Hour)
	l.refused(incident.Forbidden, "keeper", command.ChaseAlert{Alert: 1})
	l.must("host", command.ChaseAlert{Alert: 1})
	chased := func() (orgs []incident.OrgID) {
		for _, r := range l.sys.Alert(1).Rows {
			if r.Chases > 0 {
				orgs = append(orgs, r.Org)
			}
		}
		return orgs
	}
	if got := chased(); !slices.Equal(got, []incident.OrgID{"X3W"}) { // the others acknowledged it
		t.Errorf("chased %v", got)
	}
	l.refused(incident.Conflict, "host", command.ChaseAlert{Alert: 1})
	l.refused(incident.Conflict, "host", command.ChaseAlert{Alert: 1, Orgs: []incident.OrgID{"X1N", "X2E"}})
	l.refused(incident.Invalid, "host", command.ChaseAlert{Alert: 1, Orgs: []incident.OrgID{"NCSC"}})
	l.must("host", command.ChaseAlert{Alert: 1, Orgs: []incident.OrgID{"X2E", "X3W"}})
	if got := chased(); !slices.Equal(got, []incident.OrgID{"X2E", "X3W"}) || l.sys.Alert(1).Row("X3W").Chases != 1 {
		t.Errorf("chased %v", l.sys.Alert(1).Rows)
	}
	l.now = l.now.Add(3 * 24 * time.Hour)
	l.must("host", command.ChaseAlert{Alert: 1})
	if l.sys.Alert(1).Row("X2E").Chases != 2 || l.sys.Alert(1).Row("X1N").Chases != 0 {
		t.Errorf("after three days: %v", l.sys.Alert(1).Rows)
	}
}

// Whatever is tried in whatever order: the fold agrees with itself read back,
// nobody moves a row that is not theirs, and what is settled owes nothing.
func TestAnyHistoryOfAnAlertFoldsToTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLadder(t)
		l.must("host", alertTo(everybody...))
		first := l.sys
		var log []*incident.Event
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			who := rapid.SampledFrom([]incident.PersonID{"host", "keeper", "several", "other", "nobody"}).Draw(rt, "who")
			orgs := rapid.SliceOfNDistinct(rapid.SampledFrom(everybody), 1, 3, func(o incident.OrgID) incident.OrgID { return o }).Draw(rt, "orgs")
			on := command.AlertFor{Alert: 1, Orgs: orgs, Via: rapid.SampledFrom([]incident.Via{"", incident.ViaTelephone}).Draw(rt, "via")}
			c := rapid.SampledFrom([]command.Command{command.AcknowledgeAlert{AlertFor: on}, command.AnswerAlert{AlertFor: on, Applies: incident.AppliesYes},
				command.AnswerAlert{AlertFor: on, Applies: incident.AppliesNo, Note: "n"}, command.AnswerAlert{AlertFor: on, Applies: incident.AppliesUnsure},
				command.PlanAlert{AlertFor: on, Plan: "p", Due: l.now.Add(time.Hour * 30)}, command.UpdateAlert{AlertFor: on, Text: "t"}, command.FinishAlert{AlertFor: on, Evidence: "e"},
				command.ChaseAlert{Alert: 1}, command.CloseAlert{Alert: 1, Reason: "r"}}).Draw(rt, "command")
			before := l.sys
			events, err := command.Decide(command.Input{State: before, Size: uint64(before.Head + 1), Actor: incident.Actor{Person: who, StepUp: l.now.Add(-time.Second)}, Now: l.now}, c)
			text := fmt.Sprint(before.Alerts)
			if err == nil {
				next := before.Clone()
				for _, e := range events {
					next.Apply(e)
				}
				l.sys, log = next, append(log, events...)
				own := map[incident.PersonID][]incident.OrgID{"host": everybody, "keeper": {"X1N"}, "several": {"X1N", "X2E"}, "other": {"X2E"}}[who]
				if a := next.Alert(1); a != nil {
					for i, r := range a.Rows {
						if was := before.Alert(1).Rows[i]; r != was && !slices.Contains(own, r.Org) {
							rt.Fatalf("%s moved %s by %T", who, r.Org, c)
						}
						if what, _ := a.Wants(&r); r.State.Settled() != (what == incident.WantsNothing) {
							rt.Fatalf("%s is %s and owes %q", r.Org, r.State, what)
						}
					}
				}
			}
			if fmt.Sprint(before.Alerts) != text {
				rt.Fatal("the fold before was changed")
			}
			l.now = l.now.Add(time.Duration(rapid.IntRange(1, 60*60*40).Draw(rt, "seconds")) * time.Second)
		}
		again := first.Clone()
		for _, e := range log {
			again.Apply(e)
		}
		if fmt.Sprintf("%+v", again.Alerts) != fmt.Sprintf("%+v", l.sys.Alerts) && len(again.Alerts) > 0 && fmt.Sprintf("%+v", *again.Alerts[0]) != fmt.Sprintf("%+v", *l.sys.Alerts[0]) {
			rt.Fatalf("folded again: %+v, was %+v", *again.Alerts[0], *l.sys.Alerts[0])
		}
	})
}
