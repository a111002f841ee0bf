package projection

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Root is a row of the table root: who may see an object, as it stands.
type Root struct {
	Seq      incident.Seq
	Kind     incident.Kind
	Standing bool
	Author   incident.MemberNo
	TLP      incident.TLP
	Org      incident.OrgID // the originator
	Audience incident.Audience
	Recorded bool // opening it is on the access log, so its body travels in no frame
	Recalled bool // by its originator, for good
}

// Sight is the row as policy is asked about it.
func (r *Root) Sight() incident.Sight {
	return incident.Sight{Root: r.Seq, Kind: r.Kind, Author: r.Author, TLP: r.TLP, Org: r.Org, Audience: r.Audience, Recorded: r.Recorded, Recalled: r.Recalled}
}

// Member is a row of the table member: a membership, as it stands.
type Member struct {
	Root   incident.Seq
	Number incident.MemberNo // 0 until joined
	Person incident.PersonID // empty until they asked or joined
	Org    incident.OrgID
	Role   incident.Role
	State  incident.MemberState
	Host   bool
	Start  incident.Seq // the first entry they may see; standing kinds apart
}

// Changes are what a group of entries changes in the derived rows, as values.
type Changes struct {
	Roots   []Root   // begun by the group, ascending, as they stand after it
	Members []Member // memberships it is about, ascending, as they stand after it

	marked      []Root // older roots it marked anew: number, label, originator, audience, recorded, recalled
	mentions    mentionRows
	unmentioned []incident.Seq // roots whose older mentions no longer stand
	opened      []openedRow
	attached    []attachedRow
	exported    []exportedRow
	record      recordRows // the record's entries
	cites       citeRows
	erasures    []*incident.Event
	cell        *incident.Cell // the log begins as this side room
}

type openedRow struct {
	entry, seq incident.Seq
	member     incident.MemberNo
	at         time.Time
}

type attachedRow struct {
	blob incident.BlobID
	seq  incident.Seq
}

type exportedRow struct {
	openedRow
	format     string
	feed, upto incident.Seq // of what a feed was given
}

// Derive returns what the entries change in the derived rows. room is the fold
// after them, nil for other logs.
func Derive(room *incident.Room, events []*incident.Event) *Changes {
	c := &Changes{}
	members := map[incident.Seq]Member{}
	for _, e := range events {
		if room != nil {
			c.root(e)
			if m := room.MemberRoot(e.Root); m != nil {
				members[m.Root] = memberRow(m)
				for i := range room.Feeds { // they read no earlier than somebody who is there
					if f := &room.Feeds[i]; f.Org == m.Org && f.Closed.IsZero() {
						members[f.Root] = feedRow(room, f)
					}
				}
			}
			if f := room.FeedRoot(e.Root); f != nil {
				members[f.Root] = feedRow(room, f)
			}
			if e.Kind.InRecord() {
				c.record.add(e)
			}
			if onBoard(e) {
				c.record.boards = append(c.record.boards, e)
			}
			c.cites.add(e)
		}
		for _, f := range e.Files {
			c.attached = append(c.attached, attachedRow{f.ID, e.Seq})
		}
		switch body := e.Body.(type) {
		case *incident.RoomOpened:
			c.cell = body.Cell
		case *incident.MessagePosted:
			c.mentions.add(e.Root, body.Mentions)
		case *incident.MessageCorrected:
			c.unmentioned = append(c.unmentioned, e.Root)
			c.mentions.drop(e.Root)
			c.mentions.add(e.Root, body.Mentions)
		case *incident.HoldPlaced, *incident.HoldLifted, *incident.ErasureAsked, *incident.ErasureAgreed, *incident.ErasureRefused,
			*incident.ErasureDropped, *incident.EntryErased:
			c.erasures = append(c.erasures, e)
		case *incident.EntryOpened:
			c.opened = append(c.opened, openedRow{body.Entry, e.Seq, e.By.Member, e.Times.Recorded.Time})
		case *incident.IntelExported:
			c.exported = append(c.exported, exportedRow{openedRow: openedRow{body.Entry, e.Seq, e.By.Member, e.Times.Recorded.Time}, format: body.Format})
		case *incident.FeedTaken:
			c.exported = append(c.exported, exportedRow{openedRow{body.Entry, e.Seq, 0, e.Times.Recorded.Time}, "taxii", body.Feed, body.As})
		}
	}
	c.Members = slices.SortedFunc(maps.Values(members), func(a, b Member) int { return cmp.Compare(a.Root, b.Root) })
	return c
}

// root takes in what the entry does to its root's row.
func (c *Changes) root(e *incident.Event) {
	switch {
	case e.IsRoot():
		s := incident.SightOf(e)
		c.Roots = append(c.Roots, Root{Seq: s.Root, Kind: s.Kind, Standing: s.Kind.Standing(), Author: s.Author, TLP: s.TLP, Org: s.Org, Audience: s.Audience,
			Recorded: s.Recorded})
	case incident.Moves(e):
		row := c.Root(e.Root)
		if row == nil {
			c.marked = append(c.marked, Root{Seq: e.Root})
			row = &c.marked[len(c.marked)-1]
		}
		row.TLP, row.Org, row.Audience, row.Recorded = e.Marking.TLP, e.Marking.Originator, e.Marking.Audience, e.Marking.Recorded
		if _, ok := e.Body.(*incident.EntryRecalled); ok {
			row.Recalled = true
		}
	}
}

