package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Passkeys (WebAuthn Level 3): enrolled by somebody who is signed in at their
// issuer, they sign in and step up whether it answers or not.
//
//   - A challenge is made here, travels sealed, is good for one ceremony, one
//     origin and, when somebody is signed in, one session; for five minutes, and
//     for one right answer. Until it is answered there is no row for it.
//   - The authenticator must have verified its user (a finger, a PIN), so a
//     passkey is two factors.
//   - It must be one that a browser offers by itself: nobody types who they are,
//     so nobody learns who has one.

const (
	ceremonyFor     = 5 * time.Minute
	longestCeremony = 16 << 10 // of a browser's answer
	passkeyACR      = "passkey"
	sealPasskey     = "passkey"
	sealCeremony    = "passkey ceremony"
)

// errPasskey is every way in which a passkey does not do: the same answer.
var errPasskey = incident.Refuse(incident.Forbidden, "This passkey does not sign you in here. Use another way, or ring the duty number.")

// Passkey is one of a person's, as its owner knows it.
type Passkey struct {
	Number  int
	Name    string
	Created time.Time
	Used    time.Time // zero for never
	Copied  bool      // signs nobody in any more: another authenticator has the same key
}

// key is what a passkey's row seals.
type key struct {
	Issuer string              `json:"issuer"`
	Who    particulars         `json:"who"`
	Name   string              `json:"name"`
	Host   string              `json:"host"` // the relying party it is for
	Cred   webauthn.Credential `json:"credential"`
}

// ceremony is what must be remembered while an authenticator is asked.
type ceremony struct {
	What    string               `json:"what"` // enrol, sign-in, step-up
	Session string               `json:"session,omitempty"`
	Data    webauthn.SessionData `json:"data"`
	Began   time.Time            `json:"began"`
}

// holder is a person as the library knows one.
type holder struct {
	id    []byte
	name  string
	creds []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.id }
func (h holder) WebAuthnName() string                       { return h.name }
func (h holder) WebAuthnDisplayName() string                { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.creds }

// parties makes the relying party of each public address that has a name: a
// passkey is for a name, never for a number.
func parties(origins map[string]string) (map[string]*webauthn.WebAuthn, error) {
	all := map[string]*webauthn.WebAuthn{}
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil {
			return nil, err
		}
		if _, err := netip.ParseAddr(u.Hostname()); err == nil {
			continue
		}
		yes := true
		w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Wardroom", RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
			AuthenticatorSelection: protocol.AuthenticatorSelection{RequireResidentKey: &yes, ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
		if err != nil {
			return nil, fmt.Errorf("identity: passkeys for %s: %w", origin, err)
		}
		all[origin] = w
	}
	return all, nil
}

// party is the relying party of the address that the browser came by.
func (i *Identity) party(r *http.Request) (*webauthn.WebAuthn, string, error) {
	origin, _ := i.origin(r)
	w, ok := i.parties[origin]
	if !ok {
		return nil, "", incident.Refuse(incident.Conflict, "Passkeys need this service's own name in the address bar, not a number.")
	}
	return w, origin, nil
}

// challenge seals a ceremony for the browser to carry, beside what it gives the
// authenticator.
func (i *Identity) challenge(what, session, origin string, data *webauthn.SessionData, options any) (json.RawMessage, string, error) {
	plain, err := json.Marshal(ceremony{What: what, Session: session, Data: *data, Began: i.now().UTC()})
	if err != nil {
		return nil, "", err
	}
	sealed, err := i.o.Vault.Seal(sealCeremony, plain, []byte(origin))
	if err != nil {
		return nil, "", err
	}
	public, err := json.Marshal(options)
	return public, base64.RawURLEncoding.EncodeToString(sealed), err
}

// resumed opens a ceremony that was begun for this, here, by this session.
func (i *Identity) resumed(what, session, origin, state string) (webauthn.SessionData, error) {
	var c ceremony
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(state)
	if err != nil || len(state) > longestCeremony {
		return c.Data, errPasskey
	}
	plain, err := i.o.Vault.Open(sealCeremony, sealed, []byte(origin))
	if err != nil || json.Unmarshal(plain, &c) != nil || c.What != what || c.Session != session {
		return c.Data, errPasskey
	}
	if age := i.now().Sub(c.Began); age < 0 || age >= ceremonyFor {
		return c.Data, incident.Refuse(incident.Forbidden, "This took longer than five minutes. Begin again.")
	}
	return c.Data, nil
}

