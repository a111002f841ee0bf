package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"wardroom/server/incident"
	"wardroom/server/web"
)

// cast is one room of each kind and one browser of each role.
type cast struct {
	s        *stack
	room     string // the room the matrix is about
	other    string // a room nobody of the matrix but the admin's host is in
	browsers map[string]*browser
}

func newCast(t *testing.T) *cast {
	s := newStack(t, plenty)
	c := &cast{s: s, browsers: map[string]*browser{}}
	s.register("lead")
	s.register("nightlead")
	s.register("loggist")
	s.administrator("admin")
	lead, night := s.as("lead"), s.as("nightlead")
	c.room, c.other = lead.openRoom("exercise", "names"), night.openRoom("incident", "names")
	night.say(c.other, "canary of the other room")
	// In this order, always: the representative is member 2, the observer 3, the auditor 4.
	for _, seated := range []struct{ key, seat string }{{"ciso", "representative"}, {"director", "observer"}, {"auditor", "auditor"}} {
		b := s.as(seated.key)
		b.join(lead, c.room, seated.key, seated.seat, "full")
		c.browsers[seated.seat] = b
	}
	gone := s.as("supplier")
	gone.join(lead, c.room, "supplier", "representative", "full")
	gone.must(200, "POST", "/rooms/"+c.room+"/leave", object{})
	c.browsers["lead"], c.browsers["left"], c.browsers["host"] = lead, gone, s.as("loggist")
	c.browsers["admin"], c.browsers["stranger"], c.browsers["nobody"] = s.as("admin"), s.as("outsider"), s.browser(t)
	return c
}

var members = map[string]bool{"lead": true, "representative": true, "observer": true, "auditor": true}

// may says who comes in by a route, by who they are and whose room it is.
func may(role string, a web.Access, ours bool) int {
	switch a {
	case web.Public:
		return http.StatusOK
	case web.Member:
		if role == "nobody" {
			return http.StatusUnauthorized
		}
		if !members[role] || !ours {
			return http.StatusNotFound
		}
	case web.Organisation: // the matrix names none that there is
		if role == "nobody" {
			return http.StatusUnauthorized
		}
		return http.StatusNotFound
	case web.Admin:
		if role == "nobody" {
			return http.StatusUnauthorized
		}
		if role != "admin" {
			return http.StatusNotFound
		}
	case web.Host:
		if role == "nobody" {
			return http.StatusUnauthorized
		}
		if role != "lead" && role != "host" && role != "admin" { // all of the DSC
			return http.StatusForbidden
		}
	case web.SignedIn:
		if role == "nobody" {
			return http.StatusUnauthorized
		}
	}
	return http.StatusOK
}

func TestEveryRouteLetsInWhomItIsForAndNobodyElse(t *testing.T) {
	c := newCast(t)
	want404 := c.browsers["lead"].send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	objects := map[string]string{"own": c.room, "foreign": c.other, "missing": incident.RandomID(), "malformed": "x'--", "another kind of id": string(c.s.Journal.SystemLog()), "empty": "%20"}
	tried := 0
	for _, route := range c.s.server.Routes() {
		if !strings.HasPrefix(route.Pattern, "/api/v1/") || route.Pattern == "/api/v1/stream" {
			continue
		}
		if route.Pattern == "/api/v1/session" && route.Method == "DELETE" || route.Pattern == "/api/v1/rooms/{room}/leave" {
			continue // would end the cast; their stories are told elsewhere
		}
		if route.Pattern == "/api/v1/notify/receipts" {
			continue // asks for a token of its own before it reads anything
		}
		for role, b := range c.browsers {
			for object, room := range objects {
				if !strings.Contains(route.Pattern, "{room}") && object != "missing" {
					continue
				}
				at := strings.NewReplacer("{room}", room, "{seq}", "999999", "{root}", "999999", "{noun}", "decision", "{code}", "NONE", "{key}", "nosuch", "{id}", incident.RandomID(), "{upload}", incident.RandomID(), "{n}", "0", "{number}", "999999", "{file}", "1").Replace(route.Pattern)
				var body any
				if route.Method == "POST" || route.Method == "PUT" {
					body = "{]" // whoever gets as far is told that it is no JSON
				}
				r := b.send(route.Method, at, body)
				tried++
				name := fmt.Sprintf("%s %s as %s, %s room", route.Method, route.Pattern, role, object)
				switch want := may(role, route.Access, object == "own"); {
				case want == http.StatusOK && body != nil:
					if r.status != 400 {
						t.Errorf("%s: %d %s, want to get as far as the body", name, r.status, r.body)
					}
				case want == http.StatusOK:
					if r.status == 401 || r.status == 403 || r.status == 500 {
						t.Errorf("%s: %d %s", name, r.status, r.body)
					}
				case r.status != want:
					t.Errorf("%s: %d %s, want %d", name, r.status, r.body, want)
				case want == 404 && string(r.body) != string(want404.body):
					t.Errorf("%s: another answer for what is not theirs: %s", name, r.body)
				}
			}
		}
	}
	t.Logf("%d combinations", tried)
	if tried < 2000 {
		t.Errorf("only %d combinations were tried", tried)
	}
}

