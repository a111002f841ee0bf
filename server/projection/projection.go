// Package projection keeps the rows that answer questions across entries and
// rooms: who is a member of what, who may see which object, what mentions
// whom. Apply runs in the transaction that appends the entries, so the rows
// are never ahead of the log nor behind it; Rebuild makes them again from the
// entries alone. Its tables hold ids, enums, numbers and times only.
package projection

import (
	"strconv"
	"strings"
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

// Apply queues what the entries change in the derived rows. room is the fold
// after them, nil for other logs.
func Apply(b *pgx.Batch, log incident.LogID, room *incident.Room, events []*incident.Event) {
	var roots rootRows
	var moved []*incident.Event
	var mentions mentionRows
	members := map[incident.Seq]bool{}
	for _, e := range events {
		switch {
		case e.IsRoot() && room != nil:
			roots.add(incident.SightOf(e))
		case room != nil && incident.Moves(e):
			moved = append(moved, e)
		}
		switch body := e.Body.(type) {
		case *incident.MessagePosted:
			mentions.add(e.Root, body.Mentions)
		case *incident.MessageCorrected:
			b.Queue(`DELETE FROM mention WHERE log = $1 AND root = $2`, string(log), int64(e.Root))
			mentions.drop(e.Root)
			mentions.add(e.Root, body.Mentions)
		case *incident.EntryOpened:
			b.Queue(`INSERT INTO opened (log, entry, seq, member, at) VALUES ($1, $2, $3, $4, $5)`,
				string(log), int64(body.Entry), int64(e.Seq), int32(e.By.Member), e.Times.Recorded.Time)
		}
		if room != nil && room.MemberRoot(e.Root) != nil {
			members[e.Root] = true
		}
	}
	roots.queue(b, log)
	for _, e := range moved { // after the roots: it may be one of them
		queueMarking(b, log, e)
	}
	mentions.queue(b, log)
	for root := range members {
		queueMember(b, log, room.MemberRoot(root))
	}
}

type rootRows struct {
	seq, author                             []int64
	kind, tlp, org, audience, members, orgs []string
	standing                                []bool
}

func (r *rootRows) add(s incident.Sight) {
	r.seq, r.author = append(r.seq, int64(s.Root)), append(r.author, int64(s.Author))
	r.kind, r.tlp, r.org = append(r.kind, string(s.Kind)), append(r.tlp, string(s.TLP)), append(r.org, string(s.Org))
	r.audience = append(r.audience, string(s.Audience.Kind))
	r.members, r.orgs = append(r.members, memberArray(s.Audience.Members)), append(r.orgs, orgArray(s.Audience.Orgs))
	r.standing = append(r.standing, s.Kind.Standing())
}

func (r *rootRows) queue(b *pgx.Batch, log incident.LogID) {
	if len(r.seq) == 0 {
		return
	}
	b.Queue(`INSERT INTO root (log, seq, kind, standing, author, tlp, org, audience, members, orgs)
		SELECT $1, seq, kind, standing, author, tlp, org, audience, members::int[], orgs::text[]
		FROM unnest($2::bigint[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
			AS t(seq, kind, standing, author, tlp, org, audience, members, orgs)`,
		string(log), r.seq, r.kind, r.standing, r.author, r.tlp, r.org, r.audience, r.members, r.orgs)
}

// memberArray and orgArray write Postgres array literals; numbers and codes
// need no quoting.
func memberArray(list []incident.MemberNo) string {
	if len(list) == 0 {
		return "{}"
	}
	b := []byte{'{'}
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(n), 10)
	}
	return string(append(b, '}'))
}

func orgArray(list []incident.OrgID) string {
	s := make([]string, len(list))
	for i, o := range list {
		s[i] = string(o)
	}
	return "{" + strings.Join(s, ",") + "}"
}

func queueMarking(b *pgx.Batch, log incident.LogID, e *incident.Event) {
	a := e.Marking.Audience
	b.Queue(`UPDATE root SET tlp = $3, org = $4, audience = $5, members = $6::text::int[], orgs = $7::text::text[] WHERE log = $1 AND seq = $2`,
		string(log), int64(e.Root), string(e.Marking.TLP), string(e.Marking.Originator), string(a.Kind), memberArray(a.Members), orgArray(a.Orgs))
}

