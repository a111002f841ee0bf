package policy

import (
	"slices"

	"wardroom/server/incident"
)

// notByCodes is what nobody does who came in by codes: what takes something out
// of the house, takes something off the record, or lets others see more.
var notByCodes = []Act{RequestExport, AgreeExport, RedactExport, AnswerExport, ApproveExport, TakeExport, ExportIntel, OpenFeed,
	AskErasure, AgreeErasure, LiftHold, SetRetention, AgreeRed}

// redByCodes is what they do not do to an entry that is TLP:RED.
var redByCodes = []Act{Widen, AnswerRelease, RequestRelease, PublishTearline}

// ByCodes refuses an act to whoever came in by codes.
func ByCodes() error {
	return incident.Refuse(incident.Forbidden, "You came in by codes. This waits until your own sign-in answers, or is done by somebody who signed in.")
}

// byCodes refuses what a session by codes may not do in a room.
func byCodes(act Act, s *Scene) error {
	if s.Actor.Way != incident.ByCodes {
		return nil
	}
	red := s.Object != nil && s.Object.Marking.TLP == incident.Red
	if slices.Contains(notByCodes, act) || red && slices.Contains(redByCodes, act) {
		return ByCodes()
	}
	return nil
}

// MayComeInByCodes reports whether a person is let in by codes at all: one who
// is known, not suspended, and not shut out with their organisation.
func MayComeInByCodes(sys *incident.System, id incident.PersonID) bool {
	_, ok := acting(sys, id)
	return ok && !sys.FrozenOut(id)
}
