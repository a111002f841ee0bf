package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// origins are what pages elsewhere make a browser say, and what only other
// programs say. The first is ours.
func origins() [][]string {
	o := door.origin // http://localhost:PORT
	port := o[strings.LastIndex(o, ":"):]
	return [][]string{
		{o},
		{}, {""}, {"null"}, {"https://evil.example"}, {"http://evil.example"},
		{"http://sub.localhost" + port}, {"http://localhost.evil.example" + port}, {"http://evillocalhost" + port},
		{"http://localhost"}, {"http://localhost:1"}, {"http://localhost" + port + "0"}, {"http://127.0.0.1" + port}, {"http://[::1]" + port},
		{strings.Replace(o, "http", "https", 1)}, {strings.Replace(o, "http", "ws", 1)}, {strings.ToUpper(o)}, {"HTTP://localhost" + port},
		{o + "/"}, {o + "/x"}, {o + "?x"}, {"http://user@localhost" + port}, {"http://localhost" + port + "@evil.example"}, {" " + o + " x"},
		{o, "https://evil.example"}, {"file://"},
	}
}

func TestOnlyOurOwnPagesBeginAStream(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	b := s.as("lead")
	list := origins()
	if len(list) < 24 {
		t.Fatalf("%d origins", len(list))
	}
	for i, origin := range list {
		ticket := b.ticket()
		for _, cookie := range []bool{true, false} {
			who := b
			if !cookie {
				who = s.browser(t)
			}
			for _, with := range []bool{true, false} {
				name := fmt.Sprintf("origin %q, cookie %v, ticket %v", origin, cookie, with)
				ws, res, err := who.dial(origin...)
				if i != 0 || !cookie {
					if err == nil {
						ws.Close()
						t.Errorf("%s: let in", name)
						continue
					}
					if want := map[bool]int{true: http.StatusForbidden, false: http.StatusUnauthorized}[i != 0]; res == nil || res.StatusCode != want {
						t.Errorf("%s: %v", name, res)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				k := &socket{t, ws}
				if with {
					k.send(object{"type": "hello", "ticket": ticket})
					k.until("welcome")
				} else {
					k.send(object{"type": "hello", "ticket": strings.Repeat("A", 43)})
					if code := k.closed(); code != 4401 {
						t.Errorf("%s: closed with %d", name, code)
					}
				}
				ws.Close()
			}
		}
	}
}

func TestATicketLetsOneSocketInHoweverManyTry(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	s.register("ciso")
	b, other := s.as("lead"), s.as("ciso")
	ticket := b.ticket()
	// Another session's cookie makes nothing of it.
	ws, _, err := other.dial(door.origin)
	if err != nil {
		t.Fatal(err)
	}
	k := &socket{t, ws}
	k.send(object{"type": "hello", "ticket": ticket})
	if code := k.closed(); code != 4401 {
		t.Errorf("a ticket of another session: closed with %d", code)
	}
	var in, out atomic.Int64
	var wg sync.WaitGroup
	for round := range 14 { // eight at once is what a session may have
		for range 7 {
			wg.Go(func() {
				ws, _, err := b.dial(door.origin)
				if err != nil {
					t.Error(err)
					return
				}
				defer ws.Close()
				ws.WriteJSON(object{"type": "hello", "ticket": ticket})
				var o object
				if ws.ReadJSON(&o) == nil && o["type"] == "welcome" {
					in.Add(1)
				} else {
					out.Add(1)
				}
			})
		}
		wg.Wait()
		if round == 0 && in.Load() != 1 {
			t.Fatalf("%d of 7 came in at first", in.Load())
		}
	}
	if in.Load() != 1 || in.Load()+out.Load() != 98 {
		t.Fatalf("%d came in, %d did not", in.Load(), out.Load())
	}
}

func TestAFirstFrameThatIsNoHelloEndsTheSocket(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	b := s.as("lead")
	for name, frame := range map[string]string{"another frame": `{"type":"subscribe","room":"x","after":null}`, "not JSON": `hello`, "too much": `{"type":"hello","ticket":"` + strings.Repeat("A", 5000) + `"}`,
		"a field twice": `{"type":"hello","ticket":"a","ticket":"b"}`} {
		ws, _, err := b.dial(door.origin)
		if err != nil {
			t.Fatal(err)
		}
		if err := ws.WriteMessage(1, []byte(frame)); err != nil {
			t.Fatal(err)
		}
		if code := (&socket{t, ws}).closed(); code != 4400 && code != 1009 {
			t.Errorf("%s: closed with %d", name, code)
		}
		ws.Close()
	}
	live := b.stream()
	live.send(object{"type": "read", "room": strings.Repeat("a", 26), "seq": 1})
	live.send(object{"type": "subscribe", "room": strings.Repeat("a", 26), "after": nil})
	if o := live.until("error"); o["fault"] != "not_found" {
		t.Errorf("a room that is not there: %v", o)
	}
	live.send(object{"type": "subscribe", "room": "../etc", "after": nil})
	if o := live.until("error"); o["fault"] != "not_found" {
		t.Errorf("a room that cannot be: %v", o)
	}
	live.send(object{"type": "shout"})
	if code := live.closed(); code != 4400 {
		t.Errorf("an unknown frame: closed with %d", code)
	}
	live = b.stream()
	live.ws.WriteMessage(2, []byte(`{"type":"typing"}`))
	if code := live.closed(); code != 4400 {
		t.Errorf("a binary frame: closed with %d", code)
	}
}

func TestASessionHasEightSocketsAndItsEndCutsThem(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	b := s.as("lead")
	var all []*socket
	for range 8 {
		all = append(all, b.stream())
	}
	ws, _, err := b.dial(door.origin)
	if err != nil {
		t.Fatal(err)
	}
	if code := (&socket{t, ws}).closed(); code != 4429 {
		t.Errorf("the ninth: closed with %d", code)
	}
	second := s.as("lead")
	sessions := objects(second.must(200, "GET", "/sessions", nil)["sessions"])
	if len(sessions) != 2 {
		t.Fatalf("sessions: %v", sessions)
	}
	for _, x := range sessions {
		if x["current"] != true {
			second.must(204, "DELETE", "/sessions/"+x["id"].(string), nil)
		}
	}
	for _, k := range all {
		if code := k.closed(); code != 4401 {
			t.Errorf("closed with %d", code)
		}
	}
	b.refused(401, "signed_out", "GET", "/rooms", nil)
	second.must(200, "GET", "/rooms", nil)
	live := second.stream()
	r := second.send("DELETE", "/api/v1/session", nil)
	if r.status != 204 || !strings.Contains(r.header.Get("Set-Cookie"), "Max-Age=0") {
		t.Fatalf("signing out: %d %v", r.status, r.header)
	}
	if code := live.closed(); code != 4401 {
		t.Errorf("closed with %d", code)
	}
}

func TestARequestThatAnotherSiteBeganChangesNothing(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	b := s.as("lead")
	room := b.openRoom("incident", "names")
	for name, h := range map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"},
		"another origin": {"Origin", "https://evil.example"}, "null": {"Origin", "null"}, "a sibling": {"Origin", "http://sub.localhost"},
	} {
		p := b.send("POST", "/api/v1/rooms/"+room+"/messages", object{"text": "x"}, h...)
		if p.status != 403 || p.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, p.status, p.body)
		}
		r := b.send("GET", "/api/v1/rooms", nil, h...)
		for k := range r.header {
			if strings.HasPrefix(k, "Access-Control-") {
				t.Errorf("%s: %s: %s", name, k, r.header.Get(k))
			}
		}
	}
	if o := b.must(200, "GET", "/rooms/"+room+"/entries", nil); o["head"] != 4.0 {
		t.Fatalf("something was stored: %v", o["head"])
	}
}
