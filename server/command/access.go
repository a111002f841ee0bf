package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// OpenEntry records on the access log that a member opens a restricted entry.
// The bytes are given out after it is committed, never before.
type OpenEntry struct {
	Room  *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Sight incident.Sight // of the entry's root, at the head
	Entry incident.Seq
	UpTo  incident.Seq // the newest entry of the object: later ones are another opening, under a key of its own
}

func (c OpenEntry) roots() []incident.Seq { return nil }

func (c OpenEntry) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	if err := c.Permit(s.Actor, s.Now); err != nil {
		return nil, err
	}
	return one(&incident.Event{By: member(c.Room.Member(s.Actor.Person)), Body: &incident.EntryOpened{Entry: c.Entry},
		Authority: incident.Authority{StepUp: incident.At(s.Actor.StepUp)}})
}

// Permit judges whether the actor may have the entry opened now. The answer to
// an opening sent again is a delivery again, so it is asked then too.
func (c OpenEntry) Permit(a incident.Actor, now time.Time) error {
	if err := policy.Permit(policy.OpenEntry, &policy.Scene{Room: c.Room, Actor: a, Now: now}); err != nil {
		return err
	}
	if !policy.May(c.Room, c.Room.Member(a.Person), c.Sight) {
		return incident.Missing()
	}
	if c.Sight.TLP == incident.Red && !a.SteppedUp(now) {
		return incident.Refuse(incident.StepUp, "Opening TLP:RED needs your second factor again. It covers the next hour.")
	}
	return nil
}

// RecordRefusal records on the access log that a member was refused the
// opening of a restricted entry that they could see to be there.
type RecordRefusal struct {
	Room  *incident.Room `json:"-"` // as it stood when asked, fetched by the server
	Sight incident.Sight `json:"-"` // of the entry's root, at the head
	Entry incident.Seq
	Why   string // step_up or forbidden
}

func (c RecordRefusal) roots() []incident.Seq { return nil }

func (c RecordRefusal) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID || (c.Why != "step_up" && c.Why != "forbidden") {
		return nil, incident.Missing()
	}
	m := c.Room.Member(s.Actor.Person)
	if !policy.May(c.Room, m, c.Sight) {
		return nil, incident.Missing()
	}
	return one(&incident.Event{By: member(m), Body: &incident.MemberRefused{Entry: c.Entry, Why: c.Why}})
}
