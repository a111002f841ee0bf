package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

func TestHowFarMessagesAboutAnAlertHaveComeIsForTheHostsAlone(t *testing.T) {
	s := newStack(t, plenty)
	k := courier.New(courier.Options{Pool: s.DB.Writer, Journal: s.Journal, Directory: s.directory, MAC: s.Vault.MAC})
	s.server.Courier = k
	s.register("lead")
	s.register("ciso")
	s.register("director")
	lead, ciso, nobody := s.as("lead"), s.as("ciso"), s.as("director")
	contact, channel := incident.RandomID(), incident.RandomID()
	if err := s.directory.AddOrgContact(t.Context(), directory.OrgContact{ID: contact, Org: "X1N", Role: incident.CISO, Name: "Rina Patel", Place: 1, AlertOnly: true,
		Channels: []directory.Channel{{ID: channel, Kind: incident.BySMS, Value: "+447700900123"}}}, 1); err != nil {
		t.Fatal(err)
	}
	lead.stepUp("lead")
	lead.must(201, "POST", "/alerts", newAlert([]string{"X1N"}))
	sys, err := s.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := sys.Alert(1)
	if err := k.Ask(t.Context(), []courier.Want{{Log: a.Log, Root: a.Seq, Instance: "issued", Purpose: notify.Alert, Contact: contact, Org: "X1N", Channel: incident.BySMS, ChannelID: channel}}); err != nil {
		t.Fatal(err)
	}
	of := lead.must(200, "GET", "/alerts/1/notices?org=X1N", nil)
	rows, counts := objects(of["notices"]), objects(of["counts"])
	if len(rows) != 1 || rows[0]["name"] != "Rina Patel" || rows[0]["role"] != "ciso" || rows[0]["state"] != "waiting" || rows[0]["detail"] != "queued" || len(counts) != 1 || counts[0]["messages"] != 1.0 {
		t.Fatalf("%v", of)
	}
	if text := string(lead.send("GET", "/api/v1/alerts/1/notices?org=X1N", nil).body); strings.Contains(text, "900123") {
		t.Error("it tells the number")
	}
	id := fmt.Sprint(rows[0]["id"])
	lead.refused(409, "conflict", "POST", "/alerts/1/notices/"+id+"/again", object{}) // it waits
	missing := lead.send("GET", "/api/v1/alerts/77/notices", nil)
	for name, r := range map[string]reply{
		"an organisation it did not go to": lead.send("GET", "/api/v1/alerts/1/notices?org=X2E", nil), "no such organisation": lead.send("GET", "/api/v1/alerts/1/notices?org=NOWHERE", nil),
		"no such message": lead.send("POST", "/api/v1/alerts/1/notices/"+strings.Repeat("0", 32)+"/again", object{}),
	} {
		if r.status != 404 || string(r.body) != string(missing.body) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	// Those it went to and those it did not are told the same, whatever they ask.
	want := nobody.send("GET", "/api/v1/alerts/77/notices", nil)
	for _, b := range []*browser{ciso, nobody} {
		for _, at := range []string{"/alerts/1/notices", "/alerts/1/notices?org=X1N", "/alerts/77/notices"} {
			if r := b.send("GET", "/api/v1"+at, nil); r.status/100 == 2 || r.status != want.status || string(r.body) != string(want.body) {
				t.Errorf("%s: %d %s, want %d", at, r.status, r.body, want.status)
			}
		}
		for _, m := range []string{id, strings.Repeat("0", 32)} {
			if r := b.send("POST", "/api/v1/alerts/1/notices/"+m+"/again", object{}); r.status/100 == 2 || string(r.body) != string(want.body) {
				t.Errorf("sent again: %d %s", r.status, r.body)
			}
		}
	}
	time.Sleep(1100 * time.Millisecond) // the issuer tells seconds, and a factor is for one act
	lead.stepUp("lead")
	lead.must(200, "POST", "/alerts/1/close", object{"reason": "Over."})
	lead.must(200, "GET", "/alerts/1/notices?org=X1N", nil)
	lead.refused(409, "conflict", "POST", "/alerts/1/notices/"+id+"/again", object{})
}
