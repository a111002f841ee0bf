package web_test

import (
	"fmt"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// severe makes the room one that organisations are told of.
func (b *browser) severe(room string) {
	b.t.Helper()
	b.must(201, "POST", "/rooms/"+room+"/severity", object{"scale": "nhs_level", "grade": object{"at": 4}, "criteria": []string{}, "reason": "canary: three regions"})
}

func TestToGuestsThereIsNoSuchThingAsABroadcast(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	lead.severe(c.room)
	choice := object{"purpose": "raised", "types": []string{"acute_trust"}, "orgs": []string{"X1N"}, "roles": []string{}}
	want := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for _, who := range []string{"representative", "observer", "auditor", "left", "stranger", "host"} {
		b := c.browsers[who]
		for path, body := range map[string]object{"/preview": choice, "": choice, "/3/approve": {"seen": 1}, "/3/send-alone": {"seen": 1, "reason": "r"}, "/3/refuse": {"seen": 1, "reason": "r"},
			"/3/withdraw": {"seen": 1, "reason": "r"}, "/3/stop": {"seen": 1, "reason": "r"}, "/3/messages/" + strings.Repeat("ab", 16) + "/retry": {}} {
			if r := b.send("POST", "/api/v1/rooms/"+c.room+"/broadcasts"+path, body); r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s of %q: %d %s", who, path, r.status, r.body)
			}
		}
		if r := b.send("GET", "/api/v1/rooms/"+c.room+"/broadcasts/3/recipients", nil); r.status != 404 || string(r.body) != string(want.body) {
			t.Errorf("%s of the recipients: %d %s", who, r.status, r.body)
		}
		if who != "left" && who != "stranger" && who != "host" {
			if r := b.must(200, "GET", "/rooms/"+c.room+"/record/broadcast", nil); len(r["roots"].([]any)) != 0 {
				t.Errorf("%s's board lists %v", who, r["roots"])
			}
		}
	}
	for _, seq := range []string{"0", "999999", "x", "-1"} {
		for _, act := range []string{"approve", "recipients"} {
			r := lead.send(map[string]string{"approve": "POST", "recipients": "GET"}[act], fmt.Sprintf("/api/v1/rooms/%s/broadcasts/%s/%s", c.room, seq, act), map[string]any{"approve": object{"seen": 1}}[act])
			if r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s of %s: %d %s", act, seq, r.status, r.body)
			}
		}
	}
}

func TestAPreviewCountsWhomAChoiceReachesAndSaysNothingOfTheIncident(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	ask := func(more object) object {
		body := object{"purpose": "raised", "types": []string{}, "orgs": []string{"X1N", "NOSUCH"}, "roles": []string{}}
		for k, v := range more {
			body[k] = v
		}
		return lead.must(200, "POST", "/rooms/"+c.room+"/broadcasts/preview", body)
	}
	if p := ask(nil); p["refusal"] == nil || !strings.Contains(p["refusal"].(string), "Nobody has assessed") {
		t.Errorf("before anybody assessed it: %v", p)
	}
	lead.severe(c.room)
	for name, number := range map[string]string{"Wren Adeyemi": "07700 900321", "Real Person": "07911 123456", "Never Verified": "07700 900322"} {
		lead.must(204, "POST", "/directory/X1N/contacts", object{"role": "ciso", "name": name, "place": 1, "channels": []object{{"kind": "sms", "value": number}}})
	}
	for _, x := range lead.must(200, "GET", "/directory/X1N/contacts", nil)["contacts"].([]any) {
		contact := x.(map[string]any)
		if contact["name"] != "Never Verified" {
			lead.must(204, "POST", fmt.Sprintf("/directory/X1N/contacts/%s/rung", contact["id"]), object{"channel": contact["channels"].([]any)[0].(map[string]any)["id"]})
		}
	}
	p := ask(nil) // an exercise: a number that somebody has is left out
	count := p["count"].(map[string]any)
	if count["contacts"] != 1. || count["texts"] != 1. || count["noNumber"] != 1. || p["barred"] != 1. || len(p["unknown"].([]any)) != 1 {
		t.Errorf("the preview: %v", p)
	}
	if text := fmt.Sprint(p); strings.Contains(text, "900321") || strings.Contains(text, "canary") || !strings.Contains(text, "Never Verified") {
		t.Errorf("the preview says %v", p)
	}
	if p := ask(object{"purpose": "update", "orgs": []string{}}); p["count"].(map[string]any)["contacts"] != 0. {
		t.Errorf("an update before anybody was told: %v", p)
	}
	for words, more := range map[string]object{"no such type": {"types": []string{"nothing"}}, "Choose what it says": {"purpose": "invoice"}, "A code is": {"orgs": []string{"not a code"}}} {
		body := object{"purpose": "raised", "types": []string{}, "orgs": []string{"X1N"}, "roles": []string{}}
		for k, v := range more {
			body[k] = v
		}
		if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/broadcasts/preview", body); r.status != 422 || !strings.Contains(string(r.body), words) {
			t.Errorf("%v: %d %s", more, r.status, r.body)
		}
	}
	// Nothing here could send it, which is said before anybody is asked.
	body := object{"purpose": "raised", "types": []string{}, "orgs": []string{"X1N"}, "roles": []string{}}
	if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/broadcasts", body); r.status != 409 || !strings.Contains(string(r.body), "no way to send") {
		t.Errorf("asked for on a server without a way out: %d %s", r.status, r.body)
	}
}
