package directory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// A Sender brings a code to a number or address. It says nothing else there.
type Sender interface {
	// Reaches reports whether it can send that way.
	Reaches(kind incident.ChannelKind) bool
	// SendCode sends the six digits to the number or address.
	SendCode(ctx context.Context, kind incident.ChannelKind, to, code string) error
}

// CodeFor is how long a code that was sent can be typed.
const CodeFor = 30 * time.Minute

// contactCodeTries is how many wrong codes a sent one survives: a guess is
// right once in 200,000.
const contactCodeTries = 5

// Sends reports whether codes can be sent that way.
func (d *Directory) Sends(kind incident.ChannelKind) bool {
	return d.o.Sender != nil && d.o.Sender.Reaches(kind)
}

// SendCode sends a fresh code to a channel. One sent before is dead. The code
// is stored, as a MAC, before it goes out.
func (d *Directory) SendCode(ctx context.Context, org incident.OrgID, contact, channel string) error {
	c, err := d.OrgContact(ctx, org, contact)
	if err != nil {
		return err
	}
	ch, err := c.Channel(channel)
	if err != nil {
		return err
	}
	if !d.Sends(ch.Kind) {
		return incident.Refuse(incident.Conflict, "No code can be sent there from this server. Ask a host to ring back.")
	}
	code := newOTP()
	if _, err = d.touch(ctx, `UPDATE org_channel SET code = $3, code_until = coalesce($4::timestamptz, clock_timestamp()) + $5, code_wrong = 0 WHERE contact = $1 AND id = $2`,
		contact, channel, d.contactCode(channel, code), d.clock(), CodeFor); err != nil {
		return fmt.Errorf("directory: send a code: %w", err)
	}
	return d.o.Sender.SendCode(ctx, ch.Kind, ch.Value, code)
}

var errContactCode = incident.BadField("code", "This is not the code that was sent, or it was sent too long ago. After %d wrong ones, have another sent.", contactCodeTries)

// TakeCode compares a typed code with the one that was sent, which is used up
// if it is right. A wrong, a dead and an old one are the same refusal.
func (d *Directory) TakeCode(ctx context.Context, contact, channel, typed string) error {
	var right bool
	err := d.do(ctx, func(b *pgx.Batch) {
		// Counted before it is compared, under the row's lock: of many at once no
		// more than the allowed number are tried.
		b.Queue(`UPDATE org_channel SET code_wrong = code_wrong + 1
			WHERE contact = $1 AND id = $2 AND code_wrong < $5 AND code_until > coalesce($4::timestamptz, clock_timestamp()) RETURNING code = $3`,
			contact, channel, d.contactCode(channel, typed), d.clock(), contactCodeTries).QueryRow(func(row pgx.Row) error {
			if err := row.Scan(&right); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil
		})
	})
	if err == nil && right {
		_, err = d.touch(ctx, `UPDATE org_channel SET code = NULL, code_until = NULL, code_wrong = 0 WHERE contact = $1 AND id = $2`, contact, channel)
	}
	if err != nil {
		return fmt.Errorf("directory: take a code: %w", err)
	}
	if !right {
		return errContactCode
	}
	return nil
}

func (d *Directory) contactCode(channel, digits string) []byte {
	return d.mac("contact code", channel, digits)
}

// SetVerified notes that a channel was found to reach the contact at a time; an
// earlier one than is known changes nothing.
func (d *Directory) SetVerified(ctx context.Context, contact, channel string, how incident.Verification, by incident.PersonID, at time.Time) error {
	found, err := d.touch(ctx, `UPDATE org_channel SET
			how = CASE WHEN verified > $3 THEN how ELSE $4 END, by_person = CASE WHEN verified > $3 THEN by_person ELSE $5 END,
			verified = greatest(verified, $3), code = NULL, code_until = NULL
		WHERE contact = $1 AND id = $2`, contact, channel, at, how, by)
	if err != nil {
		return fmt.Errorf("directory: verified: %w", err)
	}
	if !found {
		return incident.Missing()
	}
	return nil
}

// touch runs an UPDATE and reports whether it found a row.
func (d *Directory) touch(ctx context.Context, statement string, args ...any) (found bool, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(statement+` RETURNING true`, args...).QueryRow(func(row pgx.Row) error {
			err := row.Scan(&found)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		})
	})
	return found, err
}
