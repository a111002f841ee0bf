package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

const owed = "canary: letters of a clinic were copied"

func TestAClockIsAnOrganisationsAndNobodyElseIsToldOfIt(t *testing.T) {
	c := newCast(t)
	lead, guest := c.browsers["lead"], c.browsers["representative"]
	other := c.s.as("supplier")
	other.join(lead, c.room, "supplier", "representative", "full")
	aware := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	root := int(guest.must(201, "POST", "/rooms/"+c.room+"/clocks", object{"statute": "gdpr_33", "aware": aware, "known": owed})["seq"].(float64))
	board := func(b *browser, query string) int {
		t.Helper()
		return len(b.must(200, "GET", "/rooms/"+c.room+"/record/clock"+query, nil)["roots"].([]any))
	}
	for _, query := range []string{"", "?state=running", "?mine=true"} {
		if n := board(guest, query); n != 1 {
			t.Errorf("%q lists %d for whose it is", query, n)
		}
		if n := board(other, query); n != 0 {
			t.Errorf("%q lists %d for another guest", query, n)
		}
	}
	if n := board(lead, "?mine=true"); n != 0 {
		t.Errorf("it waits for a host: %d", n)
	}
	if n := board(lead, "?overdue=true"); n != 0 {
		t.Errorf("it is overdue: %d", n)
	}
	if r := guest.must(200, "GET", "/rooms/"+c.room+"/needs", nil)["roots"].([]any); len(r) == 0 || int(r[0].(float64)) != root {
		t.Errorf("what waits for its owner: %v", r)
	}
	// The same bytes as for what is not there.
	want := other.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for act, body := range map[string]object{"correct": {"aware": aware, "reason": "r", "seen": root}, "hand": {"owner": 0, "seen": root}, "evidence": {"reference": "r", "seen": root},
		"withdraw": {"reason": "r", "seen": root}, "chase": {}} {
		for _, seq := range []int{root, root + 1000} {
			if r := other.send("POST", fmt.Sprintf("/api/v1/rooms/%s/clocks/%d/%s", c.room, seq, act), body); r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s of %d by another guest: %d %s", act, seq, r.status, r.body)
			}
		}
	}
	for _, path := range []string{fmt.Sprintf("/entries/%d", root), "/record/clock", "/needs", "", "/entries?before=100000"} {
		if body := string(other.send("GET", "/api/v1/rooms/"+c.room+path, nil).body); strings.Contains(body, "canary: letters") || strings.Contains(body, "clock.started") {
			t.Errorf("%s tells another guest of it: %s", path, body)
		}
	}
	earlier := aware.Add(-72 * time.Hour)
	guest.must(200, "POST", fmt.Sprintf("/rooms/%s/clocks/%d/correct", c.room, root), object{"aware": earlier, "reason": "the ward knew", "seen": root})
	if n := board(lead, "?overdue=true"); n != 1 { // by real time, in an exercise too
		t.Errorf("corrected, %d are overdue", n)
	}
	guest.must(200, "POST", fmt.Sprintf("/rooms/%s/clocks/%d/evidence", c.room, root), object{"reference": "IC-1234", "seen": root + 1})
	if n := board(guest, "?state=evidenced"); n != 1 || board(guest, "?mine=true") != 0 {
		t.Errorf("evidenced: %d", n)
	}
}

func TestWhatAHostStartsWaitsForWhoeverSpeaksForTheOrganisation(t *testing.T) {
	c := newCast(t)
	lead, guest := c.browsers["lead"], c.browsers["representative"]
	mine := func(b *browser) int {
		return len(b.must(200, "GET", "/rooms/"+c.room+"/record/clock?mine=true", nil)["roots"].([]any))
	}
	root := int(lead.must(201, "POST", "/rooms/"+c.room+"/clocks", object{"statute": "nis", "aware": time.Now().Add(-time.Hour), "org": "X1N", "via": "telephone"})["seq"].(float64))
	if n := mine(guest); n != 1 {
		t.Fatalf("what a host started for them waits for whoever speaks for them: %d", n)
	}
	told := lead.must(201, "POST", "/rooms/"+c.room+"/ministers", object{"text": "canary: the minister"})
	if mine(lead) != 1 || mine(guest) != 1 || told["seq"] == nil {
		t.Errorf("ministers told: the lead has %d, the guest %d", mine(lead), mine(guest))
	}
	guest.must(200, "POST", fmt.Sprintf("/rooms/%s/clocks/%d/withdraw", c.room, root), object{"reason": "not notifiable", "seen": root})
	if mine(guest) != 0 {
		t.Error("it waits on")
	}
}
