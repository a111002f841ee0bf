package journal

import (
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Query says which entries of a room to read. Entry 0 is never among them.
type Query struct {
	After  incident.Seq   // numbers above this; 0 for no bound
	Before incident.Seq   // numbers below this; 0 for no bound
	Limit  int            // at most this many; 0 or more than MaxPage means MaxPage
	Roots  []incident.Seq // only entries of these objects; nil for all
	Later  bool           // with Roots: without the entries that began them
	Desc   bool           // newest first

	// Record is a member who asks for those entries of the incident's record
	// that they may see, and no others: these are not contiguous.
	Record *incident.Member
}

// Mine is one of a person's memberships; Open one opening of a restricted
// entry.
type (
	Mine     = projection.Mine
	Open     = projection.Opened
	Exported = projection.Exported // one taking of an item in a file
)

// MaxPage bounds one read.
const MaxPage = 1000

// Page reads entries on a person's behalf, under row-level security: what the
// database does not give that person has no opening. Like all that is asked for
// a person it goes by the reader's role. The caller judges the
// rows once more by policy.View, with the room as it stands after this read.
func (j *Journal) Page(ctx context.Context, room incident.LogID, person incident.PersonID, q Query) ([]Row, error) {
	w, err := j.writer(ctx, room)
	if err != nil {
		return nil, err
	}
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = MaxPage
	}
	order := ""
	if q.Desc {
		order = "DESC"
	}
	after, before := int64(q.After), int64(q.Before)
	if before == 0 {
		before = 1 << 62
	}
	if q.Roots == nil && q.Record == nil { // a log has no gaps, so a page is a range of keys
		if q.Desc {
			w.mu.Lock()
			head := int64(w.seenSize) // or further, if another node writes
			w.mu.Unlock()
			after = max(after, min(before, head)-1-int64(q.Limit))
		} else {
			before = min(before, after+int64(q.Limit)+1)
		}
	}
	args := []any{string(room), after, before, q.Limit}
	// Each row is found by its key whatever the database believes of the
	// tables: LIMIT keeps a subquery from being planned as a join.
	from := `(SELECT seq, leaf FROM leaf WHERE log = $1 AND seq > $2 AND seq < $3 AND seq > 0 ORDER BY seq ` + order + ` LIMIT $4) l
		LEFT JOIN LATERAL (SELECT root, sealed FROM opening WHERE log = $1 AND seq = l.seq LIMIT 1) o ON true`
	switch {
	case q.Record != nil:
		var picked string
		picked, args = projection.RecordEntries(q.Record, order, args)
		from = `(` + picked + `) e
			CROSS JOIN LATERAL (SELECT seq, leaf FROM leaf WHERE log = $1 AND seq = e.seq LIMIT 1) l
			LEFT JOIN LATERAL (SELECT root, sealed FROM opening WHERE log = $1 AND seq = e.seq LIMIT 1) o ON true`
	case q.Roots != nil:
		roots := make([]int64, len(q.Roots))
		for i, r := range q.Roots {
			roots[i] = int64(r)
		}
		// Two ways in, each by an index of its own.
		pick := `(SELECT seq, root, sealed FROM opening WHERE log = $1 AND root = a.at AND root <> seq AND seq > $2 AND seq < $3 ORDER BY seq ` + order + ` LIMIT $4)`
		if !q.Later {
			pick += ` UNION ALL (SELECT seq, root, sealed FROM opening WHERE log = $1 AND seq = a.at AND root = seq AND seq > greatest($2, 0) AND seq < $3 LIMIT 1)`
		}
		from = `(SELECT f.seq, f.root, f.sealed FROM (SELECT DISTINCT unnest($5::bigint[])) AS a(at) CROSS JOIN LATERAL (` + pick + `) f ORDER BY f.seq ` + order + ` LIMIT $4) o
			CROSS JOIN LATERAL (SELECT seq, leaf FROM leaf WHERE log = $1 AND seq = o.seq LIMIT 1) l`
		args = append(args, roots)
	}
	var list []Row
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	if q.Record != nil {
		projection.ByIndex(b)
	}
	b.Queue(`SELECT l.seq, l.leaf, o.sealed, `+projection.SightColumns+`
		FROM `+from+` LEFT JOIN LATERAL (SELECT * FROM root WHERE log = $1 AND seq = o.root LIMIT 1) r ON true
		ORDER BY l.seq `+order, args...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var seq int64
			var leaf, sealed []byte
			var sight projection.SightRow
			if err := rows.Scan(append([]any{&seq, &leaf, &sealed}, sight.Targets()...)...); err != nil {
				return err
			}
			row := Row{Entry: evidence.Entry{Seq: uint64(seq), Leaf: leaf}}
			if root := sight.Root(); root != nil && sealed != nil {
				entry, _, err := w.open(incident.Seq(seq), sealed)
				if err != nil && !errors.Is(err, incident.ErrNewer) {
					return err
				}
				if err == nil { // what this server cannot read is a stub
					entry.Leaf = leaf
					row.Entry, row.Sight, row.Stored = entry, root.Sight(), root
				}
			}
			list = append(list, row)
		}
		return rows.Err()
	})
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return nil, dbError(err)
	}
	return list, nil
}

