package projection

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// What the room does again and again, and handovers, are listed on boards
// beside the rest of the record. What was missed stands among what was held.
const (
	Meetings  Noun = "meeting"
	Sitreps   Noun = "sitrep"
	Updates   Noun = "update"
	Requests  Noun = "request" // for an update
	Handovers Noun = "handover"
)

// The states of what is on those boards.
const (
	CadenceIsKept   = "kept"
	CadenceIsMissed = "missed"
	RequestIsAsked  = "asked"
	RequestIsOver   = "answered"
)

var cadenceStates = map[Noun][]string{
	Meetings: {CadenceIsKept, CadenceIsMissed}, Sitreps: {CadenceIsKept, CadenceIsMissed}, Updates: {CadenceIsKept, CadenceIsMissed}, Requests: {RequestIsAsked, RequestIsOver},
	Handovers: {string(incident.HandoverIsSigned), string(incident.HandoverIsAccepted), string(incident.HandoverIsDeclined), string(incident.HandoverIsWithdrawn)},
}

// queueCadence queues what one entry changes in the rows of meetings, reports,
// updates and handovers.
func queueCadence(b *pgx.Batch, log incident.LogID, e *incident.Event, begin func(Noun, string, incident.MemberNo, incident.OrgID, incident.Instant, incident.Seq), move func(Noun, string)) {
	switch body := e.Body.(type) {
	case *incident.MeetingHeld:
		begin(Meetings, CadenceIsKept, 0, e.By.Org, incident.Instant{}, 0)
	case *incident.SitrepFiled:
		begin(Sitreps, CadenceIsKept, 0, e.By.Org, incident.Instant{}, 0)
	case *incident.UpdateGiven:
		begin(Updates, CadenceIsKept, 0, e.By.Org, incident.Instant{}, 0)
	case *incident.CadenceMissed:
		begin(Noun(body.What), CadenceIsMissed, 0, "", body.Due, 0)
	case *incident.UpdateRequested:
		begin(Requests, RequestIsAsked, 0, "", incident.Instant{}, 0)
	case *incident.CadenceKept:
		if body.What == incident.Updates { // whoever asked for one has it
			b.Queue(`UPDATE record SET state = 'answered' WHERE log = $1 AND noun = 'request' AND state = 'asked'`, string(log))
		}
	case *incident.HandoverSigned:
		begin(Handovers, string(incident.HandoverIsSigned), body.To, "", incident.Instant{}, 0)
	case *incident.HandoverAccepted:
		move(Handovers, string(incident.HandoverIsAccepted))
	case *incident.HandoverDeclined:
		move(Handovers, string(incident.HandoverIsDeclined))
	case *incident.HandoverWithdrawn:
		move(Handovers, string(incident.HandoverIsWithdrawn))
	}
}
