package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// OrgContact is somebody to reach at an organisation. Those of a role stand in
// an order: who is tried first, who stands in.
type OrgContact struct {
	ID        string
	Org       incident.OrgID
	Role      incident.ContactRole
	Name      string // empty where it was not opened: see Listing
	Place     int    // 1 to 9
	AlertOnly bool   // is told of incidents, and comes into no room
	Channels  []Channel
}

// Channel is a number or address of a contact. It never changes: another number
// is another channel.
type Channel struct {
	ID         string
	Kind       incident.ChannelKind
	Value      string // empty where it was not opened
	OutOfHours bool
	Verified   time.Time // zero for never
	How        incident.Verification
	By         incident.PersonID // who typed the code, or rang back
}

// MaxOrgContacts bounds an organisation's list, MaxChannels a contact's.
const (
	MaxOrgContacts = 60
	MaxChannels    = 8
)

const (
	sealOrgContact = "organisation contact"
	sealChannel    = "contact channel"
)

func orgContactAD(id string, org incident.OrgID) []byte { return fmt.Appendf(nil, "%s/%s", id, org) }

func channelAD(contact, id string, kind incident.ChannelKind) []byte {
	return fmt.Appendf(nil, "%s/%s/%s", contact, id, kind)
}

// OrgContacts lists an organisation's contacts by role and place. Who may read
// them is the caller's to judge.
func (d *Directory) OrgContacts(ctx context.Context, org incident.OrgID) ([]OrgContact, error) {
	all, err := d.orgContacts(ctx, true, `WHERE o.org = $1`, org)
	if err != nil {
		return nil, fmt.Errorf("directory: contacts: %w", err)
	}
	return all, nil
}

// Listing lists the contacts of every organisation without opening anything:
// names and values are empty. It is what coverage and selection are made of.
func (d *Directory) Listing(ctx context.Context) ([]OrgContact, error) {
	all, err := d.orgContacts(ctx, false, "")
	if err != nil {
		return nil, fmt.Errorf("directory: contacts of all: %w", err)
	}
	return all, nil
}

// NamesOf opens the names of these contacts, by their ids.
func (d *Directory) NamesOf(ctx context.Context, ids []string) (map[string]string, error) {
	names := map[string]string{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT id, org, sealed FROM org_contact WHERE id = ANY ((SELECT $1::text[])::text[])`, ids).Query(func(rows pgx.Rows) error {
			var id, org string
			var sealed []byte
			_, err := pgx.ForEachRow(rows, []any{&id, &org, &sealed}, func() error {
				name, err := d.o.Vault.Open(sealOrgContact, sealed, orgContactAD(id, incident.OrgID(org)))
				names[id] = string(name)
				return err
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: names of contacts: %w", err)
	}
	return names, nil
}

// orgContacts reads contacts, and opens their names and values if it is to.
func (d *Directory) orgContacts(ctx context.Context, open bool, where string, args ...any) ([]OrgContact, error) {
	var all []OrgContact
	at := map[string]int{}
	name, value := `NULL::bytea`, `NULL::bytea`
	if open {
		name, value = `o.sealed`, `c.sealed`
	}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT o.id, o.org, o.role, o.place, o.alert_only, `+name+` FROM org_contact o `+where, args...).Query(func(rows pgx.Rows) error {
			var c OrgContact
			var sealed []byte
			_, err := pgx.ForEachRow(rows, []any{&c.ID, &c.Org, &c.Role, &c.Place, &c.AlertOnly, &sealed}, func() error {
				if open {
					name, err := d.o.Vault.Open(sealOrgContact, sealed, orgContactAD(c.ID, c.Org))
					if err != nil {
						return err
					}
					c.Name = string(name)
				}
				all = append(all, c)
				return nil
			})
			slices.SortFunc(all, inOrder)
			for i, c := range all {
				at[c.ID] = i
			}
			return err
		})
		b.Queue(`SELECT c.contact, c.id, c.kind, c.out_of_hours, `+value+`, c.verified, coalesce(c.how, ''), coalesce(c.by_person, '')
			FROM org_channel c JOIN org_contact o ON o.id = c.contact `+where, args...).Query(func(rows pgx.Rows) error {
			var contact string
			var c Channel
			var sealed []byte
			var verified *time.Time
			_, err := pgx.ForEachRow(rows, []any{&contact, &c.ID, &c.Kind, &c.OutOfHours, &sealed, &verified, &c.How, &c.By}, func() error {
				c.Verified, c.Value = time.Time{}, ""
				if verified != nil {
					c.Verified = *verified
				}
				if open {
					value, err := d.o.Vault.Open(sealChannel, sealed, channelAD(contact, c.ID, c.Kind))
					if err != nil {
						return err
					}
					c.Value = string(value)
				}
				if i, ok := at[contact]; ok {
					all[i].Channels = append(all[i].Channels, c)
				}
				return nil
			})
			return err
		})
	})
	for _, c := range all {
		slices.SortFunc(c.Channels, func(x, y Channel) int {
			return cmp.Or(cmp.Compare(slices.Index(incident.ChannelKinds, x.Kind), slices.Index(incident.ChannelKinds, y.Kind)), cmp.Compare(x.ID, y.ID))
		})
	}
	return all, err
}

