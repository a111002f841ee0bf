package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/identity"
	"wardroom/server/incident"
)

type signInAnswer struct {
	Issuers     []issuerState `json:"issuers" doc:"The services people sign in with, and which of them answers."`
	Duty        string        `json:"duty" doc:"The telephone number for who cannot get in."`
	Deployment  string        `json:"deployment"`
	Development bool          `json:"development" doc:"Everyone here is invented."`
	SignedIn    bool          `json:"signedIn" doc:"Whether the asker has a live session; who it is, /session says."`
}

type issuerState struct {
	Key  string `json:"key"`
	Name string `json:"name"`
	Up   bool   `json:"up"`
}

type sessionAnswer struct {
	Person      sessionPerson      `json:"person"`
	Registered  bool               `json:"registered" doc:"Whether the deployment knows this person."`
	Orgs        []sessionOrg       `json:"orgs" doc:"Whom they may act for."`
	Host        bool               `json:"host"`
	Admin       bool               `json:"admin"`
	Way         incident.SignInWay `json:"way" doc:"How the session was begun: empty at a sign-in service, else passkey or code."`
	Passkey     bool               `json:"passkey" doc:"Whether they have a passkey, to give a second factor with."`
	Session     string             `json:"session" doc:"Names the session; grants nothing."`
	StepUpUntil *incident.Instant  `json:"stepUpUntil" doc:"Until when the last second factor covers TLP:RED."`
	LocksAt     incident.Instant   `json:"locksAt"`
	EndsAt      incident.Instant   `json:"endsAt"`
	Now         incident.Instant   `json:"now"`
}

type sessionPerson struct {
	ID     incident.PersonID `json:"id"`
	Name   string            `json:"name"`
	Issuer string            `json:"issuer"`
}

type sessionOrg struct {
	Code incident.OrgID   `json:"code"`
	Name string           `json:"name"`
	Type incident.OrgType `json:"type"`
	Host bool             `json:"host"`

	Assesses incident.Scale `json:"assesses,omitempty" doc:"The scale it sets severity on, as the deployment is configured; absent: on none. Rooms keep what held when they opened."`
}

type SessionRow struct {
	ID       string           `json:"id"`
	Current  bool             `json:"current"`
	Issuer   string           `json:"issuer"`
	Device   string           `json:"device"`
	Started  incident.Instant `json:"started"`
	LastSeen incident.Instant `json:"lastSeen"`
	Ends     incident.Instant `json:"ends"`

	Way incident.SignInWay `json:"way" doc:"How it was begun: empty at the sign-in service, else passkey or code."`
}

type sessionsAnswer struct {
	Sessions []SessionRow `json:"sessions"`
}

type SessionPath struct {
	ID string `path:"id"`
}

// bare is a request that says nothing but its path.
type bare struct{ Body empty }

// mountSignIn mounts what leads to a session.
func (s *Server) mountSignIn() {
	operate(s, operation{Method: http.MethodGet, Path: "/sign-in", Access: Public, Tag: "session", ID: "sign-in",
		Summary: "What the sign-in page shows", Glance: true}, s.signIn)
	s.handle(Route{http.MethodGet, "/auth/start", Public}, func(w http.ResponseWriter, r *http.Request) { s.Identity.ServeStart(w, r) })
	s.handle(Route{http.MethodGet, "/auth/step-up", Public}, func(w http.ResponseWriter, r *http.Request) { s.Identity.ServeStepUp(w, r) })
	s.handle(Route{http.MethodGet, "/auth/callback", Public}, func(w http.ResponseWriter, r *http.Request) { s.Identity.ServeCallback(w, r) })
}

func (s *Server) mountSessions() {
	operate(s, operation{Method: http.MethodGet, Path: "/session", Access: SignedIn, Tag: "session", ID: "session",
		Summary: "Who is signed in", Doc: "Asking is no activity: it does not keep the session from locking.", Glance: true}, s.session)
	operate(s, operation{Method: http.MethodPost, Path: "/session/activity", Access: SignedIn, Tag: "session", ID: "activity", Unkeyed: true,
		Summary: "I am here", Doc: "For a person who only reads: no read is activity, since pages read by themselves. Answers as /session."}, s.activity)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/session/lock", Access: SignedIn, Tag: "session", ID: "lock-session", Unkeyed: true, Glance: true,
		Summary: "Lock this session now", Doc: "As half an hour without activity does: signing in again as the same person goes on. Its sockets are cut."}, s.lock)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/session", Access: SignedIn, Tag: "session", ID: "sign-out", Summary: "Sign out"}, s.signOut)
	operate(s, operation{Method: http.MethodGet, Path: "/sessions", Access: SignedIn, Tag: "session", ID: "sessions", Summary: "My sessions, newest first"}, s.sessions)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/sessions/{id}", Access: SignedIn, Tag: "session", ID: "end-session",
		Summary: "End one of my sessions", Doc: "Its sockets are cut within a second.", Faults: []incident.Fault{incident.NotFound}}, s.endSession)
}

