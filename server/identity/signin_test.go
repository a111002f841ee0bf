package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/devkit"
	"wardroom/server/incident"
)

func problemOf(t *testing.T, location string) problem {
	t.Helper()
	u, err := url.Parse(location)
	check(t, err)
	switch u.Path {
	case "/step-up": // our own page, for a passkey while the issuer cannot be asked
		return pIssuerDown
	case "/sign-in":
	default:
		return ""
	}
	return problem(u.Query().Get("problem"))
}

func TestSigningInMakesOneSessionAndAPersonKnownBySubject(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	b := h.browser()
	b.signIn("health", idp["health"], "lead")
	a, s, err := b.actor()
	check(t, err)
	if a.Person != "" || s.Subject != "hhzirynmdm2dpts2tk4kugua" || s.Name != "Priya Anand" || s.Email != "priya.anand@dsc.example" || !s.EmailVerified ||
		s.Organisation != "DSC" || s.ACR != devkit.ACRMultiFactor || s.AuthTime.IsZero() || !s.StepUp.IsZero() || s.Device != "Firefox on Windows" || s.Issuer != "health" {
		t.Errorf("%#v of subject %s", a, s.Subject)
	}
	if h.sessions() != 1 {
		t.Errorf("%d sessions", h.sessions())
	}
	if _, left := b.cookies[signInCookie]; left {
		t.Error("the sign-in's cookie is still there")
	}
	id := h.record("health", s.Subject)
	if a, _, err := b.actor(); err != nil || a.Person != id {
		t.Errorf("registered: %+v, %v", a, err)
	}
}

func TestTheRequestToTheIssuerIsBoundToThisBrowser(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	seen := map[string]bool{}
	for range 3 {
		res := h.browser().navigate(h.id.ServeStart, "/auth/start?issuer=health", false)
		u, err := url.Parse(res.Header.Get("Location"))
		check(t, err)
		q := u.Query()
		if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("acr_values") != devkit.ACRMultiFactor ||
			q.Get("redirect_uri") != site+"/auth/callback" || q.Has("max_age") || !slices.Contains(strings.Fields(q.Get("scope")), "openid") || q.Has("client_secret") {
			t.Errorf("%v", q)
		}
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			if len(q.Get(name)) != secretLength || seen[q.Get(name)] {
				t.Errorf("%s is %q", name, q.Get(name))
			}
			seen[q.Get(name)] = true
		}
		if c := res.Cookies(); len(c) != 1 || c[0].MaxAge != 600 {
			t.Errorf("%v", c)
		}
	}
}

