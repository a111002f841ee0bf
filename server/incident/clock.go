package incident

import "time"

func init() { register[*ClockSet](KindInfo{Log: RoomLog, Root: true, Standing: true}) }

// ClockSet sets an exercise's own clock. recorded-at stays the real time.
type ClockSet struct {
	At     Instant `json:"at"`     // the exercise's time at this moment
	Factor int     `json:"factor"` // exercise seconds per second, 1 to 3600
	Paused bool    `json:"paused"`
	Script string  `json:"script,omitempty"` // the script exercise control plays, named once
}

func (*ClockSet) kind() Kind { return "clock.set" }

// Clock is an exercise's clock as it was last set.
type Clock struct {
	Exercise Instant `json:"exercise"`
	Factor   int     `json:"factor"`
	Paused   bool    `json:"paused"`
	Seq      Seq     `json:"seq"`
	Set      Instant `json:"set"` // the real time it was set
}

// Now returns the exercise's time at the real time now.
func (c *Clock) Now(now time.Time) Instant {
	if c.Paused {
		return c.Exercise
	}
	return At(c.Exercise.Add(now.Sub(c.Set.Time) * time.Duration(c.Factor)))
}
