package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/web"
)

// post brings codes to whoever waits for them.
type post struct{ sent chan [2]string }

func (p post) Reaches(incident.ChannelKind) bool { return true }
func (p post) SendCode(_ context.Context, _ incident.ChannelKind, to, code string) error {
	p.sent <- [2]string{to, code}
	return nil
}

func (p post) next(t *testing.T) (to, code string) {
	t.Helper()
	select {
	case s := <-p.sent:
		return s[0], s[1]
	case <-time.After(20 * time.Second):
		t.Fatal("no code was sent")
		return "", ""
	}
}

// posted gives the stack a way to send codes.
func (s *stack) posted() post {
	s.t.Helper()
	p := post{make(chan [2]string, 100)}
	d, err := directory.New(directory.Options{Pool: s.DB.Writer, Vault: s.Vault, Sender: p})
	if err != nil {
		s.t.Fatal(err)
	}
	s.directory, s.server.Directory = d, d
	return p
}

const cisosOwn = "07700 900123"

// reached verifies a number as somebody's own.
func (s *stack) reached(p post, who incident.PersonID, number string) {
	s.t.Helper()
	if err := s.directory.SetOwn(s.t.Context(), who, incident.BySMS, number); err != nil {
		s.t.Fatal(err)
	}
	_, code := p.next(s.t)
	if err := s.directory.TakeOwnCode(s.t.Context(), who, incident.BySMS, code); err != nil {
		s.t.Fatal(err)
	}
}

// asks begins to come in, as far as the first code.
func (b *browser) asks(p post) (request string) {
	b.t.Helper()
	request = b.must(200, "POST", "/sign-in/codes", object{"org": "X1N", "to": "+44 7700 900123"})["request"].(string)
	to, code := p.next(b.t)
	if to != cisosOwn {
		b.t.Fatalf("sent to %s", to)
	}
	b.must(204, "POST", "/sign-in/codes/first", object{"request": request, "code": code})
	return request
}

func (b *browser) lets() object {
	b.t.Helper()
	asking := objects(b.must(200, "GET", "/coming-in", nil)["asking"])
	if len(asking) != 1 {
		b.t.Fatalf("%d ask", len(asking))
	}
	return asking[0]
}

func TestTwoPeopleLetSomebodyInByCodesLoudly(t *testing.T) {
	s := newStack(t, plenty)
	p := s.posted()
	ciso := s.register("ciso")
	s.register("lead")
	s.register("nightlead")
	s.administrator("admin")
	lead, night := s.as("lead"), s.as("nightlead")
	room := lead.openRoom("incident", "names")
	away := s.as("ciso")
	away.join(lead, room, "ciso", "representative", "full")
	s.reached(p, ciso.Person, cisosOwn)

	b := s.browser(t)
	request := b.asks(p)
	b.refused(422, "invalid", "POST", "/sign-in/codes/second", object{"request": request, "code": "000000"}) // nobody has rung
	if o := night.must(200, "GET", "/coming-in", nil); o["may"] != false || len(objects(o["asking"])) != 0 {
		t.Errorf("a host who leads nothing is shown %v", o)
	}
	away.refused(403, "forbidden", "GET", "/coming-in", nil)
	row := lead.lets()
	id := row["request"].(string)
	if row["person"] != string(ciso.Person) || row["down"] != false {
		t.Errorf("the lead is shown %v", row)
	}
	approve := "/coming-in/" + id + "/approve"
	night.refused(403, "forbidden", "POST", approve, object{"reason": "r"})
	lead.stepUp("lead")
	lead.refused(422, "invalid", "POST", approve, object{}) // it answers us: why not them?
	second := lead.must(200, "POST", approve, object{"reason": "Their network is cut off"})["code"].(string)
	lead.refused(409, "conflict", "POST", approve, object{"reason": "again"})

	b.must(204, "POST", "/sign-in/codes/second", object{"request": request, "code": second[:3] + " " + second[3:]})
	s.browser(t).refused(422, "invalid", "POST", "/sign-in/codes/second", object{"request": request, "code": second}) // once
	me := b.must(200, "GET", "/session", nil)
	if me["way"] != "code" || me["person"].(object)["id"] != string(ciso.Person) {
		t.Fatalf("in as %v", me)
	}
	ends, _ := time.Parse(time.RFC3339, me["endsAt"].(string))
	now, _ := time.Parse(time.RFC3339, me["now"].(string))
	if left := ends.Sub(now); left > time.Hour || left < 59*time.Minute {
		t.Errorf("it lasts %v", left)
	}
	// What it writes says how it came in.
	n := b.say(room, "I am here by codes")
	b.refused(403, "forbidden", "PUT", "/contact", object{"phone": "07700 900999"})
	b.refused(403, "forbidden", "POST", "/passkeys/begin", object{})
	b.refused(403, "forbidden", "POST", "/passkeys/step-up/begin", object{})
	entries, _ := lead.page(room, "")
	said := entries[len(entries)-1]
	for _, e := range entries {
		if int(e["seq"].(float64)) == n {
			said = e
		}
	}
	if right := fmt.Sprint(said["slots"]); !strings.Contains(right, `"way":"code"`) {
		t.Errorf("its entry says %s", right)
	}
	if marked := objects(lead.must(200, "GET", "/rooms/"+room+"/by-codes", nil)["members"]); len(marked) != 1 || marked[0]["member"] != 2.0 {
		t.Errorf("the roster marks %v", marked)
	}
	if marked := objects(away.must(200, "GET", "/rooms/"+room+"/by-codes", nil)["members"]); len(marked) != 0 {
		t.Errorf("a guest is shown %v", marked)
	}
	if o := lead.must(200, "GET", "/coming-in", nil); len(objects(o["inside"])) != 1 || len(objects(o["asking"])) != 0 {
		t.Errorf("afterwards: %v", o)
	}
	if lines := s.as("admin").must(200, "GET", "/admin/log", nil); !strings.Contains(fmt.Sprint(lines), "came in by codes") || !strings.Contains(fmt.Sprint(lines), "answered this server") {
		t.Errorf("the deployment's log: %v", lines)
	}
	// One factor lets in one: the next needs another.
	again := s.browser(t)
	again.asks(p)
	lead.refused(401, "step_up", "POST", "/coming-in/"+lead.lets()["request"].(string)+"/approve", object{"reason": "r"})
	if strings.Contains(s.log.String(), second) || strings.Contains(s.log.String(), "7700900123") {
		t.Error("a code or a number stands in the server's log")
	}
}

