package journal

import (
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// cite keeps which decisions cite what is to be recalled.
func (l *loaded) cite(recalls []int64, list []projection.Citation) {
	l.citing, l.shaken = map[incident.Seq][]command.Citation{}, map[incident.Seq]incident.Sight{}
	for _, n := range recalls {
		l.citing[incident.Seq(n)] = nil
	}
	for _, c := range list {
		l.citing[c.Of] = append(l.citing[c.Of], command.Citation{Decision: c.Decision, Entry: c.Entry})
		l.shaken[c.Decision] = c.Sight
	}
}

// cites takes in that an entry of the group itself cites what a later one of it
// recalls.
func (l *loaded) cites(e *incident.Event) {
	if len(l.citing) == 0 || !e.Kind.IsDecision() {
		return
	}
	for _, n := range e.Refs.Cites {
		of := n
		if s, ok := l.cited[n]; ok {
			of = s.Root
		}
		if list, asked := l.citing[of]; asked {
			if c := (command.Citation{Decision: e.Root, Entry: n}); !slices.Contains(list, c) {
				l.citing[of] = append(list, c)
			}
		}
	}
}

