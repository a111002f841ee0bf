package web_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
)

// inviting asks for invitations as the room's lead, past the rule that nothing
// is asked for where nothing could send it.
func (c *cast) inviting(t *testing.T, contact, org, channel string) incident.Seq {
	t.Helper()
	list := []directory.To{{Contact: contact, Org: incident.OrgID(org), Role: incident.CISO, SMS: channel}}
	l, err := c.s.directory.Freeze(t.Context(), incident.LogID(c.room), incident.RandomID(), incident.BroadcastCount{Orgs: 1, Contacts: 1, Texts: 1, Fragments: 1}, list)
	if err != nil {
		t.Fatal(err)
	}
	r := c.s.Must(c.s.Do(incident.LogID(c.room), c.lead(t), command.AskBroadcast{Purpose: incident.BroadcastInvite, History: incident.FromJoin,
		Chosen: incident.Contacted{Orgs: []incident.OrgID{incident.OrgID(org)}}, Count: l.Count, List: l.ID, Hash: hex.EncodeToString(l.Hash[:])}))
	return r.Seq
}

// lead is who leads the room, as the journal is told.
func (c *cast) lead(t *testing.T) incident.Actor {
	t.Helper()
	room, err := c.s.Journal.Room(t.Context(), incident.LogID(c.room))
	if err != nil {
		t.Fatal(err)
	}
	sys, err := c.s.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := sys.People[room.Members[0].Person]
	return incident.Actor{Person: p.ID, Name: p.Name, Orgs: p.Orgs}
}

// listed enters a contact, and has somebody ring back where it is verified.
func (b *browser) listed(org string, body object, verify bool) (id, channel string) {
	b.t.Helper()
	b.must(204, "POST", "/directory/"+org+"/contacts", body)
	for _, x := range objects(b.must(200, "GET", "/directory/"+org+"/contacts", nil)["contacts"]) {
		if x["name"] != body["name"] {
			continue
		}
		id, channel = x["id"].(string), objects(x["channels"])[0]["id"].(string)
		if verify {
			b.must(204, "POST", "/directory/"+org+"/contacts/"+id+"/rung", object{"channel": channel})
		}
	}
	return id, channel
}

