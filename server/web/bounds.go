package web

import (
	"strconv"
	"sync"

	"wardroom/server/meter"
)

const later = "Too many requests (429), with how long to wait."

// rated are the bounds of the limiter, by the kind of what is asked for. How
// much each lets through is Limits'.
var rated = map[string]*meter.Bound{
	"all":          meter.NewBound("session_requests", "one session", "50 a second, 200 at once", later),
	"post":         meter.NewBound("session_changes", "one session", "10 a second, 60 at once", later),
	"room":         meter.NewBound("room_changes", "one room, by all its members", "200 a second, 600 at once", later),
	"mark":         meter.NewBound("session_marks", "one session", "10 a second, 60 at once", later),
	"ticket":       meter.NewBound("session_tickets", "one session", "10 a second, 60 at once", later),
	"taxii":        meter.NewBound("feed_requests", "one service token", "50 a second, 200 at once", later),
	"search":       meter.NewBound("session_searches", "one session", "2 a second, 10 at once", later),
	"alerts":       meter.NewBound("session_alert_lists", "one session", "2 a second, 10 at once", later),
	"import":       meter.NewBound("session_imports", "one session", "2 a second, 10 at once", later),
	"extract":      meter.NewBound("session_extractions", "one session", "2 a second, 10 at once", later),
	"open":         meter.NewBound("session_openings", "one session", "one in 2 seconds, 20 at once", later),
	"call":         meter.NewBound("session_numbers_shown", "one session", "one in 2 seconds, 20 at once", later),
	"escalation":   meter.NewBound("person_escalations", "one person in one room", "one in 30 seconds, 10 at once", later),
	"code":         meter.NewBound("session_codes", "one session", "one in 2 seconds, 20 at once", later),
	"ask":          meter.NewBound("session_links_asked", "one session", "one in 2 seconds, 20 at once", later),
	"contact code": meter.NewBound("session_contact_codes", "one session", "one in 2 seconds, 20 at once", later),
	"passkey":      meter.NewBound("session_passkeys", "one session", "one in 2 seconds, 20 at once", later),
	"setup":        meter.NewBound("session_setup", "one session", "one in 2 seconds, 20 at once", later),
	"ack":          meter.NewBound("address_codes", "one address; 8 times as much one /48", "one in 5 seconds, 20 at once", later),
	"acks":         meter.NewBound("all_codes", "all addresses together", "200 a second, 2,000 at once", later),
	"ask link":     meter.NewBound("address_links_asked", "one address; 8 times as much one /48", "one a minute, 10 at once", later),
	"ask codes":    meter.NewBound("address_codes_asked", "one address; 8 times as much one /48", "one a minute, 6 at once", later),
	"knock":        meter.NewBound("address_sign_ins", "one address; 8 times as much one /48", "one in 2 seconds, 30 at once", later),
	"knocks":       meter.NewBound("all_sign_ins", "all addresses together", "100 a second, 1,000 at once", later),
}

var (
	boundBody     = meter.NewBound("request_body", "one request", "64 KiB, and more where a route says so", "Too large (413).")
	boundAddress  = meter.NewBound("request_address", "one request", "1,024 bytes of path, 2,048 of query", "Not found (404).")
	boundBringing = meter.NewBound("codes_looked_up", "the node", "32 at once", "Nobody is looked for; the answer is the same.")

	boundSession = meter.NewBound("session_sockets", "one session", strconv.Itoa(sessionSockets)+" sockets", cutOff)
	boundPerson  = meter.NewBound("person_sockets", "one person, on one node", strconv.Itoa(personSockets)+" sockets", cutOff)
	boundNode    = meter.NewBound("node_sockets", "the node", strconv.Itoa(nodeSockets)+" sockets", cutOff)
	boundHello   = meter.NewBound("socket_hello", "one socket", "5 seconds and 4 KiB from the handshake to the ticket", "Closed with 4400.")
	boundFrames  = meter.NewBound("socket_frames", "one socket", "20 frames a second from the client, 200 at once", "Closed with 4400.")
	boundFrame   = meter.NewBound("socket_frame", "one frame of a client", "64 KiB", "Closed with 4400.")
	boundMarks   = meter.NewBound("socket_marks", "one socket", strconv.Itoa(marksWaiting)+" rooms whose read marker waits to be stored", "The marker is not stored; the next one is.")
)

const cutOff = "Closed with 4429: come back later."

// sockets counts the open sockets of each session and of each person, and of
// all of them.
type sockets struct {
	mu     sync.Mutex
	all    int
	open   map[string]int // by session
	people map[string]int // by person, or by session where it is nobody's yet
}

func (s *Server) sockets() *sockets { return &s.open }

// take counts one more, unless a bound is met; then it says which.
func (k *sockets) take(session, person string, limits Limits) (release func(), met *meter.Bound) {
	if person == "" {
		person = " " + session
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.open == nil {
		k.open, k.people = map[string]int{}, map[string]int{}
	}
	switch {
	case k.open[session] >= sessionSockets:
		met = boundSession
	case k.people[person] >= limits.sockets():
		met = boundPerson
	case k.all >= nodeSockets:
		met = boundNode
	}
	if met != nil {
		met.Hit()
		return func() {}, met
	}
	k.all++
	k.open[session]++
	k.people[person]++
	return sync.OnceFunc(func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.all--
		less(k.open, session)
		less(k.people, person)
	}), nil
}

func less(m map[string]int, k string) {
	if m[k]--; m[k] == 0 {
		delete(m, k)
	}
}
