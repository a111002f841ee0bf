package assembly_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/devkit"
	"wardroom/server/servertest/remains"
	"wardroom/server/servertest/scratch"
)

// cluster is the Postgres of this package's tests, as safe as one in earnest.
var cluster *devkit.Cluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := scratch.Dir("assembly")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cluster, err = devkit.StartCluster(context.Background(), devkit.Options{Dir: filepath.Join(dir, "pg"), Fsync: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.Stop(context.Background())
	return remains.Run(m, func() { cluster.Stop(context.Background()) })
}

// newDatabase makes a database for one test and returns its name.
func newDatabase(t *testing.T) string {
	t.Helper()
	name := strings.ToLower(strings.Map(func(r rune) rune {
		if r == '/' || r == '-' {
			return '_'
		}
		return r
	}, t.Name()))
	if len(name) > 60 {
		name = name[:60]
	}
	if err := cluster.EnsureDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	return name
}

// migrated is a database at this program's version.
func migrated(t *testing.T) string {
	t.Helper()
	db := newDatabase(t)
	if _, err := assembly.Migrate(t.Context(), cluster.OwnerURL(db)); err != nil {
		t.Fatal(err)
	}
	return db
}

// as runs a statement on a connection of its own.
func as(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// waitForSetting returns when new connections have the value: a reload of the
// configuration reaches them by a signal that nobody answers.
func waitForSetting(t *testing.T, db, name, want string) {
	t.Helper()
	for {
		conn, err := pgx.Connect(t.Context(), cluster.WriterURL(db))
		if err != nil {
			t.Fatal(err)
		}
		var value string
		err = conn.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&value)
		conn.Close(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if value == want {
			return
		}
	}
}

// freePort is a port that nothing listens on.
func freePort() (string, error) {
	held, err := devkit.HoldPort()
	if err != nil {
		return "", err
	}
	held.Release()
	return strconv.Itoa(held.Port()), nil
}
