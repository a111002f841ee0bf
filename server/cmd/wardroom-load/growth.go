package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Growth rows stand on an axis: the same work while one thing grows. All points
// of an axis are measured in turn within each repetition, so that what else the
// machine does befalls all of them, and the limit among them.

// sweep measures every row on both sides, in turn and as often as was asked
// for; each once for nothing before. Every second repetition goes the other way
// round, so that no point always comes after the same one. How the limit is
// measured is the caller's to say: for each row, once for all of them, or not
// at all.
func (g *ground) sweep(ctx context.Context, rows []row, how limitOf, measure func(s side, i int) (sample, error)) error {
	for n := -1; n < g.bench.Repeat; n++ {
		for at := range rows {
			i := at
			if n%2 != 0 {
				i = len(rows) - 1 - at
			}
			for _, s := range []side{ours, limit} {
				if s == limit && (how == noLimit || how == oneLimit && at > 0) {
					continue
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				m, err := measure(s, i)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", rows[i].Name, s, err)
				}
				switch {
				case n < 0:
				case s == limit && how == oneLimit:
					for r := range rows {
						rows[r].Pair[limit] = append(rows[r].Pair[limit], m)
					}
				default:
					rows[i].Pair[s] = append(rows[i].Pair[s], m)
				}
			}
		}
	}
	return nil
}

// limitOf says how the limit of an axis is measured.
type limitOf int

const (
	noLimit   limitOf = iota // nothing to compare with
	oneLimit                 // one figure for all points: to a bare server nothing grows
	eachLimit                // at each point
)

// counted is a number of things, one of which is called so.
func counted(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(int64(n)) + " " + one + "s"
}

// costColumns show what a piece of work costs, the sum of both halves first:
// that is what the aim is of.
func costColumns(piece string, a *aim) []column {
	return append([]column{{Name: "cpu", Unit: "µs of CPU " + piece + ", both", Less: true, scale: 1e6, Aim: a}}, cpuColumns(piece)...)
}

// cost adds to a sample what each of so many pieces cost, as costColumns show
// it.
func (b bill) cost(m sample, pieces int) {
	b.each(m, pieces)
	m["cpu"] = m["server"] + m["postgres"]
}

// connected is how many listen to a room while it is written to.
const connected = 50

// membersMeasured are how many are enrolled in the rooms that are compared.
var membersMeasured = []int{50, 1_000, 10_000}

// layMembers enrols them.
func (g *ground) layMembers(ctx context.Context) error {
	for _, n := range membersMeasured {
		room, err := g.openRoom(ctx, "Many are told")
		if err != nil {
			return err
		}
		began := time.Now()
		if err := g.enrol(ctx, room, n); err != nil {
			return err
		}
		g.enrolled = append(g.enrolled, room)
		g.enrolling = time.Since(began)
		g.note("members: %d enrolled in %v", n, g.enrolling.Round(time.Millisecond))
	}
	return nil
}

// memberRows post to rooms with more and more members, fifty of whom are
// connected.
func (g *ground) memberRows(ctx context.Context) ([]row, error) {
	rows := make([]row, len(membersMeasured))
	for i, n := range membersMeasured {
		rows[i] = row{Group: fmt.Sprintf("posts by %d writers to %d connected, while more are enrolled", listenerWriters, connected), Name: counted(n, "member"),
			Axis: "members", At: float64(n), Columns: costColumns("a post", growthAtMost(1.05))}
	}
	if err := g.postRows(ctx, rows, g.enrolled); err != nil {
		return rows, err
	}
	last := len(rows) - 1
	bytes, err := g.foldBytes(ctx, g.enrolled[last])
	rows[last].Notes = []string{fmt.Sprintf("invited and joined one by one through the journal in %v", g.enrolling.Round(time.Second)),
		fmt.Sprintf("the newest snapshot of its fold has %s KiB: the longer it is, the more entries lie between two", thousands(int64(bytes/1024)))}
	return rows, err
}

// foldBytes is how long the newest snapshot of a room's fold is; 0 if there is
// none.
func (g *ground) foldBytes(ctx context.Context, room incident.LogID) (n int, err error) {
	b := &pgx.Batch{}
	projection.Writer(room).Enter(b)
	b.Queue(`SELECT coalesce(max(octet_length(sealed)), 0) FROM fold WHERE log = $1`, string(room)).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
	return n, g.writer.SendBatch(ctx, b).Close()
}

