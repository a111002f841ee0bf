package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// ContinueRoom begins the log in which a room goes on after its own was found
// not to be what was signed for. It is decided on the room as it stood: who
// leads there may, and what stood there stands here.
//
// What was said before stays where it is, read-only. Pins, loggists' books,
// decisions and actions belong to it and are not written anew: what still
// waits for an answer is asked again. Statutory clocks run on; escalations that
// are not over go on where they stood, with the powers they gave; links stand.
type ContinueRoom struct {
	Was     *incident.Room `json:"-"` // the fold of the section before
	After   incident.LogID
	Break   incident.Break `json:"-"`
	Genesis incident.Genesis
}

func (c ContinueRoom) roots() []incident.Seq { return nil }

func (c ContinueRoom) decide(s *scene) ([]*incident.Event, error) {
	before := policy.Scene{Room: c.Was, Actor: s.Actor, Now: s.Now}
	if err := policy.Permit(policy.Continue, &before); err != nil {
		return nil, err
	}
	if !s.empty {
		return nil, incident.Refuse(incident.Conflict, "This room goes on in a new section already.")
	}
	lead := before.Asker()
	by := member(lead)
	was, g := c.Was, c.Genesis
	g.Section, g.Break = was.Section+1, &c.Break
	numbers := was.NextMember() - 1
	events := []*incident.Event{
		{Body: &g},
		{Body: &incident.RoomOpened{Hosts: was.Hosts, Mode: was.Mode, Reference: was.Reference, Roster: was.Roster, TLP: was.TLP, Title: was.Title, Assessors: was.Assessors, Cell: was.Cell, Matrix: was.Matrix}},
	}
	add := func(e *incident.Event) incident.Seq {
		events = append(events, e)
		return incident.Seq(len(events) - 1)
	}
	// Whoever begins it comes in first: nobody acts in a log before they joined it.
	members := slices.Clone(was.Members)
	slices.SortStableFunc(members, func(a, b *incident.Member) int {
		switch lead.Number {
		case a.Number:
			return -1
		case b.Number:
			return 1
		}
		return 0
	})
	for _, m := range members {
		if !m.Present() {
			continue
		}
		seat := m.Seat
		seat.Org, seat.Role = m.Org, m.Role
		root := incident.Seq(len(events))
		add(&incident.Event{Root: root, Body: &incident.MemberJoined{How: "continued", Number: m.Number, Person: m.Person, Rules: m.Rules, Seat: seat}})
		if m.Held != "" {
			add(&incident.Event{Root: root, Body: &incident.MemberTiered{Tier: m.Held}})
		}
	}
	add(&incident.Event{Root: 1, Body: &incident.SectionBegun{Break: c.Break, Numbers: numbers, Section: g.Section}})
	if was.Rules != nil {
		add(&incident.Event{Body: &incident.RulesSet{Version: was.Rules.Version, Lines: was.Rules.Lines}})
	}
	if was.Clock != nil {
		now := was.Clock.Now(s.Now)
		add(&incident.Event{Times: incident.Times{Exercise: now}, Body: &incident.ClockSet{At: now, Factor: was.Clock.Factor, Paused: was.Clock.Paused}})
	}
	if was.Report != nil && was.Report.Methane.Type != "" { // else it was erased
		sight := was.Report.Sight
		add(&incident.Event{Marking: &incident.Marking{TLP: sight.TLP, Originator: sight.Org, Audience: sight.Audience}, Body: &incident.ReportGiven{Methane: was.Report.Methane}})
	}
	if was.Brief != nil {
		add(&incident.Event{Body: &incident.BriefSet{Version: was.Brief.Version, Lines: was.Brief.Lines}})
	}
	// Who speaks for somebody who is not in the room any more speaks for their
	// organisation: a hold is lifted by the other host than placed it.
	standsFor := func(of incident.By) incident.By {
		if was.Numbered(of.Member).Present() {
			return of
		}
		return incident.By{Member: lead.Number, Org: of.Org, Role: lead.Role}
	}
	if k := was.Retention; k != nil {
		add(&incident.Event{Body: &incident.RetentionSet{Years: k.Years}})
	}
	for _, h := range was.Holds {
		add(&incident.Event{By: standsFor(h.By), Body: &incident.HoldPlaced{Reason: h.Reason, Reference: h.Reference}})
	}
	called := incident.Seq(0)
	for _, a := range was.Assessments {
		if a.Ended {
			continue
		}
		called = add(&incident.Event{By: standsFor(a.By), Body: &incident.SeverityAssessed{Scale: a.Scale, Grade: a.Grade, Criteria: slices.Clone(a.Criteria)}})
	}
	if c := was.Cadence; c != nil && c.Set != nil {
		of := c.Set.Intervals
		add(&incident.Event{Body: &incident.CadenceSet{Meeting: of[incident.Meetings].Minutes, Sitrep: of[incident.Sitreps].Minutes, Update: of[incident.Updates].Minutes,
			Reason: "As it was set in the section before."}})
	}
	for _, org := range was.Called {
		if called != 0 {
			add(&incident.Event{Root: called, Body: &incident.HostCalled{Because: called, Org: org}})
		}
	}
	// What let machines in ends with the section before, whose log can say so no
	// more: it is said here.
	for _, f := range was.Feeds {
		if !f.Over(s.Now) {
			root := add(&incident.Event{Marking: feedMarking(was, lead.Org, f.Org), Body: &incident.FeedOpened{ID: f.ID, Name: f.Name, Org: f.Org, Start: f.Start, Expires: f.Expires}})
			add(&incident.Event{Root: root, Body: &incident.FeedClosed{Why: incident.FeedSection}})
		}
	}
	for _, t := range was.Tenures {
		if t.Stands() && was.Numbered(t.Member).Present() {
			given := &incident.PostAssigned{Post: t.Post, Member: t.Member}
			if was.Numbered(t.Deputy).Present() {
				given.Deputy = t.Deputy
			}
			root := add(&incident.Event{Body: given})
			if t.Holds() {
				add(&incident.Event{Root: root, By: member(was.Numbered(t.Member)), Body: &incident.PostAcknowledged{Tier: t.Was}})
			}
		}
	}
	carryClocks(was, standsFor, add)
	carryEscalations(was, standsFor, add)
	for _, l := range was.Links {
		add(&incident.Event{Marking: &incident.Marking{TLP: l.Sight.TLP, Originator: l.Sight.Org, Audience: l.Sight.Audience}, Body: &incident.RoomLinked{Room: l.Room, Reference: l.Reference}})
	}
	if was.Lifecycle != incident.Open {
		add(&incident.Event{Root: 1, Body: &incident.RoomMoved{From: incident.Open, To: was.Lifecycle}})
	}
	for _, e := range events {
		if e.By == (incident.By{}) && !ownWord(e.Body) {
			e.By = by
		}
	}
	events[0].By = incident.By{}
	return events, nil
}

