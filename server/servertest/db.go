// Package servertest is the test kit: a real Postgres per test, a house with
// its two hosts and invented people, and a log checked again after each test.
package servertest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"

	"wardroom/schema"
	"wardroom/server/devkit"
	"wardroom/server/servertest/remains"
	"wardroom/server/servertest/scratch"
)

// One cluster a test binary, made on first use and stopped by Main.
var cluster struct {
	once sync.Once
	c    *devkit.Cluster
	dir  string
	err  error
}

const template = "wardroom_template"

var databases atomic.Int64

// Main runs the tests, then end, which ends what else they shared, stops the
// cluster, and fails if anything is left of them. Every package that uses the
// kit calls it from TestMain.
func Main(m *testing.M, end ...func()) {
	remains.Main(m, append(end, func() {
		if cluster.c != nil {
			cluster.c.Stop(context.Background())
			os.RemoveAll(cluster.dir)
		}
	})...)
}

// Cluster returns the test binary's Postgres: durable settings off, since
// these tests are about something else than crashes.
func Cluster(t testing.TB) *devkit.Cluster {
	t.Helper()
	cluster.once.Do(func() {
		if cluster.dir, cluster.err = scratch.Dir("test"); cluster.err != nil {
			return
		}
		cluster.c, cluster.err = devkit.StartCluster(context.Background(), devkit.Options{Dir: filepath.Join(cluster.dir, "pg")})
		if cluster.err == nil {
			cluster.err = Migrate(cluster.c, template)
		}
	})
	if cluster.err != nil {
		t.Fatalf("no Postgres for tests: %v", cluster.err)
	}
	return cluster.c
}

// Migrate makes a database of the cluster and brings it to the newest schema.
func Migrate(c *devkit.Cluster, database string) error {
	ctx := context.Background()
	if err := exec(ctx, c.OwnerURL("postgres"), "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return err
	}
	db, err := sql.Open("pgx", c.OwnerURL(database))
	if err != nil {
		return err
	}
	defer db.Close()
	migrations, err := fs.Sub(schema.Migrations, ".")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, migrations)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

func exec(ctx context.Context, url, statement string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// DB is a fresh database of the newest schema, gone after the test.
type DB struct {
	Cluster *devkit.Cluster
	Name    string
	Writer  *pgxpool.Pool // the server's two ways in
	Reader  *pgxpool.Pool
}

func (d *DB) connect(t testing.TB) {
	t.Helper()
	for pool, url := range map[**pgxpool.Pool]string{&d.Writer: d.Cluster.WriterURL(d.Name), &d.Reader: d.Cluster.ReaderURL(d.Name)} {
		p, err := pgxpool.New(context.Background(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Close)
		*pool = p
	}
}

// DurableDatabase makes a cluster of the test's own, as safe as production's:
// what was committed in it survives an immediate shutdown. What Postgres says
// goes to log; nil discards it.
func DurableDatabase(t testing.TB, log io.Writer) *DB {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "wardroom-durable-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	os.Chmod(dir, 0o711)
	return DurableDatabaseIn(t, log, dir)
}

// DurableDatabaseIn is DurableDatabase in a folder of the test's own, which
// other users may pass through.
func DurableDatabaseIn(t testing.TB, log io.Writer, dir string) *DB {
	t.Helper()
	c, err := devkit.StartCluster(context.Background(), devkit.Options{Dir: filepath.Join(dir, "pg"), Fsync: true, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.StopImmediate() // nobody needs it any more
		c.Stop(context.Background())
	})
	d := &DB{Cluster: c, Name: "wardroom"}
	if err := Migrate(c, d.Name); err != nil {
		t.Fatal(err)
	}
	d.connect(t)
	return d
}

// Database makes a fresh database for the test.
func Database(t testing.TB) *DB {
	t.Helper()
	c := Cluster(t)
	d := &DB{Cluster: c, Name: fmt.Sprintf("test_%d_%d", os.Getpid(), databases.Add(1))}
	ctx := context.Background()
	if err := exec(ctx, c.OwnerURL("postgres"), "CREATE DATABASE "+d.Name+" TEMPLATE "+template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // runs after both pools are closed
		if err := exec(ctx, c.SuperuserURL("postgres"), "DROP DATABASE "+d.Name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop %s: %v", d.Name, err)
		}
	})
	d.connect(t)
	return d
}
