package projection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Report is a row of the table report.
type Report struct {
	ID     string
	Org    incident.OrgID
	Person incident.PersonID
	Open   bool
	At     time.Time
}

// ReportQuery says which reports to list, newest first.
type ReportQuery struct {
	Person incident.PersonID // that they filed by the web; "" for everybody's
	Open   *bool             // nil for both
	Before string            // those before this one, by its id; "" for the newest
	Limit  int
}

// queueReport queues what one entry of the system log changes in the rows of
// reports.
func queueReport(b *pgx.Batch, log incident.LogID, e *incident.Event) {
	id := incident.ReportOf(e.Body)
	if id == "" {
		return
	}
	switch body := e.Body.(type) {
	case *incident.ReportFiled:
		b.Queue(`INSERT INTO report (id, log, org, person, via, open, at) VALUES ($1, $2, $3, $4, $5, true, $6)`,
			id, string(log), string(body.Org), string(e.By.Person), string(body.Via), e.Times.Recorded.Time)
	case *incident.ReportClosed:
		b.Queue(`UPDATE report SET open = false WHERE id = $1`, id)
	}
	b.Queue(`INSERT INTO report_entry (log, seq, report) VALUES ($1, $2, $3)`, string(log), int64(e.Seq), id)
}

// QueueReports lists reports; the scope is House.
func QueueReports(b *pgx.Batch, q ReportQuery, into *[]Report) {
	b.Queue(`SELECT id, org, person, open, at FROM report
		WHERE ($1 = '' OR person = $1 AND via = 'web') AND ($2::boolean IS NULL OR open = $2)
			AND ($3 = '' OR (at, id) < (SELECT x.at, x.id FROM report x WHERE x.id = $3))
		ORDER BY at DESC, id DESC LIMIT $4`, string(q.Person), q.Open, q.Before, q.Limit).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x Report, err error) {
			return x, r.Scan(&x.ID, (*string)(&x.Org), (*string)(&x.Person), &x.Open, &x.At)
		})
		return err
	})
}

// ReportEntry is where an entry about a report stands.
type ReportEntry struct {
	Log    incident.LogID
	Seq    incident.Seq
	Report string
}

// QueueReportEntries lists where the entries about some reports stand; the scope
// is House.
func QueueReportEntries(b *pgx.Batch, ids []string, into *[]ReportEntry) {
	b.Queue(`SELECT e.log, e.seq, e.report FROM report_entry e WHERE e.report = ANY ((SELECT $1::text[])::text[])`, ids).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (x ReportEntry, err error) {
			var seq int64
			err = r.Scan((*string)(&x.Log), &seq, &x.Report)
			x.Seq = incident.Seq(seq)
			return x, err
		})
		return err
	})
}
