package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// RegisterCell is the first half of opening a side room, as RegisterRoom is of
// a room: the lead who opens it and everybody seated in it are in the main room
// now. It is judged on the main room, which is not told.
type RegisterCell struct {
	Parent *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Org    incident.OrgID
	Hosts  []incident.MemberNo // who of the hosts takes part, by their numbers in the main room; the opener does anyway
	Title  string              // "" for "Side room with …"
	Room   incident.LogID      // fresh and random, made by the server
	Access incident.LogID
}

func (c RegisterCell) roots() []incident.Seq { return nil }

func (c RegisterCell) decide(s *scene) ([]*incident.Event, error) {
	sys, parent := s.system, c.Parent
	if sys == nil || parent == nil {
		return nil, incident.Missing()
	}
	if p, known := sys.People[s.Actor.Person]; !known || p.Suspended {
		return nil, incident.Missing()
	}
	if err := policy.Permit(policy.OpenCell, &policy.Scene{Room: parent, Actor: s.Actor, Now: s.Now}); err != nil {
		return nil, err
	}
	if slices.Contains(parent.Hosts, c.Org) {
		return nil, incident.BadField("org", "A side room is with an organisation that is a guest in this room.")
	}
	opener := parent.Member(s.Actor.Person)
	r := &incident.RoomRegistered{
		Room: c.Room, Access: c.Access, Hosts: parent.Hosts, Mode: parent.Mode, Roster: incident.RosterNames, TLP: parent.TLP, Title: c.Title,
		Reference: parent.Reference + "-" + string(c.Org), Person: opener.Person, Opener: incident.SeatedAs(opener).Seat, Clock: parent.Clock,
		Cell: &incident.Cell{Org: c.Org, Parent: parent.ID}}
	if parent.Rules != nil {
		r.Rules = &incident.RulesSet{Version: parent.Rules.Version, Lines: parent.Rules.Lines}
	}
	for _, n := range c.Hosts {
		m := parent.Numbered(n)
		if !m.Present() || !m.Host {
			return nil, incident.BadField("hosts", "M-%d is not one of the hosts in this room.", n)
		}
	}
	for _, m := range parent.Members {
		if !m.Present() || m.Number == opener.Number {
			continue
		}
		if m.Org == c.Org || slices.Contains(c.Hosts, m.Number) {
			r.Seats = append(r.Seats, incident.SeatedAs(m))
		}
	}
	i := slices.IndexFunc(r.Seats, func(of incident.Seated) bool { return of.Seat.Org == c.Org })
	if i < 0 {
		return nil, incident.BadField("org", "Nobody of that organisation is in this room.")
	}
	if r.Title == "" {
		r.Title = "Side room with " + r.Seats[i].Seat.OrgName
	}
	if err := checkLine("title", r.Title, 160, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Refs: incident.Refs{Logs: []incident.LogID{c.Room, c.Access}}, Body: r})
}

// cellEvents are the first entries of a side room: who opened it, everybody who
// is in it, the main room's handling rules and, in an exercise, its clock.
func (c OpenRoom) cellEvents(s *scene, opener incident.By) []*incident.Event {
	r := c.Registered
	rules := 0
	if r.Rules != nil {
		rules = r.Rules.Version
	}
	events := []*incident.Event{
		{Body: &c.Genesis, Refs: incident.Refs{From: &c.From}},
		{By: opener, Refs: incident.Refs{From: &c.From}, Body: &incident.RoomOpened{Hosts: c.Hosts, Mode: r.Mode, Matrix: r.Matrix, Reference: r.Reference,
			Roster: r.Roster, TLP: r.TLP, Title: r.Title, Cell: r.Cell}},
		{By: opener, Root: 2, Body: &incident.MemberJoined{How: "opened", Number: 1, Person: r.Person, Rules: rules, Seat: r.Opener}},
	}
	for i, of := range r.Seats {
		events = append(events, seatEvent(of, incident.Seq(len(events)), incident.MemberNo(i+2)))
	}
	if r.Rules != nil {
		events = append(events, &incident.Event{By: opener, Body: &incident.RulesSet{Version: r.Rules.Version, Lines: r.Rules.Lines}})
	}
	if r.Clock != nil {
		now := r.Clock.Now(s.Now)
		events = append(events, &incident.Event{By: opener, Times: incident.Times{Exercise: now}, Body: &incident.ClockSet{At: now, Factor: r.Clock.Factor, Paused: r.Clock.Paused}})
	}
	return events
}