// inOrder is the order of lists: by role, then who is tried first.
func inOrder(x, y OrgContact) int {
	return cmp.Or(cmp.Compare(x.Org, y.Org), cmp.Compare(slices.Index(incident.ContactRoles, x.Role), slices.Index(incident.ContactRoles, y.Role)),
		cmp.Compare(x.Place, y.Place), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
}

// OrgContact returns one contact of the organisation; Missing if it has no such
// one.
func (d *Directory) OrgContact(ctx context.Context, org incident.OrgID, id string) (OrgContact, error) {
	all, err := d.OrgContacts(ctx, org)
	if err != nil {
		return OrgContact{}, err
	}
	i := slices.IndexFunc(all, func(c OrgContact) bool { return c.ID == id })
	if i < 0 {
		return OrgContact{}, incident.Missing()
	}
	return all[i], nil
}

// Channel finds one of the contact's channels; Missing if they have none such.
func (c OrgContact) Channel(id string) (Channel, error) {
	i := slices.IndexFunc(c.Channels, func(ch Channel) bool { return ch.ID == id })
	if i < 0 {
		return Channel{}, incident.Missing()
	}
	return c.Channels[i], nil
}

// AddOrgContact stores a new contact under its ID, which is random and the
// server's making, as the entry at of the system log says. Stored twice, it is
// stored once; one that was forgotten since stays forgotten.
func (d *Directory) AddOrgContact(ctx context.Context, c OrgContact, at incident.Seq) error {
	sealed, err := d.o.Vault.Seal(sealOrgContact, []byte(c.Name), orgContactAD(c.ID, c.Org))
	if err != nil {
		return err
	}
	err = d.tx(ctx, func(tx pgx.Tx) error {
		// One at a time for an organisation: its list is bounded.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('org_contact ' || $1, 0))`, c.Org); err != nil {
			return err
		}
		var n, own int
		var left bool
		if err := tx.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE id = $2), EXISTS (SELECT 1 FROM org_contact_left WHERE id = $2) FROM org_contact WHERE org = $1`,
			c.Org, c.ID).Scan(&n, &own, &left); err != nil {
			return err
		}
		switch {
		case own > 0 || left:
			return nil
		case n >= MaxOrgContacts:
			return incident.Refuse(incident.Conflict, "An organisation has at most %d contacts. Remove one first.", MaxOrgContacts)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO org_contact (id, org, role, place, alert_only, sealed, applied) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			c.ID, c.Org, c.Role, c.Place, c.AlertOnly, sealed, int64(at)); err != nil {
			return err
		}
		return d.insertChannels(ctx, tx, c.ID, c.Channels)
	})
	if err != nil {
		return fmt.Errorf("directory: add a contact: %w", err)
	}
	return nil
}

func (d *Directory) insertChannels(ctx context.Context, tx pgx.Tx, contact string, channels []Channel) error {
	for _, ch := range channels {
		sealed, err := d.o.Vault.Seal(sealChannel, []byte(ch.Value), channelAD(contact, ch.ID, ch.Kind))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO org_channel (contact, id, kind, out_of_hours, sealed) VALUES ($1, $2, $3, $4, $5)`,
			contact, ch.ID, ch.Kind, ch.OutOfHours, sealed); err != nil {
			return err
		}
	}
	return nil
}

// ChangeOrgContact replaces what is known of a contact, as the entry at of the
// system log says; one that is older than the last changes nothing. Channels whose id they
// have keep their value and verification; others are new, and those left out
// are gone. Missing if the organisation has no such contact.
func (d *Directory) ChangeOrgContact(ctx context.Context, c OrgContact, at incident.Seq) error {
	sealed, err := d.o.Vault.Seal(sealOrgContact, []byte(c.Name), orgContactAD(c.ID, c.Org))
	if err != nil {
		return err
	}
	err = d.tx(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE org_contact SET role = $3, place = $4, alert_only = $5, sealed = $6, applied = $7 WHERE id = $1 AND org = $2 AND applied < $7`,
			c.ID, c.Org, c.Role, c.Place, c.AlertOnly, sealed, int64(at))
		if err != nil {
			return err
		}
		if done.RowsAffected() == 0 {
			var known bool
			if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM org_contact WHERE id = $1 AND org = $2)`, c.ID, c.Org).Scan(&known); err != nil || known {
				return err
			}
			return incident.Missing()
		}
		var kept []string
		var fresh []Channel
		for _, ch := range c.Channels {
			kept = append(kept, ch.ID)
			done, err := tx.Exec(ctx, `UPDATE org_channel SET out_of_hours = $3 WHERE contact = $1 AND id = $2`, c.ID, ch.ID, ch.OutOfHours)
			if err != nil {
				return err
			}
			if done.RowsAffected() == 0 {
				fresh = append(fresh, ch)
			}
		}
		if _, err := tx.Exec(ctx, `DELETE FROM org_channel WHERE contact = $1 AND NOT id = ANY ($2)`, c.ID, kept); err != nil {
			return err
		}
		return d.insertChannels(ctx, tx, c.ID, fresh)
	})
	if err != nil {
		return fmt.Errorf("directory: change a contact: %w", err)
	}
	return nil
}

// ForgetOrgContact drops a contact with all their channels. What is left is a
// random id, which keeps an old request from bringing them back.
func (d *Directory) ForgetOrgContact(ctx context.Context, org incident.OrgID, id string) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`WITH gone AS (DELETE FROM org_contact WHERE id = $1 AND org = $2 RETURNING id)
			INSERT INTO org_contact_left (id) SELECT id FROM gone ON CONFLICT DO NOTHING`, id, org)
	})
	if err != nil {
		return fmt.Errorf("directory: forget a contact: %w", err)
	}
	return nil
}
