package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Two codes, for somebody whose issuer does not answer and who has no passkey:
// the first is sent to their own verified number or address, the second is read
// out to them by a host's lead who rang them. Both within fifteen minutes make a
// session of sixty.
//
//   - Whoever asks is given a secret at once, and is known by that from then on.
//     Whether they are somebody is found out afterwards.
//   - Whoever is nobody gets a row too, which no code is right for: typing codes
//     is the same work for them.
//   - Codes are kept as MACs under their request; of each at most five are
//     compared, counted under the row's lock before they are.

const (
	codeTries = 5
	codeACR   = "code"
	codesHour = 5 // that one person is sent an hour
)

// errCode is every way in which a code is not right: the same answer.
var errCode = incident.BadField("code", "This is not the code, or it is too late for it. After %d wrong ones, or 15 minutes, begin again.", codeTries)

// WrongCode is that answer.
func WrongCode() error { return errCode }

// Asked is a request to come in by codes whose first code was right.
type Asked struct {
	ID      string // as the record has it
	Person  incident.Person
	Channel incident.ChannelKind
	Dead    bool // the second was wrong too often

	who particulars
}

// NewRequest returns the secret that a browser is given when it asks, and how
// it is stored.
func NewRequest() (secret string, hash []byte) { return newSecret() }

// sixDigits draws a code.
func sixDigits() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	return fmt.Sprintf("%06d", n), err
}

func (i *Identity) codeMAC(which, request, code string) []byte {
	m := i.o.Vault.MAC("code "+which, fmt.Appendf(nil, "%s/%s", request, code))
	return m[:]
}

const sealCode = "code request"

// Ask stores that whoever was given the secret asks to come in, as this person
// or as nobody, and returns the first code. It is empty for nobody, and for who
// had too many sent within the hour: nothing is to be sent then.
func (i *Identity) Ask(ctx context.Context, hash []byte, p *incident.Person, kind incident.ChannelKind) (code string, err error) {
	id := incident.RandomID()
	if code, err = sixDigits(); err != nil {
		return "", err
	}
	subject, who := make([]byte, 32), particulars{}
	rand.Read(subject)
	issuer, nobody := "", p == nil
	if !nobody {
		issuer, subject, who = p.Issuer, i.subjectMAC(p.Issuer, p.Subject), particulars{Subject: p.Subject, Name: p.Name}
	}
	plain, err := json.Marshal(key{Issuer: issuer, Who: who})
	if err != nil {
		return "", err
	}
	sealed, err := i.o.Vault.Seal(sealCode, plain, []byte(id))
	if err != nil {
		return "", err
	}
	err = i.tx(ctx, func(tx pgx.Tx) error {
		var sent int
		// Whoever asks twice at once is counted twice: the lock is the person's.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 24))`, subject); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM code_request WHERE subject = $2 AND created > coalesce($1::timestamptz, clock_timestamp()) - interval '1 hour'`, i.clock(), subject).Scan(&sent); err != nil {
			return err
		}
		mac := i.codeMAC("first", id, code)
		if nobody || sent >= codesHour {
			rand.Read(mac) // no code is right
			rand.Read(subject)
			code = ""
		}
		_, err := tx.Exec(ctx, `INSERT INTO code_request (id, secret, subject, kind, sealed, first, created, expires)
			SELECT $2, $3, $4, $5, $6, $7, t.now, t.now + $8 FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)`,
			i.clock(), id, hash, subject, kind, sealed, mac, incident.FallbackFor)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("identity: ask by codes: %w", err)
	}
	return code, nil
}

// compare tries a code against one of a request's two, in one statement that
// counts it first. Which request it was is told only if it was right, or the
// last that is compared.
const (
	compareFirst = `UPDATE code_request SET wrong = wrong + 1 WHERE secret = $2 AND wrong < $3 AND passed IS NULL
		AND expires > coalesce($1::timestamptz, clock_timestamp()) RETURNING id, kind, sealed, first, wrong`
	compareSecond = `UPDATE code_request SET wrong2 = wrong2 + 1 WHERE secret = $2 AND wrong2 < $3 AND passed IS NOT NULL AND used IS NULL AND second IS NOT NULL
		AND expires > coalesce($1::timestamptz, clock_timestamp()) RETURNING id, kind, sealed, second, wrong2`
)

