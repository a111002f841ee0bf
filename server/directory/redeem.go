package directory

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Key is what someone has of an invitation: exactly one of these.
type Key struct {
	Token string // from the link
	Code  string // as typed
	ID    string // the invitation's id, for whom it was made for or who holds it already
}

// Visitor is who comes with it, as identity found them. The zero Visitor has
// not signed in and can look by token only.
type Visitor struct {
	Issuer        string
	Subject       string
	Email         string
	EmailVerified bool
	Domains       []string // those whose verified addresses their issuer vouches for

	// Vouched says that the room's log has a lead's word that this person is
	// who this invitation is for.
	Vouched bool
}

// How a sign-in is tied to an invitation, as the room's log records it.
const (
	BySubject = "subject" // it was made for this very sign-in
	ByAddress = "address" // their issuer vouches for the address it was sent to
	ByCode    = "code"    // they gave the six digits told by another channel
	ByVouch   = "vouched" // a lead knows them
	Asked     = "asked"   // nothing ties them yet: a lead is asked
)

// Found is an invitation as its visitor may know it.
type Found struct {
	ID        string
	Room      incident.LogID
	Org       incident.OrgID
	Issuer    string // who must vouch for the sign-in; empty for any
	Name      string // whom it was made for
	How       string // what ties the visitor to it by now: one of the constants, or empty
	NeedsCode bool   // only the six digits or a lead can tie them
	Expires   time.Time
}

type row struct {
	id, issuer, state string
	room              incident.LogID
	org               incident.OrgID
	otp               []byte
	wrong             int
	subject, holder   []byte
	how               *string
	sealed            []byte
	expires, now      time.Time
}

const (
	otpTries  = 5
	codeTries = 10 // wrong codes an hour and person
)

var errTyping = incident.Refuse(incident.TooMany, "Too many codes were tried. Wait an hour, or use the link.")

// Look says what an invitation is for. It changes nothing, so that a scanner
// that follows links spends none.
func (d *Directory) Look(ctx context.Context, k Key, v Visitor) (Found, error) {
	var f Found
	err := d.meet(ctx, k, v, func(_ pgx.Tx, r row, who []byte) error {
		a, err := d.open(r)
		if err != nil {
			return err
		}
		f = r.found(a)
		tie := r.tie(a, v, who)
		if tie != Asked || r.state == "asked" {
			f.How = tie
		}
		f.NeedsCode = tie == Asked && r.otp != nil && r.wrong < otpTries
		return nil
	})
	return f, err
}

