package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

type passkeyRow struct {
	Number  int               `json:"number"`
	Name    string            `json:"name"`
	Created incident.Instant  `json:"created"`
	Used    *incident.Instant `json:"used"`
	Copied  bool              `json:"copied" doc:"Another authenticator has the same key: it signs nobody in any more."`
}

type passkeysAnswer struct {
	Passkeys []passkeyRow `json:"passkeys"`
}

type ceremonyAnswer struct {
	Options string `json:"options" doc:"JSON, as PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON takes it under publicKey."`
	State   string `json:"state" doc:"Comes back with the answer, within five minutes."`
}

type ceremonyIn struct {
	Body struct {
		State  string `json:"state"`
		Answer string `json:"answer" doc:"JSON, as PublicKeyCredential.toJSON gives it."`
	}
}

type enrolIn struct {
	Body struct {
		State  string `json:"state"`
		Answer string `json:"answer"`
		Name   string `json:"name" doc:"What its owner calls it; at most 60 characters. It stands in no log."`
	}
}

type PasskeyPath struct {
	Number int `path:"n" minimum:"1"`
}

type removePasskeyIn struct {
	PersonPath
	Body struct {
		Number int `json:"number" minimum:"1"`
	}
}

func (s *Server) mountPasskeys() {
	fresh := []incident.Fault{incident.Forbidden, incident.Conflict, incident.StepUp}
	operate(s, operation{Method: http.MethodGet, Path: "/passkeys", Access: SignedIn, Tag: "session", ID: "passkeys", Summary: "My passkeys"}, s.passkeys)
	operate(s, operation{Method: http.MethodPost, Path: "/passkeys/begin", Access: SignedIn, Tag: "session", ID: "begin-passkey", Unkeyed: true,
		Summary: "Begin to enrol a passkey", Doc: "Needs a second factor of the last five minutes.", Faults: fresh}, s.beginPasskey)
	operate(s, operation{Method: http.MethodPost, Path: "/passkeys", Access: SignedIn, Tag: "session", ID: "enrol-passkey", Status: http.StatusCreated,
		Summary: "Enrol a passkey", Doc: "It signs in and steps up whether the sign-in service answers or not.", Faults: fresh}, s.enrolPasskey)
	operateEmpty(s, operation{Method: http.MethodDelete, Path: "/passkeys/{n}", Access: SignedIn, Tag: "session", ID: "remove-passkey",
		Summary: "Remove one of my passkeys", Doc: "Sessions begun with a passkey end.", Faults: append([]incident.Fault{incident.NotFound}, fresh...)}, s.removePasskey)
	operate(s, operation{Method: http.MethodPost, Path: "/passkeys/step-up/begin", Access: SignedIn, Tag: "session", ID: "begin-passkey-step-up", Unkeyed: true,
		Summary: "Begin a second factor by passkey", Faults: refusals}, s.beginStepUp)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/passkeys/step-up", Access: SignedIn, Tag: "session", ID: "passkey-step-up", Unkeyed: true,
		Summary: "Give a second factor by passkey", Faults: refusals}, s.stepUp)
	operate(s, operation{Method: http.MethodPost, Path: "/sign-in/passkey/begin", Access: Public, Tag: "session", ID: "begin-passkey-sign-in", Unkeyed: true,
		Summary: "Begin to sign in by passkey", Faults: []incident.Fault{incident.Conflict}}, s.beginPasskeySignIn)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/sign-in/passkey", Access: Public, Tag: "session", ID: "passkey-sign-in", Unkeyed: true,
		Summary: "Sign in by passkey", Doc: "For 60 minutes. Which passkeys there are is told to nobody.", Faults: refusals}, s.passkeySignIn)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/people/{id}/passkeys/remove", Access: SignedIn, Tag: "session", ID: "remove-persons-passkey",
		Summary: "Remove somebody's passkey", Doc: "For administrators, and whoever may freeze.", Faults: []incident.Fault{incident.NotFound, incident.Forbidden, incident.Conflict}}, s.removePersonsPasskey)
}

func (s *Server) passkeys(ctx context.Context, c *call, _ *none) (passkeysAnswer, error) {
	a := passkeysAnswer{Passkeys: []passkeyRow{}}
	sys, err := s.Journal.SystemAt(ctx, c.sizes)
	if err != nil || c.actor.Person == "" {
		return a, err
	}
	all, err := s.Identity.Passkeys(ctx, c.session)
	for _, p := range all {
		if sys.People[c.actor.Person].HasPasskey(p.Number) {
			a.Passkeys = append(a.Passkeys, passkeyRow{p.Number, p.Name, incident.At(p.Created), instant(p.Used), p.Copied})
		}
	}
	return a, err
}

// mayKey refuses early what the command refuses too: before somebody is asked to
// touch their key.
func (c *call) mayKey() error {
	if c.actor.Person == "" {
		return incident.Refuse(incident.Conflict, "Passkeys are for people whom this deployment knows. Join a room first.")
	}
	return command.MayKey(c.actor, c.session.Now)
}

