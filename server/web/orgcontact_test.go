package web_test

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/directory"
	"wardroom/server/incident"
)

const (
	onCallNumber = "+44 7700 900963"
	onCallName   = "Canary Quillfeather"
)

// keeper names somebody of an organisation its administrator.
func (s *stack) keeper(by *browser, key, org string) *browser {
	s.t.Helper()
	a := s.register(key)
	by.must(200, "POST", "/directory/"+org+"/administrators", object{"person": a.Person, "named": true})
	return s.as(key)
}

// list returns the only contact of an organisation and its only channel.
func (b *browser) list(org string) (contact, channel object) {
	b.t.Helper()
	all := objects(b.must(200, "GET", "/directory/"+org+"/contacts", nil)["contacts"])
	if len(all) != 1 {
		b.t.Fatalf("%d contacts: %v", len(all), all)
	}
	return all[0], objects(all[0]["channels"])[0]
}

func TestAnOrganisationsAdministratorKeepsItsContactsAndAHostCallsThem(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead := s.as("lead")
	ciso := s.keeper(lead, "ciso", "X1N")
	at := "/directory/X1N/contacts"
	ciso.must(204, "POST", at, object{"role": "on_call_director", "name": onCallName, "channels": []object{{"kind": "sms", "value": onCallNumber, "outOfHours": true}}})
	mine, channel := ciso.list("X1N")
	theirs, _ := lead.list("X1N")
	if mine["name"] != onCallName || theirs["name"] != onCallName || channel["masked"] != "…963" || channel["standing"] != "unverified" || channel["outOfHours"] != true {
		t.Fatalf("the list: %v %v", mine, channel)
	}
	id, ch := mine["id"].(string), channel["id"].(string)

	// The hosts ring back, and say so; the organisation's own word is none.
	ciso.refused(403, "forbidden", "POST", at+"/"+id+"/rung", object{"channel": ch})
	lead.must(204, "POST", at+"/"+id+"/rung", object{"channel": ch})
	if _, channel = lead.list("X1N"); channel["standing"] != "verified" || channel["how"] != "rung" {
		t.Errorf("after ringing back: %v", channel)
	}
	if o := lead.must(200, "POST", at+"/"+id+"/call", object{"channel": ch}); o["value"] != onCallNumber {
		t.Errorf("called: %v", o)
	}
	rows := objects(lead.must(200, "GET", "/directory?q=north", nil)["organisations"])
	if len(rows) != 1 || rows[0]["any"] != "verified" || rows[0]["roles"].(object)["on_call_director"] != "verified" {
		t.Errorf("coverage: %v", rows)
	}

	// The hosts read what the organisation keeps itself.
	lead.refused(403, "forbidden", "POST", at, object{"role": "ciso", "name": "Another", "channels": []object{{"kind": "voice", "value": "01632 960000"}}})
	lead.refused(403, "forbidden", "POST", at+"/"+id+"/remove", object{})
	lead.must(204, "POST", "/directory/X2E/contacts", object{"role": "ciso", "name": "Another", "channels": []object{{"kind": "voice", "value": "01632 960000"}}}) // it has nobody

	ciso.must(204, "PUT", at+"/"+id, object{"role": "aeo", "name": onCallName, "place": 2, "alertOnly": true,
		"channels": []object{{"id": ch}, {"kind": "email", "value": "canary.quillfeather@northmoor.example"}}})
	mine, channel = ciso.list("X1N")
	mail := objects(mine["channels"])[1]
	if mine["role"] != "aeo" || mine["alertOnly"] != true || mine["place"] != 2.0 || channel["standing"] != "verified" || channel["outOfHours"] != false ||
		mail["masked"] != "…@northmoor.example" || mail["standing"] != "unverified" {
		t.Errorf("changed: %v", mine)
	}

	// No log has any of it but that there was one.
	admin := s.as("admin")
	log := string(admin.send("GET", "/api/v1/admin/log", nil).body)
	for _, want := range []string{"X1N has a contact more (on-call director).", "was verified by ringing back", "How to reach a contact of X1N (on-call director) was shown, to text them."} {
		if !strings.Contains(log, want) {
			t.Errorf("the system log lacks %q: %s", want, log)
		}
	}
	for _, secret := range []string{"7700900963", " 900963", "Quillfeather", "quillfeather"} {
		if strings.Contains(log+s.log.String(), secret) {
			t.Errorf("%s stands in a log", secret)
		}
	}
	// A request that is sent again under its key changes nothing a second time:
	// not what was changed since, and nobody comes back.
	was := ciso.s.Key()
	old := object{"role": "aeo", "name": "Somebody before", "place": 3, "channels": []object{{"id": ch}}}
	for range 2 {
		if r := ciso.send("PUT", "/api/v1"+at+"/"+id, old, "Idempotency-Key", string(was)); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		ciso.must(204, "PUT", at+"/"+id, object{"role": "aeo", "name": onCallName, "place": 2, "channels": []object{{"id": ch}}})
	}
	if r := ciso.send("PUT", "/api/v1"+at+"/"+id, old, "Idempotency-Key", string(was)); r.status != 204 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if mine, _ = ciso.list("X1N"); mine["name"] != onCallName || mine["place"] != 2.0 {
		t.Errorf("an old change was made again: %v", mine)
	}
	added := ciso.s.Key()
	again := func() {
		if r := ciso.send("POST", "/api/v1"+at, object{"role": "cio", "name": "Short Stay", "channels": []object{{"kind": "voice", "value": "01632 960007"}}}, "Idempotency-Key", string(added)); r.status != 204 {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	again()
	for _, o := range objects(ciso.must(200, "GET", at, nil)["contacts"]) {
		if o["role"] == "cio" {
			ciso.must(204, "POST", at+"/"+o["id"].(string)+"/remove", object{})
		}
	}
	again()
	if o := ciso.must(200, "GET", at, nil); len(objects(o["contacts"])) != 1 {
		t.Errorf("who was removed is back: %v", o)
	}

	ciso.must(204, "POST", at+"/"+id+"/remove", object{})
	ciso.refused(404, "not_found", "POST", at+"/"+id+"/remove", object{})
	if o := ciso.must(200, "GET", at, nil); len(objects(o["contacts"])) != 0 {
		t.Errorf("after she left: %v", o)
	}
}

func TestWhoHasNothingToDoWithAnOrganisationsContactsLearnsNothingOfThem(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("auditor")
	lead := s.as("lead")
	ciso := s.keeper(lead, "ciso", "X1N")
	director := s.keeper(lead, "director", "X2E") // another organisation's administrator
	auditor := s.as("auditor")                    // and the deployment's administrator, who is no host
	guest := s.as("contact")
	room := lead.openRoom("incident", "names")
	guest.join(lead, room, "contact", "representative", "full")
	outsider := s.as("outsider")
	at := "/directory/X1N/contacts"
	body := object{"role": "ciso", "name": onCallName, "channels": []object{{"kind": "sms", "value": onCallNumber}}}
	ciso.must(204, "POST", at, body)
	contact, channel := ciso.list("X1N")
	id, ch := contact["id"].(string), channel["id"].(string)
	nothing := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	for name, b := range map[string]*browser{"another organisation's administrator": director, "an administrator": auditor, "a member of a room": guest, "a stranger": outsider} {
		for _, org := range []string{"X1N", "X4S", "NOWHERE"} {
			if name == "a stranger" && org == "X4S" {
				continue // her own
			}
			for _, path := range []string{"", "/" + id, "/" + id + "/call", "/" + id + "/code", "/" + id + "/verify", "/" + id + "/rung", "/" + id + "/remove"} {
				method, in := "POST", object{"channel": ch}
				switch path {
				case "":
					in = body
					if r := b.send("GET", "/api/v1/directory/"+org+"/contacts", nil); r.status != 404 || string(r.body) != string(nothing.body) {
						t.Errorf("%s lists those of %s: %d %s", name, org, r.status, r.body)
					}
				case "/" + id:
					method, in = "PUT", body
				}
				if r := b.send(method, "/api/v1/directory/"+org+"/contacts"+path, in); r.status != 404 || string(r.body) != string(nothing.body) {
					t.Errorf("%s: %s %s of %s: %d %s", name, method, path, org, r.status, r.body)
				}
			}
		}
		for _, path := range []string{"/directory", "/directory/coverage"} {
			b.refused(403, "forbidden", "GET", path, nil)
		}
		b.refused(403, "forbidden", "POST", "/directory/select", object{"types": []string{"acute_trust"}, "orgs": []string{}, "roles": []string{}})
		b.refused(403, "forbidden", "POST", "/directory/X1N/administrators", object{"person": incident.RandomID(), "named": true})
	}
	// Her own list leads to no other's: a contact is found in its organisation only.
	director.must(200, "GET", "/directory/X2E/contacts", nil)
	for _, path := range []string{"/call", "/rung", "/remove", "/code"} {
		if r := director.send("POST", "/api/v1/directory/X2E/contacts/"+id+path, map[bool]object{true: {}, false: {"channel": ch}}[path == "/remove"]); r.status != 404 || string(r.body) != string(nothing.body) {
			t.Errorf("by her own organisation's name: %s: %d %s", path, r.status, r.body)
		}
	}
	if _, still := ciso.list("X1N"); still["id"] != ch {
		t.Errorf("somebody changed it: %v", still)
	}

	// One who keeps it no longer cannot by sending an old request again.
	key := string(s.Key())
	change := object{"role": "ciso", "name": "As she left it", "channels": []object{{"id": ch}}}
	ciso.must(204, "PUT", at+"/"+id, change, "Idempotency-Key", key)
	if r := ciso.send("PUT", "/api/v1"+at+"/"+id, object{"role": "ciso", "name": "Under the same key", "channels": []object{{"id": ch}}}, "Idempotency-Key", key); r.status != 409 {
		t.Errorf("another body under the same key: %d %s", r.status, r.body)
	}
	sys, err := s.Journal.System(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	her, _ := sys.BySubject("health", door.people["ciso"].Sub)
	lead.must(200, "POST", "/directory/X1N/administrators", object{"person": her.ID, "named": false})
	ciso.refused(403, "forbidden", "PUT", at+"/"+id, change, "Idempotency-Key", key)
	if r := ciso.send("POST", "/api/v1"+at+"/"+id+"/remove", object{}); r.status != 403 {
		t.Errorf("who was unnamed removes: %d %s", r.status, r.body)
	}
}

func TestWhatIsKnownOfAContactStandsInNoTableLogOrFrame(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, admin := s.as("lead"), s.as("admin")
	ciso := s.keeper(lead, "ciso", "X1N")
	room := lead.openRoom("incident", "names")
	frames := lead.stream()
	frames.send(object{"type": "subscribe", "room": room, "after": nil})
	heard := string(mustJSON(frames.until("snapshot")))
	at := "/directory/X1N/contacts"
	ciso.must(204, "POST", at, object{"role": "siro", "name": onCallName, "channels": []object{{"kind": "sms", "value": onCallNumber}, {"kind": "email", "value": "quillfeather@northmoor.example"}}})
	contact, channel := ciso.list("X1N")
	id, ch := contact["id"].(string), channel["id"].(string)
	lead.must(204, "POST", at+"/"+id+"/rung", object{"channel": ch})
	lead.must(200, "POST", at+"/"+id+"/call", object{"channel": ch})
	ciso.must(204, "PUT", at+"/"+id, object{"role": "siro", "name": onCallName, "channels": []object{{"id": ch}}})
	lead.must(200, "POST", "/directory/select", object{"types": []string{"acute_trust"}, "orgs": []string{}, "roles": []string{}})
	lead.say(room, "the last of these frames")
	heard += string(mustJSON(frames.until("events")))
	for _, path := range []string{"/directory", "/directory/coverage", "/rooms", "/session"} {
		heard += string(lead.send("GET", "/api/v1"+path, nil).body)
	}
	for _, path := range []string{"/admin/log", "/admin/organisations", "/admin/people", "/admin/sessions"} {
		heard += string(admin.send("GET", "/api/v1"+path, nil).body)
	}
	if !strings.Contains(heard, "the last of these frames") {
		t.Fatalf("not all was heard: %s", heard)
	}
	stored := s.tables() + s.Unsealed(s.Journal.SystemLog()) + s.Unsealed(incident.LogID(room))
	if !strings.Contains(stored, id) || !strings.Contains(stored, "contact.called") {
		t.Fatal("not all that is stored was looked at")
	}
	secrets := []string{"7700900963", " 900963", "0900 963", "uillfeather", "Canary"}
	for _, secret := range secrets {
		for where, text := range map[string]string{"a table or a log": stored, "a frame or another list": heard, "the server's log": s.log.String()} {
			if strings.Contains(text, secret) || strings.Contains(text, hex.EncodeToString([]byte(secret))) {
				t.Errorf("%q stands in %s", secret, where)
			}
		}
	}
	ciso.must(204, "POST", at+"/"+id+"/remove", object{})
	if left := s.rows("org_contact") + s.rows("org_channel"); left != "" {
		t.Errorf("who left has left rows: %s", left)
	}
}

// gateway takes the codes that are sent.
type gateway struct{ to, code string }

func (g *gateway) Reaches(kind incident.ChannelKind) bool { return kind == incident.BySMS }

func (g *gateway) SendCode(_ context.Context, _ incident.ChannelKind, to, code string) error {
	g.to, g.code = to, code
	return nil
}

func TestAContactIsVerifiedByACodeWhereTheServerCanSendOne(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("colleague") // of the same organisation, and no administrator
	lead := s.as("lead")
	ciso, colleague := s.keeper(lead, "ciso", "X1N"), s.as("colleague")
	at := "/directory/X1N/contacts"
	ciso.must(204, "POST", at, object{"role": "cio", "name": onCallName, "channels": []object{{"kind": "sms", "value": onCallNumber}, {"kind": "voice", "value": "01632 960000"}}})
	contact, channel := ciso.list("X1N")
	at += "/" + contact["id"].(string)
	ch, voice := channel["id"].(string), objects(contact["channels"])[1]["id"].(string)
	if o := ciso.must(200, "GET", "/directory/X1N/contacts", nil); len(o["codes"].([]any)) != 0 {
		t.Errorf("what it can send: %v", o["codes"])
	}
	ciso.refused(409, "conflict", "POST", at+"/code", object{"channel": ch})

	sent := &gateway{}
	var err error
	if s.server.Directory, err = directory.New(directory.Options{Pool: s.DB.Writer, Vault: s.Vault, Sender: sent}); err != nil {
		t.Fatal(err)
	}
	if o := ciso.must(200, "GET", "/directory/X1N/contacts", nil); string(mustJSON(o["codes"])) != `["sms"]` {
		t.Errorf("what it can send: %v", o["codes"])
	}
	ciso.refused(409, "conflict", "POST", at+"/code", object{"channel": voice})
	colleague.refused(403, "forbidden", "POST", at+"/code", object{"channel": ch})
	ciso.must(204, "POST", at+"/code", object{"channel": ch})
	if sent.to != onCallNumber || len(sent.code) != 6 {
		t.Fatalf("sent %q to %q", sent.code, sent.to)
	}
	colleague.refused(403, "forbidden", "POST", at+"/verify", object{"channel": ch, "code": sent.code})
	ciso.refused(422, "invalid", "POST", at+"/verify", object{"channel": ch, "code": "not it"})
	ciso.refused(422, "invalid", "POST", at+"/verify", object{"channel": voice, "code": sent.code})
	ciso.must(204, "POST", at+"/verify", object{"channel": ch, "code": " " + sent.code + " "})
	if _, channel = ciso.list("X1N"); channel["standing"] != "verified" || channel["how"] != "code" {
		t.Errorf("verified: %v", channel)
	}
	if o := colleague.must(200, "GET", "/directory/X1N/contacts", nil); o["keeps"] != false || o["rings"] != false {
		t.Errorf("a colleague: %v", o)
	}
	if strings.Contains(s.log.String(), sent.code) {
		t.Error("the code stands in the server's log")
	}
}

// tables is what stands in every table.
func (s *stack) tables() string {
	s.t.Helper()
	var all strings.Builder
	for _, table := range strings.Fields(s.rows(`(SELECT relname::text AS t FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace)`)) {
		all.WriteString(s.rows(strings.Trim(table, "()")))
	}
	return all.String()
}

// rows is what stands in a table, past every wall.
func (s *stack) rows(table string) string {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.DB.Cluster.SuperuserURL(s.DB.Name))
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var text string
	if err := conn.QueryRow(s.t.Context(), `SELECT coalesce(string_agg(x::text, E'\n'), '') FROM `+table+` x`).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}