func TestEveryCommandAboutWhatIsElsewhereIsNotFound(t *testing.T) {
	c := newCast(t)
	lead, auditor := c.browsers["lead"], c.browsers["auditor"]
	red := lead.say(c.room, "for one pair of eyes", object{"tlp": "TLP:RED", "audience": object{"kind": "named", "members": []int{1}}})
	want := lead.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil)
	audience := object{"audience": object{"kind": "hosts"}}
	bodies := map[string]object{"correct": {"text": "x"}, "note": {}, "pin": {}, "unpin": {}, "tighten": audience, "withhold": {}, "restore": {}, "open": {},
		"widen":          {"audience": object{"kind": "room"}, "tlp": "TLP:GREEN", "reason": "r"},
		"agree-lowering": {"seen": 1}, "refuse-lowering": {"seen": 1}, "drop-lowering": {"seen": 1},
		"take": {"decision": "d", "rationale": "r", "maker": 1, "seen": 9}, "add-to-decision": {"deliberation": object{"risks": "r"}}, "confirm": {"seen": 9},
		"dispute": {"reason": "r", "seen": 9}, "review": {"finding": "f", "seen": 9}, "accept": {"seen": 9}, "decline": {"reason": "r", "seen": 9},
		"done": {"evidence": "e", "seen": 9}, "hand": {"for": object{"org": "X1N"}, "reason": "r", "seen": 9}, "chase": {}, "withdraw-action": {"reason": "r", "seen": 9},
		"agree-book": {}, "close-book": {"seen": 1}, "correct-line": {"text": "x"}, "correct-sitrep": {"situation": "s", "reason": "r"}, "recall": {"reason": "r"}, "release": {"why": "w", "tlp": "TLP:GREEN"},
		"items/correct": {"title": "t", "text": "x"}, "items/merge": {"other": 3}, "items/tearline": {"text": "x"}, "items/sightings": {"verdict": "seen"},
		"releases/answer": {"grant": true}}
	for act, body := range bodies {
		under, act, ok := strings.Cut(act, "/")
		if !ok {
			under, act = "entries", under
		}
		for _, seq := range []string{"0", "999999", "-1", "1e3", "x", "01", "9223372036854775808", "18446744073709551616", "%00"} {
			if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/"+under+"/"+seq+"/"+act, body); r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s of entry %q: %d %s", act, seq, r.status, r.body)
			}
		}
		// An entry that is there, and not theirs to know of.
		if r := auditor.send("POST", fmt.Sprintf("/api/v1/rooms/%s/%s/%d/%s", c.room, under, red, act), body); r.status != 404 || string(r.body) != string(want.body) {
			t.Errorf("%s of a hidden entry: %d %s", act, r.status, r.body)
		}
	}
	for path, who := range map[string]*browser{"entries/%d": auditor, "entries/%d/opens": c.browsers["observer"], "items/%d/sightings": auditor} { // receipts are the auditor's too
		if r := who.send("GET", fmt.Sprintf("/api/v1/rooms/%s/"+path, c.room, red), nil); r.status != 404 || string(r.body) != string(want.body) {
			t.Errorf("a hidden entry%s: %d %s", path, r.status, r.body)
		}
	}
	for act, body := range map[string]object{"admit": {}, "decline": {}, "vouch": {}, "withdraw": {}, "remove": {}, "role": {"role": "observer"}, "tier": {"tier": "tactical"}, "grant": {"start": 1}, "link": {}} {
		for _, root := range []string{"0", "1", "999999", "x", itoa(red)} {
			if r := lead.send("POST", "/api/v1/rooms/"+c.room+"/members/"+root+"/"+act, body); r.status != 404 || string(r.body) != string(want.body) {
				t.Errorf("%s of membership %q: %d %s", act, root, r.status, r.body)
			}
		}
	}
}

