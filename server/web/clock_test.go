package web_test

import (
	"slices"
	"testing"

	"wardroom/server/incident"
)

// In an exercise people live by its clock: what they look for, and when they
// say that something happened, is by that.
func TestAnExerciseIsSearchedAndToldByItsOwnClock(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.must(201, "POST", "/rooms", object{"title": "12 May 2017", "mode": "exercise", "roster": "names", "org": "DSC", "report": object{"major": true, "type": "Worm"},
		"clock": object{"at": "2017-05-12T16:10:00Z", "factor": 1, "paused": true}})["room"].(string)
	seq := lead.say(room, "screens are turning red")
	find := func(q object) []int {
		t.Helper()
		q["text"] = "screens"
		return seqs(objects(lead.must(200, "POST", "/rooms/"+room+"/search", q)["hits"]))
	}
	if got := find(object{"from": "2017-05-12T00:00:00Z", "to": "2017-05-12T23:59:59Z"}); !slices.Equal(got, []int{seq}) {
		t.Errorf("on the exercise's day: %v", got)
	}
	for _, q := range []object{{"from": "2017-05-13T00:00:00Z"}, {"to": "2017-05-11T23:59:59Z"}} {
		if got := find(q); len(got) != 0 {
			t.Errorf("%v found %v", q, got)
		}
	}
	lead.must(201, "POST", "/rooms/"+room+"/messages", object{"text": "the first call", "occurred": "2017-05-12T16:05:00Z"})
	for _, late := range []string{"2017-05-12T16:20:00Z", "2020-01-01T00:00:00Z"} {
		p := lead.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": "the first call", "occurred": late})
		if objects(p["errors"])[0]["name"] != "occurred" {
			t.Errorf("occurred at %s: %v", late, p)
		}
	}
	real := lead.openRoom("incident", "names")
	lead.must(201, "POST", "/rooms/"+real+"/messages", object{"text": "x", "occurred": "2020-01-01T00:00:00Z"})
	lead.refused(422, "invalid", "POST", "/rooms/"+real+"/messages", object{"text": "x", "occurred": "2100-01-01T00:00:00Z"})
	s.CheckLog(incident.LogID(room))
}
