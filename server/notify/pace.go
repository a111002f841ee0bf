package notify

import (
	"slices"
	"time"

	"golang.org/x/time/rate"
)

// The pace of sending. GOV.UK Notify takes 3,000 messages in any minute by one
// kind of key; the telephone networks block a number that gets twenty of one
// wording, or a hundred of any, within an hour.
const (
	PerSecond     = 45 // 2,700 a minute: the rest is for whoever else uses the same key
	PerNumber     = 20 // text messages within PerNumberSpan
	PerNumberSpan = time.Hour
)

// Pace spaces messages out, evenly: in no second are there more than its rate,
// so in no minute more than sixty times that. It is for one process; several
// that share a key share the rate.
type Pace struct{ limiter *rate.Limiter }

// NewPace allows so many a second.
func NewPace(perSecond float64) *Pace { return &Pace{rate.NewLimiter(rate.Limit(perSecond), 1)} }

// Next takes the next place there is from now on, and is how long it is until
// then. A place that is not used is lost.
func (p *Pace) Next(now time.Time) time.Duration {
	return p.limiter.ReserveN(now, 1).DelayFrom(now)
}

// Clear is when a number may get another text message, given when it got
// earlier ones: now, or when enough of them are an hour old.
func Clear(sent []time.Time, now time.Time) time.Time {
	recent := slices.DeleteFunc(slices.Clone(sent), func(at time.Time) bool { return !at.After(now.Add(-PerNumberSpan)) })
	if len(recent) < PerNumber {
		return now
	}
	slices.SortFunc(recent, time.Time.Compare)
	return recent[len(recent)-PerNumber].Add(PerNumberSpan)
}

// gaps are how long one recipient is left alone with one purpose in one room.
// A message says that there is something, and not what: a second one within
// the gap would say nothing new. An escalation's clock is running, so its gap
// is the shortest.
var gaps = map[Purpose]time.Duration{
	Raised: 15 * time.Minute, Update: 15 * time.Minute,
	Invitation: 2 * time.Minute, Escalation: time.Minute,
	NeededMention: 15 * time.Minute, NeededAction: 15 * time.Minute, NeededRole: 5 * time.Minute,
	NeededClock: 15 * time.Minute, NeededHandover: 5 * time.Minute, Alert: 15 * time.Minute, AlertChased: 30 * time.Minute,
}

// Gap is how long after a message of this purpose a recipient gets no other of
// the same purpose about the same room, or the same alert.
func Gap(p Purpose) time.Duration { return gaps[p] }

// Repeats reports whether a message now would come within the gap after the
// last one of the same purpose to the same recipient about the same room; the
// zero time is none. One that seems to come from the future is within it: a
// clock was put back, and nobody's telephone pays for that for longer than the
// gap.
func Repeats(p Purpose, last, now time.Time) bool {
	return !last.IsZero() && now.Sub(last) < Gap(p) && last.Sub(now) < Gap(p)
}
