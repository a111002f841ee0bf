package projection

import (
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Clocks that run by a statute are listed on boards beside the rest of the
// record. Their times are real ones, in exercises too.
const Clocks Noun = "clock"

var clockStates = []string{string(incident.ClockIsRunning), string(incident.ClockIsEvidenced), string(incident.ClockIsWithdrawn), MinistersTold}

// MinistersTold is the state of what stands on the board of clocks beside
// them: that ministers were told, which one of them began with.
const MinistersTold = "briefed"

// queueStatutory queues what one entry changes in a clock's row.
func queueStatutory(b *pgx.Batch, log incident.LogID, e *incident.Event, begin func(Noun, string, incident.MemberNo, incident.OrgID, incident.Instant, incident.Seq)) {
	move := func(s incident.StatutoryState) {
		b.Queue(`UPDATE record SET state = $3 WHERE log = $1 AND noun = 'clock' AND root = $2`, string(log), int64(e.Root), string(s))
	}
	switch body := e.Body.(type) {
	case *incident.ClockStarted:
		begin(Clocks, string(incident.ClockIsRunning), body.Owner, body.Org, body.Due, 0)
	case *incident.MinistersBriefed:
		begin(Clocks, MinistersTold, 0, e.By.Org, incident.Instant{}, 0)
	case *incident.ClockHanded:
		b.Queue(`UPDATE record SET member = $3 WHERE log = $1 AND noun = 'clock' AND root = $2`, string(log), int64(e.Root), int32(body.Owner))
	case *incident.ClockCorrected:
		b.Queue(`UPDATE record SET due = $3 WHERE log = $1 AND noun = 'clock' AND root = $2`, string(log), int64(e.Root), orNull(body.Due))
	case *incident.ClockEvidenced:
		move(incident.ClockIsEvidenced)
	case *incident.ClockWithdrawn:
		move(incident.ClockIsWithdrawn)
	}
}
