package command

import (
	"slices"
	"strings"
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

// PutOffMeeting puts the next meeting off: once, and by one interval at most.
type PutOffMeeting struct {
	Until  incident.Instant
	Reason string
	Seen   incident.Seq
}

func (c PutOffMeeting) roots() []incident.Seq { return nil }

func (c PutOffMeeting) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.PutOffMeeting, nil, nil); err != nil {
		return nil, err
	}
	b := s.Room.Beat(incident.Meetings)
	switch {
	case b.Every == 0:
		return nil, incident.Refuse(incident.Conflict, "No meeting is due here: nobody has assessed how severe this is, or the room has been stood down.")
	case b.PutOff:
		return nil, incident.Refuse(incident.Conflict, "This meeting was put off already. Hold it, or set another interval.")
	case !c.Until.After(s.Now) || !c.Until.After(b.Due.Time):
		return nil, incident.BadField("until", "Choose a time after %s UTC, when it is due.", b.Due.Format("15:04"))
	case c.Until.Sub(b.Due.Time) > time.Duration(b.Every)*time.Minute:
		return nil, incident.BadField("until", "A meeting is put off by one interval at most. Set another interval to meet less often.")
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Authority: incident.Authority{Seen: c.Seen}, Body: &incident.CadencePutOff{Until: incident.At(c.Until.Time), Reason: strings.TrimSpace(c.Reason)}})
}
