package web

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"wardroom/server/identity"
	"wardroom/server/incident"
)

const keyHeader = "Idempotency-Key"

// call is who makes a request, and where to, once the gate let them in.
type call struct {
	actor   incident.Actor
	session identity.Session
	in      bool             // there is a live session
	cookie  identity.Cookie  // the session's, or what was brought instead of one
	sizes   incident.Sizes   // how far the logs had come when the session was asked for
	room    *incident.Room   // Member routes: as it stood at the gate
	member  *incident.Member // Member routes
	key     incident.Key     // keyed operations
	status  int              // of the answer; the handler may choose another
	w       http.ResponseWriter
	r       *http.Request
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// enter is the one gate of all operations.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, o operation) (_ *call, err error) {
	defer func() { outside(o.Access, err) }()
	c := &call{w: w, r: r, cookie: identity.CookieOf(r)}
	room := incident.LogID("")
	if o.Access == Member {
		room = incident.LogID(r.PathValue("room"))
	}
	if err := s.who(c, o, room); err != nil {
		return nil, err
	}
	switch o.Access {
	case Member:
		if err := s.intoRoom(r.Context(), c, room); err != nil {
			return nil, err
		}
	case Host:
		if err := s.asHost(r.Context(), c); err != nil {
			return nil, err
		}
	case Organisation:
		if err := s.ofOrg(r.Context(), c, incident.OrgID(r.PathValue("code"))); err != nil {
			return nil, err
		}
	case Admin:
		if !c.actor.Admin {
			return nil, incident.Missing() // that there is administration at all is nobody else's to know
		}
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodDelete {
		if o.keyed() {
			panic("web: a keyed read")
		}
		c.key = incident.Key(r.Header.Get(keyHeader))
		return c, nil
	}
	want := "application/json"
	if o.Raw > 0 {
		want = rawType
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != want {
		return nil, unreadable(http.StatusBadRequest, "Send "+want+".")
	}
	if o.keyed() {
		keys := r.Header.Values(keyHeader)
		if len(keys) != 1 || !incident.Key(keys[0]).Valid() {
			return nil, incident.BadField(keyHeader, "Send a ULID of your own making with every change.")
		}
		c.key = incident.Key(keys[0])
	}
	return c, nil
}

// who finds the session. On Public routes having none is no refusal. How far
// the room has come is asked in the same round trip if the session was lately
// let into it.
func (s *Server) who(c *call, o operation, room incident.LogID) (err error) {
	if !s.members.knows(c.cookie, room) {
		room = ""
	}
	c.actor, c.session, c.sizes, err = s.Identity.Enter(c.r.Context(), c.cookie, !o.Glance, room)
	if err == nil {
		c.in = true
		return s.limiter.take(s.Config.Limits.Requests, "all", c.session.ID)
	}
	if o.Access == Public {
		return nil // what is public does not hang on a session
	}
	return err
}

// intoRoom lets members in. Everyone else gets the same answer after the same
// work, whether there is such a room or not: their own memberships are read,
// and the room is looked at only if it is among them.
func (s *Server) intoRoom(ctx context.Context, c *call, id incident.LogID) error {
	if c.actor.Person == "" {
		return incident.Missing()
	}
	if !s.members.knows(c.cookie, id) {
		mine, err := s.Journal.Mine(ctx, c.actor.Person)
		if err != nil {
			return err
		}
		found := false
		for _, m := range mine {
			found = found || m.Room == id && m.State == incident.Joined
		}
		if !found {
			return incident.Missing()
		}
	}
	room, err := s.Journal.RoomAt(ctx, id, c.sizes)
	if err == nil {
		c.room, c.member, err = in(room, c.actor.Person)
	}
	if err != nil {
		s.members.forget(c.cookie, id)
		return err
	}
	s.members.learn(c.cookie, id)
	return nil
}

// stands returns the room at its head and the person's membership, which
// counts now. Reads call it again after their rows.
func (s *Server) stands(ctx context.Context, id incident.LogID, p incident.PersonID) (*incident.Room, *incident.Member, error) {
	room, err := s.Journal.Room(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	return in(room, p)
}

// in returns a room and the person's membership in it, or that there is none.
func in(room *incident.Room, p incident.PersonID) (*incident.Room, *incident.Member, error) {
	m := room.Member(p)
	if !m.Present() {
		return nil, nil, incident.Missing()
	}
	return room, m, nil
}

func (s *Server) asHost(ctx context.Context, c *call) error {
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return err
	}
	if c.actor.Person == "" || !slices.ContainsFunc(c.actor.Orgs, sys.IsHost) {
		return incident.Refuse(incident.Forbidden, "Only the joint hosts can do this.")
	}
	return nil
}

// membership remembers which session was lately let into which room, so that
// members are spared a query per request. It only ever leads to the room's
// fold, which decides; a session that is not in it takes the long way.
type membership struct {
	mu       sync.Mutex
	new, old map[entrance]struct{} // two generations: what is used moves to the new one
}

type entrance struct {
	session identity.Cookie
	room    incident.LogID
}

const membershipSize = 20_000

func newMembership() *membership {
	return &membership{new: map[entrance]struct{}{}, old: map[entrance]struct{}{}}
}

func (m *membership) knows(session identity.Cookie, room incident.LogID) bool {
	k := entrance{session, room}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.new[k]; ok {
		return true
	}
	_, ok := m.old[k]
	return ok
}

func (m *membership) learn(session identity.Cookie, room incident.LogID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.new) >= membershipSize {
		m.old, m.new = m.new, map[entrance]struct{}{}
	}
	m.new[entrance{session, room}] = struct{}{}
}

func (m *membership) forget(session identity.Cookie, room incident.LogID) {
	k := entrance{session, room}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.new, k)
	delete(m.old, k)
}

// pathSeq reads an entry's number from the path. What is none is Missing, as
// an entry that is not there.
func pathSeq(text string) (incident.Seq, error) {
	n, err := strconv.ParseUint(text, 10, 62)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
		return 0, incident.Missing()
	}
	return incident.Seq(n), nil
}
