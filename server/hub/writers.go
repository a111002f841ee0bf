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
	mu      sync.Mutex
	wake    sync.Cond
	line    line
	closed  bool
	n       int // how many goroutines
	wg      sync.WaitGroup
	metrics *metrics
}

// together is how many bytes of short frames one system call carries.
const together = 64 << 10

func newWriters(n int, m *metrics) *writers {
	w := &writers{metrics: m, n: n}
	w.wake.L = &w.mu
	for range n {
		w.wg.Go(w.work)
	}
	return w
}

// A line is connections one after the other, each in one line at a time.
type line struct {
	first, last *Conn
	n           int
}

func (l *line) push(c *Conn) {
	if l.first == nil {
		l.first = c
	} else {
		l.last.next = c
	}
	l.last = c
	l.n++
}

func (l *line) shift() *Conn {
	c := l.first
	l.first, c.next = c.next, nil
	if l.n--; l.n == 0 {
		l.last = nil
	}
	return c
}

// some is how many connections are put in the writers' line together, or taken
// out of it: so the line's lock is no matter, and nobody waits long for others.
const some = 16

// add puts connections at the end of the line. The caller has seen to it that
// they are not in it.
func (w *writers) add(more line) {
	if more.n == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.line.first == nil {
		w.line.first = more.first
	} else {
		w.line.last.next = more.first
	}
	w.line.last = more.last
	w.line.n += more.n
	if more.n > 1 {
		w.wake.Broadcast()
	} else {
		w.wake.Signal()
	}
}

// take takes some off the head of the line, leaving the others their share. The
// first is nil once the pool is closed.
func (w *writers) take() (part line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.line.first == nil {
		if w.closed {
			return line{}
		}
		w.wake.Wait()
	}
	for range min(some, (w.line.n+w.n-1)/w.n) {
		part.push(w.line.shift())
	}
	return part
}

func (w *writers) close() {
	w.mu.Lock()
	w.closed = true
	w.wake.Broadcast()
	w.mu.Unlock()
	w.wg.Wait()
}

func (w *writers) work() {
	var (
		scratch = make([]byte, 0, together)
		c       *Conn
		err     error
	)
	write := func(fd uintptr) bool { _, err = c.write(fd, scratch); return true }
	for part := w.take(); part.n > 0; part = w.take() {
		for part.n > 0 {
			c = part.shift() // before it is written to: then it may be in the line again
			if c.raw == nil {
				w.alone(w.plain, c)
				continue
			}
			if c.limited { // a deadline that has passed fails every later write
				c.limited = false
				c.sink.SetWriteDeadline(time.Time{})
			}
			err = errBlocked
			if e := c.raw.Write(write); e != nil {
				err = e
			}
			switch {
			case err == nil:
			case errors.Is(err, errBlocked):
				w.metrics.blocked.Add(1)
				w.alone(w.wait, c)
			default:
				c.abort()
			}
		}
	}
}

// alone writes to a connection without holding up the others.
func (w *writers) alone(write func(*Conn), c *Conn) { w.wg.Go(func() { write(c) }) }

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
