package web_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardroom/server/incident"
)

func TestWhatBreaksInsideTellsNothingOutside(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	s.server.Search = nil // a handler that panics
	r := lead.send("POST", "/api/v1/rooms/"+room+"/search", object{"text": "canary-search"})
	var p struct{ Fault, Detail string }
	json.Unmarshal(r.body, &p)
	if r.status != 500 || p.Fault != "internal" || !strings.Contains(p.Detail, "Reference: ") || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("a panic: %d %s", r.status, r.body)
	}
	reference := strings.TrimSuffix(p.Detail[strings.Index(p.Detail, "Reference: ")+len("Reference: "):], ".")
	if log := s.log.String(); !strings.Contains(log, reference) || strings.Contains(log, "canary") {
		t.Error("the log does not hold the reference, or holds what was looked for")
	}
	for _, secret := range []string{"nil pointer", "goroutine", ".go:", "canary"} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("the answer holds %q", secret)
		}
	}
	lead.say(room, "the process goes on")
}

func TestWithoutItsDatabaseTheDoorStaysShutAndSaysSo(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	lead := s.as("lead")
	room := lead.openRoom("incident", "names")
	admin := s.DB.Cluster.SuperuserURL("postgres")
	refuse(t, admin, s.DB.Name, false)
	for _, path := range []string{"/rooms", "/rooms/" + room, "/session", "/rooms/" + room + "/entries"} {
		r := lead.send("GET", "/api/v1"+path, nil)
		if r.status != 503 || r.header.Get("Retry-After") == "" || strings.Contains(string(r.body), "postgres") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
	if r := lead.send("GET", "/healthz", nil); r.status != 200 {
		t.Errorf("the process is alive: %d", r.status)
	}
	refuse(t, admin, s.DB.Name, true)
	lead.must(200, "GET", "/rooms/"+room, nil)
}

func TestReadinessSaysNoMoreThanYesOrNo(t *testing.T) {
	s := newStack(t, plenty)
	b := s.browser(t)
	if r := b.send("GET", "/readyz", nil); r.status != 200 || string(r.body) != "ready\n" {
		t.Errorf("ready: %d %s", r.status, r.body)
	}
}

func TestASocketThatSaysNothingIsLetGo(t *testing.T) {
	s := newStack(t, plenty)
	s.register("lead")
	b := s.as("lead")
	began := time.Now()
	ws, _, err := b.dial(door.origin)
	if err != nil {
		t.Fatal(err)
	}
	if code := (&socket{t, ws}).closed(); code != 4400 || time.Since(began) > 10*time.Second {
		t.Errorf("closed with %d after %v", code, time.Since(began))
	}
}

// What is missing and what is forbidden must cost the same, or a clock tells
// them apart: the same statements, in the same order, and none that names the
// room.
func TestMissingAndForbiddenAreTheSameWork(t *testing.T) {
	s := newStack(t, plenty)
	work := &statements{}
	s.onPool(work)
	s.register("lead")
	lead, stranger := s.as("lead"), s.as("outsider")
	s.register("ciso")
	ciso := s.as("ciso")
	room := lead.openRoom("incident", "names")
	lead.say(room, "so that it is in memory")
	for who, b := range map[string]*browser{"unregistered": stranger, "registered": ciso} {
		b.send("GET", "/api/v1/rooms/"+incident.RandomID(), nil) // what is done once in a while is done
		for _, rest := range []string{"", "/entries", "/entries/4", "/draft-key", "/entries/4/opens"} {
			took := map[string]string{}
			for range 5 { // what is done once in a while may fall due between the two; a difference that there is stays
				for what, id := range map[string]string{"forbidden": room, "missing": incident.RandomID()} {
					work.take()
					b.refused(404, "not_found", "GET", "/rooms/"+id+rest, nil)
					took[what] = work.take()
					if strings.Contains(took[what], id) {
						t.Errorf("%s, GET %s: the %s room is asked for", who, rest, what)
					}
				}
				if took["forbidden"] == took["missing"] {
					break
				}
			}
			if took["forbidden"] != took["missing"] || took["missing"] == "" {
				t.Errorf("%s, GET %s: forbidden takes\n%s\nmissing takes\n%s", who, rest, took["forbidden"], took["missing"])
			}
		}
	}
}

// refuse shuts a database to everyone, or opens it again.
func refuse(t *testing.T, url, name string, allow bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := allowConnections(ctx, url, name, allow); err != nil {
		t.Fatal(err)
	}
}
