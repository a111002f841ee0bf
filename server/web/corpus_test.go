package web_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/web"
)

// schema is what of the contract the corpus is grown from.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]*schema
	Required   []string
	Items      *schema
	MinItems   int
	Format     string
}

type contract struct {
	Paths map[string]map[string]struct {
		Parameters  []struct{ Name, In string }
		RequestBody *struct {
			Content map[string]struct{ Schema *schema }
		}
	}
	Components struct{ Schemas map[string]*schema }
}

func readContract(t *testing.T) *contract {
	t.Helper()
	b, err := web.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

func (c *contract) resolve(s *schema) *schema {
	for s.Ref != "" {
		s = c.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	return s
}

// value makes a value of the schema's type: right in form, whatever it says.
func (c *contract) value(s *schema) any {
	s = c.resolve(s)
	switch s.Type {
	case "object":
		o := object{}
		for name, p := range s.Properties {
			o[name] = c.value(p)
		}
		return o
	case "array":
		list := []any{}
		for range s.MinItems {
			list = append(list, c.value(s.Items))
		}
		return list
	case "integer", "number":
		return 1
	case "boolean":
		return false
	}
	if s.Format == "date-time" {
		return "2026-11-21T21:00:00Z"
	}
	return "x"
}

// bad is a body that must be refused, and where it is wrong.
type bad struct {
	name, body string
	field      string // named in the problem; "" if the body cannot be read at all
	headers    []string
}

// corpus grows bad bodies from an operation's schema: every field wrong in
// turn.
func (c *contract) corpus(s *schema) (list []bad) {
	s = c.resolve(s)
	good := c.value(s).(object)
	text := func(o object) string { b, _ := json.Marshal(o); return string(b) }
	with := func(name string, v any) string {
		o := maps.Clone(good)
		if v == nil {
			delete(o, name)
		} else {
			o[name] = v
		}
		return text(o)
	}
	list = append(list,
		bad{name: "unknown field", body: with("isAdmin", true), field: "isAdmin"},
		bad{name: "oversize", body: with("padding", strings.Repeat("a", web.MaxBody))},
		bad{name: "broken UTF-8", body: strings.TrimSuffix(text(good), "}") + ",\"\xff\":1}"},
		bad{name: "a list", body: "[" + text(good) + "]", field: "*"},
		bad{name: "a word", body: `"x"`, field: "*"}, bad{name: "null", body: "null"}, bad{name: "two values", body: text(good) + text(good)},
		bad{name: "cut short", body: strings.TrimSuffix(text(good), "}")},
		bad{name: "a form", body: text(good), headers: []string{"Content-Type", "application/x-www-form-urlencoded"}},
		bad{name: "text", body: text(good), headers: []string{"Content-Type", "text/plain"}},
		bad{name: "no type", body: text(good), headers: []string{"Content-Type", ""}},
	)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := c.resolve(s.Properties[name])
		wrong := any("x")
		switch {
		case p.Type == "string":
			wrong = 7
		case p.Type == "boolean":
			wrong = "true"
		}
		v, _ := json.Marshal(good[name])
		list = append(list,
			bad{name: name + " of a wrong type", body: with(name, wrong), field: name},
			bad{name: name + " null", body: strings.TrimSuffix(with(name, nil), "}") + comma(len(good)) + fmt.Sprintf("%q:null}", name)},
			bad{name: name + " twice", body: strings.TrimSuffix(text(good), "}") + fmt.Sprintf(",%q:%s}", name, v)},
			bad{name: name + " in capitals", body: with2(with(name, nil), strings.ToUpper(name), v), field: strings.ToUpper(name)},
		)
		if slices.Contains(s.Required, name) {
			list = append(list, bad{name: name + " left out", body: with(name, nil), field: name})
		}
		if p.Type == "object" {
			for _, b := range c.corpus(p) {
				if !strings.Contains(b.name, "wrong type") && !strings.Contains(b.name, "left out") && b.name != "unknown field" {
					continue
				}
				var inner any
				json.Unmarshal([]byte(b.body), &inner)
				list = append(list, bad{name: name + "." + b.name, body: with(name, inner), field: name + "." + b.field})
			}
		}
	}
	return list
}

func comma(n int) string {
	if n > 1 {
		return ","
	}
	return ""
}

func with2(body, name string, v []byte) string {
	if body == "{}" {
		return fmt.Sprintf("{%q:%s}", name, v)
	}
	return strings.TrimSuffix(body, "}") + fmt.Sprintf(",%q:%s}", name, v)
}

func TestBadInputIsRefusedByFieldAndStoresNothing(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, admin := s.as("lead"), s.as("admin")
	room := lead.openRoom("exercise", "names")
	entry := itoa(lead.say(room, "something to be about"))
	size := func() string {
		sys, err := s.Journal.System(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		at, err := s.Journal.Room(t.Context(), incident.LogID(room))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(sys.Head, at.Head)
	}
	before := size()
	c := readContract(t)
	tried := 0
	for path, methods := range c.Paths {
		for method, op := range methods {
			if op.RequestBody == nil {
				continue
			}
			who := lead
			if strings.Contains(path, "/admin/") {
				who = admin
			}
			at := strings.NewReplacer("{room}", room, "{seq}", entry, "{root}", "2", "{code}", "X1N", "{key}", "health", "{id}", incident.RandomID()).Replace(path)
			keyed := slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == "Idempotency-Key" })
			body := op.RequestBody.Content["application/json"].Schema
			if body == nil { // bytes, which have no fields: file_test.go, intel_test.go and import_test.go
				if method != "put" && !slices.ContainsFunc([]string{"/intel/preview", "/organisations/preview", "/organisations/enter"}, func(of string) bool { return strings.HasSuffix(path, of) }) {
					t.Errorf("%s %s takes a body that is no JSON", method, path)
				}
				badKeys(t, who, method, at, []byte("x"), keyed)
				continue
			}
			for _, b := range c.corpus(body) {
				tried++
				r := who.send(strings.ToUpper(method), at, b.body, b.headers...)
				var p struct {
					Fault  string
					Errors []incident.Field
				}
				json.Unmarshal(r.body, &p)
				name := method + " " + path + ": " + b.name
				if (r.status != 400 && r.status != 413 && r.status != 422) || p.Fault != "invalid" {
					t.Errorf("%s: %d %s", name, r.status, r.body)
					continue
				}
				named := slices.ContainsFunc(p.Errors, func(f incident.Field) bool { return f.Name == b.field })
				if b.field != "" && b.field != "*" && !named {
					t.Errorf("%s: field %q is not named in %s", name, b.field, r.body)
				}
				if strings.Contains(string(r.body), "json:") || strings.Contains(string(r.body), "web.") || strings.Contains(string(r.body), "aaaaaaaa") {
					t.Errorf("%s: says too much: %s", name, r.body)
				}
			}
			badKeys(t, who, method, at, c.value(body), keyed)
		}
	}
	if after := size(); after != before {
		t.Errorf("something was stored: heads %s, then %s", before, after)
	}
	if tried < 500 {
		t.Errorf("only %d bad bodies were tried", tried)
	}
	t.Logf("%d bad bodies", tried)
}

