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
// server.
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
	said := [2][]string{limit: {""}}
	for i := range restrictedAudiences {
		said[ours] = append(said[ours], audienceOf(i))
	}
	var next atomic.Int64
	g.note("restricted: %d listeners", restrictedListeners)
	r := row{Group: fmt.Sprintf("entries for some of %d listeners of %d organisations, %d audiences in turn; limit: for all of them, on the same server", restrictedListeners, guestOrgs, restrictedAudiences),
		Name: fmt.Sprintf("%d writers", listenerWriters), Columns: append([]column{{Name: "rate", Unit: "entries/s, delivered to all"}}, cpuColumns("an entry")...)}
	r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
		var b burst
		used, err := g.span(ctx, &t, func() (err error) {
			began := time.Now()
			if b, err = hammer(listenerWriters, g.bench.For, func(i int) (uint64, error) {
				return both[ours][i].say(nextText(), said[s][int(next.Add(1))%len(said[s])])
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
		used.each(m, b.entries)
		return m, nil
	})
	return []row{r}, err
}

// audienceOf is the i-th audience: a quarter of the organisations, each time
// others.
func audienceOf(i int) string {
	var orgs []string
	for n := range guestOrgs / 4 {
		orgs = append(orgs, fmt.Sprintf("%q", guestOrg((n*3+i*4)%guestOrgs)))
	}
	return `,"audience":{"kind":"named","orgs":[` + strings.Join(orgs, ",") + `]}`
}

func guestOrg(i int) incident.OrgID { return incident.OrgID(fmt.Sprintf("T%02d", i+1)) }

// guestRoom opens a room in which one person of each organisation is, and signs
// each of them in as often as their sockets need.
func (g *ground) guestRoom(ctx context.Context) (room incident.LogID, cookies []string, err error) {
	if room, err = g.openRoom(ctx, "Many organisations"); err != nil {
		return room, nil, err
	}
	house, system := incident.Actor{System: true}, g.journal.SystemLog()
	sessions := restrictedListeners / socketsEach / guestOrgs
	if restrictedListeners%(socketsEach*guestOrgs) != 0 {
		sessions++
	}
	byOrg := make([][]string, guestOrgs)
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
				return room, nil, err
			}
		}
		invited, err := g.do(ctx, room, g.actors[0], command.InviteMember{KnownOrg: true, Issuer: issuerKey, Invitation: incident.RandomID(),
			Seat: incident.Seat{Name: name, Org: org, OrgName: orgName, ODS: string(org), OrgType: incident.Acute, Role: incident.Representative, History: incident.Full}})
		if err != nil {
			return room, nil, err
		}
		at, err := g.journal.Room(ctx, room)
		if err != nil {
			return room, nil, err
		}
		if _, err := g.do(ctx, room, who, command.JoinRoom{Root: invited.Seq, Person: who.Person, How: "subject", Rules: at.Rules.Version}); err != nil {
			return room, nil, err
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			return room, nil, err
		}
		browser := &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for range sessions {
			cookie, err := g.signIn(ctx, browser, fmt.Sprintf("guest%d", i+1))
			if err != nil {
				return room, nil, fmt.Errorf("signing %s in: %w", name, err)
			}
			byOrg[i] = append(byOrg[i], cookie)
		}
	}
	for n := range sessions { // so that each organisation has as many listeners as any
		for i := range guestOrgs {
			cookies = append(cookies, byOrg[i][n])
		}
	}
	return room, cookies, g.sessionsFor(ctx, listenerWriters)
}
