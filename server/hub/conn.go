package hub

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"wardroom/server/incident"
)

// Code is a WebSocket close code: the small table that says to the client
// "come back" or "do not".
type Code uint16

const (
	GoAway    Code = 4000 // the node is leaving: come back after the wait it named
	Protocol  Code = 4400 // what the client sent makes no sense: do not come back
	SignedOut Code = 4401 // the session has ended: sign in first
	TooSlow   Code = 4408 // the queue was full: come back and resume
	Narrowed  Code = 4409 // what was under way may no longer be seen: come back and resume
	TooMany   Code = 4429 // too many connections: come back later
)

// Sink is the writing half of one WebSocket: the net.Conn under it. Nothing
// else may write to it once it is attached. One that is a syscall.Conn too
// (any TCP or Unix socket) is written without blocking by the shared writers;
// any other gets a goroutine whenever there is something to write.
type Sink interface {
	Write([]byte) (int, error)
	SetWriteDeadline(time.Time) error
	Close() error
}

// Who a connection belongs to, as its handshake proved, and then its ticket.
type Who struct {
	Person  incident.PersonID
	Session string // the session's public id
}

const (
	closeWait  = time.Second     // what a close frame is given to be answered, then the socket is reset
	endWait    = 5 * time.Second // what the frames before a close frame are given
	sendBuffer = 128 << 10       // bytes the kernel may hold for a socket: they cannot be recalled
	maxRooms   = 64              // subscriptions of one connection
)

// writeWait is how long a socket may take no byte before it counts as dead.
var writeWait = 15 * time.Second

// Conn is one attached WebSocket. Its methods are safe for concurrent use.
type Conn struct {
	hub  *Hub
	id   uint64 // its name on the presence board
	who  Who
	sink Sink
	raw  syscall.RawConn // nil if the sink cannot be written without blocking

	joins sync.Mutex // one catching-up at a time

	admitted atomic.Bool

	heard atomic.Int64 // Unix seconds when the client last sent anything
	next  *Conn        // in a line for the writers; owned by it
	slot  int          // of the wheel; owned by it

	mu        sync.Mutex
	queue     []outgoing
	first     [1]outgoing // where a queue begins: most are never longer
	sent      int         // bytes of queue[0] the socket has taken
	held      bool        // queue[0] is being written outside the lock
	limited   bool        // the socket has a write deadline; owned by whoever the connection is scheduled with
	bytes     int         // queued, not yet taken by the socket
	scheduled bool        // in the writers' line, being written, or waited for
	state     connState
	reason    Code          // why it is ending
	closed    bool          // the reaper has closed the socket
	drained   chan struct{} // closed when the queue gets short; nil if nobody waits
	listeners []*listener
	given     []given // what the socket has taken, not yet handed to the journal
}

type connState uint8

const (
	live connState = iota
	ending
	dead
)

// outgoing is a frame in a queue, and the room it tells about; nil for none.
type outgoing struct {
	message
	room    *room
	member  incident.MemberNo // to whom, and
	telling *telling          // what is told once this frame has gone out; nil for nothing
}

// Heard notes that the client sent something: a frame or a pong. A client
// not heard of for two rounds of pings is cut.
func (c *Conn) Heard() { c.heard.Store(time.Now().Unix()) }

// Admit says that the socket's ticket was good.
func (c *Conn) Admit() { c.admitted.Store(true) }

// Who returns whose connection it is.
func (c *Conn) Who() Who { return c.who }

// Send queues a text frame of JSON.
func (c *Conn) Send(json []byte) { c.enqueue(nil, frame(opText, json)) }

// Refuse queues an error frame; room is "" for what is about no room.
func (c *Conn) Refuse(room incident.LogID, err error) { c.enqueue(nil, errorFrame(room, err)) }

// Pong answers a client's ping.
func (c *Conn) Pong(data []byte) { c.enqueue(nil, frame(opPong, data[:min(len(data), 125)])) }

// Close sends what is queued, then the close frame, then ends the socket.
// Only the first close of a connection counts.
func (c *Conn) Close(code Code, reason string) { c.end(code, reason, true) }

