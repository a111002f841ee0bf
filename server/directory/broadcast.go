package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// To is one contact of a list of recipients: ids and enums alone.
type To struct {
	Contact string
	Org     incident.OrgID
	Role    incident.ContactRole
	SMS     string // the channel of the text message; empty for none
	Email   string // the channel of the e-mail; empty for none
}

// List is whom a broadcast goes to, as it was when somebody asked for it. It
// never changes: what is true of each is read again when it is sent.
type List struct {
	ID    string
	Hash  [sha256.Size]byte
	Count incident.BroadcastCount
}

// hashOf is the hash of a list: a line for each contact, in its order.
func hashOf(to []To) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("WARDROOM/1/recipients\n"))
	for _, t := range to {
		fmt.Fprintf(h, "%s %s %s\n", t.Contact, cmp.Or(t.SMS, "-"), cmp.Or(t.Email, "-"))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// newest is the channel that was verified last; of two at once, the first.
func newest(list []Channel) (id string) {
	var at time.Time
	for _, ch := range list {
		if id == "" || ch.Verified.After(at) {
			id, at = ch.ID, ch.Verified
		}
	}
	return id
}

// To is the recipient as a line of a list: one number and one address, those
// that were verified last. may, where there is one, says which channels count;
// ok is false where none does.
func (r Recipient) To(may func(channel string) bool) (t To, ok bool) {
	if may != nil {
		not := func(ch Channel) bool { return !may(ch.ID) }
		r.SMS, r.Email = slices.DeleteFunc(slices.Clone(r.SMS), not), slices.DeleteFunc(slices.Clone(r.Email), not)
	}
	t = To{Contact: r.Contact.ID, Org: r.Contact.Org, Role: r.Contact.Role, SMS: newest(r.SMS), Email: newest(r.Email)}
	return t, t.SMS != "" || t.Email != ""
}

// ToAll are the contacts of these organisations who have a verified number or
// address, each by those that were verified last, in the order of lists. It
// opens nothing.
func (d *Directory) ToAll(ctx context.Context, orgs []incident.OrgID) (all []To, err error) {
	contacts, err := d.orgContacts(ctx, false, `WHERE o.org = ANY ((SELECT $1::text[])::text[])`, orgs)
	if err != nil {
		return nil, fmt.Errorf("directory: contacts of organisations: %w", err)
	}
	for _, c := range contacts {
		if t, ok := reached(c).To(nil); ok {
			all = append(all, t)
		}
	}
	return all, nil
}

// Among chooses those contacts of the book that are named by id, however they
// were chosen before.
func (b *Book) Among(ids map[string]bool) Selection {
	some := Book{Orgs: b.Orgs, Now: b.Now, Stale: b.Stale}
	var orgs []incident.OrgID
	for _, c := range b.Contacts {
		if ids[c.ID] {
			some.Contacts = append(some.Contacts, c)
			orgs = append(orgs, c.Org)
		}
	}
	return some.Select(nil, orgs, nil)
}

// Values opens the numbers and addresses of these contacts, by their channels'
// ids: to say of each whether an exercise may reach it.
func (d *Directory) Values(ctx context.Context, contacts []string) (map[string]string, error) {
	values := map[string]string{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT contact, id, kind, sealed FROM org_channel WHERE verified IS NOT NULL AND contact = ANY ((SELECT $1::text[])::text[])`, contacts).Query(func(rows pgx.Rows) error {
			var contact, id string
			var kind incident.ChannelKind
			var sealed []byte
			_, err := pgx.ForEachRow(rows, []any{&contact, &id, &kind, &sealed}, func() error {
				value, err := d.o.Vault.Open(sealChannel, sealed, channelAD(contact, id, kind))
				values[id] = string(value)
				return err
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: values: %w", err)
	}
	return values, nil
}

// Freeze stores a list under its id and returns it. Stored twice, the first
// stands: whoever sends a request again is answered from the same list.
func (d *Directory) Freeze(ctx context.Context, log incident.LogID, id string, count incident.BroadcastCount, to []To) (l List, err error) {
	counts, err := json.Marshal(count)
	if err != nil {
		return l, err
	}
	hash := hashOf(to)
	n := len(to)
	contacts, orgs, roles, texts, mails := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, t := range to {
		contacts[i], orgs[i], roles[i], texts[i], mails[i] = t.Contact, string(t.Org), string(t.Role), t.SMS, t.Email
	}
	err = d.tx(ctx, func(tx pgx.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO broadcast_list (log, id, hash, counts) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, string(log), id, hash[:], counts)
		if err != nil {
			return err
		}
		if done.RowsAffected() == 1 {
			if _, err := tx.Exec(ctx, `INSERT INTO broadcast_to (log, list, n, contact, org, role, sms, email)
				SELECT $1, $2, t.n, t.contact, t.org, t.role, t.sms, t.email
				FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) WITH ORDINALITY AS t(contact, org, role, sms, email, n)`,
				string(log), id, contacts, orgs, roles, texts, mails); err != nil {
				return err
			}
		}
		l.ID = id
		var stored []byte
		if err := tx.QueryRow(ctx, `SELECT hash, counts FROM broadcast_list WHERE log = $1 AND id = $2`, string(log), id).Scan(&stored, &counts); err != nil {
			return err
		}
		copy(l.Hash[:], stored)
		return json.Unmarshal(counts, &l.Count)
	})
	if err != nil {
		return List{}, fmt.Errorf("directory: freeze a list: %w", err)
	}
	return l, nil
}

// Stands reports whether a list is still the one with this hash, in
// hexadecimal, which the room's log has of it.
func (d *Directory) Stands(ctx context.Context, log incident.LogID, list, hash string) (bool, error) {
	lines, err := d.lines(ctx, `ORDER BY b.n`, string(log), list)
	if err != nil {
		return false, err
	}
	to := make([]To, len(lines))
	for i, l := range lines {
		to[i] = l.To
	}
	now := hashOf(to)
	return hex.EncodeToString(now[:]) == hash, nil
}

// unaskedFor is how long a list is kept that no log came to name.
const unaskedFor = 24 * time.Hour

// Asked notes that the room's log names the list, which is kept from then on,
// and drops those that none came to name.
func (d *Directory) Asked(ctx context.Context, log incident.LogID, id string) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE broadcast_list SET asked = true WHERE log = $1 AND id = $2`, string(log), id)
		b.Queue(`DELETE FROM broadcast_list WHERE NOT asked AND made < coalesce($1::timestamptz, clock_timestamp()) - $2::interval`, d.clock(), unaskedFor)
	})
	if err != nil {
		return fmt.Errorf("directory: asked: %w", err)
	}
	return nil
}

