package journal

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// AlertEvent is an entry of an alert, and its place among those that were
// asked for: numbers of the system log would tell how much else goes on.
type AlertEvent struct {
	N     int
	Log   incident.LogID
	Event *incident.Event
}

// alertPage is how many entries of an alert are folded at once.
const alertPage = 1000

// Alert returns an alert, open or closed, and the entry that issued it;
// Missing if there is none. Of one that is closed only the rows of orgs are as
// they were left; nil for all. The caller asks policy who sees it.
func (j *Journal) Alert(ctx context.Context, number int, orgs []incident.OrgID) (a *incident.Alert, issued *incident.Event, err error) {
	sys, err := j.System(ctx)
	if err != nil {
		return nil, nil, err
	}
	if a = sys.Alert(number); a != nil {
		events, err := j.entries(ctx, a.Log, `seq = $2`, int64(a.Seq))
		if err == nil && len(events) == 0 {
			err = incident.Missing()
		}
		if err != nil {
			return nil, nil, err
		}
		return a, events[0], nil
	}
	// It left the fold when it was closed, and is folded again from its entries.
	var rows []projection.AlertEntry
	for before := 0; ; {
		page, err := j.alertEntries(ctx, number, orgs, before, alertPage)
		if err != nil {
			return nil, nil, err
		}
		if rows = append(rows, page...); len(page) < alertPage {
			break
		}
		before = page[len(page)-1].N
	}
	slices.Reverse(rows)
	for part := range slices.Chunk(rows, alertPage) {
		events, err := j.alertEvents(ctx, part)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range events {
			if _, ok := e.Event.Body.(*incident.AlertIssued); ok {
				issued = e.Event
			}
			a = incident.FoldAlert(a, e.Log, e.Event)
		}
	}
	if a == nil || issued == nil {
		return nil, nil, incident.Missing()
	}
	return a, issued, nil
}

// AlertEvents lists entries of an alert, newest first, before the one counted
// as before (0 for no bound): all, or with orgs those that name one of them,
// and the closing.
func (j *Journal) AlertEvents(ctx context.Context, number int, orgs []incident.OrgID, before, limit int) ([]AlertEvent, error) {
	rows, err := j.alertEntries(ctx, number, orgs, before, limit)
	if err != nil {
		return nil, err
	}
	return j.alertEvents(ctx, rows)
}

// ClosedAlerts lists the numbers of alerts that were closed, newest first,
// before a number (0 for no bound): all, or with orgs those that went to one of
// them.
func (j *Journal) ClosedAlerts(ctx context.Context, orgs []incident.OrgID, before, limit int) (list []int, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueClosedAlerts(b, orgs, before, limit, &list)
	return list, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

func (j *Journal) alertEntries(ctx context.Context, number int, orgs []incident.OrgID, before, limit int) (rows []projection.AlertEntry, err error) {
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueAlertEntries(b, number, orgs, before, limit, &rows)
	return rows, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// alertEvents opens entries, in the order they are given in.
func (j *Journal) alertEvents(ctx context.Context, rows []projection.AlertEntry) ([]AlertEvent, error) {
	list := make([]AlertEvent, len(rows))
	at := map[incident.LogID]map[incident.Seq]int{}
	for i, r := range rows {
		if at[r.Log] == nil {
			at[r.Log] = map[incident.Seq]int{}
		}
		at[r.Log][r.Seq], list[i].N, list[i].Log = i, r.N, r.Log
	}
	for log, places := range at {
		seqs := make([]incident.Seq, 0, len(places))
		for seq := range places {
			seqs = append(seqs, seq)
		}
		events, err := j.entries(ctx, log, `seq = ANY ($2)`, numbers(seqs))
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			list[places[e.Seq]].Event = e
		}
	}
	return slices.DeleteFunc(list, func(e AlertEvent) bool { return e.Event == nil }), nil
}

// SystemEntry returns an entry of the system log as it is stored: what became
// of a command that was sent again.
func (j *Journal) SystemEntry(ctx context.Context, seq incident.Seq) (*incident.Event, error) {
	events, err := j.entries(ctx, j.SystemLog(), `seq = $2`, int64(seq))
	if err == nil && len(events) == 0 {
		err = incident.Missing()
	}
	if err != nil {
		return nil, err
	}
	return events[0], nil
}
