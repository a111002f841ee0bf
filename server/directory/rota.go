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

// SetRota writes a version of the rota; what is there already is at least as new
// if it has as high a number, and stays. Who may, and which number is the next,
// the system log has said.
func (d *Directory) SetRota(ctx context.Context, r Rota) error {
	plain, err := json.Marshal(r.Shifts)
	if err != nil {
		return err
	}
	sealed, err := d.o.Vault.Seal(sealRota, plain, rotaAD(r.Org, r.Tier, r.Version))
	if err != nil {
		return err
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO rota (org, tier, version, sealed) VALUES ($1, $2, $3, $4)
			ON CONFLICT (org, tier) DO UPDATE SET version = excluded.version, sealed = excluded.sealed WHERE rota.version < excluded.version`,
			string(r.Org), string(r.Tier), r.Version, sealed)
	})
	if err != nil {
		return fmt.Errorf("directory: set rota: %w", err)
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
