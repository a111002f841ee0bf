package exercise

import (
	"fmt"
	"math"
	"time"
)

// MaxFactor is the fastest an exercise clock runs: an hour a second.
const MaxFactor = 3600

// Clock tells the exercise's time from real time. It is a value and reads no
// clock itself: the caller passes the real time, and keeps the value that Pause
// or Continue gives back. The zero Clock stands still at the zero time.
//
// Real times are compared as they come; a caller whose clock is set back sees the
// exercise stand still, never run backwards past the last Continue.
type Clock struct {
	Start    time.Time // exercise instant at which it last began to run
	Began    time.Time // real instant of the same
	Factor   int       // exercise seconds to a real second, 1 … MaxFactor; 0: it has not begun
	PausedAt time.Time // real instant at which it was paused; zero: it is running
}

// Stopped is a clock that stands at an exercise instant until it is continued.
func Stopped(at time.Time) Clock { return Clock{Start: at} }

// Running says whether time passes on the clock.
func (c Clock) Running() bool { return c.Factor > 0 && c.PausedAt.IsZero() }

// At is the exercise instant at a real one.
func (c Clock) At(now time.Time) time.Time {
	if !c.PausedAt.IsZero() && c.PausedAt.Before(now) {
		now = c.PausedAt
	}
	passed := now.Sub(c.Began)
	if c.Factor < 1 || passed <= 0 {
		return c.Start
	}
	if passed > math.MaxInt64/time.Duration(c.Factor) {
		passed = math.MaxInt64 / time.Duration(c.Factor) // 290 years of exercise: stand there rather than wrap
	}
	return c.Start.Add(passed * time.Duration(c.Factor))
}

// Until is how long from a real instant the clock takes to reach an exercise
// instant: 0 if it has, and false if it never will because it stands still. After
// exactly that long, At is not before the instant.
func (c Clock) Until(instant, now time.Time) (time.Duration, bool) {
	left := instant.Sub(c.At(now))
	if left <= 0 {
		return 0, true
	}
	if !c.Running() {
		return 0, false
	}
	wait := left / time.Duration(c.Factor)
	if left%time.Duration(c.Factor) > 0 {
		wait++
	}
	if before := c.Began.Sub(now); before > 0 { // it does not move until it begins
		wait += before
	}
	return wait, true
}

// Pause stops the clock at a real instant. A clock that stands still is unchanged.
func (c Clock) Pause(now time.Time) Clock {
	if !c.Running() {
		return c
	}
	c.PausedAt = now
	return c
}

// Continue runs the clock on from where it stands at a real instant, at a factor
// of 1 … MaxFactor; on a running clock it changes the factor without a jump.
func (c Clock) Continue(now time.Time, factor int) (Clock, error) {
	if factor < 1 || factor > MaxFactor {
		return c, fmt.Errorf("factor %d is not from 1 to %d", factor, MaxFactor)
	}
	return Clock{Start: c.At(now), Began: now, Factor: factor}, nil
}