// Sight returns who may see a root, as it stands at the head, for a decision on
// what person may do with it: the caller asks policy.
func (j *Journal) Sight(ctx context.Context, room incident.LogID, person incident.PersonID, root incident.Seq) (s incident.Sight, err error) {
	if !room.Valid() {
		return s, incident.Missing()
	}
	found := false
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	b.Queue(`SELECT `+projection.SightColumns+` FROM root r WHERE r.log = $1 AND r.seq = $2`, string(room), int64(root)).QueryRow(func(row pgx.Row) error {
		var r projection.SightRow
		err := row.Scan(r.Targets()...)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		s, found = r.Sight()
		return err
	})
	if err := j.opt.Reader.SendBatch(ctx, b).Close(); err != nil {
		return s, dbError(err)
	}
	if !found {
		return s, incident.Missing()
	}
	return s, nil
}

// At returns the first entry recorded at or after t; the head if there is
// none. Numbers and times are what even a stub tells, and times are sealed: so
// the house looks, past what the asker may see, and gives out a number.
func (j *Journal) At(ctx context.Context, room incident.LogID, t time.Time) (incident.Seq, error) {
	n, r, err := j.search(ctx, room, func(r *incident.Room, at incident.Times) bool {
		if r.Clock != nil {
			// An exercise's times are its clock's. What was written before it was
			// set is before all of them; where it was put back, one place is found.
			return !at.Exercise.IsZero() && !at.Exercise.Before(t)
		}
		return !at.Recorded.Before(t)
	})
	if err != nil {
		return 0, err
	}
	return min(incident.Seq(n+1), r.Head), nil
}

// search returns how many entries of the room, the genesis apart, come before
// the first of which reached is true. It must be true of all after that.
func (j *Journal) search(ctx context.Context, room incident.LogID, reached func(*incident.Room, incident.Times) bool) (int, *incident.Room, error) {
	w, state, _, err := j.current(ctx, room)
	if err != nil {
		return 0, nil, err
	}
	r, ok := state.(*incident.Room)
	if !ok {
		return 0, nil, incident.Missing()
	}
	var failed error
	n := sort.Search(int(r.Head), func(i int) bool { // entry i+1
		var sealed []byte
		b := &pgx.Batch{}
		projection.Writer(room).Enter(b)
		b.Queue(`SELECT sealed FROM opening WHERE log = $1 AND seq = $2`, string(room), int64(i+1)).QueryRow(func(row pgx.Row) error { return row.Scan(&sealed) })
		if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
			failed = dbError(err)
			return true
		}
		_, e, err := w.open(incident.Seq(i+1), sealed)
		if err != nil {
			failed = err
			return true
		}
		return reached(r, e.Times)
	})
	return n, r, failed
}

// Mine lists a person's memberships.
func (j *Journal) Mine(ctx context.Context, person incident.PersonID) (list []Mine, err error) {
	b := &pgx.Batch{}
	projection.Person(person).Enter(b)
	projection.QueueMine(b, person, &list)
	return list, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}

