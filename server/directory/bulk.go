package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Kept is why a contact of a list was not invited after all.
type Kept string

// The reasons.
const (
	KeptGone      Kept = "gone"       // they have left the directory
	KeptAlertOnly Kept = "alert_only" // they are told of incidents, and come into no room
	KeptClosed    Kept = "closed"     // their organisation has closed, or is a host
	KeptNoChannel Kept = "no_channel" // the number is not verified any more
	KeptExercise  Kept = "exercise"   // an exercise, and a number that somebody has
	KeptHere      Kept = "here"       // they are in the room, or invited already
	KeptRefused   Kept = "refused"    // the room took no invitation of this kind
)

// Mobile is the contact's number for text messages: of those that are verified
// the one that was last; ok is false where there is none.
func (c OrgContact) Mobile() (number Channel, ok bool) {
	for _, ch := range c.Channels {
		if ch.Kind == incident.BySMS && !ch.Verified.IsZero() && (!ok || ch.Verified.After(number.Verified)) {
			number, ok = ch, true
		}
	}
	return number, ok
}

// Keep notes why the contact at place n of a list is not invited. The first
// reason stands.
func (d *Directory) Keep(ctx context.Context, log incident.LogID, list string, n int, why Kept) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE broadcast_to SET kept = $4 WHERE log = $1 AND list = $2 AND n = $3 AND kept IS NULL`, string(log), list, n, string(why))
	})
	if err != nil {
		return fmt.Errorf("directory: keep: %w", err)
	}
	return nil
}

// Opened notes that whom an invitation is for has looked at it, if it was made
// for a broadcast. The first time stands.
func (d *Directory) Opened(ctx context.Context, id string) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE invitation SET opened = coalesce($1::timestamptz, clock_timestamp()) WHERE id = $2 AND batch IS NOT NULL AND opened IS NULL`, d.clock(), id)
	})
	if err != nil {
		return fmt.Errorf("directory: opened: %w", err)
	}
	return nil
}

// Issued is an invitation that was made for a broadcast.
type Issued struct {
	ID      string
	Batch   incident.Seq
	Opened  time.Time // zero: not yet
	Expires time.Time
	Expired bool // by the database's clock
	Noted   int  // what the room's log says already: NotedDelivered, NotedOpened
}

// What the room's log says of an invitation.
const (
	NotedDelivered = 1
	NotedOpened    = 2
)

// IssuedBy lists the invitations that were made for a broadcast, by their ids.
func (d *Directory) IssuedBy(ctx context.Context, room incident.LogID, batch incident.Seq) (map[string]Issued, error) {
	all := map[string]Issued{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, opened, expires, expires <= coalesce($1::timestamptz, clock_timestamp()), noted FROM invitation WHERE room = $2 AND batch = $3 LIMIT $4`,
			d.clock(), string(room), int64(batch), incident.MaxInvited).Query(func(rows pgx.Rows) error {
			var x Issued
			var opened *time.Time
			_, err := pgx.ForEachRow(rows, []any{&x.ID, &opened, &x.Expires, &x.Expired, &x.Noted}, func() error {
				x.Batch, x.Opened = batch, time.Time{}
				if opened != nil {
					x.Opened = *opened
				}
				all[x.ID] = x
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: invitations of a broadcast: %w", err)
	}
	return all, nil
}

// Unnoted is a broadcast of a room.
type Unnoted struct {
	Room  incident.LogID
	Batch incident.Seq
}

// Unnoted lists the broadcasts of whose live invitations the room's log may not
// say all yet, at most limit.
func (d *Directory) Unnoted(ctx context.Context, limit int) (list []Unnoted, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT room, batch FROM invitation WHERE batch IS NOT NULL AND noted <> 3 AND state <> 'revoked' AND expires > coalesce($1::timestamptz, clock_timestamp())
			GROUP BY 1, 2 ORDER BY max(created) DESC, 1, 2 LIMIT $2`, d.clock(), limit).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (u Unnoted, err error) {
				var batch int64
				err = r.Scan((*string)(&u.Room), &batch)
				u.Batch = incident.Seq(batch)
				return u, err
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: invitations to be noted: %w", err)
	}
	return list, nil
}

// Note keeps in mind what the room's log says of these invitations by now.
func (d *Directory) Note(ctx context.Context, room incident.LogID, ids []string, what int) error {
	if len(ids) == 0 {
		return nil
	}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE invitation SET noted = noted | $3::smallint WHERE room = $1 AND id = ANY ($2)`, string(room), ids, what)
	})
	if err != nil {
		return fmt.Errorf("directory: note: %w", err)
	}
	return nil
}
