package identity

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 5, 12, 12, 0, 0, 0, time.UTC)

// wanted is a question, and answer the ID token of an honest issuer to it.
func wanted() want {
	return want{issuer: "https://issuer.example", client: "wardroom", nonce: "n", acr: []string{"mfa", "stepup"}, started: noon}
}

func answer() map[string]any {
	at := noon.Add(20 * time.Second).Unix()
	return map[string]any{
		"iss": "https://issuer.example", "sub": "s1", "aud": "wardroom", "nonce": "n", "acr": "mfa", "exp": at + 300, "iat": at, "auth_time": at,
		"name": "Priya Anand", "email": "priya.anand@dsc.example", "email_verified": true, "organisation": "DSC",
	}
}

func decodeClaims(t *testing.T, m map[string]any) (c claims, err error) {
	b, err := json.Marshal(m)
	check(t, err)
	err = json.Unmarshal(b, &c)
	return c, err
}

func TestAnIDTokenIsJudgedByEveryClaim(t *testing.T) {
	now := noon.Add(30 * time.Second)
	secs := func(d time.Duration) int64 { return now.Add(d).Unix() }
	absent := struct{}{}
	for _, c := range []struct {
		what  string
		claim string
		value any
		fresh bool
		want  problem // "" for accepted
	}{
		{"honest", "iss", "https://issuer.example", false, ""},
		{"honest and fresh", "iss", "https://issuer.example", true, ""},
		{"a slash more", "iss", "https://issuer.example/", false, pToken},
		{"no issuer", "iss", absent, false, pToken},
		{"no subject", "sub", absent, false, pToken},
		{"empty subject", "sub", "", false, pToken},
		{"subject of spaces", "sub", " ", false, pToken},
		{"subject with a NUL", "sub", "s1\x00", false, pToken},
		{"subject of 256 bytes", "sub", strings.Repeat("a", 256), false, pToken},
		{"numeric subject", "sub", 7, false, pToken},
		{"another audience", "aud", "other", false, pToken},
		{"no audience", "aud", absent, false, pToken},
		{"empty audience", "aud", []string{}, false, pToken},
		{"us in a list", "aud", []string{"wardroom"}, false, ""},
		{"two audiences without azp", "aud", []string{"wardroom", "other"}, false, pToken},
		{"azp of another", "azp", "other", false, pToken},
		{"azp of us", "azp", "wardroom", false, ""},
		{"empty azp", "azp", "", false, pToken},
		{"no nonce", "nonce", absent, false, pToken},
		{"another nonce", "nonce", "m", false, pToken},
		{"numeric nonce", "nonce", 1, false, pToken},
		{"expired now", "exp", secs(0), false, pToken},
		{"expires in a second", "exp", secs(time.Second), false, ""},
		{"no exp", "exp", absent, false, pToken},
		{"exp as text", "exp", "2099-01-01", false, pToken},
		{"exp beyond reason", "exp", 1e300, false, pToken},
		{"negative exp", "exp", -5, false, pToken},
		{"no iat", "iat", absent, false, pToken},
		{"issued ahead within the skew", "iat", secs(59 * time.Second), false, ""},
		{"issued ahead", "iat", secs(61 * time.Second), false, pToken},
		{"issued before we asked", "iat", noon.Add(-61 * time.Second).Unix(), false, pToken},
		{"not yet valid", "nbf", secs(61 * time.Second), false, pToken},
		{"valid by now", "nbf", secs(0), false, ""},
		{"no acr", "acr", absent, false, pWeak},
		{"empty acr", "acr", "", false, pWeak},
		{"weaker acr", "acr", "password", false, pWeak},
		{"stronger acr", "acr", "stepup", false, ""},
		{"acr in a list", "acr", []string{"mfa"}, false, pToken},
		{"acr that contains ours", "acr", "mfa stepup", false, pWeak},
		{"acr in capitals", "acr", "MFA", false, pWeak},
		{"no auth_time, not asked", "auth_time", absent, false, ""},
		{"no auth_time", "auth_time", absent, true, pStale},
		{"auth_time an hour ago", "auth_time", secs(-time.Hour), true, pStale},
		{"auth_time an hour ago, not asked", "auth_time", secs(-time.Hour), false, ""},
		{"auth_time of the session we know", "auth_time", noon.Add(-30 * time.Second).Unix(), true, pStale},
		{"auth_time just after it, by a slow clock", "auth_time", noon.Add(-29 * time.Second).Unix(), true, ""},
		{"auth_time ahead within the skew", "auth_time", secs(59 * time.Second), true, ""},
		{"auth_time ahead", "auth_time", secs(2 * time.Minute), true, pStale},
		{"auth_time as text", "auth_time", "now", true, pToken},
		{"no e-mail address", "email", absent, false, ""},
	} {
		m := answer()
		m[c.claim] = c.value
		if c.value == absent {
			delete(m, c.claim)
		}
		w := wanted()
		w.fresh, w.before = c.fresh, noon.Add(-30*time.Second)
		got := problem("")
		claims, err := decodeClaims(t, m)
		if err != nil {
			got = pToken
		} else if err := claims.judge(w, now); err != nil {
			var r *refusal
			if !errors.As(err, &r) {
				t.Fatal(err)
			}
			got = r.problem
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func TestARecordThatDemandsNothingAcceptsNothing(t *testing.T) {
	w := wanted()
	w.acr = []string{"", ""}
	for _, acr := range []any{"", "mfa"} {
		m := answer()
		m["acr"] = acr
		c, err := decodeClaims(t, m)
		check(t, err)
		if c.judge(w, noon.Add(30*time.Second)) == nil {
			t.Errorf("acr %q is accepted", acr)
		}
	}
	w = wanted()
	w.nonce = ""
	m := answer()
	delete(m, "nonce")
	c, err := decodeClaims(t, m)
	check(t, err)
	if c.judge(w, noon.Add(30*time.Second)) == nil {
		t.Error("no nonce matches no nonce")
	}
}

func TestAStepUpWithinTheSecondOfTheSignInIsFresh(t *testing.T) {
	// Issuers count whole seconds: both authentications are at 12:00:00.
	w := wanted()
	w.fresh, w.before, w.started = true, noon, noon.Add(400*time.Millisecond)
	m := answer()
	m["auth_time"] = noon.Unix()
	c, err := decodeClaims(t, m)
	check(t, err)
	check(t, c.judge(w, noon.Add(900*time.Millisecond+time.Second*20)))
}

func TestOnlyTrueVerifiesAnAddress(t *testing.T) {
	for _, c := range []struct {
		email    any
		verified any
		want     bool
	}{
		{"a@x.example", true, true}, {"a@x.example", "true", false}, {"a@x.example", 1, false}, {"a@x.example", false, false}, {"a@x.example", nil, false},
		{"a@x.example", []bool{true}, false}, {"", true, false}, {"a @x.example", true, false}, {"a@x.example\r\nBcc: b@x", true, false},
		{strings.Repeat("a", 250) + "@x.example", true, false},
	} {
		m := answer()
		m["email"], m["email_verified"] = c.email, c.verified
		got, err := decodeClaims(t, m)
		check(t, err)
		if p := got.particulars(); p.EmailVerified != c.want || (!c.want && c.verified == true && p.Email != "") {
			t.Errorf("%v %v: %+v", c.email, c.verified, p)
		}
	}
}

func TestANameCannotDisguiseItself(t *testing.T) {
	for given, want := range map[string]string{
		"Siân Ŵyn-Jones": "Siân Ŵyn-Jones", "  a\tb\r\nc ": "a b  c", "evil\u202egpj.exe": "evilgpj.exe", "\x1b[2Jroot": "[2Jroot", "zero\u200bwidth": "zerowidth",
		"bad\xffutf8": "badutf8", "": "", strings.Repeat("é", 200): strings.Repeat("é", 120),
	} {
		if got := shown(given, 120); got != want {
			t.Errorf("%q is shown as %q, want %q", given, got, want)
		}
	}
}

func TestAnIssuersEndpointsAreAsSafeAsItself(t *testing.T) {
	for _, c := range []struct {
		endpoint, issuer string
		want             bool
	}{
		{"https://issuer.example/token", "https://issuer.example", true}, {"https://other.example/token", "https://issuer.example", true},
		{"http://issuer.example/token", "https://issuer.example", false}, {"http://127.0.0.1:9/token", "https://issuer.example", false},
		{"http://127.0.0.1:9/token", "http://127.0.0.1:9", true}, {"http://issuer.example/token", "http://127.0.0.1:9", false},
		{"http://issuer.example/token", "http://issuer.example", false}, {"https://a:b@issuer.example/token", "https://issuer.example", false},
		{"", "https://issuer.example", false}, {"/token", "https://issuer.example", false}, {"file:///etc/passwd", "https://issuer.example", false},
		{"http://169.254.169.254/latest", "http://127.0.0.1:9", false},
	} {
		if got := asSafe(c.endpoint, c.issuer); got != c.want {
			t.Errorf("%s of %s: %v", c.endpoint, c.issuer, got)
		}
	}
}