func (i *Identity) compare(ctx context.Context, which, secret, typed string) (a Asked, right bool, err error) {
	hash, ok := hashSecret(secret)
	if !ok || len(typed) != 6 {
		return a, false, nil
	}
	statement, mark := compareFirst, `UPDATE code_request SET passed = coalesce($1::timestamptz, clock_timestamp()) WHERE id = $2`
	if which == "second" {
		statement, mark = compareSecond, `UPDATE code_request SET used = coalesce($1::timestamptz, clock_timestamp()) WHERE id = $2`
	}
	err = i.tx(ctx, func(tx pgx.Tx) error {
		var sealed, mac []byte
		var wrong int
		err := tx.QueryRow(ctx, statement, i.clock(), hash, codeTries).Scan(&a.ID, &a.Channel, &sealed, &mac, &wrong)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		a.Dead = wrong >= codeTries
		if right = same(mac, i.codeMAC(which, a.ID, typed)); !right && !a.Dead {
			return nil
		}
		plain, err := i.o.Vault.Open(sealCode, sealed, []byte(a.ID))
		if err != nil {
			return err
		}
		var k key
		if json.Unmarshal(plain, &k) != nil {
			return errors.New("a request cannot be read")
		}
		a.who, a.Person = k.Who, incident.Person{Issuer: k.Issuer, Subject: k.Who.Subject}
		if right {
			_, err = tx.Exec(ctx, mark, i.clock(), a.ID)
		}
		return err
	})
	if err != nil {
		return Asked{}, false, fmt.Errorf("identity: compare a code: %w", err)
	}
	if !right && !(a.Dead && a.Person.Subject != "") {
		return Asked{}, false, nil
	}
	return a, right, i.known(ctx, &a)
}

// known finds who it is in the record, as it stands.
func (i *Identity) known(ctx context.Context, a *Asked) error {
	sys, err := i.o.Record.System(ctx)
	if err != nil {
		return fmt.Errorf("identity: system log: %w", err)
	}
	p, ok := sys.BySubject(a.Person.Issuer, a.Person.Subject)
	_, used := inUse(sys, a.Person.Issuer)
	if !ok || !used || p.Suspended || sys.FrozenOut(p.ID) {
		return errCode
	}
	a.Person = p
	return nil
}

// FirstCode takes the code that was sent.
func (i *Identity) FirstCode(ctx context.Context, secret, typed string) (_ Asked, err error) {
	defer func() { count("first_code", err) }()
	a, right, err := i.compare(ctx, "first", secret, typed)
	if err == nil && !right {
		err = errCode
	}
	return a, err
}

// SecondCode takes the code that was read out. If it is wrong for the last time
// the request comes back with the refusal, Dead.
func (i *Identity) SecondCode(ctx context.Context, secret, typed string) (_ Asked, err error) {
	defer func() { count("second_code", err) }()
	a, right, err := i.compare(ctx, "second", secret, typed)
	if err == nil && !right {
		err = errCode
	}
	return a, err
}

// ReadOut makes the second code of a request that a host said yes to, for that
// host to read out. One that was made before is dead.
func (i *Identity) ReadOut(ctx context.Context, request string) (code string, until time.Time, err error) {
	if code, err = sixDigits(); err != nil {
		return "", until, err
	}
	err = i.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE code_request SET second = $3, wrong2 = 0 WHERE id = $2 AND passed IS NOT NULL AND used IS NULL
			AND expires > coalesce($1::timestamptz, clock_timestamp()) RETURNING expires`, i.clock(), request, i.codeMAC("second", request, code)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&until) })
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", until, incident.Missing()
	}
	if err != nil {
		return "", until, fmt.Errorf("identity: a second code: %w", err)
	}
	return code, until, nil
}

// EnterByCodes begins the session, which the record knows of. The one that this
// browser had ends.
func (i *Identity) EnterByCodes(w http.ResponseWriter, r *http.Request, a Asked) error {
	had, found, _, err := Session{}, false, incident.Sizes(nil), error(nil)
	if c := CookieOf(r); c != "" {
		if had, found, _, err = i.asking(r.Context(), false, c, ""); err != nil {
			return err
		}
	}
	token, hash := newSecret()
	err = i.tx(r.Context(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(r.Context(), end+`id = $3`, i.clock(), "replaced", had.ID); err != nil {
			return err
		}
		return i.begun(r.Context(), tx, beginning{issuer: a.Person.Issuer, particulars: a.who, acr: codeACR, device: device(r.UserAgent()), way: incident.ByCodes, lasts: incident.ByOtherWayFor}, hash)
	})
	if err != nil {
		return fmt.Errorf("identity: enter by codes: %w", err)
	}
	if found {
		i.announce([]string{had.ID})
	}
	setSessionCookie(w, token)
	return nil
}

// Unreachable reports whether this node found an issuer not to answer, now or
// within the last ten minutes.
func (i *Identity) Unreachable(ctx context.Context, issuer string) (bool, error) {
	sys, err := i.o.Record.System(ctx)
	if err != nil {
		return false, fmt.Errorf("identity: system log: %w", err)
	}
	set, ok := inUse(sys, issuer)
	if !ok {
		return false, nil
	}
	_, err = i.issuers.reach(ctx, set)
	k := i.issuers.get(set)
	return err != nil || k != nil && time.Since(k.failed) < downFor, nil
}