func TestWhatIsMissingAndWhatIsNotYoursAreTheSameBytes(t *testing.T) {
	c := newCast(t)
	b := c.browsers["stranger"]
	var want *reply
	probe := func(path string) {
		t.Helper()
		r := b.send("GET", path, nil)
		r.header.Del("Date")
		if want == nil {
			want = &r
		}
		if r.status != 404 || string(r.body) != string(want.body) || fmt.Sprint(r.header) != fmt.Sprint(want.header) {
			t.Fatalf("%s: %d %s\n%v\n%v", path, r.status, r.body, r.header, want.header)
		}
	}
	for range 100 {
		for _, room := range []string{c.room, c.other, incident.RandomID()} {
			for _, rest := range []string{"", "/entries", "/entries/1"} {
				probe("/api/v1/rooms/" + room + rest)
			}
		}
	}
	for _, path := range []string{"/api/v1/rooms/x", "/api/v1/rooms/" + strings.Repeat("A", 26), "/api/v1/nothing", "/api/", "/api", "/auth/nothing", "/api/v2/rooms", "/assets/none-12345678.js", "/api/v1/admin/people"} {
		if path == "/api" {
			continue // an address of the web app, like any other
		}
		probe(path)
	}
}

func TestEveryAnswerCarriesTheHeadersThatKeepItSafe(t *testing.T) {
	c := newCast(t)
	check := func(name string, r reply, cached bool) {
		t.Helper()
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin"} {
			if got := r.header.Get(header); got != want {
				t.Errorf("%s: %s: %q", name, header, got)
			}
		}
		csp := r.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "require-trusted-types-for 'script'", "connect-src 'self' ws://localhost:"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: no %q in %q", name, part, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || r.header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: %q, %q", name, csp, r.header.Get("Permissions-Policy"))
		}
		if want := map[bool]string{false: "no-store", true: "public, max-age=31536000, immutable"}[cached]; r.header.Get("Cache-Control") != want {
			t.Errorf("%s: Cache-Control: %q", name, r.header.Get("Cache-Control"))
		}
		if r.header.Get("Server") != "" || r.header.Get("X-Powered-By") != "" {
			t.Errorf("%s: names the server", name)
		}
	}
	for _, route := range c.s.server.Routes() {
		for _, role := range []string{"lead", "nobody", "admin"} {
			if route.Pattern == "/api/v1/session" && route.Method == "DELETE" || strings.HasSuffix(route.Pattern, "/leave") || strings.HasSuffix(route.Pattern, "/session/lock") {
				continue
			}
			method := route.Method
			if method == "" {
				method = "GET"
			}
			var body any
			if method == "POST" || method == "PUT" {
				body = "{}"
			}
			at := strings.NewReplacer("{room}", c.room, "{seq}", "1", "{root}", "2", "{noun}", "book", "{code}", "X1N", "{key}", "health", "{id}", incident.RandomID()).Replace(route.Pattern)
			check(method+" "+route.Pattern+" as "+role, c.browsers[role].send(method, at, body), false)
		}
	}
	b := c.browsers["nobody"]
	for path, want := range map[string]string{"/": "text/html; charset=utf-8", "/rooms/" + c.room: "text/html; charset=utf-8", "/sign-in": "text/html; charset=utf-8",
		"/icon.svg": "image/svg+xml", "/assets/plain.js": "text/javascript; charset=utf-8", "/secret.pem": "text/html; charset=utf-8", "/healthz": "text/plain; charset=utf-8"} {
		r := b.send("GET", path, nil)
		check(path, r, false)
		if r.status != 200 || r.header.Get("Content-Type") != want {
			t.Errorf("%s: %d %s", path, r.status, r.header.Get("Content-Type"))
		}
	}
	check("a hashed asset", b.send("GET", "/assets/index-BxYz12_9.js", nil), true)
	for _, path := range []string{"/assets/..%2f..%2fsecret.pem", "/..%2f..%2f/etc/passwd", "/assets/none.js", "/api/none", "//evil.example/x"} {
		r := b.send("GET", path, nil)
		if strings.Contains(string(r.body), "root:") || strings.Contains(string(r.body), "no kind of file") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	if r := b.send("POST", "/", object{}); r.status != 404 {
		t.Errorf("POST /: %d", r.status)
	}
	if r := b.send("TRACE", "/api/v1/rooms", nil); r.status != 404 && r.status != 405 {
		t.Errorf("TRACE: %d", r.status)
	}
}
