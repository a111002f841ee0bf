package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"wardroom/server/hub"
	"wardroom/server/identity"
	"wardroom/server/incident"
)

// The bounds of a socket.
const (
	helloWithin    = 5 * time.Second // from the handshake to the ticket
	helloLimit     = 4 << 10         // bytes of the first frame
	frameLimit     = 64 << 10        // bytes of any other
	sessionSockets = 8               // at once, of one session
	personSockets  = 32              // at once, of one person on one node: four sessions, times the pace
	nodeSockets    = 40_000          // at once, of one node: what its memory is reckoned for
	frameRate      = 20              // a second, of one socket
	frameBurst     = 200
	markEvery      = time.Second // read markers are stored at most so often
)

type ticketAnswer struct {
	Ticket string `json:"ticket" doc:"Goes into the first frame of one socket, within 10 seconds."`
}

type ticketIn struct{ Body struct{} }

// mountStream mounts the stream and the ticket it begins with. Neither is the
// person's activity: a browser comes back by itself.
func (s *Server) mountStream() {
	operate(s, operation{Method: http.MethodPost, Path: "/stream/ticket", Access: SignedIn, Tag: "session", ID: "stream-ticket", Unkeyed: true, Glance: true,
		Summary: "A ticket for one socket", Doc: "Good once and for 10 seconds, for this session only. It never stands in a URL."},
		func(ctx context.Context, c *call, _ *ticketIn) (ticketAnswer, error) {
			if err := s.limiter.take(s.Config.Limits.Posts, "ticket", c.session.ID); err != nil {
				return ticketAnswer{}, err
			}
			t, err := s.Identity.Ticket(ctx, c.session)
			return ticketAnswer{t}, err
		})
	s.handle(Route{http.MethodGet, apiPrefix + "/stream", SignedIn}, s.serveStream)
}

// ours reports whether the handshake was begun by one of our own pages. The
// header is the browser's, and the only thing that tells: the cookie comes
// along from anywhere on the same site. A missing one is refused.
func (s *Server) ours(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	return len(origins) == 1 && s.origins[origins[0]] // browsers write it in lower case, without a default port
}

func (s *Server) serveStream(w http.ResponseWriter, r *http.Request) {
	if !s.ours(r) {
		s.writeProblem(w, r, incident.Refuse(incident.Forbidden, "This connection was begun by another site."))
		return
	}
	actor, session, err := s.Identity.Glance(r)
	if err != nil {
		s.writeProblem(w, r, err)
		return
	}
	if !websocket.IsWebSocketUpgrade(r) {
		s.writeProblem(w, r, unreadable(http.StatusBadRequest, "This address is for WebSockets."))
		return
	}
	release, full := s.sockets().take(session.ID, string(actor.Person), s.Config.Limits)
	grip := &grip{ResponseWriter: w}
	ws, err := upgrader.Upgrade(grip, r, nil)
	if err != nil { // it has answered
		release()
		return
	}
	k := &socket{server: s, ws: ws, raw: grip.raw, shut: grip.shut, read: grip.read, session: session.ID, person: actor.Person, release: release, request: requestOf(r.Context()).id}
	if full != nil {
		k.refuse(hub.TooMany, "too many connections")
		release()
		return
	}
	go k.run() // the handler's stack and buffers are let go
}

var upgrader = websocket.Upgrader{
	ReadBufferSize:    0, // the grip brings one
	WriteBufferPool:   &sync.Pool{},
	EnableCompression: false,                                    // a secret and attacker-chosen text share a frame
	CheckOrigin:       func(*http.Request) bool { return true }, // checked against the list before
	Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
		p := unreadable(status, "This is not a WebSocket handshake.")
		w.Header().Set("Content-Type", problemType)
		w.WriteHeader(status)
		_ = strictJSON.Marshal(w, p)
	},
}

// grip gives gorilla a socket whose writing can be shut: from the hub's taking
// over, nothing else may write to it, and gorilla answers some frames by
// itself. It brings the reader too, to know whether there is anything in it.
type grip struct {
	http.ResponseWriter
	raw  net.Conn
	shut *atomic.Bool
	read *bufio.Reader
}

