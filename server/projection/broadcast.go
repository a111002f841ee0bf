package projection

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Broadcasts are listed on boards beside the rest of the record.
const Broadcasts Noun = "broadcast"

var broadcastStates = []string{string(incident.BroadcastIsAsked), string(incident.BroadcastIsApproved), string(incident.BroadcastIsAlone),
	string(incident.BroadcastIsRefused), string(incident.BroadcastIsWithdrawn), string(incident.BroadcastIsStopped)}

// queueBroadcast queues what one entry changes in a broadcast's row.
func queueBroadcast(b *pgx.Batch, log incident.LogID, e *incident.Event, begin func(Noun, string, incident.MemberNo, incident.OrgID, incident.Instant, incident.Seq)) {
	move := func(s incident.BroadcastState) {
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND noun = 'broadcast' AND root = $2`, string(log), int64(e.Root), string(s))
	}
	switch e.Body.(type) {
	case *incident.BroadcastAsked:
		begin(Broadcasts, string(incident.BroadcastIsAsked), 0, e.By.Org, incident.Instant{}, 0)
	case *incident.BroadcastApproved:
		move(incident.BroadcastIsApproved)
	case *incident.BroadcastSentAlone:
		move(incident.BroadcastIsAlone)
	case *incident.BroadcastRefused:
		move(incident.BroadcastIsRefused)
	case *incident.BroadcastWithdrawn:
		move(incident.BroadcastIsWithdrawn)
	case *incident.BroadcastStopped:
		move(incident.BroadcastIsStopped)
	}
}
