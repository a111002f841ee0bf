package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wardroom/server/incident"
	"wardroom/server/servertest/remains"
)

// weightVariable is the file that a server of ours writes its weight to
// whenever it is asked by SIGUSR1.
const weightVariable = "TORTURE_WEIGHT"

// weight is what a process holds at a moment when nobody is connected.
type weight struct {
	At      time.Duration // since the soak began
	Entries int           // written in it so far
	remains.Count
	Heap int // bytes that are still reached, after a collection
}

// weigh answers whoever asks, until the process ends.
func weigh(path string, asked <-chan os.Signal) {
	for range asked {
		runtime.GC()
		debug.FreeOSMemory() // a second collection, for what finalisers let go
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b, _ := json.Marshal(weight{Count: remains.Now(), Heap: int(m.HeapAlloc)})
		if os.WriteFile(path+".new", b, 0o600) == nil {
			os.Rename(path+".new", path)
		}
	}
}

// A server whose people come, write, send files and go, for minutes or hours,
// weighs no more at the end than it did: no goroutine, no descriptor and no
// memory is left by any of it.
func TestAServerThatPeopleComeToAndLeaveForHoursGrowsNoHeavier(t *testing.T) {
	if !campaign() {
		t.Skip("SKIPPED: a slope needs minutes, which make torture has; in make test the front door's and the server's own tests count what is left")
	}
	path := filepath.Join(t.TempDir(), "weight")
	redis := startRedis(t)
	s := newServer(t, weightVariable+"="+path, "WARDROOM_REDIS_URL="+redis.URL())
	room, keys, _ := s.theirs()
	var people []*visitor
	for _, k := range keys {
		people = append(people, s.signIn(k))
	}
	long := time.Duration(times(t, 15)) * time.Second
	entries := 0
	began := time.Now()
	ask := func() weight {
		w, err := s.weight(path)
		if err != nil {
			t.Fatal(err)
		}
		w.At, w.Entries = time.Since(began), entries
		return w
	}
	var found []weight
	for n := 0; time.Since(began) < long; n++ {
		if err := visit(t.Context(), people, room, n); err != nil {
			t.Fatalf("round %d: %v\n%s", n, err, tail(s.said()))
		}
		entries += 4
		if n%8 == 7 {
			found = append(found, ask())
		}
	}
	settled := found[len(found)/3:] // what is kept for good is made in the first third
	first, last := settled[0], settled[len(settled)-1]
	t.Logf("%d samples in %v; from %+v to %+v", len(found), long, first, last)
	span := float64(last.At - first.At)
	for what, of := range map[string]struct {
		value func(weight) int
		most  float64 // that it may have grown by in the time looked at
	}{
		"goroutines":  {func(w weight) int { return w.Goroutines }, 3},
		"descriptors": {func(w weight) int { return w.Descriptors }, 3},
		// The newest entries of a room are kept until there are some thousands.
		"bytes": {func(w weight) int { return w.Heap }, 4<<20 + 4096*float64(last.Entries-first.Entries)},
	} {
		if grown := slope(settled, of.value) * span; grown > of.most {
			t.Errorf("it grew by %.0f %s in %v of coming and going, and may by %.0f", grown, what, time.Duration(span), of.most)
		}
	}
}

// visit is a round: twenty streams of two people, half of them on the room;
// four messages, a file sent and a file given up; then everybody goes, some
// with a word and some as a line that breaks.
func visit(ctx context.Context, people []*visitor, room incident.LogID, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var open []*websocket.Conn
	defer func() {
		for i, ws := range open {
			if i%2 == 0 {
				ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
			}
			ws.Close()
		}
	}()
	for i := range 20 {
		ws, err := people[i%len(people)].dial(ctx)
		if err != nil {
			return err
		}
		open = append(open, ws)
		if err := readUntil(ws, "welcome"); err != nil {
			return err
		}
		if i%4 < 2 {
			if err := ws.WriteJSON(map[string]any{"type": "subscribe", "room": room, "after": 0}); err != nil {
				return err
			}
			if err := readUntil(ws, "caught_up"); err != nil {
				return err
			}
		}
	}
	for i := range 4 {
		if _, _, err := people[i%len(people)].post(ctx, room, incident.NewKey(time.Now()), fmt.Sprintf("round %d, %d", n, i)); err != nil {
			return err
		}
	}
	for _, path := range []string{"/rooms", "/rooms/" + string(room) + "/entries"} {
		if status, _, err := people[n%len(people)].call(ctx, "GET", path, "", nil); err != nil || status != http.StatusOK {
			return fmt.Errorf("GET %s: %d %v", path, status, err)
		}
	}
	who := people[n%len(people)]
	status, answer, err := who.call(ctx, "POST", "/rooms/"+string(room)+"/uploads", string(incident.NewKey(time.Now())), map[string]any{"name": "image.bin", "size": 3 << 20})
	if err != nil || status != http.StatusCreated {
		return fmt.Errorf("an upload: %d %s %v", status, answer, err)
	}
	var up struct{ ID string }
	if err := json.Unmarshal(answer, &up); err != nil {
		return err
	}
	if status, answer, err = who.call(ctx, "DELETE", "/rooms/"+string(room)+"/uploads/"+up.ID, string(incident.NewKey(time.Now())), nil); err != nil || status != http.StatusNoContent {
		return fmt.Errorf("an upload given up: %d %s %v", status, answer, err)
	}
	return nil
}

// weight asks the server's process, once what was ended has had a second to go.
func (s *server) weight(path string) (w weight, err error) {
	time.Sleep(time.Second)
	os.Remove(path)
	s.mu.Lock()
	pid := s.cmd.Process.Pid
	s.mu.Unlock()
	if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
		return w, err
	}
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil {
			return w, json.Unmarshal(b, &w)
		}
	}
	return w, fmt.Errorf("the server did not say what it weighs")
}

// slope is the median of the slopes between any two samples (Theil and Sen's),
// in units a nanosecond: a single sample taken at a bad moment moves it little.
func slope(of []weight, value func(weight) int) float64 {
	var all []float64
	for i, a := range of {
		for _, b := range of[i+1:] {
			all = append(all, float64(value(b)-value(a))/float64(b.At-a.At))
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func TestASlopeIsSeenThroughNoise(t *testing.T) {
	for grows, want := range map[int]float64{0: 0, 5: 5} {
		var of []weight
		for i := range 40 {
			w := weight{At: time.Duration(i)}
			w.Goroutines = 100 + grows*i
			if i%7 == 3 {
				w.Goroutines += 1000
			}
			of = append(of, w)
		}
		if got := slope(of, func(w weight) int { return w.Goroutines }); got != want {
			t.Errorf("a slope of %d is taken for one of %v", grows, got)
		}
	}
}
