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

// Database is the server's two ways into one database, each by a role of its
// own. Reader is for what is read on a person's behalf: whatever that code is
// made to ask, the database lets it change nothing and see what the person may.
type Database struct {
	Writer *pgxpool.Pool
	Reader *pgxpool.Pool
}

// A way is one of the two: a setting, the role that the migrations grant to by
// name, and what that role may never do.
type way struct {
	setting, role string
	never         string // in words
	tables        string // to these; empty for every table
	table, column string // as privileges
}

var (
	writing = way{"WARDROOM_DATABASE_URL", "wardroom_writer", "change or delete what was recorded",
		"leaf opening", "UPDATE, DELETE, TRUNCATE", "UPDATE"}
	reading = way{"WARDROOM_READER_URL", "wardroom_reader", "write, though it is to read for people",
		"", "INSERT, UPDATE, DELETE, TRUNCATE", "INSERT, UPDATE"}
)

// Connect opens the pools that everything in the server shares. Statements are
// prepared once per connection and kept: parameters never become part of a
// statement's text.
func Connect(ctx context.Context, cfg config.Config) (*Database, error) {
	db := &Database{}
	var err error
	if db.Writer, err = writing.connect(ctx, cfg.DatabaseURL); err != nil {
		return nil, err
	}
	if db.Reader, err = reading.connect(ctx, cfg.ReaderURL); err != nil {
		db.Writer.Close()
		return nil, err
	}
	return db, nil
}

// Close closes both pools and waits for what they are at.
func (db *Database) Close() {
	db.Writer.Close()
	db.Reader.Close()
}

// mostConns is how many connections a node makes at least, if it needs them:
// half for each way, unless an address says otherwise (pool_max_conns).
const mostConns = 16

