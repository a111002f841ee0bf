package command

import (
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RegisterRoom is the first half of opening a room: it gives the room its id
// and reference in the system log. OpenRoom is the second half, in the room's
// own log, under a key derived from this entry's place.
type RegisterRoom struct {
	Title  string
	Mode   incident.Mode
	Roster incident.Roster
	TLP    incident.TLP   // "" for TLP:AMBER+STRICT
	Org    incident.OrgID // which of their organisations the opener acts for
	Report incident.Methane
	Room   incident.LogID // fresh and random, made by the server
	Access incident.LogID

	Severity *incident.Opening // the opener's first assessment; nil for none
	OnCall   []incident.OnCall `json:"-"` // of the other host, if that severity calls it: facts of the system log and the directory

	Filed   string                  `json:",omitempty"` // the report it is opened of; "" for none
	Brought *incident.ReportBrought `json:"-"`          // that report, as it was filed: a fact of the system log
}

func (c RegisterRoom) roots() []incident.Seq { return nil }

func (c RegisterRoom) decide(s *scene) ([]*incident.Event, error) {
	sys := s.system
	p, known := sys.People[s.Actor.Person]
	if !known || p.Suspended {
		return nil, incident.Missing()
	}
	if !slices.ContainsFunc(p.Orgs, sys.IsHost) {
		return nil, incident.Refuse(incident.Forbidden, "Only the joint hosts open incident rooms. Report an incident to them by telephone.")
	}
	if !slices.Contains(p.Orgs, c.Org) || !sys.IsHost(c.Org) {
		return nil, incident.BadField("org", "Choose the host organisation you act for.")
	}
	if err := checkLine("title", c.Title, 120, true); err != nil {
		return nil, err
	}
	if c.Mode != incident.ModeIncident && c.Mode != incident.ModeExercise {
		return nil, incident.BadField("mode", "Choose incident or exercise.")
	}
	switch c.Roster {
	case incident.RosterNames, incident.RosterOrganisations, incident.RosterHosts:
	default:
		return nil, incident.BadField("roster", "Choose what guests may know of each other: names, organisations or hosts.")
	}
	if c.TLP == "" {
		c.TLP = incident.AmberStrict
	}
	if !c.TLP.Valid() || c.TLP == incident.Red {
		return nil, incident.BadField("tlp", "The room's own label is TLP:CLEAR, TLP:GREEN, TLP:AMBER or TLP:AMBER+STRICT.")
	}
	if err := checkMethane(c.Report); err != nil {
		return nil, err
	}
	org := sys.Orgs[c.Org]
	r := &incident.RoomRegistered{
		Room: c.Room, Access: c.Access, Hosts: sys.Hosts, Assessors: sys.Assessors, Matrix: sys.MatrixVersion(), Mode: c.Mode, Title: c.Title, Roster: c.Roster, TLP: c.TLP, Report: c.Report,
		Reference: sys.NextReference(c.Mode, s.Now), Person: p.ID,
		Opener: incident.Seat{Name: p.Name, Org: c.Org, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: incident.Lead, History: incident.Full},
	}
	if c.Severity != nil {
		var err error
		if r.Severity, err = s.opening(*c.Severity, c.Org); err != nil {
			return nil, err
		}
		r.Called = c.OnCall
	}
	events := []*incident.Event{{Refs: incident.Refs{Logs: []incident.LogID{c.Room, c.Access}}, Body: r}}
	if c.Filed == "" {
		return events, nil
	}
	opened, err := s.openedOf(c)
	if err != nil {
		return nil, err
	}
	r.Brought = c.Brought
	return append(events, opened), nil
}

func checkMethane(m incident.Methane) error {
	if err := checkLine("report.type", m.Type, 200, true); err != nil {
		return incident.BadField("report.type", "Say what kind of incident it is, in one line. The rest can follow later.")
	}
	for _, f := range []struct{ name, text string }{{"report.exact", m.Exact}, {"report.hazards", m.Hazards},
		{"report.access", m.Access}, {"report.number", m.Number}, {"report.emergency", m.Emergency}} {
		if err := checkText(f.name, f.text, 2000); err != nil {
			return err
		}
	}
	return nil
}

// DefaultRules are the handling rules a room opens with: five lines.
var DefaultRules = [5]string{
	"This room is for the people named in it. Do not pass on your link or let anyone read over your shoulder.",
	"Every entry carries a label. It says how far you may share it; if in doubt, ask here first.",
	"Say what you know, when you knew it and how sure you are. Corrections are welcome; nothing is deleted.",
	"No patient data. Nothing above OFFICIAL-SENSITIVE.",
	"Everything here is kept as a record that an inquiry may read. Opening restricted entries is recorded.",
}

// OpenRoom writes a room's first entries: the genesis, that it was opened, its
// opener, its handling rules, its opening report and, if one was made, the
// opener's assessment of its severity with the host that it calls in.
type OpenRoom struct {
	Registered incident.RoomRegistered
	From       incident.LogRef // the registration's place in the system log
	Genesis    incident.Genesis
	Hosts      []incident.OrgID
}

func (c OpenRoom) roots() []incident.Seq { return nil }

func (c OpenRoom) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System {
		return nil, incident.Missing()
	}
	if !s.empty {
		return nil, incident.Refuse(incident.Conflict, "This room is open already.")
	}
	g, r := c.Genesis, c.Registered
	opener := incident.By{Member: 1, Org: r.Opener.Org, Role: r.Opener.Role}
	if r.Cell != nil {
		return c.cellEvents(s, opener), nil
	}
	room := incident.Marking{TLP: r.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: r.Opener.Org}
	events := []*incident.Event{
		{Body: &g, Refs: incident.Refs{From: &c.From}},
		{By: opener, Refs: incident.Refs{From: &c.From}, Body: &incident.RoomOpened{Hosts: c.Hosts, Mode: r.Mode, Matrix: r.Matrix, Reference: r.Reference,
			Roster: r.Roster, TLP: r.TLP, Title: r.Title, Assessors: r.Assessors}},
		{By: opener, Root: 2, Body: &incident.MemberJoined{How: "opened", Number: 1, Person: r.Person, Rules: 1, Seat: r.Opener}},
		{By: opener, Body: &incident.RulesSet{Version: 1, Lines: DefaultRules}},
		{By: opener, Marking: &room, Body: &incident.ReportGiven{Methane: r.Report}},
	}
	if r.Severity != nil {
		events = append(events, openingEvents(&r, opener, incident.Seq(len(events)))...)
	}
	if r.Brought != nil {
		events = append(events, &incident.Event{By: opener, Marking: forHosts(r.TLP, r.Opener.Org), Body: r.Brought})
	}
	return events, nil
}

