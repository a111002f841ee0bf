package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestPagesAreContiguousAndBringWhatCameLaterAboutTheirEntries(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	first := lead.say(room, "first")
	hidden := lead.say(room, "for the hosts", object{"audience": object{"kind": "hosts"}})
	var last int
	for i := range 60 {
		last = lead.say(room, fmt.Sprint("message ", i))
	}
	fixed := int(lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/correct", room, first), object{"text": "corrected"})["seq"].(float64))
	secret := int(lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/correct", room, hidden), object{"text": "still for the hosts"})["seq"].(float64))
	noted := int(ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/note", room, first), object{})["seq"].(float64))
	head := noted

	run := func(from, to int) (n []int) {
		for i := from; i <= to; i++ {
			n = append(n, i)
		}
		return n
	}
	for query, want := range map[string][]int{
		"":                               run(head-49, head),
		"?limit=200":                     run(1, head),
		"?limit=1":                       {head},
		"?before=11&limit=10":            run(1, 10),
		"?before=11&limit=3":             run(8, 10),
		"?before=1":                      nil,
		"?before=0":                      nil,
		"?after=0&limit=3":               run(1, 3),
		"?after=4&limit=3":               run(5, 7),
		fmt.Sprintf("?after=%d", head):   nil,
		fmt.Sprintf("?after=%d", head-2): run(head-1, head),
		"?around=20&limit=10":            run(15, 24),
		"?around=20&limit=1":             {20},
		"?around=1&limit=4":              run(1, 4),
		fmt.Sprintf("?around=%d&limit=4", 9_000_000): run(head-1, head),
	} {
		got, _ := ciso.page(room, query)
		if !slices.Equal(seqs(got), want) {
			t.Errorf("%q: %v, want %v", query, seqs(got), want)
		}
	}
	entries, related := ciso.page(room, fmt.Sprintf("?around=%d&limit=6", first))
	if !slices.Contains(seqs(entries), hidden) || !slices.Equal(seqs(related), []int{fixed, noted}) {
		t.Errorf("related for the guest: %v", seqs(related))
	}
	for _, e := range entries {
		if want := map[bool]string{true: "stub", false: "open"}[int(e["seq"].(float64)) == hidden]; form(e) != want {
			t.Errorf("entry %v is %s to the guest, want %s", e["seq"], form(e), want)
		}
	}
	if _, related := lead.page(room, fmt.Sprintf("?around=%d&limit=6", first)); !slices.Equal(seqs(related), []int{fixed, secret, noted}) {
		t.Errorf("related for the lead: %v", seqs(related))
	}
	if _, related := ciso.page(room, fmt.Sprintf("?after=%d", last)); len(related) != 0 {
		t.Errorf("the last page brings %v", seqs(related))
	}
	whole := objects(ciso.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, fixed), nil)["entries"])
	if !slices.Equal(seqs(whole), []int{first, fixed, noted}) {
		t.Errorf("the object: %v", seqs(whole))
	}
	ciso.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, secret), nil)
	// Withheld since: gone from pages, from the object, from what is related.
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/withhold", room, first), object{})
	if _, related := ciso.page(room, fmt.Sprintf("?around=%d&limit=6", first)); len(related) != 0 {
		t.Errorf("a withheld entry's later events: %v", seqs(related))
	}
	ciso.refused(404, "not_found", "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, first), nil)
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/restore", room, first), object{})
	ciso.must(200, "GET", fmt.Sprintf("/rooms/%s/entries/%d", room, first), nil)
	s.CheckLog(incident.LogID(room))
}