// badKeys says what is taken of an operation that needs an idempotency key
// without one, or with what is none: nothing is changed then.
func badKeys(t *testing.T, who *browser, method, at string, body any, keyed bool) {
	t.Helper()
	if !keyed {
		return
	}
	for _, key := range []string{"", "1", "01ARZ3NDEKTSV4RRFFQ69G5FAU!", strings.Repeat("Z", 26)} {
		headers := []string{"Idempotency-Key", key}
		if _, raw := body.([]byte); raw {
			headers = append(headers, "Content-Type", "application/octet-stream")
		}
		if r := who.send(strings.ToUpper(method), at, body, headers...); r.status != 422 || !strings.Contains(string(r.body), "Idempotency-Key") {
			t.Errorf("%s %s with key %q: %d %s", method, at, key, r.status, r.body)
		}
	}
}

func TestTextThatLooksOtherThanItIsIsRefused(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.administrator("admin")
	lead, admin := s.as("lead"), s.as("admin")
	room := lead.openRoom("incident", "names")
	for _, bad := range []string{"\u0000", "\u0007", "\u001b[2J", "\u202e", "\u2066", "\u200b", "\ufeff", "\u2028", "\u00ad", "\u0085", "\ue000"} {
		text := "before" + bad + "after"
		for path, body := range map[string]object{
			"/rooms/" + room + "/messages":  {"text": text},
			"/rooms/" + room + "/title":     {"title": text},
			"/rooms/" + room + "/brief":     {"seen": 0, "lines": object{"happened": text, "affects": "", "doing": "", "need": "", "next": ""}},
			"/rooms/" + room + "/rules":     {"lines": []string{text, "b", "c", "d", "e"}},
			"/rooms/" + room + "/report":    {"report": object{"major": false, "type": text}},
			"/rooms/" + room + "/members":   {"name": text, "org": "X1N", "role": "observer", "history": "full"},
			"/rooms/" + room + "/proposals": {"name": text},
			"/rooms/" + room + "/decisions": {"decision": "d", "rationale": text, "maker": 1},
			"/rooms/" + room + "/actions":   {"text": text, "for": object{"org": "DSC"}},
		} {
			r := lead.send("POST", "/api/v1"+path, body)
			if r.status != 422 && !(r.status == 403 && strings.HasSuffix(path, "proposals")) {
				t.Errorf("%s with %q: %d %s", path, bad, r.status, r.body)
			}
		}
		admin.refused(422, "invalid", "POST", "/admin/organisations", object{"code": "ZZ9", "name": text, "type": "other"})
		admin.refused(422, "invalid", "POST", "/admin/people", object{"name": text, "issuer": "health", "subject": "s", "orgs": []string{}})
	}
	for _, good := range []string{"Ünïcödé", "العربية", "👩‍👩‍👧", "a\tb\nc", "<script>alert(1)</script>", `"quoted" \u0000 \\`} {
		seq := lead.say(room, good)
		entries, _ := lead.page(room, fmt.Sprintf("?around=%d&limit=1", seq))
		var body struct{ Text string }
		if err := json.Unmarshal([]byte(entries[0]["slots"].([]any)[4].(string)), &body); err != nil || body.Text != good {
			t.Errorf("%q came back as %q (%v)", good, body.Text, err)
		}
	}
}

func TestWhatTheAddressAsksIsHeldToTheContractToo(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	for _, q := range []string{"?limit=0", "?limit=201", "?limit=x", "?limit=-1", "?before=-1", "?before=x", "?before=99999999999999999999", "?before=1&after=1", "?after=1&around=2",
		"?offset=3", "?limit=1&admin=true", "?before=9223372036854775808"} {
		lead.refused(422, "invalid", "GET", "/rooms/"+room+"/entries"+q, nil)
	}
	for _, q := range []string{"", "?time=yesterday", "?time=2026-13-01T00:00:00Z"} {
		lead.refused(422, "invalid", "GET", "/rooms/"+room+"/entries/at"+q, nil)
	}
	if o := lead.must(200, "GET", "/rooms/"+room+"/entries/at?time=2000-01-01T00:00:00Z", nil); o["seq"] != 1.0 {
		t.Errorf("the first entry: %v", o)
	}
	if o := lead.must(200, "GET", "/rooms/"+room+"/entries/at?time=2100-01-01T00:00:00Z", nil); o["seq"] != 4.0 {
		t.Errorf("beyond the last: %v", o)
	}
}
