package web_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"wardroom/server/incident"
)

func TestWhoWouldReceiveItIsToldBeforeAndRefusedIfSomebodyCameInSince(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	ask := "/rooms/" + room + "/preflight"
	northmoor := object{"kind": "named", "orgs": []string{"X1N"}}

	p := lead.must(200, "POST", ask, object{"audience": northmoor})
	rows := objects(p["members"])
	if len(rows) != 2 || rows[1]["number"] != 2.0 || rows[1]["joined10"] != true || rows[1]["name"] != door.people["ciso"].Name || p["unnamed"] != false {
		t.Fatalf("shown: %v", p)
	}
	head := int(p["head"].(float64))
	post := func(shown int) object {
		return object{"text": "for Northmoor", "audience": northmoor, "shown": shown}
	}
	lead.must(201, "POST", "/rooms/"+room+"/messages", post(head))

	jo := s.as("colleague")
	jo.join(lead, room, "colleague", "representative", "from_join")
	before := lead.head(room)
	refusal := lead.refused(409, "conflict", "POST", "/rooms/"+room+"/messages", post(head))
	if refusal["code"] != "gained" || !strings.Contains(refusal["detail"].(string), door.people["colleague"].Name) || lead.head(room) != before {
		t.Errorf("refused: %v", refusal)
	}
	p = lead.must(200, "POST", ask, object{"audience": northmoor, "shown": head})
	for _, r := range objects(p["members"]) {
		if r["gained"] != (r["number"] == 3.0) {
			t.Errorf("who came in since: %v", r)
		}
	}
	lead.must(201, "POST", "/rooms/"+room+"/messages", post(int(p["head"].(float64))))

	// Widening: the entry's own marking is where it starts from.
	old := lead.say(room, "for the hosts", object{"audience": object{"kind": "hosts"}})
	p = lead.must(200, "POST", ask, object{"entry": old, "audience": object{"kind": "room"}})
	if len(objects(p["members"])) != 3 {
		t.Errorf("widened to the room: %v", p)
	}
	head = int(p["head"].(float64))
	director.join(lead, room, "director", "representative", "full")
	widen := object{"audience": object{"kind": "room"}, "reason": "everyone needs it", "shown": head}
	if r := lead.refused(409, "conflict", "POST", fmt.Sprintf("/rooms/%s/entries/%d/widen", room, old), widen); r["code"] != "gained" {
		t.Errorf("widening: %v", r)
	}
	widen["shown"] = lead.head(room)
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/widen", room, old), widen)

	// What is not one's own to see or to widen is not there, or not allowed.
	hosts := lead.say(room, "again for the hosts", object{"audience": object{"kind": "hosts"}})
	missing := string(ciso.send("POST", "/api/v1"+ask, object{"entry": 9999}).body)
	if got := ciso.send("POST", "/api/v1"+ask, object{"entry": hosts}); got.status != 404 || string(got.body) != missing {
		t.Errorf("asking about what is hidden: %d %s, want %s", got.status, got.body, missing)
	}
	none := string(ciso.send("POST", "/api/v1"+ask, object{"replyTo": 9999}).body)
	if got := ciso.send("POST", "/api/v1"+ask, object{"replyTo": hosts}); got.status != 422 || string(got.body) != none {
		t.Errorf("answering what is hidden: %d %s, want %s", got.status, got.body, none)
	}
	ciso.refused(403, "forbidden", "POST", ask, object{"entry": old})
	lead.refused(422, "invalid", "POST", ask, object{"tlp": "TLP:RED"})
	lead.refused(422, "invalid", "POST", ask, object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{77}}})

	for _, r := range objects(lead.must(200, "POST", ask, object{})["members"]) { // all of them came just now
		if r["joined10"] != true {
			t.Errorf("new: %v", r)
		}
	}
	s.CheckLog(incident.LogID(room))
}

func TestATextThatBearsAProtectiveMarkingIsStoppedAndAHostsReasonStandsInTheRecord(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	at := "/rooms/" + room + "/messages"
	text := "UK SECRET\n\nThe actor used the update."
	before := lead.head(room)
	for _, b := range []*browser{lead, ciso} {
		p := b.refused(422, "invalid", "POST", at, object{"text": text})
		if p["code"] != "protective_marking" || strings.Contains(fmt.Sprint(p), "actor") || objects(p["errors"])[0]["name"] != "text" {
			t.Errorf("refused: %v", p)
		}
	}
	if p := ciso.refused(422, "invalid", "POST", at, object{"text": text, "override": "I am sure"}); p["code"] != "protective_marking" {
		t.Errorf("a guest's reason: %v", p)
	}
	if lead.head(room) != before {
		t.Error("something of it was stored")
	}
	lead.must(200, "POST", "/rooms/"+room+"/brief", object{"lines": object{"happened": "SECRET", "affects": "", "doing": "", "need": "", "next": ""}, "seen": 0, "override": "The word on the ransom note"})
	seq := int(lead.must(201, "POST", at, object{"text": text, "override": "Declassified at 14:10"})["seq"].(float64))
	entry := string(ciso.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries/%d", room, seq), nil).body)
	if !strings.Contains(entry, `\"override\":\"Declassified at 14:10\"`) {
		t.Errorf("its readers are not told why: %s", entry)
	}
	s.CheckLog(incident.LogID(room))
}

// What a host overruled when it was asked is the organisation's to agree to as
// it stands: it has no reason to give, and a guest's counts for nothing.
func TestWhatAHostOverruledInASideRoomIsAgreedToWithoutAnotherReason(t *testing.T) {
	b := newBeside(t)
	said := b.ciso.say(b.cell, "They left a note")
	ask := object{"entry": said, "text": "UK SECRET\n\nsays the note"}
	if p := b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/promotions", ask); p["code"] != "protective_marking" {
		t.Errorf("without a reason: %v", p)
	}
	ask["override"] = "The words of the note"
	root := b.lead.must(201, "POST", "/rooms/"+b.cell+"/promotions", ask)["seq"]
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/promotions/%v/answer", b.cell, root), object{"entry": said, "grant": true})
}

