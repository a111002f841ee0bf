package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// What the long record holds, and how much is said in both rooms afterwards, so
// that what is on screen is the same.
const (
	recordActions   = 5_000
	recordDecisions = 500
	saidAfter       = 2 * pageEntries
)

var recordColumns = []column{
	{Name: "p50", Unit: "ms, p50", Less: true, scale: 1e3},
	{Name: "p99", Unit: "ms, p99", Less: true, scale: 1e3},
}

// recordRows open a room with a long record, and beside it, where the other
// rows have the bare server, a room with none: the limit of an opening is the
// opening of an empty room.
func (g *ground) recordRows(ctx context.Context) (rows []row, err error) {
	var rooms [2]incident.LogID
	for _, s := range []side{ours, limit} {
		if rooms[s], err = g.openRoom(ctx, [...]string{ours: "A long record", limit: "No record"}[s]); err != nil {
			return nil, err
		}
		if s == ours {
			if err := g.keepRecord(ctx, rooms[s]); err != nil {
				return nil, err
			}
		}
		for range saidAfter {
			if _, err := g.do(ctx, rooms[s], g.actors[1], command.PostMessage{Text: nextText()}); err != nil {
				return nil, err
			}
		}
	}
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	read := func(paths ...string) func(incident.LogID) error {
		return func(room incident.LogID) error {
			for _, p := range paths {
				if err := g.read(ctx, client, "/api/v1/rooms/"+string(room)+p); err != nil {
					return err
				}
			}
			return nil
		}
	}
	shown := append(recordColumns[:len(recordColumns):len(recordColumns)], cpuColumns("each")...)
	group := fmt.Sprintf("a room with %s actions and %d decisions; limit: a room with none", thousands(recordActions), recordDecisions)
	for _, x := range []struct {
		name string
		do   func(incident.LogID) error
	}{
		{"joined live, to caught up", func(room incident.LogID) error {
			l := &listener{target: g.ours, room: string(room), cookie: g.ours.cookie(0)}
			l.moved.L = &l.mu
			_, err := l.connect(ctx, client, "null")
			if err == nil {
				err = l.conn.Close()
			}
			return err
		}},
		{"snapshot and newest page", read("", fmt.Sprintf("/entries?limit=%d", pageEntries))},
		{"what waits for me", read("/needs")},
		{"board of actions, first page", read("/record/action")},
		{"board of decisions, first page", read("/record/decision")},
	} {
		g.note("record: %s", x.name)
		r := row{Group: group, Name: x.name, Columns: shown}
		if r.Pair, err = g.take(ctx, func(s side, _ int) (sample, error) {
			return g.waits(ctx, g.ours, func() (time.Duration, error) {
				from := time.Now()
				err := x.do(rooms[s])
				return time.Since(from), err
			})
		}); err != nil {
			return rows, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// keepRecord has the lead raise actions for everybody in turn, half of which
// are accepted, and the others record decisions for her to confirm: as much as
// can wait for one person.
func (g *ground) keepRecord(ctx context.Context, room incident.LogID) error {
	began := time.Now()
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return err
	}
	numbers := make([]incident.MemberNo, len(g.actors))
	for i, a := range g.actors {
		m := at.Member(a.Person)
		if m == nil {
			return fmt.Errorf("%s is not in the room", a.Name)
		}
		numbers[i] = m.Number
	}
	var next atomic.Int64
	if err := atOnce(recordActions, fillers, func(int) error {
		n := int(next.Add(1))
		who := n % len(g.actors)
		r, err := g.do(ctx, room, g.actors[0], command.RaiseAction{Text: messageText(n), For: incident.Assignee{Member: numbers[who], Org: "DSC"}})
		if err == nil && n/len(g.actors)%2 == 0 {
			_, err = g.do(ctx, room, g.actors[who], command.AcceptAction{Root: r.Seq, Seen: r.Seq})
		}
		return err
	}); err != nil {
		return err
	}
	if err := atOnce(recordDecisions, fillers, func(int) error {
		n := int(next.Add(1))
		_, err := g.do(ctx, room, g.actors[1+n%(len(g.actors)-1)], command.RecordDecision{Taken: command.Taken{Decision: messageText(n), Rationale: messageText(n), Maker: numbers[0]}})
		return err
	}); err != nil {
		return err
	}
	g.note("record: %s actions and %d decisions kept in %v", thousands(recordActions), recordDecisions, time.Since(began).Round(time.Second))
	return nil
}

// read asks for something of the product and reads all of the answer.
func (g *ground) read(ctx context.Context, client *http.Client, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+g.ours.address+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", g.ours.cookie(0))
	req.Header.Set("Origin", g.ours.origin)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s was answered with %s: %s", path, res.Status, text)
	}
	return err
}
