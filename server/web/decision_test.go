package web_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// slot reads an open entry's slot as JSON.
func slot(t *testing.T, entry object, n int) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(entry["slots"].([]any)[n].(string)), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// A message becomes a decision, its maker confirms it with a second factor,
// and it leads to an action that is handed on and done.
func TestADecisionIsMadeOfAMessageConfirmedAndCarriedOut(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	x := door.people["ciso"].Organisation
	at := "/rooms/" + room
	entry := func(n int) string { return fmt.Sprintf("%s/entries/%d", at, n) }
	made := func(v object) int { return int(v["seq"].(float64)) }

	said := ciso.say(room, "We cut the link to the national network at ten past four", object{"tlp": "TLP:AMBER", "audience": object{"kind": "named", "members": []int{1, 2}}})
	taken := time.Now().Add(-20 * time.Minute).UTC().Truncate(time.Minute)
	decision := object{"decision": "Cut the link", "rationale": "It spreads by it", "maker": 2, "taken": taken, "about": true, "from": said,
		"deliberation": object{"question": "How do we stop it?", "options": []object{{"text": "Wait", "rejected": "It spreads"}}, "relied": []int{said},
			"review": time.Now().Add(2 * time.Hour)}}
	wider := object{}
	for k, v := range decision {
		wider[k] = v
	}
	wider["audience"] = object{"kind": "room"}
	if p := lead.refused(422, "invalid", "POST", at+"/decisions", wider); !strings.Contains(fmt.Sprint(p["errors"]), "audience") {
		t.Errorf("wider than its message: %v", p)
	}
	n := made(lead.must(201, "POST", at+"/decisions", decision))
	list := objects(ciso.must(200, "GET", entry(n), nil)["entries"])
	if len(list) != 1 {
		t.Fatalf("the decision's object: %v", list)
	}
	b, times, mark := slot(t, list[0], 4), slot(t, list[0], 2), slot(t, list[0], 3)
	if v := b["verdict"].(object); v["decision"] != "Cut the link" || v["maker"] != 2.0 || v["tier"] != "operational" || b["from"] != float64(said) {
		t.Errorf("recorded as %v", b)
	}
	if times["about"] != true || !strings.HasPrefix(times["occurred"].(string), taken.Format("2006-01-02T15:04")) {
		t.Errorf("taken at %v", times)
	}
	if mark["originator"] != string(x) || mark["audience"].(object)["kind"] != "named" {
		t.Errorf("marked %v", mark)
	}

	// Not hers to confirm; and his only with a second factor.
	lead.refused(403, "forbidden", "POST", entry(n)+"/confirm", object{"seen": n})
	ciso.refused(422, "invalid", "POST", entry(n)+"/confirm", object{"seen": 0})
	ciso.refused(401, "step_up", "POST", entry(n)+"/confirm", object{"seen": n})
	ciso.stepUp("ciso")
	key := string(s.Key())
	confirmed := made(ciso.must(200, "POST", entry(n)+"/confirm", object{"seen": n}, "Idempotency-Key", key))
	if again := made(ciso.must(200, "POST", entry(n)+"/confirm", object{"seen": n}, "Idempotency-Key", key)); again != confirmed {
		t.Errorf("sent again it is entry %d, was %d", again, confirmed)
	}
	list = objects(lead.must(200, "GET", entry(n), nil)["entries"])
	if right := slot(t, list[1], 7); right["stepUp"] == nil || right["seen"] != float64(n) {
		t.Errorf("confirmed by the right of %v", right)
	}
	p := ciso.refused(409, "conflict", "POST", entry(n)+"/dispute", object{"reason": "no", "seen": n})
	if d := p["detail"].(string); !strings.Contains(d, fmt.Sprintf("in entry %d", confirmed)) || !strings.Contains(d, "supersedes") {
		t.Errorf("disputed too late: %s", d)
	}

	action := made(lead.must(201, "POST", at+"/actions", object{"text": "Switch the firewall", "for": object{"org": x}, "decision": n, "due": time.Now().Add(time.Hour)}))
	lead.refused(403, "forbidden", "POST", entry(action)+"/accept", object{"seen": action})
	ciso.refused(409, "conflict", "POST", entry(action)+"/done", object{"evidence": "dark", "seen": action})
	ciso.must(200, "POST", entry(action)+"/accept", object{"seen": action})
	lead.must(200, "POST", entry(action)+"/chase", object{"text": "Any news?"})
	handed := made(ciso.must(200, "POST", entry(action)+"/hand", object{"for": object{"member": 2, "org": x}, "reason": "mine alone", "seen": action + 2}))
	p = lead.refused(409, "conflict", "POST", entry(action)+"/withdraw-action", object{"reason": "no need", "seen": action})
	if !strings.Contains(p["detail"].(string), fmt.Sprintf("Entry %d changed this action", handed)) {
		t.Errorf("withdrawn on an older view: %v", p)
	}
	ciso.must(200, "POST", entry(action)+"/accept", object{"seen": handed})
	done := made(ciso.must(200, "POST", entry(action)+"/done", object{"evidence": "It is dark", "cites": []int{said}, "seen": handed + 1}))
	if done != handed+2 {
		t.Errorf("done in entry %d", done)
	}

	put := made(ciso.must(201, "POST", at+"/decisions/proposals", object{"decision": "Open the link again", "maker": 1}))
	lead.must(200, "POST", entry(put)+"/add-to-decision", object{"deliberation": object{"risks": "It comes back"}})
	lead.must(200, "POST", entry(put)+"/take", object{"decision": "Open it at six", "rationale": "It is clean", "maker": 1, "tier": "tactical", "seen": put})
	lead.must(200, "POST", entry(put)+"/review", object{"finding": "It held", "seen": put + 2})
	lead.must(201, "POST", at+"/decisions", object{"decision": "Leave it shut", "rationale": "It was not", "maker": 1, "reverses": put, "seen": put + 3})
	ciso.refused(409, "conflict", "POST", entry(put)+"/take", object{"decision": "x", "rationale": "x", "maker": 2, "seen": put})

	found := func(who *browser, q object) (n []int) {
		return seqs(objects(who.must(200, "POST", at+"/search", q)["hits"]))
	}
	if got := found(ciso, object{"text": "link", "kind": "decision"}); len(got) != 2 {
		t.Errorf("decisions found: %v", got)
	}
	if got := found(ciso, object{"text": "firewall", "kind": "action"}); len(got) != 1 || got[0] != action {
		t.Errorf("actions found: %v", got)
	}
	if strings.Contains(s.log.String(), "firewall") || strings.Contains(s.log.String(), "Cut the link") {
		t.Error("the server's log holds content")
	}
}

// What no clock shows is refused like any other mistake.
func TestATimeThatCannotBeWrittenIsAMistakeOfTheAskers(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("exercise", "names")
	at := "/rooms/" + room
	ciso := s.as("ciso")
	ciso.join(lead, room, "ciso", "representative", "full")
	book := fmt.Sprintf("/books/%v/lines", lead.must(201, "POST", at+"/books", object{"maker": 2, "signal": "She says so"})["seq"])
	for _, when := range []string{"0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z"} {
		for path, body := range map[string]object{
			"/messages":  {"text": "x", "occurred": when},
			"/clock":     {"at": when, "factor": 1, "paused": true},
			"/decisions": {"decision": "x", "rationale": "x", "maker": 1, "taken": when},
			"/actions":   {"text": "x", "for": object{"org": "DSC"}, "due": when},
			book:         {"text": "x", "occurred": when},
		} {
			r := lead.send("POST", "/api/v1"+at+path, body)
			if r.status != 422 && when[:4] != "0001" || r.status >= 500 {
				t.Errorf("%s at %s: %d %s", path, when, r.status, r.body)
			}
		}
	}
	lead.say(room, "and the room goes on")
}
