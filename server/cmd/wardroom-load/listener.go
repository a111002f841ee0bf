package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A listener is one WebSocket that follows one room. It checks that no entry is
// missing, double or out of order.
type listener struct {
	target *target
	room   string
	cookie string

	mu       sync.Mutex
	moved    sync.Cond
	conn     net.Conn
	last     uint64 // the number of the last entry received
	received int    // entries since it was connected
	// since returns when the message of a number was due to be sent: how long
	// after that its frame was whole here is added to delays, in seconds. Nil
	// notes nothing.
	since  func(number int) (time.Time, bool)
	delays []float32
	cuts   int   // how often the server ended it with "come back"
	err    error // why it has ended
	closed bool
}

// A crowd is many listeners of one room on one target.
type crowd struct{ all []*listener }

// together is how many sockets are opened at the same time.
const together = 16

// gather connects n listeners and returns when each has what the room held and
// is told of what comes.
func gather(ctx context.Context, t *target, room string, n int) (*crowd, error) {
	c := &crowd{}
	if err := c.join(ctx, t, room, n); err != nil {
		c.leave()
		return nil, err
	}
	return c, nil
}

// join adds listeners until there are n.
func (c *crowd) join(ctx context.Context, t *target, room string, n int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: together}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var fresh []*listener
	for i := len(c.all); i < n; i++ {
		l := &listener{target: t, room: room, cookie: t.cookie(i / socketsEach)}
		l.moved.L = &l.mu
		fresh = append(fresh, l)
	}
	c.all = append(c.all, fresh...)
	return atOnce(len(fresh), together, func(i int) error {
		r, err := fresh[i].connect(ctx, client, "null")
		if err == nil {
			go fresh[i].follow(r)
		}
		return err
	})
}

// atOnce runs do(0) … do(n-1), so many at a time, and returns the first error;
// after one nothing more is begun.
func atOnce(n, width int, do func(int) error) error {
	var (
		mu    sync.Mutex
		next  int
		first error
		wg    sync.WaitGroup
	)
	take := func(err error) (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
		next++
		return next - 1, first == nil && next <= n
	}
	for range min(n, width) {
		wg.Go(func() {
			for i, ok := take(nil); ok; i, ok = take(do(i)) {
			}
		})
	}
	wg.Wait()
	return first
}

// leave ends all sockets.
func (c *crowd) leave() {
	for _, l := range c.all {
		l.mu.Lock()
		l.closed = true
		if l.conn != nil {
			l.conn.Close()
		}
		l.mu.Unlock()
	}
}

// note sets what tells when a message was due.
func (c *crowd) note(since func(int) (time.Time, bool)) {
	for _, l := range c.all { // so that each sees it with its own lock
		l.mu.Lock()
		l.since = since
		l.mu.Unlock()
	}
}

// delays returns what was noted, in seconds, and forgets it.
func (c *crowd) delays() (all []float64) {
	for _, l := range c.all {
		l.mu.Lock()
		for _, d := range l.delays {
			all = append(all, float64(d))
		}
		l.delays = l.delays[:0]
		l.mu.Unlock()
	}
	return all
}

// received is how many entries all have received together, and cuts how often
// one was cut and came back.
func (c *crowd) received() (entries, cuts int) {
	for _, l := range c.all {
		l.mu.Lock()
		entries, cuts = entries+l.received, cuts+l.cuts
		l.mu.Unlock()
	}
	return entries, cuts
}

// await returns when every listener has received the entry with this number,
// and with it all before.
func (c *crowd) await(ctx context.Context, seq uint64) error {
	for _, l := range c.all {
		if err := l.await(ctx, seq); err != nil {
			return err
		}
	}
	return nil
}

func (l *listener) await(ctx context.Context, seq uint64) error {
	stop := context.AfterFunc(ctx, func() {
		l.mu.Lock()
		l.moved.Broadcast()
		l.mu.Unlock()
	})
	defer stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.last < seq {
		switch {
		case l.err != nil:
			return l.err
		case ctx.Err() != nil:
			return fmt.Errorf("a listener of %s has entries up to %d and waits for %d: %w", l.target.side, l.last, seq, ctx.Err())
		}
		l.moved.Wait()
	}
	return nil
}

// connect opens the socket and subscribes; after is a number or null. It
// returns when the server has said that the listener is caught up.
func (l *listener) connect(ctx context.Context, client *http.Client, after string) (*bufio.Reader, error) {
	ticket := ""
	if l.target.asks {
		var a struct{ Ticket string }
		if err := l.target.call(ctx, client, http.MethodPost, "/api/v1/stream/ticket", l.cookie, struct{}{}, &a); err != nil {
			return nil, err
		}
		ticket = a.Ticket
	}
	conn, err := l.target.dial(ctx)
	if err != nil {
		return nil, err
	}
	fail := func(err error) (*bufio.Reader, error) {
		conn.Close()
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	head := "GET /api/v1/stream HTTP/1.1\r\nHost: " + l.target.address + "\r\nOrigin: " + l.target.origin +
		"\r\nCookie: " + l.cookie + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: d2FyZHJvb20gbG9hZCBnZQ==\r\n"
	if _, err := conn.Write([]byte(head + "\r\n")); err != nil {
		return fail(err)
	}
	r := bufio.NewReaderSize(conn, 1024)
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return fail(err)
	}
	if res.StatusCode != http.StatusSwitchingProtocols {
		return fail(fmt.Errorf("%s answered a socket with %s", l.target.side, res.Status))
	}
	if l.target.asks {
		if err := l.subscribe(conn, r, ticket, after); err != nil {
			return fail(err)
		}
	}
	conn.SetDeadline(time.Time{})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return fail(net.ErrClosed)
	}
	l.conn = conn
	return r, nil
}

