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

// SetContact replaces a member's contact; an empty one is forgotten.
func (d *Directory) SetContact(ctx context.Context, room incident.LogID, root incident.Seq, c Contact) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sealed, err := d.o.Vault.Seal(sealContact, plain, contactAD(room, root))
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

// Contacts returns the contacts of a room's members, by the entries that began
// their memberships. Who may read them is the caller's to judge.
func (d *Directory) Contacts(ctx context.Context, room incident.LogID) (map[incident.Seq]Contact, error) {
	contacts := map[incident.Seq]Contact{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT root, sealed FROM contact WHERE room = $1`, room).Query(func(rows pgx.Rows) error {
			var root int64
			var sealed []byte
			_, err := pgx.ForEachRow(rows, []any{&root, &sealed}, func() error {
				plain, err := d.o.Vault.Open(sealContact, sealed, contactAD(room, incident.Seq(root)))
				if err != nil {
					return err
				}
				var c Contact
				if json.Unmarshal(plain, &c) != nil {
					return errors.New("a contact cannot be read")
				}
				contacts[incident.Seq(root)] = c
				return nil
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: contacts: %w", err)
	}
	return contacts, nil
}
