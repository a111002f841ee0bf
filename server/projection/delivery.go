package projection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Access is wardroom_reader's scope of one person reading the access log of a
// room.
func Access(room incident.LogID, p incident.PersonID) Scope {
	return Scope{Name: "access", Log: room, Person: p}
}

// How is how an entry came to a member.
type How string

const (
	Live   How = "live"   // by the stream: a run of entries
	Paged  How = "page"   // as they asked for it: a run of entries
	Object How = "object" // of a run, those about its first entry
	State  How = "state"  // the standing facts, as they were at an entry
)

// Delivery says that entries were handed to a member's connection.
type Delivery struct {
	Room        incident.LogID
	Members     []incident.MemberNo // ascending
	How         How
	First, Last incident.Seq
	Since, At   time.Time // when the first of them was handed over, and the last
}

// QueueDeliveries adds rows, all of one room; the scope is Writer.
func QueueDeliveries(b *pgx.Batch, room incident.LogID, rows []Delivery) {
	n := len(rows)
	members, how, first, last := make([]string, n), make([]string, n), make([]int64, n), make([]int64, n)
	since, at := make([]time.Time, n), make([]time.Time, n)
	for i, r := range rows {
		members[i], how[i], first[i], last[i], since[i], at[i] = memberArray(r.Members), string(r.How), int64(r.First), int64(r.Last), r.Since, r.At
	}
	b.Queue(`INSERT INTO delivery (log, members, how, first, last, since, at)
		SELECT $1, members::int[], how, first, last, since, at
		FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::timestamptz[]) AS t(members, how, first, last, since, at)`,
		string(room), members, how, first, last, since, at)
}

// QueueDelivered lists what was delivered of the entries first to last under
// any of the numbers, in the order of time; the scope is Reader.
func QueueDelivered(b *pgx.Batch, room incident.LogID, members []incident.MemberNo, first, last incident.Seq, into *[]Delivery) {
	b.Queue(`SELECT how, first, last, since, at FROM delivery WHERE log = $1 AND members && $2::text::int[] AND how <> 'state' AND last >= $3 AND first <= $4
		ORDER BY since, at`, string(room), memberArray(members), int64(first), int64(last)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, delivered(room))
		return err
	})
}

// QueueState finds the last time the standing facts were delivered before a
// time; the scope is Reader.
func QueueState(b *pgx.Batch, room incident.LogID, members []incident.MemberNo, before time.Time, into *[]Delivery) {
	b.Queue(`SELECT how, first, last, since, at FROM delivery WHERE log = $1 AND members && $2::text::int[] AND how = 'state' AND at <= $3
		ORDER BY at DESC LIMIT 1`, string(room), memberArray(members), before).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, delivered(room))
		return err
	})
}

func delivered(room incident.LogID) pgx.RowToFunc[Delivery] {
	return func(r pgx.CollectableRow) (d Delivery, err error) {
		var first, last int64
		d.Room = room
		err = r.Scan((*string)(&d.How), &first, &last, &d.Since, &d.At)
		d.First, d.Last = incident.Seq(first), incident.Seq(last)
		return d, err
	}
}

// OpenedEntry is one opening of a restricted entry, by one of some members.
type OpenedEntry struct {
	Entry incident.Seq
	At    time.Time
}

// TakenEntry is one taking of an item: by one of some members, or by a feed.
type TakenEntry struct {
	OpenedEntry
	Feed incident.Seq // 0: by a member
}

// QueueTakenBy lists which of the entries first to last were taken out under any
// of the numbers or by any of the feeds, oldest first; the scope is Reader.
func QueueTakenBy(b *pgx.Batch, room incident.LogID, members []incident.MemberNo, feeds []incident.Seq, first, last incident.Seq, into *[]TakenEntry) {
	list := make([]int64, len(feeds))
	for i, n := range feeds {
		list[i] = int64(n)
	}
	b.Queue(`SELECT o.entry, o.at, o.feed FROM log l JOIN exported o ON o.log = l.id
		WHERE l.kind = 'access' AND l.room = $1 AND (o.feed = 0 AND o.member = ANY ($2::text::int[]) OR o.feed = ANY ($3)) AND o.entry >= $4 AND o.entry <= $5 ORDER BY o.seq`,
		string(room), memberArray(members), list, int64(first), int64(last)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (o TakenEntry, err error) {
			var n, feed int64
			err = r.Scan(&n, &o.At, &feed)
			o.Entry, o.Feed = incident.Seq(n), incident.Seq(feed)
			return o, err
		})
		return err
	})
}

// QueueOpenedBy lists which of the entries first to last were opened under any
// of the numbers, oldest first; the scope is Reader.
func QueueOpenedBy(b *pgx.Batch, room incident.LogID, members []incident.MemberNo, first, last incident.Seq, into *[]OpenedEntry) {
	b.Queue(`SELECT o.entry, o.at FROM log l JOIN opened o ON o.log = l.id
		WHERE l.kind = 'access' AND l.room = $1 AND o.member = ANY ($2::text::int[]) AND o.entry >= $3 AND o.entry <= $4 ORDER BY o.seq`,
		string(room), memberArray(members), int64(first), int64(last)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (o OpenedEntry, err error) {
			var n int64
			err = r.Scan(&n, &o.At)
			o.Entry = incident.Seq(n)
			return o, err
		})
		return err
	})
}
