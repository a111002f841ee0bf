package identity

import (
	"bytes"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"wardroom/server/incident"
)

// skew is how far an issuer's clock may be from ours.
const skew = 60 * time.Second

// claims is what an ID token says (OpenID Connect Core 1.0, section 2). Its
// signature is checked before it is decoded.
type claims struct {
	Issuer        string          `json:"iss"`
	Subject       string          `json:"sub"`
	Audience      audience        `json:"aud"`
	Party         *string         `json:"azp"`
	Expires       seconds         `json:"exp"`
	Issued        seconds         `json:"iat"`
	NotBefore     seconds         `json:"nbf"`
	Nonce         string          `json:"nonce"`
	ACR           string          `json:"acr"`
	AuthTime      seconds         `json:"auth_time"`
	Name          string          `json:"name"`
	Email         string          `json:"email"`
	EmailVerified json.RawMessage `json:"email_verified"`
	Organisation  json.RawMessage `json:"organisation"`
}

// audience is one name or several.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// seconds is a NumericDate (RFC 7519, section 2); zero if it was absent.
type seconds struct{ time.Time }

func (s *seconds) UnmarshalJSON(b []byte) error {
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	if f <= 0 || f > 1e11 { // the year 5138
		return errors.New("not a date")
	}
	s.Time = time.UnixMilli(int64(f * 1000)).UTC()
	return nil
}

// want is what an ID token must say to be the answer to our question.
type want struct {
	issuer, client, nonce string
	acr                   []string  // any of these
	fresh                 bool      // max_age=0 was asked
	before                time.Time // the authentication we knew of when we asked
	started               time.Time
}

func wantOf(s signIn, set incident.IssuerSet, client string) want {
	w := want{issuer: set.URL, client: client, nonce: s.Nonce, fresh: s.Fresh, before: s.AuthTime, started: s.Started}
	if s.StepUp {
		w.acr = []string{set.StepUp}
	} else {
		w.acr = []string{set.Acr, set.StepUp} // a step-up is a sign-in too, and a stronger one
	}
	return w
}

// judge is every check that is ours. The library has checked signature,
// algorithm, iss and aud; what of it can be said again here costs nothing and
// does not rest on the library's options.
func (c claims) judge(w want, now time.Time) error {
	switch {
	case c.Issuer != w.issuer,
		c.Subject == "" || len(c.Subject) > 255 || !printable(c.Subject),
		!c.Audience.has(w.client),
		len(c.Audience) > 1 && c.Party == nil,
		c.Party != nil && *c.Party != w.client,
		subtle.ConstantTimeCompare([]byte(c.Nonce), []byte(w.nonce)) != 1 || w.nonce == "",
		!now.Before(c.Expires.Time), // an absent exp is long past
		c.Issued.IsZero() || c.Issued.After(now.Add(skew)) || c.Issued.Before(w.started.Add(-skew)),
		c.NotBefore.After(now.Add(skew)):
		return refuse(pToken)
	case !c.strong(w.acr):
		return refuse(pWeak)
	case w.fresh && !c.freshFor(w, now):
		return refuse(pStale)
	}
	return nil
}

func (a audience) has(client string) bool {
	for _, s := range a {
		if s == client {
			return client != ""
		}
	}
	return false
}

func (c claims) strong(any []string) bool {
	for _, acr := range any {
		if acr != "" && c.ACR == acr {
			return true
		}
	}
	return false
}

// freshFor reports whether the person was authenticated for this very request.
// The window allows for the issuer's clock; that it is a later authentication
// than the one we knew of needs no clock, and finds an issuer that ignored
// max_age seconds after a sign-in. Issuers count whole seconds.
func (c claims) freshFor(w want, now time.Time) bool {
	t := c.AuthTime.Time
	return !t.IsZero() && !t.Before(w.started.Add(-skew)) && !t.After(now.Add(skew)) &&
		(t.After(w.before) || !t.Before(w.started.Truncate(time.Second)))
}

func (c claims) authTime() *time.Time {
	if c.AuthTime.IsZero() {
		return nil
	}
	return &c.AuthTime.Time
}

// particulars is what we keep of a person, cut to what can be shown. Only the
// JSON value true verifies an address.
func (c claims) particulars() particulars {
	p := particulars{Subject: c.Subject, Name: shown(c.Name, 120)}
	if len(c.Email) <= 254 && printable(c.Email) {
		p.Email, p.EmailVerified = c.Email, c.Email != "" && bytes.Equal(c.EmailVerified, []byte("true"))
	}
	var organisation string
	if json.Unmarshal(c.Organisation, &organisation) == nil {
		p.Organisation = shown(organisation, 120)
	}
	return p
}

// printable reports whether s has no control, format or space characters.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar })
}

// shown drops what could make a name look like something else (controls,
// direction overrides) and cuts it to at most n characters.
func shown(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	if r := []rune(strings.TrimSpace(s)); len(r) > n {
		return string(r[:n])
	}
	return strings.TrimSpace(s)
}
