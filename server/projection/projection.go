// Package projection keeps the rows that answer questions across entries and
// rooms: who is a member of what, who may see which object, what mentions
// whom. Apply runs in the transaction that appends the entries, so the rows
// are never ahead of the log nor behind it; Rebuild makes them again from the
// entries alone. Its tables hold ids, enums, numbers and times only.
//
// Who may see what by these rows alone is Member.Reads: row-level security asks
// it of the tables in SQL, live delivery of the same rows as values.
package projection

import (
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Scope says what a transaction is about, for row-level security. It is the
// first statement of every transaction that touches the log. Each scope is one
// database role's: taken on by the other, it matches no row.
type Scope struct {
	Name   string // writer, reader, person, house
	Log    incident.LogID
	Person incident.PersonID
}

// Writer is wardroom_writer's scope on one log.
func Writer(log incident.LogID) Scope { return Scope{Name: "writer", Log: log} }

// Reader is wardroom_reader's scope of one person reading one room.
func Reader(log incident.LogID, p incident.PersonID) Scope {
	return Scope{Name: "reader", Log: log, Person: p}
}

// Person is wardroom_reader's scope of one person asking which rooms are theirs.
func Person(p incident.PersonID) Scope { return Scope{Name: "person", Person: p} }

// House is wardroom_writer's scope for asking which logs there are.
func House() Scope { return Scope{Name: "house"} }

// Enter queues the statement that takes the scope on, until the end of the
// transaction.
func (s Scope) Enter(b *pgx.Batch) *pgx.QueuedQuery {
	return b.Queue(`SELECT set_config('app.scope', $1, true), set_config('app.log', $2, true), set_config('app.person', $3, true)`,
		s.Name, string(s.Log), string(s.Person))
}

// EnterByKey is Enter for statements that ask for rows by their keys. A plan
// that was made while a table had few rows, and is kept, reads it from end to
// end when it has thousands: here the database takes the index from the first.
func (s Scope) EnterByKey(b *pgx.Batch) *pgx.QueuedQuery {
	return b.Queue(`SELECT set_config('app.scope', $1, true), set_config('app.log', $2, true), set_config('app.person', $3, true), set_config('enable_seqscan', 'off', true)`,
		s.Name, string(s.Log), string(s.Person))
}

// Rebuild queues the removal of a room's derived rows; the caller then
// applies every entry of its log again, in the same transaction. It is for the
// database's superuser: no role of the server can delete from these tables, and
// the policies show their owner no row.
func Rebuild(b *pgx.Batch, log incident.LogID) {
	for _, table := range []string{"root", "member", "mention", "opened", "exported", "record", "record_entry", "attachment", "cite", "cell", "hold", "erased", "erasure_approval", "erasure_entry", "erasure", "timer", "alert_entry"} {
		b.Queue(`DELETE FROM `+table+` WHERE log = $1`, string(log))
	}
}

// Mine is one of a person's memberships.
type Mine struct {
	Room   incident.LogID
	Root   incident.Seq
	Number incident.MemberNo
	State  incident.MemberState
	Role   incident.Role
}

// QueueMine asks which rooms are a person's; the scope is Person.
func QueueMine(b *pgx.Batch, p incident.PersonID, into *[]Mine) {
	b.Queue(`SELECT log, root, number, state, role FROM member WHERE person = $1 ORDER BY log, root`, string(p)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (m Mine, err error) {
			var root int64
			var number int32
			err = r.Scan((*string)(&m.Room), &root, &number, (*string)(&m.State), (*string)(&m.Role))
			m.Root, m.Number = incident.Seq(root), incident.MemberNo(number)
			return m, err
		})
		return err
	})
}

// seenBy is the rule of policy.Sees over root rows, for counting; the member
// is given as $2 number, $3 organisation, $4 host, $5 history start. Who wrote a
// veiled message is read beside that message, and counts for nothing.
const seenBy = `(r.seq >= $5 AND (r.audience = 'room' OR (r.audience = 'hosts' AND $4)
	OR (r.audience = 'named' AND ($2 = ANY (r.members) OR $3 = ANY (r.orgs)))))`

// CountLimit is where counts stop: more is shown as "99+".
const CountLimit = 100