// Redeem gives the invitation to its visitor, and says how they are tied to it.
// Who has it has it alone: of many at once one gets it, everyone else is
// Missing. Coming again with it gives the same answer, since the entry in the
// room's log comes after and may have failed; that nobody joins twice is the
// log's affair. One that merely Asked does not keep out whom it is for.
//
// digits are the six told by another channel, or empty. Wrong ones are an
// Invalid refusal; after five the link's digits are dead.
func (d *Directory) Redeem(ctx context.Context, k Key, v Visitor, digits string) (Found, error) {
	if v.Subject == "" {
		return Found{}, incident.Refuse(incident.SignedOut, "Sign in to join.")
	}
	var f Found
	var wrong error // committed with its count, so not the transaction's error
	err := d.meet(ctx, k, v, func(tx pgx.Tx, r row, who []byte) error {
		a, err := d.open(r)
		if err != nil {
			return err
		}
		tie := r.tie(a, v, who)
		if tie == Asked && digits != "" {
			if tie, wrong, err = d.tryDigits(ctx, tx, r, digits); err != nil || wrong != nil {
				return err
			}
		}
		f = r.found(a)
		f.How = tie
		state, how := "tied", &tie
		if tie == Asked {
			state, how = "asked", nil
		}
		// A crash before the room's entry: the holder comes again.
		_, err = tx.Exec(ctx, `UPDATE invitation SET state = $2, holder = $3, how = $4 WHERE id = $1`, r.id, state, who, how)
		return err
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return Found{}, err
	}
	return f, nil
}

func (d *Directory) tryDigits(ctx context.Context, tx pgx.Tx, r row, digits string) (tie string, wrong, err error) {
	if r.otp == nil || r.wrong >= otpTries {
		return "", incident.BadField("otp", "These digits no longer work. Leave them empty to ask a lead to let you in."), nil
	}
	if hmac.Equal(r.otp, d.otpMAC(r.id, digits)) {
		return ByCode, nil, nil
	}
	_, err = tx.Exec(ctx, `UPDATE invitation SET otp_wrong = otp_wrong + 1 WHERE id = $1`, r.id)
	return "", incident.BadField("otp", "These are not the digits. Check them, or leave them empty to ask a lead to let you in."), err
}

// meet finds the invitation, holds its row, and calls fn if this visitor may
// know of it.
func (d *Directory) meet(ctx context.Context, k Key, v Visitor, fn func(pgx.Tx, row, []byte) error) error {
	if k.Code != "" {
		if err := d.mayType(ctx, v); err != nil {
			return err
		}
	}
	var met bool
	err := d.tx(ctx, func(tx pgx.Tx) error {
		r, err := d.find(ctx, tx, k)
		missing := errors.Is(err, pgx.ErrNoRows)
		if err != nil && !missing {
			return fmt.Errorf("directory: find invitation: %w", err)
		}
		who := d.personMAC(v.Issuer, v.Subject)
		if missing {
			r = d.decoy // the same work, whatever is wrong
			if _, err := d.open(r); err != nil {
				return err
			}
			return incident.Missing()
		}
		if !r.admits(k, v, who, func() addressed { a, _ := d.open(r); return a }) {
			if len(r.sealed) == 0 { // a revoked one keeps nothing
				r = d.decoy
			}
			if _, err := d.open(r); err != nil {
				return err
			}
			return incident.Missing()
		}
		met = true
		return fn(tx, r, who)
	})
	if met && k.Code != "" {
		return errors.Join(err, d.typedRight(ctx, v))
	}
	return err
}

// lookup is the condition, on $2, by which a key finds its invitation.
func (d *Directory) lookup(k Key) (where string, value any) {
	switch {
	case k.Token != "":
		return "token = $2", hashToken(k.Token)
	case k.Code != "":
		return "(code = $2 OR texted = $2)", d.codeMAC(k.Code)
	case !incident.LogID(k.ID).Valid():
		return "id = $2", "" // which no row has; the database takes no NUL to compare with
	}
	return "id = $2", k.ID
}

func (d *Directory) find(ctx context.Context, tx pgx.Tx, k Key) (r row, err error) {
	where, value := d.lookup(k)
	err = tx.QueryRow(ctx, `SELECT id, room, org, issuer, otp, otp_wrong, subject, sealed, state, holder, how, expires, coalesce($1::timestamptz, clock_timestamp())
		FROM invitation WHERE `+where+` FOR UPDATE`, d.clock(), value).
		Scan(&r.id, &r.room, &r.org, &r.issuer, &r.otp, &r.wrong, &r.subject, &r.sealed, &r.state, &r.holder, &r.how, &r.expires, &r.now)
	return r, err
}

// admits reports whether this visitor may know of the invitation at all.
func (r row) admits(k Key, v Visitor, who []byte, address func() addressed) bool {
	signedIn := v.Subject != ""
	holds := signedIn && r.holder != nil && hmac.Equal(r.holder, who)
	switch {
	case r.state == "revoked":
		return false
	case !r.now.Before(r.expires) && !(holds && v.Vouched): // a lead has only just said that it is them
		return false
	case !signedIn:
		return k.Token != "" && r.state == "open"
	case r.issuer != "" && r.issuer != v.Issuer:
		return false
	case r.subject != nil && !hmac.Equal(r.subject, who):
		return false
	case holds:
		return true
	case r.state == "tied":
		return false
	case k.ID != "" && r.subject == nil: // an id is no secret: only whom it was made for comes with that
		return false
	case r.state == "asked": // someone else asked: only whom it is plainly for
		return r.strong(address(), v, who) != ""
	}
	return true
}

// strong is what ties the visitor to the invitation without their doing.
func (r row) strong(a addressed, v Visitor, who []byte) string {
	switch {
	case r.subject != nil && hmac.Equal(r.subject, who):
		return BySubject
	case v.EmailVerified && vouches(v.Domains, v.Email) && sameAddress(v.Email, a.Email):
		return ByAddress
	}
	return ""
}

// tie is what ties the visitor to the invitation, or Asked for nothing.
func (r row) tie(a addressed, v Visitor, who []byte) string {
	if v.Subject == "" {
		return Asked
	}
	holds := r.holder != nil && hmac.Equal(r.holder, who)
	if holds && r.how != nil {
		return *r.how // what it was at first
	}
	if s := r.strong(a, v, who); s != "" {
		return s
	}
	if holds && v.Vouched {
		return ByVouch
	}
	return Asked
}

func (r row) found(a addressed) Found {
	return Found{ID: r.id, Room: r.room, Org: r.org, Issuer: r.issuer, Name: a.Name, Expires: r.expires}
}

// vouches reports whether the address is of one of the domains. Only ASCII
// letters are the same in both cases: anything cleverer finds addresses equal
// that mail systems tell apart.
func vouches(domains []string, address string) bool {
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || strings.IndexByte(address, '@') != at {
		return false
	}
	for _, domain := range domains {
		if domain != "" && lower(address[at+1:]) == lower(domain) {
			return true
		}
	}
	return false
}

func sameAddress(a, b string) bool { return a != "" && lower(a) == lower(b) }

func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
