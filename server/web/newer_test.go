package web_test

import (
	"slices"
	"testing"
	"time"

	"wardroom/server/incident"
)

// While a deployment is renewed node by node, a room that goes on with what
// only newer nodes read takes nobody's other rooms away on an older one: it is
// counted, to those who have it.
func TestARoomThatOnlyNewerServersReadHidesNoOther(t *testing.T) {
	b := newBeside(t)
	had := b.mine(b.lead)
	if _, there := b.lead.must(200, "GET", "/rooms", nil)["elsewhere"]; !there || len(had) < 2 {
		t.Fatalf("the lead has %d rooms", len(had))
	}
	b.s.Newer(incident.LogID(b.cell), "hologram.shown", `{}`)
	read := func(who *browser) (ids []string, elsewhere float64) {
		a := who.must(200, "GET", "/rooms", nil)
		for _, r := range objects(a["rooms"]) {
			ids = append(ids, r["id"].(string))
		}
		return ids, a["elsewhere"].(float64)
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) { // it is noticed as another node's entries are
		if _, n := read(b.lead); n == 1 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the room that cannot be read is not counted")
		}
	}
	for name, who := range map[string]*browser{"lead": b.lead, "ciso": b.ciso} {
		if ids, n := read(who); n != 1 || !slices.Contains(ids, b.room) || slices.Contains(ids, b.cell) {
			t.Errorf("%s has %v and %v elsewhere", name, ids, n)
		}
	}
	if ids, n := read(b.director); n != 0 || len(ids) != 1 { // who is not in it learns nothing
		t.Errorf("another trust has %v and %v elsewhere", ids, n)
	}
	b.lead.refused(503, "unavailable", "GET", "/rooms/"+b.cell, nil)
}

// Whoever leads another room can still shut out an organisation and let people
// in; who leads none that can be read is sent to a server that knows, and not
// told that they may not.
func TestARoomThatOnlyNewerServersReadTakesNobodysPowersAway(t *testing.T) {
	for name, newer := range map[string]func(*beside) []string{
		"the main room": func(b *beside) []string { return []string{b.room} },
		"the side room": func(b *beside) []string { return []string{b.cell} },
		"both":          func(b *beside) []string { return []string{b.room, b.cell} },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBeside(t)
			if b.lead.must(200, "GET", "/freezes", nil)["may"] != true {
				t.Fatal("the lead may freeze nothing to begin with")
			}
			rooms := newer(b)
			for _, room := range rooms {
				b.s.Newer(incident.LogID(room), "hologram.shown", `{}`)
				for until := time.Now().Add(20 * time.Second); b.lead.send("GET", "/api/v1/rooms/"+room, nil).status != 503; time.Sleep(10 * time.Millisecond) {
					if time.Now().After(until) {
						t.Fatal("it is still read")
					}
				}
			}
			if len(rooms) == 2 {
				b.lead.refused(503, "unavailable", "GET", "/freezes", nil)
			} else if b.lead.must(200, "GET", "/freezes", nil)["may"] != true {
				t.Error("the lead may freeze nothing any more")
			}
		})
	}
}
