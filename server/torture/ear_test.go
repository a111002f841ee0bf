package torture

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"wardroom/server/hub"
	"wardroom/server/incident"
)

// ear is one person's end of the hub for one room, over all its connections:
// it keeps every frame as it came, and comes back when it is told to.
type ear struct {
	hub     *hub.Hub
	who     incident.Actor
	room    incident.LogID
	channel string
	line    func(*sink) (hub.Sink, func(*hub.Conn)) // what is between the hub and it; nil: nothing

	light bool // it keeps no frame

	mu      sync.Mutex
	conn    *hub.Conn
	sink    *sink    // of conn
	frames  [][]byte // of this room or of none, in order
	at      []incident.Seq
	pos     incident.Seq
	begun   bool
	caught  bool // up to date since the last connection began
	revoked bool
	refused bool
	closed  hub.Code
	lost    bool          // the line broke
	come    chan struct{} // closed and replaced at every frame
}

func listen(h *hub.Hub, who incident.Actor, room incident.LogID, after *incident.Seq) *ear {
	e := &ear{hub: h, who: who, room: room, come: make(chan struct{}), begun: after != nil}
	e.connect(after)
	return e
}

// listenBy is listen over a line of the test's own.
func listenBy(h *hub.Hub, who incident.Actor, room incident.LogID, line func(*sink) (hub.Sink, func(*hub.Conn))) *ear {
	e := &ear{hub: h, who: who, room: room, come: make(chan struct{}), line: line}
	e.connect(nil)
	return e
}

func (e *ear) connect(after *incident.Seq) {
	s := &sink{e: e}
	e.mu.Lock()
	e.sink, e.closed, e.lost, e.caught = s, 0, false, false
	e.mu.Unlock()
	out, attached := hub.Sink(s), func(*hub.Conn) {}
	if e.line != nil {
		out, attached = e.line(s)
	}
	c := e.hub.Attach(out, hub.Who{Person: e.who.Person})
	c.Admit()
	attached(c)
	e.mu.Lock()
	e.conn = c
	e.mu.Unlock()
	c.Subscribe(e.room, after)
}

// resume cuts the line and comes back after the last entry it got.
func (e *ear) resume() {
	e.hang()
	e.mu.Lock()
	after := e.pos
	begun := e.begun
	e.mu.Unlock()
	if begun {
		e.connect(&after)
	} else {
		e.connect(nil)
	}
}

func (e *ear) hang() {
	e.mu.Lock()
	c := e.conn
	e.mu.Unlock()
	c.Detach()
}

// await returns once the ear has been told of the entry, or that it will be
// told no more.
func (e *ear) await(seq incident.Seq) error {
	deadline := time.After(20 * time.Second)
	for {
		e.mu.Lock()
		done := e.revoked || e.refused || e.begun && e.caught && e.pos >= seq
		closed, lost, come, pos := e.closed, e.lost, e.come, e.pos
		e.mu.Unlock()
		switch {
		case done:
			return nil
		case lost || closed == hub.Narrowed || closed == hub.TooSlow:
			e.resume()
			continue
		case closed != 0:
			return fmt.Errorf("%s was closed with %d", e.who.Name, closed)
		}
		select {
		case <-come:
		case <-deadline:
			return fmt.Errorf("%s came to %d and was never told of %d", e.who.Name, pos, seq)
		}
	}
}

// sink is the socket under one connection of an ear.
type sink struct {
	e   *ear
	buf []byte
}

func (s *sink) SetWriteDeadline(time.Time) error { return nil }

// Close without a close frame before it is a line that broke.
func (s *sink) Close() error {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sink == s && e.closed == 0 {
		e.lost = true
		close(e.come)
		e.come = make(chan struct{})
	}
	return nil
}

// Write takes bytes of a WebSocket: frames from a server are not masked
// (RFC 6455, section 5.2). A write that was under way when the ear came back by
// another connection goes nowhere: nobody reads this one any more.
func (s *sink) Write(b []byte) (int, error) {
	e := s.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.sink != s {
		return len(b), nil
	}
	s.buf = append(s.buf, b...)
	for {
		op, payload, rest := splitFrame(s.buf)
		if rest == nil {
			return len(b), nil
		}
		s.buf = rest
		switch op {
		case 1:
			e.take(append([]byte{}, payload...))
		case 8:
			e.closed = hub.Code(binary.BigEndian.Uint16(payload))
		}
		close(e.come)
		e.come = make(chan struct{})
	}
}

func splitFrame(b []byte) (op byte, payload, rest []byte) {
	if len(b) < 2 {
		return 0, nil, nil
	}
	n, head := uint64(b[1]), 2
	switch {
	case n == 126 && len(b) >= 4:
		n, head = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case n == 127 && len(b) >= 10:
		n, head = binary.BigEndian.Uint64(b[2:]), 10
	case n >= 126:
		return 0, nil, nil
	}
	if uint64(len(b)-head) < n {
		return 0, nil, nil
	}
	end := head + int(n)
	return b[0] & 15, b[head:end:end], b[end:]
}

func (e *ear) take(raw []byte) {
	var f struct {
		Type   string
		Seq    incident.Seq
		Events []struct{ Seq incident.Seq }
	}
	json.Unmarshal(raw, &f)
	switch f.Type {
	case "snapshot":
		e.pos, e.begun = f.Seq, true
	case "events":
		if n := len(f.Events); n > 0 {
			e.pos = f.Events[n-1].Seq
		}
	case "caught_up":
		e.caught = true
	case "revoked":
		e.revoked = true
	case "error":
		e.refused = true
	}
	if !e.light {
		e.frames, e.at = append(e.frames, raw), append(e.at, e.pos)
	}
}

// heard returns what came, each with the position it brought the ear to.
func (e *ear) heard() (frames [][]byte, at []incident.Seq) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.frames, e.at
}
