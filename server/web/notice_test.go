package web_test

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// withCourier gives the server a courier that sends nothing: what was asked for
// waits.
func (c *cast) withCourier(t *testing.T) *courier.Courier {
	t.Helper()
	k := courier.New(courier.Options{Pool: c.s.DB.Writer, Journal: c.s.Journal, Directory: c.s.directory, MAC: c.s.Vault.MAC})
	c.s.server.Courier = k
	return k
}

func TestHowFarMessagesHaveComeIsForTheHostsAndForWhoAsked(t *testing.T) {
	c := newCast(t)
	k := c.withCourier(t)
	lead, guest, observer := c.browsers["lead"], c.browsers["representative"], c.browsers["observer"]
	seq := lead.ask(c.room, nil)
	mine := int(guest.must(201, "POST", "/rooms/"+c.room+"/escalations", object{"condition": "disconnect_network",
		"sbar": object{"situation": "s", "background": "", "assessment": "", "recommendation": "r"}})["seq"].(float64))
	who := incident.PersonID(c.s.register("comms").Person)
	for _, n := range []int{seq, mine} {
		if err := k.Ask(t.Context(), []courier.Want{{Log: incident.LogID(c.room), Root: incident.Seq(n), Instance: "step-1", Purpose: notify.Escalation, Person: who, Org: "DSC", Channel: incident.BySMS}}); err != nil {
			t.Fatal(err)
		}
	}
	want := guest.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	at := func(n int) string { return fmt.Sprintf("/rooms/%s/entries/%d/notices", c.room, n) }
	row := objects(lead.must(200, "GET", at(seq), nil)["notices"])[0]
	if row["state"] != "waiting" || row["detail"] != "queued" || row["id"] == nil {
		t.Errorf("the lead is told %v", row)
	}
	if text := string(lead.send("GET", "/api/v1"+at(seq), nil).body); strings.Contains(text, string(who)) {
		t.Error("it names whom it goes to")
	}
	// Who asked, and is a guest: whether it was sent and arrived, and nothing more.
	row = objects(guest.must(200, "GET", at(mine), nil)["notices"])[0]
	if row["state"] != "waiting" || row["detail"] != nil || row["id"] != nil || row["again"] != nil {
		t.Errorf("a guest who asked is told %v", row)
	}
	id := objects(lead.must(200, "GET", at(mine), nil)["notices"])[0]["id"].(string)
	for name, r := range map[string]*answerOf{
		"a guest, of another's": answered(guest.send("GET", "/api/v1"+at(seq), nil)), "an observer": answered(observer.send("GET", "/api/v1"+at(mine), nil)),
		"no such entry": answered(lead.send("GET", "/api/v1"+at(99999), nil)), "a guest has it sent again": answered(guest.send("POST", "/api/v1"+at(mine)+"/"+id+"/again", object{})),
		"a guest, of no such message": answered(guest.send("POST", "/api/v1"+at(mine)+"/"+strings.Repeat("0", 32)+"/again", object{})),
	} {
		if r.status != 404 || r.body != string(want.body) {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	lead.refused(409, "conflict", "POST", at(mine)+"/"+id+"/again", object{})
	lead.refused(404, "not_found", "POST", at(seq)+"/"+id+"/again", object{}) // by another entry
	guest.refused(403, "forbidden", "GET", "/notices/ways", nil)
	guest.refused(404, "not_found", "GET", "/admin/notices/ways", nil)
	if ways := objects(lead.must(200, "GET", "/notices/ways", nil)["ways"]); len(ways) != 3 || ways[0]["set"] != false {
		t.Errorf("%v", ways)
	}
}

type answerOf struct {
	status int
	body   string
}

func answered(r reply) *answerOf { return &answerOf{r.status, string(r.body)} }

func TestTypingACodeToAcknowledgeTellsNothing(t *testing.T) {
	c := newCast(t)
	c.withCourier(t)
	nobody := c.browsers["nobody"]
	want := nobody.send("POST", "/api/v1/ack", object{"code": "AAAAA-AAAAA"})
	if want.status != 200 || !strings.Contains(string(want.body), "If the code is right, it has been noted.") {
		t.Fatalf("%d %s", want.status, want.body)
	}
	for _, code := range []string{"", "x", "AAAAA-AAAAB", strings.Repeat("A", 5000), "';--", "\u0000"} {
		if r := nobody.send("POST", "/api/v1/ack", object{"code": code}); r.status != 200 || string(r.body) != string(want.body) {
			t.Errorf("%.20q: %d %s", code, r.status, r.body)
		}
	}
	for _, body := range []object{{}, {"id": "x"}} {
		if r := nobody.send("POST", "/api/v1/notify/receipts", body); r.status != 401 || len(r.body) != 0 {
			t.Errorf("a receipt of anybody's: %d %s", r.status, r.body)
		}
	}
}

// One address that types many spends its own, and nobody else's.
func TestWhoTypesManyCodesIsStoppedAloneByTheirAddress(t *testing.T) {
	c := newCast(t)
	c.withCourier(t)
	c.s.server.Config.Limits.Acks.Burst, c.s.server.Config.Limits.Acks.Rate = 5, 0.001
	c.s.server.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	nobody := c.browsers["nobody"]
	from := func(address string) int {
		return nobody.send("POST", "/api/v1/ack", object{"code": "AAAAA-AAAAA"}, "X-Forwarded-For", address).status
	}
	for i := range 7 {
		want := 200
		if i >= 5 {
			want = 429
		}
		if got := from("203.0.113.7"); got != want {
			t.Errorf("%d: %d, want %d", i, got, want)
		}
	}
	if got := from("203.0.113.8"); got != 200 {
		t.Errorf("another address: %d", got)
	}
	if got := from("203.0.113.99, 203.0.113.7"); got != 429 {
		t.Errorf("what the sender itself says before the proxy is believed: %d", got)
	}
	for i := range 5 {
		if got := from(fmt.Sprintf("2001:db8:1:2::%d", i+1)); got != 200 {
			t.Errorf("the network's first: %d", got)
		}
	}
	if got := from("2001:db8:1:2:ffff::1"); got != 429 {
		t.Errorf("another address of one network: %d", got)
	}
	// A customer of a provider has 65,536 networks, and no more by them than eight.
	let := 0
	for i := range 100 {
		if from(fmt.Sprintf("2001:db8:9:%x::1", i)) == 200 {
			let++
		}
	}
	if let != 40 {
		t.Errorf("one site was let type %d codes, want 8 times the 5 of a network", let)
	}
	if got := from("2001:db8:a::1"); got != 200 {
		t.Errorf("another site: %d", got)
	}
}

func TestHowIAmReachedIsMineAlone(t *testing.T) {
	c := newCast(t)
	sent := &gateway{}
	var err error
	if c.s.server.Directory, err = directory.New(directory.Options{Pool: c.s.DB.Writer, Vault: c.s.Vault, Sender: sent}); err != nil {
		t.Fatal(err)
	}
	guest, lead := c.browsers["representative"], c.browsers["lead"]
	guest.refused(401, "step_up", "PUT", "/me/reach/sms", object{"value": "07700 900123"}) // a page that was left open is not enough
	guest.stepUp("ciso")
	guest.refused(422, "invalid", "PUT", "/me/reach/sms", object{"value": "0113 496 0123"}) // no mobile
	guest.refused(409, "conflict", "PUT", "/me/reach/email", object{"value": "me@x1n.example"})
	guest.refused(404, "not_found", "PUT", "/me/reach/voice", object{"value": "07700 900123"})
	r := guest.must(200, "PUT", "/me/reach/sms", object{"value": "07700 900123"})
	if sent.to != "+447700900123" || len(sent.code) != 6 || r["sms"].(map[string]any)["verified"] != nil {
		t.Fatalf("%+v %v", sent, r)
	}
	guest.refused(422, "invalid", "POST", "/me/reach/sms/code", object{"code": "not it"})
	lead.refused(422, "invalid", "POST", "/me/reach/sms/code", object{"code": sent.code}) // another's code
	r = guest.must(200, "POST", "/me/reach/sms/code", object{"code": " " + sent.code[:3] + " " + sent.code[3:] + " "})
	if r["sms"].(map[string]any)["verified"] == nil {
		t.Errorf("verified: %v", r)
	}
	if r := lead.must(200, "GET", "/me/reach", nil); r["sms"] != nil {
		t.Errorf("somebody else's: %v", r)
	}
	guest.refused(422, "invalid", "PUT", "/me/quiet", object{"quiet": object{"from": "24:00", "until": "07:00"}})
	r = guest.must(200, "PUT", "/me/quiet", object{"quiet": object{"from": "22:00", "until": "07:30"}})
	if q := r["quiet"].(map[string]any); q["from"] != "22:00" || q["until"] != "07:30" {
		t.Errorf("quiet: %v", q)
	}
	if r := guest.must(200, "PUT", "/me/quiet", object{}); r["quiet"] != nil {
		t.Errorf("none: %v", r)
	}
	// Another number is not verified; five codes an hour, and no sixth number.
	for i := range 4 {
		r = guest.must(200, "PUT", "/me/reach/sms", object{"value": fmt.Sprintf("07700 90012%d", i)})
		if r["sms"].(map[string]any)["verified"] != nil {
			t.Error("another number is taken for verified")
		}
	}
	guest.refused(429, "too_many", "PUT", "/me/reach/sms", object{"value": "07700 900199"})
	if r := guest.must(200, "GET", "/me/reach", nil); r["sms"].(map[string]any)["value"] != "07700 900123" {
		t.Errorf("after too many: %v", r)
	}
	// What was refused made no code: the one that was sent is still the one.
	guest.must(200, "POST", "/me/reach/sms/code", object{"code": sent.code})
	guest.must(204, "DELETE", "/me/reach/sms", nil)
	if r := guest.must(200, "GET", "/me/reach", nil); r["sms"] != nil {
		t.Errorf("forgotten: %v", r)
	}
	if strings.Contains(c.s.log.String(), "770090012") || strings.Contains(c.s.tables(), "770090012") {
		t.Error("a number stands in the log or a table")
	}
	at, err := c.s.identity.LastActive(context.Background(), "health", "nobody there")
	if err != nil || !at.IsZero() {
		t.Errorf("nobody was active: %v %v", at, err)
	}
}