// Every way in which the development issuer can lie, against a fresh server
// that knows none of its keys.
func TestEveryDefectOfAnIssuerIsRefused(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})["health"]
	all, err := idp.Faults(t.Context())
	check(t, err)
	if len(all) < 40 {
		t.Fatalf("only %d faults", len(all))
	}
	refused := 0
	for _, f := range all {
		if f.Where == "request" {
			continue // what an issuer ignores: TestAnIssuerThatIgnoresWhatWasAskedIsRefused
		}
		t.Run(f.Name, func(t *testing.T) {
			h := newHouse(t, map[string]*devkit.IdP{"health": idp})
			b := h.browser()
			if f.During == "step-up" || f.Expect == "refuse" {
				check(t, idp.SetFaults(t.Context()))
				b.signIn("health", idp, "lead")
				h.renew()
			}
			before := h.sessions()
			_, had, _ := b.actor()
			token := ""
			if c := b.cookies[SessionCookie]; c != nil {
				token = c.Value
			}
			check(t, idp.SetFaults(t.Context(), f.Name))
			t.Cleanup(func() { check(t, idp.SetFaults(context.Background())) })

			if f.Expect == "refuse" {
				// Stepping up shows every fault; signing in, those not of step-up.
				if p := problemOf(t, b.walk(h.id.ServeStepUp, "/auth/step-up?return=/rooms/abc", idp, "lead")); p == "" || p == pInternal {
					t.Errorf("step-up: problem %q", p)
				}
				_, s, err := b.actor()
				if err != nil || !s.StepUp.IsZero() || b.cookies[SessionCookie].Value != token || s.ID != had.ID {
					t.Errorf("after the refused step-up: %v, %v, stepped up %v", s, err, s.StepUp)
				}
			}
			if f.During == "step-up" {
				refused++
				return
			}
			h.renew()
			fresh := h.browser()
			to := fresh.walk(h.id.ServeStart, "/auth/start?issuer=health&return=/rooms/abc", idp, "lead")
			if f.Expect != "refuse" {
				if to != "/rooms/abc" || h.sessions() != before+1 {
					t.Fatalf("ends at %s with %d sessions", to, h.sessions())
				}
				_, s, err := fresh.actor()
				check(t, err)
				if trusted := f.Name == "key-rotated" || f.Name == "email-other"; s.EmailVerified != trusted || s.Subject != "hhzirynmdm2dpts2tk4kugua" {
					t.Errorf("verified %v, subject %s", s.EmailVerified, s.Subject)
				}
				return
			}
			refused++
			if p := problemOf(t, to); p == "" || p == pInternal {
				t.Errorf("sign-in ends at %s", to)
			}
			if h.sessions() != before || fresh.cookies[SessionCookie] != nil || fresh.cookies[signInCookie] != nil {
				t.Errorf("%d sessions, cookies %v", h.sessions(), fresh.cookies)
			}
		})
	}
	t.Logf("%d of %d faults refused, 0 sessions", refused, len(all))
}

func TestAnIssuerThatIgnoresWhatWasAskedIsRefused(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})["health"]
	for _, c := range []struct {
		what   string
		stepUp string
		faults []string
		want   problem
	}{
		{"acr_values", devkit.ACRStepUp, []string{"acr-values-ignored"}, pWeak},
		{"everything", devkit.ACRStepUp, []string{"acr-values-ignored", "max-age-ignored", "prompt-ignored"}, pWeak},
		// The class cannot tell here: only auth_time does.
		{"max_age, where both classes are one", devkit.ACRMultiFactor, []string{"max-age-ignored", "prompt-ignored"}, pStale},
	} {
		t.Run(c.what, func(t *testing.T) {
			h := newHouse(t, map[string]*devkit.IdP{"health": idp})
			h.apply(&incident.IssuerSet{Key: "health", URL: idp.URL(), Acr: devkit.ACRMultiFactor, StepUp: c.stepUp})
			b := h.browser()
			check(t, idp.SetFaults(t.Context()))
			b.signIn("health", idp, "lead")
			h.later(3 * time.Second) // within the skew: a window alone would let it pass
			check(t, idp.SetFaults(t.Context(), c.faults...))
			t.Cleanup(func() { check(t, idp.SetFaults(context.Background())) })
			if p := problemOf(t, b.walk(h.id.ServeStepUp, "/auth/step-up", idp, "lead")); p != c.want {
				t.Errorf("problem %q, want %q", p, c.want)
			}
			if _, s, err := b.actor(); err != nil || !s.StepUp.IsZero() {
				t.Errorf("%v, %v", s.StepUp, err)
			}
		})
	}
}

