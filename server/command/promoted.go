package command

import (
	"wardroom/server/incident"
)

// RecallPromoted ends in the main room the sharing of what was brought there
// from a side room and was recalled in it. The house alone does it: there its
// originator has said so.
type RecallPromoted struct{ Root incident.Seq }

func (c RecallPromoted) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c RecallPromoted) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c RecallPromoted) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty || s.Room.Cell != nil {
		return nil, incident.Missing()
	}
	o, err := s.object(c.Root)
	if err != nil {
		return nil, err
	}
	if o.Recalled != 0 {
		return nil, recalled()
	}
	return s.recall(o, recalledThere), nil
}

// recalledThere is the reason that those of the originator are given who had it
// in the main room: what they said in the side room stays there.
const recalledThere = "Recalled in the side room it was brought from."
