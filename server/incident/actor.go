package incident

import "time"

// Actor is who is asking, as identity found them. It is fetched by the
// server, never taken from the client.
type Actor struct {
	Person   PersonID
	Name     string
	Orgs     []OrgID // whom they may act for
	Admin    bool
	Session  string    // the session's public id; judged again inside the group's transaction; empty for services and the system
	Way      SignInWay // how their session was begun
	StepUp   time.Time // when they last gave a fresh second factor; zero for never
	System   bool      // the house itself: followers, and exercise control, which may speak for an invented Person in an exercise
	Exercise time.Time // with System: the exercise's time at which it happens; zero for what its clock shows
}

// StepUpFor is how long one step-up covers RED.
const StepUpFor = 60 * time.Minute

// SteppedUp reports whether the actor's step-up covers RED at now.
func (a Actor) SteppedUp(now time.Time) bool {
	return a.System || (!a.StepUp.IsZero() && now.Sub(a.StepUp) < StepUpFor)
}

// FreshFor is how old a second factor may be that is asked for each time.
const FreshFor = 5 * time.Minute

// Fresh reports whether the actor gave their second factor just now, and after
// used: the one that the last such act rested on, zero for none. An export and
// whatever else is asked for each time are not covered by StepUpFor. A session by
// codes never has one: what was read out to somebody once stands for no act.
func (a Actor) Fresh(now time.Time, used Instant) bool {
	return a.Way != ByCodes && !a.StepUp.IsZero() && now.Sub(a.StepUp) < FreshFor && At(a.StepUp).After(used.Time) // the record keeps milliseconds
}
