package devkit

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

const testApp = "http://localhost:28080"

var testClients = []IdPClient{{ID: "wardroom", Secret: "a-secret-of-the-test-run-0123456789"}}

func startIdP(t *testing.T, o IdPOptions) *IdP {
	t.Helper()
	o.Dir, o.Log = place(t), logTo{t}
	o.Apps = []string{testApp, "http://[::1]:28080"}
	if o.Clients == nil {
		o.Clients = testClients
	}
	p, err := StartIdP(deadline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// relyingParty is what the server's identity package must be at least: it checks all that go-oidc leaves to its caller.
type relyingParty struct {
	provider *oidc.Provider
	config   oauth2.Config
}

func newRelyingParty(ctx context.Context, issuer, origin string) (*relyingParty, error) {
	provider, err := oidc.NewProvider(ctx, issuer)
	if err != nil {
		return nil, err
	}
	return &relyingParty{provider: provider, config: oauth2.Config{
		ClientID: testClients[0].ID, ClientSecret: testClients[0].Secret,
		Endpoint: provider.Endpoint(), RedirectURL: origin + "/auth/callback", Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}}, nil
}

// attempt is one request for a sign-in.
type attempt struct {
	rp                     *relyingParty
	state, nonce, verifier string
	began                  time.Time
	stepUpFor              string // the subject that must confirm, "" at an ordinary sign-in
}

func (rp *relyingParty) begin() *attempt {
	return &attempt{rp: rp, state: token(), nonce: token(), verifier: oauth2.GenerateVerifier(), began: time.Now()}
}

func (a *attempt) url(params ...string) string {
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.nonce), oauth2.S256ChallengeOption(a.verifier)}
	for i := 0; i < len(params); i += 2 {
		options = append(options, oauth2.SetAuthURLParam(params[i], params[i+1]))
	}
	return a.rp.config.AuthCodeURL(a.state, options...)
}

