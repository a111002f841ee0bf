package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// FileSitrep reports how things are at a time. A host's keeps the room's
// rhythm; a guest's is their organisation's own.
type FileSitrep struct {
	Sitrep
	Cites []incident.Seq
	Chosen
}

// Sitrep is what a situation report says.
type Sitrep struct {
	AsAt                                 time.Time // by the room's time; zero for now
	Situation, Impact, Actions, Forecast string
}

// check judges it, and says as at when it is.
func (c Sitrep) check(s *scene) (incident.Instant, error) {
	for _, f := range []struct {
		name, text string
		needed     bool
	}{{"situation", c.Situation, true}, {"impact", c.Impact, false}, {"actions", c.Actions, false}, {"forecast", c.Forecast, false}} {
		if err := checkPart(f.name, f.text, maxPart, f.needed); err != nil {
			return incident.Instant{}, err
		}
	}
	times, err := s.happened("asAt", c.AsAt, false)
	if err != nil {
		return incident.Instant{}, err
	}
	if times.Occurred.IsZero() {
		return incident.At(s.roomTime()), nil
	}
	return times.Occurred, nil
}

func (c FileSitrep) roots() []incident.Seq { return nil }
func (c FileSitrep) cites() []incident.Seq { return c.Cites }

func (c FileSitrep) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.FileSitrep, nil, nil); err != nil {
		return nil, err
	}
	asAt, err := c.check(s)
	if err != nil {
		return nil, err
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

// CorrectSitrep says a situation report anew, whole: by whoever speaks for the
// organisation that filed it, with a reason. No rhythm is kept by
// it. Without a time it is as at the time it was.
type CorrectSitrep struct {
	Root incident.Seq
	Sitrep
	Reason string
}

func (c CorrectSitrep) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CorrectSitrep) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.CorrectSitrep, c.Root)
	if err != nil {
		return nil, err
	}
	was, ok := o.Body.(*incident.SitrepFiled)
	if !ok {
		return nil, incident.Refuse(incident.Forbidden, "Only situation reports are corrected this way.")
	}
	if o.Recalled != 0 {
		return nil, recalled()
	}
	if err := checkLine("reason", c.Reason, 1000, true); err != nil {
		return nil, err
	}
	asAt := was.AsAt
	if !c.AsAt.IsZero() {
		if asAt, err = c.check(s); err != nil {
			return nil, err
		}
	} else if _, err := c.check(s); err != nil {
		return nil, err
	}
	now := incident.SitrepFiled{AsAt: asAt, Situation: c.Situation, Impact: c.Impact, Actions: c.Actions, Forecast: c.Forecast, Invented: was.Invented}
	if now == *was {
		return nil, incident.BadField("situation", "This is the report as it stands.")
	}
	return one(&incident.Event{Root: c.Root,
		Body: &incident.SitrepCorrected{AsAt: asAt, Situation: c.Situation, Impact: c.Impact, Actions: c.Actions, Forecast: c.Forecast, Reason: c.Reason}})
}
