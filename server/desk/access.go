package desk

import (
	"context"

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
)

// Accessed is a line of a room's access log.
type Accessed struct {
	Seq     incident.Seq // its number in the access log
	Kind    incident.Kind
	Member  incident.MemberNo // who
	At      incident.Instant
	Entry   incident.Seq // of the room
	Why     string       // of a refusal
	Sees    bool         // the asker may see the entry: else there is no way to it
	File    int          // which attachment was taken: 1, 2 …
	SHA256  string       // of a bundle that was taken, in hex: whoever finds one can tell whose it was
	Feed    string       // it was given to a machine: what that is for; then Member is 0
	Org     incident.OrgID
	OrgName string // of the machine
}

// Accesses is a page of the room's access log, newest first, as far as the
// asker may know of it: policy.Receipts judges each line.
func (d *Desk) Accesses(ctx context.Context, asker incident.PersonID, id incident.LogID, before incident.Seq, limit int) (list []Accessed, next incident.Seq, err error) {
	if _, _, err := d.Enter(ctx, policy.ReadAccess, id, asker); err != nil {
		return nil, 0, err
	}
	if limit <= 0 || limit > PageLimit {
		limit = PageLimit
	}
	rows, err := d.j.Accesses(ctx, id, asker, before, limit)
	if err != nil {
		return nil, 0, err
	}
	room, m, err := d.Enter(ctx, policy.ReadAccess, id, asker)
	if err != nil {
		return nil, 0, err
	}
	list = []Accessed{}
	for _, row := range rows {
		e, entry := row.Event, journal.AboutEntry(row.Event)
		if entry == 0 || row.Sight.Root == 0 || !policy.Receipts(room, m, row.Sight) {
			continue
		}
		a := Accessed{Seq: e.Seq, Kind: e.Kind, Member: e.By.Member, At: e.Times.Recorded, Entry: entry, Sees: policy.May(room, m, row.Sight)}
		if b, ok := e.Body.(*incident.FeedTaken); ok {
			f := room.FeedRoot(b.Feed)
			if policy.SeesFeed(room, m, f) != policy.Open {
				continue
			}
			a.Feed, a.Org, a.OrgName = f.Name, f.Org, policy.FeedOrg(room, f)
		} else if of := room.Numbered(a.Member); of == nil || policy.SeesMember(room, m, of) == policy.Stub {
			continue
		}
		switch b := e.Body.(type) {
		case *incident.MemberRefused:
			a.Why = b.Why
		case *incident.FileTaken:
			a.File = b.File
		case *incident.ExportTaken:
			a.SHA256 = b.SHA256
		}
		list = append(list, a)
	}
	if len(rows) == limit {
		next = rows[len(rows)-1].Event.Seq
	}
	return list, next, nil
}
