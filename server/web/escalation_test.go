package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

const escalated = "canary: cut Northmoor off before six"

// ask raises an escalation of the lead's.
func (b *browser) ask(room string, more object) int {
	b.t.Helper()
	body := object{"condition": "disconnect_network", "sbar": object{"situation": "canary: it spreads", "background": "", "assessment": "", "recommendation": escalated}}
	for k, v := range more {
		body[k] = v
	}
	return int(b.must(201, "POST", "/rooms/"+room+"/escalations", body)["seq"].(float64))
}

func TestAGuestLearnsNothingOfAnEscalationThatIsNotForThem(t *testing.T) {
	c := newCast(t)
	lead, guest := c.browsers["lead"], c.browsers["representative"]
	open := lead.ask(c.room, nil)
	secret := lead.ask(c.room, object{"audience": object{"kind": "hosts"}})
	want := guest.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for _, act := range []string{"accept", "refuse", "withdraw", "act", "stand-down"} {
		body := object{"seen": secret}
		switch act {
		case "accept":
			body["rationale"] = "r"
		case "act":
			body["because"] = "r"
		default:
			body["reason"] = "r"
		}
		at := "/api/v1/rooms/" + c.room + "/escalations/%d/" + act
		if r := guest.send("POST", fmt.Sprintf(at, secret), body); r.status != 404 || string(r.body) != string(want.body) {
			t.Errorf("%s of a hidden one: %d %s", act, r.status, r.body)
		}
		if r := guest.send("POST", fmt.Sprintf(at, open), body); r.status != 403 && r.status != 409 {
			t.Errorf("%s of one that is for the room: %d %s", act, r.status, r.body)
		}
	}
	if r := guest.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries/%d", c.room, secret), nil); r.status != 404 || string(r.body) != string(want.body) {
		t.Errorf("the entry: %d %s", r.status, r.body)
	}
	for _, path := range []string{"/record/escalation", "/record/escalation?state=requested", "/needs", "", "/entries?before=100000"} {
		body := string(guest.send("GET", "/api/v1/rooms/"+c.room+path, nil).body)
		if n := strings.Count(body, "it spreads"); n > 1 || strings.Contains(body, fmt.Sprintf(`"roots":[%d`, secret)) {
			t.Errorf("%s tells a guest of it: %s", path, body)
		}
	}
	if r := guest.must(200, "GET", "/rooms/"+c.room+"/record/escalation", nil); len(r["roots"].([]any)) != 1 {
		t.Errorf("the guest's board: %v", r["roots"])
	}
	if r := lead.must(200, "GET", "/rooms/"+c.room+"/record/escalation", nil); len(r["roots"].([]any)) != 2 {
		t.Errorf("the lead's board: %v", r["roots"])
	}
}

func TestTheMatrixIsTheHostsAndIsTriedBeforeItIsSet(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	was := lead.must(200, "GET", "/deployment/matrix", nil)
	if was["version"].(float64) != 0 {
		t.Fatalf("%v", was)
	}
	rows := was["rows"].([]any)
	at := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	tried := lead.must(200, "POST", "/deployment/matrix/simulate", object{"condition": "ransom_demand", "scale": "nhs_level", "grade": 4, "at": at})
	if tried["tier"] != "strategic" || tried["twoKey"] != true || len(tried["asked"].([]any)) != 0 {
		t.Errorf("%v", tried)
	}
	lead.refused(422, "invalid", "PUT", "/deployment/matrix", object{"rows": rows[:3], "seen": 0})
	lead.refused(401, "step_up", "PUT", "/deployment/matrix", object{"rows": rows, "seen": 0})
	lead.stepUp("lead")
	lead.must(200, "PUT", "/deployment/matrix", object{"rows": rows, "seen": 0})
	lead.refused(409, "conflict", "PUT", "/deployment/matrix", object{"rows": rows, "seen": 0})
	if now := lead.must(200, "GET", "/deployment/matrix", nil); now["version"].(float64) != 1 || now["by"] == "" {
		t.Errorf("%v", now)
	}
	// On a rota stand the host's own people, and whoever is on it then is woken.
	people := lead.must(200, "GET", "/organisations/DSC/people", nil)["people"].([]any)
	who := people[0].(map[string]any)["id"]
	shift := func(p any) object {
		return object{"version": 0, "shifts": []object{{"person": p, "from": at.Add(-time.Hour), "until": at.Add(time.Hour), "seniority": 1}}}
	}
	lead.refused(422, "invalid", "PUT", "/deployment/rotas/DSC/strategic", shift(incident.RandomID()))
	lead.refused(403, "forbidden", "PUT", "/deployment/rotas/NCSC/strategic", shift(who))
	lead.refused(404, "not_found", "PUT", "/deployment/rotas/X1N/strategic", shift(who))
	if r := lead.send("PUT", "/api/v1/deployment/rotas/DSC/strategic", shift(who)); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	lead.refused(409, "conflict", "PUT", "/deployment/rotas/DSC/strategic", shift(who)) // on an older view
	for when, want := range map[time.Time]int{at: 1, at.Add(time.Hour): 0} {
		got := lead.must(200, "POST", "/deployment/matrix/simulate", object{"condition": "disconnect_network", "at": when})
		if len(got["asked"].([]any)) != want {
			t.Errorf("at %v: %v", when, got["asked"])
		}
	}
}
