package journal

import (
	"context"
	"time"

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

// HasOpened reports whether a member's opening of a restricted entry stands on
// the access log. It is the house's answer, for one that policy lets the member
// have.
func (j *Journal) HasOpened(ctx context.Context, room incident.LogID, m incident.MemberNo, entry incident.Seq) (is bool, err error) {
	access, err := j.AccessOf(ctx, room)
	if err != nil {
		return false, err
	}
	b := &pgx.Batch{}
	projection.Writer(access).Enter(b)
	b.Queue(`SELECT EXISTS (SELECT 1 FROM opened WHERE log = $1 AND entry = $2 AND member = $3)`, string(access), int64(entry), int32(m)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&is) })
	return is, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Fed returns, of items of a room, which stand on the access log as given to a
// feed, and as of which of their entries at the latest. It is the house's
// answer, for what policy lets the feed have.
func (j *Journal) Fed(ctx context.Context, room incident.LogID, feed incident.Seq, items []incident.Seq) (as map[incident.Seq]incident.Seq, err error) {
	access, err := j.AccessOf(ctx, room)
	if err != nil {
		return nil, err
	}
	list := make([]int64, len(items))
	for i, n := range items {
		list[i] = int64(n)
	}
	as = map[incident.Seq]incident.Seq{}
	b := &pgx.Batch{}
	projection.Writer(access).Enter(b)
	b.Queue(`SELECT entry, max(upto) FROM exported WHERE log = $1 AND entry = ANY ($2) AND feed = $3 GROUP BY entry`, string(access), list, int64(feed)).
		Query(func(rows pgx.Rows) error {
			var entry, upto int64
			_, err := pgx.ForEachRow(rows, []any{&entry, &upto}, func() error {
				as[incident.Seq(entry)] = incident.Seq(upto)
				return nil
			})
			return err
		})
	return as, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Taken is an item of a room that a feed was given, and who may see it.
type Taken struct {
	Feed incident.Seq // its root
	At   time.Time    // the last time, as it stood anew
	incident.Sight
}

// Taken lists what a room's feeds were given, for a person whom the database
// lets know that. The caller judges each by policy.Receipts.
func (j *Journal) Taken(ctx context.Context, room incident.LogID, person incident.PersonID) (list []Taken, err error) {
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	b.Queue(`SELECT o.feed, o.at, `+projection.SightColumns+`
		FROM (SELECT x.feed, x.entry, max(x.at) AS at FROM log l JOIN exported x ON x.log = l.id
			WHERE l.kind = 'access' AND l.room = $1 AND x.feed > 0 GROUP BY x.feed, x.entry) o
		JOIN root r ON r.log = $1 AND r.seq = o.entry`, string(room)).
		Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var feed int64
				var t Taken
				var r projection.SightRow
				if err := rows.Scan(append([]any{&feed, &t.At}, r.Targets()...)...); err != nil {
					return err
				}
				t.Feed = incident.Seq(feed)
				t.Sight, _ = r.Sight()
				list = append(list, t)
			}
			return rows.Err()
		})
	return list, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}

// AboutEntry returns the entry of the room that an entry of its access log is
// about; 0 for none.
func AboutEntry(e *incident.Event) incident.Seq {
	switch b := e.Body.(type) {
	case *incident.EntryOpened:
		return b.Entry
	case *incident.MemberRefused:
		return b.Entry
	case *incident.FileTaken:
		return b.Entry
	case *incident.ExportTaken:
		return b.Export
	case *incident.IntelExported:
		return b.Entry
	case *incident.FeedTaken:
		return b.Entry
	}
	return 0
}