// QueueUnread counts what a member may see and has not read, up to
// CountLimit; the scope is Reader.
func QueueUnread(b *pgx.Batch, log incident.LogID, m *incident.Member, after incident.Seq, unread, mentions *int) {
	args := []any{string(log), int32(m.Number), string(m.Org), m.Host, int64(m.Start), int64(after), CountLimit}
	b.Queue(`SELECT count(*) FROM (SELECT 1 FROM root r WHERE r.log = $1 AND r.seq > $6 AND NOT r.standing AND r.author <> $2 AND `+seenBy+` LIMIT $7) t`, args...).
		QueryRow(func(row pgx.Row) error { return row.Scan(unread) })
	b.Queue(`SELECT count(*) FROM (SELECT 1 FROM mention n JOIN root r ON r.log = n.log AND r.seq = n.root
		WHERE n.log = $1 AND n.number = $2 AND r.seq > $6 AND r.author <> $2 AND r.tlp <> 'TLP:RED' AND NOT r.recorded AND `+seenBy+` LIMIT $7) t`, args...).
		QueryRow(func(row pgx.Row) error { return row.Scan(mentions) })
}

// QueueMentions lists the messages that mention a member and that they may
// see, newest first; the scope is Reader. before 0 is no bound.
func QueueMentions(b *pgx.Batch, log incident.LogID, m *incident.Member, before incident.Seq, limit int, into *[]incident.Seq) {
	b.Queue(`SELECT r.seq FROM mention n JOIN root r ON r.log = n.log AND r.seq = n.root
		WHERE n.log = $1 AND n.number = $2 AND ($6 = 0 OR r.seq < $6) AND r.tlp <> 'TLP:RED' AND NOT r.recorded AND `+seenBy+` ORDER BY r.seq DESC LIMIT $7`,
		string(log), int32(m.Number), string(m.Org), m.Host, int64(m.Start), int64(before), limit).Query(func(rows pgx.Rows) error {
		list, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		for _, n := range list {
			*into = append(*into, incident.Seq(n))
		}
		return err
	})
}

// Opened is one opening of a restricted entry.
type Opened struct {
	Member incident.MemberNo
	At     time.Time
}

// QueueOpened lists who opened an entry of a room, by its access log; the scope
// is Reader.
func QueueOpened(b *pgx.Batch, room incident.LogID, entry incident.Seq, into *[]Opened) {
	b.Queue(`SELECT o.member, o.at FROM log l JOIN opened o ON o.log = l.id
		WHERE l.kind = 'access' AND l.room = $1 AND o.entry = $2 ORDER BY o.seq`, string(room), int64(entry)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (o Opened, err error) {
			var n int32
			err = r.Scan(&n, &o.At)
			o.Member = incident.MemberNo(n)
			return o, err
		})
		return err
	})
}

// Exported is one taking of an item out of the house: by a member in a file, or
// by a feed.
type Exported struct {
	Opened
	Entry  incident.Seq
	Format string
	Feed   incident.Seq // its root in the room's log; 0: a member took it
}

// QueueExported lists who took an item of a room out, and those that were
// merged into it, oldest first, by its access log; the scope is Reader.
func QueueExported(b *pgx.Batch, room incident.LogID, entry incident.Seq, into *[]Exported) {
	b.Queue(`WITH RECURSIVE whole(root) AS (SELECT $2::bigint
			UNION SELECT c.root FROM record c JOIN whole w ON c.under = w.root WHERE c.log = $1 AND c.noun = 'item')
		SELECT o.member, o.at, o.entry, o.format, o.feed FROM log l JOIN exported o ON o.log = l.id
		WHERE l.kind = 'access' AND l.room = $1 AND o.entry = ANY (ARRAY(SELECT root FROM whole)) ORDER BY o.seq`, string(room), int64(entry)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (o Exported, err error) {
			var n int32
			var entry, feed int64
			err = r.Scan(&n, &o.At, &entry, &o.Format, &feed)
			o.Member, o.Entry, o.Feed = incident.MemberNo(n), incident.Seq(entry), incident.Seq(feed)
			return o, err
		})
		return err
	})
}