// Counts are what a member has not dealt with, each up to
// projection.CountLimit.
type Counts struct {
	Unread   int // what they may see after an entry and did not write
	Mentions int // of that, what mentions them
	Needs    int // what waits for them: see Needs
}

// Counts counts for a member of the room.
func (j *Journal) Counts(ctx context.Context, room *incident.Room, m *incident.Member, after incident.Seq) (c Counts, err error) {
	var needs []incident.Seq
	b := &pgx.Batch{}
	projection.Reader(room.ID, m.Person).Enter(b)
	projection.QueueUnread(b, room.ID, m, after, &c.Unread, &c.Mentions)
	queueNeeds(b, room, m, projection.CountLimit, &needs)
	err = dbError(j.opt.Reader.SendBatch(ctx, b).Close())
	c.Needs = min(len(needs), projection.CountLimit)
	return c, err
}

// Mentions lists the messages that mention the member and that they may see,
// newest first. before 0 is no bound.
func (j *Journal) Mentions(ctx context.Context, room incident.LogID, m *incident.Member, before incident.Seq, limit int) (roots []incident.Seq, err error) {
	b := &pgx.Batch{}
	projection.Reader(room, m.Person).Enter(b)
	projection.QueueMentions(b, room, m, before, limit, &roots)
	return roots, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}

// Opens lists who opened a restricted entry, oldest first, for a person whom
// the database lets know that; for others nobody did. The caller asks
// policy.Receipts as well.
func (j *Journal) Opens(ctx context.Context, room incident.LogID, person incident.PersonID, entry incident.Seq) (list []Open, err error) {
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	projection.QueueOpened(b, room, entry, &list)
	return list, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}

// Exports lists who took an item out of the house, or one that was merged into
// it, in a file or as a feed, as Opens lists who opened it.
func (j *Journal) Exports(ctx context.Context, room incident.LogID, person incident.PersonID, entry incident.Seq) (list []Exported, err error) {
	b := &pgx.Batch{}
	projection.Reader(room, person).Enter(b)
	projection.QueueExported(b, room, entry, &list)
	return list, dbError(j.opt.Reader.SendBatch(ctx, b).Close())
}

// SystemEvents lists entries of the system log, newest first, for the
// administrators' page: without those that tell of rooms, and counted without
// them. before is such a number (incident.System.Number), 0 for no bound.
func (j *Journal) SystemEvents(ctx context.Context, before incident.Seq, limit int) ([]*incident.Event, error) {
	sys, err := j.System(ctx)
	if err != nil {
		return nil, err
	}
	if last := sys.Number(sys.Head); before == 0 || before > last {
		before = last + 1
	}
	var page []incident.Seq
	for n := before - 1; n > 0 && len(page) < limit; n-- {
		page = append(page, sys.Numbered(n))
	}
	events, err := j.entries(ctx, sys.ID, `seq = ANY ($2) ORDER BY seq DESC`, numbers(page))
	return slices.DeleteFunc(events, func(e *incident.Event) bool {
		switch e.Body.(type) {
		case *incident.RoomRegistered, *incident.RoomEnded:
			return true
		}
		return false
	}), err
}

// entries reads and opens entries of a log for the house itself.
func (j *Journal) entries(ctx context.Context, log incident.LogID, where string, args ...any) (events []*incident.Event, err error) {
	b := &pgx.Batch{}
	if err := j.queueEntries(ctx, b, log, &events, where, args...); err != nil {
		return nil, err
	}
	return events, dbError(j.opt.Writer.SendBatch(ctx, b).Close())
}

// queueEntries asks for the entries along with others.
func (j *Journal) queueEntries(ctx context.Context, b *pgx.Batch, log incident.LogID, events *[]*incident.Event, where string, args ...any) error {
	w, err := j.writer(ctx, log)
	if err != nil {
		return err
	}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT seq, root, sealed FROM opening WHERE log = $1 AND `+where, append([]any{string(log)}, args...)...).Query(func(rows pgx.Rows) error {
		sealed, err := collectSealed(rows)
		if err != nil {
			return err
		}
		for _, r := range sealed {
			_, e, err := w.open(r.seq, r.sealed)
			if err != nil {
				return err
			}
			*events = append(*events, e)
		}
		return nil
	})
	return nil
}
