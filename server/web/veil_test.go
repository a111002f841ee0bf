package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// veiled is a room in which Northmoor's CISO may hide, with a message in which
// they did.
type veiled struct {
	s                                    *stack
	lead, ciso, colleague, director, aud *browser
	room                                 string
	said                                 int
}

const veiledText = "our backups are gone, and we have not told our board"

func newVeiled(t *testing.T) *veiled {
	s := newStack(t, plenty)
	actor := s.register("lead")
	v := &veiled{s: s, lead: s.as("lead")}
	v.room = v.lead.openRoom("incident", "names")
	v.ciso, v.colleague, v.director, v.aud = s.as("ciso"), s.as("colleague"), s.as("director"), s.as("auditor")
	v.ciso.join(v.lead, v.room, "ciso", "representative", "full")
	v.colleague.join(v.lead, v.room, "colleague", "representative", "full")
	v.director.join(v.lead, v.room, "director", "representative", "full")
	v.aud.join(v.lead, v.room, "auditor", "auditor", "full")
	org := servertest.Org("X3F")
	org.Type = incident.Acute
	s.JoinAs(incident.LogID(v.room), actor, s.Person("Someone of a third", "X3F"), org, incident.Representative, incident.Full)
	return v
}

func (v *veiled) say() {
	v.said = v.ciso.say(v.room, veiledText, object{"veiled": true})
}

func TestWhoWroteAVeiledMessageIsToldToLeadsAndAuditorsAlone(t *testing.T) {
	v := newVeiled(t)
	streams := map[string]*socket{}
	all := map[string]*browser{"lead": v.lead, "ciso": v.ciso, "colleague": v.colleague, "director": v.director, "auditor": v.aud}
	for name, b := range all {
		k := b.stream()
		k.send(object{"type": "subscribe", "room": v.room, "after": 0})
		k.until("caught_up")
		streams[name] = k
	}
	key := "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	body := object{"text": veiledText, "veiled": true}
	first := v.ciso.must(201, "POST", "/rooms/"+v.room+"/messages", body, "Idempotency-Key", key)
	v.said = int(first["seq"].(float64))
	if again := v.ciso.must(201, "POST", "/rooms/"+v.room+"/messages", body, "Idempotency-Key", key); again["seq"] != first["seq"] {
		t.Errorf("sent again it is answered %v, was %v", again, first)
	}
	// The same key of somebody else's tells nothing of whose it was.
	if r := v.director.must(201, "POST", "/rooms/"+v.room+"/messages", object{"text": "another"}, "Idempotency-Key", key); r["seq"] == first["seq"] {
		t.Error("another's key is answered with the veiled message")
	}
	tells := func(b []byte) bool { return strings.Contains(string(b), `message.attributed`) }
	may := map[string]bool{"lead": true, "auditor": true}
	for name, b := range all {
		for {
			f, err := streams[name].next()
			if err != nil {
				t.Fatal(err)
			}
			if f["type"] != "events" || !slices.Contains(seqs(objects(f["events"])), v.said) {
				continue
			}
			raw, _ := json.Marshal(f)
			if !strings.Contains(string(raw), "backups are gone") || tells(raw) != may[name] {
				t.Errorf("%s was sent %s", name, raw)
			}
			for _, e := range objects(f["events"]) {
				if int(e["seq"].(float64)) == v.said {
					one, _ := json.Marshal(e)
					if strings.Contains(string(one), key) || strings.Contains(string(one), "X1N") || strings.Contains(string(one), `\"member\"`) || !strings.Contains(string(one), `{\"orgType\":\"acute_trust\"}`) {
						t.Errorf("%s: the message says %s", name, one)
					}
				}
			}
			break
		}
		for _, query := range []string{"?limit=20", fmt.Sprintf("?around=%d", v.said)} {
			r := b.send("GET", "/api/v1/rooms/"+v.room+"/entries"+query, nil)
			if r.status != 200 || tells(r.body) != may[name] {
				t.Errorf("%s, %s: %d %s", name, query, r.status, r.body)
			}
		}
		r := b.send("GET", fmt.Sprintf("/api/v1/rooms/%s/entries/%d", v.room, v.said+1), nil)
		if (r.status == 200) != may[name] {
			t.Errorf("%s is answered %d about who wrote it", name, r.status)
		}
		hits := objects(b.must(200, "POST", "/rooms/"+v.room+"/search", object{"text": "backups"})["hits"])
		if len(hits) != 1 || tells([]byte(fmt.Sprint(hits))) {
			t.Errorf("%s finds %v", name, hits)
		}
		for path, by := range map[string]object{"/search": {"author": "Hannah Osei"}, "/rooms/" + v.room + "/search": {"text": "backups", "person": 2}} {
			for _, hit := range objects(b.must(200, "POST", path, by)["hits"]) {
				if int(hit["seq"].(float64)) == v.said {
					t.Errorf("%s finds it by %v", name, by)
				}
			}
		}
	}
}

