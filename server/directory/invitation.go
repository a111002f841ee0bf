package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// linkFor is how long a link lives.
const linkFor = 72 * time.Hour

// Invitation is whom a link is for. The room's log holds the seat; here stand
// the means of telling that it is them.
type Invitation struct {
	ID      string // incident.RandomID; it goes into the room's log
	Room    incident.LogID
	Org     incident.OrgID
	Issuer  string // the key of the issuer that must vouch for the sign-in; empty for any
	Subject string // their subject at that issuer, if it is known: then nobody else can come
	Name    string
	Email   string
	Phone   string
	OTP     bool // also make six digits to be told by another channel

	Batch incident.Seq // the broadcast it is made for; 0 for none
}

// addressed is what an invitation's row seals.
type addressed struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

const sealInvitation = "invitation"

func (d *Directory) seal(id string, a addressed) ([]byte, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return d.o.Vault.Seal(sealInvitation, plain, []byte(id))
}

func (d *Directory) open(r row) (a addressed, err error) {
	plain, err := d.o.Vault.Open(sealInvitation, r.sealed, []byte(r.id))
	if err != nil {
		return a, fmt.Errorf("directory: invitation %s: %w", r.id, err)
	}
	if err := json.Unmarshal(plain, &a); err != nil {
		return a, errors.New("directory: an invitation cannot be read")
	}
	return a, nil
}

// Invite makes the link of an invitation. Until the room's log names it the
// link leads nowhere; a crash in between leaves a row that expires.
func (d *Directory) Invite(ctx context.Context, inv Invitation) (Link, error) {
	if !incident.LogID(inv.ID).Valid() || inv.Room == "" || (inv.Subject != "" && inv.Issuer == "") {
		return Link{}, errors.New("directory: an invitation without id or room, or with a subject of no issuer")
	}
	sealed, err := d.seal(inv.ID, addressed{Name: inv.Name, Email: inv.Email, Phone: inv.Phone})
	if err != nil {
		return Link{}, err
	}
	var subject []byte
	if inv.Subject != "" {
		subject = d.personMAC(inv.Issuer, inv.Subject)
	}
	l, otp := d.newLink(inv.ID, inv.OTP)
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO invitation (id, room, org, issuer, token, code, otp, subject, sealed, batch, created, expires)
			SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10, nullif($11::bigint, 0), t.now, t.now + interval '72 hours'
			FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now) RETURNING expires`,
			d.clock(), inv.ID, inv.Room, inv.Org, inv.Issuer, hashToken(l.Token), d.codeMAC(l.Code), otp, subject, sealed, int64(inv.Batch)).
			QueryRow(func(r pgx.Row) error { return r.Scan(&l.Expires) })
	})
	if err != nil {
		return Link{}, fmt.Errorf("directory: invite: %w", err)
	}
	return l, nil
}

func (d *Directory) newLink(id string, digits bool) (l Link, otp []byte) {
	l = Link{Invitation: id, Token: d.newToken(id), Code: newCode()}
	if digits {
		l.OTP = newOTP()
		otp = d.otpMAC(id, l.OTP)
	}
	return l, otp
}

// Renew gives an invitation of this room a new link, and new digits if it had
// any. The old ones are dead, and so is the claim of whoever came with them.
// It is Missing if it was revoked or is not of this room.
func (d *Directory) Renew(ctx context.Context, room incident.LogID, id string) (l Link, err error) {
	err = d.tx(ctx, func(tx pgx.Tx) error {
		var digits bool
		err := tx.QueryRow(ctx, `SELECT otp IS NOT NULL FROM invitation WHERE id = $1 AND room = $2 AND state <> 'revoked' FOR UPDATE`, id, room).Scan(&digits)
		if err != nil {
			return err
		}
		var otp []byte
		l, otp = d.newLink(id, digits)
		return tx.QueryRow(ctx, `UPDATE invitation SET token = $3, code = $4, texted = NULL, otp = $5, otp_wrong = 0, state = 'open', holder = NULL, how = NULL,
			new_wanted = NULL, expires = coalesce($1::timestamptz, clock_timestamp()) + interval '72 hours' WHERE id = $2 RETURNING expires`,
			d.clock(), id, hashToken(l.Token), d.codeMAC(l.Code), otp).Scan(&l.Expires)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return Link{}, incident.Missing()
	}
	if err != nil {
		return Link{}, fmt.Errorf("directory: renew: %w", err)
	}
	return l, nil
}

// Revoke kills an invitation's link for good: it was withdrawn, declined, or
// its member was removed. Revoking twice is no error; one that is not of this
// room is Missing.
func (d *Directory) Revoke(ctx context.Context, room incident.LogID, id string) error {
	var n int
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE invitation SET state = 'revoked' WHERE id = $1 AND room = $2 RETURNING 1`, id, room).Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowTo[int])
			n = len(all)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("directory: revoke: %w", err)
	}
	if n == 0 {
		return incident.Missing()
	}
	return nil
}

// AskForNew notes that someone with this link would like another. It says
// nothing of what it found: to the asker all links are alike. What it found is
// in Wanted.
func (d *Directory) AskForNew(ctx context.Context, k Key, v Visitor) error {
	if k.Code != "" {
		if err := d.mayType(ctx, v); err != nil {
			return err
		}
	}
	where, value := d.lookup(k)
	var n int
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE invitation SET new_wanted = coalesce($1::timestamptz, clock_timestamp())
			WHERE `+where+` AND state <> 'revoked' RETURNING 1`, d.clock(), value).
			Query(func(rows pgx.Rows) error {
				all, err := pgx.CollectRows(rows, pgx.RowTo[int])
				n = len(all)
				return err
			})
	})
	if err != nil {
		return fmt.Errorf("directory: ask for a link: %w", err)
	}
	if k.Code != "" && n > 0 {
		return d.typedRight(ctx, v)
	}
	return nil
}

// Waiting is an invitation that was made for one sign-in and not taken up yet.
type Waiting struct {
	ID   string
	Room incident.LogID
}

// WaitingFor lists the live invitations that were made for this very sign-in,
// oldest first, so that whom the deployment knows needs no link.
func (d *Directory) WaitingFor(ctx context.Context, issuer, subject string) (list []Waiting, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, room FROM invitation WHERE subject = $2 AND state = 'open' AND expires > coalesce($1::timestamptz, clock_timestamp()) ORDER BY created, id`,
			d.clock(), d.personMAC(issuer, subject)).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Waiting])
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: invitations that wait: %w", err)
	}
	return list, nil
}

// Wanted lists for which of a room's invitations a new link was asked for, and
// when last.
func (d *Directory) Wanted(ctx context.Context, room incident.LogID) (map[string]time.Time, error) {
	wanted := map[string]time.Time{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, new_wanted FROM invitation WHERE room = $1 AND new_wanted IS NOT NULL AND state <> 'revoked'`, room).Query(func(rows pgx.Rows) error {
			var id string
			var at time.Time
			_, err := pgx.ForEachRow(rows, []any{&id, &at}, func() error { wanted[id] = at; return nil })
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: links asked for: %w", err)
	}
	return wanted, nil
}