// Ending reports whether the connection is being ended from this side: a close
// frame of the client's is then the answer to ours, and nothing more is to
// come from either.
func (c *Conn) Ending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != live
}

// Detach lets go of the socket, whose reader has ended. The goroutine that
// reads calls it last.
func (c *Conn) Detach() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill(false)
}

// cut drops what is queued and sends the close frame at once.
func (c *Conn) cut(code Code, reason string) { c.end(code, reason, false) }

func (c *Conn) end(code Code, reason string, polite bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(code, reason, polite)
}

func (c *Conn) endLocked(code Code, reason string, polite bool) {
	if c.state == ending && !polite && c.reason != code {
		c.kill(true) // it was to end after what is queued, which now may not go out
	}
	if c.state != live {
		return
	}
	c.state, c.reason = ending, code
	c.hub.metrics.ended(code)
	if !polite {
		// A frame that the socket has begun to take must be finished before
		// the close frame; everything else goes.
		keep := 0
		if c.sent > 0 || c.held {
			keep = 1
		}
		c.truncate(keep)
	}
	c.push(outgoing{message: closing(code, reason)})
	wait := endWait
	if code == Narrowed || code == SignedOut {
		wait = closeWait
	}
	time.AfterFunc(wait, c.abort)
	c.relieve()
	c.hub.reaper.add(c)
}

// revoke drops what is queued about a room, whole frames of it, and queues
// the frame that says so. If the socket has taken part of such a frame the
// connection is reset, since the rest may not follow.
func (c *Conn) revoke(r *room, then message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == dead {
		return
	}
	if c.begun(r) {
		c.kill(true)
		return
	}
	kept := c.queue[:0]
	for _, o := range c.queue {
		if o.room == r {
			c.bytes -= len(o.message)
			continue
		}
		kept = append(kept, o)
	}
	clear(c.queue[len(kept):])
	c.queue = kept
	if c.state == live {
		c.push(outgoing{message: then})
	}
}

// recall ends the connection if anything about the room is still unsent, and
// reports whether it was so.
func (c *Conn) recall(r *room) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == dead {
		return true
	}
	if c.begun(r) {
		c.kill(true)
		return true
	}
	for _, o := range c.queue {
		if o.room == r {
			c.endLocked(Narrowed, "come back", false)
			return true
		}
	}
	return c.state != live
}

// begun reports whether the socket has taken part of a frame about the room.
func (c *Conn) begun(r *room) bool {
	return (c.sent > 0 || c.held) && len(c.queue) > 0 && c.queue[0].room == r
}

// enqueue puts the frames in the queue, all or none. It never blocks. A queue
// that was full before them ends the connection.
func (c *Conn) enqueue(r *room, frames ...message) { c.tell(r, 0, nil, frames...) }

// tell is enqueue of frames that bring the member entries of the room.
func (c *Conn) tell(r *room, member incident.MemberNo, what *telling, frames ...message) {
	if c.tellIn(r, member, what, frames) {
		c.hub.writers.add(line{c, c, 1})
	}
}

// tellIn is tell for whoever puts the connection in the writers' line: it
// reports whether it is to be put there.
func (c *Conn) tellIn(r *room, member incident.MemberNo, what *telling, frames []message) (schedule bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != live || len(frames) == 0 {
		return false
	}
	if c.behind() >= c.hub.opt.QueueBytes || len(c.queue) >= c.hub.opt.QueueFrames {
		boundQueue.Hit()
		c.endLocked(TooSlow, "too slow", false)
		return false
	}
	for i, f := range frames {
		o := outgoing{message: f, room: r}
		if i == len(frames)-1 {
			o.member, o.telling = member, what
		}
		c.put(o)
	}
	schedule, c.scheduled = !c.scheduled, true
	return schedule
}

// behind is how many bytes wait behind the frame that the socket is taking. That
// one may be longer than a whole queue: the snapshot of a room of thousands.
func (c *Conn) behind() int {
	if len(c.queue) == 0 {
		return 0
	}
	return c.bytes - (len(c.queue[0].message) - c.sent)
}

func (c *Conn) push(o outgoing) {
	c.put(o)
	if !c.scheduled {
		c.scheduled = true
		c.hub.writers.add(line{c, c, 1})
	}
}

