package assembly

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"wardroom/schema"
)

// How a migration waits. Whoever waits for a table's lock has everybody after
// it wait too, so it waits for less than a person notices, lets them by, and
// asks again.
const (
	lockWait     = "500ms"
	lockPause    = time.Second      // until it asks again
	lockPatience = 15 * time.Minute // until it gives up: somebody holds the table
)

// Migrate brings the database to this program's version and returns that
// version. It connects as the owner, and waits for another node that is at it.
// Nodes of the version before may write meanwhile.
//
// Every migration is a transaction of its own: after a crash the next run goes
// on behind the last one that was finished.
func Migrate(ctx context.Context, ownerURL string) (version int64, err error) {
	return MigrateWith(ctx, ownerURL, schema.Migrations, schema.Oldest)
}

// MigrateWith is Migrate with the migrations of another program, on whose
// database programs from oldest on may run.
func MigrateWith(ctx context.Context, ownerURL string, files fs.FS, oldest int64) (version int64, err error) {
	db, err := ownerDB(ctx, ownerURL)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	alone, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // seconds between tries, tries
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(alone), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, err
	}
	if err := patiently(ctx, func() error { _, err := p.Up(ctx); return err }); err != nil {
		return 0, fmt.Errorf("the database could not be brought to this version: %w", err)
	}
	if err := patiently(ctx, func() error { _, err := db.ExecContext(ctx, openVersions); return err }); err != nil {
		return 0, fmt.Errorf("the table of migrations could not be closed off: %w", err)
	}
	if version, err = p.GetDBVersion(ctx); err != nil || version < fitsSince {
		return version, err
	}
	if _, err := db.ExecContext(ctx, `UPDATE fits SET oldest = $1`, oldest); err != nil {
		return 0, fmt.Errorf("it could not be noted which programs may run on the database: %w", err)
	}
	return version, nil
}

// fitsSince is the migration that made the table fits.
const fitsSince = 33

// patiently does it again for as long as others hold a lock that it needs.
func patiently(ctx context.Context, do func() error) error {
	for until := time.Now().Add(lockPatience); ; {
		err := do()
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Code != "55P03" && pg.Code != "40P01" { // lock_not_available, deadlock_detected
			return err
		}
		if time.Now().After(until) {
			return fmt.Errorf("somebody has held a table for %v (pg_stat_activity says who): %w", lockPatience, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

// openVersions puts goose's own table under the rule that every table is
// under. What it holds is no secret: which migrations were run, and when. The
// writer may read it, to tell whether the server fits the database it finds; the
// owner must see it all.
const openVersions = `
	ALTER TABLE goose_db_version ENABLE ROW LEVEL SECURITY;
	ALTER TABLE goose_db_version FORCE ROW LEVEL SECURITY;
	DROP POLICY IF EXISTS versions ON goose_db_version;
	CREATE POLICY versions ON goose_db_version USING (true);
	GRANT SELECT ON goose_db_version TO wardroom_writer`

func ownerDB(ctx context.Context, ownerURL string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return nil, errors.New("WARDROOM_OWNER_URL is not an address of the form postgres://wardroom_owner:PASSWORD@HOST/DATABASE")
	}
	cfg.RuntimeParams["lock_timeout"] = lockWait
	db := stdlib.OpenDB(*cfg)
	ask, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	var missing []error
	for _, w := range []way{writing, reading} {
		var there bool
		if err := db.QueryRowContext(ask, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, w.role).Scan(&there); err != nil {
			return nil, errors.Join(fmt.Errorf("the database does not answer: %w", err), db.Close())
		}
		if !there {
			missing = append(missing, fmt.Errorf("there is no role %[1]s for the server to work as (%[2]s); make it as the superuser: CREATE ROLE %[1]s LOGIN PASSWORD '…'", w.role, w.setting))
		}
	}
	if len(missing) > 0 {
		return nil, errors.Join(append(missing, db.Close())...)
	}
	return db, nil
}

// latest is the version this program's migrations lead to.
func latest() (int64, error) {
	names, err := schema.Migrations.ReadDir(".")
	if err != nil {
		return 0, err
	}
	var version int64
	for _, n := range names {
		v, err := goose.NumericComponent(n.Name())
		if err != nil {
			return 0, err
		}
		version = max(version, v)
	}
	return version, nil
}
