package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Shift is one person's time on call.
type Shift struct {
	Person    incident.PersonID `json:"person"`
	From      incident.Instant  `json:"from"`
	Until     incident.Instant  `json:"until"`     // the first moment that is not theirs
	Seniority int               `json:"seniority"` // of those on call at once, 1 is asked first
}

// Rota is who of an organisation is on call at a tier, and when. Version 0 is
// one that nobody has written yet.
type Rota struct {
	Org     incident.OrgID `json:"org"`
	Tier    incident.Tier  `json:"tier"`
	Version int64          `json:"version"`
	Shifts  []Shift        `json:"shifts"`
}

// MaxShifts bounds a rota: a year of three shifts a day.
const MaxShifts = 1100

// At lists who is on call at a moment, the most senior first; of two as senior,
// whose shift began earlier.
func (r Rota) At(t time.Time) (people []incident.PersonID) {
	var on []Shift
	for _, s := range r.Shifts {
		if !t.Before(s.From.Time) && t.Before(s.Until.Time) {
			on = append(on, s)
		}
	}
	slices.SortStableFunc(on, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(a.Seniority, b.Seniority), a.From.Compare(b.From.Time), cmp.Compare(a.Person, b.Person))
	})
	for _, s := range on {
		if !slices.Contains(people, s.Person) {
			people = append(people, s.Person)
		}
	}
	return people
}

const sealRota = "rota"

func rotaAD(org incident.OrgID, tier incident.Tier, version int64) []byte {
	return fmt.Appendf(nil, "%s/%s/%d", org, tier, version)
}

// SetRota writes the rota anew; r.Version is the one it was changed from. What
// was changed meanwhile by another is a Conflict. Who may is the caller's to
// judge.
func (d *Directory) SetRota(ctx context.Context, r Rota) error {
	plain, err := json.Marshal(r.Shifts)
	if err != nil {
		return err
	}
	next := r.Version + 1
	sealed, err := d.o.Vault.Seal(sealRota, plain, rotaAD(r.Org, r.Tier, next))
	if err != nil {
		return err
	}
	var done int64
	err = d.tx(ctx, func(tx pgx.Tx) error {
		t, err := tx.Exec(ctx, `INSERT INTO rota (org, tier, version, sealed) SELECT $1::text, $2::text, $3::bigint, $4::bytea WHERE $3::bigint = 1 OR EXISTS (SELECT 1 FROM rota WHERE org = $1::text AND tier = $2::text)
			ON CONFLICT (org, tier) DO UPDATE SET version = excluded.version, sealed = excluded.sealed WHERE rota.version = excluded.version - 1`,
			string(r.Org), string(r.Tier), next, sealed)
		done = t.RowsAffected()
		return err
	})
	if err != nil {
		return fmt.Errorf("directory: set rota: %w", err)
	}
	if done != 1 {
		return incident.Refuse(incident.Conflict, "This rota was changed after you looked. Read it, then change it again.")
	}
	return nil
}

// Rotas returns the rotas of these organisations that were written, by
// organisation and tier. Who may read them is the caller's to judge.
func (d *Directory) Rotas(ctx context.Context, orgs []incident.OrgID) (list []Rota, err error) {
	names := make([]string, len(orgs))
	for i, o := range orgs {
		names[i] = string(o)
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT org, tier, version, sealed FROM rota WHERE org = ANY ($1) ORDER BY org, tier`, names).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				var r Rota
				var sealed []byte
				if err := rows.Scan((*string)(&r.Org), (*string)(&r.Tier), &r.Version, &sealed); err != nil {
					return err
				}
				plain, err := d.o.Vault.Open(sealRota, sealed, rotaAD(r.Org, r.Tier, r.Version))
				if err != nil {
					return err
				}
				if json.Unmarshal(plain, &r.Shifts) != nil {
					return errors.New("a rota cannot be read")
				}
				list = append(list, r)
			}
			return rows.Err()
		})
	})
	if err != nil {
		return nil, fmt.Errorf("directory: rotas: %w", err)
	}
	return list, nil
}
