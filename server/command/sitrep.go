package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// FileSitrep reports how things are at a time. A host's keeps the room's
// rhythm; a guest's is their organisation's own.
type FileSitrep struct {
	AsAt                                 time.Time // by the room's time; zero for now
	Situation, Impact, Actions, Forecast string
	Cites                                []incident.Seq
	Chosen
}

func (c FileSitrep) roots() []incident.Seq { return nil }
func (c FileSitrep) cites() []incident.Seq { return c.Cites }

func (c FileSitrep) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.FileSitrep, nil, nil); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name, text string
		needed     bool
	}{{"situation", c.Situation, true}, {"impact", c.Impact, false}, {"actions", c.Actions, false}, {"forecast", c.Forecast, false}} {
		if err := checkPart(f.name, f.text, maxPart, f.needed); err != nil {
			return nil, err
		}
	}
	times, err := s.happened("asAt", c.AsAt, false)
	if err != nil {
		return nil, err
	}
	asAt := times.Occurred
	if asAt.IsZero() {
		asAt = incident.At(s.roomTime())
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	cites, err := s.citations("cites", c.Cites)
	if err != nil {
		return nil, err
	}
	events := []*incident.Event{{Marking: &mark, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: c.Shown},
		Body: &incident.SitrepFiled{AsAt: asAt, Situation: c.Situation, Impact: c.Impact, Actions: c.Actions, Forecast: c.Forecast, Invented: s.Actor.System}}}
	if s.Asker().Host {
		events = append(events, kept(incident.Sitreps))
	}
	return events, nil
}