func (s *Server) signIn(ctx context.Context, c *call, _ *none) (signInAnswer, error) {
	a := signInAnswer{Issuers: []issuerState{}, Deployment: s.Config.Deployment, Development: s.Config.Development, SignedIn: c.in}
	sys, err := s.Journal.System(ctx)
	if incident.FaultOf(err) == incident.Unavailable { // not set up yet, or no database: the page still says what it can
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.Duty = sys.Duty
	states, err := s.Identity.States(ctx)
	for _, i := range states {
		a.Issuers = append(a.Issuers, issuerState{i.Key, i.Name, i.Up})
	}
	return a, err
}

func (s *Server) session(ctx context.Context, c *call, _ *none) (sessionAnswer, error) {
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil {
		return sessionAnswer{}, err
	}
	a := sessionAnswer{
		Person:     sessionPerson{ID: c.actor.Person, Name: c.actor.Name, Issuer: c.session.Issuer},
		Registered: c.actor.Person != "", Admin: c.actor.Admin, Host: slices.ContainsFunc(c.actor.Orgs, sys.IsHost), Session: c.session.ID, Way: c.session.Way, Passkey: len(sys.People[c.actor.Person].Passkeys) > 0,
		Orgs: []sessionOrg{}, LocksAt: incident.At(c.session.LocksAt), EndsAt: incident.At(c.session.EndsAt), Now: incident.At(c.session.Now),
	}
	for _, code := range c.actor.Orgs {
		o := sys.Orgs[code]
		a.Orgs = append(a.Orgs, sessionOrg{Code: code, Name: o.Name, Type: o.Type, Host: sys.IsHost(code), Assesses: sys.Assesses(code)})
	}
	if until := c.actor.StepUp.Add(incident.StepUpFor); !c.actor.StepUp.IsZero() && until.After(c.session.Now) {
		at := incident.At(until)
		a.StepUpUntil = &at
	}
	return a, nil
}

func (s *Server) activity(ctx context.Context, c *call, _ *bare) (sessionAnswer, error) {
	return s.session(ctx, c, &none{})
}

func (s *Server) lock(ctx context.Context, c *call, _ *bare) (none, error) {
	return none{}, s.Identity.Lock(ctx, c.session)
}

func (s *Server) signOut(_ context.Context, c *call, _ *none) (none, error) {
	c.w.Header().Set("Clear-Site-Data", `"cache"`)
	return none{}, s.Identity.SignOut(c.w, c.r, c.session)
}

func (s *Server) sessions(ctx context.Context, c *call, _ *none) (sessionsAnswer, error) {
	all, err := s.Identity.Sessions(ctx, c.session)
	a := sessionsAnswer{Sessions: []SessionRow{}}
	for _, x := range all {
		a.Sessions = append(a.Sessions, rowOf(x, c.session.ID))
	}
	return a, err
}

func rowOf(x identity.Session, current string) SessionRow {
	return SessionRow{ID: x.ID, Current: x.ID == current, Issuer: x.Issuer, Device: x.Device,
		Started: incident.At(x.Started), LastSeen: incident.At(x.LastSeen), Ends: incident.At(x.EndsAt), Way: x.Way}
}

func (s *Server) endSession(ctx context.Context, c *call, in *SessionPath) (none, error) {
	if !incident.LogID(in.ID).Valid() {
		return none{}, incident.Missing()
	}
	mine, err := s.Identity.Sessions(ctx, c.session)
	if err != nil {
		return none{}, err
	}
	if !slices.ContainsFunc(mine, func(x identity.Session) bool { return x.ID == in.ID }) {
		return none{}, incident.Missing()
	}
	if c.actor.Person != "" { // of somebody who is on record
		if err := s.recordEnd(ctx, c, command.EndSession{Session: in.ID, Person: c.actor.Person, Own: true}); err != nil {
			return none{}, err
		}
	}
	return none{}, s.Identity.End(ctx, c.session, in.ID)
}

// recordEnd writes the entry first: what a crash leaves is a session that is
// said to have ended and is still in the list, to be ended again.
func (s *Server) recordEnd(ctx context.Context, c *call, cmd command.EndSession) error {
	_, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, follow("end session", cmd.Session), cmd)
	return err
}

// instant is a time in an answer that may be absent.
func instant(t time.Time) *incident.Instant {
	if t.IsZero() {
		return nil
	}
	at := incident.At(t)
	return &at
}