func TestAStepUpKeepsTheSessionAndChangesItsToken(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	b := h.browser()
	b.signIn("health", idp["health"], "lead")
	_, before, err := b.actor()
	check(t, err)
	old := *b.cookies[SessionCookie]
	res := b.navigate(h.id.ServeStepUp, "/auth/step-up?return=/rooms/red", false)
	u, err := url.Parse(res.Header.Get("Location"))
	check(t, err)
	if q := u.Query(); q.Get("max_age") != "0" || q.Get("prompt") != "login" || q.Get("acr_values") != devkit.ACRStepUp {
		t.Errorf("asked %v", q)
	}
	if to := b.walk(h.id.ServeStepUp, "/auth/step-up?return=/rooms/red", idp["health"], "lead"); to != "/rooms/red" {
		t.Fatalf("ends at %s", to)
	}
	a, after, err := b.actor()
	check(t, err)
	if after.ID != before.ID || h.sessions() != 1 || b.cookies[SessionCookie].Value == old.Value {
		t.Errorf("session %v, was %v; %d sessions", after, before, h.sessions())
	}
	if !a.SteppedUp(after.Now) || a.StepUp.After(after.Now) || after.Now.Sub(a.StepUp) > time.Minute || after.ACR != devkit.ACRStepUp {
		t.Errorf("stepped up at %v, now %v, acr %s", a.StepUp, after.Now, after.ACR)
	}
	b.cookies[SessionCookie] = &old
	_, _, err = b.actor()
	wantFault(t, "the old token", err, incident.SignedOut)
}

