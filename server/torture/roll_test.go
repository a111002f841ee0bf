package torture

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// theirs are two people in a room of the server's, with browsers of their own.
func (s *server) theirs() (room incident.LogID, keys []string, people map[string]incident.Actor) {
	keys, people = []string{"lead", "ciso"}, map[string]incident.Actor{}
	for _, k := range keys {
		people[k] = s.register(k)
	}
	room = s.h.OpenRoom(people["lead"], incident.ModeIncident, incident.RosterOrganisations)
	s.h.Join(room, people["lead"], people["ciso"], incident.Representative, incident.FromJoin)
	return room, keys, people
}

// One node after the other is renewed under writers and readers who come over
// to the other as the web app does. Nothing is lost, doubled or out of order,
// and nobody is away for long.
func TestRollingDeploysLoseNothing(t *testing.T) {
	f := newFleet(t)
	room, keys, people := f.theirs()
	at, err := f.h.Journal.Room(t.Context(), room)
	if err != nil {
		t.Fatal(err)
	}
	c := servertest.NewChecker()
	c.From = uint64(at.Head) + 1
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
	defer cancel()
	reading, hush := context.WithCancel(ctx)
	defer hush()
	stop, answered := make(chan struct{}), make(chan struct{}, 1)
	var writers, readers sync.WaitGroup
	var list []*reader
	for i, k := range append(append([]string{}, keys...), keys...) {
		v := f.signIn(k)
		r := &reader{v: v, room: room, polite: true, came: make(chan struct{}, 1), stream: c.Stream(fmt.Sprintf("%s %d", k, i), string(people[k].Person), uint64(at.Head))}
		r.last.Store(-1)
		list = append(list, r)
		readers.Go(func() { r.run(reading) })
		writers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond): // a fast writer's pace
				}
				key := f.h.Key()
				if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
					return v.post(ctx, room, key, fmt.Sprintf("writer %d, %d", i, n))
				}); err != nil {
					t.Errorf("refused: %v", err)
					return
				}
				select {
				case answered <- struct{}{}:
				default:
				}
			}
		})
	}
	rolls := times(t, 4)
	var left []time.Duration
	for n := range rolls {
		for range 2 {
			select {
			case <-answered:
			case <-ctx.Done():
				t.Fatal("nothing is answered any more")
			}
		}
		left = append(left, f.nodes[n%2].leave())
		f.nodes[n%2].start()
	}
	close(stop)
	writers.Wait()
	key := f.h.Key()
	var last incident.Seq
	if err := c.Persist(ctx, key, func(ctx context.Context) (incident.Seq, int, error) {
		seq, n, err := list[0].v.post(ctx, room, key, "the last word")
		last = seq
		return seq, n, err
	}); err != nil {
		t.Fatal(err)
	}
	var back []time.Duration
	for _, r := range list {
		if err := r.wait(ctx, last); err != nil {
			t.Errorf("%s: %v", r.stream.Name, err)
		}
		r.stream.ToEnd = true
	}
	hush()
	readers.Wait()
	for _, r := range list {
		back = append(back, r.away...)
	}
	if found := c.Judge(f.h.Truth(room)); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	f.h.CheckLog(room)
	if len(back) < rolls {
		t.Errorf("the readers came back %d times in %d rolls: nobody was sent away", len(back), rolls)
	}
	slices.Sort(back)
	slices.Sort(left)
	p := func(of []time.Duration, part float64) time.Duration { return of[int(part*float64(len(of)-1))] }
	t.Logf("%d rolls, %d entries; back after %v (median) and %v (99 of 100), %d times; a node left within %v", rolls, last, p(back, .5), p(back, .99), len(back), p(left, 1))
	if p(back, .99) > 20*time.Second || p(left, 1) > 20*time.Second { // what a crowded machine makes of two seconds and of five
		t.Errorf("away for %v, leaving for %v", p(back, .99), p(left, 1))
	}
	for n := range f.served {
		if f.served[n].Load() == 0 {
			t.Errorf("node %d served nothing", n)
		}
	}
}

