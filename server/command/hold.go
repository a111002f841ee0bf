package command

import (
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxHolds bounds the holds that stand at once.
const MaxHolds = 50

// PlaceHold holds the record: nothing of it is erased until the hold is lifted.
// It needs nobody else, and no second factor: it takes nothing away.
type PlaceHold struct {
	Reference string // of the inquiry, the claim, the order
	Reason    string
}

func (c PlaceHold) roots() []incident.Seq { return nil }

func (c PlaceHold) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.PlaceHold, nil, nil); err != nil {
		return nil, err
	}
	if err := checkLine("reference", c.Reference, 100, true); err != nil {
		return nil, err
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	if len(s.Room.Holds) >= MaxHolds {
		return nil, incident.Refuse(incident.Conflict, "%d holds stand already, and each alone keeps everything.", MaxHolds)
	}
	return one(&incident.Event{Body: &incident.HoldPlaced{Reference: strings.TrimSpace(c.Reference), Reason: strings.TrimSpace(c.Reason)}})
}

// LiftHold ends a hold that the other host placed.
type LiftHold struct {
	Root   incident.Seq
	Reason string
}

func (c LiftHold) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c LiftHold) decide(s *scene) ([]*incident.Event, error) {
	if s.Room == nil || s.empty || !s.Asker().Present() {
		return nil, incident.Missing()
	}
	if s.Hold = s.Room.Hold(c.Root); s.Hold == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(policy.LiftHold, nil, nil); err != nil {
		return nil, err
	}
	auth, reason, err := s.freshFor(c.Reason)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Authority: auth, Body: &incident.HoldLifted{Reason: reason}})
}
