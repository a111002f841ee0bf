package command

import (
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// EnrolPasskey lets the asker sign in with a passkey that the server has seen
// them use. Its key and its name are no part of it.
type EnrolPasskey struct {
	Credential string // names the key: sent again it is the same one. Not recorded
	Number     int    `json:"-"` // the next of theirs, as the server found it
}

// RemovePasskey ends one: one's own, or anybody's as an administrator or as
// one of the hosts' who may freeze.
type RemovePasskey struct {
	Person incident.PersonID
	Number int
	Leads  bool `json:"-"` // the asker leads a live incident room: a fact that the server found
}

func (c EnrolPasskey) roots() []incident.Seq  { return nil }
func (c RemovePasskey) roots() []incident.Seq { return nil }

// ownKeys lets in who changes their own passkeys: with a second factor of the
// last minutes, and never by codes. One factor is enough for several of them.
func (s *scene) ownKeys() (incident.Person, error) {
	if s.system == nil || s.empty {
		return incident.Person{}, incident.Missing()
	}
	p, ok := s.system.People[s.Actor.Person]
	if !ok || p.Suspended || s.system.FrozenOut(p.ID) {
		return incident.Person{}, incident.Missing()
	}
	return p, MayKey(s.Actor, s.Now)
}

// MayKey refuses changing one's own passkeys and the ways a code is sent to
// whoever has not given their second factor in the last minutes.
func MayKey(a incident.Actor, now time.Time) error {
	if a.Way == incident.ByCodes {
		return policy.ByCodes()
	}
	if !a.Fresh(now, incident.Instant{}) {
		return incident.Refuse(incident.StepUp, "How you sign in is changed with your second factor.")
	}
	return nil
}

func (c EnrolPasskey) decide(s *scene) ([]*incident.Event, error) {
	p, err := s.ownKeys()
	if err != nil {
		return nil, err
	}
	if len(p.Passkeys) >= incident.MaxPasskeys {
		return nil, incident.Refuse(incident.Conflict, "You have %d passkeys. Remove one first.", incident.MaxPasskeys)
	}
	if c.Number != p.LastPasskey+1 {
		return nil, incident.Refuse(incident.Conflict, "Another passkey was added meanwhile. Begin again.")
	}
	return one(&incident.Event{Body: &incident.PasskeyEnrolled{Number: c.Number, Person: p.ID}})
}

func (c RemovePasskey) decide(s *scene) ([]*incident.Event, error) {
	why := "owner"
	if c.Person == s.Actor.Person {
		if _, err := s.ownKeys(); err != nil {
			return nil, err
		}
	} else {
		why = "administrator"
		if err := s.administrator(); err != nil {
			if s.system == nil || s.empty || policy.Freezes(s.system, s.Actor, c.Leads) == "" {
				return nil, incident.Missing()
			}
		}
	}
	p, ok := s.system.People[c.Person]
	if !ok || !p.HasPasskey(c.Number) {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Body: &incident.PasskeyRemoved{Number: c.Number, Person: p.ID, Why: why}})
}
