package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
)

const itemCanary = "canary-77ab31"

// itemOf is an item whose every word is a canary.
func itemOf(more ...object) object {
	o := object{"title": "Title " + itemCanary, "text": "Text " + itemCanary, "caveats": "Caveat " + itemCanary,
		"indicators": []object{{"kind": "domain", "value": itemCanary + ".example", "note": itemCanary, "doNotBlock": true, "tags": []string{itemCanary}}},
		"sources":    []object{{"reliability": "B", "credibility": "2", "name": itemCanary}}, "refs": []object{{"name": itemCanary}},
		"expires": "2031-05-01T00:00:00Z", "review": "2030-05-01T00:00:00Z"}
	for _, m := range more {
		for k, v := range m {
			o[k] = v
		}
	}
	return o
}

func (b *browser) publish(room string, item object) (seq, tear int) {
	b.t.Helper()
	a := b.must(201, "POST", "/rooms/"+room+"/items", item)
	if t, ok := a["tear"]; ok {
		tear = int(t.(float64))
	}
	return int(a["seq"].(float64)), tear
}

// reads are the answers of every read of the room, by name.
func (b *browser) reads(room string, root int) map[string][]byte {
	at := "/api/v1/rooms/" + room
	list := map[string][]byte{}
	for _, path := range []string{"", "/entries", "/entries?after=0&limit=200", "/entries?record=true", "/items", "/items?state=live", "/items?state=recalled", "/items?overdue=true", "/items?expired=true",
		"/items?org=DSC", "/record/item", "/record/tearline", "/record/sighting", "/record/release", "/record/release?mine=true", "/needs",
		fmt.Sprintf("/entries/%d", root), fmt.Sprintf("/entries/%d/opens", root), fmt.Sprintf("/items/%d/sightings", root), fmt.Sprintf("/record/sighting?under=%d", root)} {
		list["GET "+path] = b.send("GET", at+path, nil).body
	}
	for _, text := range []string{itemCanary, "canary", "Title"} {
		list["search "+text] = b.send("POST", at+"/search", object{"text": text}).body
	}
	list["search everywhere"] = b.send("POST", "/api/v1/search", object{"text": itemCanary}).body
	return list
}

func carrying(reads map[string][]byte, words ...string) (names []string) {
	for name, raw := range reads {
		if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(string(raw), w) }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestARecordedItemIsGivenOutAfterTheAccessLogHasItsOpeningAndNoOtherWay(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director, auditor := s.as("lead"), s.as("ciso"), s.as("director"), s.as("auditor")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "observer", "full")
	auditor.join(lead, room, "auditor", "auditor", "full")
	live := ciso.stream()
	live.send(object{"type": "subscribe", "room": room, "after": nil})
	live.until("caught_up")
	item, tear := lead.publish(room, itemOf(object{"recorded": true, "tear": object{"text": "A host name is being used; ask us.", "tlp": "TLP:GREEN"}}))
	for _, who := range []*browser{lead, ciso, director, auditor} {
		if names := carrying(who.reads(room, item), itemCanary); len(names) > 0 {
			t.Errorf("without an opening it stands in %v", names)
		}
	}
	if raw := mustJSON(live.until("events")); strings.Contains(string(raw), itemCanary) || !strings.Contains(string(raw), "A host name is being used") {
		t.Errorf("live: %s", raw)
	}
	board := ciso.must(200, "GET", "/rooms/"+room+"/items", nil)
	if roots := board["roots"].([]any); len(roots) != 1 || int(roots[0].(float64)) != item || form(objects(board["entries"])[0]) != "envelope" {
		t.Errorf("the board: %v", board)
	}
	for _, filter := range []string{"overdue=true", "expired=true", "org=DSC"} { // of what the envelope hides
		if roots := ciso.must(200, "GET", "/rooms/"+room+"/items?"+filter, nil)["roots"].([]any); len(roots) != 0 {
			t.Errorf("%s finds a sealed item", filter)
		}
	}
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, item)
	o := lead.must(200, "GET", at+"/opens", nil)
	if len(objects(o["opens"])) != 0 || len(o["notYet"].([]any)) != 3 {
		t.Fatalf("before anybody opened it: %v", o)
	}
	opened := ciso.must(200, "POST", at+"/open", object{})
	if !strings.Contains(string(mustJSON(opened)), itemCanary) {
		t.Fatalf("opened: %v", opened)
	}
	o = lead.must(200, "GET", at+"/opens", nil)
	if list := objects(o["opens"]); len(list) != 1 || list[0]["member"] != 2.0 || fmt.Sprint(o["notYet"]) != "[3 4]" {
		t.Fatalf("after: %v", o)
	}
	ciso.refused(404, "not_found", "GET", at+"/opens", nil)
	director.refused(404, "not_found", "GET", at+"/opens", nil)
	whole := objects(director.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, tear), nil)["entries"])
	if form(whole[0]) != "open" {
		t.Errorf("the tear-line is %s", form(whole[0]))
	}
	// Only its originator takes the record off; its author's organisation or a lead puts it on.
	ciso.refused(403, "forbidden", "POST", at+"/widen", object{"recorded": false, "reason": "r"})
	ciso.refused(422, "invalid", "POST", "/rooms/"+room+"/items", itemOf(object{"tlp": "TLP:WHITE"}))
	lead.refused(422, "invalid", "POST", at+"/tighten", object{"recorded": false})
	lead.must(200, "POST", at+"/widen", object{"recorded": false, "reason": "it is in the press"})
	if names := carrying(director.reads(room, item), itemCanary); len(names) == 0 {
		t.Error("released from record, it is nowhere to be read: what this test looks for is not there to be found")
	}
	lead.must(200, "POST", at+"/tighten", object{"recorded": true})
	if names := carrying(director.reads(room, item), itemCanary); len(names) > 0 {
		t.Errorf("recorded again it stands in %v", names)
	}
	s.CheckLog(incident.LogID(room))
}