// ContinueAccess writes the genesis of the access log of a new section.
type ContinueAccess struct {
	Genesis incident.Genesis
	Section int
}

func (c ContinueAccess) roots() []incident.Seq { return nil }

func (c ContinueAccess) decide(s *scene) ([]*incident.Event, error) {
	c.Genesis.Section = c.Section
	return OpenAccess{Genesis: c.Genesis}.decide(s)
}

// EnterSection enters a room's next section in the system log.
type EnterSection struct{ Continued incident.RoomContinued }

func (c EnterSection) roots() []incident.Seq { return nil }

func (c EnterSection) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System {
		return nil, incident.Missing()
	}
	b := c.Continued
	return one(&incident.Event{Refs: incident.Refs{Logs: []incident.LogID{b.Room, b.Access}}, Body: &b})
}

// JudgeSection is a host's word on the section before: that it is part of the
// record, or not to be relied on. It can be given anew.
type JudgeSection struct {
	Verdict incident.SectionVerdict
	Seen    incident.Seq
}

func (c JudgeSection) roots() []incident.Seq { return nil }

func (c JudgeSection) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Judge, nil, nil); err != nil {
		return nil, err
	}
	if s.Room.Earlier == nil {
		return nil, incident.Refuse(incident.Conflict, "This room has no section before this one that was broken off.")
	}
	if c.Verdict != incident.SectionJoined && c.Verdict != incident.SectionCondemned {
		return nil, incident.BadField("verdict", "Say joined, if the section before is part of this record, or condemned, if it is not to be relied on.")
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Confirm with your second factor: this is your organisation's word on the record.")
	}
	for _, j := range s.Room.Earlier.Judged {
		if j.Org == s.Asker().Org && j.Verdict == c.Verdict {
			return nil, incident.BadField("verdict", "This is what your organisation has said already.")
		}
	}
	return one(&incident.Event{Root: 1, Body: &incident.SectionJudged{Verdict: c.Verdict}, Authority: incident.Authority{Seen: c.Seen, StepUp: incident.At(s.Actor.StepUp)}})
}
