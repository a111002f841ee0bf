package hub

import (
	"context"
	"sync"
	"time"
)

// A wheel sends the pings of all connections with one timer: a connection
// stands at one of the slots, and each second the next slot's turn has come.
type wheel struct {
	mu    sync.Mutex
	slots [pingEvery]map[*Conn]struct{}
	at    int // the slot whose turn was last; also where the next is added
}

// pingEvery is the seconds between two pings of a connection; one not heard
// of for silence seconds is cut.
const (
	pingEvery = 25
	silence   = 2*pingEvery + 10
)

func newWheel() *wheel {
	w := &wheel{}
	for i := range w.slots {
		w.slots[i] = map[*Conn]struct{}{}
	}
	return w
}

func (w *wheel) add(c *Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.slot = w.at
	w.slots[c.slot][c] = struct{}{}
}

func (w *wheel) remove(c *Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.slots[c.slot], c)
}

func (w *wheel) run(ctx context.Context, h *Hub) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			w.turn(now)
			h.idle(now)
		}
	}
}

var pingFrame = frame(opPing)

// turn pings the connections of the next slot.
func (w *wheel) turn(now time.Time) {
	w.mu.Lock()
	w.at = (w.at + 1) % pingEvery
	due := make([]*Conn, 0, len(w.slots[w.at]))
	for c := range w.slots[w.at] {
		due = append(due, c)
	}
	w.mu.Unlock()
	for _, c := range due {
		quiet := now.Unix() - c.heard.Load()
		if quiet > silence {
			boundSilent.Hit()
			c.abort()
			continue
		}
		c.enqueue(nil, pingFrame)
		if quiet <= pingEvery+5 {
			c.here()
		}
	}
}