// Tell claims the contacts of a list for it: from then on they are known to be
// told of the room. Each is told by one list, the first that claims them.
func (d *Directory) Tell(ctx context.Context, log incident.LogID, list string) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO broadcast_told (log, contact, list) SELECT log, contact, list FROM broadcast_to WHERE log = $1 AND list = $2 ORDER BY contact ON CONFLICT DO NOTHING`, string(log), list)
	})
	if err != nil {
		return fmt.Errorf("directory: tell: %w", err)
	}
	return nil
}

// Told is who was told of the room, by their ids.
func (d *Directory) Told(ctx context.Context, log incident.LogID) (map[string]bool, error) {
	told := map[string]bool{}
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT contact FROM broadcast_told WHERE log = $1`, string(log)).Query(func(rows pgx.Rows) error {
			var id string
			_, err := pgx.ForEachRow(rows, []any{&id}, func() error { told[id] = true; return nil })
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: told: %w", err)
	}
	return told, nil
}

// Line is one contact of a list, with their place in it.
type Line struct {
	N int
	To
	Other bool // they are told by another list, which claimed them first
	Kept  Kept // why they were not invited; empty where they were, or nobody is
}

// Lines are the contacts of a list behind a place, at most limit, in order.
func (d *Directory) Lines(ctx context.Context, log incident.LogID, list string, after, limit int) ([]Line, error) {
	return d.lines(ctx, `AND b.n > $3 ORDER BY b.n LIMIT $4`, string(log), list, after, limit)
}

func (d *Directory) lines(ctx context.Context, where string, args ...any) (lines []Line, err error) {
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT b.n, b.contact, b.org, b.role, b.sms, b.email, t.list IS NOT NULL AND t.list <> b.list, coalesce(b.kept, '')
			FROM broadcast_to b LEFT JOIN broadcast_told t ON t.log = b.log AND t.contact = b.contact
			WHERE b.log = $1 AND b.list = $2 `+where, args...).Query(func(rows pgx.Rows) (err error) {
			lines, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (l Line, err error) {
				err = r.Scan(&l.N, &l.Contact, (*string)(&l.Org), (*string)(&l.Role), &l.SMS, &l.Email, &l.Other, (*string)(&l.Kept))
				return l, err
			})
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: lines of a list: %w", err)
	}
	return lines, nil
}

// LinesOf are the lines of a list that name these contacts, in order.
func (d *Directory) LinesOf(ctx context.Context, log incident.LogID, list string, contacts []string) ([]Line, error) {
	return d.lines(ctx, `AND b.contact = ANY ($3) ORDER BY b.n`, string(log), list, contacts)
}