func TestREDIsGivenOutAfterTheAccessLogHasItAndAFreshSecondFactor(t *testing.T) {
	s := newStack(t, plenty)
	author := s.register("lead").Person
	s.register("nightlead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	live := ciso.stream()
	live.send(object{"type": "subscribe", "room": room, "after": nil})
	live.until("caught_up")
	const canary = "canary-9f1c7a"
	red := lead.say(room, canary, object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, red)
	for name, raw := range map[string][]byte{
		"live":     mustJSON(live.until("events")),
		"page":     ciso.send("GET", "/api/v1/rooms/"+room+"/entries", nil).body,
		"object":   ciso.send("GET", "/api/v1"+at, nil).body,
		"snapshot": ciso.send("GET", "/api/v1/rooms/"+room, nil).body,
		"search":   ciso.send("POST", "/api/v1/rooms/"+room+"/search", object{"text": canary}).body,
		"outside":  director.send("GET", "/api/v1/rooms/"+room+"/entries", nil).body,
	} {
		if strings.Contains(string(raw), canary) {
			t.Errorf("%s carries the body of TLP:RED", name)
		}
	}
	entries, _ := ciso.page(room, fmt.Sprintf("?around=%d&limit=1", red))
	if form(entries[0]) != "envelope" {
		t.Fatalf("to its reader it is %s", form(entries[0]))
	}
	before, _ := s.Journal.Opens(t.Context(), incident.LogID(room), author, incident.Seq(red))
	ciso.refused(401, "step_up", "POST", at+"/open", object{})
	director.refused(404, "not_found", "POST", at+"/open", object{})
	after, _ := s.Journal.Opens(t.Context(), incident.LogID(room), author, incident.Seq(red))
	if len(before) != 0 || len(after) != 0 {
		t.Fatalf("opened without being: %v", after)
	}
	ciso.stepUp("ciso")
	if o := ciso.must(200, "GET", "/session", nil); o["stepUpUntil"] == nil {
		t.Fatalf("after the step-up: %v", o)
	}
	got := objects(ciso.must(200, "POST", at+"/open", object{})["entries"])
	if len(got) != 1 || form(got[0]) != "open" || !strings.Contains(got[0]["slots"].([]any)[4].(string), canary) {
		t.Fatalf("opened: %v", got)
	}
	if list, _ := s.Journal.Opens(t.Context(), incident.LogID(room), author, incident.Seq(red)); len(list) != 1 || list[0].Member != 2 {
		t.Fatalf("the access log: %v", list)
	}
	// Receipts: for the originator's organisation, which wrote it.
	o := lead.must(200, "GET", at+"/opens", nil)
	if opens := objects(o["opens"]); len(opens) != 1 || opens[0]["member"] != 2.0 || len(o["notYet"].([]any)) != 0 {
		t.Fatalf("receipts: %v", o)
	}
	ciso.refused(404, "not_found", "GET", at+"/opens", nil)
	// An auditor has receipts of what they do not receive; another guest learns nothing of it.
	ruth := s.as("auditor")
	ruth.join(lead, room, "auditor", "auditor", "from_join")
	ruth.refused(404, "not_found", "POST", at+"/open", object{})
	if opens := objects(ruth.must(200, "GET", at+"/opens", nil)["opens"]); len(opens) != 1 {
		t.Fatalf("an auditor's receipts: %v", opens)
	}
	// Withheld between the two: recorded, not given.
	lead.must(200, "POST", at+"/withhold", object{})
	ciso.refused(404, "not_found", "POST", at+"/open", object{})
}

// An opening that is sent again is judged again: the second factor may be gone,
// and the entry another.
func TestAnOpeningSentAgainIsJudgedAgain(t *testing.T) {
	s := newStack(t, plenty)
	author := s.register("lead").Person
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	red := lead.say(room, "first wording", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, red)
	ciso.stepUp("ciso")
	key := string(s.Key())
	ciso.must(200, "POST", at+"/open", object{}, "Idempotency-Key", key)
	if r := ciso.send("POST", "/api/v1"+at+"/open", object{}, "Idempotency-Key", key); r.status != 200 || !strings.Contains(string(r.body), "first wording") {
		t.Fatalf("the answer was lost, and it was sent again: %d %s", r.status, r.body)
	}
	elsewhere := s.as("ciso") // signed in anew, no second factor
	elsewhere.refused(401, "step_up", "POST", at+"/open", object{}, "Idempotency-Key", key)
	lead.must(200, "POST", at+"/correct", object{"text": "second wording"})
	elsewhere.refused(401, "step_up", "POST", at+"/open", object{}, "Idempotency-Key", key)
	ciso.refused(409, "conflict", "POST", at+"/open", object{}, "Idempotency-Key", key)
	opens := func() int {
		list, err := s.Journal.Opens(t.Context(), incident.LogID(room), author, incident.Seq(red))
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := opens(); n != 1 {
		t.Fatalf("%d openings", n)
	}
	if o := ciso.must(200, "POST", at+"/open", object{}); len(objects(o["entries"])) != 2 || opens() != 2 {
		t.Fatalf("opened anew: %v, %d openings", o, opens())
	}
	s.CheckLog(incident.LogID(room))
}

func TestARefusedOpeningStandsOnTheAccessLogOnceAnHour(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso, director := s.as("lead"), s.as("ciso"), s.as("director")
	room := lead.openRoom("incident", "names")
	ciso.join(lead, room, "ciso", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	at := fmt.Sprintf("/rooms/%s/entries/%d", room, lead.say(room, "x", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}}))
	access, err := s.Journal.AccessOf(t.Context(), incident.LogID(room))
	if err != nil {
		t.Fatal(err)
	}
	log := func() (list []string) {
		for _, e := range s.Truth(access).Entries[1:] {
			list = append(list, string(e.Whole.Values[incident.SlotKind])+string(e.Whole.Values[incident.SlotActor])+string(e.Whole.Values[incident.SlotBody]))
		}
		return list
	}
	s.as("outsider").refused(404, "not_found", "POST", at+"/open", object{})
	director.refused(404, "not_found", "POST", at+"/open", object{}) // who does not know that it is there leaves no trace
	if got := log(); len(got) != 0 {
		t.Fatalf("strangers write in the access log: %v", got)
	}
	for range 3 {
		ciso.refused(401, "step_up", "POST", at+"/open", object{})
	}
	if got := log(); len(got) != 1 && len(got) != 2 || !strings.Contains(got[0], "member.refused") || !strings.Contains(got[0], `"member":2`) || !strings.Contains(got[0], `"why":"step_up"`) {
		t.Fatalf("the access log: %v", got) // two if the hour struck
	}
	before := len(log())
	lead.must(200, "POST", "/rooms/"+room+"/rules", object{"lines": []string{"a", "b", "c", "d", "e"}})
	ciso.refused(403, "forbidden", "POST", at+"/open", object{})
	if got := log(); len(got) != before+1 || !strings.Contains(got[before], `"why":"forbidden"`) {
		t.Fatalf("the access log: %v", got)
	}
	s.CheckLog(access)
}

func mustJSON(v any) []byte { b, _ := json.Marshal(v); return b }

func TestAMessageSentAHundredTimesIsOneEntry(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	key := string(s.Key())
	var mu sync.Mutex
	got := map[string]int{}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			r := lead.send("POST", "/api/v1/rooms/"+room+"/messages", object{"text": "once"}, "Idempotency-Key", key)
			mu.Lock()
			got[fmt.Sprint(r.status, " ", strings.TrimSpace(string(r.body)))]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if got[`201 {"seq":5}`] != 100 {
		t.Fatalf("answers: %v", got)
	}
	lead.refused(409, "conflict", "POST", "/rooms/"+room+"/messages", object{"text": "twice"}, "Idempotency-Key", key)
	// A refusal stores nothing, its key neither.
	key = string(s.Key())
	lead.refused(422, "invalid", "POST", "/rooms/"+room+"/messages", object{"text": " "}, "Idempotency-Key", key)
	if o := lead.must(201, "POST", "/rooms/"+room+"/messages", object{"text": "now"}, "Idempotency-Key", key); o["seq"] != 6.0 {
		t.Fatalf("after a refusal: %v", o)
	}
	// A room, an invitation: the same.
	key = string(s.Key())
	body := object{"title": "One room", "mode": "exercise", "roster": "hosts", "org": "DSC", "report": object{"major": true, "type": "Phishing"},
		"clock": object{"at": "2017-05-12T11:00:00Z", "factor": 60, "paused": false}}
	a := lead.must(201, "POST", "/rooms", body, "Idempotency-Key", key)
	b := lead.must(201, "POST", "/rooms", body, "Idempotency-Key", key)
	if a["room"] != b["room"] || !strings.HasPrefix(a["reference"].(string), "EX-") {
		t.Fatalf("%v, then %v", a, b)
	}
	key = string(s.Key())
	inv := object{"name": "Somebody", "org": "X1N", "role": "observer", "history": "full"}
	one := lead.must(201, "POST", "/rooms/"+room+"/members", inv, "Idempotency-Key", key)
	two := lead.must(201, "POST", "/rooms/"+room+"/members", inv, "Idempotency-Key", key)
	if one["link"] == nil || two["link"] != nil || one["seq"] != two["seq"] {
		t.Fatalf("%v, then %v", one, two)
	}
	inv["email"] = "another@northmoor.example"
	lead.refused(409, "conflict", "POST", "/rooms/"+room+"/members", inv, "Idempotency-Key", key)
	s.CheckLog(incident.LogID(room))
}

func TestSearchFindsWhatIsSeenAndNothingElse(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	room := lead.openRoom("incident", "names")
	lead.say(room, "zebra before they came")
	ciso.join(lead, room, "ciso", "representative", "from_join")
	open := lead.say(room, "The ZEBRA is loose", object{"mentions": []int{2}})
	lead.say(room, "zebra for the hosts", object{"audience": object{"kind": "hosts"}})
	lead.say(room, "zebra, red", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{2}}})
	own := ciso.say(room, "Ｚｅｂｒａ seen at the ﬁeld") // full-width, and a ligature
	withheld := lead.say(room, "zebra withheld")
	lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/withhold", room, withheld), object{})
	fixed := ciso.say(room, "zebra, mistaken")
	ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/correct", room, fixed), object{"text": "horse"})

	find := func(b *browser, q object) []int {
		t.Helper()
		return seqs(objects(b.must(200, "POST", "/rooms/"+room+"/search", q)["hits"]))
	}
	for _, c := range []struct {
		q    object
		want []int
	}{
		{object{"text": "zebra"}, []int{fixed, own, open}},
		{object{"text": "  Loose   zebra "}, []int{open}},
		{object{"text": "field"}, []int{own}},
		{object{"text": "horse"}, []int{fixed}},
		{object{"text": "zebra", "person": 2}, []int{fixed, own}},
		{object{"mentionsMe": true}, []int{open}},
		{object{"text": "zebra", "kind": "brief"}, nil},
		{object{"text": "ransomware", "kind": "report"}, nil}, // given before they came
		{object{"text": "zebra", "to": "2001-01-01T00:00:00Z"}, nil},
		{object{"text": "red"}, nil},
		{object{"text": "hosts"}, nil},
		{object{"text": "withheld"}, nil},
	} {
		if got := find(ciso, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.q, got, c.want)
		}
	}
	if got := find(lead, object{"text": "zebra"}); len(got) != 6 {
		t.Errorf("the lead finds %v", got)
	}
	// Page by page: each object once, all of them.
	var all []int
	q := object{"text": "zebra", "limit": 1}
	for range 20 {
		o := ciso.must(200, "POST", "/rooms/"+room+"/search", q)
		all = append(all, seqs(objects(o["hits"]))...)
		if o["next"] == nil {
			break
		}
		q["before"] = o["next"]
	}
	if !slices.Equal(all, []int{fixed, own, open}) {
		t.Errorf("page by page: %v", all)
	}
	// All rooms: only mine.
	other := lead.openRoom("exercise", "names")
	lead.say(other, "zebra elsewhere")
	if hits := objects(ciso.must(200, "POST", "/search", object{"text": "zebra"})["hits"]); len(hits) != 3 {
		t.Errorf("in all my rooms: %v", hits)
	}
	if hits := objects(lead.must(200, "POST", "/search", object{"text": "zebra"})["hits"]); len(hits) != 7 || hits[0]["room"] != other {
		t.Errorf("in all the lead's rooms: %v", len(hits))
	}
	all = nil
	q = object{"text": "zebra", "limit": 2}
	for range 20 {
		o := lead.must(200, "POST", "/search", q)
		all = append(all, len(objects(o["hits"])))
		if o["next"] == nil {
			break
		}
		q["before"] = o["next"]
	}
	sum := 0
	for _, n := range all {
		sum += n
	}
	if sum != 7 {
		t.Errorf("in all rooms page by page: %v", all)
	}
	s.as("outsider").must(200, "POST", "/search", object{"text": "zebra"})
	if strings.Contains(s.log.String(), "zebra") || strings.Contains(s.log.String(), room) {
		t.Error("what was looked for, or where, stands in the log")
	}
	for _, q := range []object{{"kind": "secret"}, {"limit": 101}, {"limit": -1}, {"text": strings.Repeat("a", 401)}} {
		ciso.refused(422, "invalid", "POST", "/rooms/"+room+"/search", q)
	}
}

