package command

import (
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// SetRetention says how long the record is kept after the room is closed. It
// can be made longer, never shorter.
type SetRetention struct{ Years int }

func (c SetRetention) roots() []incident.Seq { return nil }

func (c SetRetention) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.SetRetention, nil, nil); err != nil {
		return nil, err
	}
	keeps := s.Room.Keeps()
	switch {
	case c.Years < 1 || c.Years > incident.MaxYears:
		return nil, incident.BadField("years", "Choose from 1 to %d years.", incident.MaxYears)
	case c.Years == keeps.Years:
		return nil, incident.BadField("years", "It is kept for %d years already.", c.Years)
	case c.Years < keeps.Years:
		return nil, incident.BadField("years", "It is kept for %d years, and that is never made shorter. What must go sooner is erased, on a ground of its own.", keeps.Years)
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Authority: auth, Body: &incident.RetentionSet{Years: c.Years}})
}

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
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Authority: auth, Body: &incident.HoldLifted{Reason: strings.TrimSpace(c.Reason)}})
}
