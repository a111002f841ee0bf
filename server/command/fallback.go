package command

import (
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// AskFallback says that somebody who is known typed the code that was sent to
// them. Who it is, the server found.
type AskFallback struct {
	Request string
	Channel incident.ChannelKind
}

// ApproveFallback says that the asker rang them on a number known before.
type ApproveFallback struct {
	Request string
	Reason  string // why their sign-in service is of no use to them, where the server finds it answering
	Down    bool   `json:"-"` // the server found it unreachable in the last minutes
	Leads   bool   `json:"-"` // the asker leads a live incident room: a fact that the server found
}

// RefuseFallback says that they are not let in: a host says so, or the second
// code was wrong too often.
type RefuseFallback struct {
	Request string
	Wrong   bool // by the house itself
	Leads   bool `json:"-"`
}

// EnterFallback says that both codes were right.
type EnterFallback struct {
	Request string
}

func (c AskFallback) roots() []incident.Seq     { return nil }
func (c ApproveFallback) roots() []incident.Seq { return nil }
func (c RefuseFallback) roots() []incident.Seq  { return nil }
func (c EnterFallback) roots() []incident.Seq   { return nil }

func (c AskFallback) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || s.Actor.Way != incident.ByCodes || !policy.MayComeInByCodes(s.system, s.Actor.Person) {
		return nil, incident.Missing()
	}
	if _, ok := s.system.Asking[c.Request]; ok {
		return nil, incident.Refuse(incident.Conflict, "This has been asked already.")
	}
	return one(&incident.Event{Body: &incident.FallbackAsked{Channel: c.Channel, Person: s.Actor.Person, Request: c.Request}})
}

// comingIn finds what a host's lead is asked, while it can be answered.
func (s *scene) comingIn(request string, leads bool) (incident.Fallback, error) {
	if _, err := s.freezer(leads); err != nil {
		return incident.Fallback{}, err
	}
	f, ok := s.system.Asking[request]
	switch {
	case !ok || f.Over(incident.At(s.Now)):
		return f, incident.Missing()
	case f.Person == s.Actor.Person:
		return f, incident.Refuse(incident.Forbidden, "Nobody lets themselves in. Somebody else of the hosts must ring you.")
	case f.Approved != "":
		return f, incident.Refuse(incident.Conflict, "%s rang them already. If they have not got the code, they begin anew.", s.system.People[f.Approved].Name)
	}
	return f, nil
}

func (c ApproveFallback) decide(s *scene) ([]*incident.Event, error) {
	f, err := s.comingIn(c.Request, c.Leads)
	if err != nil {
		return nil, err
	}
	if !policy.MayComeInByCodes(s.system, f.Person) {
		return nil, incident.Missing()
	}
	reason := strings.TrimSpace(c.Reason)
	if reason == "" && !c.Down {
		return nil, incident.BadField("reason", "Their sign-in service answers this server. Say why it is of no use to them.")
	}
	if err := checkLine("reason", reason, 300, false); err != nil {
		return nil, err
	}
	auth, err := s.rested("Letting somebody in by codes")
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.FallbackApproved{Down: c.Down, Person: f.Person, Reason: reason, Request: c.Request}, Authority: auth})
}

func (c RefuseFallback) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty {
		return nil, incident.Missing()
	}
	f, ok := s.system.Asking[c.Request]
	why := "host"
	if c.Wrong {
		if !ok || s.Actor.Way != incident.ByCodes || f.Person != s.Actor.Person {
			return nil, incident.Missing()
		}
		why = "wrong_code"
	} else if _, err := s.freezer(c.Leads); err != nil {
		return nil, err
	} else if !ok {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Body: &incident.FallbackRefused{Person: f.Person, Request: c.Request, Why: why}})
}

func (c EnterFallback) decide(s *scene) ([]*incident.Event, error) {
	if s.system == nil || s.empty || s.Actor.Way != incident.ByCodes {
		return nil, incident.Missing()
	}
	f, ok := s.system.Asking[c.Request]
	if !ok || f.Person != s.Actor.Person || f.Approved == "" || f.Over(incident.At(s.Now)) || !policy.MayComeInByCodes(s.system, f.Person) {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Body: &incident.FallbackSignedIn{Person: f.Person, Request: c.Request, Until: incident.At(s.Now.Add(incident.ByOtherWayFor))}})
}