func TestTwoWorldsThatDifferInASecretLookTheSameToWhoMayNotSeeIt(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead, ciso := s.as("lead"), s.as("ciso")
	world := func(secret string, body object) string {
		room := lead.openRoom("exercise", "hosts")
		ciso.join(lead, room, "ciso", "representative", "full")
		lead.say(room, "Good morning")
		for k, v := range body {
			if k == "text" {
				secret = v.(string)
			}
		}
		seq := lead.say(room, secret, body)
		lead.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/correct", room, seq), object{"text": secret + "!"})
		lead.say(room, "Good night")
		var out strings.Builder
		for _, path := range []string{"", "/entries", "/entries?before=9", fmt.Sprintf("/entries/%d", seq)} {
			r := ciso.send("GET", "/api/v1/rooms/"+room+path, nil)
			fmt.Fprintln(&out, r.status, r.header.Get("Content-Length"), shape(r.body))
		}
		r := ciso.send("POST", "/api/v1/rooms/"+room+"/search", object{"text": "good"})
		fmt.Fprintln(&out, r.status, shape(r.body))
		for _, row := range objects(ciso.must(200, "GET", "/rooms", nil)["rooms"]) {
			if row["id"] == room {
				fmt.Fprintln(&out, row["head"], row["unread"], row["mentions"])
			}
		}
		return out.String()
	}
	hosts := object{"kind": "hosts"}
	a := world("x", object{"audience": hosts})
	b := world(strings.Repeat("a much longer secret ", 100), object{"audience": hosts, "caveat": "OFFICIAL-SENSITIVE", "pap": "PAP:RED"})
	c := world("red", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	if a != b || a != c {
		t.Errorf("the worlds differ:\n%s\n%s\n%s", a, b, c)
	}
}

// shape masks what differs anyway: commitments, ids and times.
func shape(b []byte) string {
	var v any
	if json.Unmarshal(b, &v) != nil {
		return string(b)
	}
	var mask func(any) any
	mask = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for k := range v {
				switch k {
				case "seed", "leaf", "hashes", "id", "reference":
					v[k] = "masked"
				case "slots":
					v[k] = "masked"
				default:
					v[k] = mask(v[k])
				}
			}
		case []any:
			for i := range v {
				v[i] = mask(v[i])
			}
		case string:
			if _, err := time.Parse(time.RFC3339, v); err == nil {
				return "time"
			}
		}
		return v
	}
	j, _ := json.Marshal(mask(v))
	return string(j)
}
