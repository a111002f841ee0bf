package web_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// gives is every answer that a GET gives of a room, and of its search, for some
// entries of it.
func (b *browser) gives(s *stack, room string, entries ...int) map[string][]byte {
	list := map[string][]byte{}
	for _, route := range s.server.Routes() {
		if route.Method != "GET" || !strings.HasPrefix(route.Pattern, "/api/v1/rooms/{room}") {
			continue
		}
		for _, noun := range []string{"item", "release", "promotion", "decision"} {
			if noun != "item" && !strings.Contains(route.Pattern, "{noun}") {
				continue
			}
			for _, seq := range entries {
				at := strings.NewReplacer("{room}", room, "{seq}", fmt.Sprint(seq), "{root}", fmt.Sprint(seq), "{noun}", noun, "{n}", "1", "{id}", incident.RandomID()).Replace(route.Pattern)
				if route.Pattern == "/api/v1/rooms/{room}/entries" {
					at += "?after=0&limit=200"
				}
				list["GET "+at] = b.send("GET", at, nil).body
			}
		}
	}
	for _, text := range []string{itemCanary, "Text"} {
		list["search "+text] = b.send("POST", "/api/v1/rooms/"+room+"/search", object{"text": text}).body
		list["search everywhere "+text] = b.send("POST", "/api/v1/search", object{"text": text}).body
	}
	list["needs"] = b.send("GET", "/api/v1/rooms/"+room+"/needs", nil).body
	return list
}

func (b *beside) ask(body object) int {
	b.s.T.Helper()
	return int(b.lead.must(201, "POST", "/rooms/"+b.cell+"/promotions", body)["seq"].(float64))
}

func (b *beside) answer(who *browser, status, ask, entry int, grant bool) object {
	b.s.T.Helper()
	return who.must(status, "POST", fmt.Sprintf("/rooms/%s/promotions/%d/answer", b.cell, ask), object{"entry": entry, "grant": grant})
}

// needs are the roots that wait for somebody.
func (b *browser) needs(room string) (roots []int) {
	b.t.Helper()
	for _, n := range b.must(200, "GET", "/rooms/"+room+"/needs", nil)["roots"].([]any) {
		roots = append(roots, int(n.(float64)))
	}
	return roots
}

