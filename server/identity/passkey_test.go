package identity

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"wardroom/server/incident"
)

// token is an authenticator in somebody's hand: one passkey of one person, kept
// in software.
type token struct {
	t    *testing.T
	h    *house
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

// coseKey is how long the public key of such a token is as CBOR writes it. The
// library leaves out the zeros that one in 128 begins with, and RFC 9053, section
// 7.1.1, has them written.
const coseKey = 77

func (h *house) token(t *testing.T) *token {
	cred := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(cred.Key.AttestationData()) < coseKey {
		cred = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return &token{t: t, h: h, rp: virtualwebauthn.RelyingParty{Name: "Wardroom", ID: "wardroom.example", Origin: site},
		auth: virtualwebauthn.NewAuthenticator(), cred: cred}
}

// post is a request of a page of ours.
func (b *browser) post() *http.Request {
	r := b.request("/", false)
	r.Method = http.MethodPost
	return r
}

// made enrols the token for whoever's browser this is, up to the record.
func (k *token) made(b *browser) (*Enrolling, error) {
	k.t.Helper()
	a, s, err := b.actor()
	check(k.t, err)
	options, state, err := k.h.id.BeginPasskey(b.post(), a, s)
	check(k.t, err)
	asked, err := virtualwebauthn.ParseAttestationOptions(string(options))
	check(k.t, err)
	k.auth.Options.UserHandle = k.h.id.subjectMAC(s.Issuer, s.Subject)
	return k.h.id.CheckPasskey(b.post(), s, "My key", state, []byte(virtualwebauthn.CreateAttestationResponse(k.rp, k.auth, k.cred, *asked)))
}

// enrol is made with the record's entry and the row.
func (k *token) enrol(b *browser, p incident.PersonID, number int) {
	k.t.Helper()
	e, err := k.made(b)
	check(k.t, err)
	k.h.apply(&incident.PasskeyEnrolled{Person: p, Number: number})
	check(k.t, k.h.id.KeepPasskey(k.t.Context(), e, number))
	k.auth.AddCredential(k.cred)
}

func (k *token) answer(options json.RawMessage) []byte {
	k.t.Helper()
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	check(k.t, err)
	k.cred.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(k.rp, k.auth, k.cred, *asked))
}

// signIn signs a browser in with the token.
func (k *token) signIn(b *browser) error {
	k.t.Helper()
	options, state, err := k.h.id.BeginPasskeySignIn(b.post())
	check(k.t, err)
	return b.takes(func(w http.ResponseWriter, r *http.Request) error {
		return k.h.id.SignInByPasskey(w, r, state, k.answer(options))
	})
}

// takes keeps the cookie that came with an answer.
func (b *browser) takes(do func(http.ResponseWriter, *http.Request) error) error {
	w := httptest.NewRecorder()
	err := do(w, b.post())
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c
	}
	return err
}

func passkeyed(t *testing.T) (*house, *browser, incident.PersonID, *token) {
	h := newInsiders(t)
	p := h.record("health", "ciso")
	b, _ := h.insider("health", "ciso")
	k := h.token(t)
	k.enrol(b, p, 1)
	return h, b, p, k
}

func TestAPasskeySignsInForSixtyMinutesAndIsASecondFactor(t *testing.T) {
	h, _, p, k := passkeyed(t)
	b := h.browser()
	check(t, k.signIn(b))
	a, s, err := b.actor()
	check(t, err)
	if a.Person != p || a.Way != incident.ByPasskey || s.ACR != passkeyACR || !a.SteppedUp(s.Now) || !a.Fresh(s.Now, incident.Instant{}) {
		t.Fatalf("%+v in %+v", a, s)
	}
	if lasts := s.EndsAt.Sub(s.Started); lasts != time.Hour {
		t.Errorf("it lasts %v", lasts)
	}
	for range 3 { // used or not, it ends
		h.later(20*time.Minute - time.Second)
		b.actor()
	}
	h.later(4 * time.Second)
	_, _, err = b.actor()
	wantFault(t, "after 60 minutes", err, incident.SignedOut)
}