func (w way) connect(ctx context.Context, address string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil { // pgx's own text masks the password and still says too much
		return nil, fmt.Errorf("%s is not an address of the form postgres://%s:PASSWORD@HOST/DATABASE", w.setting, w.role)
	}
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	cfg.ConnConfig.RuntimeParams["application_name"] = "wardroom"
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if !strings.Contains(address, "pool_max_conns=") {
		cfg.MaxConns = max(cfg.MaxConns, mostConns) / 2
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// oldestPostgres is the oldest major version whose behaviour is relied on.
const oldestPostgres = 15

// CheckDatabase says what makes this database unfit, asked as the server's two
// roles. Development machines and tests may run without the writes to disk
// being waited for; nothing else is forgiven them.
func CheckDatabase(ctx context.Context, db *Database, development bool) (all []config.Problem) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	w, err := db.Writer.Acquire(ctx)
	if err != nil {
		all = append(all, unreachable(writing.setting, err))
	} else {
		defer w.Release()
	}
	r, err := db.Reader.Acquire(ctx)
	if err != nil {
		all = append(all, unreachable(reading.setting, err))
	} else {
		defer r.Release()
	}
	if len(all) > 0 {
		return all
	}
	said, err := checkRoles(ctx, w, r)
	rules := []func(context.Context, *pgxpool.Conn) ([]string, error){checkVersion}
	if !development {
		rules = append(rules, checkDurable)
	}
	if len(said) == 0 { // asked by another role, they would tell of that role
		rules = append(rules, checkTables, checkMigrations)
	}
	for i := 0; err == nil && i < len(rules); i++ {
		var more []string
		more, err = rules[i](ctx, w)
		said = append(said, more...)
	}
	for _, s := range said {
		all = append(all, config.Problem(s))
	}
	if err != nil {
		all = append(all, unreachable(writing.setting+" and "+reading.setting, err))
	}
	return all
}

func unreachable(setting string, err error) config.Problem {
	why := "it does not answer at the address in " + setting
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		why = "it says: " + pg.Message
	}
	return config.Problem(fmt.Sprintf("The database cannot be asked: %s. Start it, or correct %s.", why, setting))
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

// checkRoles refuses two ways that are one, or that lead to two places, and
// roles that may do more than theirs.
func checkRoles(ctx context.Context, w, r *pgxpool.Conn) (said []string, err error) {
	var names, places [2]string
	for i, conn := range []*pgxpool.Conn{w, r} {
		// A copy that follows this database was started at another time.
		if err := conn.QueryRow(ctx, `SELECT current_user, current_database() || ' since ' || pg_postmaster_start_time()`).Scan(&names[i], &places[i]); err != nil {
			return nil, err
		}
	}
	switch {
	case places[0] != places[1]:
		said = append(said, fmt.Sprintf("%s and %s lead to two databases, or to one and a copy that may lag behind a removal. Give both the same host and database.", writing.setting, reading.setting))
	case names[0] == names[1]:
		said = append(said, fmt.Sprintf("%s and %s both connect as %s: what reads for people could write. Make them two roles: %s and %s.", writing.setting, reading.setting, names[0], writing.role, reading.role))
	}
	apart := len(said) == 0
	for i, conn := range []*pgxpool.Conn{w, r} {
		way := []way{writing, reading}[i]
		unfit, err := way.checkStanding(ctx, conn, names[i])
		if err == nil && unfit == "" && apart {
			unfit, err = way.checkRights(ctx, conn)
		}
		if err != nil {
			return nil, err
		}
		if unfit != "" {
			said = append(said, fmt.Sprintf("%s connects as %s, %s. Connect as a role that is nothing but what the migrations grant %s.", way.setting, names[i], unfit, way.role))
		}
	}
	return said, nil
}

// checkStanding refuses a role that row-level security does not bind, or that
// could take it away.
func (w way) checkStanding(ctx context.Context, conn *pgxpool.Conn, name string) (unfit string, err error) {
	var super, bypass, creates, owns bool
	err = conn.QueryRow(ctx, `
		SELECT r.rolsuper, r.rolbypassrls, r.rolcreaterole, EXISTS (
			SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND pg_has_role(r.oid, c.relowner, 'MEMBER'))
			OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(r.oid, d.datdba, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = $1`, name).Scan(&super, &bypass, &creates, &owns)
	switch {
	case err != nil:
		return "", err
	case super:
		return "a superuser, whom no wall between rooms holds", nil
	case bypass:
		return "which bypasses row-level security", nil
	case owns:
		return "which owns tables or the database, or may become who does: it could take the walls down", nil
	case creates:
		return "which may make roles", nil
	}
	return "", nil
}

// changeable are the tables on which the connection's role, or any that it may
// become, holds one of the privileges.
const changeable = `
	SELECT coalesce(string_agg(DISTINCT c.relname, ', '), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
	  AND ($1 = '' OR c.relname = ANY (string_to_array($1, ' '))) AND pg_has_role(current_user, r.oid, 'MEMBER')
	  AND (has_table_privilege(r.oid, c.oid, $2) OR has_any_column_privilege(r.oid, c.oid, $3))`

// checkRights refuses a role that may do what its way never does, or that the
// policies of its way do not speak of. Where there are no tables yet it has
// nothing to say.
func (w way) checkRights(ctx context.Context, conn *pgxpool.Conn) (unfit string, err error) {
	var there bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'opening' AND relkind = 'r')`).Scan(&there); err != nil || !there {
		return "", err
	}
	var may string
	var meant bool
	if err := conn.QueryRow(ctx, changeable, w.tables, w.table, w.column).Scan(&may); err != nil {
		return "", err
	}
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND pg_has_role(current_user, r.oid, 'USAGE'))`, w.role).Scan(&meant)
	switch {
	case err != nil:
		return "", err
	case may != "":
		return fmt.Sprintf("which may %s (%s)", w.never, may), nil
	case !meant:
		return fmt.Sprintf("which is not %s and so finds nothing", w.role), nil
	}
	return "", nil
}

// checkTables refuses a table that is not under row-level security, or whose
// owner would be exempt.
func checkTables(ctx context.Context, conn *pgxpool.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
		  AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1`)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("Row-level security is not enabled and forced on: %s. Find out who changed that before going on; `wardroom migrate` on an empty database shows how it should be.", strings.Join(names, ", "))}, nil
}

// checkMigrations refuses a database that this program does not fit: one that
// is behind, and one that is ahead and says that programs as old as this one
// may not run on it.
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
	case have == want:
		return nil, nil
	}
	var oldest int64
	if err := conn.QueryRow(ctx, `SELECT oldest FROM fits`).Scan(&oldest); err != nil {
		return nil, err
	}
	if want < oldest {
		return []string{fmt.Sprintf("The database is at version %d, on which programs from version %d on may run, and this one is %d. Run a newer one.", have, oldest, want)}, nil
	}
	return nil, nil
}
