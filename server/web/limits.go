package web

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"wardroom/server/incident"
)

// Limit is a token bucket: Rate a second, Burst at once.
type Limit struct {
	Rate  float64
	Burst int
}

// Limits are how much one session or one room may ask for.
type Limits struct {
	Requests  Limit // of one session, in all
	Posts     Limit // of one session: whatever changes a room
	Room      Limit // of one room, by all its members: the same
	Searches  Limit // of one session
	Codes     Limit // of one session: looking at, redeeming and asking for invitations
	Opens     Limit // of one session: opening restricted entries
	Asking    Limit // of one person, in one room: escalations, each of which wakes people and calls them in
	Acks      Limit // of one address: typing codes to acknowledge messages
	AllAcks   Limit // of all addresses together: many at once are a flood
	Strangers Limit // of one address: asking for a new link without a session

	Asks      Limit // of one address: asking for a code to come in with
	Knocks    Limit // of one address: typing codes and showing passkeys
	AllKnocks Limit // of these and of Strangers, by all addresses together: what the machine can bear

	Sockets int // of one person on one node, at once; 0 means personSockets
}

// sockets is how many one person may have here at once.
func (l Limits) sockets() int {
	if l.Sockets == 0 {
		return personSockets
	}
	return l.Sockets
}

// DefaultLimits let people work as fast as people do, and a script not much
// faster.
var DefaultLimits = Limits{
	Requests:  Limit{50, 200},
	Posts:     Limit{10, 60},
	Room:      Limit{200, 600},
	Searches:  Limit{2, 10},
	Codes:     Limit{0.5, 20},
	Opens:     Limit{0.5, 20},
	Asking:    Limit{1.0 / 30, 10},
	Acks:      Limit{0.2, 20},
	AllAcks:   Limit{200, 2000},
	Strangers: Limit{1.0 / 60, 10},
	Asks:      Limit{1.0 / 60, 6},
	Knocks:    Limit{0.5, 30},
	AllKnocks: Limit{100, 1000},
	Sockets:   personSockets,
}

// Times returns the limits with so many times the requests, the changes of
// rooms and the sockets of a person. What guards against guessing and bulk
// reading stays as it is. Below 1 counts as 1.
func (l Limits) Times(n int) Limits {
	for _, limit := range []*Limit{&l.Requests, &l.Posts, &l.Room} {
		limit.Rate *= float64(max(n, 1))
		limit.Burst *= max(n, 1)
	}
	l.Sockets = l.sockets() * max(n, 1)
	return l
}

// limiter holds the buckets. Those that nobody used for a while are dropped: a
// full bucket and none are the same.
type limiter struct {
	limits Limits
	now    func() time.Time

	mu       sync.Mutex
	new, old map[string]*rate.Limiter // two generations: what is used moves to the new one
}

// bucketsKept bounds each generation; a full one becomes the old one. Whoever
// fills both to empty their own bucket needs that many sessions.
const bucketsKept = 20_000

func newLimiter(l Limits, now func() time.Time) *limiter {
	return &limiter{limits: l, now: now, new: map[string]*rate.Limiter{}, old: map[string]*rate.Limiter{}}
}

// take takes one token of the bucket named kind and who, or refuses.
func (l *limiter) take(limit Limit, kind, who string) error {
	b := l.bucket(limit, kind+" "+who)
	now := l.now()
	r := b.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait <= 0 {
		return nil
	}
	r.CancelAt(now)
	if b := rated[kind]; b != nil {
		b.Hit()
	}
	p := newProblem(incident.TooMany, "This is more than the service takes at once. Nothing was stored. Wait a moment.", nil)
	p.retry = time.Duration(math.Min(float64(wait), float64(time.Hour)))
	return p
}

func (l *limiter) bucket(limit Limit, name string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.new[name]
	if ok {
		return b
	}
	if b, ok = l.old[name]; ok {
		delete(l.old, name)
	} else {
		b = rate.NewLimiter(rate.Limit(limit.Rate), limit.Burst)
	}
	if len(l.new) >= bucketsKept {
		l.old, l.new = l.new, map[string]*rate.Limiter{}
	}
	l.new[name] = b
	return b
}

// change takes what a change of a room costs: from the session and from the
// room.
func (s *Server) change(c *call) error {
	if err := s.limiter.take(s.Config.Limits.Posts, "post", c.session.ID); err != nil {
		return err
	}
	return s.limiter.take(s.Config.Limits.Room, "room", string(c.room.ID))
}