func TestNoMoreThanFiveCodesAreComparedHoweverManyAreTyped(t *testing.T) {
	s := newStack(t, plenty)
	p := s.posted()
	ciso := s.register("ciso")
	s.reached(p, ciso.Person, cisosOwn)
	b := s.browser(t)
	request := b.must(200, "POST", "/sign-in/codes", object{"org": "X1N", "to": cisosOwn})["request"].(string)
	_, code := p.next(t)
	wrong := "000000"
	if code == wrong {
		wrong = "111111"
	}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if r := b.send("POST", "/api/v1/sign-in/codes/first", object{"request": request, "code": wrong}); r.status != 422 {
				t.Errorf("a wrong code: %d", r.status)
			}
		})
	}
	wg.Wait()
	if !strings.Contains(s.rows("(SELECT 'wrong:' || wrong AS w FROM code_request)"), "wrong:5") {
		t.Errorf("compared: %s", s.rows("(SELECT wrong FROM code_request)"))
	}
	b.refused(422, "invalid", "POST", "/sign-in/codes/first", object{"request": request, "code": code})
	// And of a hundred at once with the right one, one is let on.
	request = b.must(200, "POST", "/sign-in/codes", object{"org": "X1N", "to": cisosOwn})["request"].(string)
	_, code = p.next(t)
	var mu sync.Mutex
	in := 0
	for range 100 {
		wg.Go(func() {
			if r := b.send("POST", "/api/v1/sign-in/codes/first", object{"request": request, "code": code}); r.status == 204 {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d were let on", in)
	}
}

func TestWhoeverAsksIsToldTheSame(t *testing.T) {
	s := newStack(t, plenty)
	p := s.posted()
	ciso := s.register("ciso")
	s.reached(p, ciso.Person, cisosOwn)
	known := s.browser(t).send("POST", "/api/v1/sign-in/codes", object{"org": "X1N", "to": cisosOwn})
	p.next(t)
	shape := func(r struct{ request, rest string }) string { return r.rest }
	read := func(body []byte) (r struct{ request, rest string }) {
		var o object
		if err := json.Unmarshal(body, &o); err != nil {
			t.Fatal(err)
		}
		r.request = o["request"].(string)
		r.rest = strings.Replace(string(body), r.request, "", 1)
		return r
	}
	is := read(known.body)
	for what, ask := range map[string]object{"a stranger": {"org": "X1N", "to": "07700 900999"}, "another organisation": {"org": "X2E", "to": cisosOwn},
		"no organisation": {"org": "ZZZ", "to": cisosOwn}, "an address": {"org": "X1N", "to": "nobody@nowhere.example"}, "nonsense": {"org": "X1N", "to": "<script>"}} {
		r := s.browser(t).send("POST", "/api/v1/sign-in/codes", ask)
		other := read(r.body)
		if r.status != known.status || shape(other) != shape(is) || len(other.request) != len(is.request) {
			t.Errorf("%s: %d %s", what, r.status, r.body)
		}
		if !slices.Equal(slices.Sorted(headers(r)), slices.Sorted(headers(known))) {
			t.Errorf("%s: other headers", what)
		}
		// Typing a code is the same answer, after the same work: there is a row.
		deadline := time.Now().Add(10 * time.Second)
		for strings.Count(s.rows("(SELECT id FROM code_request)"), "\n") == 0 && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
		}
		want := s.browser(t).send("POST", "/api/v1/sign-in/codes/first", object{"request": is.request, "code": "999999"})
		got := s.browser(t).send("POST", "/api/v1/sign-in/codes/first", object{"request": other.request, "code": "999999"})
		if got.status != want.status || string(got.body) != string(want.body) {
			t.Errorf("%s: a code is answered %s, not %s", what, got.body, want.body)
		}
	}
	select {
	case x := <-p.sent:
		t.Errorf("a stranger's code went to %s", x[0])
	default:
	}
	if strings.Contains(s.rows("leaf"), "fallback") || len(s.system().Asking) != 0 {
		t.Error("a stranger left an entry")
	}
}

func headers(r reply) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range r.header {
			if !yield(name) {
				return
			}
		}
	}
}

