package journal

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// ReportQuery says which reports to list.
type ReportQuery = projection.ReportQuery

// MaxReports bounds one page of reports.
const MaxReports = 50

// Reports lists reports, newest first, each as its entries in order. The caller
// asks policy.ViewReport what of them somebody may know.
func (j *Journal) Reports(ctx context.Context, q ReportQuery) ([][]*incident.Event, error) {
	if q.Limit <= 0 || q.Limit > MaxReports+1 {
		q.Limit = MaxReports
	}
	var rows []projection.Report
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueReports(b, q, &rows)
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return j.reportEntries(ctx, ids)
}

// Report returns one report's entries in order; none if there is no such
// report.
func (j *Journal) Report(ctx context.Context, id string) ([]*incident.Event, error) {
	all, err := j.reportEntries(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// reportEntries reads the entries of each report. Those of an earlier section
// of the system log come before those of a later one.
func (j *Journal) reportEntries(ctx context.Context, ids []string) ([][]*incident.Event, error) {
	all := make([][]*incident.Event, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	var at []projection.ReportEntry
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueReportEntries(b, ids, &at)
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	logs := map[incident.LogID][]incident.Seq{}
	for _, e := range at {
		logs[e.Log] = append(logs[e.Log], e.Seq)
	}
	for log, seqs := range logs {
		events, err := j.entries(ctx, log, `seq = ANY ($2)`, numbers(seqs))
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if i := slices.Index(ids, incident.ReportOf(e.Body)); i >= 0 {
				all[i] = append(all[i], e)
			}
		}
	}
	for _, events := range all {
		slices.SortFunc(events, func(x, y *incident.Event) int {
			return cmp.Or(x.Times.Recorded.Compare(y.Times.Recorded.Time), cmp.Compare(x.Seq, y.Seq))
		})
	}
	return all, nil
}