// Root returns the row of a root that the group began; nil if it began none of
// that number.
func (c *Changes) Root(seq incident.Seq) *Root {
	i, ok := slices.BinarySearchFunc(c.Roots, seq, func(r Root, seq incident.Seq) int { return cmp.Compare(r.Seq, seq) })
	if !ok {
		return nil
	}
	return &c.Roots[i]
}

func memberRow(m *incident.Member) Member {
	return Member{Root: m.Root, Number: m.Number, Person: m.Person, Org: m.Org, Role: m.Role, State: m.State, Host: m.Host, Start: m.Start}
}

// feedRow is the row by which row-level security knows a feed: as somebody of
// its organisation, by no number, who sees what somebody of it does who is
// there now, until it is closed. That it expires is for policy to know.
func feedRow(room *incident.Room, f *incident.Feed) Member {
	m := Member{Root: f.Root, Person: incident.PersonID(f.ID), Org: f.Org, Role: incident.Observer, State: incident.Joined, Start: f.Start}
	first, found := incident.Seq(0), false
	for _, of := range room.Members {
		if of.Present() && of.Org == f.Org && (!found || of.Start < first) {
			first, found = of.Start, true
		}
	}
	if m.Start = max(m.Start, first); !f.Closed.IsZero() || !found {
		m.State = incident.Left
	}
	return m
}