// OpenAccess writes the genesis of a room's access log.
type OpenAccess struct{ Genesis incident.Genesis }

func (c OpenAccess) roots() []incident.Seq { return nil }

func (c OpenAccess) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System {
		return nil, incident.Missing()
	}
	if !s.empty {
		return nil, incident.Refuse(incident.Conflict, "This log is open already.")
	}
	g := c.Genesis
	return one(&incident.Event{Body: &g})
}

// OpenSystem writes the genesis of the deployment's system log.
type OpenSystem = OpenAccess

// TitleRoom gives the room another plain title.
type TitleRoom struct{ Title string }

func (c TitleRoom) roots() []incident.Seq { return nil }

func (c TitleRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Title, nil, nil); err != nil {
		return nil, err
	}
	if err := checkLine("title", c.Title, 120, true); err != nil {
		return nil, err
	}
	if c.Title == s.Room.Title {
		return nil, incident.BadField("title", "This is the title as it stands.")
	}
	return one(&incident.Event{Root: 1, Body: &incident.RoomTitled{Title: c.Title}})
}

// MoveRoom takes a step of the lifecycle.
type MoveRoom struct {
	To   incident.Lifecycle
	From incident.Lifecycle // where it stood on the lead's screen
}

func (c MoveRoom) roots() []incident.Seq { return nil }