func TestAskingForCodesFloodsNothing(t *testing.T) {
	s := newStack(t, web.DefaultLimits)
	p := s.posted()
	ciso := s.register("ciso")
	s.reached(p, ciso.Person, cisosOwn)
	s.server.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	flood, slow := s.browser(t), 0
	for range 200 { // as fast as this machine goes, which is more than five a second
		if r := flood.send("POST", "/api/v1/sign-in/codes", object{"org": "X1N", "to": cisosOwn}, "X-Forwarded-For", "203.0.113.66"); r.status == 429 {
			slow++
		}
	}
	if slow < 190 {
		t.Errorf("only %d of 200 were held up", slow)
	}
	time.Sleep(500 * time.Millisecond)
	if sent := len(p.sent); sent > 5 {
		t.Errorf("she was sent %d codes", sent)
	}
	for len(p.sent) > 0 {
		<-p.sent
	}
	// Somebody else, from elsewhere, is let ask as if nothing were.
	other := s.register("director")
	s.reached(p, other.Person, "07700 900555")
	r := s.browser(t).send("POST", "/api/v1/sign-in/codes", object{"org": string(other.Orgs[0]), "to": "07700 900555"}, "X-Forwarded-For", "198.51.100.7")
	if r.status != 200 {
		t.Fatalf("somebody else: %d %s", r.status, r.body)
	}
	if to, _ := p.next(t); to != "07700 900555" {
		t.Errorf("the code went to %s", to)
	}
}

func TestOnlyAProxyOfOursSaysWhereARequestComesFrom(t *testing.T) {
	s := &web.Server{Config: web.Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:5", "198.51.100.1", "203.0.113.9"},                    // a stranger's word
		{"10.1.2.3:5", "198.51.100.1", "198.51.100.1"},                      // our proxy's
		{"10.1.2.3:5", "192.0.2.1, 198.51.100.1", "198.51.100.1"},           // what a stranger told our proxy
		{"10.1.2.3:5", "192.0.2.1, 198.51.100.1, 10.9.9.9", "198.51.100.1"}, // through two of ours
		{"10.1.2.3:5", "", "10.1.2.3"},                                      // none said
		{"10.1.2.3:5", "garbage", "10.1.2.3"},                               // or nonsense
		{"[2001:db8:1:2:3:4:5:6]:5", "", "2001:db8:1:2::/64"},               // a network
		{"[::ffff:203.0.113.9]:5", "", "203.0.113.9"},                       // written as IPv6
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := web.Address(s, r); got != c.want {
			t.Errorf("%s saying %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}
