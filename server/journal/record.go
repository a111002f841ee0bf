package journal

import (
	"context"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Record reads entries of a log from a number on, ascending and whole, for an
// export: by the house's own right, since whoever it is for is no member. What
// of them may be given is policy's to say, which alone reads them. Beside each
// stands the row of its root, for the second wall.
func (j *Journal) Record(ctx context.Context, log incident.LogID, from incident.Seq, limit int) ([]Row, error) {
	w, err := j.writer(ctx, log)
	if err != nil {
		return nil, err
	}
	var list []Row
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT l.seq, l.leaf, o.sealed, `+projection.SightColumns+` FROM leaf l LEFT JOIN opening o ON o.log = l.log AND o.seq = l.seq
		LEFT JOIN root r ON r.log = o.log AND r.seq = o.root
		WHERE l.log = $1 AND l.seq >= $2 AND l.seq < $3 ORDER BY l.seq`, string(log), int64(from), int64(from)+int64(limit)).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var seq int64
			var leaf, sealed []byte
			var sight projection.SightRow
			if err := rows.Scan(append([]any{&seq, &leaf, &sealed}, sight.Targets()...)...); err != nil {
				return err
			}
			row := Row{Entry: evidence.Entry{Seq: uint64(seq), Leaf: leaf}, Stored: sight.Root()}
			if row.Stored != nil {
				row.Sight = row.Stored.Sight()
			}
			if sealed != nil {
				if row.Entry, _, err = w.open(incident.Seq(seq), sealed); err != nil {
					return err
				}
				row.Entry.Leaf = leaf
			}
			list = append(list, row)
		}
		return rows.Err()
	})
	return list, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// Object folds one object of a log for the house's own questions: whoever is
// told what came of them is judged by policy. It is nil if there is none.
func (j *Journal) Object(ctx context.Context, log incident.LogID, root incident.Seq) (*incident.Object, error) {
	events, err := j.entries(ctx, log, `(seq = $2 OR root = $2) ORDER BY seq`, int64(root))
	if err != nil {
		return nil, err
	}
	return incident.FoldObject(events), nil
}

// Restricted lists the objects of a range that may be restricted, as they
// stand, ascending: those of one originator, or of any if org is empty. The
// caller asks policy about each.
func (j *Journal) Restricted(ctx context.Context, room *incident.Room, person incident.PersonID, org incident.OrgID, from, to incident.Seq, limit int) (list []incident.Sight, err error) {
	b := &pgx.Batch{}
	projection.Reader(room.ID, person).Enter(b)
	projection.QueueRestricted(b, room.ID, room.Hosts, org, from, to, limit, &list)
	return list, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}