func (c MoveRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Move, nil, nil); err != nil {
		return nil, err
	}
	if c.From != "" && c.From != s.Room.Lifecycle {
		return nil, incident.Refuse(incident.Conflict, "The room has been moved to “%s” since you looked.", words(s.Room.Lifecycle))
	}
	if !slices.Contains(s.Room.Lifecycle.Next(), c.To) {
		return nil, incident.BadField("to", "A room that is “%s” cannot move there next.", words(s.Room.Lifecycle))
	}
	events := []*incident.Event{{Root: 1, Body: &incident.RoomMoved{From: s.Room.Lifecycle, To: c.To}}}
	if c.To == incident.Closed {
		events = append(events, s.endFeeds(incident.FeedRoomClosed, func(incident.Feed) bool { return true })...)
	}
	return events, nil
}

func words(l incident.Lifecycle) string {
	if l == incident.StoodDown {
		return "stood down"
	}
	return string(l)
}

// ReopenRoom begins a new section of a closed room.
type ReopenRoom struct {
	Parent *incident.Room `json:"-"` // of a side room, the main room as it stood when asked
}

func (c ReopenRoom) roots() []incident.Seq { return nil }

func (c ReopenRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Reopen, nil, nil); err != nil {
		return nil, err
	}
	if s.Room.Lifecycle != incident.Closed {
		return nil, incident.Refuse(incident.Conflict, "Only a closed room is reopened.")
	}
	if s.Room.Cell != nil && (c.Parent == nil || c.Parent.Lifecycle == incident.Closed) {
		return nil, incident.Refuse(incident.Conflict, "The main room is closed. Reopen that first.")
	}
	return one(&incident.Event{Root: 1, Body: &incident.RoomReopened{Section: s.Room.Section + 1}})
}

// EndRoom records in the system log that a room was closed.
type EndRoom struct{ Room incident.LogID }

func (c EndRoom) roots() []incident.Seq { return nil }

func (c EndRoom) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Body: &incident.RoomEnded{Room: c.Room}})
}

// SetClock sets an exercise's clock: where it stands, how fast it goes.
type SetClock struct {
	At     time.Time // zero to go on from where it stands
	Factor int
	Paused bool
	Script string // exercise control names the script it plays; "" otherwise
}

func (c SetClock) roots() []incident.Seq { return nil }

func (c SetClock) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" {
		if err := s.permit(policy.SetClock, nil, nil); err != nil {
			return nil, err
		}
	} else if s.empty || s.Room == nil || s.Room.Mode != incident.ModeExercise {
		return nil, incident.Missing()
	}
	if c.Script != "" && !s.Actor.System {
		return nil, incident.BadField("script", "Only exercise control plays a script.")
	}
	if c.Factor < 1 || c.Factor > 3600 {
		return nil, incident.BadField("factor", "Choose a speed from 1 to 3600.")
	}
	at := incident.At(c.At)
	if c.At.IsZero() {
		if s.Room.Clock == nil {
			return nil, incident.BadField("at", "Say where the exercise's clock starts.")
		}
		at = s.Room.Clock.Now(s.Now)
	} else if s.Room.Clock != nil && at.Before(s.Room.Clock.Now(s.Now).Time) {
		return nil, incident.BadField("at", "An exercise's clock does not go back.")
	} else if err := ClockWithin("at", c.At, s.Now); err != nil {
		return nil, err
	}
	return one(&incident.Event{Times: incident.Times{Exercise: at}, Body: &incident.ClockSet{At: at, Factor: c.Factor, Paused: c.Paused, Script: c.Script}})
}
