package projection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// queueAlert queues the row by which an entry of an alert is found again.
func queueAlert(b *pgx.Batch, log incident.LogID, e *incident.Event) {
	n := incident.AlertNumber(e.Body)
	if n == 0 {
		return
	}
	b.Queue(`INSERT INTO alert_entry (log, seq, alert, kind, at, orgs) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(log), int64(e.Seq), n, string(e.Kind), e.Times.Recorded.Time, words(incident.AlertOrgs(e.Body)))
}

// words are organisations as the database is given them; never nil.
func words(orgs []incident.OrgID) []string {
	list := make([]string, len(orgs))
	for i, o := range orgs {
		list[i] = string(o)
	}
	return list
}

// AlertEntry is where an entry of an alert stands.
type AlertEntry struct {
	N   int // counted among those that were asked for, from 1
	Log incident.LogID
	Seq incident.Seq
	At  time.Time
}

// QueueAlertEntries lists where the entries of an alert stand, counted from
// the oldest, newest first, before the one counted as before (0 for no bound).
// Of orgs only those are counted that name one of them, and the closing; nil
// counts all. The scope is House.
func QueueAlertEntries(b *pgx.Batch, alert int, orgs []incident.OrgID, before, limit int, into *[]AlertEntry) {
	b.Queue(`SELECT n, log, seq, at FROM (
			SELECT row_number() OVER (ORDER BY at, seq) AS n, log, seq, at FROM alert_entry
			WHERE alert = $1 AND ($2 OR orgs && $3 OR kind = 'alert.closed')) t
		WHERE $4 = 0 OR n < $4 ORDER BY n DESC LIMIT $5`, alert, orgs == nil, words(orgs), before, limit).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (e AlertEntry, err error) {
			var seq int64
			err = r.Scan(&e.N, (*string)(&e.Log), &seq, &e.At)
			e.Seq = incident.Seq(seq)
			return e, err
		})
		return err
	})
}

// QueueClosedAlerts lists alerts that were closed, newest first, before a
// number (0 for no bound): all, or with orgs those that went to one of them.
// The scope is House.
func QueueClosedAlerts(b *pgx.Batch, orgs []incident.OrgID, before, limit int, into *[]int) {
	b.Queue(`SELECT c.alert FROM alert_entry c WHERE c.kind = 'alert.closed' AND ($3 = 0 OR c.alert < $3)
			AND ($1 OR EXISTS (SELECT 1 FROM alert_entry i WHERE i.kind = 'alert.issued' AND i.alert = c.alert AND i.orgs && $2))
		ORDER BY c.alert DESC LIMIT $4`, orgs == nil, words(orgs), before, limit).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	})
}
