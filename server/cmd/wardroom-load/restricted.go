package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync/atomic"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// Restricted entries: who listens, and to how many different sets of them what
// is said goes in turn.
const (
	guestOrgs           = 20
	restrictedListeners = 200
	restrictedAudiences = 5
)

// restrictedRows compare, in one room of the product with listeners of many
// organisations, entries that go to some of them only (everybody else gets the
// stub) with entries that go to all: the limit is the latter, on the same
// server. Everybody is delivered every entry, in one form or the other. Then
// the number of audiences grows that what is said goes to in turn.
func (g *ground) restrictedRows(ctx context.Context) ([]row, error) {
	room, cookies, err := g.guestRoom(ctx)
	if err != nil {
		return nil, err
	}
	t := *g.ours
	t.cookies = &cookies
	c, err := gather(ctx, &t, string(room), restrictedListeners)
	if err != nil {
		return nil, err
	}
	defer c.leave()
	both := g.posters(string(room), listenerWriters)
	defer closeAll(both)
	measure := func(to []string) (sample, error) {
		var next atomic.Int64
		var b burst
		used, err := g.span(ctx, &t, func() (err error) {
			began := time.Now()
			if b, err = volley(listenerWriters, g.postsEach(), func(i int) (uint64, error) {
				return both[ours][i].say(nextText(), to[int(next.Add(1))%len(to)])
			}); err != nil {
				return err
			}
			wait, cancel := context.WithTimeout(ctx, deliveryWait)
			defer cancel()
			err = c.await(wait, b.last)
			b.elapsed = time.Since(began)
			return err
		})
		if err != nil {
			return nil, err
		}
		m := b.sample()
		used.cost(m, b.entries)
		return m, nil
	}
	columns := append([]column{{Name: "rate", Unit: "entries/s, delivered to all"}}, costColumns("an entry", nil)...)
	forAll := []string{""}
	group := fmt.Sprintf("entries for some of %d listeners of %d organisations; limit: for all of them, on the same server", restrictedListeners, guestOrgs)
	rows := []row{
		{Group: group, Name: fmt.Sprintf("%d writers, %d audiences in turn", listenerWriters, restrictedAudiences), Columns: columns},
		{Group: group, Name: "two audiences in turn: four classes of viewer", Columns: aimed(columns, "cpu", atMost(1.1))},
	}
	some := [][]string{nil, {audience(0, 1, 10), audience(5, 1, 10)}}
	for i := range restrictedAudiences {
		some[0] = append(some[0], audience(i*4, 3, guestOrgs/4))
	}
	for i := range rows {
		g.note("restricted: %s", rows[i].Name)
		if rows[i].Pair, err = g.take(ctx, func(s side, _ int) (sample, error) { return measure([][]string{ours: some[i], limit: forAll}[s]) }); err != nil {
			return rows, err
		}
	}
	var grown []row
	for _, n := range audiencesMeasured {
		grown = append(grown, row{Group: fmt.Sprintf("entries for a quarter of %d organisations, while the audiences they go to in turn become more; limit: entries for all", guestOrgs), Name: counted(n, "audience"),
			Axis: "audiences", At: float64(n), Columns: columns[1:]})
	}
	g.note("restricted: growing audiences")
	err = g.sweep(ctx, grown, oneLimit, func(s side, i int) (sample, error) {
		if s == limit {
			return measure(forAll)
		}
		var to []string
		for n := range audiencesMeasured[i] {
			to = append(to, audience(n, 3, guestOrgs/4))
		}
		return measure(to)
	})
	return append(rows, grown...), err
}

// audiencesMeasured are how many distinct ones there are among the entries.
var audiencesMeasured = []int{1, 5, 20}

// audience is so many organisations, from one on and every so manieth.
func audience(first, step, many int) string {
	var orgs []string
	for n := range many {
		orgs = append(orgs, fmt.Sprintf("%q", guestOrg((first+n*step)%guestOrgs)))
	}
	return `,"audience":{"kind":"named","orgs":[` + strings.Join(orgs, ",") + `]}`
}

func guestOrg(i int) incident.OrgID { return incident.OrgID(fmt.Sprintf("T%02d", i+1)) }

// guests are one person of each organisation, each signed in as often as their
// sockets need.
type guests struct {
	actors  []incident.Actor
	seats   []incident.Seat
	cookies []string // the organisations in turn, so that each has as many listeners as any
	first   []string // the first guest's alone
}

// guestRoom opens a room in which the guests are.
func (g *ground) guestRoom(ctx context.Context) (room incident.LogID, cookies []string, err error) {
	if g.guests == nil {
		if g.guests, err = g.invent(ctx); err != nil {
			return room, nil, err
		}
	}
	if room, err = g.openRoom(ctx, "Many organisations"); err != nil {
		return room, nil, err
	}
	for i, who := range g.guests.actors {
		if err := g.admit(ctx, room, who, g.guests.seats[i]); err != nil {
			return room, nil, err
		}
	}
	return room, g.guests.cookies, g.sessionsFor(ctx, listenerWriters)
}

// invent registers the guests and signs them in.
func (g *ground) invent(ctx context.Context) (*guests, error) {
	house, system := incident.Actor{System: true}, g.journal.SystemLog()
	sessions := (restrictedListeners + socketsEach*guestOrgs - 1) / (socketsEach * guestOrgs)
	all, byOrg := &guests{}, make([][]string, guestOrgs)
	for i := range guestOrgs {
		org, name := guestOrg(i), fmt.Sprintf("Guest %d", i+1)
		sum := sha256.Sum256(fmt.Appendf(nil, "wardroom development guest %s %d", issuerKey, i+1)) // deploy/dev/idp/accounts.mjs
		who := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: name, Orgs: []incident.OrgID{org}}
		orgName := fmt.Sprintf("Test organisation %d", i+1)
		for _, cmd := range []command.Command{
			command.AddOrganisation{Organisation: incident.Organisation{Code: org, ODS: string(org), Name: orgName, Type: incident.Acute, Issuer: issuerKey}},
			command.AddPerson{Person: who.Person, Name: name, Issuer: issuerKey, Subject: hex.EncodeToString(sum[:])[:24], Orgs: who.Orgs},
		} {
			if _, err := g.do(ctx, system, house, cmd); err != nil {
				return nil, err
			}
		}
		all.actors = append(all.actors, who)
		all.seats = append(all.seats, incident.Seat{Name: name, Org: org, OrgName: orgName, ODS: string(org), OrgType: incident.Acute, Role: incident.Representative, History: incident.Full})
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		browser := &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for range sessions {
			cookie, err := g.signIn(ctx, browser, fmt.Sprintf("guest%d", i+1))
			if err != nil {
				return nil, fmt.Errorf("signing %s in: %w", name, err)
			}
			byOrg[i] = append(byOrg[i], cookie)
		}
	}
	for n := range sessions {
		for i := range guestOrgs {
			all.cookies = append(all.cookies, byOrg[i][n])
		}
	}
	all.first = byOrg[0]
	return all, nil
}
