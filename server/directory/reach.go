package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Own is a number or address that a person gave for themselves.
type Own struct {
	Value    string    // empty for none
	Verified time.Time // when a code that was sent there came back; zero: nothing else is sent there
}

// Quiet are hours in which somebody is not written to: minutes after midnight
// in the United Kingdom, from Begins to before Ends, over midnight if that is
// earlier.
type Quiet struct{ Begins, Ends int }

// Reach is how a person is reached.
type Reach struct {
	SMS, Email Own
	Quiet      *Quiet // nil for none
}

const sealReach = "reach"

func reachAD(person incident.PersonID, kind incident.ChannelKind) []byte {
	return fmt.Appendf(nil, "%s/%s", person, kind)
}

// ReachOf returns how a person is reached. Who may read it is the caller's to
// judge: the person, and the house when it sends.
func (d *Directory) ReachOf(ctx context.Context, person incident.PersonID) (r Reach, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT kind, sealed, verified FROM reach WHERE person = $1`, person).Query(func(rows pgx.Rows) error {
			var kind incident.ChannelKind
			var sealed []byte
			var verified *time.Time
			_, err := pgx.ForEachRow(rows, []any{&kind, &sealed, &verified}, func() error {
				value, err := d.o.Vault.Open(sealReach, sealed, reachAD(person, kind))
				if err != nil {
					return err
				}
				own := Own{Value: string(value)}
				if verified != nil {
					own.Verified = *verified
				}
				if kind == incident.BySMS {
					r.SMS = own
				} else {
					r.Email = own
				}
				return nil
			})
			return err
		})
		b.Queue(`SELECT begins, ends FROM quiet WHERE person = $1`, person).Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Quiet])
			if len(all) == 1 {
				r.Quiet = &all[0]
			}
			return err
		})
	})
	if err != nil {
		return Reach{}, fmt.Errorf("directory: reach: %w", err)
	}
	return r, nil
}

// SetQuiet replaces a person's quiet hours; nil for none.
func (d *Directory) SetQuiet(ctx context.Context, person incident.PersonID, q *Quiet) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		if q == nil {
			b.Queue(`DELETE FROM quiet WHERE person = $1`, person)
			return
		}
		b.Queue(`INSERT INTO quiet (person, begins, ends) VALUES ($1, $2, $3) ON CONFLICT (person) DO UPDATE SET begins = excluded.begins, ends = excluded.ends`, person, q.Begins, q.Ends)
	})
	if err != nil {
		return fmt.Errorf("directory: quiet hours: %w", err)
	}
	return nil
}

// ownCodes is how many codes an hour a person may have sent to a number or
// address that they say is theirs: it may be somebody else's.
const ownCodes = 5

var errOwnCodes = incident.Refuse(incident.TooMany, "%d codes were sent within the last hour. Wait, and try again.", ownCodes)

// SetOwn keeps a number or address that a person says is theirs, and sends a
// code there. Until the code comes back nothing else goes there. The same one
// again sends another code; the one before is dead. Past ownCodes nothing is
// changed: each code that is made may be guessed at contactCodeTries times.
func (d *Directory) SetOwn(ctx context.Context, person incident.PersonID, kind incident.ChannelKind, value string) error {
	if !d.Sends(kind) {
		return incident.Refuse(incident.Conflict, "No code can be sent that way from this server. Ask your administrator.")
	}
	sealed, err := d.o.Vault.Seal(sealReach, []byte(value), reachAD(person, kind))
	if err != nil {
		return err
	}
	code := newOTP()
	var sent int
	err = d.do(ctx, func(b *pgx.Batch) {
		// A new value is not verified; the count of codes outlives the value.
		b.Queue(`INSERT INTO reach AS r (person, kind, sealed, code, code_until, codes, codes_from)
			SELECT $2, $3, $4, $5, t.now + $6, 1, t.now FROM (SELECT coalesce($1::timestamptz, clock_timestamp())) t(now)
			ON CONFLICT (person, kind) DO UPDATE SET sealed = CASE WHEN r.codes >= $7 AND r.codes_from > excluded.codes_from - interval '1 hour' THEN r.sealed ELSE excluded.sealed END,
				verified = CASE WHEN r.codes >= $7 AND r.codes_from > excluded.codes_from - interval '1 hour' THEN r.verified END,
				code = CASE WHEN r.codes >= $7 AND r.codes_from > excluded.codes_from - interval '1 hour' THEN r.code ELSE excluded.code END,
				code_until = CASE WHEN r.codes >= $7 AND r.codes_from > excluded.codes_from - interval '1 hour' THEN r.code_until ELSE excluded.code_until END,
				code_wrong = CASE WHEN r.codes >= $7 AND r.codes_from > excluded.codes_from - interval '1 hour' THEN r.code_wrong ELSE 0 END,
				codes = CASE WHEN r.codes_from > excluded.codes_from - interval '1 hour' THEN least(r.codes, $7) + 1 ELSE 1 END,
				codes_from = CASE WHEN r.codes_from > excluded.codes_from - interval '1 hour' THEN r.codes_from ELSE excluded.codes_from END
			RETURNING codes`, d.clock(), person, kind, sealed, d.ownCode(person, kind, code), CodeFor, ownCodes).
			QueryRow(func(row pgx.Row) error { return row.Scan(&sent) })
	})
	switch {
	case err != nil:
		return fmt.Errorf("directory: own number: %w", err)
	case sent > ownCodes:
		return errOwnCodes
	}
	return d.o.Sender.SendCode(ctx, kind, value, code)
}

// TakeOwnCode compares a typed code with the one that was sent to a person's
// own number or address, which is verified if it is right. A wrong, a dead and
// an old one are the same refusal.
func (d *Directory) TakeOwnCode(ctx context.Context, person incident.PersonID, kind incident.ChannelKind, typed string) error {
	var right bool
	err := d.do(ctx, func(b *pgx.Batch) {
		// Counted before it is compared, under the row's lock.
		b.Queue(`UPDATE reach SET code_wrong = code_wrong + 1 WHERE person = $1 AND kind = $2 AND code_wrong < $5 AND code_until > coalesce($4::timestamptz, clock_timestamp()) RETURNING code = $3`,
			person, kind, d.ownCode(person, kind, typed), d.clock(), contactCodeTries).QueryRow(func(row pgx.Row) error {
			if err := row.Scan(&right); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil
		})
	})
	if err == nil && right {
		_, err = d.touch(ctx, `UPDATE reach SET verified = coalesce($3::timestamptz, clock_timestamp()), code = NULL, code_until = NULL, code_wrong = 0 WHERE person = $1 AND kind = $2`, person, kind, d.clock())
	}
	if err != nil {
		return fmt.Errorf("directory: own number: %w", err)
	}
	if !right {
		return errContactCode
	}
	return nil
}

// ForgetOwn drops a person's own number or address. How many codes they had
// sent is kept for its hour, with nothing to send to.
func (d *Directory) ForgetOwn(ctx context.Context, person incident.PersonID, kind incident.ChannelKind) error {
	sealed, err := d.o.Vault.Seal(sealReach, nil, reachAD(person, kind))
	if err != nil {
		return err
	}
	if _, err := d.touch(ctx, `UPDATE reach SET sealed = $3, verified = NULL, code = NULL, code_until = NULL WHERE person = $1 AND kind = $2`, person, kind, sealed); err != nil {
		return fmt.Errorf("directory: own number: %w", err)
	}
	return nil
}

func (d *Directory) ownCode(person incident.PersonID, kind incident.ChannelKind, digits string) []byte {
	return d.mac("own code", string(person)+"/"+string(kind), digits)
}

// Reached is a channel of an organisation's contact, opened to send there.
type Reached struct {
	Org      incident.OrgID
	Kind     incident.ChannelKind
	Value    string
	Verified time.Time // zero for never
}

// ChannelOf opens one channel of a contact; Missing if there is none such. Who
// may is the caller's to judge: the house when it sends.
func (d *Directory) ChannelOf(ctx context.Context, contact, channel string) (r Reached, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT o.org, c.kind, c.sealed, c.verified FROM org_channel c JOIN org_contact o ON o.id = c.contact WHERE c.contact = $1 AND c.id = $2`, contact, channel).QueryRow(func(row pgx.Row) error {
			var sealed []byte
			var verified *time.Time
			err := row.Scan(&r.Org, &r.Kind, &sealed, &verified)
			if errors.Is(err, pgx.ErrNoRows) {
				return incident.Missing()
			}
			if err != nil {
				return err
			}
			if verified != nil {
				r.Verified = *verified
			}
			value, err := d.o.Vault.Open(sealChannel, sealed, channelAD(contact, channel, r.Kind))
			r.Value = string(value)
			return err
		})
	})
	if err != nil {
		return Reached{}, fmt.Errorf("directory: channel: %w", err)
	}
	return r, nil
}