type claims struct {
	Subject       string `json:"sub"`
	Nonce         string `json:"nonce"`
	ACR           string `json:"acr"`
	AuthTime      int64  `json:"auth_time"`
	AuthorizedFor string `json:"azp"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified any    `json:"email_verified"`
	Organisation  string `json:"organisation"`
}

// finish is the callback.
func (a *attempt) finish(ctx context.Context, callback string) (*claims, error) {
	u, err := url.Parse(callback)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	var promised struct {
		Iss bool `json:"authorization_response_iss_parameter_supported"`
	}
	if err := a.rp.provider.Claims(&promised); err != nil {
		return nil, err
	}
	switch {
	case q.Get("state") != a.state:
		return nil, errors.New("state")
	case promised.Iss && q.Get("iss") != a.rp.config.Endpoint.AuthURL[:len(a.rp.config.Endpoint.AuthURL)-len("/auth")]:
		return nil, errors.New("iss of the callback (RFC 9207)")
	case q.Get("error") != "":
		return nil, errors.New(q.Get("error"))
	}
	limited, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	tokens, err := a.rp.config.Exchange(limited, q.Get("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		return nil, err
	}
	raw, ok := tokens.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("no id_token")
	}
	verified, err := a.rp.provider.Verifier(&oidc.Config{ClientID: a.rp.config.ClientID}).Verify(limited, raw)
	if err != nil {
		return nil, err
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return nil, err
	}
	at := time.Unix(c.AuthTime, 0)
	switch {
	case c.Nonce != a.nonce:
		return nil, errors.New("nonce")
	case c.Subject == "":
		return nil, errors.New("sub")
	case len(verified.Audience) > 1 && c.AuthorizedFor != a.rp.config.ClientID:
		return nil, errors.New("azp")
	case a.stepUpFor == "" && c.ACR != ACRMultiFactor && c.ACR != ACRStepUp:
		return nil, fmt.Errorf("acr %q", c.ACR)
	case a.stepUpFor != "" && (c.ACR != ACRStepUp || c.Subject != a.stepUpFor):
		return nil, fmt.Errorf("step-up: acr %q of %s", c.ACR, c.Subject)
	case a.stepUpFor != "" && (at.Before(a.began.Truncate(time.Second)) || at.After(time.Now().Add(time.Minute))):
		return nil, fmt.Errorf("step-up: auth_time %v", at)
	}
	return &c, nil
}

// signIn is the whole way, step-up included if params ask for it.
func signIn(t *testing.T, p *IdP, rp *relyingParty, b *http.Client, account string, params ...string) *claims {
	t.Helper()
	a := rp.begin()
	callback, err := p.SignIn(deadline(t), b, a.url(params...), account)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.finish(deadline(t), callback)
	if err != nil {
		t.Fatalf("%v in %s", err, callback)
	}
	return c
}

func relying(t *testing.T, p *IdP) *relyingParty {
	t.Helper()
	rp, err := newRelyingParty(deadline(t), p.URL(), testApp)
	if err != nil {
		t.Fatal(err)
	}
	return rp
}

func TestPeopleSignInAtTheIssuerOfTheirOrganisation(t *testing.T) {
	health := startIdP(t, IdPOptions{Issuer: "health", Extra: 3})
	ncsc := startIdP(t, IdPOptions{Issuer: "ncsc"})
	for _, person := range []struct {
		issuer                             *IdP
		account, name, email, organisation string
	}{
		{health, "lead", "Priya Anand", "priya.anand@dsc.example", "DSC"},
		{health, "ciso", "Dr Hannah Osei", "hannah.osei@northmoor.example", "X1N"},
		{health, "supplier", "Ben Tran", "ben.tran@calder.example", "S1C"},
		{health, "guest3", "Guest 3", "guest3@t03.example", "T03"},
		{ncsc, "ncsc", "Ewan Doyle", "ewan.doyle@ncsc.example", "NCSC"},
		{ncsc, "ncsc2", "Isla Grant", "isla.grant@ncsc.example", "NCSC"},
	} {
		for _, origin := range []string{testApp, "http://[::1]:28080"} {
			t.Run(person.account+" from "+origin, func(t *testing.T) {
				rp, err := newRelyingParty(deadline(t), person.issuer.URL(), origin)
				if err != nil {
					t.Fatal(err)
				}
				c := signIn(t, person.issuer, rp, browser(t), person.account)
				if c.Name != person.name || c.Email != person.email || c.Organisation != person.organisation || c.EmailVerified != true || c.ACR != ACRMultiFactor {
					t.Errorf("%+v", c)
				}
				if age := time.Since(time.Unix(c.AuthTime, 0)); age < -time.Second || age > time.Minute {
					t.Errorf("auth_time is %v ago", age)
				}
			})
		}
	}
	t.Run("an issuer knows its own people only", func(t *testing.T) {
		for issuer, account := range map[*IdP]string{health: "ncsc", ncsc: "lead"} {
			_, err := issuer.SignIn(deadline(t), browser(t), relying(t, issuer).begin().url(), account)
			if err == nil || !strings.Contains(err.Error(), "no such account") {
				t.Errorf("%s at %s: %v", account, issuer.URL(), err)
			}
		}
	})
	t.Run("two issuers in one browser do not sign each other out", func(t *testing.T) {
		b := browser(t)
		signIn(t, health, relying(t, health), b, "lead")
		signIn(t, ncsc, relying(t, ncsc), b, "ncsc")
		// Asked again without being shown a page: prompt=none answers login_required if the session is gone.
		if c := signIn(t, health, relying(t, health), b, "", "prompt", "none"); c.Name != "Priya Anand" {
			t.Errorf("%+v", c)
		}
		if c := signIn(t, ncsc, relying(t, ncsc), b, "", "prompt", "none"); c.Name != "Ewan Doyle" {
			t.Errorf("%+v", c)
		}
	})
}

// Whether someone was asked shows in who comes back: the walk confirms as the night lead if a page is shown, and the lead's session
// answers if none is.
func TestWhoIsAskedAgain(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health"})
	rp := relying(t, p)
	for _, c := range []struct {
		name   string
		params []string
		asked  bool
	}{
		{"a plain request", nil, false},
		{"max_age of an hour", []string{"max_age", "3600"}, false},
		{"the class the session has", []string{"acr_values", ACRMultiFactor}, false},
		{"max_age=0, within the second of the sign-in", []string{"max_age", "0"}, true},
		{"prompt=login", []string{"prompt", "login"}, true},
		{"acr_values alone", []string{"acr_values", ACRStepUp}, true},
		{"acr_values and max_age=0", []string{"acr_values", ACRStepUp, "max_age", "0"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := browser(t)
			signIn(t, p, rp, b, "lead")
			got := signIn(t, p, rp, b, "nightlead", c.params...)
			if want := map[bool]string{false: "Priya Anand", true: "Tom Okafor"}[c.asked]; got.Name != want {
				t.Errorf("%s came back, want %s", got.Name, want)
			}
		})
	}
}

func TestStepUpAsksEachTimeAndIsFresh(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health"})
	rp, b := relying(t, p), browser(t)
	subject := signIn(t, p, rp, b, "lead").Subject
	for range 2 {
		a := rp.begin()
		a.stepUpFor = subject
		callback, err := p.SignIn(deadline(t), b, a.url("acr_values", ACRStepUp, "max_age", "0"), "lead")
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.finish(deadline(t), callback)
		if err != nil {
			t.Fatal(err)
		}
		if c.ACR != ACRStepUp {
			t.Errorf("acr is %s", c.ACR)
		}
	}
}

func TestTheProviderRefusesACarelessRelyingParty(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health"})
	rp := relying(t, p)
	for _, c := range []struct {
		name string
		url  string
		want string
	}{
		{"without a nonce", rp.config.AuthCodeURL("s", oauth2.S256ChallengeOption(token()+token())), "nonce is required"},
		{"without PKCE", rp.config.AuthCodeURL("s", oidc.Nonce("n")), "PKCE"},
		{"with a plain challenge", rp.config.AuthCodeURL("s", oidc.Nonce("n"), oauth2.SetAuthURLParam("code_challenge", token()), oauth2.SetAuthURLParam("code_challenge_method", "plain")), "code_challenge_method"},
	} {
		t.Run(c.name, func(t *testing.T) {
			callback, err := p.SignIn(deadline(t), browser(t), c.url, "lead")
			if err != nil {
				t.Fatal(err)
			}
			u, _ := url.Parse(callback)
			if got := u.Query(); got.Get("error") != "invalid_request" || !strings.Contains(got.Get("error_description"), c.want) {
				t.Errorf("%v", got)
			}
		})
	}
	t.Run("with an address that is not registered", func(t *testing.T) {
		stray := *rp
		stray.config.RedirectURL = "http://localhost:9/auth/callback"
		_, err := p.SignIn(deadline(t), browser(t), stray.begin().url(), "lead")
		if err == nil || !strings.Contains(err.Error(), "redirect_uri") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("with another verifier, or the same code twice", func(t *testing.T) {
		a := rp.begin()
		callback, err := p.SignIn(deadline(t), browser(t), a.url(), "lead")
		if err != nil {
			t.Fatal(err)
		}
		other := *a
		other.verifier = oauth2.GenerateVerifier()
		if _, err := other.finish(deadline(t), callback); err == nil {
			t.Error("another verifier was accepted")
		}
		if _, err := a.finish(deadline(t), callback); err != nil {
			t.Errorf("the right one: %v", err)
		}
		if _, err := a.finish(deadline(t), callback); err == nil {
			t.Error("the code was accepted twice")
		}
	})
}

func TestPagesWorkWithoutScript(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health", Extra: 2})
	rp := relying(t, p)
	b := browser(t)
	get := func(t *testing.T, at string, form url.Values) (*http.Response, string) {
		t.Helper()
		var res *http.Response
		var err error
		if form == nil {
			res, err = b.Get(at)
		} else {
			res, err = b.PostForm(at, form)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(text)
	}
	t.Run("the first page has a button for everyone and says what it is", func(t *testing.T) {
		res, page := get(t, rp.begin().url(), nil)
		for _, want := range []string{"Development sign-in – not for production", "Sign in as Priya Anand – DSC incident lead", `data-testid="account-outsider"`, "guest1 to guest2", `lang="en-GB"`, `name="viewport"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%q is not on it", want)
			}
		}
		if policy := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") {
			t.Errorf("Content-Security-Policy: %s", policy)
		}
		if strings.Contains(page, "<script") {
			t.Error("there is script on it")
		}
	})
	t.Run("login_hint goes straight to the second factor, by key or address", func(t *testing.T) {
		for _, hint := range []string{"ciso", "hannah.osei@northmoor.example"} {
			_, page := get(t, rp.begin().url("login_hint", hint), nil)
			if !strings.Contains(page, `data-testid="person">Dr Hannah Osei`) {
				t.Errorf("login_hint=%s shows another page", hint)
			}
		}
	})
	t.Run("a wrong code is refused and asked for again", func(t *testing.T) {
		res, _ := get(t, rp.begin().url("login_hint", "lead"), nil)
		at := res.Request.URL.JoinPath("code").String()
		res, page := get(t, at, url.Values{"account": {"lead"}, "code": {"000000"}})
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(page, "That code is not right") || !strings.Contains(page, `data-testid="second-factor-form"`) {
			t.Errorf("%s", res.Status)
		}
	})
	t.Run("cancelling goes back to the service", func(t *testing.T) {
		res, _ := get(t, rp.begin().url("login_hint", "lead"), nil)
		here := res.Request.URL
		b := *b
		var last string
		b.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
			last = req.URL.String()
			if strings.HasPrefix(last, testApp) {
				return http.ErrUseLastResponse
			}
			return nil
		}
		res, err := b.PostForm(here.JoinPath("cancel").String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if !strings.Contains(last, "error=access_denied") {
			t.Errorf("went to %s", last)
		}
	})
	t.Run("an interaction that is over says so", func(t *testing.T) {
		res, page := get(t, p.URL()+"/interaction/0000000000000000000000000000000000000000000", nil)
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(page, "over or has expired") {
			t.Errorf("%s", res.Status)
		}
	})
}

