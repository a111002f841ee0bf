package assembly

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/config"
)

// Connect opens the pool that everything in the server shares. Statements are
// prepared once per connection and kept: parameters never become part of a
// statement's text.
func Connect(ctx context.Context, databaseURL string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(databaseURL)
	if err != nil { // pgx's own text masks the password and still says too much
		return nil, errors.New("WARDROOM_DATABASE_URL is not an address of the form postgres://wardroom_app:PASSWORD@HOST/DATABASE")
	}
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	cfg.ConnConfig.RuntimeParams["application_name"] = "wardroom"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.MaxConns = max(cfg.MaxConns, 16)
	return pgxpool.NewWithConfig(ctx, cfg)
}

// oldestPostgres is the oldest major version whose behaviour is relied on.
const oldestPostgres = 15

// CheckDatabase says what makes this database unfit, asked as the application
// role. Development machines and tests may run without the writes to disk
// being waited for; nothing else is forgiven them.
func CheckDatabase(ctx context.Context, pool *pgxpool.Pool, development bool) []config.Problem {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return []config.Problem{unreachable(err)}
	}
	defer conn.Release()
	var all []config.Problem
	for _, rule := range []func(context.Context, *pgxpool.Conn) ([]string, error){
		checkVersion, checkRole, checkTables, checkMigrations,
	} {
		said, err := rule(ctx, conn)
		if err != nil {
			return append(all, unreachable(err))
		}
		all = appendSaid(all, said)
	}
	if !development {
		said, err := checkDurable(ctx, conn)
		if err != nil {
			return append(all, unreachable(err))
		}
		all = appendSaid(all, said)
	}
	return all
}

func appendSaid(all []config.Problem, said []string) []config.Problem {
	for _, s := range said {
		all = append(all, config.Problem(s))
	}
	return all
}

func unreachable(err error) config.Problem {
	why := "it does not answer at the address in WARDROOM_DATABASE_URL"
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		why = "it says: " + pg.Message
	}
	return config.Problem(fmt.Sprintf("The database cannot be asked: %s. Start it, or correct WARDROOM_DATABASE_URL.", why))
}

func checkVersion(ctx context.Context, conn *pgxpool.Conn) ([]string, error) {
	var number int
	if err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int`).Scan(&number); err != nil {
		return nil, err
	}
	if major := number / 10000; major < oldestPostgres {
		return []string{fmt.Sprintf("The database is PostgreSQL %d. Use %d or newer.", major, oldestPostgres)}, nil
	}
	return nil, nil
}

// checkDurable refuses what would let the machine lose an entry that was
// answered for.
func checkDurable(ctx context.Context, conn *pgxpool.Conn) (said []string, err error) {
	for _, setting := range []struct{ name, why string }{
		{"fsync", "a crash of the machine would destroy the log"},
		{"full_page_writes", "a crash of the machine could leave half-written pages of the log"},
		{"synchronous_commit", "a crash would lose entries that people were told are stored"},
	} {
		var value string
		if err := conn.QueryRow(ctx, `SELECT current_setting($1)`, setting.name).Scan(&value); err != nil {
			return nil, err
		}
		if value == "off" {
			said = append(said, fmt.Sprintf("The database runs with %s off: %s. Set it to on, for the server and for the role.", setting.name, setting.why))
		}
	}
	return said, nil
}

// checkRole refuses a role that row-level security does not bind, or that
// could take it away.
func checkRole(ctx context.Context, conn *pgxpool.Conn) (said []string, err error) {
	var name string
	var super, bypass, creates, owns bool
	err = conn.QueryRow(ctx, `
		SELECT r.rolname, r.rolsuper, r.rolbypassrls, r.rolcreaterole, EXISTS (
			SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
			OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(r.oid, d.datdba, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&name, &super, &bypass, &creates, &owns)
	if err != nil {
		return nil, err
	}
	const use = "Connect as a role that is nothing but what the migrations grant " + appRole + "."
	switch {
	case super:
		said = append(said, fmt.Sprintf("The server connects as %s, a superuser, whom no wall between rooms holds. %s", name, use))
	case bypass:
		said = append(said, fmt.Sprintf("The server connects as %s, which bypasses row-level security. %s", name, use))
	case owns:
		said = append(said, fmt.Sprintf("The server connects as %s, which owns tables or the database, or may become who does: it could take the walls down. %s", name, use))
	case creates:
		said = append(said, fmt.Sprintf("The server connects as %s, which may make roles. %s", name, use))
	}
	return said, nil
}

// checkTables refuses a table that is not under row-level security, or whose
// owner would be exempt.
func checkTables(ctx context.Context, conn *pgxpool.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
		  AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("Row-level security is not enabled and forced on: %s. Find out who changed that before going on; `wardroom migrate` on an empty database shows how it should be.", strings.Join(names, ", "))}, nil
}

// checkMigrations refuses a database of another version than this program's.
func checkMigrations(ctx context.Context, conn *pgxpool.Conn) ([]string, error) {
	want, err := latest()
	if err != nil {
		return nil, err
	}
	var have int64
	err = conn.QueryRow(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&have)
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &pg) && (pg.Code == "42P01" || pg.Code == "42501"): // undefined_table, insufficient_privilege
		return []string{"The database has no tables yet, or not ours. Run `wardroom migrate`."}, nil
	case err != nil:
		return nil, err
	case have < want:
		return []string{fmt.Sprintf("The database is at version %d and this program needs %d. Run `wardroom migrate`.", have, want)}, nil
	case have > want:
		return []string{fmt.Sprintf("The database is at version %d, made by a newer program than this one (%d). Run that one.", have, want)}, nil
	}
	return nil, nil
}
