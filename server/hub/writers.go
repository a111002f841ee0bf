package hub

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// writers is the shared pool that writes to sockets: a line of connections
// with something to send, each at most once, and a few goroutines that take
// from it. A socket that would block is handed to a goroutine of its own, so
// a slow listener holds up nobody.
type writers struct {
	mu          sync.Mutex
	wake        sync.Cond
	first, last *Conn
	closed      bool
	wg          sync.WaitGroup
	metrics     *metrics
}

// together is how many bytes of short frames one system call carries.
const together = 64 << 10

func newWriters(n int, m *metrics) *writers {
	w := &writers{metrics: m}
	w.wake.L = &w.mu
	for range n {
		w.wg.Go(w.work)
	}
	return w
}

// add puts a connection at the end of the line. The caller has seen to it
// that it is not in it.
func (w *writers) add(c *Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.first = c
	} else {
		w.last.next = c
	}
	w.last = c
	w.wake.Signal()
}

func (w *writers) take() *Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.first == nil {
		if w.closed {
			return nil
		}
		w.wake.Wait()
	}
	c := w.first
	w.first, c.next = c.next, nil
	if w.first == nil {
		w.last = nil
	}
	return c
}

func (w *writers) close() {
	w.mu.Lock()
	w.closed = true
	w.wake.Broadcast()
	w.mu.Unlock()
	w.wg.Wait()
}

func (w *writers) work() {
	scratch := make([]byte, 0, together)
	for c := w.take(); c != nil; c = w.take() {
		if c.raw == nil {
			w.wg.Go(func() { w.plain(c) })
			continue
		}
		if c.limited { // a deadline that has passed fails every later write
			c.limited = false
			c.sink.SetWriteDeadline(time.Time{})
		}
		err := errBlocked
		if e := c.raw.Write(func(fd uintptr) bool { _, err = c.write(fd, scratch); return true }); e != nil {
			err = e
		}
		switch {
		case err == nil:
		case errors.Is(err, errBlocked):
			w.metrics.blocked.Add(1)
			w.wg.Go(func() { w.wait(c) })
		default:
			c.abort()
		}
	}
}

// wait writes to a full socket as it empties, until the queue is empty.
func (w *writers) wait(c *Conn) {
	scratch := make([]byte, 0, together)
	for {
		// Every byte taken gives the socket another writeWait.
		c.sink.SetWriteDeadline(time.Now().Add(writeWait))
		c.limited = true
		var err error
		e := c.raw.Write(func(fd uintptr) bool {
			// Tried before it is waited for: a socket that has emptied since
			// does not say so twice.
			var some bool
			some, err = c.write(fd, scratch)
			return some || !errors.Is(err, errBlocked)
		})
		if e != nil {
			err = e
		}
		if errors.Is(err, errBlocked) {
			continue
		}
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				boundStuck.Hit()
			}
			c.abort()
		}
		return
	}
}

// plain writes to a sink that knows only blocking writes: frame by frame.
func (w *writers) plain(c *Conn) {
	for {
		c.mu.Lock()
		if len(c.queue) == 0 {
			c.rest()
			c.mu.Unlock()
			return
		}
		p := c.queue[0].message
		c.held = true
		c.mu.Unlock()
		c.sink.SetWriteDeadline(time.Now().Add(writeWait))
		n, err := c.sink.Write(p)
		if err == nil && n < len(p) {
			err = io.ErrShortWrite
		}
		c.mu.Lock()
		c.held = false
		if c.state == dead {
			c.mu.Unlock()
			return
		}
		if err != nil {
			c.kill(true)
			c.mu.Unlock()
			return
		}
		c.took(n)
		c.mu.Unlock()
	}
}