func (c *Conn) put(o outgoing) {
	if c.queue == nil {
		c.queue = c.first[:0]
	}
	was := c.queue
	c.queue = append(was, o)
	if cap(c.queue) != cap(was) {
		clear(was) // it is elsewhere now: nothing is to be held from here
	}
	c.bytes += len(o.message)
}

func (c *Conn) truncate(keep int) {
	for _, o := range c.queue[min(keep, len(c.queue)):] {
		c.bytes -= len(o.message)
	}
	clear(c.queue[min(keep, len(c.queue)):])
	c.queue = c.queue[:min(keep, len(c.queue))]
}

// short is closed once the queue is less than half full, or the connection
// has ended: what a long catching-up waits for between two parts.
func (c *Conn) short() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drained == nil {
		c.drained = make(chan struct{})
	}
	ch := c.drained
	c.relieve()
	return ch
}

func (c *Conn) relieve() {
	if c.drained != nil && (c.state != live || c.bytes < c.hub.opt.QueueBytes/2 && len(c.queue) < c.hub.opt.QueueFrames/2) {
		close(c.drained)
		c.drained = nil
	}
}

// kill ends the connection without another byte. With reset, what the kernel
// holds is thrown away too. The socket itself is closed by the reaper: closing
// waits for whoever is inside a write, and they may be waiting for mu.
func (c *Conn) kill(reset bool) {
	if c.state == dead {
		return
	}
	if c.state == live {
		c.hub.metrics.cut.Add(1)
	}
	c.state = dead
	c.truncate(0)
	c.sent = 0
	c.relieve()
	if s, ok := c.sink.(interface{ SetLinger(int) error }); ok && reset {
		s.SetLinger(0)
	}
	c.hub.reaper.add(c)
}

func (c *Conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill(true)
}

var errBlocked = errors.New("hub: the socket takes no more")

// write hands the socket what it takes at once and reports whether it took
// anything. It returns nil when the queue is empty, errBlocked when the socket
// is full. The lock is held across the system call, which does not block: so
// what is unsent is exactly the queue.
func (c *Conn) write(fd uintptr, scratch []byte) (some bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 {
		p := c.head(scratch)
		n, err := syscall.Write(int(fd), p)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if n > 0 {
			some = true
			c.took(n)
		}
		if errors.Is(err, syscall.EAGAIN) || err == nil && n < len(p) {
			return some, errBlocked
		}
		if err != nil {
			return some, err
		}
	}
	c.rest()
	return some, nil
}

// head is the next bytes for the socket: one frame as it is, or several short
// ones put together, so that one system call carries what waits.
func (c *Conn) head(scratch []byte) []byte {
	first := c.queue[0].message[c.sent:]
	if len(c.queue) == 1 || len(first) >= cap(scratch) {
		return first
	}
	b := append(scratch[:0], first...)
	for _, o := range c.queue[1:] {
		if len(b)+len(o.message) > cap(scratch) {
			break
		}
		b = append(b, o.message...)
	}
	return b
}

// took notes that the socket has taken n bytes.
func (c *Conn) took(n int) {
	c.bytes -= n
	n += c.sent
	done := 0
	for done < len(c.queue) && n >= len(c.queue[done].message) {
		n -= len(c.queue[done].message)
		if t := c.queue[done].telling; t != nil {
			c.note(&c.queue[done])
			if c.id%sampled == 1 && !t.born.IsZero() {
				toSocket.Since(t.born)
			}
		}
		done++
	}
	c.sent = n
	clear(c.queue[:done])
	c.queue = c.queue[done:]
	c.relieve()
}

// rest lets go of what an empty queue does not need.
func (c *Conn) rest() {
	c.scheduled = false
	c.queue = nil
	if c.state == ending {
		c.finish()
	}
}

// finish is called when the close frame has gone out: the client answers it
// and the reader ends, or closeWait passes.
func (c *Conn) finish() {
	if t, ok := c.sink.(*net.TCPConn); ok {
		t.CloseWrite()
	}
	time.AfterFunc(closeWait, c.abort)
}