// seatEvent seats somebody: their membership begins with their joining, as
// whoever opens a room's does.
func seatEvent(of incident.Seated, root incident.Seq, number incident.MemberNo) *incident.Event {
	return &incident.Event{Root: root, By: incident.By{Member: number, Org: of.Seat.Org, Role: of.Seat.Role},
		Body: &incident.MemberJoined{How: "seated", Number: number, Person: of.Person, Rules: of.Rules, Seat: of.Seat}}
}

// SeatMember brings somebody of the main room into this side room: of a host,
// or of the organisation it is for.
type SeatMember struct {
	Parent *incident.Room    `json:"-"` // the main room as it stood when asked, fetched by the server
	Member incident.MemberNo // their number in the main room
}

func (c SeatMember) roots() []incident.Seq { return nil }

func (c SeatMember) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SeatMember, nil, nil); err != nil {
		return nil, err
	}
	asker := c.Parent.Member(s.Actor.Person)
	of := c.Parent.Numbered(c.Member)
	if !asker.Present() || !of.Present() || policy.SeesMember(c.Parent, asker, of) == policy.Stub {
		return nil, incident.BadField("member", "M-%d is not in the main room.", c.Member)
	}
	if !of.Host && of.Org != s.Room.Cell.Org {
		return nil, incident.BadField("member", "This side room is for the hosts and one organisation. Others are not told of it.")
	}
	if s.Room.Member(of.Person).Present() {
		return nil, incident.Refuse(incident.Conflict, "%s is here already.", of.Seat.Name)
	}
	return one(seatEvent(incident.SeatedAs(of), s.head+1, s.Room.NextMember()))
}

// AlignCell brings a side room in line with the main room: whoever is not there
// any more goes, whoever is has the role they have there, and if nobody of those
// left would lead it, the main room's leads come in first, so that it is led at
// each of its entries. The house alone does it.
type AlignCell struct {
	Parent *incident.Room `json:"-"` // the main room as it stood when asked
}

func (c AlignCell) roots() []incident.Seq { return nil }

func (c AlignCell) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty || s.Room.Cell == nil {
		return nil, incident.Missing()
	}
	var up, rest, gone []*incident.Event // who leads from now on; other roles; who goes
	var going []*incident.Member
	led := false
	for _, m := range s.Room.Members {
		if !m.Present() {
			continue
		}
		there := c.Parent.Member(m.Person)
		switch {
		case !there.Present() || there.Org != m.Org:
			gone, going = append(gone, &incident.Event{Root: m.Root, Body: &incident.MemberRemoved{}}), append(going, m)
			continue
		case there.Role != m.Role:
			e := &incident.Event{Root: m.Root, Body: &incident.MemberChanged{Role: there.Role}}
			if there.Leads() {
				up = append(up, e)
			} else {
				rest = append(rest, e)
			}
		}
		led = led || there.Leads()
	}
	events := up
	if !led {
		number := s.Room.NextMember()
		for _, m := range leadsOf(c.Parent) {
			events = append(events, seatEvent(incident.SeatedAs(m), s.head+1+incident.Seq(len(events)), number))
			number++
		}
	}
	events = slices.Concat(events, rest, gone, s.gone(going...))
	if len(events) == 0 {
		return nil, incident.Refuse(incident.Conflict, "It is in line with the main room already.")
	}
	return events, nil
}

// leadsOf are those who take over a room beside this one: its leads; where it
// has deputies alone, those.
func leadsOf(room *incident.Room) (list []*incident.Member) {
	for _, role := range []incident.Role{incident.Lead, incident.Deputy} {
		for _, m := range room.Members {
			if m.Leads() && m.Role == role {
				list = append(list, m)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// CloseCell closes a side room because the main room was closed. The house
// alone does it.
type CloseCell struct{}

func (c CloseCell) roots() []incident.Seq { return nil }

func (c CloseCell) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty || s.Room.Cell == nil {
		return nil, incident.Missing()
	}
	if s.Room.Lifecycle == incident.Closed {
		return nil, incident.Refuse(incident.Conflict, "It is closed already.")
	}
	return one(&incident.Event{Root: 1, Body: &incident.RoomMoved{From: s.Room.Lifecycle, To: incident.Closed}})
}
