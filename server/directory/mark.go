package directory

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Mark is where a person stands with a room.
type Mark struct {
	ReadTo incident.Seq
	Muted  bool
}

// MarkRead says that a person has read a room up to seq, and reports whether
// that is further than before. The mark only ever moves forward, in whatever
// order their devices speak. That seq is not beyond the head is the caller's
// to see to.
func (d *Directory) MarkRead(ctx context.Context, room incident.LogID, person incident.PersonID, seq incident.Seq) (moved bool, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO room_mark AS m (person, room, read_to) VALUES ($1, $2, $3)
			ON CONFLICT (person, room) DO UPDATE SET read_to = excluded.read_to WHERE m.read_to < excluded.read_to RETURNING true`,
			person, room, int64(seq)).
			Query(func(rows pgx.Rows) error {
				all, err := pgx.CollectRows(rows, pgx.RowTo[bool])
				moved = len(all) == 1 && seq > 0
				return err
			})
	})
	if err != nil {
		return false, fmt.Errorf("directory: mark read: %w", err)
	}
	return moved, nil
}

// ReadTo returns how far a person has read a room; 0 for not at all.
func (d *Directory) ReadTo(ctx context.Context, room incident.LogID, person incident.PersonID) (incident.Seq, error) {
	marks, err := d.marks(ctx, `SELECT room, read_to, muted FROM room_mark WHERE person = $1 AND room = $2`, person, room)
	return marks[room].ReadTo, err
}

// SetMuted makes a room silent for a person, or not.
func (d *Directory) SetMuted(ctx context.Context, room incident.LogID, person incident.PersonID, muted bool) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO room_mark (person, room, muted) VALUES ($1, $2, $3) ON CONFLICT (person, room) DO UPDATE SET muted = excluded.muted`,
			person, room, muted)
	})
	if err != nil {
		return fmt.Errorf("directory: mute: %w", err)
	}
	return nil
}

// Marks returns where a person stands with every room they have a mark in.
func (d *Directory) Marks(ctx context.Context, person incident.PersonID) (map[incident.LogID]Mark, error) {
	return d.marks(ctx, `SELECT room, read_to, muted FROM room_mark WHERE person = $1`, person)
}

func (d *Directory) marks(ctx context.Context, query string, args ...any) (map[incident.LogID]Mark, error) {
	marks := map[incident.LogID]Mark{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(query, args...).Query(func(rows pgx.Rows) error {
			var room incident.LogID
			var readTo int64
			var muted bool
			_, err := pgx.ForEachRow(rows, []any{&room, &readTo, &muted}, func() error {
				marks[room] = Mark{ReadTo: incident.Seq(readTo), Muted: muted}
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: marks: %w", err)
	}
	return marks, nil
}
