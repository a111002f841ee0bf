package web_test

import "testing"

func TestAMomentIsLookedUpByTheClockOfTheRoom(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	exercise := lead.must(201, "POST", "/rooms", object{"title": "12 May 2017", "mode": "exercise", "roster": "names", "org": "DSC", "report": object{"major": true, "type": "Worm"},
		"clock": object{"at": "2017-05-12T16:10:00Z", "factor": 1, "paused": true}})["room"].(string)
	first := lead.say(exercise, "at ten past four")
	lead.must(200, "POST", "/rooms/"+exercise+"/clock", object{"at": "2017-05-12T18:00:00Z", "factor": 1, "paused": true})
	second := lead.say(exercise, "at six")
	at := func(room, time string) int {
		t.Helper()
		return int(lead.must(200, "GET", "/rooms/"+room+"/entries/at?time="+time, nil)["seq"].(float64))
	}
	for time, want := range map[string][2]int{ // from, to: the clock's own entry bears one of the two times
		"2017-05-12T16:10:01Z": {first + 1, second}, "2017-05-12T18:00:00Z": {first + 1, second}, "2017-05-12T18:00:01Z": {second, second}, "2026-01-01T00:00:00Z": {second, second},
		"2017-05-11T00:00:00Z": {1, first}, "2017-05-12T16:10:00Z": {1, first},
	} {
		if got := at(exercise, time); got < want[0] || got > want[1] {
			t.Errorf("%s: %d, want %v", time, got, want)
		}
	}
	if got := at(exercise, "2017-05-12T16:10:00Z"); got <= 4 {
		t.Errorf("what was written before the clock was set: %d", got)
	}
	incident := lead.openRoom("incident", "names")
	last := lead.say(incident, "by no clock but the real one")
	if a, b := at(incident, "2017-05-12T16:10:00Z"), at(incident, "2100-01-01T00:00:00Z"); a != 1 || b != last {
		t.Errorf("an incident: %d, %d", a, b)
	}
}
