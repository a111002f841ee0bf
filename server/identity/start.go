package identity

import (
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"wardroom/server/incident"
)

// problem is what the sign-in page is told when it did not work: a word of
// ours, never an issuer's.
type problem string

const (
	pHost       problem = "host"        // the request was for a host that is not ours
	pIssuer     problem = "issuer"      // no such issuer in use
	pIssuerDown problem = "issuer_down" // it does not answer
	pExpired    problem = "expired"     // the sign-in took too long, or was begun elsewhere
	pCancelled  problem = "cancelled"   // the person cancelled at the issuer
	pRefused    problem = "refused"     // the issuer refused
	pToken      problem = "token"       // what the issuer vouched for does not hold
	pWeak       problem = "weak"        // signed in less strongly than is demanded
	pStale      problem = "stale"       // not asked afresh though it was demanded
	pOther      problem = "other"       // someone else answered the step-up
	pSuspended  problem = "suspended"
	pFrozen     problem = "frozen"     // the organisation they act for is frozen
	pSignedOut  problem = "signed_out" // no session to step up
	pInternal   problem = "internal"
)

// ServeStart is GET /auth/start?issuer=K&return=/rooms/…: it sends the browser
// to the issuer.
func (i *Identity) ServeStart(w http.ResponseWriter, r *http.Request) {
	back := returnPath(r.URL.Query().Get("return"))
	origin, ok := i.begin(w, r, back)
	if !ok {
		return
	}
	// A sign-in is begun on our own page. Begun by another site it would come
	// without the session's cookie and leave that session behind, alive.
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		redirect(w, "/sign-in?"+url.Values{"return": {back}}.Encode())
		return
	}
	s := signIn{Issuer: r.URL.Query().Get("issuer"), Return: back}
	if c := CookieOf(r); c != "" {
		had, found, _, err := i.asking(r.Context(), false, c, "")
		if err != nil {
			i.fail(w, r, pInternal, back, err)
			return
		}
		if found && !had.ended && had.Now.Before(had.EndsAt) {
			s.Session, s.AuthTime = had.ID, had.AuthTime
			// A locked session opens to a person, not to whatever session the
			// issuer still has in this browser.
			s.Fresh = had.Issuer == s.Issuer && had.standing() != nil
		}
	}
	i.leave(w, r, s, origin)
}

// ServeStepUp is GET /auth/step-up?return=…: it asks the session's own issuer
// for a fresh second factor.
func (i *Identity) ServeStepUp(w http.ResponseWriter, r *http.Request) {
	back := returnPath(r.URL.Query().Get("return"))
	origin, ok := i.begin(w, r, back)
	if !ok {
		return
	}
	_, had, err := i.Actor(r)
	if err != nil {
		i.fail(w, r, pSignedOut, back, err)
		return
	}
	if had.Way != incident.ByIssuer { // a session that the issuer did not begin is not carried on by it
		redirect(w, stepUpPage(back))
		return
	}
	i.leave(w, r, signIn{Issuer: had.Issuer, Return: back, StepUp: true, Fresh: true, Session: had.ID, AuthTime: had.AuthTime}, origin)
}

// begin answers what all three have in common; ok is false if it answered.
func (i *Identity) begin(w http.ResponseWriter, r *http.Request, back string) (origin string, ok bool) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return "", false
	}
	if origin, ok = i.origin(r); !ok {
		i.fail(w, r, pHost, back, nil)
	}
	return origin, ok
}

// leave sends the browser to the issuer, with the sign-in in a cookie.
func (i *Identity) leave(w http.ResponseWriter, r *http.Request, s signIn, origin string) {
	sys, err := i.o.Record.System(r.Context())
	if err != nil {
		i.fail(w, r, pInternal, s.Return, err)
		return
	}
	set, ok := inUse(sys, s.Issuer)
	if !ok || (s.StepUp && set.StepUp == "") {
		i.fail(w, r, pIssuer, s.Return, nil)
		return
	}
	remote, err := i.issuers.reach(r.Context(), set)
	if err != nil && s.StepUp {
		redirect(w, stepUpPage(s.Return))
		return
	}
	if err != nil {
		i.fail(w, r, pIssuerDown, s.Return, nil)
		return
	}
	s.URL, s.Started, s.Verifier = set.URL, i.now().UTC().Truncate(time.Millisecond), oauth2.GenerateVerifier()
	s.State, _ = newSecret()
	s.Nonce, _ = newSecret()
	cookie, err := i.sealSignIn(s, origin)
	if err != nil {
		i.fail(w, r, pInternal, s.Return, err)
		return
	}
	acr := set.Acr
	if s.StepUp {
		acr = set.StepUp
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier), oauth2.SetAuthURLParam("acr_values", acr)}
	if s.Fresh {
		options = append(options, oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "login"))
	}
	setSignInCookie(w, cookie)
	redirect(w, remote.at(origin).AuthCodeURL(s.State, options...))
}

// at returns the OAuth configuration for the address the browser came by.
func (r *remote) at(origin string) *oauth2.Config {
	c := r.oauth
	c.RedirectURL = origin + "/auth/callback"
	return &c
}

// fail sends the browser to the sign-in page. What happened goes to the log as
// one of our own words; why it happened in our own words too.
func (i *Identity) fail(w http.ResponseWriter, r *http.Request, p problem, back string, why error) {
	level := i.o.Log.Warn
	attrs := []any{"problem", string(p)}
	if p == pInternal {
		level = i.o.Log.Error
	}
	if p == pInternal || p == pIssuerDown && why != nil {
		attrs = append(attrs, "error", why)
	}
	signIns.Inc("issuer", string(p))
	level("sign-in did not succeed", attrs...)
	if p == pHost {
		w.WriteHeader(http.StatusMisdirectedRequest)
		return
	}
	q := url.Values{"problem": {string(p)}}
	if back != "/" {
		q.Set("return", back)
	}
	redirect(w, "/sign-in?"+q.Encode())
}

// redirect writes the address as it is; http.Redirect would clean it into
// another one.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// stepUpPage is our own page for a second factor that no issuer is asked for.
func stepUpPage(back string) string { return "/step-up?" + url.Values{"return": {back}}.Encode() }