func (s *Server) beginPasskey(_ context.Context, c *call, _ *bare) (ceremonyAnswer, error) {
	if err := c.mayKey(); err != nil {
		return ceremonyAnswer{}, err
	}
	options, state, err := s.Identity.BeginPasskey(c.r, c.actor, c.session)
	return ceremonyAnswer{string(options), state}, err
}

func (s *Server) enrolPasskey(ctx context.Context, c *call, in *enrolIn) (passkeysAnswer, error) {
	name := strings.TrimSpace(in.Body.Name)
	if name == "" || len([]rune(name)) > 60 {
		return passkeysAnswer{}, incident.BadField("name", "Give it a name by which you know it, of at most 60 characters: “work phone”.")
	}
	if err := c.mayKey(); err != nil {
		return passkeysAnswer{}, err
	}
	e, err := s.Identity.CheckPasskey(c.r, c.session, name, in.Body.State, []byte(in.Body.Answer))
	if err != nil {
		return passkeysAnswer{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return passkeysAnswer{}, err
	}
	// The entry first: what a crash leaves is a number that no key has.
	number := sys.People[c.actor.Person].LastPasskey + 1
	if _, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, follow("enrol passkey", string(c.actor.Person), e.ID), command.EnrolPasskey{Credential: e.ID, Number: number}); err != nil {
		return passkeysAnswer{}, err
	}
	if err := s.Identity.KeepPasskey(ctx, e, number); err != nil {
		return passkeysAnswer{}, err
	}
	c.sizes = nil // as it stands now
	return s.passkeys(ctx, c, &none{})
}

func (s *Server) removePasskey(ctx context.Context, c *call, in *PasskeyPath) (none, error) {
	return none{}, s.dropPasskey(ctx, c, c.actor.Person, in.Number, false)
}

func (s *Server) removePersonsPasskey(ctx context.Context, c *call, in *removePasskeyIn) (none, error) {
	leads, err := s.leads(ctx, c.actor.Person)
	if err != nil {
		return none{}, err
	}
	return none{}, s.dropPasskey(ctx, c, incident.PersonID(in.ID), in.Body.Number, leads)
}

// dropPasskey writes the entry first: from then on the log alone refuses it.
func (s *Server) dropPasskey(ctx context.Context, c *call, of incident.PersonID, number int, leads bool) error {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	p, ok := sys.People[of]
	if !ok {
		return incident.Missing()
	}
	cmd := command.RemovePasskey{Person: of, Number: number, Leads: leads}
	if _, err := s.Journal.Append(ctx, s.Journal.SystemLog(), c.actor, follow("remove passkey", string(of), bodyText(number), string(c.actor.Person)), cmd); err != nil {
		return err
	}
	return s.Identity.DropPasskey(ctx, p, number)
}

func (s *Server) beginStepUp(_ context.Context, c *call, _ *bare) (ceremonyAnswer, error) {
	if c.actor.Way == incident.ByCodes {
		return ceremonyAnswer{}, policy.ByCodes()
	}
	options, state, err := s.Identity.BeginPasskeyStepUp(c.r, c.session)
	return ceremonyAnswer{string(options), state}, err
}

func (s *Server) stepUp(_ context.Context, c *call, in *ceremonyIn) (none, error) {
	if err := s.limiter.take(s.Config.Limits.Codes, "passkey", c.session.ID); err != nil {
		return none{}, err
	}
	return none{}, s.Identity.StepUpByPasskey(c.w, c.r, c.session, in.Body.State, []byte(in.Body.Answer))
}

// knock takes what somebody without a session costs: from where they come
// first, so that nobody can use up what all have.
func (s *Server) knock(c *call, limit Limit, kind string) error {
	if err := s.perAddress(c.r, limit, kind); err != nil {
		return err
	}
	return s.limiter.take(s.Config.Limits.AllKnocks, "knocks", "all")
}

func (s *Server) beginPasskeySignIn(_ context.Context, c *call, _ *bare) (ceremonyAnswer, error) {
	if err := s.knock(c, s.Config.Limits.Knocks, "knock"); err != nil {
		return ceremonyAnswer{}, err
	}
	options, state, err := s.Identity.BeginPasskeySignIn(c.r)
	return ceremonyAnswer{string(options), state}, err
}

func (s *Server) passkeySignIn(_ context.Context, c *call, in *ceremonyIn) (none, error) {
	if err := s.knock(c, s.Config.Limits.Knocks, "knock"); err != nil {
		return none{}, err
	}
	return none{}, s.Identity.SignInByPasskey(c.w, c.r, in.Body.State, []byte(in.Body.Answer))
}

// hasPasskeys lists the numbers of a person's passkeys.
func hasPasskeys(p incident.Person) []int {
	return append([]int{}, slices.Sorted(slices.Values(p.Passkeys))...)
}
