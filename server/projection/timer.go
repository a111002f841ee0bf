package projection

import (
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// queueTimers makes the room's rows those that its fold has, if the entries
// may have changed any.
func queueTimers(b *pgx.Batch, log incident.LogID, room *incident.Room, events []*incident.Event) {
	if room == nil || !slices.ContainsFunc(events, func(e *incident.Event) bool { return e.Kind.Timed() }) {
		return
	}
	list := room.Timers()
	ids, dues := make([]string, len(list)), make([]time.Time, len(list))
	for i, t := range list {
		ids[i], dues[i] = string(t.ID), t.Due.Time
	}
	b.Queue(`DELETE FROM timer WHERE log = $1 AND id <> ALL ($2::text[])`, string(log), ids)
	if len(list) > 0 {
		b.Queue(`INSERT INTO timer (log, id, due) SELECT $1, id, due FROM unnest($2::text[], $3::timestamptz[]) AS t(id, due)
			ON CONFLICT (log, id) DO UPDATE SET due = excluded.due WHERE timer.due <> excluded.due`, string(log), ids, dues)
	}
}

// Due is a timer whose time has come.
type Due struct {
	Log   incident.LogID
	Timer incident.TimerID
	Late  time.Duration // when it was taken, by the database's clock
}

// QueueDue takes timers whose time has come, by the database's clock, for as
// long as a node may be at them; those that another node is taking are passed
// over. next is how long it is until the first of the others, at most a
// minute. The scope is House.
func QueueDue(b *pgx.Batch, limit int, lease time.Duration, into *[]Due, next *time.Duration) {
	b.Queue(`WITH due AS MATERIALIZED (
			SELECT log, id FROM timer WHERE due <= clock_timestamp() AND taken <= clock_timestamp() ORDER BY due LIMIT $1 FOR UPDATE SKIP LOCKED)
		UPDATE timer t SET taken = clock_timestamp() + $2 * interval '1 millisecond' FROM due WHERE t.log = due.log AND t.id = due.id
		RETURNING t.log, t.id, extract(epoch FROM clock_timestamp() - t.due)::float8`, limit, lease.Milliseconds()).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (d Due, err error) {
			var late float64
			err = r.Scan((*string)(&d.Log), (*string)(&d.Timer), &late)
			d.Late = time.Duration(late * float64(time.Second))
			return d, err
		})
		return err
	})
	b.Queue(`SELECT coalesce(extract(epoch FROM least(min(greatest(due, taken)) - clock_timestamp(), interval '1 minute')), 60)::float8
		FROM (SELECT due, taken FROM timer ORDER BY due LIMIT 1000) t`).QueryRow(func(row pgx.Row) error {
		var s float64
		err := row.Scan(&s)
		*next = time.Duration(s * float64(time.Second))
		return err
	})
}