// enrol has guests of many organisations join a room until it has n members.
// They are in its log as if each had followed a link; nobody of them signs in.
func (g *ground) enrol(ctx context.Context, room incident.LogID, n int) error {
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return err
	}
	var next atomic.Int64
	return atOnce(n-len(at.Members), fillers, func(int) error {
		i := int(next.Add(1))
		org, name := fmt.Sprintf("E%03d", i%500), fmt.Sprintf("Member %d of many", i)
		seat := incident.Seat{Name: name, Org: incident.OrgID(org), OrgName: "Enrolled trust " + org, ODS: org, OrgType: incident.Acute, Role: incident.Representative, History: incident.Full}
		invited, err := g.do(ctx, room, g.actors[0], command.InviteMember{KnownOrg: true, Issuer: issuerKey, Invitation: incident.RandomID(), Seat: seat})
		if err != nil {
			return err
		}
		who := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: name, Orgs: []incident.OrgID{seat.Org}}
		_, err = g.do(ctx, room, who, command.JoinRoom{Root: invited.Seq, Person: who.Person, How: "subject", Rules: at.Rules.Version})
		return err
	})
}

// postsEach is how many entries a repetition of a growth row posts.
func (g *ground) postsEach() int {
	if g.bench.Quick {
		return 500
	}
	return 4000
}

// postRows post to one room for each row, and beside it to the bare server,
// while the same number listens to each.
func (g *ground) postRows(ctx context.Context, rows []row, rooms []incident.LogID) error {
	each := (connected + socketsEach - 1) / socketsEach // sessions of one room's listeners
	if err := g.sessionsFor(ctx, each*socketsEach*len(rooms)); err != nil {
		return err
	}
	var crowds []*crowd
	var to []*target
	defer func() {
		for _, c := range crowds {
			c.leave()
		}
	}()
	// The rooms in their order, then the bare server.
	for i := range len(rooms) + 1 {
		t, room := g.limit, "bare"
		if i < len(rooms) {
			own, cookies := *g.ours, g.cookies[i*each:(i+1)*each]
			own.cookies = &cookies
			t, room = &own, string(rooms[i])
		}
		c, err := gather(ctx, t, room, connected)
		if err != nil {
			return err
		}
		crowds = append(crowds, c)
		to = append(to, t)
	}
	measure := func(s side, i int) (sample, error) {
		room := "bare"
		if s == limit {
			i = len(rooms)
		} else {
			room = string(rooms[i])
		}
		t, n := to[i], g.postsEach()
		list := make([]*poster, listenerWriters)
		for w := range list {
			list[w] = newPoster(t, room, w)
			defer list[w].close()
		}
		var b burst
		used, err := g.span(ctx, t, func() (err error) {
			if b, err = volley(listenerWriters, n, func(w int) (uint64, error) { return list[w].post(nextText()) }); err != nil {
				return err
			}
			wait, cancel := context.WithTimeout(ctx, deliveryWait)
			defer cancel()
			return crowds[i].await(wait, b.last)
		})
		if err != nil {
			return nil, err
		}
		m := b.sample()
		used.cost(m, b.entries)
		return m, nil
	}
	return g.sweep(ctx, rows, oneLimit, measure)
}

// volley lets n writers write so many entries between them; post is called by
// one writer at a time for each i.
func volley(n, entries int, post func(i int) (uint64, error)) (burst, error) {
	var left atomic.Int64
	left.Store(int64(entries))
	var b burst
	began := time.Now()
	type part struct {
		waits []float64
		last  uint64
		err   error
	}
	parts := make(chan part, n)
	for i := range n {
		go func() {
			var p part
			for p.err == nil && left.Add(-1) >= 0 {
				at := time.Now()
				var seq uint64
				if seq, p.err = post(i); p.err == nil {
					p.waits, p.last = append(p.waits, time.Since(at).Seconds()), max(p.last, seq)
				} else {
					left.Store(0)
				}
			}
			parts <- p
		}()
	}
	var err error
	for range n {
		p := <-parts
		b.waits, b.last = append(b.waits, p.waits...), max(b.last, p.last)
		if err == nil {
			err = p.err
		}
	}
	b.elapsed, b.entries = time.Since(began), len(b.waits)
	return b, err
}
