package web_test

import (
	"fmt"
	"strings"
	"testing"
)

// signed is a handover by the lead to a colleague, for the hosts.
func (b *browser) signed(room string, to int) int {
	return int(b.must(201, "POST", "/rooms/"+room+"/handovers", object{"post": "incident_lead", "to": to,
		"iimarch": object{"information": "KELPIE", "intent": "i", "method": "", "administration": "", "risk": "r", "communications": "", "humanitarian": ""}})["seq"].(float64))
}

func TestAHandoverIsThereForWhoReceivesItAlone(t *testing.T) {
	c := newCast(t)
	lead, guest, night := c.browsers["lead"], c.browsers["representative"], c.s.as("nightlead")
	night.join(lead, c.room, "nightlead", "deputy", "full")
	at := "/rooms/" + c.room
	to := int(night.must(200, "GET", at, nil)["state"].(object)["you"].(float64))
	lead.stepUp("lead")
	n := lead.signed(c.room, to)

	// To a guest, what is hidden and what was never there are one answer.
	for _, act := range []string{"accept", "decline", "withdraw"} {
		body := object{"seen": n, "reason": "x"}
		if act == "accept" {
			body = object{"seen": n}
		}
		hidden := guest.send("POST", fmt.Sprintf("/api/v1%s/handovers/%d/%s", at, n, act), body)
		none := guest.send("POST", fmt.Sprintf("/api/v1%s/handovers/%d/%s", at, 2, act), body)
		if hidden.status != 404 || none.status != 404 || string(hidden.body) != string(none.body) {
			t.Errorf("%s: %d %s and %d %s", act, hidden.status, hidden.body, none.status, none.body)
		}
	}
	if r := guest.must(200, "GET", at+"/record/handover", nil); len(r["roots"].([]any)) != 0 {
		t.Errorf("a guest's board: %v", r["roots"])
	}
	if r := guest.must(200, "GET", at+"/needs", nil); strings.Contains(fmt.Sprint(r), "KELPIE") || len(r["roots"].([]any)) != 0 {
		t.Errorf("what waits for a guest: %v", r["roots"])
	}
	if r := night.must(200, "GET", at+"/needs", nil); fmt.Sprint(r["roots"]) != fmt.Sprintf("[%d]", n) {
		t.Errorf("what waits for whoever takes over: %v", r["roots"])
	}

	// The draft is made for who holds the post, of what they may see.
	guest.refused(409, "conflict", "GET", at+"/handover/draft", nil)
	night.refused(409, "conflict", "GET", at+"/handover/draft", nil)
	hidden := int(guest.must(201, "POST", at+"/decisions/proposals", object{"decision": "MERLIN", "deliberation": object{}, "audience": object{"kind": "named", "orgs": []string{"X1N"}}})["seq"].(float64))
	seen := int(guest.must(201, "POST", at+"/decisions/proposals", object{"decision": "HERON", "deliberation": object{}})["seq"].(float64))
	draft := lead.must(200, "GET", at+"/handover/draft?post=incident_lead", nil)
	if got := fmt.Sprint(draft["roots"]); strings.Contains(got, fmt.Sprint(hidden)) || !strings.Contains(got, fmt.Sprint(seen)) {
		t.Errorf("the draft is made of %s; %d is for others", got, hidden)
	}
	if draft["since"].(float64) != 1 {
		t.Errorf("since %v", draft["since"])
	}
}

func TestWhoAsksForAnUpdateIsTheHostsToKnow(t *testing.T) {
	c := newCast(t)
	lead, guest, other := c.browsers["lead"], c.browsers["representative"], c.browsers["observer"]
	at := "/rooms/" + c.room
	n := int(guest.must(201, "POST", at+"/updates/request", object{"text": "Is mail safe?"})["seq"].(float64))
	guest.refused(409, "conflict", "POST", at+"/updates/request", object{})
	if r := other.must(200, "GET", at+"/record/request", nil); len(r["roots"].([]any)) != 0 {
		t.Errorf("another guest's board: %v", r["roots"])
	}
	waits := func(b *browser) string { return fmt.Sprint(b.must(200, "GET", at+"/needs", nil)["roots"]) }
	if waits(lead) != fmt.Sprintf("[%d]", n) || waits(guest) != "[]" {
		t.Errorf("it waits for the lead as %s, for who asked as %s", waits(lead), waits(guest))
	}
	lead.must(201, "POST", at+"/updates", object{"text": "It is"})
	if waits(lead) != "[]" {
		t.Errorf("after the update it waits still: %s", waits(lead))
	}
}