// readBuffer is what a socket reads ahead: more than most frames of a client.
const readBuffer = 512

func (g *grip) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := g.ResponseWriter.(http.Hijacker).Hijack()
	if err != nil {
		return nil, nil, err
	}
	g.raw, g.shut = conn, new(atomic.Bool)
	side := &readSide{conn, g.shut}
	if rw.Reader.Buffered() > 0 { // sent before it was answered: refused
		return side, rw, nil
	}
	g.read = bufio.NewReaderSize(side, readBuffer)
	return side, bufio.NewReadWriter(g.read, rw.Writer), nil
}

type readSide struct {
	net.Conn
	shut *atomic.Bool
}

func (c *readSide) Write(b []byte) (int, error) {
	if c.shut.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// socket is the reading half of one connection; the hub has the other.
type socket struct {
	server  *Server
	ws      *websocket.Conn
	raw     net.Conn
	read    *bufio.Reader // of ws
	shut    *atomic.Bool
	session string
	request string
	release func()

	person incident.PersonID
	conn   *hub.Conn
	rate   *rate.Limiter
	marks  marks
}

// run reads the ticket and hands the socket to the hub.
func (k *socket) run() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*helloWithin)
	defer cancel()
	if !k.hello(ctx) {
		k.release()
		return
	}
	if k.read.Buffered() > 0 { // most send what they want along with the ticket
		k.serve()
		return
	}
	k.follow()
}

// follow has the rest read: as it comes by a goroutine that then ends, whose
// stack what frames ask for makes large; until then one waits that needs
// little.
func (k *socket) follow() {
	if c, ok := k.raw.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			go k.wait(raw)
			return
		}
	}
	go k.serve() // it has ended, or can only be read: reading says which
}

// wait returns when there is something to read, the end included.
func (k *socket) wait(raw syscall.RawConn) {
	_ = raw.Read(readable) // an error is met again by whoever reads
	go k.serve()
}

// readable looks whether a read would wait, without reading.
func readable(fd uintptr) bool {
	var b [1]byte
	for {
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if err == syscall.EINTR {
			continue
		}
		return err != syscall.EAGAIN
	}
}

// serve reads and carries out frames as long as there are any.
func (k *socket) serve() {
	for k.one() {
		if k.read.Buffered() == 0 {
			k.follow()
			return
		}
	}
	k.flush()
	k.conn.Detach()
	k.release()
}

// one reads a frame and carries it out; false is the end.
func (k *socket) one() bool {
	kind, b, err := k.ws.ReadMessage()
	if err != nil {
		k.ended(err)
		return false
	}
	k.conn.Heard()
	fast := !k.rate.Allow()
	if fast {
		boundFrames.Hit()
	}
	if kind != websocket.TextMessage || fast || !k.frame(b) {
		k.conn.Close(hub.Protocol, "protocol")
		k.drain()
		return false
	}
	return true
}

// ended answers the close of a client, or says what it did wrong. The hub
// sends it after what is queued. A close that answers ours ends the socket at
// once: browsers wait for the server to let go before they tell the page.
func (k *socket) ended(err error) {
	code := hub.Protocol
	if errors.Is(err, websocket.ErrReadLimit) {
		boundFrame.Hit()
	}
	if _, answer := err.(*websocket.CloseError); answer && k.conn.Ending() {
		return
	}
	if c, ok := err.(*websocket.CloseError); ok && c.Code != websocket.CloseProtocolError && c.Code != websocket.CloseInvalidFramePayloadData {
		code = hub.Code(websocket.CloseNormalClosure)
	} else if _, gone := err.(net.Error); gone || err == io.EOF || err == io.ErrUnexpectedEOF {
		return
	}
	k.conn.Close(code, "")
	k.drain()
}

// drain waits for the client to let go, or for the hub to lose patience.
func (k *socket) drain() {
	k.raw.SetReadDeadline(time.Now().Add(helloWithin))
	io.Copy(io.Discard, k.raw)
}

