package hub

import "sync"

// reaper lets go of ended connections. Connections end under locks of their
// own and of rooms; taking them off other rooms' lists and closing the socket
// must happen outside all of them.
type reaper struct {
	hub  *Hub
	wg   sync.WaitGroup
	mu   sync.Mutex
	wake sync.Cond
	line []*Conn
	done bool
	idle []chan struct{}
}

func newReaper(h *Hub) *reaper {
	r := &reaper{hub: h}
	r.wake.L = &r.mu
	r.wg.Go(r.run)
	return r
}

func (r *reaper) add(c *Conn) {
	r.mu.Lock()
	r.line = append(r.line, c)
	r.wake.Signal()
	r.mu.Unlock()
}

func (r *reaper) run() {
	for {
		r.mu.Lock()
		for len(r.line) == 0 && !r.done {
			r.wake.Wait()
		}
		line, done := r.line, r.done
		r.line = nil
		r.mu.Unlock()
		for _, c := range line {
			r.hub.forget(c)
			c.mu.Lock()
			gone := c.state == dead && !c.closed
			c.closed = c.closed || gone
			c.mu.Unlock()
			if gone {
				c.sink.Close()
				r.ended()
			}
		}
		if done && len(line) == 0 {
			return
		}
	}
}

// ended counts a closed socket and tells those who wait for the last.
func (r *reaper) ended() {
	n := r.hub.open.Add(-1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if n == 0 {
		for _, ch := range r.idle {
			close(ch)
		}
		r.idle = nil
	}
}

// empty returns a channel that is closed once no socket is open.
func (r *reaper) empty() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch := make(chan struct{})
	if r.hub.open.Load() == 0 {
		close(ch)
		return ch
	}
	r.idle = append(r.idle, ch)
	return ch
}

func (r *reaper) close() {
	r.mu.Lock()
	r.done = true
	r.wake.Signal()
	r.mu.Unlock()
	r.wg.Wait()
}