// Whatever takes several requests is begun at one node and ended at the other:
// signing in, a stream's ticket, an upload in chunks, a download, a read
// marker, signing out.
func TestNothingSticksToANode(t *testing.T) {
	f := newFleet(t)
	room, _, _ := f.theirs()
	lead, ciso := f.signIn("lead"), f.signIn("ciso")
	ctx := t.Context()
	content := make([]byte, 3<<20+17)
	rand.Read(content)
	call := func(v *visitor, method, path string, body any, want int) []byte {
		t.Helper()
		status, answer, err := v.call(ctx, method, path, string(f.h.Key()), body)
		if err != nil || status != want {
			t.Fatalf("%s %s: %d %v %s", method, path, status, err, answer)
		}
		return answer
	}
	var up struct {
		ID     string
		Chunk  int
		Whole  bool
		SHA256 string
	}
	json.Unmarshal(call(lead, "POST", "/rooms/"+string(room)+"/uploads", map[string]any{"name": "image.bin", "size": len(content)}, http.StatusCreated), &up)
	for n := 0; n*up.Chunk < len(content); n++ {
		req, _ := http.NewRequestWithContext(ctx, "PUT", fmt.Sprintf("%s/api/v1/rooms/%s/uploads/%s/chunks/%d", f.origin, room, up.ID, n), nil)
		req.Header.Set("Content-Type", "application/octet-stream")
		part := content[n*up.Chunk : min(len(content), (n+1)*up.Chunk)]
		status, answer := sendRaw(t, lead, req, part)
		if status != http.StatusOK {
			t.Fatalf("chunk %d: %d %s", n, status, answer)
		}
		json.Unmarshal(answer, &up)
	}
	sum := sha256.Sum256(content)
	if !up.Whole || up.SHA256 != hex.EncodeToString(sum[:]) {
		t.Fatalf("the upload is %+v", up)
	}
	var posted struct{ Seq incident.Seq }
	json.Unmarshal(call(lead, "POST", "/rooms/"+string(room)+"/messages", map[string]any{"text": "see the image", "attachments": []string{up.ID}}, http.StatusCreated), &posted)
	for range 2 { // from each node
		req, _ := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/api/v1/rooms/%s/entries/%d/files/1", f.origin, room, posted.Seq), nil)
		req.Header.Set("Sec-Fetch-Dest", "document")
		req.Header.Set("Sec-Fetch-Mode", "navigate")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		status, got := sendRaw(t, ciso, req, nil)
		if status != http.StatusOK || sha256.Sum256(got) != sum {
			t.Fatalf("the file comes as %d, %d bytes", status, len(got))
		}
	}
	// A read marker set over a socket of one node is known at both.
	ws, err := ciso.dial(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	ws.WriteJSON(map[string]any{"type": "subscribe", "room": room, "after": nil})
	if err := readUntil(ws, "caught_up"); err != nil {
		t.Fatal(err)
	}
	unread := func() int {
		var list struct {
			Rooms []struct {
				Room   incident.LogID
				ID     incident.LogID
				Unread int
			}
		}
		json.Unmarshal(call(ciso, "GET", "/rooms", nil, http.StatusOK), &list)
		for _, r := range list.Rooms {
			if r.Room == room || r.ID == room {
				return r.Unread
			}
		}
		t.Fatalf("the room is not in the list")
		return 0
	}
	if unread() == 0 || unread() == 0 {
		t.Error("nothing is unread before it is read")
	}
	ws.WriteJSON(map[string]any{"type": "read", "room": room, "seq": posted.Seq})
	within(t, "the read marker at both nodes", func() bool { return unread() == 0 && unread() == 0 })
	// Signing out at either node ends the socket, whichever holds it.
	if status, answer, err := ciso.call(ctx, "DELETE", "/session", string(f.h.Key()), nil); err != nil || status/100 != 2 {
		t.Fatalf("signing out: %d %v %s", status, err, answer)
	}
	began := time.Now()
	ws.SetReadDeadline(time.Now().Add(30 * time.Second))
	for err = nil; err == nil; {
		_, _, err = ws.ReadMessage()
	}
	t.Logf("the socket ended %v after signing out: %v", time.Since(began), err)
	if errors.Is(err, io.ErrUnexpectedEOF) || time.Since(began) > 20*time.Second {
		t.Errorf("the socket ended with %v", err)
	}
	for range 4 {
		if status, _, err := ciso.call(ctx, "GET", "/rooms", "", nil); err != nil || status != http.StatusUnauthorized {
			t.Errorf("after signing out: %d %v", status, err)
		}
	}
	for n := range f.served {
		if f.served[n].Load() < 5 {
			t.Errorf("node %d served %d", n, f.served[n].Load())
		}
	}
}