// hello is the first frame: the ticket. Until it is good the socket has heard
// nothing and costs little.
func (k *socket) hello(ctx context.Context) bool {
	k.ws.SetReadLimit(helloLimit)
	k.ws.SetReadDeadline(time.Now().Add(helloWithin))
	kind, b, err := k.ws.ReadMessage()
	if err != nil {
		if network, ok := err.(net.Error); errors.Is(err, websocket.ErrReadLimit) || ok && network.Timeout() {
			boundHello.Hit()
		}
		k.refuse(hub.Protocol, "hello first")
		return false
	}
	f, err := parseFrame(b)
	if kind != websocket.TextMessage || err != nil || f.kind != "hello" {
		k.refuse(hub.Protocol, "hello first")
		return false
	}
	k.shut.Store(true)
	k.conn = k.server.Hub.Attach(k.raw, hub.Who{Person: k.person, Session: k.session})
	// It is on the hub's list before the ticket is judged: whoever's session ends
	// meanwhile is met by the one or by the other.
	bound, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	actor, session, err := k.server.Identity.Redeem(bound, k.session, f.ticket)
	if err == nil && actor.Person != k.person { // the directory has changed since the handshake
		err = errAnother
	}
	if err != nil {
		k.turnAway(err)
		return false
	}
	k.rate = rate.NewLimiter(frameRate, frameBurst)
	k.ws.SetReadLimit(frameLimit)
	k.ws.SetReadDeadline(time.Time{})
	k.ws.SetPingHandler(func(data string) error { k.conn.Heard(); k.conn.Pong([]byte(data)); return nil })
	k.ws.SetPongHandler(func(string) error { k.conn.Heard(); return nil })
	k.ws.SetCloseHandler(func(int, string) error { return nil })
	k.conn.Admit()
	k.welcome(session)
	return true
}

var errAnother = errors.New("web: the session is another person's than when it shook hands")

func (k *socket) welcome(session identity.Session) {
	b, _ := json.Marshal(struct {
		Type string           `json:"type"`
		Now  incident.Instant `json:"now"`
	}{"welcome", incident.At(session.Now)})
	k.conn.Send(b)
}

// codeOf is the close code for a refusal: signed out is final, trouble of ours
// is not.
func codeOf(err error) hub.Code {
	if incident.FaultOf(err) == incident.SignedOut {
		return hub.SignedOut
	}
	return hub.GoAway
}

// turnAway ends a socket whose ticket is not good, or could not be judged.
func (k *socket) turnAway(err error) {
	code, reason := codeOf(err), "signed out"
	if code != hub.SignedOut {
		reason = "not just now"
		k.server.Log.Error("a socket could not be let in", "request", k.request, "error", err)
	}
	k.conn.Close(code, reason)
	k.drain()
	k.conn.Detach()
}

// refuse closes a socket that the hub never had.
func (k *socket) refuse(code hub.Code, reason string) {
	k.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(int(code), reason), time.Now().Add(time.Second))
	k.drainBriefly()
	k.ws.Close()
}

// drainBriefly reads what the client had sent, so that closing does not reset
// the connection before the close frame is read.
func (k *socket) drainBriefly() {
	if c, ok := k.raw.(*net.TCPConn); ok {
		c.CloseWrite()
	}
	k.raw.SetReadDeadline(time.Now().Add(time.Second))
	io.Copy(io.Discard, io.LimitReader(k.raw, frameLimit))
}

// frame carries out one frame; false is one that makes no sense.
func (k *socket) frame(b []byte) bool {
	f, err := parseFrame(b)
	if err != nil {
		return false
	}
	switch f.kind {
	case "subscribe":
		if !f.room.Valid() {
			k.conn.Refuse(f.room, incident.Missing())
			return true
		}
		k.conn.Subscribe(f.room, f.after)
	case "unsubscribe":
		k.conn.Unsubscribe(f.room)
	case "typing":
		k.conn.Typing(f.room)
		bound, cancel := context.WithTimeout(context.Background(), helloWithin)
		defer cancel()
		if err := k.server.Identity.Touch(bound, k.session); err != nil {
			k.server.Log.Warn("activity could not be noted", "request", k.request, "error", err)
		}
	case "read":
		k.mark(f.room, f.seq)
	default: // hello again, or something unknown
		return false
	}
	return true
}