func TestNobodyElseCanAnswerAStepUp(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	b := h.browser()
	b.signIn("health", idp["health"], "lead")
	if p := problemOf(t, b.walk(h.id.ServeStepUp, "/auth/step-up", idp["health"], "nightlead")); p != pOther {
		t.Errorf("problem %q", p)
	}
	a, s, err := b.actor()
	if err != nil || !a.StepUp.IsZero() || s.Name != "Priya Anand" || h.sessions() != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAStepUpNeedsALiveSessionWhenItBeginsAndWhenItEnds(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	b := h.browser()
	if p := problemOf(t, b.walk(h.id.ServeStepUp, "/auth/step-up", idp["health"], "lead")); p != pSignedOut {
		t.Errorf("without one: %q", p)
	}
	b.signIn("health", idp["health"], "lead")
	_, s, err := b.actor()
	check(t, err)
	if res := b.navigate(h.id.ServeStepUp, "/auth/step-up", true); problemOf(t, res.Header.Get("Location")) != pSignedOut {
		t.Error("another site began one")
	}
	res := b.navigate(h.id.ServeStepUp, "/auth/step-up", false)
	back, err := idp["health"].SignIn(t.Context(), b.issuer, res.Header.Get("Location"), "lead")
	check(t, err)
	check(t, h.id.EndAny(t.Context(), s.ID))
	if p := problemOf(t, b.comeBack(back)); p != pSignedOut {
		t.Errorf("ended meanwhile: %q", p)
	}
	_, _, err = b.actor()
	wantFault(t, "afterwards", err, incident.SignedOut)
}

func TestATokenFromBeforeTheSignInIsNeverAdopted(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	// Somebody planted a token of theirs, and one of nobody's.
	attacker := h.browser()
	attacker.signIn("health", idp["health"], "outsider")
	_, planted, err := attacker.actor()
	check(t, err)
	for what, value := range map[string]string{"of nobody": strings.Repeat("A", 43), "of the attacker": attacker.cookies[SessionCookie].Value} {
		victim := h.browser()
		victim.cookies[SessionCookie] = &http.Cookie{Name: SessionCookie, Value: value, SameSite: http.SameSiteStrictMode}
		victim.signIn("health", idp["health"], "lead")
		_, s, err := victim.actor()
		check(t, err)
		if victim.cookies[SessionCookie].Value == value || s.ID == planted.ID || s.Name != "Priya Anand" {
			t.Errorf("%s: adopted", what)
		}
	}
	_, _, err = attacker.actor()
	wantFault(t, "the attacker's session", err, incident.SignedOut)
	if !slices.Contains(h.heard(), planted.ID) {
		t.Error("its sockets are not cut")
	}
}

func TestALockedSessionOpensToAFreshSecondFactorOnly(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	b := h.browser()
	b.signIn("health", idp["health"], "lead")
	_, before, err := b.actor()
	check(t, err)
	super(t, h.database, `UPDATE session SET last_seen = last_seen - interval '31 minutes', auth_time = auth_time - interval '31 minutes'`)
	_, _, err = b.actor()
	wantFault(t, "locked", err, incident.SignedOut)
	check(t, idp["health"].SetFaults(t.Context(), "max-age-ignored", "prompt-ignored"))
	super(t, h.database, `UPDATE session SET auth_time = now() - interval '5 seconds'`)
	h.later(3 * time.Second)
	res := b.navigate(h.id.ServeStart, "/auth/start?issuer=health", false)
	u, err := url.Parse(res.Header.Get("Location"))
	check(t, err)
	if u.Query().Get("max_age") != "0" {
		t.Error("a locked session is opened by whatever the issuer remembers")
	}
	check(t, idp["health"].SetFaults(t.Context()))
	b.signIn("health", idp["health"], "lead")
	_, after, err := b.actor()
	if err != nil || after.ID != before.ID || h.sessions() != 1 {
		t.Errorf("%v, %v, %v", after, before, err)
	}
}

func TestTheSameSubjectAndAddressAtAnotherIssuerIsSomeoneElse(t *testing.T) {
	t.Parallel()
	idps := issuersOf(t, map[string]string{"health": "health", "mirror": "health"}) // the same people, vouched for by someone else
	h := newHouse(t, idps)
	person := h.record("health", "hhzirynmdm2dpts2tk4kugua")
	h.apply(&incident.AdministratorGranted{Person: person})
	real, false_ := h.browser(), h.browser()
	real.signIn("health", idps["health"], "lead")
	false_.signIn("mirror", idps["mirror"], "lead")
	a, s, err := real.actor()
	if err != nil || a.Person != person || !a.Admin {
		t.Fatalf("%+v, %v", a, err)
	}
	b, s2, err := false_.actor()
	check(t, err)
	if b.Person != "" || b.Admin || len(b.Orgs) != 0 || s2.Subject != s.Subject || s2.Email != s.Email {
		t.Errorf("%+v", b)
	}
	list, err := h.id.Sessions(t.Context(), s2)
	if err != nil || len(list) != 1 || list[0].ID != s2.ID {
		t.Errorf("sees %v, %v", list, err)
	}
	wantFault(t, "ends the other's session", h.id.End(t.Context(), s2, s.ID), incident.NotFound)
	// Their answer to the real one's question does not count.
	res := real.navigate(h.id.ServeStepUp, "/auth/step-up", false)
	u, err := url.Parse(res.Header.Get("Location"))
	check(t, err)
	m, err := url.Parse(idps["mirror"].URL())
	check(t, err)
	u.Host = m.Host
	back, err := idps["mirror"].SignIn(t.Context(), real.issuer, u.String(), "lead")
	check(t, err)
	if p := problemOf(t, real.comeBack(back)); p != pToken {
		t.Errorf("mixed up: %q", p)
	}
}

func TestAnIssuerThatIsDownStopsNobodyElse(t *testing.T) {
	t.Parallel()
	idps := issuersOf(t, map[string]string{"health": "health", "ncsc": "ncsc"})
	h := newHouse(t, idps)
	inside := h.browser()
	inside.signIn("health", idps["health"], "lead")
	check(t, idps["health"].Kill())
	h.renew() // and the server starts without it

	if _, _, err := inside.actor(); err != nil {
		t.Errorf("already in: %v", err)
	}
	other := h.browser()
	other.signIn("ncsc", idps["ncsc"], "ncsc")
	states, err := h.id.States(t.Context())
	check(t, err)
	if want := []IssuerState{{"health", "The health issuer", false}, {"ncsc", "The ncsc issuer", true}}; !slices.Equal(states, want) {
		t.Errorf("%v", states)
	}
	asked := time.Now()
	if p := problemOf(t, h.browser().walk(h.id.ServeStart, "/auth/start?issuer=health", nil, "")); p != pIssuerDown || time.Since(asked) > 4*time.Second {
		t.Errorf("problem %q after %v", p, time.Since(asked))
	}
	check(t, idps["health"].Restart(t.Context()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	done := make(chan error)
	go func() { done <- h.id.Run(ctx) }()
	for ctx.Err() == nil { // Run asks it again, nobody else does
		if k := h.id.issuers.get(h.system.Issuers["health"]); k != nil && k.err == nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
	if ctx.Err() != nil {
		t.Fatal("it was not asked again")
	}
	inside.signIn("health", idps["health"], "lead")
	cancel()
	check(t, <-done)
}

func TestAnIssuerThatHangsCostsThreeSecondsOnce(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(func() { close(release); hangs.Close() })
	h := newHouse(t, nil)
	h.options.Clients["slow"] = Client{ID: "wardroom", Secret: "x"}
	h.renew()
	h.apply(&incident.IssuerSet{Key: "slow", Name: "Slow", URL: hangs.URL, Acr: "a", StepUp: "b"})
	asked := time.Now()
	states, err := h.id.States(t.Context())
	if took := time.Since(asked); err != nil || states[0].Up || took < 2*time.Second || took > 5*time.Second {
		t.Errorf("%v, %v after %v", states, err, took)
	}
	asked = time.Now()
	if _, err := h.id.States(t.Context()); err != nil || time.Since(asked) > time.Second {
		t.Errorf("the second time: %v after %v", err, time.Since(asked))
	}
}

func TestAnIssuersAnswerIsReadUpToALimit(t *testing.T) {
	t.Parallel()
	floods := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 1<<16)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(floods.Close)
	redirects := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/", http.StatusFound))
	t.Cleanup(redirects.Close)
	h := newHouse(t, nil)
	for key, url := range map[string]string{"floods": floods.URL, "redirects": redirects.URL} {
		h.options.Clients[key] = Client{ID: "wardroom"}
		h.apply(&incident.IssuerSet{Key: key, Name: key, URL: url, Acr: "a", StepUp: "b"})
	}
	h.renew()
	states, err := h.id.States(t.Context())
	if err != nil || len(states) != 2 || states[0].Up || states[1].Up {
		t.Errorf("%v, %v", states, err)
	}
}

func TestASuspendedPersonCannotSignIn(t *testing.T) {
	t.Parallel()
	idp := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idp)
	h.apply(&incident.PersonSuspended{Person: h.record("health", "hhzirynmdm2dpts2tk4kugua")})
	b := h.browser()
	if p := problemOf(t, b.walk(h.id.ServeStart, "/auth/start?issuer=health", idp["health"], "lead")); p != pSuspended || h.sessions() != 0 {
		t.Errorf("problem %q, %d sessions", p, h.sessions())
	}
}

func TestASignInThatWasNotBegunHereDoesNotEndHere(t *testing.T) {
	t.Parallel()
	idps := issuersOf(t, map[string]string{"health": "health"})
	idp := idps["health"]
	h := newHouse(t, idps)
	begin := func(b *browser) (callback string) {
		res := b.navigate(h.id.ServeStart, "/auth/start?issuer=health", false)
		back, err := idp.SignIn(t.Context(), b.issuer, res.Header.Get("Location"), "outsider")
		check(t, err)
		return back
	}
	attacker := h.browser()
	victim := h.browser()
	for what, prepare := range map[string]func() string{
		"another browser's callback, none begun": func() string { return begin(attacker) },
		"another browser's callback, one begun":  func() string { begin(victim); return begin(attacker) },
		"after ten minutes":                      func() string { back := begin(victim); h.later(10 * time.Minute); return back },
		"a cookie that was changed": func() string {
			back := begin(victim)
			c := victim.cookies[signInCookie]
			c.Value = strings.Map(func(r rune) rune {
				if r == 'A' {
					return 'B'
				}
				return r
			}, c.Value) + "A"
			return back
		},
		"a parameter twice": func() string { return begin(victim) + "&state=x" },
		"a second time": func() string {
			back := begin(victim)
			cookie := *victim.cookies[signInCookie]
			victim.comeBack(back)
			super(t, h.database, `DELETE FROM session`)
			victim.cookies = map[string]*http.Cookie{signInCookie: &cookie} // even with the cookie put back: the code is spent
			return back
		},
	} {
		victim.cookies = map[string]*http.Cookie{}
		back := prepare()
		if p := problemOf(t, victim.comeBack(back)); (p != pExpired && p != pRefused) || h.sessions() != 0 || victim.cookies[SessionCookie] != nil {
			t.Errorf("%s: problem %q, %d sessions", what, p, h.sessions())
		}
		h.mu.Lock()
		h.shift = 0
		h.mu.Unlock()
	}
	// At another of our addresses the cookie does not open.
	back := begin(victim)
	u, err := url.Parse(back)
	check(t, err)
	u.Host, victim.host = "[::1]:8080", "[::1]:8080"
	if p := problemOf(t, victim.comeBack(u.String())); p != pExpired {
		t.Errorf("at another address: %q", p)
	}
}

func TestTheCallbackIsTheAddressTheBrowserCameBy(t *testing.T) {
	t.Parallel()
	idps := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idps)
	b := h.browser()
	b.host = "[::1]:8080"
	b.signIn("health", idps["health"], "lead")
	for _, host := range []string{"evil.example", "wardroom.example.evil.example", "wardroom.example:8443", "wardroom.example.", "localhost:8080", "", "[::1]:8081", "::1"} {
		for _, serve := range []http.HandlerFunc{h.id.ServeStart, h.id.ServeStepUp, h.id.ServeCallback} {
			r := b.request("/auth/start?issuer=health", false)
			r.Host = host
			r.Header.Set("X-Forwarded-Host", "wardroom.example")
			w := httptest.NewRecorder()
			serve(w, r)
			if w.Code != http.StatusMisdirectedRequest || w.Header().Get("Location") != "" || len(w.Result().Cookies()) > 0 {
				t.Errorf("host %q: %d %v", host, w.Code, w.Header())
			}
		}
	}
}

func TestWhatBeginsWronglyGoesToTheSignInPage(t *testing.T) {
	t.Parallel()
	idps := issuersOf(t, map[string]string{"health": "health"})
	h := newHouse(t, idps)
	h.apply(&incident.IssuerSet{Key: "unset", Name: "No client", URL: "https://unset.example", Acr: "a"})
	h.apply(&incident.IssuerSet{Key: "stopped", Name: "Stopped", URL: idps["health"].URL(), Acr: "a"})
	h.apply(&incident.IssuerStopped{Key: "stopped"})
	for target, want := range map[string]problem{
		"/auth/start": pIssuer, "/auth/start?issuer=nobody": pIssuer, "/auth/start?issuer=stopped": pIssuer, "/auth/start?issuer=unset": pIssuerDown,
	} {
		b := h.browser()
		if p := problemOf(t, b.navigate(h.id.ServeStart, target, false).Header.Get("Location")); p != want || len(b.cookies) != 0 {
			t.Errorf("%s: %q, want %q", target, p, want)
		}
	}
	to := h.browser().navigate(h.id.ServeStart, "/auth/start?issuer=health&return=/rooms/a", true).Header.Get("Location")
	if to != "/sign-in?return=%2Frooms%2Fa" {
		t.Errorf("begun by another site: %s", to)
	}
	for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodPut, http.MethodOptions} {
		for _, serve := range []http.HandlerFunc{h.id.ServeStart, h.id.ServeStepUp, h.id.ServeCallback} {
			r := h.browser().request("/auth/start?issuer=health", false)
			r.Method = method
			w := httptest.NewRecorder()
			serve(w, r)
			if w.Code != http.StatusMethodNotAllowed || len(w.Result().Cookies()) > 0 {
				t.Errorf("%s: %d", method, w.Code)
			}
		}
	}
	states, err := h.id.States(t.Context())
	if err != nil || slices.ContainsFunc(states, func(s IssuerState) bool { return s.Key == "stopped" }) {
		t.Errorf("%v, %v", states, err)
	}
}
