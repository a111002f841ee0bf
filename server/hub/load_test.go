package hub

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// crowd attaches n sockets of one guest whose far ends are read and thrown
// away, subscribed and caught up.
func crowd(t testing.TB, s *scene, n int) []*Conn {
	conns := make([]*Conn, n)
	var open sync.WaitGroup
	for i := range conns {
		server, client := socketPair(t)
		c := s.hub.Attach(server, Who{Person: s.ward.Person, Session: "crowd"})
		c.Admit()
		conns[i] = c
		open.Go(func() {
			b := make([]byte, 512)
			for {
				if _, err := server.Read(b); err != nil {
					break
				}
			}
			c.Detach()
		})
		open.Go(func() { io.Copy(io.Discard, client) })
		t.Cleanup(func() { client.Close() })
		c.Subscribe(s.room, nil)
	}
	t.Cleanup(func() { s.hub.Close(); open.Wait() })
	for _, c := range conns {
		for live := false; !live; runtime.Gosched() {
			c.mu.Lock()
			var l *listener
			if len(c.listeners) == 1 {
				l = c.listeners[0]
			}
			c.mu.Unlock()
			if r := l.room.Load(); r != nil {
				r.mu.Lock()
				live = l.live
				r.mu.Unlock()
			}
		}
	}
	return conns
}

// quiet waits until nothing is queued for anybody.
func quiet(conns []*Conn) {
	for _, c := range conns {
		for n := 1; n > 0; runtime.Gosched() {
			c.mu.Lock()
			n = len(c.queue)
			c.mu.Unlock()
		}
	}
}

// BenchmarkFanOut posts to a room that so many listen to over TCP, from 64
// writers, through the journal. An operation is one message; deliveries/s
// counts it once per listener.
func BenchmarkFanOut(b *testing.B) {
	for _, listeners := range []int{50, 200, 1000} {
		b.Run(fmt.Sprint(listeners), func(b *testing.B) {
			h := servertest.NewHouse(b)
			s := &scene{House: h, lead: h.Person("Lena", "DSC"), ward: h.Person("Wanda", "X1N")}
			s.room = h.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
			h.Join(s.room, s.lead, s.ward, incident.Representative, incident.Full)
			s.hub = New(Options{Journal: h.Journal})
			conns := crowd(b, s, listeners)
			quiet(conns)
			frames := s.hub.Stats().Frames
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var writing sync.WaitGroup
			for range 64 {
				writing.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := h.Do(s.room, s.lead, command.PostMessage{Text: "There are 40 machines out of use at the moment."}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			writing.Wait()
			head, err := h.Journal.Room(b.Context(), s.room)
			if err != nil {
				b.Fatal(err)
			}
			r, _ := s.hub.room(b.Context(), s.room)
			r.reached(b.Context(), head.Head)
			quiet(conns)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
			b.ReportMetric(float64(b.N*listeners)/b.Elapsed().Seconds(), "deliveries/s")
			b.ReportMetric(float64(s.hub.Stats().Frames-frames)/float64(b.N), "frames/post")
		})
	}
}

// The sockets and their kernel side apart, as the design counts: at most 20 KiB.
func TestAnIdleConnectionCostsLittle(t *testing.T) {
	h := servertest.NewHouse(t)
	s := &scene{House: h, lead: h.Person("Lena", "DSC"), ward: h.Person("Wanda", "X1N")}
	s.room = h.OpenRoom(s.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(s.room, s.lead, s.ward, incident.Representative, incident.Full)
	s.hub = New(Options{Journal: h.Journal})
	t.Cleanup(s.hub.Close)
	const n = 500
	type pair struct{ server, client *net.TCPConn }
	var pairs []pair
	for range n {
		server, client := socketPair(t)
		pairs = append(pairs, pair{server, client})
	}
	before := inUse()
	var open sync.WaitGroup
	var conns []*Conn
	for _, p := range pairs {
		c := s.hub.Attach(p.server, Who{Person: s.ward.Person, Session: "idle"})
		c.Admit()
		conns = append(conns, c)
		open.Go(func() { // what reading costs: a goroutine and its buffer
			b := make([]byte, 512)
			for {
				if _, err := p.server.Read(b); err != nil {
					break
				}
			}
			c.Detach()
		})
		c.Subscribe(s.room, nil)
	}
	for limit := time.Now().Add(patience); s.hub.Stats().Listeners != n && time.Now().Before(limit); {
		time.Sleep(time.Millisecond)
	}
	if got := s.hub.Stats().Listeners; got != n {
		t.Fatalf("%d of %d listeners are there after %v", got, n, patience)
	}
	quiet(conns)
	var each float64
	for range 50 { // stacks shrink at the second collection, pools empty by then
		if each = float64(inUse()-before) / n; each < 20<<10 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("%.1f KiB for an idle connection that listens to a room", each/1024)
	if s.hub.Stats().Listeners != n {
		t.Fatalf("%d listen", s.hub.Stats().Listeners)
	}
	if each > 20<<10 {
		t.Errorf("%.1f KiB for an idle connection", each/1024)
	}
	for _, p := range pairs {
		p.client.Close()
	}
	open.Wait()
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
