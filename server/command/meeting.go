package command

import (
	"slices"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

const (
	maxPlace     = 200
	maxSummary   = 4000
	maxAttendees = 200
)

// HoldMeeting writes down a meeting that was held: who was there, what was
// said, and which decisions and actions came of it.
type HoldMeeting struct {
	Held    time.Time // when it was, by the room's time; zero for now
	Place   string    // where, or how
	Members []incident.MemberNo
	Others  string
	Summary string
	Cites   []incident.Seq // its decisions and actions, and what it looked at
	Chosen
}

func (c HoldMeeting) roots() []incident.Seq { return nil }
func (c HoldMeeting) cites() []incident.Seq { return c.Cites }

func (c HoldMeeting) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.HoldMeeting, nil, nil); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name, text string
		most       int
		needed     bool
	}{{"place", c.Place, maxPlace, true}, {"others", c.Others, maxReason, false}, {"summary", c.Summary, maxSummary, true}} {
		if err := checkPart(f.name, f.text, f.most, f.needed); err != nil {
			return nil, err
		}
	}
	times, err := s.happened("held", c.Held, false)
	if err != nil {
		return nil, err
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	members, err := s.attendees(c.Members, mark)
	if err != nil {
		return nil, err
	}
	cites, err := s.citations("cites", c.Cites)
	if err != nil {
		return nil, err
	}
	return []*incident.Event{{Marking: &mark, Times: times, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: c.Shown},
		Body: &incident.MeetingHeld{Place: c.Place, Members: members, Others: c.Others, Summary: c.Summary, Invented: s.Actor.System}}, kept(incident.Meetings)}, nil
}

// attendees checks who is said to have been at a meeting: members whom the
// asker may know of, and whom its readers may.
func (s *scene) attendees(list []incident.MemberNo, mark incident.Marking) ([]incident.MemberNo, error) {
	if len(list) > maxAttendees {
		return nil, incident.BadField("members", "At most %d people are named. Say in words who else was there.", maxAttendees)
	}
	for _, n := range list {
		of := s.Room.Numbered(n)
		if of == nil || policy.SeesMember(s.Room, s.Asker(), of) == policy.Stub {
			return nil, incident.BadField("members", "M-%d is not someone of this room.", n)
		}
	}
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.Compact(list)
	return list, s.mayName("members", mark.Audience, 0, incident.Names{Members: list})
}

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

// GiveUpdate says that those whom the incident affects were told.
type GiveUpdate struct {
	Text  string       // "" where an entry says it
	Entry incident.Seq // a message, a brief, an item that is the update; 0 for none
	Chosen
}

func (c GiveUpdate) roots() []incident.Seq { return nil }
func (c GiveUpdate) cites() []incident.Seq { return inOrder(c.Entry) }

func (c GiveUpdate) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.GiveUpdate, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxSummary, c.Entry == 0); err != nil {
		return nil, err
	}
	mark, err := s.mark(c.Chosen, s.plain(), incident.Audience{})
	if err != nil {
		return nil, err
	}
	cites, err := s.citations("entry", c.cites())
	if err != nil {
		return nil, err
	}
	return []*incident.Event{{Marking: &mark, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: c.Shown},
		Body: &incident.UpdateGiven{Entry: c.Entry, Text: c.Text, Invented: s.Actor.System}}, kept(incident.Updates)}, nil
}

// RequestUpdate asks for the next update. The leads are told.
type RequestUpdate struct{ Text string }

func (c RequestUpdate) roots() []incident.Seq { return nil }

func (c RequestUpdate) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.RequestUpdate, nil, nil); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxReason, false); err != nil {
		return nil, err
	}
	m := s.Asker()
	if x := s.Room.Cadence; x != nil {
		if at, ok := x.Asked[m.Number]; ok && s.Now.Sub(at.Time) < incident.AskAgain {
			return nil, incident.Refuse(incident.Conflict, "You asked at %s UTC, and the leads were told. You can ask again a quarter of an hour after that.", at.Format("15:04"))
		}
	}
	to := incident.Audience{Kind: incident.ToHosts}
	if !m.Host {
		to = incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{m.Number}, Orgs: slices.Clone(s.Room.Hosts)}
	}
	tlp := s.Room.TLP
	if tlp == incident.Red {
		tlp = incident.AmberStrict // RED is for people by name, and every lead must read this
	}
	mark, err := s.marking(incident.Marking{TLP: tlp, Audience: to, Originator: m.Org}, m.Number, incident.Audience{})
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Marking: &mark, Body: &incident.UpdateRequested{Text: c.Text}})
}