func TestARecallLeavesNothingToAnybodyElseAndTheDecisionsThatCiteItSaySo(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("nightlead")
	lead, night, ciso, director := s.as("lead"), s.as("nightlead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	night.join(lead, room, "nightlead", "deputy", "full")
	item, _ := ciso.publish(room, itemOf(object{"tlp": "TLP:AMBER"}))
	seen := director.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/sightings", room, item), object{"verdict": "seen", "indicator": 0, "note": "on one screen"})
	if seen["seq"] == nil {
		t.Fatal(seen)
	}
	decision := int(lead.must(201, "POST", "/rooms/"+room+"/decisions", object{"decision": "Disconnect", "rationale": "r", "maker": 1,
		"deliberation": object{"relied": []int{item}}})["seq"].(float64))
	live := director.stream()
	live.send(object{"type": "subscribe", "room": room, "after": nil})
	live.until("caught_up")
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, item)
	for _, who := range []*browser{lead, night} {
		who.refused(403, "forbidden", "POST", at+"/recall", object{"reason": "not ours"})
	}
	if names := carrying(director.reads(room, item), itemCanary); len(names) == 0 {
		t.Fatal("before the recall nobody reads it")
	}
	ciso.must(200, "POST", at+"/recall", object{"reason": "reason-" + itemCanary})
	withdrawn := live.until("withdrawn")
	if int(withdrawn["root"].(float64)) != item {
		t.Errorf("withdrawn: %v", withdrawn)
	}
	if names := carrying(ciso.reads(room, item), itemCanary); !slices.Contains(names, "search "+itemCanary) || !slices.Contains(names, "search everywhere") {
		t.Errorf("its originator finds it in %v", names)
	}
	for name, who := range map[string]*browser{"lead": lead, "night lead": night, "director": director} {
		if names := carrying(who.reads(room, item), itemCanary, "reason-"); len(names) > 0 {
			t.Errorf("recalled, it stands for the %s in %v", name, names)
		}
		who.refused(404, "not_found", "GET", at, nil)
		who.refused(404, "not_found", "POST", at+"/open", object{})
		who.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/items/%d/sightings", room, item), nil)
		if n := len(who.must(200, "GET", "/rooms/"+room+"/items", nil)["roots"].([]any)); n != 0 {
			t.Errorf("%s: %d items on the board", name, n)
		}
		raw := string(mustJSON(who.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, decision), nil)))
		if !strings.Contains(raw, "decision.shaken") || !strings.Contains(raw, fmt.Sprintf(`{\"entry\":%d}`, item)) {
			t.Errorf("to the %s the decision does not say that what it cites was recalled: %s", name, raw)
		}
		if strings.Contains(raw, `decision.shaken`) && strings.Contains(raw[strings.Index(raw, "decision.shaken"):], `\"member\"`) {
			t.Errorf("to the %s it says who recalled it", name)
		}
	}
	if n := len(ciso.must(200, "GET", "/rooms/"+room+"/items?state=recalled", nil)["roots"].([]any)); n != 1 {
		t.Errorf("its originator's board of what was recalled: %d", n)
	}
	for act, body := range map[string]object{"widen": {"audience": object{"kind": "room"}, "reason": "r"}, "recall": {"reason": "again"}} {
		ciso.refused(409, "conflict", "POST", at+"/"+act, body)
	}
	s.CheckLog(incident.LogID(room))
}

