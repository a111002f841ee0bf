package servertest

import (
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// Toxic is what is wrong with a line for a while. Ways are Out, from whoever
// connects, and Back.
type Toxic struct {
	Name    string
	Latency time.Duration // each piece comes later by this
	Jitter  time.Duration // and by up to this
	Rate    int           // bytes a second each way; 0: as they come
	Piece   int           // bytes passed on at once; 0: as they come
	Hold    [2]bool       // nothing arrives that way until it is mended: a half-open line, if it is one
	Refuse  bool          // nobody new is let in
	Reset   bool          // all that are there end by RST
	End     [2]bool       // that way is closed, the other stays open
	After   int64         // with Reset: once a line has carried so many bytes back
}

// The two ways of a line.
const (
	Out = iota
	Back
)

// Toxics are twelve things that go wrong with a line.
var Toxics = []Toxic{
	{Name: "latency", Latency: 60 * time.Millisecond},
	{Name: "jitter", Jitter: 120 * time.Millisecond},
	{Name: "narrow", Rate: 40_000},
	{Name: "shredded", Piece: 7},
	{Name: "partition", Hold: [2]bool{true, true}, Refuse: true},
	{Name: "half-open out", Hold: [2]bool{true, false}},
	{Name: "half-open back", Hold: [2]bool{false, true}},
	{Name: "refused", Refuse: true},
	{Name: "reset", Reset: true},
	{Name: "reset in the middle", Reset: true, After: 900},
	{Name: "closed out", End: [2]bool{true, false}},
	{Name: "closed back", End: [2]bool{false, true}},
}

// Wire is a line that tests spoil: a TCP proxy on this machine.
type Wire struct {
	listener net.Listener
	to       string
	wg       sync.WaitGroup

	mu    sync.Mutex
	toxic Toxic
	moved chan struct{} // closed and replaced when toxic changes
	lines map[*line]struct{}
	over  bool
	met   int // lines that were there as a toxic came, or came while there was one
}

type line struct {
	ends [2]*net.TCPConn // who connected, and where to
	back int64           // bytes carried back; its pump's alone
}

// NewWire lays a line from an address of this machine to another; "" is any
// free one.
func NewWire(t testing.TB, from, to string) *Wire {
	t.Helper()
	if from == "" {
		from = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", from)
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{listener: l, to: to, moved: make(chan struct{}), lines: map[*line]struct{}{}}
	w.wg.Go(w.accept)
	t.Cleanup(w.close)
	return w
}

// Addr is where the line begins.
func (w *Wire) Addr() string { return w.listener.Addr().String() }

func (w *Wire) close() {
	w.Set(Toxic{})
	w.mu.Lock()
	w.over = true
	w.listener.Close()
	for l := range w.lines {
		l.cut()
	}
	w.mu.Unlock()
	w.wg.Wait()
}

// Set spoils the line, or mends it with the zero Toxic: what was held arrives
// then. It returns how many connections the toxic before met.
func (w *Wire) Set(toxic Toxic) (met int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	met = w.met
	w.toxic, w.met = toxic, len(w.lines)
	close(w.moved)
	w.moved = make(chan struct{})
	for l := range w.lines {
		if toxic.Reset && toxic.After == 0 {
			l.reset()
		}
		for way, end := range toxic.End {
			if end {
				l.ends[1-way].CloseWrite()
			}
		}
	}
	return met
}

func (w *Wire) now() (Toxic, chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.toxic, w.moved
}

func (w *Wire) accept() {
	for {
		c, err := w.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		w.wg.Go(func() { w.carry(c.(*net.TCPConn)) })
	}
}

func (w *Wire) carry(c *net.TCPConn) {
	defer c.Close()
	toxic, _ := w.now()
	if toxic.Refuse {
		w.mu.Lock()
		w.met++
		w.mu.Unlock()
		c.SetLinger(0)
		return
	}
	far, err := net.DialTimeout("tcp", w.to, 5*time.Second)
	if err != nil {
		c.SetLinger(0)
		return
	}
	l := &line{ends: [2]*net.TCPConn{c, far.(*net.TCPConn)}}
	defer far.Close()
	w.mu.Lock()
	if w.over {
		w.mu.Unlock()
		return
	}
	w.lines[l] = struct{}{}
	w.met++
	w.mu.Unlock()
	var pumps sync.WaitGroup
	pumps.Go(func() { w.pump(l, Out) })
	pumps.Go(func() { w.pump(l, Back) })
	pumps.Wait()
	w.mu.Lock()
	delete(w.lines, l)
	w.mu.Unlock()
}

// pump carries one way until either end is closed. What it has read arrives
// whole or not at all, and in order.
func (w *Wire) pump(l *line, way int) {
	from, to := l.ends[way], l.ends[1-way]
	defer to.CloseWrite()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		for sent := 0; sent < n; {
			toxic, moved := w.now()
			if toxic.Hold[way] {
				<-moved
				continue
			}
			piece := buffer[sent:n]
			if toxic.Piece > 0 {
				piece = piece[:min(len(piece), toxic.Piece)]
			}
			wait := toxic.Latency
			if toxic.Jitter > 0 {
				wait += rand.N(toxic.Jitter)
			}
			if toxic.Rate > 0 {
				piece = piece[:min(len(piece), 1+toxic.Rate/20)]
				wait += time.Duration(len(piece)) * time.Second / time.Duration(toxic.Rate)
			}
			if wait > 0 {
				select {
				case <-time.After(wait):
				case <-moved: // mended meanwhile
				}
			}
			if way == Back {
				if l.back += int64(len(piece)); toxic.Reset && toxic.After > 0 && l.back > toxic.After {
					l.back = 0
					l.reset()
					return
				}
			}
			if _, err := to.Write(piece); err != nil {
				l.cut()
				return
			}
			sent += len(piece)
		}
		if err != nil {
			return
		}
	}
}

func (l *line) reset() {
	for _, c := range l.ends {
		c.SetLinger(0)
		c.Close()
	}
}

func (l *line) cut() {
	for _, c := range l.ends {
		c.Close()
	}
}
