package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jackc/pgx/v5"
	"golang.org/x/oauth2"

	"wardroom/server/incident"
)

const (
	longestToken = 64 << 10 // of an ID token, before anything parses it
	longestParam = 4 << 10  // of a code or state
)

// refusal is a problem on its way to the sign-in page.
type refusal struct {
	problem problem
	err     error // in our own words: for pInternal, and for pIssuerDown where it is known
}

func (r *refusal) Error() string { return "sign-in: " + string(r.problem) }

func refuse(p problem) error { return &refusal{problem: p} }

// ServeCallback is GET /auth/callback: the browser comes back from the issuer.
// It came from another site, so the session's cookie is not with it; what we
// need of that session is in the sign-in's cookie.
func (i *Identity) ServeCallback(w http.ResponseWriter, r *http.Request) {
	origin, ok := i.begin(w, r, "/")
	if !ok {
		return
	}
	value, ok := onlyCookie(r, signInCookie)
	clearCookie(w, signInCookie) // whatever comes of it, it is used
	s, good := i.openSignIn(value, origin)
	if !ok || !good {
		i.fail(w, r, pExpired, "/", nil)
		return
	}
	token, ended, err := i.comeBack(r, s, origin)
	if err != nil {
		r2 := &refusal{problem: pInternal, err: err}
		errors.As(err, &r2)
		i.fail(w, r, r2.problem, s.Return, r2.err)
		return
	}
	i.announce(ended)
	count("issuer", nil)
	setSessionCookie(w, token)
	redirect(w, s.Return)
}

// comeBack walks the protocol from the callback's query to a session. Its
// order matters: nothing is believed before state, nothing sent anywhere
// before iss.
func (i *Identity) comeBack(r *http.Request, s signIn, origin string) (token string, ended []string, err error) {
	q, err := single(r)
	if err != nil || subtle.ConstantTimeCompare([]byte(q["state"]), []byte(s.State)) != 1 {
		return "", nil, refuse(pExpired)
	}
	sys, err := i.o.Record.System(r.Context())
	if err != nil {
		return "", nil, err
	}
	set, ok := inUse(sys, s.Issuer)
	if !ok || set.URL != s.URL {
		return "", nil, refuse(pIssuer)
	}
	remote, err := i.issuers.answered(r.Context(), set)
	if err != nil {
		return "", nil, refuse(pIssuerDown)
	}
	// Mix-up: an answer from an issuer other than the one that was asked, RFC
	// 9207 section 2.4.
	if iss, given := q["iss"]; (given && iss != set.URL) || (!given && remote.ends.IssParam) {
		return "", nil, refuse(pToken)
	}
	if code, failed := q["error"]; failed {
		if code == "access_denied" {
			return "", nil, refuse(pCancelled)
		}
		return "", nil, refuse(pRefused)
	}
	if q["code"] == "" {
		return "", nil, refuse(pRefused)
	}
	c, err := i.exchange(r.Context(), remote, s, q["code"], origin)
	if err != nil {
		return "", nil, err
	}
	if err := c.judge(wantOf(s, set, remote.oauth.ClientID), i.now()); err != nil {
		return "", nil, err
	}
	if p, ok := sys.BySubject(set.Key, c.Subject); ok && p.Suspended {
		return "", nil, refuse(pSuspended)
	} else if ok && sys.FrozenOut(p.ID) {
		return "", nil, refuse(pFrozen)
	}
	if s.StepUp {
		token, err = i.stepUp(r.Context(), s, c)
		return token, nil, err
	}
	return i.admit(r.Context(), s, c, device(r.UserAgent()))
}

// single returns the query's parameters if none is given twice or too long.
func single(r *http.Request) (map[string]string, error) {
	q := map[string]string{}
	for name, values := range r.URL.Query() {
		if len(values) != 1 || len(values[0]) > longestParam {
			return nil, errors.New("a parameter is given twice or too long")
		}
		q[name] = values[0]
	}
	return q, nil
}

// exchange turns the code into claims whose signature, issuer and audience
// hold.
func (i *Identity) exchange(ctx context.Context, remote *remote, s signIn, code, origin string) (claims, error) {
	ctx = oidc.ClientContext(ctx, i.issuers.http)
	t, err := remote.at(origin).Exchange(ctx, code, oauth2.VerifierOption(s.Verifier))
	if err != nil {
		var said *oauth2.RetrieveError
		if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500 {
			return claims{}, refuse(pRefused)
		}
		return claims{}, &refusal{problem: pIssuerDown, err: plain(err)}
	}
	raw, ok := t.Extra("id_token").(string)
	// Two dots: a JWS in compact form. A JWE has four and is not even parsed.
	if !ok || len(raw) > longestToken || strings.Count(raw, ".") != 2 {
		return claims{}, refuse(pToken)
	}
	verified, err := remote.verifier.Verify(ctx, raw)
	if err != nil {
		return claims{}, refuse(pToken)
	}
	var c claims
	if err := verified.Claims(&c); err != nil {
		return claims{}, refuse(pToken)
	}
	return c, nil
}