// A host's reason reaches what is done with intelligence on each of its routes;
// a guest's is as none.
func TestAHostsReasonIsTakenOnEveryRouteThatWritesOfIntelligence(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	of := func(b *browser) (n int) { n, _ = b.publish(room, itemOf(object{"tlp": "TLP:AMBER"})); return n }
	peer := map[*browser]*browser{lead: ciso, ciso: lead}
	for _, x := range []struct {
		what string
		at   func(by *browser) string
		body object
	}{
		{"share", func(*browser) string { return "/items" }, itemOf(object{"text": "SECRET"})},
		{"correct", func(b *browser) string { return fmt.Sprintf("/items/%d/correct", of(b)) }, itemOf(object{"text": "SECRET"})},
		{"tear-line", func(b *browser) string { return fmt.Sprintf("/items/%d/tearline", of(b)) }, object{"text": "SECRET"}},
		{"sighting", func(b *browser) string { return fmt.Sprintf("/items/%d/sightings", of(b)) }, object{"verdict": "seen", "note": "SECRET"}},
		{"recall", func(b *browser) string { return fmt.Sprintf("/entries/%d/recall", of(b)) }, object{"reason": "SECRET"}},
		{"widen", func(b *browser) string { return fmt.Sprintf("/entries/%d/widen", of(b)) }, object{"tlp": "TLP:GREEN", "reason": "SECRET"}},
		{"ask for release", func(b *browser) string { return fmt.Sprintf("/entries/%d/release", of(peer[b])) }, object{"tlp": "TLP:GREEN", "why": "SECRET"}},
		{"answer for release", func(b *browser) string {
			asked := peer[b].must(201, "POST", fmt.Sprintf("/rooms/%s/entries/%d/release", room, of(b)), object{"tlp": "TLP:GREEN", "why": "for all"})
			return fmt.Sprintf("/releases/%v/answer", asked["seq"])
		}, object{"grant": true, "why": "SECRET"}},
	} {
		for _, by := range []*browser{lead, ciso} {
			at, with := "/rooms/"+room+x.at(by), maps.Clone(x.body)
			if p := by.refused(422, "invalid", "POST", at, with); p["code"] != "protective_marking" {
				t.Errorf("%s: %v", x.what, p)
			}
			with["override"] = "The name of the tool"
			if by == ciso {
				if p := by.refused(422, "invalid", "POST", at, with); p["code"] != "protective_marking" {
					t.Errorf("%s with a guest's reason: %v", x.what, p)
				}
			} else if r := by.send("POST", "/api/v1"+at, with); r.status > 201 {
				t.Errorf("%s with a host's: %d %s", x.what, r.status, r.body)
			}
		}
	}
}

// The answer was lost, and whoever shares it looks anew at who receives it: the
// log has moved on, by their own entry too. It is what it was, once.
func TestWhatIsSentAgainAfterAnotherLookAtWhoReceivesItHasItsFirstAnswer(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	tear := object{"text": "the same, for all", "tlp": "TLP:GREEN"}
	said := lead.say(room, "hello")
	for _, x := range []struct {
		at   string
		body object
	}{
		{"/messages", object{"text": "for two", "audience": object{"kind": "hosts"}}},
		{"/items", itemOf(object{"tear": tear})},
		{fmt.Sprintf("/entries/%d/widen", said), object{"tlp": "TLP:GREEN", "reason": "It may go further"}},
	} {
		key := string(s.Key())
		send := func() string {
			body, looked := maps.Clone(x.body), lead.head(room)
			body["shown"] = looked
			if x.body["tear"] != nil {
				torn := maps.Clone(tear)
				torn["shown"], body["tear"] = looked, torn
			}
			r := lead.send("POST", "/api/v1/rooms/"+room+x.at, body, "Idempotency-Key", key)
			return fmt.Sprint(r.status, " ", string(r.body))
		}
		first := send()
		if again := send(); again != first || !strings.HasPrefix(first, "20") {
			t.Errorf("%s: %s, then %s", x.at, first, again)
		}
	}
}