// BeginPasskey begins to enrol one for whoever's session this is. What comes
// back goes to the authenticator, and the state comes back with its answer.
func (i *Identity) BeginPasskey(r *http.Request, a incident.Actor, s Session) (options json.RawMessage, state string, err error) {
	w, origin, err := i.party(r)
	if err != nil {
		return nil, "", err
	}
	h := holder{id: i.subjectMAC(s.Issuer, s.Subject), name: a.Name}
	keys, _, err := i.keysOf(r.Context(), h.id)
	if err != nil {
		return nil, "", err
	}
	var known []protocol.CredentialDescriptor
	for _, k := range keys {
		known = append(known, k.Cred.Descriptor())
	}
	creation, data, err := w.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return nil, "", fmt.Errorf("identity: begin a passkey: %w", err)
	}
	return i.challenge("enrol", s.ID, origin, data, creation)
}

// Enrolling is a passkey that its owner has just used, before it is on record.
type Enrolling struct {
	ID        string // names its credential, under a key of ours
	key       key
	subject   []byte
	challenge []byte
}

// CheckPasskey judges the authenticator's answer. It stores nothing.
func (i *Identity) CheckPasskey(r *http.Request, s Session, name, state string, answer []byte) (*Enrolling, error) {
	w, origin, err := i.party(r)
	if err != nil {
		return nil, err
	}
	data, err := i.resumed("enrol", s.ID, origin, state)
	if err != nil {
		return nil, err
	}
	refused := incident.Refuse(incident.Forbidden, "This passkey could not be taken: it was made for another place, or did not check that it was you. Begin again.")
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, refused
	}
	subject := i.subjectMAC(s.Issuer, s.Subject)
	cred, err := w.CreateCredential(holder{id: subject}, data, parsed)
	if err != nil || !cred.Flags.UserVerified {
		return nil, refused
	}
	sum := sha256.Sum256([]byte(data.Challenge))
	mac := i.o.Vault.MAC("passkey credential", cred.ID)
	return &Enrolling{ID: base64.RawURLEncoding.EncodeToString(mac[:]), subject: subject, challenge: sum[:],
		key: key{Issuer: s.Issuer, Who: particulars{Subject: s.Subject, Name: s.Name, Email: s.Email, EmailVerified: s.EmailVerified, Organisation: s.Organisation},
			Name: shown(name, 60), Host: w.Config.RPID, Cred: *cred}}, nil
}