func TestARequestForReleaseIsForWhoAsksAndTheOriginatorAlone(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director, auditor := s.as("lead"), s.as("ciso"), s.as("director"), s.as("auditor")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "observer", "full")
	auditor.join(lead, room, "auditor", "auditor", "full")
	item, _ := ciso.publish(room, itemOf(object{"audience": object{"kind": "named", "members": []int{1}}}))
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, item)
	director.refused(404, "not_found", "POST", at+"/release", object{"why": "w", "tlp": "TLP:GREEN"})
	why := "why-" + itemCanary
	asked := int(lead.must(201, "POST", at+"/release", object{"why": why, "audience": object{"kind": "named", "members": []int{3}}})["seq"].(float64))
	for name, who := range map[string]*browser{"director": director, "auditor": auditor} {
		if names := carrying(who.reads(room, asked), itemCanary); len(names) > 0 {
			t.Errorf("the %s reads of the request in %v", name, names)
		}
		who.refused(404, "not_found", "POST", fmt.Sprintf("/rooms/%s/releases/%d/answer", room, asked), object{"grant": true})
	}
	if raw := string(mustJSON(ciso.must(200, "GET", "/rooms/"+room+"/record/release?mine=true", nil))); !strings.Contains(raw, why) {
		t.Errorf("the originator is not told: %s", raw)
	}
	answer := fmt.Sprintf("/rooms/%s/releases/%d/answer", room, asked)
	lead.refused(403, "forbidden", "POST", answer, object{"grant": true})
	if names := carrying(director.reads(room, item), itemCanary); len(names) > 0 {
		t.Errorf("silence let it go: %v", names)
	}
	ciso.must(200, "POST", answer, object{"grant": true, "why": "for you"})
	ciso.refused(409, "conflict", "POST", answer, object{"grant": false})
	raw := string(mustJSON(director.must(200, "GET", at, nil)))
	if !strings.Contains(raw, itemCanary) || strings.Contains(raw, why) || strings.Contains(raw, "for you") {
		t.Errorf("granted: %s", raw)
	}
	auditor.refused(404, "not_found", "GET", at, nil)
	if n := len(ciso.must(200, "GET", "/rooms/"+room+"/record/release?mine=true", nil)["roots"].([]any)); n != 0 {
		t.Errorf("answered, it still waits")
	}
	s.CheckLog(incident.LogID(room))
}

// Headers, flags and fields that other systems have let a marking be stripped
// by: nothing but an originator's own word does it here.
func TestNoHeaderOrFlagLoosensAMarking(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	item, _ := lead.publish(room, itemOf(object{"recorded": true, "tlp": "TLP:AMBER+STRICT", "audience": object{"kind": "named", "members": []int{2}}}))
	at := fmt.Sprintf("/api/v1/rooms/%s/entries/%d", room, item)
	marking := func() string {
		e := objects(lead.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, item), nil)["entries"])
		return fmt.Sprint(len(e), e[0]["slots"].(map[string]any)["3"].([]any)[1])
	}
	was := marking()
	headers := [][]string{{}, {"synchronized-upsert", "true"}, {"X-HTTP-Method-Override", "PUT"}, {"X-HTTP-Method", "PATCH"}, {"X-Original-URL", "/admin"}, {"X-Forwarded-User", "lead"}, {"X-Forwarded-Org", "DSC"},
		{"opencti-applicant-id", "lead"}, {"previous-standard", "true"}, {"X-Admin", "1"}, {"X-Debug", "true"}, {"X-Internal", "1"}, {"Prefer", "handling=lenient"}, {"X-Force", "true"},
		{"X-Role", "lead"}, {"If-Match", "*"}, {"X-Upsert", "true"}, {"X-Marking", "TLP:CLEAR"}, {"X-Originator", "X1N"}, {"Idempotency-Replay", "true"}, {"Sec-Purpose", "prefetch"}}
	bodies := map[string]object{
		"widen":   {"tlp": "TLP:CLEAR", "audience": object{"kind": "room"}, "recorded": false, "reason": "r"},
		"tighten": {"tlp": "TLP:CLEAR", "audience": object{"kind": "room"}, "recorded": false},
		"restore": {}, "recall": {"reason": "r"}, "correct": {"text": "x"}, "release": {"why": "w", "tlp": "TLP:RED"},
	}
	fields := []string{"", "force", "originator", "org", "upsert", "synchronized", "admin", "as", "override", "Recorded", "TLP", "marking", "markingDefinitions", "role", "__proto__", "originator.org"}
	tried := 0
	for act, body := range bodies {
		for _, h := range headers {
			for _, f := range fields {
				if len(h) > 0 && f != "" {
					continue // one at a time
				}
				asked := object{}
				for k, v := range body {
					asked[k] = v
				}
				if f != "" {
					asked[f] = "DSC"
				}
				r := ciso.send("POST", at+"/"+act, asked, h...)
				if tried++; r.status < 400 || r.status >= 500 {
					t.Errorf("%s with %v %q: %d %s", act, h, f, r.status, r.body)
				}
			}
		}
		for _, query := range []string{"?force=true", "?synchronized-upsert=true", "?org=DSC", "?recorded=false"} {
			if r := ciso.send("POST", at+"/"+act+query, body); r.status < 400 || r.status >= 500 {
				t.Errorf("%s%s: %d", act, query, r.status)
			}
		}
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		for _, path := range []string{"", "/widen", "/marking"} {
			if r := ciso.send(method, at+path, object{"tlp": "TLP:CLEAR"}); r.status != 404 && r.status != 405 {
				t.Errorf("%s %s: %d", method, path, r.status)
			}
		}
	}
	if now := marking(); now != was {
		t.Errorf("after %d attempts it is %s, and was %s", tried, now, was)
	}
}
