package journal

import (
	"slices"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// cite keeps what rests on what is to be moved.
func (l *loaded) cite(moves []int64, list []projection.Citation) {
	l.citing, l.resting = map[incident.Seq][]command.Citation{}, map[incident.Seq]incident.Sight{}
	for _, n := range moves {
		l.citing[incident.Seq(n)] = nil
	}
	for _, c := range list {
		l.citing[c.Of] = append(l.citing[c.Of], command.Citation{Root: c.Root, Kind: c.Sight.Kind, Entry: c.Entry})
		l.resting[c.Root] = c.Sight
	}
}

// cites takes in that an entry of the group itself cites what a later one of it
// moves.
func (l *loaded) cites(e *incident.Event) {
	if len(l.citing) == 0 || !projection.Rests(e) {
		return
	}
	if e.IsRoot() {
		l.resting[e.Root] = incident.SightOf(e)
	}
	for _, n := range e.Refs.Cites {
		of := n
		if s, ok := l.cited[n]; ok {
			of = s.Root
		}
		if list, asked := l.citing[of]; asked {
			kind := e.Kind
			if s, ok := l.resting[e.Root]; ok {
				kind = s.Kind
			}
			if c := (command.Citation{Root: e.Root, Kind: kind, Entry: n}); !slices.Contains(list, c) {
				l.citing[of] = append(list, c)
			}
		}
	}
}
