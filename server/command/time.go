package command

import (
	"time"

	"wardroom/server/incident"
)

// roomTime is the time by the room's clock: in an exercise the exercise's,
// else the real one. What happened and what is due are told by it.
func (s *scene) roomTime() time.Time {
	switch {
	case s.Actor.System && !s.Actor.Exercise.IsZero():
		return s.Actor.Exercise
	case s.Room != nil && s.Room.Clock != nil:
		return s.Room.Clock.Now(s.Now).Time
	}
	return s.Now
}

// How far from now a time that somebody gives may lie. It catches a mistyped
// year, and keeps out times that RFC 3339 cannot write: an entry that holds
// one could never be read again.
const (
	longAgo = 30 * 365 * 24 * time.Hour
	farOff  = 10 * 365 * 24 * time.Hour
)

// happened returns when something happened, as a person said; the zero Times
// when they did not. A clock a minute ahead of ours is no mistake of theirs.
func (s *scene) happened(field string, t time.Time, about bool) (incident.Times, error) {
	if t.IsZero() {
		if about {
			return incident.Times{}, incident.BadField("about", "Say when it was, if only about.")
		}
		return incident.Times{}, nil
	}
	now := s.roomTime()
	if t.After(now.Add(time.Minute)) {
		return incident.Times{}, incident.BadField(field, "This time has not come yet.")
	}
	if now.Sub(t) > longAgo {
		return incident.Times{}, incident.BadField(field, "This is more than thirty years ago.")
	}
	return incident.Times{Occurred: incident.At(t), About: about}, nil
}

// ahead checks a time that something is to happen by. The minute that is
// running has not passed.
func (s *scene) ahead(field string, t incident.Instant) error {
	now := s.roomTime()
	if t.Before(now.Truncate(time.Minute)) {
		return incident.BadField(field, "This time has passed already.")
	}
	return notFar(field, t, now)
}

func notFar(field string, t incident.Instant, from time.Time) error {
	if t.Sub(from) > farOff {
		return incident.BadField(field, "This is more than ten years away.")
	}
	return nil
}

// ClockWithin checks where an exercise's clock is set to, which may be long
// ago: exercises play again what happened.
func ClockWithin(field string, at, now time.Time) error {
	if at.Sub(now) > longAgo || now.Sub(at) > longAgo {
		return incident.BadField(field, "This is more than thirty years away.")
	}
	return nil
}
