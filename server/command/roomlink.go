package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxLinks bounds the rooms that one is linked with.
const MaxLinks = 20

// LinkRoom links the room with another that the asker is in.
type LinkRoom struct {
	To    incident.LogID
	Other *incident.Room `json:"-"` // that room as it stands, if the asker is in it; nil if not
}

// UnlinkRoom ends it.
type UnlinkRoom struct{ Root incident.Seq }

// MirrorLink is the house's: what was linked in one room is linked in the
// other.
type MirrorLink struct {
	Room      incident.LogID
	Reference string
	Org       incident.OrgID // of whoever linked them
}

// MirrorUnlink is the house's: what was unlinked in one room is in the other.
type MirrorUnlink struct{ Room incident.LogID }

func (c LinkRoom) roots() []incident.Seq     { return nil }
func (c UnlinkRoom) roots() []incident.Seq   { return nil }
func (c MirrorLink) roots() []incident.Seq   { return nil }
func (c MirrorUnlink) roots() []incident.Seq { return nil }

func (c LinkRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.LinkRoom, nil, nil); err != nil {
		return nil, err
	}
	switch o := c.Other; {
	case o == nil || o.ID != c.To || !policy.MayLink(o, s.Actor.Person):
		return nil, incident.BadField("room", "Choose an incident room that you are in for a host. A side room cannot be linked.")
	case o.ID == s.Room.ID:
		return nil, incident.BadField("room", "This is the room itself.")
	case o.Mode != s.Room.Mode:
		return nil, incident.BadField("room", "An exercise and an incident are not linked: nobody must take one for the other.")
	case o.Lifecycle == incident.Closed:
		return nil, incident.BadField("room", "That room is closed.")
	case s.Room.Link(o.ID) != nil:
		return nil, incident.Refuse(incident.Conflict, "The two rooms are linked already.")
	case len(s.Room.Links) >= MaxLinks || len(o.Links) >= MaxLinks:
		return nil, incident.Refuse(incident.Conflict, "A room is linked with at most %d others. Unlink one first.", MaxLinks)
	}
	return one(&incident.Event{Marking: forHosts(s.Room.TLP, s.Asker().Org), Body: &incident.RoomLinked{Room: c.Other.ID, Reference: c.Other.Reference}})
}

func (c UnlinkRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.UnlinkRoom, nil, nil); err != nil {
		return nil, err
	}
	for _, l := range s.Room.Links {
		if l.Root == c.Root {
			return one(&incident.Event{Root: l.Root, Body: &incident.RoomUnlinked{Room: l.Room}})
		}
	}
	return nil, incident.Missing()
}

func (c MirrorLink) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Room == nil || s.empty {
		return nil, incident.Missing()
	}
	if s.Room.Lifecycle == incident.Closed || s.Room.Link(c.Room) != nil || len(s.Room.Links) >= MaxLinks {
		return nil, incident.Refuse(incident.Conflict, "This stands already, or cannot stand any more.")
	}
	return one(&incident.Event{Marking: forHosts(s.Room.TLP, c.Org), Body: &incident.RoomLinked{Room: c.Room, Reference: c.Reference}})
}

func (c MirrorUnlink) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Room == nil || s.empty {
		return nil, incident.Missing()
	}
	l := s.Room.Link(c.Room)
	if l == nil || s.Room.Lifecycle == incident.Closed {
		return nil, incident.Refuse(incident.Conflict, "They are not linked.")
	}
	return one(&incident.Event{Root: l.Root, Body: &incident.RoomUnlinked{Room: c.Room}})
}
