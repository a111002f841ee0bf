package intel

import (
	"strings"

	"wardroom/server/incident"
)

// gradeOf writes a source's grade as people write it: B2.
func gradeOf(s incident.Source) string { return string(s.Reliability) + string(s.Credibility) }

const (
	sourcePrefix = "Source, Admiralty "
	unnamed      = "not named"
)

// referenceOf is how a source stands in a STIX report.
func referenceOf(s incident.Source) reference {
	name := s.Name
	if name == "" {
		name = unnamed
	}
	d := sourcePrefix + gradeOf(s)
	if !s.Received.IsZero() {
		d += ", received " + s.Received.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if s.Kind != "" {
		d += ", " + s.Kind
	}
	return reference{Source: name, Description: d}
}

// sourceOf reads such a reference.
func sourceOf(r reference) (incident.Source, bool) {
	rest, ok := strings.CutPrefix(r.Description, sourcePrefix)
	if !ok || len(rest) < 2 {
		return incident.Source{}, false
	}
	s := incident.Source{Name: r.Source, Reliability: incident.Reliability(rest[:1]), Credibility: incident.Credibility(rest[1:2])}
	if !s.Reliability.Valid() || !s.Credibility.Valid() {
		return incident.Source{}, false
	}
	if s.Name == unnamed {
		s.Name = ""
	}
	rest = strings.TrimPrefix(rest[2:], ", ")
	if at, ok := strings.CutPrefix(rest, "received "); ok {
		at, kind, _ := strings.Cut(at, ", ")
		if t, err := stamp(at); err == nil && !t.IsZero() {
			s.Received = incident.At(t)
		}
		rest = kind
	}
	s.Kind = rest
	return s, true
}
