package directory

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"wardroom/schema"
	"wardroom/server/devkit"
	"wardroom/server/incident"
	"wardroom/server/servertest/remains"
	"wardroom/server/servertest/scratch"
	"wardroom/server/vault"
)

// One cluster for the package; a database for every test, copied from one that
// was migrated once.
var (
	cluster *devkit.Cluster
	workDir string
)

const template = "directory_template"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if workDir, err = scratch.Dir("directory"); err == nil {
		defer os.RemoveAll(workDir)
	}
	if err == nil {
		cluster, err = devkit.StartCluster(ctx, devkit.Options{Dir: filepath.Join(workDir, "pg")})
	}
	if err == nil {
		defer cluster.Stop(ctx)
		err = migrate(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return remains.Run(m, func() { cluster.Stop(ctx) })
}

func migrate(ctx context.Context) error {
	if err := cluster.EnsureDatabase(ctx, template); err != nil {
		return err
	}
	db, err := sql.Open("pgx", cluster.OwnerURL(template))
	if err != nil {
		return err
	}
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, schema.Migrations)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

var databases struct {
	sync.Mutex
	n int
}

// newDatabase returns the writer's pool on a database of the test's own,
// and its name.
func newDatabase(t testing.TB) (*pgxpool.Pool, string) {
	t.Helper()
	databases.Lock()
	databases.n++
	name := fmt.Sprintf("directory_%d", databases.n)
	databases.Unlock()
	super(t, "postgres", fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s OWNER %s`, name, template, devkit.OwnerRole))
	super(t, "postgres", fmt.Sprintf(`GRANT CONNECT ON DATABASE %s TO %s`, name, devkit.WriterRole))
	pool, err := pgxpool.New(t.Context(), cluster.WriterURL(name))
	check(t, err)
	t.Cleanup(pool.Close)
	return pool, name
}

// super runs a statement past every wall.
func super(t testing.TB, database, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(database))
	check(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(t.Context(), statement)
	check(t, err)
}

// ask reads one value past every wall.
func ask[T any](t testing.TB, database, query string, args ...any) (v T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), cluster.SuperuserURL(database))
	check(t, err)
	defer conn.Close(context.Background())
	check(t, conn.QueryRow(t.Context(), query, args...).Scan(&v))
	return v
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantFault fails the test unless err is a refusal of the kind.
func wantFault(t testing.TB, what string, err error, f incident.Fault) {
	t.Helper()
	if err == nil || incident.FaultOf(err) != f {
		t.Fatalf("%s: got %v, want %s", what, err, f)
	}
}

// newDirectory returns a directory on a database of its own, and the name of
// that; its clock is moved by later.
func newDirectory(t testing.TB) (d *Directory, database string, later func(time.Duration)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vault")
	check(t, vault.Create(path))
	v, err := vault.New(path)
	check(t, err)
	pool, database := newDatabase(t)
	var mu sync.Mutex
	var shift time.Duration
	d, err = New(Options{Pool: pool, Vault: v, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Now().Add(shift) }})
	check(t, err)
	return d, database, func(by time.Duration) { mu.Lock(); defer mu.Unlock(); shift += by }
}