// The two worlds differ in which of the trusts wrote it. Whoever is not to know
// is told the same in both, by every route, on the stream and by refusals.
func TestWhoIsNotToKnowIsToldTheSameWhoeverWroteIt(t *testing.T) {
	world := func(author func(*veiled) *browser) map[string]string {
		v := newVeiled(t)
		k := v.colleague.stream()
		k.send(object{"type": "subscribe", "room": v.room, "after": 0})
		k.until("caught_up")
		v.said = author(v).say(v.room, veiledText, object{"veiled": true})
		last := v.lead.say(v.room, "thank you")
		v.s.seals()
		told := map[string]string{}
		for n := 0; ; n++ {
			f, err := k.next()
			if err != nil {
				t.Fatal(err)
			}
			if f["type"] == "presence" || f["type"] == "sealed" {
				n--
				continue
			}
			b, _ := json.Marshal(f)
			told[fmt.Sprintf("frame %d", n)] = plain(b)
			if f["type"] == "events" && slices.Contains(seqs(objects(f["events"])), last) {
				break
			}
		}
		for _, route := range v.s.server.Routes() {
			if route.Method != "GET" || !strings.HasPrefix(route.Pattern, "/api/v1/") || route.Pattern == "/api/v1/stream" {
				continue
			}
			for _, n := range []int{v.said, v.said + 1} {
				at := strings.NewReplacer("{room}", v.room, "{seq}", fmt.Sprint(n), "{root}", fmt.Sprint(n), "{noun}", "decision", "{code}", "X1N", "{key}", "health", "{id}", incident.RandomID()).Replace(route.Pattern)
				r := v.colleague.send("GET", at, nil)
				told[fmt.Sprintf("%s %d", route.Pattern, n)] = fmt.Sprint(r.status, " ", plain(r.body))
			}
		}
		for _, n := range []int{v.said, v.said + 1} {
			for _, try := range []struct { // in one order, since some change what others tell
				act  string
				body object
			}{{"correct", object{"text": "x"}}, {"tighten", object{"tlp": "TLP:AMBER+STRICT", "audience": object{"kind": "hosts"}}}, {"widen", object{"tlp": "TLP:GREEN", "reason": "r"}},
				{"withhold", object{}}, {"pin", object{}}, {"open", object{}}, {"note", object{}}} {
				r := v.colleague.send("POST", fmt.Sprintf("/api/v1/rooms/%s/entries/%d/%s", v.room, n, try.act), try.body)
				told[fmt.Sprintf("%s of %d", try.act, n)] = fmt.Sprint(r.status, " ", plain(r.body))
			}
		}
		return told
	}
	mine := world(func(v *veiled) *browser { return v.ciso })       // of the colleague's own organisation
	theirs := world(func(v *veiled) *browser { return v.director }) // of another
	if len(mine) != len(theirs) || len(mine) < 80 {
		t.Errorf("%d and %d answers", len(mine), len(theirs))
	}
	for name, text := range mine {
		if theirs[name] != text {
			t.Errorf("%s tells:\n by her own organisation %s\n by another             %s", name, text, theirs[name])
		}
	}
	t.Logf("%d answers and frames are the same", len(mine))
}

func TestAVeiledMessageIsNoFaultOfTheLog(t *testing.T) {
	v := newVeiled(t)
	v.say()
	v.s.CheckLog(incident.LogID(v.room))
}
