package intel

import (
	"strings"

	"github.com/go-json-experiment/json"

	"wardroom/server/incident"
)

// tlp2Extension is FIRST's and OASIS's extension for TLP 2.0.
const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// The marking definitions that stand for labels, wherever they are named: what
// a file itself says they mean counts for nothing.
const (
	tlp1White = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	tlp1Green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
	tlp1Amber = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
	tlp1Red   = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
)

// tlp2 are the definitions of TLP 2.0, by label.
var tlp2 = map[incident.TLP]struct{ id, word string }{
	incident.Clear:       {"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
	incident.Green:       {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
	incident.Amber:       {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
	incident.AmberStrict: {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
	incident.Red:         {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"},
}

// tlp2Created is when all five were made.
const tlp2Created = "2022-10-01T00:00:00.000Z"

var wellKnown = func() map[string]mark {
	m := map[string]mark{
		tlp1White: {tlp: incident.Clear}, tlp1Green: {tlp: incident.Green},
		tlp1Amber: {tlp: incident.AmberStrict}, // its AMBER said nothing of clients
		tlp1Red:   {tlp: incident.Red},
	}
	for label, d := range tlp2 {
		m[d.id] = mark{tlp: label}
	}
	return m
}()

// define takes note of what a marking definition of the file means.
func (s *stixFile) define(o *object) {
	if _, ok := wellKnown[o.ID]; ok {
		return
	}
	var def struct {
		TLP       string `json:"tlp"`
		Statement string `json:"statement"`
	}
	if len(o.Definition) > 0 {
		json.Unmarshal(o.Definition, &def) // what is no text is no label and no statement
	}
	if raw, ok := o.Extensions[tlp2Extension]; ok {
		var x struct {
			TLP string `json:"tlp_2_0"`
		}
		json.Unmarshal(raw, &x)
		def.TLP = x.TLP
	}
	switch label, _, ok := tlpWord(def.TLP); {
	case ok || def.TLP != "" || o.DefinitionType == "tlp":
		// Only the standard definitions are allowed. This one is somebody's own.
		s.mapped.add(s.file, o.at, "a TLP marking that is not one of the standard's", "in doubt, at least "+string(incident.AmberStrict))
		s.marks[o.ID] = mark{tlp: label}.and(mark{tlp: incident.AmberStrict})
	case def.Statement != "":
		m, ours := markOfStatement(def.Statement)
		if !ours {
			m = mark{statement: oneLine(def.Statement, 500), ref: keep(o.ID, o.Created, "").Name}
		}
		s.marks[o.ID] = m
	case strings.HasPrefix(strings.ToUpper(o.Name), "TLP"):
		s.doubt(o.at)
		s.marks[o.ID] = mark{tlp: incident.AmberStrict}
	default:
		s.doubt(o.at)
		s.marks[o.ID] = mark{tlp: incident.AmberStrict}
	}
}

func (s *stixFile) doubt(at int) {
	s.mapped.add(s.file, at, "a marking that is not understood", "in doubt, at least "+string(incident.AmberStrict))
}

// markOf is how far an object may be passed on: the strictest of the marks on
// it, on any part of it, and on its marking definitions themselves.
func (s *stixFile) markOf(o *object) (m mark) {
	labels := map[incident.TLP]bool{}
	for _, id := range o.Marks {
		one := s.markFor(id, o.at)
		if one.tlp != "" {
			labels[one.tlp] = true
		}
		m = m.and(one)
	}
	if len(labels) > 1 {
		s.mapped.add(s.file, o.at, "two TLP labels on one object", "the stricter")
	}
	for _, g := range o.Granular {
		if g.Mark == "" { // a language, no restriction
			s.left.add(s.file, o.at, o.Type+".granular_markings", "languages of parts")
			continue
		}
		before := m
		if m = m.and(s.markFor(g.Mark, o.at)); m != before {
			s.mapped.add(s.file, o.at, o.Type+".granular_markings", "the mark of a part is the mark of the whole")
		}
	}
	return m
}

func (s *stixFile) markFor(id string, at int) mark {
	m, ok := wellKnown[id]
	switch {
	case !ok:
		if m, ok = s.marks[id]; !ok {
			s.doubt(at)
			m = mark{tlp: incident.AmberStrict}
		}
	case id == tlp1Amber:
		s.mapped.add(s.file, at, "TLP:AMBER of version 1", string(incident.AmberStrict)+": it said nothing of clients")
	case id == tlp1White:
		s.mapped.add(s.file, at, "TLP:WHITE", string(incident.Clear))
	case strings.HasPrefix(id, "marking-definition--") && (id == tlp1Green || id == tlp1Red):
		s.mapped.add(s.file, at, string(m.tlp)+" of version 1", string(m.tlp))
	}
	if i, ok := s.ids[id]; ok { // marks on the definition count for what it marks
		if d := s.objects[i]; len(d.Marks) > 0 && !(len(d.Marks) == 1 && d.Marks[0] == id) {
			for _, other := range d.Marks {
				if w, known := wellKnown[other]; known && other != id {
					m = m.and(w)
				}
			}
		}
	}
	return m
}
