package command

import (
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

func init() { fires["cadence"] = fireCadence }

// SetCadence sets other intervals than the severity asks for, in minutes; 0
// leaves one to the severity.
type SetCadence struct {
	Meeting, Sitrep, Update int
	Reason                  string
	Seen                    incident.Seq
}

func (c SetCadence) roots() []incident.Seq { return nil }

func (c SetCadence) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SetCadence, nil, nil); err != nil {
		return nil, err
	}
	var was map[incident.Rhythm]incident.Interval
	if x := s.Room.Cadence; x != nil && x.Set != nil {
		if err := s.stale(c.Seen, x.Set.Seq, "How often the room meets and reports"); err != nil {
			return nil, err
		}
		was = x.Set.Intervals
	}
	same, longer := true, false
	for _, of := range incident.Rhythms {
		n := map[incident.Rhythm]int{incident.Meetings: c.Meeting, incident.Sitreps: c.Sitrep, incident.Updates: c.Update}[of]
		if n != 0 && (n < incident.LeastEvery || n > incident.MostEvery) {
			return nil, incident.BadField(string(of), "Choose between 15 minutes and 7 days, or leave it to the severity.")
		}
		same = same && n == was[of].Minutes
		now, then := s.Room.Every(of), n
		if then == 0 {
			then = s.Room.Demanded(of)
		}
		longer = longer || now != 0 && (then == 0 || then > now)
	}
	if same {
		return nil, incident.BadField("meeting", "This is how it stands already.")
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	auth := incident.Authority{}
	if longer {
		var err error
		if auth, err = s.fresh(); err != nil {
			return nil, err
		}
	}
	auth.Seen = c.Seen
	return one(&incident.Event{Authority: auth, Body: &incident.CadenceSet{Meeting: c.Meeting, Sitrep: c.Sitrep, Update: c.Update, Reason: strings.TrimSpace(c.Reason)}})
}

// fireCadence says that one was missed.
func fireCadence(s *scene, t incident.Timer) ([]*incident.Event, error) {
	parts := strings.Split(string(t.ID), "/")
	of := incident.Rhythm(parts[1])
	return one(&incident.Event{Body: &incident.CadenceMissed{What: of, Due: s.Room.Beat(of).Due}})
}

// kept says to everyone in the room that one of a rhythm took place: it is the
// room's, whoever may read what it said.
func kept(of incident.Rhythm) *incident.Event {
	return &incident.Event{Body: &incident.CadenceKept{What: of}}
}
