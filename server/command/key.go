package command

import (
	"strings"

	"wardroom/server/incident"
)

// ListKey lists the next generation of the notary's keys. Only the house
// itself does: an administrator of people and organisations decides nothing
// about what signs the record.
type ListKey struct{ Key incident.KeyListed }

func (c ListKey) roots() []incident.Seq { return nil }

func (c ListKey) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || !s.Actor.System {
		return nil, incident.Missing()
	}
	k := c.Key
	if k.Generation != len(s.system.Keys)+1 {
		return nil, incident.Refuse(incident.Conflict, "The record lists generation %d already.", len(s.system.Keys))
	}
	if err := checkLine("name", k.Name, 200, true); err != nil {
		return nil, err
	}
	if len(k.Verifiers) != 2 || k.Verifiers[0] == k.Verifiers[1] {
		return nil, incident.BadField("verifiers", "Name two keys.")
	}
	for _, v := range k.Verifiers {
		if err := checkLine("verifiers", v, 4096, true); err != nil || !strings.HasPrefix(v, k.Name+"+") {
			return nil, incident.BadField("verifiers", "Give each as a line that begins with its name.")
		}
		for _, was := range s.system.Keys {
			if was.Verifiers[0] == v || was.Verifiers[1] == v {
				return nil, incident.BadField("verifiers", "Generation %d has this key already.", was.Generation)
			}
		}
	}
	return one(&incident.Event{Body: &k})
}
