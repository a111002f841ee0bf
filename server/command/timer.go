package command

import (
	"wardroom/server/incident"
)

// Fire is the house's: a timer of the room is due. What happens then is its
// noun's to say, in that noun's file.
type Fire struct{ Timer incident.TimerID }

// fires is by noun what a due timer does. Each noun that has timers adds its
// own as the package begins.
var fires = map[string]func(*scene, incident.Timer) ([]*incident.Event, error){}

func (c Fire) roots() []incident.Seq { return inOrder(c.Timer.Root()) }

func (c Fire) decide(s *scene) ([]*incident.Event, error) {
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty {
		return nil, incident.Missing()
	}
	for _, t := range s.Room.Timers() {
		if t.ID != c.Timer {
			continue
		}
		if t.Due.After(s.Now) {
			return nil, incident.Refuse(incident.Conflict, "It is not time yet.")
		}
		if fire := fires[t.ID.Noun()]; fire != nil {
			return fire(s, t)
		}
	}
	return nil, incident.Refuse(incident.Conflict, "Nothing waits for this any more.")
}