// Addressed says where an invitation of this room that can still be taken up
// was addressed to; Missing if there is none such.
func (d *Directory) Addressed(ctx context.Context, room incident.LogID, id string) (to Contact, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT sealed FROM invitation WHERE id = $2 AND room = $3 AND state IN ('open', 'asked') AND expires > coalesce($1::timestamptz, clock_timestamp())`,
			d.clock(), id, room).QueryRow(func(found pgx.Row) error {
			r := row{id: id}
			err := found.Scan(&r.sealed)
			if errors.Is(err, pgx.ErrNoRows) {
				return incident.Missing()
			}
			if err != nil {
				return err
			}
			a, err := d.open(r)
			to = Contact{Email: a.Email, Phone: a.Phone}
			return err
		})
	})
	if err != nil {
		return Contact{}, fmt.Errorf("directory: invitation's address: %w", err)
	}
	return to, nil
}

// Lend lets this code be typed for an invitation too, for as long as its link
// lives: a notice says it. A later one replaces it, and so does a new link.
func (d *Directory) Lend(ctx context.Context, room incident.LogID, id, code string) error {
	found, err := d.touch(ctx, `UPDATE invitation SET texted = $3 WHERE id = $1 AND room = $2 AND state <> 'revoked'`, id, room, d.codeMAC(code))
	if err != nil {
		return fmt.Errorf("directory: lend a code: %w", err)
	}
	if !found {
		return incident.Missing()
	}
	return nil
}