func (l *listener) subscribe(conn net.Conn, r *bufio.Reader, ticket, after string) error {
	hello, err := json.Marshal(map[string]string{"type": "hello", "ticket": ticket})
	if err != nil {
		return err
	}
	subscribe := `{"type":"subscribe","room":"` + l.room + `","after":` + after + `}`
	if _, err := conn.Write(append(clientFrame(opText, hello), clientFrame(opText, []byte(subscribe))...)); err != nil {
		return err
	}
	var buf []byte
	for {
		op, payload, err := readFrame(r, buf)
		if err != nil {
			return err
		}
		buf = payload[:0]
		switch {
		case op == opClose:
			return ended(payload)
		case op == opPing:
			if _, err := conn.Write(clientFrame(opPong, payload)); err != nil {
				return err
			}
		case op == opText:
			var f struct {
				Type, Detail string
				Seq          uint64
			}
			if bytes.HasPrefix(payload, eventsHead) {
				if err := l.take(payload, time.Now()); err != nil {
					return err
				}
				continue
			}
			if err := json.Unmarshal(payload, &f); err != nil {
				return err
			}
			switch f.Type {
			case "snapshot":
				l.mu.Lock()
				l.last = f.Seq
				l.mu.Unlock()
			case "caught_up":
				return nil
			case "error", "revoked", "goaway":
				return fmt.Errorf("a listener was told %s: %s", f.Type, f.Detail)
			}
		}
	}
}

var (
	eventsHead = []byte(`{"type":"events"`)
	entryHead  = []byte(`{"seq":`)
)

// closeError is a close frame of the server.
type closeError struct {
	code   uint16
	reason string
}

func (e *closeError) Error() string {
	return fmt.Sprintf("a listener's socket was closed with %d (%s)", e.code, e.reason)
}

func ended(payload []byte) error {
	if len(payload) < 2 {
		return &closeError{1005, ""}
	}
	return &closeError{binary.BigEndian.Uint16(payload), string(payload[2:])}
}

// comeBack reports whether the end of a socket says that the listener may go on
// where it was.
func comeBack(err error) bool {
	var c *closeError
	if errors.As(err, &c) {
		return c.code == 4408 || c.code == 4409 || c.code == 4000
	}
	return true // without a close frame: 1006
}

// follow reads until the socket ends. One that was cut comes back, as the web
// app does, and goes on after its last entry.
func (l *listener) follow(r *bufio.Reader) {
	for {
		err := l.read(r)
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return
		}
		l.cuts++
		l.conn.Close()
		last, cuts := l.last, l.cuts
		l.mu.Unlock()
		if l.target.side == ours && comeBack(err) && cuts < 100 {
			client := &http.Client{Timeout: 30 * time.Second}
			r, err = l.connect(context.Background(), client, strconv.FormatUint(last, 10))
			client.CloseIdleConnections()
			if err == nil {
				continue
			}
		}
		l.mu.Lock()
		l.err = err
		l.moved.Broadcast()
		l.mu.Unlock()
		return
	}
}

// buffers hold the payload of a frame while it is looked at, so that ten
// thousand idle listeners hold none.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (l *listener) read(r *bufio.Reader) error {
	for {
		if _, err := r.Peek(1); err != nil {
			return err
		}
		b := buffers.Get().(*[]byte)
		op, payload, err := readFrame(r, *b)
		if err == nil {
			switch {
			case op == opClose:
				err = ended(payload)
			case op == opPing:
				_, err = l.conn.Write(clientFrame(opPong, payload))
			case bytes.HasPrefix(payload, eventsHead):
				err = l.take(payload, time.Now())
			}
		}
		*b = payload[:0]
		buffers.Put(b)
		if err != nil {
			return err
		}
	}
}

// take counts the entries of a frame. An entry begins with entryHead, which no
// string inside one can hold unescaped.
func (l *listener) take(payload []byte, at time.Time) error {
	first, n := entriesIn(payload)
	if n == 0 {
		return nil
	}
	l.mu.Lock()
	if l.last != 0 && first != l.last+1 {
		l.mu.Unlock()
		return &closeError{1002, fmt.Sprintf("after entry %d came %d", l.last, first)}
	}
	if since := l.since; since != nil {
		for entry := range bytes.SplitSeq(payload, entryHead) {
			if number, ok := numberIn(entry); ok {
				if t, ok := since(number); ok {
					l.delays = append(l.delays, float32(at.Sub(t).Seconds()))
				}
			}
		}
	}
	l.last = first + uint64(n) - 1
	l.received += n
	l.mu.Unlock()
	l.moved.Signal()
	return nil
}

// entriesIn is the number of the first entry in a frame, and how many there are.
func entriesIn(payload []byte) (first uint64, n int) {
	i := bytes.Index(payload, entryHead)
	if i < 0 {
		return 0, 0
	}
	rest := payload[i+len(entryHead):]
	for j := 0; j < len(rest) && rest[j] >= '0' && rest[j] <= '9'; j++ {
		first = 10*first + uint64(rest[j]-'0')
	}
	return first, 1 + bytes.Count(rest, entryHead)
}
