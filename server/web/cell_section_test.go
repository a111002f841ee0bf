package web_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// shut is what the guard does to a log that is not what was signed for.
func (s *stack) shut(t *testing.T, log string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DB.Cluster.SuperuserURL(s.DB.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `UPDATE log SET guard = 'behind', guard_at = clock_timestamp(), guard_size = size + 1, guard_root = decode(repeat('00', 32), 'hex') WHERE id = $1`, log); err != nil {
		t.Fatal(err)
	}
}

// outside is every answer of a GET to somebody outside a side room, and to an
// administrator.
func (b *beside) outside(admin *browser) map[string]string {
	told := map[string]string{}
	for _, route := range b.s.server.Routes() {
		if route.Method != "GET" || !strings.HasPrefix(route.Pattern, "/api/v1/") || route.Pattern == "/api/v1/stream" {
			continue
		}
		at := strings.NewReplacer("{room}", b.room, "{seq}", "3", "{root}", "3", "{noun}", "item", "{code}", "X1N", "{key}", "health", "{id}", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "{n}", "1").Replace(route.Pattern)
		for who, of := range map[string]*browser{"the guest": b.director, "the administrator": admin} {
			r := of.send("GET", at, nil)
			told[who+" "+route.Pattern] = fmt.Sprint(r.status, " ", plain(r.body))
		}
	}
	return told
}

func TestASideRoomGoesOnInANewSectionWithThoseWhoAreInItAndNobodyElseIsToldOfIt(t *testing.T) {
	b := newBeside(t)
	b.s.administrator("admin")
	admin := b.s.as("admin")
	b.ciso.say(b.cell, "before")
	b.outside(admin) // whatever a first look changes, as when somebody was last here
	before := b.outside(admin)
	b.s.shut(t, b.cell)
	b.ciso.refused(409, "conflict", "POST", "/rooms/"+b.cell+"/messages", object{"text": "now"})
	next := b.lead.must(201, "POST", "/rooms/"+b.cell+"/continue", object{})["room"].(string)
	for name, who := range map[string]*browser{"lead": b.lead, "night lead": b.night, "ciso": b.ciso, "colleague": b.colleague} {
		rows := b.mine(who)
		i := slices.IndexFunc(rows, func(r object) bool { return r["id"] == next })
		if i < 0 {
			t.Fatalf("the %s is not in the new section", name)
		}
		if of, _ := rows[i]["cell"].(object); of["parent"] != b.room || of["org"] != "X1N" {
			t.Errorf("the %s has it as %v", name, rows[i])
		}
	}
	if said := b.ciso.say(next, "after"); said == 0 {
		t.Error("nothing was said")
	}
	for _, id := range []string{b.cell, next} {
		if r := b.director.send("GET", "/api/v1/rooms/"+id, nil); r.status != 404 {
			t.Errorf("another trust asks for %s: %d", id, r.status)
		}
	}
	for name, text := range b.outside(admin) {
		if before[name] != text {
			t.Errorf("%s tells of it:\n before %s\n after  %s", name, before[name], text)
		}
	}
	// Who goes from the main room goes from the section in which it goes on.
	b.colleague.must(200, "POST", "/rooms/"+b.room+"/leave", object{})
	if r := b.colleague.send("GET", "/api/v1/rooms/"+next+"/entries", nil); r.status != 404 {
		t.Errorf("who left the main room reads it still: %d", r.status)
	}
	b.s.CheckLog(incident.LogID(next))
}

// Nobody can be taken out of a log that nothing is written to any more.
func TestWhoLeftWhileASideRoomWasReadOnlyIsNotInItsNextSection(t *testing.T) {
	b := newBeside(t)
	b.s.shut(t, b.cell)
	b.colleague.must(200, "POST", "/rooms/"+b.room+"/leave", object{})
	next := b.lead.must(201, "POST", "/rooms/"+b.cell+"/continue", object{})["room"].(string)
	if r := b.colleague.send("GET", "/api/v1/rooms/"+next, nil); r.status != 404 {
		t.Errorf("who left the main room is in the next section: %d %s", r.status, r.body)
	}
}

func TestTheSideRoomsOfARoomThatGoesOnInANewSectionStandBesideThatOne(t *testing.T) {
	b := newBeside(t)
	said := b.ciso.say(b.cell, "The pump controller answers")
	b.s.shut(t, b.room)
	ask := b.ask(object{"entry": said})
	b.answer(b.ciso, 409, ask, said, true) // nothing can be said there now
	next := b.lead.must(201, "POST", "/rooms/"+b.room+"/continue", object{})["room"].(string)
	for name, who := range map[string]*browser{"lead": b.lead, "ciso": b.ciso} {
		rows := b.mine(who)
		i := slices.IndexFunc(rows, func(r object) bool { return r["id"] == b.cell })
		if i < 0 {
			t.Fatalf("the %s is not in the side room", name)
		}
		if of, _ := rows[i]["cell"].(object); of["parent"] != next {
			t.Errorf("the %s has it as %v", name, rows[i])
		}
	}
	b.answer(b.ciso, 200, ask, said, true)
	entries, _ := b.director.page(next, "?limit=1")
	if raw := fmt.Sprint(entries[0]["slots"]); !strings.Contains(raw, "The pump controller answers") {
		t.Errorf("the new section was told %s", raw)
	}
	state := b.lead.must(200, "GET", "/rooms/"+next, nil)["state"].(object)
	for _, m := range objects(state["members"]) {
		if m["name"] == "Jo Lindqvist" {
			b.lead.must(200, "POST", fmt.Sprintf("/rooms/%s/members/%v/remove", next, m["root"]), object{})
		}
	}
	if r := b.colleague.send("GET", "/api/v1/rooms/"+b.cell+"/entries", nil); r.status != 404 {
		t.Errorf("who was removed from the new section reads the side room: %d", r.status)
	}
	b.ciso.must(200, "POST", fmt.Sprintf("/rooms/%s/entries/%d/recall", b.cell, said), object{"reason": "it was wrong"})
	if names := carrying(b.director.gives(b.s, next, 3), "pump controller"); len(names) > 0 {
		t.Errorf("recalled, it stands in %v", names)
	}
	b.s.CheckLog(incident.LogID(next))
}
