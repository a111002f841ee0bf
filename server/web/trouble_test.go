package web_test

import (
	"context"
	"encoding/json"
	"math"
	"slices"
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

// Welch's t over what is missing against what is forbidden. The slowest tenth
// is noise of the machine; a query more or less would show in every round.
func TestMissingAndForbiddenTakeTheSameTime(t *testing.T) {
	c := newCast(t)
	b := c.browsers["stranger"]
	var worst float64
	for range 4 {
		var times [2][]float64
		for i := range 800 {
			room := []string{incident.RandomID(), c.room}[i%2]
			began := time.Now()
			if r := b.send("GET", "/api/v1/rooms/"+room+"/entries", nil); r.status != 404 {
				t.Fatalf("%d", r.status)
			}
			times[i%2] = append(times[i%2], time.Since(began).Seconds())
		}
		worst = welch(times[0], times[1])
		if math.Abs(worst) < 4.5 {
			t.Logf("t = %.2f", worst)
			return
		}
	}
	t.Fatalf("missing and forbidden rooms can be told apart by time: t = %.1f", worst)
}

func welch(a, b []float64) float64 {
	mean := func(x []float64) (m, v, n float64) {
		slices.Sort(x)
		x = x[:len(x)*9/10]
		for _, y := range x {
			m += y
		}
		n = float64(len(x))
		m /= n
		for _, y := range x {
			v += (y - m) * (y - m)
		}
		return m, v / (n - 1), n
	}
	ma, va, na := mean(a)
	mb, vb, nb := mean(b)
	return (ma - mb) / math.Sqrt(va/na+vb/nb)
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
