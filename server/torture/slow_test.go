package torture

import (
	"fmt"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardroom/server/hub"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// tcpLine is a TCP connection between the hub and an ear. While slow is true the
// ear reads a byte a second of it, and the kernel holds little.
func tcpLine(t *testing.T, slow *atomic.Bool) func(*sink) (hub.Sink, func(*hub.Conn)) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return func(s *sink) (hub.Sink, func(*hub.Conn)) {
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Error(err)
			return s, func(*hub.Conn) {}
		}
		client.(*net.TCPConn).SetReadBuffer(32 << 10)
		server, err := l.Accept()
		if err != nil {
			t.Error(err)
			return s, func(*hub.Conn) {}
		}
		go func() {
			defer client.Close()
			defer s.Close()
			for b := make([]byte, 64<<10); ; {
				part := b
				if slow.Load() {
					part = b[:1]
					time.Sleep(time.Second) // what this is about: a byte a second
				}
				n, err := client.Read(part)
				if n > 0 {
					s.Write(part[:n])
				}
				if err != nil {
					return
				}
			}
		}()
		return server.(*net.TCPConn), func(c *hub.Conn) {
			go func() {
				for b := make([]byte, 512); ; {
					if _, err := server.Read(b); err != nil {
						break
					}
				}
				c.Detach()
			}()
		}
	}
}

// One listener in ten reads a byte a second while much is said. They are cut,
// and resume when they can read again, without a gap; nobody else waits for
// them, and they hold no more memory than their queues may.
func TestSlowListenersAreCutAndHoldUpNobody(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	room := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(room, lead, sam, incident.Representative, incident.Full)
	queue := 128 << 10
	if campaign() {
		queue = 1 << 20
	}
	at := hub.New(hub.Options{Journal: h.Journal, QueueBytes: queue})
	defer at.Close()
	n := times(t, 50)
	var slow atomic.Bool
	ears := make([]*ear, n)
	head := h.Say(room, lead, "before")
	for i := range ears {
		pace := new(atomic.Bool)
		if i%10 == 0 {
			pace = &slow
		}
		ears[i] = listenBy(at, []incident.Actor{lead, sam}[i%2], room, tcpLine(t, pace))
		ears[i].mu.Lock()
		ears[i].light = i%10 > 1 // what those heard is not judged, only that they heard it
		ears[i].mu.Unlock()
	}
	arrive(t, ears, head)
	var fast, lame []*ear
	for i, e := range ears {
		if i%10 == 0 {
			lame = append(lame, e)
		} else {
			fast = append(fast, e)
		}
	}
	text := strings.Repeat("Much is said. ", 1000)
	talk := func(entries int) (p99 time.Duration) {
		var took []time.Duration
		for i := range entries {
			began := time.Now()
			head = h.Say(room, lead, fmt.Sprint(i, text))
			arrive(t, fast, head)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[len(took)*99/100]
	}
	alone := talk(20)
	before := memory()
	slow.Store(true)
	beside := talk(40 + queue/(14<<10)) // more than a queue and the kernel hold
	for limit := time.Now().Add(20 * time.Second); at.Stats().TooSlow+at.Stats().Cut < uint64(len(lame)) && time.Now().Before(limit); {
		time.Sleep(10 * time.Millisecond)
	}
	grown := memory() - before
	t.Logf("%d listeners, %d of them slow: others' p99 was %v and is %v; %d KiB more in use; %d were cut", n, len(lame), alone, beside, grown>>10, at.Stats().TooSlow)
	if got := at.Stats(); got.TooSlow+got.Cut < uint64(len(lame)) { // cut without a word: it took no byte for long
		t.Errorf("%d were cut for being slow, %d were", got.TooSlow+got.Cut, len(lame))
	}
	if bound := int64(64<<20 + 2*len(lame)*queue); grown > bound {
		t.Errorf("%d slow listeners hold %d MiB", len(lame), grown>>20)
	}
	if beside > 2*alone && beside > 5*time.Second {
		t.Errorf("the others' p99 was %v and is %v beside slow ones", alone, beside)
	}
	slow.Store(false)
	arrive(t, ears, head)
	truth := h.Truth(room)
	c := servertest.NewChecker()
	c.From = truth.Size
	for i, e := range ears {
		if e.light {
			continue
		}
		s := c.Stream(fmt.Sprintf("%s %d", e.who.Name, i), string(e.who.Person), 0)
		s.ToEnd = true
		frames, _ := e.heard()
		for _, f := range frames {
			s.Frame(f, 0)
		}
	}
	if found := c.Judge(truth); len(found) > 0 {
		t.Error(servertest.Describe(found))
	}
	for _, e := range ears {
		e.hang()
	}
}

// memory is what this process has in use.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
