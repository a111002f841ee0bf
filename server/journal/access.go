package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Accessed is one entry of a room's access log, with who may see the entry of
// the room that it is about. The sight is zero where there is none.
type Accessed struct {
	Event *incident.Event
	Sight incident.Sight
}

// Accesses reads a page of a room's access log, newest first, on a person's
// behalf; before 0 is no bound. For others than auditors, leads and deputies
// the database has no row. The caller judges each by policy.Receipts.
func (j *Journal) Accesses(ctx context.Context, room incident.LogID, person incident.PersonID, before incident.Seq, limit int) (list []Accessed, err error) {
	access, err := j.AccessOf(ctx, room)
	if err != nil {
		return nil, err
	}
	w, err := j.writer(ctx, access)
	if err != nil {
		return nil, err
	}
	if before == 0 {
		before = 1 << 62
	}
	var sealed []sealedRow
	b := &pgx.Batch{}
	projection.Access(room, person).Enter(b)
	b.Queue(`SELECT seq, root, sealed FROM opening WHERE log = $1 AND seq > 0 AND seq < $2 ORDER BY seq DESC LIMIT $3`, string(access), int64(before), limit).
		Query(func(rows pgx.Rows) (err error) {
			sealed, err = collectSealed(rows)
			return err
		})
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	var entries []incident.Seq
	for _, r := range sealed {
		_, e, err := w.open(r.seq, r.sealed)
		if err != nil {
			return nil, err
		}
		list = append(list, Accessed{Event: e})
		entries = append(entries, AboutEntry(e))
	}
	sights := map[incident.Seq]*projection.Root{}
	b = &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	projection.QueueRoots(b, room, entries, sights)
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	for i := range list {
		if r := sights[entries[i]]; r != nil {
			list[i].Sight = r.Sight()
		}
	}
	return list, nil
}

// AboutEntry returns the entry of the room that an entry of its access log is
// about; 0 for none.
func AboutEntry(e *incident.Event) incident.Seq {
	switch b := e.Body.(type) {
	case *incident.EntryOpened:
		return b.Entry
	case *incident.MemberRefused:
		return b.Entry
	case *incident.ExportTaken:
		return b.Export
	case *incident.IntelExported:
		return b.Entry
	}
	return 0
}