func TestAPasskeyStepsUpItsOwnPersonOnly(t *testing.T) {
	h, b, _, k := passkeyed(t)
	stepUp := func(b *browser) error {
		_, s, err := b.actor()
		check(t, err)
		options, state, err := h.id.BeginPasskeyStepUp(b.post(), s)
		if err != nil {
			return err
		}
		return b.takes(func(w http.ResponseWriter, r *http.Request) error {
			return h.id.StepUpByPasskey(w, r, s, state, k.answer(options))
		})
	}
	before := b.cookies[SessionCookie].Value
	check(t, stepUp(b))
	if b.cookies[SessionCookie].Value == before {
		t.Error("the token did not change")
	}
	if a, s, err := b.actor(); err != nil || !a.Fresh(s.Now, incident.Instant{}) || a.Way != incident.ByIssuer {
		t.Errorf("%+v %v", a, err)
	}
	h.record("health", "other")
	other, _ := h.insider("health", "other")
	wantFault(t, "somebody without one", stepUp(other), incident.Conflict)
	// A challenge of one session is no other's.
	_, s, err := b.actor()
	check(t, err)
	options, state, err := h.id.BeginPasskeyStepUp(b.post(), s)
	check(t, err)
	_, foreign, err := other.actor()
	check(t, err)
	wantFault(t, "another session", other.takes(func(w http.ResponseWriter, r *http.Request) error {
		return h.id.StepUpByPasskey(w, r, foreign, state, k.answer(options))
	}), incident.Forbidden)
}

func TestAnAnswerIsGoodOnceHereAndForFiveMinutes(t *testing.T) {
	h, _, _, k := passkeyed(t)
	begin := func() (json.RawMessage, string) {
		options, state, err := h.id.BeginPasskeySignIn(h.browser().post())
		check(t, err)
		return options, state
	}
	send := func(state string, answer []byte) error {
		return h.browser().takes(func(w http.ResponseWriter, r *http.Request) error { return h.id.SignInByPasskey(w, r, state, answer) })
	}
	before := h.sessions()

	options, state := begin()
	answer := k.answer(options)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for n := range errs {
		wg.Go(func() { errs[n] = send(state, answer) })
	}
	wg.Wait()
	in := 0
	for _, err := range errs {
		if err == nil {
			in++
		}
	}
	if in != 1 || h.sessions() != before+1 {
		t.Errorf("one answer sent 20 times at once signed in %d times, and made %d sessions", in, h.sessions()-before)
	}

	check(t, k.signIn(h.browser())) // which nobody took for a copy's
	options, state = begin()
	answer = k.answer(options)
	h.later(ceremonyFor)
	wantFault(t, "too late", send(state, answer), incident.Forbidden)
	h.later(-ceremonyFor)

	_, another := begin()
	wantFault(t, "another challenge", send(another, answer), incident.Forbidden)
	wantFault(t, "a state of nobody's making", send(strings.Repeat("A", 300), answer), incident.Forbidden)

	options, state = begin()
	elsewhere := k.rp
	elsewhere.Origin = "https://wardroom.example.evil"
	asked, err := virtualwebauthn.ParseAssertionOptions(string(options))
	check(t, err)
	k.cred.Counter++
	wantFault(t, "another origin", send(state, []byte(virtualwebauthn.CreateAssertionResponse(elsewhere, k.auth, k.cred, *asked))), incident.Forbidden)

	options, state = begin()
	unasked := k.auth
	unasked.Options.UserNotVerified = true
	asked, err = virtualwebauthn.ParseAssertionOptions(string(options))
	check(t, err)
	k.cred.Counter++
	wantFault(t, "a user who was not verified", send(state, []byte(virtualwebauthn.CreateAssertionResponse(k.rp, unasked, k.cred, *asked))), incident.Forbidden)

	options, state = begin()
	check(t, send(state, k.answer(options))) // and it does all the same
}

func TestACopiedPasskeyIsRefusedForGood(t *testing.T) {
	h, b, _, k := passkeyed(t)
	for range 3 {
		check(t, k.signIn(h.browser()))
	}
	k.cred.Counter = 1 // the copy has counted less
	wantFault(t, "the copy", k.signIn(h.browser()), incident.Forbidden)
	k.cred.Counter = 50
	wantFault(t, "the original, which cannot be told from it", k.signIn(h.browser()), incident.Forbidden)
	_, s, err := b.actor()
	check(t, err)
	if all, err := h.id.Passkeys(t.Context(), s); err != nil || len(all) != 1 || !all[0].Copied {
		t.Errorf("its owner sees %+v %v", all, err)
	}
}

