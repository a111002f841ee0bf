package command

import "wardroom/server/incident"

// EndSession ends a session from a list of sessions: one's own, or anybody's
// as an administrator. Whose it is, and that it is live, the server found.
type EndSession struct {
	Session string
	Person  incident.PersonID // whose it is; empty for somebody who is not registered
	Own     bool              // by whom it belongs to
}

func (c EndSession) roots() []incident.Seq { return nil }

func (c EndSession) decide(s *scene) ([]*incident.Event, error) {
	why := "administrator"
	if c.Own {
		why = "owner"
		if s.system == nil || s.empty || c.Person == "" || c.Person != s.Actor.Person {
			return nil, incident.Missing()
		}
		if p, ok := s.system.People[c.Person]; !ok || p.Suspended {
			return nil, incident.Missing()
		}
	} else if err := s.administrator(); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.SessionEnded{Person: c.Person, Session: c.Session, Why: why}})
}
