package command

import (
	"cmp"
	"encoding/hex"
	"slices"
	"time"

	"wardroom/server/incident"
)

// MaxEntered bounds how many organisations one entry brings onto the books.
const MaxEntered = 400

// EnterOrganisations brings a part of a table of organisations onto the books.
type EnterOrganisations struct{ Entered incident.OrganisationsEntered }

func (c EnterOrganisations) roots() []incident.Seq { return nil }

func (c EnterOrganisations) decide(s *scene) ([]*incident.Event, error) {
	if err := s.administrator(); err != nil {
		return nil, err
	}
	e := c.Entered
	if sum, err := hex.DecodeString(e.File); err != nil || len(sum) != 32 {
		return nil, incident.BadField("file", "Name the table by its SHA-256.")
	}
	if n := len(e.Added) + len(e.Changed) + len(e.Closed); n == 0 || n > MaxEntered {
		return nil, incident.BadField("file", "At most %d organisations are entered at once, and at least one.", MaxEntered)
	}
	next := s.system.Clone()
	for _, o := range e.Added {
		if was, ok := next.Orgs[o.Code]; ok {
			return nil, incident.Refuse(incident.Conflict, "%s is on the books already: %s. Look at the table again.", o.Code, was.Name)
		}
		if o.Successor != "" || o.Ended != "" {
			return nil, incident.BadField("added", "What an organisation became is said by closing it.")
		}
		if err := s.enter(next, o); err != nil {
			return nil, err
		}
	}
	for _, o := range e.Changed {
		was, ok := next.Orgs[o.Code]
		switch {
		case !ok:
			return nil, incident.Missing()
		case o == was:
			return nil, incident.Refuse(incident.Conflict, "Nothing was changed of %s. Look at the table again.", o.Code)
		case o.Successor != was.Successor || o.Ended != was.Ended:
			return nil, incident.BadField("changed", "What an organisation became is said by closing it.")
		case o.Type == incident.HostBody && was.Type != incident.HostBody:
			return nil, incident.BadField("changed", "Hosts are named by administrators, not by a table.")
		}
		if err := s.enter(next, o); err != nil {
			return nil, err
		}
	}
	for _, o := range e.Closed {
		if err := closes(next, o); err != nil {
			return nil, err
		}
		was := next.Orgs[o.Code]
		was.Successor, was.Ended = cmp.Or(o.Successor, was.Successor), cmp.Or(o.Ended, was.Ended)
		next.Orgs[o.Code], next.Closed[o.Code] = was, true
	}
	return one(&incident.Event{Body: &e})
}

// enter puts one onto the books of what will be.
func (s *scene) enter(next *incident.System, o incident.Organisation) error {
	if err := checkOrganisation(next, o); err != nil {
		return err
	}
	if o.Opened != "" && !calendarDay(o.Opened) {
		return incident.BadField("opened", "A day is written 2022-07-01.")
	}
	next.Orgs[o.Code] = o
	return nil
}

func closes(next *incident.System, o incident.OrgClosing) error {
	_, known := next.Orgs[o.Code]
	_, there := next.Orgs[o.Successor]
	switch {
	case !known:
		return incident.Missing()
	case next.IsHost(o.Code):
		return incident.Refuse(incident.Conflict, "%s is one of the joint hosts. Name another host first.", o.Code)
	case o.Ended != "" && !calendarDay(o.Ended):
		return incident.BadField("ended", "A day is written 2022-07-01.")
	case o.Successor != "" && !there:
		return incident.BadField("successor", "%s is not on the books.", o.Successor)
	}
	// What it became may have become another since, and never itself.
	line := []incident.OrgID{o.Code}
	for at := o.Successor; at != ""; at = next.Orgs[at].Successor {
		if slices.Contains(line, at) {
			return incident.BadField("successor", "What %s became leads back to itself.", o.Code)
		}
		line = append(line, at)
	}
	return nil
}

func calendarDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
