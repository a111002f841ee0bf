package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
)

// exchange is a room with items of each kind of audience: of the lead, of two
// guests' organisations.
type exchange struct {
	*stack
	room                  string
	lead, ciso, director  *browser
	open, own, red, named int
	recorded, ours        int
}

func newExchange(t *testing.T) *exchange {
	s := newStack(t, plenty)
	s.register("lead")
	x := &exchange{stack: s, lead: s.as("lead"), ciso: s.as("ciso"), director: s.as("director")}
	x.room = x.lead.openRoom("incident", "names")
	x.ciso.join(x.lead, x.room, "ciso", "representative", "full")
	x.director.join(x.lead, x.room, "director", "representative", "full")
	x.open = x.publish(x.lead, "for all", object{"tlp": "TLP:AMBER"})
	x.own = x.publish(x.ciso, "of Northmoor", object{"tlp": "TLP:AMBER+STRICT", "audience": object{"kind": "named", "orgs": []string{"X1N"}}})
	x.red = x.publish(x.lead, "red", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
	x.named = x.publish(x.lead, "for the director", object{"audience": object{"kind": "named", "members": []int{3}}})
	x.recorded = x.publish(x.lead, "recorded", object{"recorded": true})
	x.ours = x.publish(x.ciso, "recorded, our own", object{"recorded": true})
	return x
}

// canary is what an item says, and nothing else does.
func canary(title string) string {
	return "canary-of-" + strings.ReplaceAll(strings.ReplaceAll(title, " ", "-"), ",", "") + ".example"
}

func (x *exchange) publish(b *browser, title string, more object) int {
	x.t.Helper()
	body := object{"title": title, "text": "The text says " + canary(title), "indicators": []object{{"kind": "domain", "value": canary(title)}, {"kind": "domain", "value": "kill.switch.example", "doNotBlock": true}}}
	for k, v := range more {
		body[k] = v
	}
	return seqOf(b.must(201, "POST", "/rooms/"+x.room+"/items", body))
}

func (x *exchange) export(b *browser, format string, entries ...int) reply {
	x.t.Helper()
	body := object{"format": format}
	if entries != nil {
		body["entries"] = entries
	}
	return b.send("POST", "/api/v1/rooms/"+x.room+"/intel/export", body)
}

func TestAnExportHoldsWhatTheViewerMayShareAndNothingElse(t *testing.T) {
	x := newExchange(t)
	titles := map[string]bool{"for all": true, "of Northmoor": true, "red": false, "for the director": false, "recorded": false, "recorded, our own": false}
	for _, format := range []string{"stix", "misp", "csv", "text"} {
		r := x.export(x.ciso, format)
		if r.status != 200 {
			t.Fatalf("%s: %d %s", format, r.status, r.body)
		}
		said := strings.ReplaceAll(string(r.body), "[.]", ".")
		for title, may := range titles {
			if got := strings.Contains(said, canary(title)); got != may {
				t.Errorf("%s: %q is in it: %v, want %v", format, title, got, may)
			}
		}
		if !strings.Contains(strings.ToUpper(said), "AMBER+STRICT") {
			t.Errorf("%s bears no label", format)
		}
		if !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment;") || r.header.Get("Cache-Control") != "no-store" || r.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", format, r.header)
		}
		if strings.Contains(said, x.room) {
			t.Errorf("%s tells the room's id", format)
		}
	}
	// Each one by itself.
	for title, n := range map[string]int{"red": x.red, "recorded": x.recorded} {
		if r := x.export(x.ciso, "stix", n); r.status != 403 {
			t.Errorf("%s: %d %s", title, r.status, r.body)
		}
	}
	hidden, missing := x.export(x.ciso, "stix", x.named), x.export(x.ciso, "stix", 99999)
	if hidden.status != 404 || string(hidden.body) != string(missing.body) {
		t.Errorf("what is hidden is told from what is not there: %s %s", hidden.body, missing.body)
	}
	if r := x.export(x.ciso, "stix", x.open, x.named); r.status != 404 {
		t.Errorf("with one that is hidden: %d", r.status)
	}
}

