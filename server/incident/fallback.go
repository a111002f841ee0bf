package incident

import (
	"maps"
	"time"
)

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*FallbackAsked](root)
	register[*FallbackApproved](root)
	register[*FallbackSignedIn](root)
	register[*FallbackRefused](root)
}

// FallbackFor is how long both codes may take, from asking for the first.
const FallbackFor = 15 * time.Minute

// FallbackAsked says that somebody who is known typed the code that was sent to
// their own telephone or address, and waits for a host to ring them. Whoever is
// not known leaves no entry.
type FallbackAsked struct {
	Channel ChannelKind `json:"channel"` // where the first code went
	Person  PersonID    `json:"person"`
	Request string      `json:"request"` // names it; grants nothing
}

func (*FallbackAsked) kind() Kind { return "fallback.asked" }

// FallbackApproved says that a host's lead rang them on a number known before,
// and was shown the second code to read out.
type FallbackApproved struct {
	Down    bool     `json:"down"`             // whether this server found their sign-in service unreachable
	Person  PersonID `json:"person"`           // who is let in
	Reason  string   `json:"reason,omitempty"` // where it was not: why it is for them
	Request string   `json:"request"`
}

func (*FallbackApproved) kind() Kind { return "fallback.approved" }

// FallbackSignedIn says that both codes were right.
type FallbackSignedIn struct {
	Person  PersonID `json:"person"`
	Request string   `json:"request"`
	Until   Instant  `json:"until"` // when their session ends, whatever happens
}

func (*FallbackSignedIn) kind() Kind { return "fallback.signed_in" }

// FallbackRefused says that a host did not let them in, or that the second code
// was wrong too often.
type FallbackRefused struct {
	Person  PersonID `json:"person"`
	Request string   `json:"request"`
	Why     string   `json:"why"` // host, wrong_code
}

func (*FallbackRefused) kind() Kind { return "fallback.refused" }

// Fallback is somebody who asks to come in without their sign-in service.
type Fallback struct {
	Request  string      `json:"request"`
	Person   PersonID    `json:"person"`
	Channel  ChannelKind `json:"channel"`
	At       Instant     `json:"at"`
	Approved PersonID    `json:"approved,omitempty"` // who rang them
	Approval Instant     `json:"approval,omitzero"`
}

// Over reports whether it was asked too long ago.
func (f Fallback) Over(now Instant) bool { return now.Sub(f.At.Time) >= FallbackFor }

// InByCodes returns until when a person's session by codes lasts; zero for
// none. It may have been ended before.
func (s *System) InByCodes(p PersonID, now Instant) Instant {
	if until := s.ByCodes[p]; until.After(now.Time) {
		return until
	}
	return Instant{}
}

// falling folds what is about signing in by codes. What is over leaves the fold
// with the next of its kind.
func (s *System) falling(e *Event) {
	switch b := e.Body.(type) {
	case *FallbackAsked:
		s.Asking = put(s.Asking, b.Request, Fallback{Request: b.Request, Person: b.Person, Channel: b.Channel, At: e.Times.Recorded})
		maps.DeleteFunc(s.Asking, func(_ string, f Fallback) bool { return f.Over(e.Times.Recorded) })
	case *FallbackApproved:
		if f, ok := s.Asking[b.Request]; ok {
			f.Approved, f.Approval = e.By.Person, e.Times.Recorded
			s.Asking = put(s.Asking, b.Request, f)
		}
	case *FallbackRefused:
		s.answered(b.Request)
	case *FallbackSignedIn:
		s.answered(b.Request)
		s.ByCodes = put(s.ByCodes, b.Person, b.Until)
		maps.DeleteFunc(s.ByCodes, func(_ PersonID, until Instant) bool { return !until.After(e.Times.Recorded.Time) })
	}
}

func (s *System) answered(request string) {
	s.Asking = maps.Clone(s.Asking)
	delete(s.Asking, request)
}