func TestTheWordsOfAQuestionAreReadByWhoeverReadsWhatTheyRepeat(t *testing.T) {
	b := newBeside(t)
	said := b.ciso.say(b.cell, "Text "+itemCanary)
	no := b.ask(object{"entry": said})
	b.answer(b.ciso, 200, no, said, false)
	yes := b.ask(object{"entry": said, "text": "In other words: " + itemCanary})
	b.answer(b.ciso, 200, yes, said, true)
	waits := b.ask(object{"entry": said})
	at := func(act string) string { return fmt.Sprintf("/rooms/%s/entries/%d/%s", b.cell, said, act) }
	reads := func(who *browser) []string {
		names := carrying(who.gives(b.s, b.cell, said, no, yes, waits), itemCanary)
		if who == b.director || who == b.lead || who == b.night {
			names = append(names, carrying(who.gives(b.s, b.room, said), itemCanary)...)
		}
		return names
	}
	for name, who := range map[string]*browser{"lead": b.lead, "colleague": b.colleague, "director": b.director} {
		if len(reads(who)) == 0 {
			t.Fatalf("the %s reads it nowhere: what this test looks for is not there to be found", name)
		}
	}

	// No readers of its own.
	for act, body := range map[string]object{"withhold": {}, "restore": {}, "tighten": {"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}},
		"widen": {"reason": "r", "tlp": "TLP:GREEN"}} {
		for _, who := range []*browser{b.lead, b.ciso} {
			if r := who.send("POST", fmt.Sprintf("/api/v1/rooms/%s/entries/%d/%s", b.cell, waits, act), body); r.status != 403 {
				t.Errorf("%s of a question: %d %s", act, r.status, r.body)
			}
		}
	}

	// Withheld from all but hosts, and given back.
	live := b.colleague.stream()
	live.send(object{"type": "subscribe", "room": b.cell, "after": nil})
	live.until("caught_up")
	b.lead.must(200, "POST", at("withhold"), object{})
	gone := map[int]bool{}
	for len(gone) < 4 {
		gone[int(live.until("withdrawn")["root"].(float64))] = true
	}
	if !gone[said] || !gone[no] || !gone[yes] || !gone[waits] {
		t.Errorf("taken from an open screen: %v", gone)
	}
	held := b.colleague.gives(b.s, b.cell, said, no, yes, waits)
	delete(held, "search everywhere "+itemCanary) // finds what was agreed to in the main room
	delete(held, "search everywhere Text")
	if names := carrying(held, itemCanary); len(names) > 0 {
		t.Errorf("withheld, the organisation reads it in %v", names)
	}
	b.lead.must(200, "POST", at("restore"), object{})
	if len(carrying(b.colleague.gives(b.s, b.cell, yes), itemCanary)) == 0 {
		t.Error("restored, the question is not")
	}

	// Recalled: gone from everybody but the organisation, there and in the main room.
	screen, outside := b.lead.stream(), b.director.stream()
	screen.send(object{"type": "subscribe", "room": b.cell, "after": nil})
	screen.until("caught_up")
	outside.send(object{"type": "subscribe", "room": b.room, "after": nil})
	outside.until("caught_up")
	if list := b.ciso.needs(b.cell); !slices.Equal(list, []int{waits}) {
		t.Errorf("waits for the organisation: %v", list)
	}
	b.ciso.must(200, "POST", at("recall"), object{"reason": "it was wrong"})
	gone = map[int]bool{}
	for len(gone) < 4 {
		gone[int(screen.until("withdrawn")["root"].(float64))] = true
	}
	if !gone[said] || !gone[no] || !gone[yes] || !gone[waits] {
		t.Errorf("taken from an open screen: %v", gone)
	}
	outside.until("withdrawn")
	for name, who := range map[string]*browser{"lead": b.lead, "night lead": b.night, "director": b.director} {
		if names := reads(who); len(names) > 0 {
			t.Errorf("recalled, the %s reads it in %v", name, names)
		}
	}
	if list := b.ciso.needs(b.cell); len(list) != 0 {
		t.Errorf("recalled, it waits for the organisation still: %v", list)
	}
	// What leaves the house is judged by the rows too.
	conn, err := pgx.Connect(t.Context(), b.s.DB.Cluster.SuperuserURL(b.s.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var rows int
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM root WHERE log = $1 AND recalled AND seq = ANY ($2)`, b.cell, []int{said, no, yes, waits}).Scan(&rows); err != nil || rows != 4 {
		t.Errorf("%d of 4 rows say that it was recalled: %v", rows, err)
	}
	b.answer(b.ciso, 409, waits, said, true)
	b.s.CheckLog(incident.LogID(b.cell))
	b.s.CheckLog(incident.LogID(b.room))
}

func TestARequestToReleaseWhatWasRecalledWaitsForNobody(t *testing.T) {
	b := newBeside(t)
	item, _ := b.ciso.publish(b.room, itemOf(object{"tlp": "TLP:AMBER"}))
	asked := int(b.director.must(201, "POST", fmt.Sprintf("/rooms/%s/entries/%d/release", b.room, item), object{"why": "for our board", "tlp": "TLP:GREEN"})["seq"].(float64))
	if list := b.ciso.needs(b.room); !slices.Equal(list, []int{asked}) {
		t.Fatalf("waits for its originator: %v", list)
	}
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", b.room, item), object{"reason": "it was wrong"})
	if list := b.ciso.needs(b.room); len(list) != 0 {
		t.Errorf("recalled, it waits for its originator still: %v", list)
	}
	if roots := b.ciso.must(200, "GET", "/rooms/"+b.room+"/record/release?state=recalled", nil)["roots"].([]any); len(roots) != 1 {
		t.Errorf("the board of what was asked of what is recalled: %v", roots)
	}
}

// newest is the newest entry of a room that somebody sees, decoded.
func newest(t *testing.T, slots []any) (kind string, by incident.By, mark incident.Marking, body json.RawMessage) {
	var head struct{ Kind string }
	for i, into := range map[int]any{0: &head, 1: &by, 3: &mark, 4: &body} {
		if slots[i] == nil {
			continue
		}
		if err := json.Unmarshal([]byte(slots[i].(string)), into); err != nil {
			t.Fatal(err)
		}
	}
	return head.Kind, by, mark, body
}

func TestWhatWasCorrectedIsPromotedAsTheEntryItsWordsStandIn(t *testing.T) {
	b := newBeside(t)
	said := b.ciso.say(b.cell, "The pump answers to 10.0.0.7", object{"pap": "PAP:RED"})
	stale := b.ask(object{"entry": said})
	corrected := int(b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/correct", b.cell, said), object{"text": "The pump answers to 10.0.0.8"})["seq"].(float64))
	b.answer(b.ciso, 409, stale, said, true) // they have said something else since
	ask := b.ask(object{"entry": said})
	b.answer(b.ciso, 200, ask, said, true)
	entries, _ := b.director.page(b.room, "?limit=1")
	kind, _, mark, raw := newest(t, entries[0]["slots"].([]any))
	var body incident.EntryPromoted
	if err := json.Unmarshal(raw, &body); err != nil {
		t.Fatal(err)
	}
	hash := evidence.LeafHash(b.s.Truth(incident.LogID(b.cell)).Entries[corrected].Leaf)
	if kind != "entry.promoted" || body.Text != "The pump answers to 10.0.0.8" || int(body.Seq) != corrected || int(body.Corrects) != said ||
		body.LeafHash != base64.StdEncoding.EncodeToString(hash[:]) || mark.PAP != incident.PAPRed {
		t.Errorf("%s, marked %+v: %+v", kind, mark, body)
	}
}

func TestAnItemIsPromotedWithEverythingOfIt(t *testing.T) {
	b := newBeside(t)
	item, _ := b.ciso.publish(b.cell, itemOf(object{"tlp": "TLP:AMBER+STRICT", "pap": "PAP:AMBER", "caveat": "OFFICIAL-SENSITIVE", "recorded": true}))
	hosts, _ := b.lead.publish(b.cell, object{"title": "Ours", "text": "Ours"})
	red, _ := b.ciso.publish(b.cell, object{"title": "Theirs", "text": "Theirs", "tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	for _, body := range []object{{"entry": hosts}, {"entry": red}, {"entry": item, "text": "in other words"}, {"entry": item, "tlp": "TLP:GREEN"}} {
		b.lead.refused(422, "invalid", "POST", "/rooms/"+b.cell+"/promotions", body)
	}
	ask := b.ask(object{"entry": item})
	if list := b.ciso.needs(b.cell); !slices.Equal(list, []int{ask}) {
		t.Errorf("waits for the organisation: %v", list)
	}
	if list := b.lead.needs(b.cell); len(list) != 0 {
		t.Errorf("waits for a host: %v", list)
	}
	for name, who := range map[string]*browser{"lead": b.lead, "ciso": b.ciso} {
		if names := carrying(who.gives(b.s, b.cell, ask, item), itemCanary); len(names) > 0 {
			t.Errorf("a question about a recorded item tells the %s what it says, unopened, in %v", name, names)
		}
	}
	b.answer(b.lead, 403, ask, item, true)
	b.answer(b.ciso, 200, ask, item, true)
	if list := b.ciso.needs(b.cell); len(list) != 0 {
		t.Errorf("answered, it waits still: %v", list)
	}
	roots := b.director.must(200, "GET", "/rooms/"+b.room+"/items", nil)["roots"].([]any)
	if len(roots) != 1 {
		t.Fatalf("the main room's board: %v", roots)
	}
	at := int(roots[0].(float64))
	if names := carrying(b.director.gives(b.s, b.room, at), itemCanary); len(names) > 0 {
		t.Errorf("recorded there, it is given out unopened in %v", names)
	}
	opened := objects(b.director.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", b.room, at), object{})["entries"])
	kind, by, mark, raw := newest(t, opened[0]["slots"].([]any))
	var got, was incident.Item
	source := b.s.Truth(incident.LogID(b.cell)).Entries[item]
	if err := json.Unmarshal(source.Whole.Values[4], &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	from := got.Promoted
	got.Promoted = nil
	if kind != "item.published" || by.Member != 1 || mark.Originator != "X1N" || mark.TLP != incident.AmberStrict || mark.PAP != incident.PAPAmber ||
		mark.Caveat != incident.OfficialSensitive || !mark.Recorded || string(mustJSON(got)) != string(mustJSON(was)) {
		t.Errorf("the main room was told %s by %+v, marked %+v: %+v", kind, by, mark, got)
	}
	hash := evidence.LeafHash(source.Leaf)
	if from == nil || int(from.Seq) != item || from.Corrects != 0 || from.LeafHash != base64.StdEncoding.EncodeToString(hash[:]) || from.TLP != incident.AmberStrict {
		t.Errorf("it says that it stood at %+v", from)
	}
	if strings.Contains(string(raw), b.cell) {
		t.Error("it tells which room that was")
	}
	// It is the organisation's there too: they correct it, and nobody else takes it back.
	anew := itemOf(object{"title": "Anew"})
	delete(anew, "tear")
	b.lead.refused(403, "forbidden", "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", b.room, at), object{"reason": "r"})
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/items/%d/correct", b.room, at), anew)
	if n := len(b.director.must(200, "GET", "/rooms/"+b.room+"/record/item?state=live", nil)["roots"].([]any)); n != 1 {
		t.Errorf("corrected, the board has %d", n)
	}
	// Recalled where it came from, it is recalled here.
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", b.cell, item), object{"reason": "it was wrong"})
	b.director.refused(404, "not_found", "POST", fmt.Sprintf("/rooms/%s/entries/%d/open", b.room, at), object{})
	if n := len(b.director.must(200, "GET", "/rooms/"+b.room+"/items", nil)["roots"].([]any)); n != 0 {
		t.Errorf("recalled, the board has %d", n)
	}
	b.s.CheckLog(incident.LogID(b.cell))
	b.s.CheckLog(incident.LogID(b.room))
}