// admit makes a session, or goes on with the one this browser had if it is the
// same person's. Either way the token is new.
func (i *Identity) admit(ctx context.Context, s signIn, c claims, device string) (token string, ended []string, err error) {
	token, hash := newSecret()
	subject := i.subjectMAC(s.Issuer, c.Subject)
	err = i.tx(ctx, func(tx pgx.Tx) error {
		if s.Session != "" {
			goesOn, replaced, err := i.resume(ctx, tx, s, c, subject, hash, device)
			if replaced {
				ended = []string{s.Session}
			}
			if err != nil || goesOn {
				return err
			}
		}
		err = i.begun(ctx, tx, beginning{issuer: s.Issuer, particulars: c.particulars(), acr: c.ACR, auth: c.authTime(), device: device, lasts: Shift}, hash)
		return err
	})
	// A crash, or a lost connection, after COMMIT leaves a session whose token
	// nobody has: it locks, and is deleted.
	return token, ended, err
}

// beginning is a session that begins.
type beginning struct {
	issuer      string
	particulars particulars
	acr         string
	auth        *time.Time
	device      string
	way         incident.SignInWay
	lasts       time.Duration
}

// begun makes its row. One that no issuer vouched for begins with a second
// factor given.
func (i *Identity) begun(ctx context.Context, tx pgx.Tx, b beginning, hash []byte) error {
	id := incident.RandomID()
	sealed, err := i.seal(id, b.particulars)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO session (id, token, issuer, subject, sealed, acr, auth_time, device, started, last_seen, expires, way, step_up)
		SELECT $2, $3, $4, $5, $6, $7, $8, $9, t.now, t.now, t.now + $10, $11, CASE WHEN $11 <> '' THEN t.now END
		FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)`,
		i.clock(), id, hash, b.issuer, i.subjectMAC(b.issuer, b.particulars.Subject), sealed, b.acr, b.auth, b.device, b.lasts, string(b.way))
	return err
}

// resume gives the browser's session a new token if the same person is back,
// and ends it if it is somebody else, or was begun without the issuer.
func (i *Identity) resume(ctx context.Context, tx pgx.Tx, s signIn, c claims, subject, hash []byte, device string) (goesOn, replaced bool, err error) {
	sealed, err := i.seal(s.Session, c.particulars())
	if err != nil {
		return false, false, err
	}
	tag, err := tx.Exec(ctx, `UPDATE session SET token = $4, sealed = $5, acr = $6, auth_time = $7, device = $8, last_seen = coalesce($1::timestamptz, clock_timestamp())
		WHERE id = $2 AND subject = $3 AND way = '' AND ended IS NULL AND expires > coalesce($1::timestamptz, clock_timestamp())`,
		i.clock(), s.Session, subject, hash, sealed, c.ACR, c.authTime(), device)
	if err != nil {
		return false, false, err
	}
	if tag.RowsAffected() == 1 {
		_, err = tx.Exec(ctx, `DELETE FROM stream_ticket WHERE session = $1`, s.Session)
		return true, false, err
	}
	tag, err = tx.Exec(ctx, end+`id = $3 AND (subject <> $4 OR way <> '')`, i.clock(), "replaced", s.Session, subject)
	return false, tag.RowsAffected() == 1, err
}

// stepUp records the fresh second factor, as of when the issuer says it was
// given, and changes the token. It must be the session's own person, and the
// session must be live.
func (i *Identity) stepUp(ctx context.Context, s signIn, c claims) (token string, err error) {
	token, hash := newSecret()
	err = i.tx(ctx, func(tx pgx.Tx) error {
		var same bool
		err := tx.QueryRow(ctx, `SELECT subject = $3 FROM session WHERE id = $2 AND ended IS NULL
			AND expires > coalesce($1::timestamptz, clock_timestamp())
			AND last_seen > coalesce($1::timestamptz, clock_timestamp()) - interval '30 minutes' FOR UPDATE`,
			i.clock(), s.Session, i.subjectMAC(s.Issuer, c.Subject)).Scan(&same)
		if errors.Is(err, pgx.ErrNoRows) {
			return refuse(pSignedOut)
		}
		if err != nil {
			return err
		}
		if !same {
			return refuse(pOther)
		}
		_, err = tx.Exec(ctx, `UPDATE session SET token = $3, acr = $4, auth_time = $5, step_up = least($5, coalesce($1::timestamptz, clock_timestamp())),
			last_seen = coalesce($1::timestamptz, clock_timestamp()) WHERE id = $2`, i.clock(), s.Session, hash, c.ACR, c.authTime())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM stream_ticket WHERE session = $1`, s.Session)
		return err
	})
	return token, err
}
