package web_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/servertest/remains"
)

// What is opened at the front door and ended again leaves nothing open: 500
// sockets with 200 subscriptions, files sent whole, read and given up, and bundles
// fetched.
func TestWhatHasEndedLeavesNothingOpen(t *testing.T) {
	o := newOutgoing(t)
	o.hostsAgree()
	if err := o.notary.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.second.stepUp("nightlead")
	o.second.must(200, "POST", o.at("/approve"), object{"seen": o.head()})
	o.lead.stepUp("lead")
	take := string(o.Key()) // one taking, fetched as often as it is asked for
	rooms := []string{o.room, o.lead.openRoom("incident", "names"), o.lead.openRoom("exercise", "names"), o.lead.openRoom("incident", "hosts")}
	file := content(7, mib+4096)

	people := []*browser{o.lead, o.second, o.rep, o.other, o.auditor}

	round := func(n int) {
		var open []*websocket.Conn
		for i := range 25 {
			who := i % len(people)
			k := people[who].stream()
			open = append(open, k.ws)
			if i < 10 {
				room := o.room
				if who == 0 {
					room = rooms[n%len(rooms)]
				}
				k.send(object{"type": "subscribe", "room": room, "after": 0})
				k.until("caught_up")
			}
		}
		whole := o.lead.upload(o.room, "whole.bin", file)
		seq := o.lead.say(o.room, fmt.Sprintf("round %d", n), object{"attachments": []string{whole}})
		if r := o.rep.send("GET", filePath(o.room, seq, 1), nil); r.status != 200 || len(r.body) != len(file) {
			t.Fatalf("the file: %d, %d bytes", r.status, len(r.body))
		}
		half := o.lead.begin(o.room, "given up.bin", 2*len(file))
		o.lead.put(o.room, half, 0, file)
		o.lead.must(204, "DELETE", "/rooms/"+o.room+"/uploads/"+half, nil)
		if n%4 == 0 {
			if r := o.lead.send("POST", "/api/v1"+o.at("/take"), object{}, "Idempotency-Key", take); r.status != 200 {
				t.Fatalf("the bundle: %d %s", r.status, r.body)
			}
		}
		for i, ws := range open {
			if i%2 == 0 { // with a word, or as a line that breaks
				ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
			}
			ws.Close()
		}
	}

	for n := range rooms { // what is kept for good is made on first use
		round(n)
	}
	fill(t, o.DB.Writer)
	fill(t, o.DB.Reader)
	before := remains.Now()
	for n := range 20 {
		round(n)
	}
	remains.NoMoreThan(t, before)
}

// fill opens every connection that the pool may keep.
func fill(t *testing.T, p *pgxpool.Pool) {
	t.Helper()
	var held []*pgxpool.Conn
	for range p.Config().MaxConns {
		c, err := p.Acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	for _, c := range held {
		c.Release()
	}
}

// closeDoor ends what all tests shared.
func closeDoor() {
	if door.server != nil {
		door.server.Close()
	}
	if door.idp != nil {
		door.idp.Stop(context.Background())
	}
	if door.dir != "" {
		os.RemoveAll(door.dir)
	}
}
