package web_test

import (
	"fmt"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// deskPaths are everything that can be asked of a room's desk.
func deskPaths(room string, n int) []string {
	return []string{"/desk/timeline?room=" + room, "/desk/timeline?order=newest&room=" + room, "/desk/timeline?kind=message&room=" + room, "/desk/timeline?tlp=TLP:RED&room=" + room,
		"/desk/timeline?by=happened&from=2020-01-01T00:00:00Z&room=" + room, "/desk/timeline?person=" + room + ".1&room=" + room, fmt.Sprintf("/desk/history?entry=%d&room=%s", n, room),
		"/desk/known?member=1&entry=9&room=" + room, "/desk/known?member=2&time=2099-01-01T00:00:00Z&room=" + room, "/desk/access?room=" + room, "/desk/gaps?room=" + room, "/desk/chart?room=" + room}
}

func TestNothingOfWhatAnAuditorMayNotSeeIsInAnyAnswerOfTheDesk(t *testing.T) {
	c := newCast(t)
	lead, rep, auditor := c.browsers["lead"], c.browsers["representative"], c.browsers["auditor"]
	hosts := lead.say(c.room, "canary between hosts", object{"audience": object{"kind": "hosts"}})
	red := lead.say(c.room, "canary in red", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1, 2}}})
	rep.say(c.room, "canary of a guest", object{"audience": object{"kind": "named", "members": []int{2}}})
	lead.must(201, "POST", "/rooms/"+c.room+"/decisions/proposals", object{"decision": "canary decided", "rationale": "canary", "audience": object{"kind": "named", "members": []int{1}}})
	withheld := lead.say(c.room, "canary withheld")
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/withhold", c.room, withheld), object{})
	lead.say(c.room, "for everyone")
	for _, path := range deskPaths(c.room, hosts) {
		r := auditor.send("GET", "/api/v1"+path, nil)
		if want := map[bool]int{true: 404, false: 200}[strings.Contains(path, "/history")]; r.status != want {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
		for _, leak := range []string{"canary", "withheld", "decision.proposed", fmt.Sprintf(`"root":%d,`, red)} {
			if strings.Contains(string(r.body), leak) {
				t.Errorf("%s tells of %q: %s", path, leak, r.body)
			}
		}
	}
	// The same looked for by those who may: the test can find what it looks for.
	if r := lead.send("GET", "/api/v1/desk/timeline?room="+c.room, nil); !strings.Contains(string(r.body), "canary between hosts") || strings.Contains(string(r.body), "canary in red") {
		t.Errorf("the lead's timeline: %d %s", r.status, r.body)
	}
}

func TestToWhomeverTheDeskIsNotForItIsNotThere(t *testing.T) {
	c := newCast(t)
	for _, role := range []string{"representative", "observer", "left", "stranger", "host", "admin"} {
		b := c.browsers[role]
		for i, path := range deskPaths(c.room, 1) {
			got := b.send("GET", "/api/v1"+path, nil)
			want := b.send("GET", "/api/v1"+deskPaths(incident.RandomID(), 1)[i], nil)
			if got.status != 404 || string(got.body) != string(want.body) {
				t.Errorf("%s as %s: %d %s", path, role, got.status, got.body)
			}
		}
		if r := b.send("GET", "/api/v1/desk/rooms", nil); r.status != 200 || strings.Contains(string(r.body), c.room) {
			t.Errorf("the rooms of %s's desk: %d %s", role, r.status, r.body)
		}
	}
	// One room that is not theirs among those asked for is no answer at all.
	if r := c.browsers["auditor"].send("GET", "/api/v1/desk/timeline?room="+c.room+"&room="+c.other, nil); r.status != 404 {
		t.Errorf("two rooms, one of them another's: %d", r.status)
	}
}

func TestTheDeskNamesOrganisationsAsTheyWereAndWhatStandsInTheirPlaceToday(t *testing.T) {
	c := newCast(t)
	house := incident.Actor{System: true}
	for _, cmd := range []command.Command{command.CloseOrganisation{Code: "X1N", Successor: "X2E"},
		command.ChangeOrganisation{Organisation: incident.Organisation{Code: "X2E", ODS: "X2E", Name: "Eastmere and Northmoor NHS Trust", Type: incident.Acute, Issuer: "health"}}} {
		c.s.Must(c.s.Journal.Append(t.Context(), c.s.Journal.SystemLog(), house, c.s.Key(), cmd))
	}
	r := c.browsers["auditor"].send("GET", "/api/v1/desk/rooms", nil)
	if !strings.Contains(string(r.body), `"code":"X1N"`) || !strings.Contains(string(r.body), `"successorName":"Eastmere and Northmoor NHS Trust"`) || !strings.Contains(string(r.body), `"closed":true`) {
		t.Errorf("organisations today: %s", r.body)
	}
	chart := c.browsers["auditor"].send("GET", "/api/v1/desk/chart?room="+c.room, nil)
	if !strings.Contains(string(chart.body), "Northmoor NHS Trust") {
		t.Errorf("names as they were: %s", chart.body)
	}
}

func TestWhatAPageBringsIsToldAsDelivered(t *testing.T) {
	c := newCast(t)
	lead, rep, auditor := c.browsers["lead"], c.browsers["representative"], c.browsers["auditor"]
	n := lead.say(c.room, "for everyone")
	given := func() bool {
		t.Helper()
		if err := c.s.Journal.WriteDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := auditor.must(200, "GET", fmt.Sprintf("/desk/known?room=%s&member=2&entry=%d", c.room, n), nil)
		for _, x := range a["facts"].([]any) {
			f := x.(object)
			g, ok := f["given"].(object)
			if f["from"] == float64(n) && ok && g["how"] == "page" && g["form"] == "open" {
				return true
			}
		}
		return false
	}
	if given() {
		t.Error("nobody asked for the page, and it is told as delivered")
	}
	rep.must(200, "GET", "/rooms/"+c.room+"/entries", nil)
	if !given() {
		t.Error("what the page brought is not told as delivered")
	}
}
