package torture

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wardroom/server/incident"
)

// resident is how many bytes of memory the present life of the server has.
func (s *server) resident() int64 {
	s.mu.Lock()
	cmd := s.cmd
	s.mu.Unlock()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", cmd.Process.Pid))
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(fields[1], 10, 64)
	return n * int64(os.Getpagesize())
}

// abuser is a guest who asks for all that one person can ask for, at once.
type abuser struct {
	v      *visitor
	room   incident.LogID
	cookie string
	asked  atomic.Int64 // requests and frames
	served atomic.Int64 // answers of 200 and 201
}

// sockets opens them as fast as they are given, has each subscribe to the room
// and to hundreds that do not exist, and reads none of it.
func (a *abuser) sockets(ctx context.Context) {
	dialer := &websocket.Dialer{HandshakeTimeout: 5 * time.Second, ReadBufferSize: 256, NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return c, err
	}}
	var open []*websocket.Conn
	defer func() {
		for _, ws := range open {
			ws.Close()
		}
	}()
	for ctx.Err() == nil {
		ws, err := a.v.dialBy(ctx, dialer)
		a.asked.Add(1)
		if err != nil {
			time.Sleep(20 * time.Millisecond) // a refusal costs the abuser something too
			continue
		}
		ws.SetWriteDeadline(time.Now().Add(2 * time.Second))
		for range 3 { // again and again: each begins anew with a snapshot
			_ = ws.WriteJSON(map[string]any{"type": "subscribe", "room": a.room, "after": nil})
			_ = ws.WriteJSON(map[string]any{"type": "subscribe", "room": a.room, "after": 1})
		}
		for range 80 {
			_ = ws.WriteJSON(map[string]any{"type": "subscribe", "room": incident.RandomID(), "after": nil})
		}
		_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"type":"read","room":"`+string(a.room)+`","seq":1}`))
		a.asked.Add(87)
		if open = append(open, ws); len(open) > 64 {
			open[0].Close()
			open = open[1:]
		}
	}
}

// trickles begins requests whose bodies never come to an end.
func (a *abuser) trickles(ctx context.Context, host string) {
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	for ctx.Err() == nil {
		c, err := net.Dial("tcp", host)
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		c.SetWriteDeadline(time.Now().Add(time.Second))
		fmt.Fprintf(c, "POST /api/v1/rooms/%s/messages HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: 65536\r\n\r\n{\"text\":\"%s",
			a.room, host, a.cookie, a.v.s.h.Key(), strings.Repeat("x", 40<<10))
		a.asked.Add(1)
		if open = append(open, c); len(open) > 200 {
			open[0].Close()
			open = open[1:]
		}
	}
}

// requests asks one thing after the other and reads no more of an answer than
// it must.
func (a *abuser) requests(ctx context.Context, method, path string, body func() []byte) {
	for ctx.Err() == nil {
		var in io.Reader
		if body != nil {
			in = bytes.NewReader(body())
		}
		req, err := http.NewRequestWithContext(ctx, method, a.v.s.origin+"/api/v1"+path, in)
		if err != nil {
			return
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", string(a.v.s.h.Key()))
		a.asked.Add(1)
		res, err := a.v.http.Do(req)
		if err != nil {
			continue
		}
		if res.StatusCode < 300 {
			a.served.Add(1)
		}
		_, _ = io.CopyN(io.Discard, res.Body, 512)
		res.Body.Close()
	}
}

// One guest's account asks for everything there is to ask for, as often as it
// can: sockets that read nothing, subscriptions, bodies that never end, bodies
// that are too long or nest without end, pages, searches, tickets, uploads. The
// server keeps to the memory it was given, and the room goes on.
func TestAGuestWhoAsksForEverythingDoesNotFillTheServersMemory(t *testing.T) {
	ceiling := int64(figure(2048, 256)) << 20 // the race detector's own is many times a server's
	s := newServer(t, fmt.Sprintf("WARDROOM_MEMORY=%dM", ceiling>>20), "WARDROOM_PACE=1")
	lead, guest, other := s.register("lead"), s.register("ciso"), s.register("director")
	room := s.h.OpenRoom(lead, incident.ModeIncident, incident.RosterOrganisations)
	s.h.Join(room, lead, guest, incident.Representative, incident.Full)
	s.h.Join(room, lead, other, incident.Representative, incident.Full)
	long := strings.Repeat("There is much to be said of it. ", 400) // nearly what a message may have
	for range 300 {
		s.h.Say(room, lead, long)
	}
	posts, reads := s.signIn("lead"), s.signIn("director")
	a := &abuser{v: s.signIn("ciso"), room: room}
	u, _ := url.Parse(s.origin)
	var cookies []string
	for _, c := range a.v.jar.Cookies(u) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	a.cookie = strings.Join(cookies, "; ")
	quiet := s.resident()

	ctx, stop := context.WithTimeout(t.Context(), time.Duration(times(t, 8))*time.Second)
	defer stop()
	var wg sync.WaitGroup
	in := "/rooms/" + string(room)
	wg.Go(func() { a.sockets(ctx) })
	wg.Go(func() { a.sockets(ctx) })
	wg.Go(func() { a.trickles(ctx, u.Host) })
	for _, r := range []struct {
		method, path string
		body         func() []byte
	}{
		{"GET", in + "/entries?limit=200", nil},
		{"GET", in, nil},
		{"GET", "/search?q=much+said", nil},
		{"GET", in + "/search?q=much+said", nil},
		{"POST", "/stream/ticket", func() []byte { return []byte(`{}`) }},
		{"POST", in + "/messages", func() []byte { return fmt.Appendf(nil, `{"text":%q}`, strings.Repeat("y", 10<<20)) }},
		{"POST", in + "/messages", func() []byte {
			return []byte(strings.Repeat(`{"text":[`, 5000) + strings.Repeat(`]}`, 5000))
		}},
		{"POST", in + "/messages", func() []byte { return fmt.Appendf(nil, `{"text":%q}`, long) }},
		{"POST", in + "/exports", func() []byte { return []byte(`{}`) }},
		{"POST", in + "/uploads", func() []byte { return []byte(`{"name":"a.bin","size":104857600}`) }},
	} {
		for range 4 {
			wg.Go(func() { a.requests(ctx, r.method, r.path, r.body) })
		}
	}
	var most atomic.Int64
	wg.Go(func() {
		for ctx.Err() == nil {
			most.Store(max(most.Load(), s.resident()))
			time.Sleep(20 * time.Millisecond)
		}
	})
	// Meanwhile the room goes on.
	var longest time.Duration
	said, heard := 0, 0
	for ; ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		began := time.Now()
		within, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		seq, _, err := posts.post(within, room, s.h.Key(), long)
		if err != nil {
			t.Errorf("the lead is not answered: %v", err)
		} else {
			said++
			if status, _, err := reads.call(within, "GET", fmt.Sprintf("%s/entries?after=%d&limit=5", in, seq-1), "", nil); err != nil || status != http.StatusOK {
				t.Errorf("another guest cannot read: %d %v", status, err)
			} else {
				heard++
			}
		}
		cancel()
		longest = max(longest, time.Since(began))
	}
	wg.Wait()
	t.Logf("%d requests and frames, %d of them served; %d MiB before, %d at most, of %d; the lead said %d things, %d were read, the longest took %v",
		a.asked.Load(), a.served.Load(), quiet>>20, most.Load()>>20, ceiling>>20, said, heard, longest)
	if most.Load() > ceiling {
		t.Errorf("the server had %d MiB, and may have %d", most.Load()>>20, ceiling>>20)
	}
	if a.asked.Load() < 1000 || a.served.Load() == 0 {
		t.Errorf("%d asked and %d served: that was no abuse", a.asked.Load(), a.served.Load())
	}
	if said < figure(1, 3) || heard != said {
		t.Errorf("the lead said %d things and %d were read", said, heard)
	}
}
