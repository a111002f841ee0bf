package projection

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Escalations are listed on boards beside the rest of the record.
const Escalations Noun = "escalation"

var escalationStates = []string{string(incident.EscalationIsRequested), string(incident.EscalationIsSilent), string(incident.EscalationIsAccepted),
	string(incident.EscalationIsRefused), string(incident.EscalationIsWithdrawn), string(incident.EscalationIsActed), string(incident.EscalationIsStoodDown)}

// queueEscalation queues what one entry changes in an escalation's row.
func queueEscalation(b *pgx.Batch, log incident.LogID, e *incident.Event, begin func(Noun, string, incident.MemberNo, incident.OrgID, incident.Instant, incident.Seq)) {
	move := func(s incident.EscalationState) {
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND noun = 'escalation' AND root = $2`, string(log), int64(e.Root), string(s))
	}
	switch body := e.Body.(type) {
	case *incident.EscalationRequested:
		begin(Escalations, string(incident.EscalationIsRequested), 0, e.By.Org, incident.Instant{}, 0)
	case *incident.EscalationAccepted:
		if body.Decision != 0 || body.Before != 0 {
			move(incident.EscalationIsAccepted)
		}
	case *incident.EscalationRefused:
		move(incident.EscalationIsRefused)
	case *incident.EscalationWithdrawn:
		move(incident.EscalationIsWithdrawn)
	case *incident.EscalationSilent:
		move(incident.EscalationIsSilent)
	case *incident.EscalationActed:
		move(incident.EscalationIsActed)
	case *incident.EscalationStoodDown:
		move(incident.EscalationIsStoodDown)
	}
}