func TestAnExportIsOnTheAccessLogForTheOriginatorToSee(t *testing.T) {
	x := newExchange(t)
	if r := x.export(x.ciso, "csv", x.open, x.own); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	exports := func(b *browser, n int) []object {
		return objects(b.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, n), nil)["exports"])
	}
	got := exports(x.lead, x.open)
	if len(got) != 1 || got[0]["member"] != 2.0 || got[0]["format"] != "csv" {
		t.Errorf("the originator is told %v", got)
	}
	if got := exports(x.ciso, x.own); len(got) != 1 {
		t.Errorf("the guest's organisation is told %v of its own", got)
	}
	x.director.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, x.open), nil)
	// Refused, nothing is recorded.
	x.export(x.ciso, "csv", x.open, x.red)
	if got := exports(x.lead, x.open); len(got) != 1 {
		t.Errorf("a refused export is recorded: %v", got)
	}
	x.CheckLog(incident.LogID(x.room))
}

func TestWhatWasRecalledOrWithheldIsInNoExport(t *testing.T) {
	x := newExchange(t)
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", x.room, x.open), object{"reason": "it was wrong"})
	x.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/withhold", x.room, x.ours), object{})
	said := string(x.export(x.ciso, "stix").body)
	if strings.Contains(said, canary("for all")) || strings.Contains(said, canary("recorded, our own")) || !strings.Contains(said, canary("of Northmoor")) {
		t.Errorf("%s", said)
	}
	if r := x.export(x.ciso, "stix", x.open); r.status != 404 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestAFileIsPreviewedAndABrokenOneIsRefusedWithItsLine(t *testing.T) {
	x := newExchange(t)
	head := x.lead.must(200, "GET", "/rooms/"+x.room+"/entries?limit=1", nil)["head"]
	preview := func(format, text string) reply {
		return x.ciso.send("POST", "/api/v1/rooms/"+x.room+"/intel/preview?format="+format, []byte(text), "Content-Type", "application/octet-stream")
	}
	r := preview("csv", "value,tlp\nevil[.]example,TLP:RED\n1.2.3.4,TLP:WHITE\n")
	var a struct {
		Items []struct {
			TLP  string
			Item incident.Item
		}
		Mapped, Left []object
	}
	if err := json.Unmarshal(r.body, &a); err != nil || r.status != 200 || len(a.Items) != 2 || a.Items[0].TLP != "TLP:RED" || a.Items[0].Item.Indicators[0].Value != "evil.example" || a.Items[1].TLP != "TLP:CLEAR" || len(a.Mapped) == 0 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if r := preview("stix", "{\"type\":\"bundle\",\n\"objects\":[{]}"); r.status != 422 || !strings.Contains(string(r.body), "Line 2, column 1") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := preview("xml", "x"); r.status != 422 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if now := x.lead.must(200, "GET", "/rooms/"+x.room+"/entries?limit=1", nil)["head"]; now != head {
		t.Errorf("a preview wrote to the log: %v, then %v", head, now)
	}
	got := x.ciso.must(200, "POST", "/rooms/"+x.room+"/intel/extract", object{"text": "hxxp://evil[.]example/x and CVE-2017-0144"})
	if list := objects(got["indicators"]); len(list) != 2 || list[0]["value"] != "http://evil.example/x" {
		t.Errorf("%v", got)
	}
	// What was previewed can be published as it came.
	item := a.Items[0].Item
	seq := seqOf(x.ciso.must(201, "POST", "/rooms/"+x.room+"/items", object{"title": item.Title, "text": item.Text, "indicators": item.Indicators, "sources": item.Sources, "tlp": "TLP:AMBER"}))
	if r := x.export(x.ciso, "csv", seq); !slices.Contains(strings.Split(string(r.body), ","), "evil.example") {
		t.Errorf("%s", r.body)
	}
}

// What was merged goes out as what goes on in its place, and is told as taken by
// nobody.
func TestAMergedItemIsNotToldAsTakenOut(t *testing.T) {
	x := newExchange(t)
	a, b := x.publish(x.ciso, "one", nil), x.publish(x.ciso, "two", nil)
	x.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/merge", x.room, a), object{"other": b})
	if r := x.export(x.ciso, "text", b); r.status != 409 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := x.export(x.ciso, "text", a); r.status != 200 || !strings.Contains(string(r.body), "one\n") {
		t.Errorf("%d %s", r.status, r.body)
	}
	for entry, want := range map[int]int{a: 1, b: 0} {
		if got := objects(x.ciso.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d/opens", x.room, entry), nil)["exports"]); len(got) != want {
			t.Errorf("entry %d is told as taken out %d times", entry, len(got))
		}
	}
}
