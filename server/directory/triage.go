package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/incident"
)

// Caller is whom to ring about a report.
type Caller struct {
	Name  string `json:"name,omitempty"` // of whoever rang; empty where a person filed it by the web
	Phone string `json:"phone"`
}

// CallerKept is for how long a caller is known after the report was closed.
const CallerKept = 30 * 24 * time.Hour

const sealCaller = "report caller"

// KeepCaller stores whom to ring about a report. Stored twice, it is stored
// once.
func (d *Directory) KeepCaller(ctx context.Context, report string, c Caller) error {
	plain, err := json.Marshal(c)
	if err != nil {
		return err
	}
	sealed, err := d.o.Vault.Seal(sealCaller, plain, []byte(report))
	if err != nil {
		return err
	}
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`INSERT INTO report_caller (report, sealed) VALUES ($1, $2) ON CONFLICT (report) DO NOTHING`, report, sealed)
	})
	if err != nil {
		return fmt.Errorf("directory: keep a caller: %w", err)
	}
	return nil
}

// CallerOf returns whom to ring about a report; Missing if that is not known,
// or is due to be forgotten. Who may know is the caller's to judge.
func (d *Directory) CallerOf(ctx context.Context, report string) (c Caller, err error) {
	found := false
	err = d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`SELECT sealed FROM report_caller WHERE report = $1 AND (until IS NULL OR until > coalesce($2, clock_timestamp()))`, report, d.clock()).Query(func(rows pgx.Rows) error {
			all, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
			if err != nil || len(all) == 0 {
				return err
			}
			plain, err := d.o.Vault.Open(sealCaller, all[0], []byte(report))
			if err != nil {
				return err
			}
			if json.Unmarshal(plain, &c) != nil {
				return errors.New("a caller cannot be read")
			}
			found = true
			return nil
		})
	})
	if err != nil {
		return Caller{}, fmt.Errorf("directory: caller: %w", err)
	}
	if !found {
		return Caller{}, incident.Missing()
	}
	return c, nil
}

// EndCaller says when a report was closed: its caller is forgotten CallerKept
// after that.
func (d *Directory) EndCaller(ctx context.Context, report string, closed time.Time) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`UPDATE report_caller SET until = $2 WHERE report = $1 AND until IS NULL`, report, closed.Add(CallerKept))
	})
	if err != nil {
		return fmt.Errorf("directory: end a caller: %w", err)
	}
	return nil
}

// ForgetCallers drops the callers whose time is over.
func (d *Directory) ForgetCallers(ctx context.Context) error {
	err := d.do(ctx, func(b *pgx.Batch) {
		b.Queue(`DELETE FROM report_caller WHERE until <= coalesce($1, clock_timestamp())`, d.clock())
	})
	if err != nil {
		return fmt.Errorf("directory: forget callers: %w", err)
	}
	return nil
}