func TestOfInvitationsOfManyOnlyTheHostsInTheRoomLearn(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	id, channel := lead.listed("X2E", object{"role": "ciso", "name": "canary Birch", "place": 1, "channels": []object{{"kind": "sms", "value": "07700 900321"}}}, true)
	seq := c.inviting(t, id, "X2E", channel)
	c.withCourier(t)
	want := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	at := fmt.Sprintf("/rooms/%s/broadcasts/%d/invitations", c.room, seq)
	rows := objects(lead.must(200, "GET", at, nil)["rows"])
	if len(rows) != 1 || rows[0]["name"] != "canary Birch" || rows[0]["root"] != nil || rows[0]["again"] != false {
		t.Errorf("the lead reads %v", rows)
	}
	for _, who := range []string{"representative", "observer", "auditor", "left", "stranger", "host"} {
		b := c.browsers[who]
		for name, r := range map[string]*answerOf{"reads them": answered(b.send("GET", "/api/v1"+at, nil)), "has one sent again": answered(b.send("POST", "/api/v1"+at+"/1/again", object{}))} {
			if r.status != 404 || r.body != string(want.body) {
				t.Errorf("%s %s: %d %s", who, name, r.status, r.body)
			}
		}
		if got := b.send("GET", "/api/v1/rooms/"+c.room+"/entries", nil); strings.Contains(string(got.body), "canary Birch") || strings.Contains(string(got.body), "broadcast.asked") {
			t.Errorf("%s's pages say %s", who, got.body)
		}
	}
	// The other room has nothing of it, though a lead there asks by the right number; and what only tells invites nobody.
	night := c.s.as("nightlead")
	severe, other := lead, fmt.Sprintf("/api/v1/rooms/%s/broadcasts/%d/invitations", c.other, seq)
	severe.severe(c.room)
	list := []directory.To{{Contact: id, Org: "X2E", Role: incident.CISO, SMS: channel}}
	l, err := c.s.directory.Freeze(t.Context(), incident.LogID(c.room), incident.RandomID(), incident.BroadcastCount{Orgs: 1, Contacts: 1, Texts: 1, Fragments: 1}, list)
	if err != nil {
		t.Fatal(err)
	}
	tells := c.s.Must(c.s.Do(incident.LogID(c.room), c.lead(t), command.AskBroadcast{Purpose: incident.BroadcastRaised,
		Chosen: incident.Contacted{Orgs: []incident.OrgID{"X2E"}}, Count: l.Count, List: l.ID, Hash: hex.EncodeToString(l.Hash[:])})).Seq
	for name, r := range map[string]*answerOf{
		"the other room's lead, there": answered(night.send("GET", other, nil)), "and here": answered(night.send("GET", "/api/v1"+at, nil)),
		"of what tells":      answered(lead.send("GET", fmt.Sprintf("/api/v1/rooms/%s/broadcasts/%d/invitations", c.room, tells), nil)),
		"of a member":        answered(lead.send("POST", "/api/v1"+at+"/2/again", object{})),
		"of no member":       answered(lead.send("POST", "/api/v1"+at+"/99999/again", object{})),
		"of what is nothing": answered(lead.send("GET", "/api/v1/rooms/"+c.room+"/broadcasts/99999/invitations", nil)),
	} {
		if r.status != 404 || r.body != string(want.body) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
}

func TestAPreviewOfInvitationsNamesWhoIsLeftOut(t *testing.T) {
	c := newCast(t)
	lead := c.browsers["lead"]
	text := func(n string) []object { return []object{{"kind": "sms", "value": n}} }
	lead.listed("X2E", object{"role": "ciso", "name": "Ada Birch", "place": 1, "channels": text("07700 900321")}, true)
	lead.listed("X2E", object{"role": "on_call_director", "name": "Only Alerts", "place": 1, "alertOnly": true, "channels": text("07700 900322")}, true)
	lead.listed("X2E", object{"role": "it_security", "name": "Never Verified", "place": 1, "channels": text("07700 900323")}, false)
	lead.listed("X2E", object{"role": "it_security", "name": "Real Person", "place": 2, "channels": text("07911 123456")}, true)
	lead.listed("X1N", object{"role": "ciso", "name": "dr  hannah OSEI", "place": 1, "channels": text("07700 900324")}, true) // she is in the room
	p := lead.must(200, "POST", "/rooms/"+c.room+"/broadcasts/preview", object{"purpose": "invite", "types": []string{}, "orgs": []string{"X2E", "X1N", "NOSUCH"}, "roles": []string{}, "history": "from_join"})
	count := p["count"].(map[string]any)
	if count["contacts"] != 1. || count["texts"] != 1. || count["emails"] != 0. || count["orgs"] != 1. || count["noNumber"] != 1. || p["barred"] != 1. || len(p["unknown"].([]any)) != 1 {
		t.Errorf("the preview counts %v", p)
	}
	why := map[string]string{}
	for _, x := range objects(p["left"]) {
		why[strings.TrimSpace(x["name"].(string))] = x["why"].(string)
	}
	if len(why) != 2 || why["Only Alerts"] != "alert_only" || why["dr  hannah OSEI"] != "here" {
		t.Errorf("left out: %v", why)
	}
	if said := fmt.Sprint(p); strings.Contains(said, "90032") || strings.Contains(said, "canary") || !strings.Contains(said, "Never Verified") {
		t.Errorf("the preview says %v", p)
	}
	// Whatever it is, people are invited; but not where nothing could tell them.
	body := object{"purpose": "invite", "types": []string{}, "orgs": []string{"X2E"}, "roles": []string{}, "history": "from_join"}
	if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/broadcasts", body); r.status != 409 || !strings.Contains(string(r.body), "no way to send") {
		t.Errorf("asked for on a server without a way out: %d %s", r.status, r.body)
	}
	c.withCourier(t)
	if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/broadcasts", body); r.status != 409 || !strings.Contains(string(r.body), "sends no text messages") {
		t.Errorf("asked for on a server without text messages: %d %s", r.status, r.body)
	}
}