// KeepPasskey stores one that the record has under this number. The same one
// again changes nothing.
func (i *Identity) KeepPasskey(ctx context.Context, e *Enrolling, number int) error {
	id := incident.RandomID()
	plain, err := json.Marshal(e.key)
	if err != nil {
		return err
	}
	sealed, err := i.o.Vault.Seal(sealPasskey, plain, []byte(id))
	if err != nil {
		return err
	}
	return i.tx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO passkey (id, subject, credential, number, sealed, created)
			VALUES ($2, $3, $4, $5, $6, coalesce($1::timestamptz, clock_timestamp())) ON CONFLICT DO NOTHING`,
			i.clock(), id, e.subject, credentialHash(e.key.Cred.ID), number, sealed)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return i.answered(ctx, tx, e.challenge)
	})
}

func credentialHash(id []byte) []byte { h := sha256.Sum256(id); return h[:] }

// answered spends a challenge: of two right answers to one, the second finds
// its row there.
func (i *Identity) answered(ctx context.Context, tx pgx.Tx, challenge []byte) error {
	tag, err := tx.Exec(ctx, `INSERT INTO passkey_answer (challenge, expires) VALUES ($2, coalesce($1::timestamptz, clock_timestamp()) + $3) ON CONFLICT DO NOTHING`,
		i.clock(), challenge, 2*ceremonyFor)
	if err == nil && tag.RowsAffected() == 0 {
		return errPasskey
	}
	return err
}

// BeginPasskeySignIn begins to sign in somebody who has not said who they are.
func (i *Identity) BeginPasskeySignIn(r *http.Request) (options json.RawMessage, state string, err error) {
	w, origin, err := i.party(r)
	if err != nil {
		return nil, "", err
	}
	assertion, data, err := w.BeginDiscoverableLogin()
	if err != nil {
		return nil, "", fmt.Errorf("identity: begin a sign-in: %w", err)
	}
	return i.challenge("sign-in", "", origin, data, assertion)
}

// BeginPasskeyStepUp begins a second factor for this session.
func (i *Identity) BeginPasskeyStepUp(r *http.Request, s Session) (options json.RawMessage, state string, err error) {
	w, origin, err := i.party(r)
	if err != nil {
		return nil, "", err
	}
	keys, _, err := i.keysOf(r.Context(), i.subjectMAC(s.Issuer, s.Subject))
	if err != nil {
		return nil, "", err
	}
	h := holder{id: i.subjectMAC(s.Issuer, s.Subject)}
	for _, k := range keys {
		if k.Host == w.Config.RPID {
			h.creds = append(h.creds, k.Cred)
		}
	}
	if len(h.creds) == 0 {
		return nil, "", incident.Refuse(incident.Conflict, "You have no passkey here.")
	}
	assertion, data, err := w.BeginLogin(h)
	if err != nil {
		return nil, "", fmt.Errorf("identity: begin a step-up: %w", err)
	}
	return i.challenge("step-up", s.ID, origin, data, assertion)
}

// SignInByPasskey begins a session for whoever's passkey answered, and ends the
// one that this browser had.
func (i *Identity) SignInByPasskey(w http.ResponseWriter, r *http.Request, state string, answer []byte) (err error) {
	defer func() { count("passkey", err) }()
	had := Session{}
	if c := CookieOf(r); c != "" {
		s, found, _, err := i.asking(r.Context(), false, c, "")
		if err != nil {
			return err
		}
		if found {
			had = s
		}
	}
	token, hash := newSecret()
	err = i.assert(r, "sign-in", "", state, answer, func(ctx context.Context, tx pgx.Tx, k key, at time.Time) error {
		if _, err := tx.Exec(ctx, end+`id = $3`, i.clock(), "replaced", had.ID); err != nil {
			return err
		}
		return i.begun(ctx, tx, beginning{issuer: k.Issuer, particulars: k.Who, acr: passkeyACR, auth: &at, device: device(r.UserAgent()), way: incident.ByPasskey, lasts: incident.ByOtherWayFor}, hash)
	})
	if err != nil {
		return err
	}
	if had.ID != "" {
		i.announce([]string{had.ID})
	}
	setSessionCookie(w, token)
	return nil
}

// StepUpByPasskey records a fresh second factor of the session's own person, and
// changes the token.
func (i *Identity) StepUpByPasskey(w http.ResponseWriter, r *http.Request, s Session, state string, answer []byte) (err error) {
	defer func() { count("step_up_passkey", err) }()
	token, hash := newSecret()
	err = i.assert(r, "step-up", s.ID, state, answer, func(ctx context.Context, tx pgx.Tx, k key, at time.Time) error {
		if k.Issuer != s.Issuer || k.Who.Subject != s.Subject || s.Way == incident.ByCodes {
			return errPasskey
		}
		tag, err := tx.Exec(ctx, `UPDATE session SET token = $3, step_up = t.now, last_seen = t.now FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			WHERE id = $2 AND ended IS NULL AND expires > t.now AND last_seen > t.now - interval '30 minutes'`, i.clock(), s.ID, hash)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return signedOut("You are signed out. Sign in to go on.")
		}
		_, err = tx.Exec(ctx, `DELETE FROM stream_ticket WHERE session = $1`, s.ID)
		return err
	})
	if err == nil {
		setSessionCookie(w, token)
	}
	return err
}

// assert judges an authenticator's answer and carries out what it is for, in
// one transaction that holds the passkey's row: its counter, the challenge and
// the session move together or not at all.
func (i *Identity) assert(r *http.Request, what, session, state string, answer []byte, then func(context.Context, pgx.Tx, key, time.Time) error) error {
	w, origin, err := i.party(r)
	if err != nil {
		return err
	}
	data, err := i.resumed(what, session, origin, state)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return errPasskey
	}
	ctx := r.Context()
	sys, err := i.o.Record.System(ctx)
	if err != nil {
		return fmt.Errorf("identity: system log: %w", err)
	}
	sum := sha256.Sum256([]byte(data.Challenge))
	copied := false
	err = i.tx(ctx, func(tx pgx.Tx) error {
		id, subject, number, dead, k, err := i.keyOf(ctx, tx, parsed.RawID)
		if err != nil {
			return err
		}
		h := holder{id: subject, creds: []webauthn.Credential{k.Cred}}
		var cred *webauthn.Credential
		if what == "sign-in" {
			cred, err = w.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
				if !bytes.Equal(handle, subject) {
					return nil, errPasskey
				}
				return h, nil
			}, data, parsed)
		} else {
			cred, err = w.ValidateLogin(h, data, parsed)
		}
		if err != nil || dead || k.Host != w.Config.RPID {
			return errPasskey
		}
		// First of all, so that an answer sent twice is not taken for a copy's.
		if err := i.answered(ctx, tx, sum[:]); err != nil {
			return err
		}
		if cred.Authenticator.CloneWarning {
			copied = true
			_, err := tx.Exec(ctx, `UPDATE passkey SET copied = true WHERE id = $1`, id)
			return err // and that is kept
		}
		if err := mayPasskey(sys, k, number); err != nil {
			return err
		}
		k.Cred = *cred
		plain, err := json.Marshal(k)
		if err != nil {
			return err
		}
		sealed, err := i.o.Vault.Seal(sealPasskey, plain, []byte(id))
		if err != nil {
			return err
		}
		var at time.Time
		if err := tx.QueryRow(ctx, `UPDATE passkey SET sealed = $3, used = coalesce($1::timestamptz, clock_timestamp()) WHERE id = $2 RETURNING used`, i.clock(), id, sealed).Scan(&at); err != nil {
			return err
		}
		return then(ctx, tx, k, at)
	})
	if err == nil && copied {
		i.o.Log.Warn("a passkey's counter went back: it is refused from now on")
		return errPasskey
	}
	return err
}

// mayPasskey holds a passkey's owner to the record, as every request does.
func mayPasskey(sys *incident.System, k key, number int) error {
	p, known := sys.BySubject(k.Issuer, k.Who.Subject)
	_, used := inUse(sys, k.Issuer)
	switch {
	case !known || !used || !p.HasPasskey(number):
		return errPasskey
	case p.Suspended:
		return incident.Refuse(incident.Forbidden, "Your access has been suspended.")
	case sys.FrozenOut(p.ID):
		return incident.Refuse(incident.Forbidden, frozenOut)
	}
	return nil
}

// keyOf finds a passkey by its credential, and holds its row.
func (i *Identity) keyOf(ctx context.Context, tx pgx.Tx, credential []byte) (id string, subject []byte, number int, copied bool, k key, err error) {
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT id, subject, number, copied, sealed FROM passkey WHERE credential = $1 FOR UPDATE`, credentialHash(credential)).
		Scan(&id, &subject, &number, &copied, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, 0, false, k, errPasskey
	}
	if err == nil {
		k, err = i.openKey(id, sealed)
	}
	return id, subject, number, copied, k, err
}