// Apply queues what the entries change in the derived rows, and returns it.
// room is the fold after them, nil for other logs.
func Apply(b *pgx.Batch, log incident.LogID, room *incident.Room, events []*incident.Event) *Changes {
	c := Derive(room, events)
	for _, e := range events {
		queueReport(b, log, e)
	}
	for _, o := range c.opened {
		b.Queue(`INSERT INTO opened (log, entry, seq, member, at) VALUES ($1, $2, $3, $4, $5)`,
			string(log), int64(o.entry), int64(o.seq), int32(o.member), o.at)
	}
	if c.cell != nil {
		b.Queue(`INSERT INTO cell (log, parent, org) VALUES ($1, $2, $3)`, string(log), string(c.cell.Parent), string(c.cell.Org))
	}
	for _, a := range c.attached {
		b.Queue(`INSERT INTO attachment (log, blob, seq) VALUES ($1, $2, $3)`, string(log), string(a.blob), int64(a.seq))
		b.Queue(`UPDATE blob SET until = 'infinity' WHERE log = $1 AND id = $2`, string(log), string(a.blob))
	}
	for _, o := range c.exported {
		b.Queue(`INSERT INTO exported (log, entry, seq, member, at, format, feed, upto) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(log), int64(o.entry), int64(o.seq), int32(o.member), o.at, o.format, int64(o.feed), int64(o.upto))
	}
	queueRoots(b, log, c.Roots)
	for i := range c.marked {
		queueMarking(b, log, &c.marked[i])
		queueRecordMarking(b, log, &c.marked[i])
	}
	for _, root := range c.unmentioned {
		b.Queue(`DELETE FROM mention WHERE log = $1 AND root = $2`, string(log), int64(root))
	}
	c.mentions.queue(b, log)
	c.record.queue(b, log)
	c.cites.queue(b, log)
	queueTimers(b, log, room, events)
	for _, e := range events {
		queueAlert(b, log, e)
	}
	queueMembers(b, log, c.Members)
	for _, e := range c.erasures {
		queueErasure(b, log, e)
	}
	return c
}

func queueRoots(b *pgx.Batch, log incident.LogID, rows []Root) {
	n := len(rows)
	if n == 0 {
		return
	}
	seq, author, standing, recorded, recalled := make([]int64, n), make([]int64, n), make([]bool, n), make([]bool, n), make([]bool, n)
	kind, tlp, org, audience, members, orgs := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, r := range rows {
		seq[i], author[i], standing[i] = int64(r.Seq), int64(r.Author), r.Standing
		recorded[i], recalled[i] = r.Recorded, r.Recalled
		kind[i], tlp[i], org[i] = string(r.Kind), string(r.TLP), string(r.Org)
		audience[i], members[i], orgs[i] = string(r.Audience.Kind), memberArray(r.Audience.Members), orgArray(r.Audience.Orgs)
	}
	b.Queue(`INSERT INTO root (log, seq, kind, standing, author, tlp, org, audience, members, orgs, recorded, recalled)
		SELECT $1, seq, kind, standing, author, tlp, org, audience, members::int[], orgs::text[], recorded, recalled
		FROM unnest($2::bigint[], $3::text[], $4::boolean[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::boolean[], $12::boolean[])
			AS t(seq, kind, standing, author, tlp, org, audience, members, orgs, recorded, recalled)`,
		string(log), seq, kind, standing, author, tlp, org, audience, members, orgs, recorded, recalled)
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

func queueMarking(b *pgx.Batch, log incident.LogID, r *Root) {
	b.Queue(`UPDATE root SET tlp = $3, org = $4, audience = $5, members = $6::text::int[], orgs = $7::text::text[], recorded = $8, recalled = recalled OR $9
		WHERE log = $1 AND seq = $2`,
		string(log), int64(r.Seq), string(r.TLP), string(r.Org), string(r.Audience.Kind), memberArray(r.Audience.Members), orgArray(r.Audience.Orgs),
		r.Recorded, r.Recalled)
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

// queueMembers stores the rows in one statement, however many joined at once.
// No root is among them twice.
func queueMembers(b *pgx.Batch, log incident.LogID, rows []Member) {
	n := len(rows)
	if n == 0 {
		return
	}
	root, number, start, host := make([]int64, n), make([]int32, n), make([]int64, n), make([]bool, n)
	person, org, role, state := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, m := range rows {
		root[i], number[i], start[i], host[i] = int64(m.Root), int32(m.Number), int64(m.Start), m.Host
		person[i], org[i], role[i], state[i] = string(m.Person), string(m.Org), string(m.Role), string(m.State)
	}
	b.Queue(`INSERT INTO member (log, root, number, person, org, role, state, host, start)
		SELECT $1, root, number, person, org, role, state, host, start
		FROM unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::bigint[])
			AS t(root, number, person, org, role, state, host, start)
		ON CONFLICT (log, root) DO UPDATE SET number = excluded.number, person = excluded.person, org = excluded.org,
			role = excluded.role, state = excluded.state, host = excluded.host, start = excluded.start`,
		string(log), root, number, person, org, role, state, host, start)
}

// SightColumns are the columns that SightRow receives, of a root row named r.
const SightColumns = `r.seq, r.kind, r.standing, r.author, r.tlp, r.org, r.audience, r.members, r.orgs, r.recorded, r.recalled`

// SightRow receives a row of SightColumns, which may be all NULL.
type SightRow struct {
	seq                      *int64
	kind, tlp, org, audience *string
	standing                 *bool
	recorded, recalled       *bool
	author                   *int32
	members                  []int32
	orgs                     []string
}

// Targets are where to scan the columns to.
func (r *SightRow) Targets() []any {
	return []any{&r.seq, &r.kind, &r.standing, &r.author, &r.tlp, &r.org, &r.audience, &r.members, &r.orgs, &r.recorded, &r.recalled}
}

// Root returns what was scanned; nil for a row of NULLs.
func (r *SightRow) Root() *Root {
	if r.seq == nil {
		return nil
	}
	root := &Root{Seq: incident.Seq(*r.seq), Kind: incident.Kind(*r.kind), Standing: *r.standing, Author: incident.MemberNo(*r.author),
		TLP: incident.TLP(*r.tlp), Org: incident.OrgID(*r.org), Audience: incident.Audience{Kind: incident.AudienceKind(*r.audience)}, Recorded: *r.recorded, Recalled: *r.recalled}
	for _, n := range r.members {
		root.Audience.Members = append(root.Audience.Members, incident.MemberNo(n))
	}
	for _, o := range r.orgs {
		root.Audience.Orgs = append(root.Audience.Orgs, incident.OrgID(o))
	}
	return root
}

// Sight returns what was scanned as policy is asked about it; ok is false for a
// row of NULLs.
func (r *SightRow) Sight() (s incident.Sight, ok bool) {
	root := r.Root()
	if root == nil {
		return s, false
	}
	return root.Sight(), true
}

// QueueRoots asks for the rows of some roots, those that there are; the scope
// is Writer.
func QueueRoots(b *pgx.Batch, log incident.LogID, roots []incident.Seq, into map[incident.Seq]*Root) {
	list := make([]int64, len(roots))
	for i, r := range roots {
		list[i] = int64(r)
	}
	b.Queue(`SELECT `+SightColumns+` FROM root r WHERE r.log = $1 AND r.seq = ANY ($2)`, string(log), list).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var r SightRow
			if err := rows.Scan(r.Targets()...); err != nil {
				return err
			}
			if root := r.Root(); root != nil {
				into[root.Seq] = root
			}
		}
		return rows.Err()
	})
}

// QueueMembers asks for all membership rows of a room; the scope is Writer.
func QueueMembers(b *pgx.Batch, log incident.LogID, into *[]Member) {
	b.Queue(`SELECT root, number, person, org, role, state, host, start FROM member WHERE log = $1 ORDER BY root`, string(log)).Query(func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (m Member, err error) {
			var root, start int64
			var number int32
			err = r.Scan(&root, &number, (*string)(&m.Person), (*string)(&m.Org), (*string)(&m.Role), (*string)(&m.State), &m.Host, &start)
			m.Root, m.Number, m.Start = incident.Seq(root), incident.MemberNo(number), incident.Seq(start)
			return m, err
		})
		return err
	})
}