type mentionRows struct{ root, number []int64 }

func (r *mentionRows) add(root incident.Seq, list []incident.MemberNo) {
	for _, n := range list {
		r.root, r.number = append(r.root, int64(root)), append(r.number, int64(n))
	}
}

// drop forgets what the same group said of the root before it was corrected.
func (r *mentionRows) drop(root incident.Seq) {
	var kept mentionRows
	for i := range r.root {
		if r.root[i] != int64(root) {
			kept.root, kept.number = append(kept.root, r.root[i]), append(kept.number, r.number[i])
		}
	}
	*r = kept
}

func (r *mentionRows) queue(b *pgx.Batch, log incident.LogID) {
	if len(r.root) > 0 {
		b.Queue(`INSERT INTO mention (log, number, root) SELECT $1, number, root FROM unnest($2::bigint[], $3::bigint[]) AS t(number, root)`,
			string(log), r.number, r.root)
	}
}

func queueMember(b *pgx.Batch, log incident.LogID, m *incident.Member) {
	b.Queue(`INSERT INTO member (log, root, number, person, org, role, state, host, start)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (log, root) DO UPDATE SET number = excluded.number, person = excluded.person, org = excluded.org,
			role = excluded.role, state = excluded.state, host = excluded.host, start = excluded.start`,
		string(log), int64(m.Root), int32(m.Number), string(m.Person), string(m.Org), string(m.Role), string(m.State), m.Host, int64(m.Start))
}

// Rebuild queues the removal of a room's derived rows; the caller then
// applies every entry of its log again, in the same transaction. It is for the
// database's superuser: no role of the server can delete from these tables, and
// the policies show their owner no row.
func Rebuild(b *pgx.Batch, log incident.LogID) {
	for _, table := range []string{"root", "member", "mention", "opened"} {
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

// SightColumns are the columns ScanSight reads, of a root row named r.
const SightColumns = `r.seq, r.kind, r.author, r.tlp, r.org, r.audience, r.members, r.orgs`

// SightRow receives a row of SightColumns, which may be all NULL.
type SightRow struct {
	seq                      *int64
	kind, tlp, org, audience *string
	author                   *int32
	members                  []int32
	orgs                     []string
}

// Targets are where to scan the columns to.
func (r *SightRow) Targets() []any {
	return []any{&r.seq, &r.kind, &r.author, &r.tlp, &r.org, &r.audience, &r.members, &r.orgs}
}

// Sight returns what was scanned; ok is false for a row of NULLs.
func (r *SightRow) Sight() (s incident.Sight, ok bool) {
	if r.seq == nil {
		return s, false
	}
	s = incident.Sight{Root: incident.Seq(*r.seq), Kind: incident.Kind(*r.kind), Author: incident.MemberNo(*r.author),
		TLP: incident.TLP(*r.tlp), Org: incident.OrgID(*r.org), Audience: incident.Audience{Kind: incident.AudienceKind(*r.audience)}}
	for _, n := range r.members {
		s.Audience.Members = append(s.Audience.Members, incident.MemberNo(n))
	}
	for _, o := range r.orgs {
		s.Audience.Orgs = append(s.Audience.Orgs, incident.OrgID(o))
	}
	return s, true
}

// seenBy is the rule of policy.Sees over root rows, for counting; the member
// is given as $2 number, $3 organisation, $4 host, $5 history start.
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
		WHERE n.log = $1 AND n.number = $2 AND r.seq > $6 AND r.author <> $2 AND r.tlp <> 'TLP:RED' AND `+seenBy+` LIMIT $7) t`, args...).
		QueryRow(func(row pgx.Row) error { return row.Scan(mentions) })
}

// QueueMentions lists the messages that mention a member and that they may
// see, newest first; the scope is Reader. before 0 is no bound.
func QueueMentions(b *pgx.Batch, log incident.LogID, m *incident.Member, before incident.Seq, limit int, into *[]incident.Seq) {
	b.Queue(`SELECT r.seq FROM mention n JOIN root r ON r.log = n.log AND r.seq = n.root
		WHERE n.log = $1 AND n.number = $2 AND ($6 = 0 OR r.seq < $6) AND r.tlp <> 'TLP:RED' AND `+seenBy+` ORDER BY r.seq DESC LIMIT $7`,
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