func TestTheRecordAloneSaysWhoseKeysCount(t *testing.T) {
	h, _, p, k := passkeyed(t)
	stolen := h.browser()
	check(t, k.signIn(stolen))

	h.apply(&incident.PersonSuspended{Person: p})
	wantFault(t, "suspended", k.signIn(h.browser()), incident.Forbidden)
	h.apply(&incident.PersonRestored{Person: p})
	h.apply(&incident.OrganisationFrozen{Code: "DSC"})
	if err := k.signIn(h.browser()); err == nil || !strings.Contains(err.Error(), "duty number") {
		t.Errorf("frozen: %v", err)
	}
	if _, _, err := stolen.actor(); err == nil {
		t.Error("a session by passkey outlives the freeze")
	}
	h.apply(&incident.PersonReadmitted{Code: "DSC", Person: p})
	check(t, k.signIn(h.browser()))
	h.apply(&incident.OrganisationUnfrozen{Code: "DSC"})

	in := h.browser()
	check(t, k.signIn(in))
	h.apply(&incident.PasskeyRemoved{Person: p, Number: 1}) // and a crash before its row went
	wantFault(t, "removed", k.signIn(h.browser()), incident.Forbidden)
	check(t, h.id.DropPasskey(t.Context(), h.system.People[p], 1))
	_, _, err := in.actor()
	wantFault(t, "a session that it began", err, incident.SignedOut)
	h.apply(&incident.IssuerStopped{Key: "health"})
	wantFault(t, "unknown, and its issuer out of use", k.signIn(h.browser()), incident.Forbidden)
}

func TestOnlyAVerifiedUserAtOurOriginEnrols(t *testing.T) {
	h := newInsiders(t)
	h.record("health", "ciso")
	b, _ := h.insider("health", "ciso")
	far := h.token(t)
	far.rp.Origin = "https://evil.example"
	_, err := far.made(b)
	wantFault(t, "another origin", err, incident.Forbidden)
	blind := h.token(t)
	blind.auth.Options.UserNotVerified = true
	_, err = blind.made(b)
	wantFault(t, "nobody verified", err, incident.Forbidden)
	b.host = "[::1]:8080"
	a, s, err := b.actor()
	check(t, err)
	_, _, err = h.id.BeginPasskey(b.post(), a, s)
	wantFault(t, "by a number", err, incident.Conflict)
}

func TestWhatBeginsWithoutAnIssuerIsNotCarriedOnByOne(t *testing.T) {
	h, b, _, k := passkeyed(t)
	_, had, err := b.actor()
	check(t, err)
	check(t, k.signIn(b)) // in the same browser
	if !ask[bool](t, h.database, `SELECT ended IS NOT NULL FROM session WHERE id = '`+had.ID+`'`) {
		t.Error("the session before is still live")
	}
	_, s, err := b.actor()
	check(t, err)
	_, ended, err := h.id.admit(context.Background(), signIn{Issuer: "health", Session: s.ID}, claims{Subject: "ciso", ACR: "a"}, "x")
	check(t, err)
	if len(ended) != 1 || ended[0] != s.ID {
		t.Errorf("signing in at the issuer again ended %v", ended)
	}
}

func TestAFreezeEndsSessionsOnEveryNodeWithinASecond(t *testing.T) {
	h, b, p, k := passkeyed(t)
	byKey := h.browser()
	check(t, k.signIn(byKey))
	h.plainIssuer("police")
	h.apply(&incident.PersonAdded{Person: "abroad", Issuer: "police", Subject: "abroad", Orgs: []incident.OrgID{"DSC"}})
	abroad, _ := h.insider("police", "abroad")
	_, one, err := b.actor()
	check(t, err)
	_, two, err := byKey.actor()
	check(t, err)

	other := h.options // a second node, on the same database
	var mu sync.Mutex
	heard := map[string]time.Time{}
	other.OnEnded = func(ids []string) {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			heard[id] = time.Now()
		}
	}
	node, err := New(other)
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- node.Run(ctx) }()
	defer func() { cancel(); <-done }()
	time.Sleep(2 * watchEvery) // it has looked once

	began := time.Now()
	h.apply(&incident.OrganisationFrozen{Code: "DSC", Issuer: "health"}) // and the node that wrote it dies before it ends anything
	if _, _, err := b.actor(); err == nil {
		t.Error("the log alone does not refuse them")
	}
	for {
		mu.Lock()
		n := len(heard)
		first, second := heard[one.ID], heard[two.ID]
		mu.Unlock()
		if !first.IsZero() && !second.IsZero() {
			t.Logf("both sockets were cut after %v", max(first.Sub(began), second.Sub(began)))
			break
		}
		if time.Since(began) > time.Second {
			t.Fatalf("after a second the other node has heard of %d", n)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if a, _, err := abroad.actor(); err != nil || a.Person != "abroad" {
		t.Errorf("who signs in elsewhere: %+v %v", a, err)
	}
	if why := ask[string](t, h.database, `SELECT why FROM session WHERE id = $1`, one.ID); why != "frozen" {
		t.Errorf("it ended as %s", why)
	}
	h.apply(&incident.PersonReadmitted{Code: "DSC", Person: p})
	if _, _, err := b.actor(); err == nil {
		t.Error("a session that ended lives again")
	}
	if again, _ := h.insider("health", "ciso"); again == nil {
		t.Error("no new session")
	}
}
