package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Contact is how a member is reached now.
type Contact struct {
	Email string `json:"email"`
	Phone string `json:"phone"`
}

const sealContact = "contact"

func contactAD(room incident.LogID, root incident.Seq) []byte {
	return fmt.Appendf(nil, "%s/%d", room, root)
}

func (d *Directory) sealContact(room incident.LogID, root incident.Seq, c Contact) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return d.o.Vault.Seal(sealContact, plain, contactAD(room, root))
}

// SetContact replaces a member's contact; an empty one is forgotten.
func (d *Directory) SetContact(ctx context.Context, room incident.LogID, root incident.Seq, c Contact) error {
	sealed, err := d.sealContact(room, root, c)
	if err != nil {
		return err
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		if c == (Contact{}) {
			b.Queue(`DELETE FROM contact WHERE room = $1 AND root = $2`, room, int64(root))
			return
		}
		b.Queue(`INSERT INTO contact (room, root, sealed) VALUES ($1, $2, $3) ON CONFLICT (room, root) DO UPDATE SET sealed = excluded.sealed`,
			room, int64(root), sealed)
	})
	if err != nil {
		return fmt.Errorf("directory: set contact: %w", err)
	}
	return nil
}

// KeepContact stores what a member was invited with, unless a contact of
// theirs is known already.
func (d *Directory) KeepContact(ctx context.Context, room incident.LogID, root incident.Seq, c Contact) error {
	if c == (Contact{}) {
		return nil
	}
	sealed, err := d.sealContact(room, root, c)
	if err != nil {
		return err
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO contact (room, root, sealed) VALUES ($1, $2, $3) ON CONFLICT (room, root) DO NOTHING`, room, int64(root), sealed)
	})
	if err != nil {
		return fmt.Errorf("directory: keep contact: %w", err)
	}
	return nil
}

// ContactOf returns the contact of the membership that began with this entry;
// an empty one if none is known. Who may read it is the caller's to judge.
func (d *Directory) ContactOf(ctx context.Context, room incident.LogID, root incident.Seq) (c Contact, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT sealed FROM contact WHERE room = $1 AND root = $2`, room, int64(root)).Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
			if err != nil || len(all) == 0 {
				return err
			}
			plain, err := d.o.Vault.Open(sealContact, all[0], contactAD(room, root))
			if err != nil {
				return err
			}
			if json.Unmarshal(plain, &c) != nil {
				return errors.New("a contact cannot be read")
			}
			return nil
		})
	})
	if err != nil {
		return Contact{}, fmt.Errorf("directory: contact: %w", err)
	}
	return c, nil
}
