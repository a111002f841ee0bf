package incident

import "slices"

func init() {
	register[*RoomLinked](KindInfo{Log: RoomLog, Root: true, Kept: true})
	register[*RoomUnlinked](KindInfo{Log: RoomLog, Kept: true})
}

// RoomLinked says that another room is about the same incident, or a
// neighbouring one. It is written in the one, then by the house in the other;
// each is told the other's reference and nothing else. It is for hosts.
type RoomLinked struct {
	Reference string `json:"reference"`
	Room      LogID  `json:"room"`
}

func (*RoomLinked) kind() Kind { return "room.linked" }

// RoomUnlinked ends it.
type RoomUnlinked struct {
	Room LogID `json:"room"`
}

func (*RoomUnlinked) kind() Kind { return "room.unlinked" }

// Link is another room, as this one knows of it.
type Link struct {
	Root      Seq     `json:"root"`
	Room      LogID   `json:"room"`
	Reference string  `json:"reference"`
	At        Instant `json:"at"`
	Sight     Sight   `json:"sight"`
}

// Link returns the link to a room; nil for none.
func (r *Room) Link(to LogID) *Link {
	if i := slices.IndexFunc(r.Links, func(l Link) bool { return l.Room == to }); i >= 0 {
		return &r.Links[i]
	}
	return nil
}

// applyLink keeps the links that stand, oldest first; ok is false for other
// events.
func (r *Room) applyLink(e *Event) (ok bool) {
	switch b := e.Body.(type) {
	case *RoomLinked:
		r.Links = append(slices.Clip(r.Links), Link{Root: e.Root, Room: b.Room, Reference: b.Reference, At: e.Times.Shown(), Sight: SightOf(e)})
	case *RoomUnlinked:
		r.Links = slices.DeleteFunc(slices.Clone(r.Links), func(l Link) bool { return l.Root == e.Root })
	default:
		return false
	}
	return true
}
