package web_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// chance stands in the place of what is random in an answer, or the time.
var chance = []struct {
	of *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`[A-Za-z0-9+/_-]{40,}={0,2}`), "<bytes>"},
	{regexp.MustCompile(`([0-9a-f]{4} ){15}[0-9a-f]{4}`), "<fingerprint>"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z`), "<time>"},
	{regexp.MustCompile(`\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b`), "<key>"},
	{regexp.MustCompile(`\b[a-z2-7]{26}\b`), "<id>"},
}

func plain(b []byte) string {
	text := string(b)
	for _, c := range chance {
		text = c.of.ReplaceAllString(text, c.as)
	}
	return text
}

// besides is all that somebody is told who is in a room beside which there is
// a side room, or none: every answer to them, and every frame.
func besides(t *testing.T, there bool) (told map[string]string, leaves int) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("nightlead")
	s.administrator("admin")
	lead, night := s.as("lead"), s.as("nightlead")
	room := lead.openRoom("incident", "names")
	night.join(lead, room, "nightlead", "deputy", "full")
	ciso, colleague, director := s.as("ciso"), s.as("colleague"), s.as("director")
	ciso.join(lead, room, "ciso", "representative", "full")
	colleague.join(lead, room, "colleague", "representative", "full")
	director.join(lead, room, "director", "representative", "full")
	members := func() []object {
		return objects(lead.must(200, "GET", "/rooms/"+room, nil)["state"].(object)["members"])
	}
	rootOf := func(name string) string {
		i := slices.IndexFunc(members(), func(m object) bool { return m["name"] == name })
		return fmt.Sprint(members()[i]["root"])
	}
	k := director.stream()
	k.send(object{"type": "subscribe", "room": room, "after": 0})
	k.until("caught_up")

	secret := "nobody outside hears of the pump controller"
	if there {
		cell := lead.must(201, "POST", "/rooms/"+room+"/cells", object{"org": "X1N", "hosts": []int{2}})["room"].(string)
		said := ciso.say(cell, secret)
		ask := lead.must(201, "POST", "/rooms/"+cell+"/promotions", object{"entry": said})["seq"]
		ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/promotions/%v/answer", cell, ask), object{"entry": said, "grant": false})
		if r := director.send("GET", "/api/v1/rooms/"+cell, nil); r.status != 404 || string(r.body) != string(director.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil).body) {
			t.Errorf("whoever knows a side room's id is answered %d %s", r.status, r.body)
		}
		if r := director.send("POST", "/api/v1/rooms/"+room+"/cells", object{"org": "X1N", "hosts": []int{}}); r.status != 403 {
			t.Errorf("a guest opens a side room: %d %s", r.status, r.body)
		}
	} else if r := director.send("POST", "/api/v1/rooms/"+room+"/cells", object{"org": "X1N", "hosts": []int{}}); r.status != 403 {
		t.Errorf("a guest opens a side room: %d %s", r.status, r.body)
	}
	lead.say(room, "to all of you")
	lead.must(200, "POST", "/rooms/"+room+"/members/"+rootOf("Jo Lindqvist")+"/remove", object{})
	ciso.must(200, "POST", "/rooms/"+room+"/leave", object{})
	last := lead.say(room, "that is all")

	told = map[string]string{}
	frames := 0
	for {
		f, err := k.next()
		if err != nil {
			t.Fatal(err)
		}
		if f["type"] == "presence" {
			continue // of who has a stream open; nobody else has
		}
		b, _ := json.Marshal(f)
		frames++
		told[fmt.Sprintf("frame %d", frames)] = plain(b)
		if strings.Contains(string(b), secret) {
			t.Errorf("frame %d holds what was said in the side room", frames)
		}
		if f["type"] == "events" && slices.Contains(seqs(objects(f["events"])), last) {
			break
		}
	}
	admin := s.as("admin")
	for _, route := range s.server.Routes() {
		if route.Method != "GET" || !strings.HasPrefix(route.Pattern, "/api/v1/") || route.Pattern == "/api/v1/stream" {
			continue
		}
		for _, seq := range []string{"1", fmt.Sprint(last), fmt.Sprint(last + 1)} {
			at := strings.NewReplacer("{room}", room, "{seq}", seq, "{root}", rootOf("Alan Whitcombe"), "{noun}", "decision", "{code}", "X1N", "{key}", "health", "{id}", incident.RandomID()).Replace(route.Pattern)
			for who, b := range map[string]*browser{"the guest": director, "the administrator": admin} {
				r := b.send("GET", at, nil)
				if r.status == 500 {
					t.Errorf("%s as %s: %s", at, who, r.body)
				}
				told[fmt.Sprintf("%s %s, %s", who, route.Pattern, seq)] = fmt.Sprint(r.status, " ", plain(r.body))
				if strings.Contains(string(r.body), secret) {
					t.Errorf("%s is told what was said in the side room by %s", who, at)
				}
			}
		}
	}
	for _, post := range []struct {
		path string
		body object
	}{{"/rooms/" + room + "/search", object{"text": "pump"}}, {"/search", object{"text": "pump"}}, {"/rooms/" + room + "/messages", object{"text": "hello"}}} {
		r := director.send("POST", "/api/v1"+post.path, post.body)
		told["POST "+plain([]byte(post.path))] = fmt.Sprint(r.status, " ", plain(r.body))
	}
	return told, len(s.Truth(incident.LogID(room)).Entries)
}

func TestNobodyElseIsToldThatThereIsASideRoom(t *testing.T) {
	without, n := besides(t, false)
	with, m := besides(t, true)
	if n != m {
		t.Errorf("the main room has %d entries beside a side room, and %d without", m, n)
	}
	if len(with) != len(without) || len(with) < 100 {
		t.Errorf("%d answers and frames beside a side room, %d without", len(with), len(without))
	}
	for name, text := range without {
		if with[name] != text {
			t.Errorf("%s tells of it:\n without %s\n with    %s", name, text, with[name])
		}
	}
	t.Logf("%d answers and frames are the same", len(with))
}

// beside is a room with a side room of Northmoor's.
type beside struct {
	s                            *stack
	lead, night, ciso, colleague *browser
	director                     *browser
	room, cell                   string
}

func newBeside(t *testing.T) *beside {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("nightlead")
	b := &beside{s: s, lead: s.as("lead"), night: s.as("nightlead")}
	b.room = b.lead.openRoom("incident", "names")
	b.night.join(b.lead, b.room, "nightlead", "deputy", "full")
	b.ciso, b.colleague, b.director = s.as("ciso"), s.as("colleague"), s.as("director")
	b.ciso.join(b.lead, b.room, "ciso", "representative", "full")
	b.colleague.join(b.lead, b.room, "colleague", "representative", "full")
	b.director.join(b.lead, b.room, "director", "representative", "full")
	b.cell = b.lead.must(201, "POST", "/rooms/"+b.room+"/cells", object{"org": "X1N", "hosts": []int{2}})["room"].(string)
	return b
}

// root is the entry that began somebody's membership in the main room.
func (b *beside) root(name string) int {
	b.s.T.Helper()
	members := objects(b.lead.must(200, "GET", "/rooms/"+b.room, nil)["state"].(object)["members"])
	return int(members[slices.IndexFunc(members, func(m object) bool { return m["name"] == name })]["root"].(float64))
}

func (b *beside) mine(who *browser) (rows []object) {
	return objects(who.must(200, "GET", "/rooms", nil)["rooms"])
}

func TestASideRoomIsOpenToWhoIsSeatedInItAtOnce(t *testing.T) {
	b := newBeside(t)
	for name, who := range map[string]*browser{"lead": b.lead, "night lead": b.night, "ciso": b.ciso, "colleague": b.colleague} {
		rows := b.mine(who)
		i := slices.IndexFunc(rows, func(r object) bool { return r["id"] == b.cell })
		if i < 0 {
			t.Fatalf("%s is not in the side room", name)
		}
		of, _ := rows[i]["cell"].(object)
		if of["parent"] != b.room || of["org"] != "X1N" || of["orgName"] != "Northmoor NHS Trust" || rows[i]["title"] != "Side room with Northmoor NHS Trust" {
			t.Errorf("%s has it as %v", name, rows[i])
		}
		if name != "lead" && name != "night lead" {
			who.say(b.cell, "here, without another link") // the rules they accepted are the main room's
		}
	}
	if rows := b.mine(b.director); len(rows) != 1 {
		t.Errorf("another trust has %d rooms", len(rows))
	}
	b.lead.refused(403, "forbidden", "POST", "/rooms/"+b.cell+"/members", object{"name": "Dan Pryce", "org": "X4S", "role": "representative", "history": "full"})
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/seats", object{"member": 5}) // the director: of another organisation
	b.lead.refused(403, "forbidden", "POST", "/rooms/"+b.cell+"/cells", object{"org": "X1N", "hosts": []int{}})
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.room+"/cells", object{"org": "X4S", "hosts": []int{}}) // nobody of it is here
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.room+"/cells", object{"org": "NCSC", "hosts": []int{}})
}

func TestWhoIsRemovedFromTheMainRoomIsOutOfItsSideRoomsBeforeThatIsAnswered(t *testing.T) {
	b := newBeside(t)
	k := b.colleague.stream()
	k.send(object{"type": "subscribe", "room": b.cell, "after": 0})
	k.until("caught_up")
	said := b.ciso.say(b.cell, "Text "+itemCanary)
	b.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/members/%d/remove", b.room, b.root("Jo Lindqvist")), object{})
	at := time.Now()
	if names := carrying(b.colleague.gives(b.s, b.cell, said), "Text", "Side room", b.cell); len(names) > 0 {
		t.Errorf("who was removed still reads the side room in %v", names)
	}
	if r := b.colleague.send("GET", "/api/v1/rooms/"+b.cell+"/entries", nil); r.status != 404 {
		t.Errorf("who was removed still reads the side room: %d %s", r.status, r.body)
	}
	if f := k.until("revoked"); f["room"] != b.cell {
		t.Errorf("told that %v is over", f)
	}
	if took := time.Since(at); took > 5*time.Second { // with every read of the above within it
		t.Errorf("after %v", took)
	}
	b.ciso.say(b.cell, "only us now") // the others stay
}

func TestARoleInTheMainRoomIsTheRoleInItsSideRoomsBeforeThatIsAnswered(t *testing.T) {
	b := newBeside(t)
	b.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/members/%d/role", b.room, b.root("Dr Hannah Osei")), object{"role": "observer"})
	b.ciso.refused(403, "forbidden", "POST", "/rooms/"+b.cell+"/messages", object{"text": "as before"})
	b.colleague.say(b.cell, "as before")
	b.lead.refused(403, "forbidden", "POST", "/rooms/"+b.cell+"/members/3/role", object{"role": "observer"})
	// Its only lead goes from the main room; whoever leads that leads this, at once.
	cell := b.night.must(201, "POST", "/rooms/"+b.room+"/cells", object{"org": "X2E", "hosts": []int{}})["room"].(string)
	b.lead.refused(404, "not_found", "GET", "/rooms/"+cell, nil)
	b.night.must(200, "POST", "/rooms/"+b.room+"/leave", object{})
	b.lead.say(cell, "I lead this now")
	b.lead.must(200, "POST", "/rooms/"+cell+"/title", object{"title": "Handed over"})
	b.night.refused(404, "not_found", "GET", "/rooms/"+cell, nil)
	b.s.CheckLog(incident.LogID(cell))
	b.s.CheckLog(incident.LogID(b.cell))
}

func TestWhatIsPromotedCarriesWhereItStandsAndARefusalLeavesNoTrace(t *testing.T) {
	b := newBeside(t)
	before := len(b.s.Truth(incident.LogID(b.room)).Entries)
	said := b.ciso.say(b.cell, "The pump controller answers to 10.0.0.7", object{"tlp": "TLP:AMBER+STRICT"})
	own := b.lead.say(b.cell, "We think so too")
	ask := func(body object) int {
		return int(b.lead.must(201, "POST", "/rooms/"+b.cell+"/promotions", body)["seq"].(float64))
	}
	answer := func(who *browser, status int, ask, entry int, grant bool) object {
		return who.must(status, "POST", fmt.Sprintf("/rooms/%s/promotions/%d/answer", b.cell, ask), object{"entry": entry, "grant": grant})
	}
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/promotions", object{"entry": own})
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/promotions", object{"entry": said, "tlp": "TLP:GREEN"})
	kept := b.ciso.say(b.cell, "look, and say that you did")
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/tighten", b.cell, kept), object{"recorded": true})
	b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/promotions", object{"entry": kept}) // which what is said in the main room would not be
	b.ciso.refused(403, "forbidden", "POST", "/rooms/"+b.cell+"/promotions", object{"entry": said})

	no := ask(object{"entry": said})
	answer(b.lead, 403, no, said, true) // not the hosts' to answer
	answer(b.ciso, 200, no, said, false)
	answer(b.ciso, 409, no, said, true)
	if n := len(b.s.Truth(incident.LogID(b.room)).Entries); n != before {
		t.Fatalf("the main room grew by %d entries on a refusal", n-before)
	}

	yes := ask(object{"entry": said, "text": "One trust's pump controller answers to an internal address"})
	answer(b.ciso, 200, yes, said, true)
	entries, _ := b.director.page(b.room, "?limit=1")
	slots := entries[0]["slots"].([]any)
	var kind struct{ Kind string }
	var body incident.EntryPromoted
	var by incident.By
	var mark incident.Marking
	for i, into := range map[int]any{0: &kind, 1: &by, 3: &mark, 4: &body} {
		if err := json.Unmarshal([]byte(slots[i].(string)), into); err != nil {
			t.Fatal(err)
		}
	}
	leaf := b.s.Truth(incident.LogID(b.cell)).Entries[said].Leaf
	hash := evidence.LeafHash(leaf)
	origin := evidence.OriginOf(b.s.Journal.Genesis(incident.RoomLog, incident.LogID(b.cell), "").Origin)
	if kind.Kind != "entry.promoted" || by.Member != 1 || mark.Originator != "X1N" || mark.TLP != incident.AmberStrict || mark.Audience.Kind != incident.ToRoom ||
		body.Text != "One trust's pump controller answers to an internal address" || int(body.Seq) != said || body.TLP != incident.AmberStrict ||
		body.LeafHash != base64.StdEncoding.EncodeToString(hash[:]) || body.Origin != fmt.Sprintf("%x", origin) {
		t.Errorf("the main room was told %v by %+v, marked %+v: %+v", kind, by, mark, body)
	}
	if raw := fmt.Sprint(slots); strings.Contains(raw, b.cell) || strings.Contains(raw, "10.0.0.7") {
		t.Errorf("it tells more than was agreed: %s", raw)
	}
	if n := len(b.s.Truth(incident.LogID(b.room)).Entries); n != before+1 {
		t.Errorf("the main room grew by %d entries", n-before)
	}
	answer(b.ciso, 409, yes, said, true)
}

func TestASideRoomIsReopenedOnlyBesideAnOpenRoom(t *testing.T) {
	b := newBeside(t)
	for _, to := range []string{"stood_down", "review", "closed"} {
		b.lead.must(200, "POST", "/rooms/"+b.room+"/lifecycle", object{"to": to, "seen": 0})
		b.lead.must(200, "POST", "/rooms/"+b.cell+"/lifecycle", object{"to": to, "seen": 0})
	}
	b.lead.refused(409, "conflict", "POST", "/rooms/"+b.cell+"/reopen", object{})
	b.lead.must(200, "POST", "/rooms/"+b.room+"/reopen", object{})
	b.lead.must(200, "POST", "/rooms/"+b.cell+"/reopen", object{})
}
