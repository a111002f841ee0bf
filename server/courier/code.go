package courier

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// errCode is what somebody is told who waits for a code.
var errCode = incident.Refuse(incident.Unavailable, "The code could not be sent just now. Try again in a few minutes, or ring instead.")

// SendCode sends six digits to a number or address, at once: whoever asked for
// them waits. It is how the directory's codes go out.
func (c *Courier) SendCode(ctx context.Context, kind incident.ChannelKind, to, code string) error {
	digits, err := notify.ParseDigits(code)
	if err != nil {
		return err
	}
	duty, err := c.duty(ctx)
	if err != nil || duty.IsZero() || !c.Reaches(kind) {
		return errors.Join(err, errCode)
	}
	v := address(kind, to)
	if v.Why != "" {
		return incident.Refuse(incident.Invalid, "No code can be sent there: give a mobile number of the United Kingdom, or an e-mail address.")
	}
	n, id := notify.Notice{Purpose: notify.Verify, Digits: digits, Site: c.o.Site, Duty: duty}, notify.NewID()
	way := ByText
	switch {
	case kind == incident.BySMS:
		if err := c.mayText(ctx, v.Phone); err != nil {
			return err
		}
		_, err = c.o.Client.Text(ctx, c.o.Templates, id, n, v.Phone)
	case c.has(ByMail):
		way = ByMail
		if _, err = c.o.Client.Email(ctx, c.o.Templates, id, n, v.Email); err != nil && c.has(BySMTP) {
			err = c.o.Mailer.Send(ctx, id, n, v.Email) // a second code's mail says the same
		}
	default:
		way = BySMTP
		err = c.o.Mailer.Send(ctx, id, n, v.Email)
	}
	var f *notify.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f) && f.Kind == notify.Uncertain:
		return nil // it may be there; they can have another sent
	case errors.As(err, &f) && f.Kind == notify.Refused:
		return incident.Refuse(incident.Invalid, "No code can be sent there. Check the number or address.")
	}
	c.o.Log.Warn("a code could not be sent", "way", string(way), "error", err)
	return errCode
}

// mayText counts a text message to a number against what the networks let one
// number have, whoever asked for it.
func (c *Courier) mayText(ctx context.Context, to notify.Phone) error {
	return c.tx(ctx, func(tx pgx.Tx) error {
		now := c.now()
		later, err := c.number(ctx, tx, to, now)
		if err == nil && later > 0 {
			return incident.Refuse(incident.TooMany, "This number got too many messages within the last hour. Wait, or ring instead.")
		}
		return err
	})
}
