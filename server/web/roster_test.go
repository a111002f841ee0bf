package web_test

import (
	"fmt"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// In a room whose roster is the hosts', two trusts are not told of each other,
// whatever either of them does beside writing to all.
func TestGuestsWhoAreNotToldOfOneAnotherAreNotToldByANoteEither(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "hosts")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	live := func(b *browser, after any) *socket {
		k := b.stream()
		k.send(object{"type": "subscribe", "room": room, "after": after})
		return k
	}
	ear := live(ciso, nil)
	ear.until("caught_up")
	at := func(n int) string { return fmt.Sprintf("/rooms/%s/entries/%d", room, n) }
	post := lead.say(room, "to the room")
	note := int(director.must(200, "POST", at(post)+"/note", object{})["seq"].(float64))
	own := int(ciso.must(200, "POST", at(post)+"/note", object{})["seq"].(float64))
	hosts := int(lead.must(200, "POST", at(post)+"/note", object{})["seq"].(float64))
	lead.must(200, "POST", at(post)+"/withhold", object{})
	lead.must(200, "POST", at(post)+"/restore", object{})
	want := map[int]string{post: "open", note: "stub", own: "open", hosts: "open"}
	judge := func(where string, list []object, skipped bool) {
		t.Helper()
		seen := map[int]bool{}
		for _, e := range list {
			n := int(e["seq"].(float64))
			seen[n] = true
			if w, ok := want[n]; ok && form(e) != w {
				t.Errorf("%s: entry %d is %s to the other guest, want %s", where, n, form(e), w)
			}
		}
		if seen[note] == skipped || !seen[post] || !seen[own] {
			t.Errorf("%s: brought %v", where, seqs(list))
		}
	}
	gather := func(k *socket, until int) (events []object) {
		for len(events) == 0 || int(events[len(events)-1]["seq"].(float64)) < until {
			events = append(events, objects(k.until("events")["events"])...)
		}
		return events
	}
	// Live, then all of it again as it is restored.
	var events []object
	for len(events) == 0 || int(events[len(events)-1]["seq"].(float64)) < hosts {
		events = append(events, objects(ear.until("events")["events"])...)
	}
	judge("live", events, false)
	judge("opened again", objects(ear.until("opened")["events"]), true)
	entries, related := ciso.page(room, "?limit=200")
	judge("the page", entries, false)
	entries, related = ciso.page(room, fmt.Sprintf("?around=%d&limit=1", post))
	judge("what is related", append(entries, related...), true)
	judge("the object", objects(ciso.must(200, "GET", at(post), nil)["entries"]), true)
	ciso.refused(404, "not_found", "GET", at(note), nil)
	hits := objects(ciso.must(200, "POST", "/rooms/"+room+"/search", object{"text": "room", "kind": "message"})["hits"])
	judge("search", objects(hits[0]["entries"]), true)
	if hits := objects(ciso.must(200, "POST", "/rooms/"+room+"/search", object{"person": 3})["hits"]); len(hits) != 0 {
		t.Errorf("searching for what a hidden member did: %v", hits)
	}
	judge("resumed", gather(live(ciso, post-1), hosts), false)
	if got := objects(director.must(200, "GET", at(post), nil)["entries"]); len(got) != len(objects(lead.must(200, "GET", at(post), nil)["entries"]))-1 {
		t.Errorf("who gave it does not have it: %v", seqs(got)) // all but the other guest's
	}

	// Under an envelope the note is one too, and hidden all the same.
	lead.say(room, "eyes only", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
	lead.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "x", "tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2, 3}}})
	p := lead.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "x", "audience": object{"kind": "named", "orgs": []string{"X1N", "X2E"}}})
	if fields := objects(p["errors"]); fields[0]["name"] != "audience" || !strings.Contains(fields[0]["message"].(string), "entry of its own") {
		t.Errorf("naming two guests to each other: %v", p)
	}
	p = lead.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "x", "mentions": []int{3}})
	if objects(p["errors"])[0]["name"] != "mentions" {
		t.Errorf("mentioning a guest to all: %v", p)
	}
	lead.must(201, "POST", "/rooms/"+room+"/messages", object{"text": "x", "mentions": []int{3}, "audience": object{"kind": "named", "members": []int{3}}})
	page := string(ciso.send("GET", "/api/v1/rooms/"+room+"/entries?limit=200", nil).body)
	for _, secret := range []string{`\"member\":3`, `\"X2E`, "Eastmere", door.people["director"].Name} {
		if strings.Contains(page, secret) {
			t.Errorf("%q stands in the other guest's page", secret)
		}
	}
	s.CheckLog(incident.LogID(room))
}