func TestSigningOutAtTheIssuer(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health"})
	rp, b := relying(t, p), browser(t)
	a := rp.begin()
	callback, err := p.SignIn(deadline(t), b, a.url(), "lead")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(callback)
	tokens, err := rp.config.Exchange(deadline(t), u.Query().Get("code"), oauth2.VerifierOption(a.verifier))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := rp.provider.Claims(&document); err != nil {
		t.Fatal(err)
	}
	at, _ := url.Parse(document.EndSession)
	at.RawQuery = url.Values{"id_token_hint": {tokens.Extra("id_token").(string)}, "post_logout_redirect_uri": {testApp + "/"}, "state": {"bye"}}.Encode()
	walker := *b
	walker.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, page, err := send(deadline(t), &walker, http.MethodGet, at.String(), nil)
	if err != nil || res.StatusCode != http.StatusOK || byTestID(page, "sign-out") == nil {
		t.Fatalf("%v %v", res, err)
	}
	xsrf := inputValue(page, "xsrf")
	res, _, err = send(deadline(t), &walker, http.MethodPost, p.URL()+"/session/end/confirm", url.Values{"xsrf": {xsrf}, "logout": {"yes"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := res.Header.Get("Location"); got != testApp+"/?state=bye" {
		t.Errorf("%s, Location %q", res.Status, got)
	}
	callback, err = p.SignIn(deadline(t), b, rp.begin().url("prompt", "none"), "lead")
	if err != nil || !strings.Contains(callback, "error=login_required") {
		t.Errorf("after signing out: %s (%v)", callback, err)
	}

	// Nobody is left to ask: the page goes on by a script of the library's, which the policy has to let run.
	res, _, err = send(deadline(t), &walker, http.MethodGet, at.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'sha256-") {
		t.Errorf("signing out twice stops at a page whose script may not run: %s", policy)
	}
}

func TestAnIssuerThatComesBackHasItsKeysAndHasForgottenItsSessions(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "ncsc"})
	rp, b := relying(t, p), browser(t)
	before := signIn(t, p, rp, b, "ncsc")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := newRelyingParty(deadline(t), p.URL(), testApp); err == nil {
		t.Error("a killed issuer answers")
	}
	if err := p.Restart(deadline(t)); err != nil {
		t.Fatal(err)
	}
	callback, err := p.SignIn(deadline(t), b, rp.begin().url("prompt", "none"), "ncsc")
	if err != nil || !strings.Contains(callback, "error=login_required") {
		t.Errorf("the session outlived the process: %s (%v)", callback, err)
	}
	if after := signIn(t, p, rp, b, "ncsc"); after.Subject != before.Subject { // rp still holds the old keys
		t.Errorf("subject %s, before %s", after.Subject, before.Subject)
	}
}

func TestAClientMayProveItselfByAKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "ES256", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	p := startIdP(t, IdPOptions{Issuer: "health", Clients: []IdPClient{{ID: "wardroom", JWKS: public}}})
	rp := relying(t, p)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	// RFC 7523, section 3
	assertion, err := json.Marshal(map[string]any{"iss": "wardroom", "sub": "wardroom", "aud": p.URL(), "jti": token(), "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix()})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(assertion)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	a := rp.begin()
	callback, err := p.SignIn(deadline(t), browser(t), a.url(), "lead")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(callback)
	res, err := http.PostForm(rp.config.Endpoint.TokenURL, url.Values{
		"grant_type": {"authorization_code"}, "code": u.Query()["code"], "redirect_uri": {rp.config.RedirectURL}, "code_verifier": {a.verifier},
		"client_id": {"wardroom"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {compact},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.StatusCode != http.StatusOK || !strings.Contains(string(text), "id_token") {
		t.Errorf("%s: %s", res.Status, text)
	}
}

func TestFaultsAreOffUnlessAllowed(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health"})
	if err := p.SetFaults(deadline(t), "alg-none"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v", err)
	}
}

func TestAnUnknownFaultIsRefused(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health", AllowFaults: true})
	if err := p.SetFaults(deadline(t), "alg-none", "alg-noen"); err == nil || !strings.Contains(err.Error(), "no such fault: alg-noen") {
		t.Errorf("got %v", err)
	}
}

// seen is everything that one request for a sign-in showed on the wire.
type seen struct {
	attempt   *attempt
	callback  url.Values
	status    int    // of the token endpoint, 0 if it did not answer
	raw       string // the ID token as it came
	header    map[string]any
	payload   map[string]any
	input     string // what is signed
	sig       []byte
	keys      []jose.JSONWebKey // published, before the fault
	published int               // the status of the key set under the fault
	now       []jose.JSONWebKey // published under the fault
	discovery int
	issuer    string
}

func (s *seen) signedBy(key any) bool {
	public, ok := key.(*rsa.PublicKey)
	sum := sha256.Sum256([]byte(s.input))
	return ok && rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], s.sig) == nil
}

func (s *seen) right() bool { return s.signedBy(s.keys[0].Key) }

func (s *seen) number(claim string) time.Time {
	n, _ := s.payload[claim].(float64)
	return time.Unix(int64(n), 0)
}

func (s *seen) mac(secret []byte) bool {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(s.input))
	return hmac.Equal(m.Sum(nil), s.sig)
}

func absent(claim string) func(*seen) bool {
	return func(s *seen) bool { _, there := s.payload[claim]; return s.right() && !there && len(s.payload) > 5 }
}

func is(claim string, want any) func(*seen) bool {
	return func(s *seen) bool { return s.right() && s.payload[claim] == want }
}

func about(claim string, from time.Duration) func(*seen) bool {
	return func(s *seen) bool {
		off := time.Until(s.number(claim)) - from
		return s.right() && off > -30*time.Second && off < 30*time.Second
	}
}

// Where a claim is changed the signature is right, so that only the reading of the claim can catch it.
var faultEffects = map[string]func(*seen) bool{
	"acr-weaker": func(s *seen) bool {
		want := "urn:wardroom:acr:password"
		if s.attempt.stepUpFor != "" {
			want = ACRMultiFactor
		}
		return is("acr", want)(s)
	},
	"acr-missing":       absent("acr"),
	"acr-array":         func(s *seen) bool { _, array := s.payload["acr"].([]any); return s.right() && array },
	"auth-time-stale":   about("auth_time", -time.Hour),
	"auth-time-missing": absent("auth_time"),
	"auth-time-future":  about("auth_time", time.Hour),
	"nonce-missing":     absent("nonce"),
	"nonce-wrong": func(s *seen) bool {
		return s.right() && s.payload["nonce"] != s.attempt.nonce && s.payload["nonce"] != ""
	},
	"aud-wrong":   is("aud", "another-client"),
	"aud-missing": absent("aud"),
	"aud-azp-other": func(s *seen) bool {
		return is("azp", "another-client")(s) && fmt.Sprint(s.payload["aud"]) == "[wardroom another-client]"
	},
	"iss-wrong":   is("iss", "http://127.0.0.1:9/another-issuer"),
	"iss-missing": absent("iss"),
	"exp-past":    about("exp", -10*time.Minute),
	"exp-missing": absent("exp"),
	"nbf-future":  about("nbf", time.Hour),
	"sub-missing": absent("sub"),
	"sub-empty":   is("sub", ""),
	"sub-other": func(s *seen) bool {
		return s.right() && s.payload["sub"] != s.attempt.stepUpFor && len(s.payload["sub"].(string)) > 8
	},
	"email-unverified":      is("email_verified", false),
	"email-verified-string": is("email_verified", "true"),
	"email-missing":         absent("email"),
	"email-other":           func(s *seen) bool { return is("email_verified", true)(s) && is("email", "tom.okafor@dsc.example")(s) },
	"alg-none":              func(s *seen) bool { return s.header["alg"] == "none" && len(s.sig) == 0 && s.payload["sub"] != nil },
	"alg-hs256-public-key": func(s *seen) bool {
		der, err := x509.MarshalPKIXPublicKey(s.keys[0].Key)
		return err == nil && s.header["alg"] == "HS256" && s.mac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	},
	"alg-hs256-client-secret": func(s *seen) bool { return s.header["alg"] == "HS256" && s.mac([]byte(testClients[0].Secret)) },
	"signature-broken":        func(s *seen) bool { return s.header["alg"] == "RS256" && len(s.sig) == 256 && !s.right() },
	"signature-missing":       func(s *seen) bool { return s.header["alg"] == "RS256" && len(s.sig) == 0 },
	"payload-altered":         func(s *seen) bool { return s.payload["name"] == "Someone Else" && len(s.sig) == 256 && !s.right() },
	"kid-wrong":               func(s *seen) bool { return s.right() && s.header["kid"] == "no-such-key" },
	"key-unknown":             func(s *seen) bool { return s.header["kid"] == s.keys[0].KeyID && len(s.sig) == 256 && !s.right() },
	"key-embedded": func(s *seen) bool {
		text, _ := json.Marshal(s.header["jwk"])
		var key jose.JSONWebKey
		return key.UnmarshalJSON(text) == nil && s.signedBy(key.Key) && !s.right()
	},
	"id-token-missing": func(s *seen) bool { return s.status == 200 && s.raw == "" },
	"id-token-garbage": func(s *seen) bool { return s.raw == "not.a.jwt" },
	"key-rotated": func(s *seen) bool {
		return len(s.now) == 1 && s.now[0].KeyID != s.keys[0].KeyID && s.header["kid"] == s.now[0].KeyID && s.signedBy(s.now[0].Key) && !s.right()
	},
	"jwks-empty":             func(s *seen) bool { return s.published == 200 && len(s.now) == 0 && s.right() },
	"jwks-500":               func(s *seen) bool { return s.published == 500 && s.right() },
	"token-500":              func(s *seen) bool { return s.status == 500 && s.raw == "" },
	"token-hangs":            func(s *seen) bool { return s.status == 0 },
	"discovery-500":          func(s *seen) bool { return s.discovery == 500 },
	"discovery-issuer-wrong": func(s *seen) bool { return s.discovery == 200 && s.issuer == "http://127.0.0.1:9/another-issuer" },
	"state-wrong": func(s *seen) bool {
		return s.callback.Has("state") && s.callback.Get("state") != s.attempt.state && s.right()
	},
	"state-missing":      func(s *seen) bool { return !s.callback.Has("state") && s.right() },
	"iss-param-wrong":    func(s *seen) bool { return s.callback.Get("iss") == "http://127.0.0.1:9/another-issuer" && s.right() },
	"iss-param-missing":  func(s *seen) bool { return !s.callback.Has("iss") && s.right() },
	"code-wrong":         func(s *seen) bool { return s.callback.Has("code") && s.status == 400 },
	"code-missing":       func(s *seen) bool { return !s.callback.Has("code") && !s.callback.Has("error") },
	"access-denied":      func(s *seen) bool { return !s.callback.Has("code") && s.callback.Get("error") == "access_denied" },
	"acr-values-ignored": is("acr", ACRMultiFactor),
	"max-age-ignored":    nil, // these two show in who is asked: TestIgnoredParametersAskNobody
	"prompt-ignored":     nil,
}

func TestEachFaultIsEmittedAsClaimedAndACarefulRelyingPartyNotices(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health", AllowFaults: true})
	faults, err := p.Faults(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, f := range faults {
		listed = append(listed, f.Name)
	}
	for name := range faultEffects {
		if !slices.Contains(listed, name) {
			t.Errorf("%s is tested, but the issuer does not list it", name)
		}
	}
	warm := relying(t, p) // knows the keys of before
	honest := signIn(t, p, warm, browser(t), "lead")
	for _, f := range faults {
		t.Run(f.Name, func(t *testing.T) {
			effect, known := faultEffects[f.Name]
			if !known {
				t.Fatal("the issuer lists it, but no effect is tested")
			}
			t.Cleanup(func() {
				if err := p.SetFaults(context.Background()); err != nil {
					t.Error(err)
				}
			})
			if effect != nil {
				if s := observe(t, p, f, honest.Subject); !effect(s) {
					t.Errorf("%s: not on the wire. Callback %v, token status %d, header %v, payload %v", f.Effect, s.callback, s.status, s.header, s.payload)
				}
			}
			rp := (*relyingParty)(nil)
			if f.Expect == "accept" {
				rp = warm
			}
			err := verdict(t, p, rp, f, honest.Subject)
			switch f.Expect {
			case "refuse":
				if err == nil {
					t.Error("a careful relying party did not notice")
				}
			case "accept":
				if err != nil {
					t.Errorf("a careful relying party refused: %v", err)
				}
			case "judge":
			default:
				t.Errorf("expect is %q", f.Expect)
			}
		})
	}
}

// start signs in honestly, switches the fault on and asks for what shows it.
func (f Fault) start(t *testing.T, p *IdP, rp *relyingParty, subject string) (*attempt, string, error) {
	t.Helper()
	b := browser(t)
	var params []string
	stepUpFor := ""
	if f.During == "step-up" {
		signIn(t, p, rp, b, "lead")
		params, stepUpFor = []string{"acr_values", ACRStepUp, "max_age", "0"}, subject
	}
	if err := p.SetFaults(deadline(t), f.Name); err != nil {
		t.Fatal(err)
	}
	a := rp.begin()
	a.stepUpFor = stepUpFor
	callback, err := p.SignIn(deadline(t), b, a.url(params...), "lead")
	return a, callback, err
}

// verdict is a careful relying party's: the error with which it refuses. A nil rp meets the issuer for the first time.
func verdict(t *testing.T, p *IdP, rp *relyingParty, f Fault, subject string) error {
	t.Helper()
	ctx := deadline(t)
	if rp == nil {
		if err := p.SetFaults(ctx); err != nil {
			t.Fatal(err)
		}
		if f.Where == "discovery" {
			if err := p.SetFaults(ctx, f.Name); err != nil {
				t.Fatal(err)
			}
			_, err := newRelyingParty(ctx, p.URL(), testApp)
			return err
		}
		rp = relying(t, p)
	}
	a, callback, err := f.start(t, p, rp, subject)
	if err != nil {
		t.Fatal(err)
	}
	_, err = a.finish(ctx, callback)
	return err
}

func observe(t *testing.T, p *IdP, f Fault, subject string) *seen {
	t.Helper()
	rp := relying(t, p)
	s := &seen{}
	var set struct{ Keys []jose.JSONWebKey }
	if fetch(t, p.URL()+"/jwks", &set); len(set.Keys) != 1 {
		t.Fatalf("%d keys are published", len(set.Keys))
	}
	s.keys = set.Keys
	a, callback, err := f.start(t, p, rp, subject)
	if err != nil {
		t.Fatal(err)
	}
	s.attempt = a
	u, err := url.Parse(callback)
	if err != nil {
		t.Fatal(err)
	}
	s.callback = u.Query()
	set.Keys = nil
	s.published = fetch(t, p.URL()+"/jwks", &set)
	s.now = set.Keys
	var document struct{ Issuer string }
	s.discovery = fetch(t, p.URL()+"/.well-known/openid-configuration", &document)
	s.issuer = document.Issuer

	ctx, cancel := context.WithTimeout(deadline(t), 2*time.Second)
	defer cancel()
	form := url.Values{"grant_type": {"authorization_code"}, "code": s.callback["code"], "redirect_uri": {rp.config.RedirectURL}, "code_verifier": {a.verifier}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, rp.config.Endpoint.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(rp.config.ClientID, rp.config.ClientSecret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return s // no answer in time
	}
	defer res.Body.Close()
	s.status = res.StatusCode
	var body struct {
		Token string `json:"id_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	s.raw = body.Token
	parts := strings.Split(s.raw, ".")
	if len(parts) != 3 {
		return s
	}
	s.input = parts[0] + "." + parts[1]
	for i, into := range []*map[string]any{&s.header, &s.payload} {
		if text, err := base64.RawURLEncoding.DecodeString(parts[i]); err == nil {
			_ = json.Unmarshal(text, into) // garbage stays nil
		}
	}
	s.sig, _ = base64.RawURLEncoding.DecodeString(parts[2])
	return s
}

func fetch(t *testing.T, at string, into any) int {
	t.Helper()
	res, err := http.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return res.StatusCode
}

func TestIgnoredParametersAskNobody(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health", AllowFaults: true})
	rp := relying(t, p)
	for fault, params := range map[string][]string{
		"acr-values-ignored": {"acr_values", ACRStepUp},
		"max-age-ignored":    {"max_age", "0"},
		"prompt-ignored":     {"prompt", "login"},
	} {
		t.Run(fault, func(t *testing.T) {
			b := browser(t)
			signIn(t, p, rp, b, "lead")
			if err := p.SetFaults(deadline(t), fault); err != nil {
				t.Fatal(err)
			}
			if c := signIn(t, p, rp, b, "nightlead", params...); c.Name != "Priya Anand" {
				t.Errorf("%s was asked", c.Name)
			}
			if err := p.SetFaults(deadline(t)); err != nil {
				t.Fatal(err)
			}
			if c := signIn(t, p, rp, b, "nightlead", params...); c.Name != "Tom Okafor" {
				t.Error("honest again, nobody was asked")
			}
		})
	}
}

func TestThousandsOfSessionsLiveAtOnce(t *testing.T) {
	p := startIdP(t, IdPOptions{Issuer: "health", Extra: 400})
	rp := relying(t, p)
	first := browser(t)
	signIn(t, p, rp, first, "guest1")
	for i := 2; i <= 400; i++ { // each leaves some five rows: more than a thousand in all
		signIn(t, p, rp, browser(t), fmt.Sprintf("guest%d", i))
	}
	if c := signIn(t, p, rp, first, "", "prompt", "none"); c.Name != "Guest 1" {
		t.Errorf("%+v", c)
	}
}