func (i *Identity) openKey(id string, sealed []byte) (k key, err error) {
	plain, err := i.o.Vault.Open(sealPasskey, sealed, []byte(id))
	if err == nil && json.Unmarshal(plain, &k) != nil {
		err = errors.New("a passkey cannot be read")
	}
	return k, err
}

// keysOf reads a person's passkeys, oldest first.
func (i *Identity) keysOf(ctx context.Context, subject []byte) (keys []key, rows []Passkey, err error) {
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, number, sealed, copied, created, used FROM passkey WHERE subject = $1 ORDER BY number`, subject).Query(func(r pgx.Rows) error {
			for r.Next() {
				var id string
				var sealed []byte
				var used *time.Time
				var p Passkey
				if err := r.Scan(&id, &p.Number, &sealed, &p.Copied, &p.Created, &used); err != nil {
					return err
				}
				k, err := i.openKey(id, sealed)
				if err != nil {
					return err
				}
				if p.Name = k.Name; used != nil {
					p.Used = *used
				}
				keys, rows = append(keys, k), append(rows, p)
			}
			return r.Err()
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("identity: passkeys: %w", err)
	}
	return keys, rows, nil
}

// Passkeys lists those of whoever this session belongs to.
func (i *Identity) Passkeys(ctx context.Context, s Session) ([]Passkey, error) {
	_, rows, err := i.keysOf(ctx, i.subjectMAC(s.Issuer, s.Subject))
	return rows, err
}

// DropPasskey forgets a passkey that the record no longer has, and ends the
// sessions that the person began with one.
func (i *Identity) DropPasskey(ctx context.Context, p incident.Person, number int) error {
	subject := i.subjectMAC(p.Issuer, p.Subject)
	if err := i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`DELETE FROM passkey WHERE subject = $1 AND number = $2`, subject, number)
	}); err != nil {
		return fmt.Errorf("identity: drop a passkey: %w", err)
	}
	ids, err := i.endThose(ctx, end+`subject = $3 AND way = 'passkey'`, "ended", subject)
	i.announce(ids)
	return err
}
