package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxExportedItems bounds how many items are taken out at once.
const MaxExportedItems = 500

// ExportIntel records on the access log that a member takes items out in a
// file. The bytes go out after it is committed, never before.
type ExportIntel struct {
	Room   *incident.Room   `json:"-"` // as it stood when asked, fetched by the server
	Sights []incident.Sight // of each item's root, at the head
	Format string
}

func (c ExportIntel) roots() []incident.Seq { return nil }

func (c ExportIntel) decide(s *scene) ([]*incident.Event, error) {
	if s.access == nil || s.empty || c.Room == nil || s.access.Room != c.Room.ID {
		return nil, incident.Missing()
	}
	if err := c.Permit(s.Actor, s.Now); err != nil {
		return nil, err
	}
	var events []*incident.Event
	for _, sight := range c.Sights {
		events = append(events, &incident.Event{By: member(c.Room.Member(s.Actor.Person)), Body: &incident.IntelExported{Entry: sight.Root, Format: c.Format}})
	}
	return events, nil
}

// Permit judges whether the actor may take the items out now. The answer to a
// taking sent again is a delivery again, so it is asked then too.
func (c ExportIntel) Permit(a incident.Actor, now time.Time) error {
	if err := policy.Permit(policy.ExportIntel, &policy.Scene{Room: c.Room, Actor: a, Now: now}); err != nil {
		return err
	}
	m := c.Room.Member(a.Person)
	if len(c.Sights) == 0 {
		return incident.Refuse(incident.Forbidden, "There is nothing here that you may take out.")
	}
	if len(c.Sights) > MaxExportedItems {
		return incident.BadField("entries", "At most %d items go into one file.", MaxExportedItems)
	}
	for _, sight := range c.Sights {
		switch {
		case !policy.May(c.Room, m, sight):
			return incident.Missing()
		case !policy.MayShare(c.Room, m, sight):
			return incident.Refuse(incident.Forbidden, "Entry %d stays here: what is TLP:RED, or whose openings are recorded, goes out in no file.", sight.Root)
		}
	}
	return nil
}
