package devkit

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func startCluster(t *testing.T, o Options) *Cluster {
	t.Helper()
	if o.Log == nil {
		o.Log = logTo{t}
	}
	c, err := StartCluster(deadline(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(deadline(t), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(deadline(t), sql); err != nil {
		t.Fatal(err)
	}
}

func ask[T any](t *testing.T, url, sql string) (answer T) {
	t.Helper()
	conn := connect(t, url)
	defer conn.Close(context.Background())
	if err := conn.QueryRow(deadline(t), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func refused(t *testing.T, err error, sqlState string) {
	t.Helper()
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != sqlState {
		t.Fatalf("got %v, want SQLSTATE %s", err, sqlState)
	}
}

func TestClusterIsPrivateAndItsRolesAreNarrow(t *testing.T) {
	ctx := deadline(t)
	dir := place(t)
	c := startCluster(t, Options{Dir: filepath.Join(dir, "pg"), Fsync: true})
	if err := c.EnsureDatabase(ctx, "wardroom"); err != nil {
		t.Fatal(err)
	}
	if err := c.EnsureDatabase(ctx, "wardroom"); err != nil {
		t.Fatalf("a second time: %v", err)
	}

	t.Run("the owner owns the database and is no superuser", func(t *testing.T) {
		exec1(t, c.OwnerURL("wardroom"), `CREATE TABLE entry (seq bigint)`)
		exec1(t, c.OwnerURL("wardroom"), `CREATE DATABASE another`)
		got := ask[string](t, c.OwnerURL("wardroom"), `SELECT format('%s %s %s %s', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = current_user`)
		if got != "f f f t" {
			t.Errorf("super, bypassrls, createrole, createdb = %s", got)
		}
	})
	t.Run("the server's two roles may log in and nothing else", func(t *testing.T) {
		for url, other := range map[string]string{c.WriterURL("wardroom"): ReaderRole, c.ReaderURL("wardroom"): WriterRole} {
			got := ask[string](t, url, `SELECT format('%s %s %s %s %s', rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication) FROM pg_roles WHERE rolname = current_user`)
			if got != "f f f f f" {
				t.Errorf("super, bypassrls, createrole, createdb, replication = %s", got)
			}
			conn := connect(t, url)
			for _, sql := range []string{`SELECT * FROM entry`, `CREATE TABLE mine (a int)`, `CREATE TEMP TABLE mine (a int)`, `CREATE DATABASE mine`, `SET ROLE wardroom_owner`, `SET ROLE ` + other, `ALTER SYSTEM SET fsync = off`} {
				_, err := conn.Exec(ctx, sql)
				refused(t, err, "42501") // insufficient_privilege
			}
		}
	})
	t.Run("nobody gets in without the password, by TCP or by the socket", func(t *testing.T) {
		for _, how := range []string{
			strings.Replace(c.WriterURL("wardroom"), c.id.Writer, "guess", 1),
			c.url(ReaderRole, c.id.Writer, "wardroom"),
			"host=" + c.SocketDir() + " port=" + strconv.Itoa(c.Port()) + " user=postgres password=guess dbname=postgres",
		} {
			_, err := pgx.Connect(ctx, how)
			refused(t, err, "28P01") // invalid_password
		}
	})
	t.Run("passwords and socket are closed to others", func(t *testing.T) {
		for path, want := range map[string]fs.FileMode{filepath.Join(dir, "pg", identityFile): 0o600, c.SocketDir(): 0o700, filepath.Join(dir, "pg", "pgdata"): 0o700} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s is mode %o, want %o", path, got, want)
			}
		}
	})
	t.Run("it listens on 127.0.0.1 only", func(t *testing.T) {
		if got := ask[string](t, c.SuperuserURL("postgres"), `SHOW listen_addresses`); got != "127.0.0.1" {
			t.Errorf("listen_addresses = %s", got)
		}
		if conn, err := net.Dial("tcp", net.JoinHostPort("::1", strconv.Itoa(c.Port()))); err == nil {
			conn.Close()
			t.Error("it answers on ::1")
		}
	})
	t.Run("settings", func(t *testing.T) {
		for name, want := range map[string]string{
			"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200", "shared_buffers": "256MB",
			"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
			"server_encoding": "UTF8",
		} {
			if got := ask[string](t, c.SuperuserURL("postgres"), `SHOW `+name); got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
	})

	if err := c.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.SocketDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket's folder outlives the cluster: %v", err)
	}
}

func TestTheLogOfPostgresHoldsNoContent(t *testing.T) {
	var log syncBuffer
	c := startCluster(t, Options{Dir: filepath.Join(place(t), "pg"), Log: &log})
	conn := connect(t, c.SuperuserURL("postgres"))
	ctx := deadline(t)
	if _, err := conn.Exec(ctx, `CREATE TABLE said (text text PRIMARY KEY)`); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is a duplicate key, whose DETAIL would name the value
		_, _ = conn.Exec(ctx, `INSERT INTO said VALUES ($1)`, "the-patient-list")
	}
	if err := c.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "duplicate key") {
		t.Errorf("the error was not logged at all:\n%s", log.String())
	}
	if strings.Contains(log.String(), "the-patient-list") || strings.Contains(log.String(), "INSERT INTO") {
		t.Errorf("content was logged:\n%s", log.String())
	}
}

func TestFastClusterTurnsSafetyOff(t *testing.T) {
	c := startCluster(t, Options{Dir: filepath.Join(place(t), "pg")})
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := ask[string](t, c.SuperuserURL("postgres"), `SHOW `+name); got != "off" {
			t.Errorf("%s = %s, want off", name, got)
		}
	}
}

// Every way in which a run can end: what was committed is there in the next, under the same passwords.
func TestASecondRunContinues(t *testing.T) {
	dir := filepath.Join(place(t), "pg")
	first := startCluster(t, Options{Dir: dir, Fsync: true})
	exec1(t, first.OwnerURL("postgres"), `CREATE DATABASE kept`)
	owner := first.OwnerURL("kept")
	exec1(t, owner, `CREATE TABLE entry (seq bigint)`)
	entries := int64(0)

	var c *Cluster
	for _, ending := range []struct {
		name string
		end  func(t *testing.T)
	}{
		{"after a fast stop", func(*testing.T) {}},
		{"after a power cut", func(t *testing.T) {
			if err := c.StopImmediate(); err != nil {
				t.Fatal(err)
			}
		}},
		{"after kill -9 of the postmaster alone", func(t *testing.T) {
			connect(t, owner) // its backend is an orphan that the next start has to wait for
			if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-c.Done()
			var exit *ExitError
			if !errors.As(c.Err(), &exit) || exit.How != "signal: killed" {
				t.Errorf("the kill was reported as %v", c.Err())
			}
		}},
	} {
		t.Run(ending.name, func(t *testing.T) {
			if c == nil {
				c = first
			} else {
				c = startCluster(t, Options{Dir: dir, Fsync: true, Port: c.Port()})
			}
			owner = c.OwnerURL("kept")
			exec1(t, owner, `INSERT INTO entry VALUES (1)`)
			entries++
			ending.end(t)
			if err := c.Stop(deadline(t)); err != nil {
				t.Fatal(err)
			}
			next := startCluster(t, Options{Dir: dir, Fsync: true})
			if got := ask[int64](t, next.OwnerURL("kept"), `SELECT count(*) FROM entry`); got != entries {
				t.Errorf("%d entries of %d are there", got, entries)
			}
			if err := next.Stop(deadline(t)); err != nil {
				t.Fatal(err)
			}
		})
	}

	t.Run("after a crash whose process id belongs to somebody else by now", func(t *testing.T) {
		c := startCluster(t, Options{Dir: dir, Fsync: true})
		pidFile := filepath.Join(dir, "pgdata", "postmaster.pid")
		text, err := os.ReadFile(pidFile)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.StopImmediate(), c.Stop(deadline(t))); err != nil {
			t.Fatal(err)
		}
		// The same user's, so that Postgres by itself would refuse to start.
		squatter := exec.Command("/bin/cat")
		squatter.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
		hold, err := squatter.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := squatter.Start(); err != nil {
			t.Fatal(err)
		}
		defer squatter.Wait()
		defer hold.Close()
		_, rest, _ := strings.Cut(string(text), "\n")
		if err := os.WriteFile(pidFile, []byte(strconv.Itoa(squatter.Process.Pid)+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.as != nil {
			if err := os.Chown(pidFile, int(c.as.Uid), int(c.as.Gid)); err != nil {
				t.Fatal(err)
			}
		}
		startCluster(t, Options{Dir: dir, Fsync: true})
		if !alive(squatter.Process.Pid) {
			t.Error("a process that has nothing to do with Postgres was ended")
		}
	})
}

func TestAServerLeftBehindIsStopped(t *testing.T) {
	dir := filepath.Join(place(t), "pg")
	c := startCluster(t, Options{Dir: dir})
	bin, as := c.bin, c.as
	if err := c.Stop(deadline(t)); err != nil {
		t.Fatal(err)
	}
	left := exec.Command(filepath.Join(bin.dir, "postgres"), "-D", filepath.Join(dir, "pgdata"), "-k", "", "-p", strconv.Itoa(c.Port()))
	left.SysProcAttr = childAttr(as, syscall.SIGQUIT)
	left.Dir = "/"
	ready := &awaitLine{want: "ready to accept connections", seen: make(chan struct{})}
	left.Stderr = ready
	if err := left.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- left.Wait() }()
	select {
	case <-ready.seen:
	case err := <-exited:
		t.Fatalf("the server to be left behind did not start: %v", err)
	}

	startCluster(t, Options{Dir: dir, Port: c.Port()})
	if err := <-exited; err != nil {
		t.Errorf("it was not stopped cleanly: %v", err)
	}
}

func TestRestartKeepsAddressAndData(t *testing.T) {
	c := startCluster(t, Options{Dir: filepath.Join(place(t), "pg"), Fsync: true})
	url := c.SuperuserURL("postgres")
	exec1(t, url, `CREATE TABLE entry (seq bigint); INSERT INTO entry VALUES (1)`)
	for _, how := range []struct {
		name string
		stop func() error
	}{
		{"while it runs", func() error { return nil }},
		{"after a power cut", c.StopImmediate},
		{"after kill -9", func() error {
			defer func() { <-c.Done() }()
			return syscall.Kill(c.PID(), syscall.SIGKILL)
		}},
	} {
		t.Run(how.name, func(t *testing.T) {
			if err := how.stop(); err != nil {
				t.Fatal(err)
			}
			if err := c.Restart(deadline(t)); err != nil {
				t.Fatal(err)
			}
			if got := ask[int64](t, url, `SELECT count(*) FROM entry`); got != 1 {
				t.Errorf("%d entries of 1 are there", got)
			}
		})
	}
	if err := c.Stop(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(deadline(t)); err == nil {
		t.Error("a cluster that was let go was restarted")
	}
}

func TestClusterInADeepFolder(t *testing.T) {
	dir := filepath.Join(place(t), strings.Repeat("a-long-name-of-a-folder/", 20), "pg")
	c := startCluster(t, Options{Dir: dir})
	if got := len(filepath.Join(c.SocketDir(), ".s.PGSQL.65535")); got > longestPath {
		t.Errorf("the socket's path is %d bytes long", got)
	}
	if got := ask[int](t, c.SuperuserURL("postgres"), `SELECT 1`); got != 1 {
		t.Error(got)
	}
}

// t.TempDir of root is closed to every other user, as a clone under /root is.
func TestClusterInAFolderThatPostgresMayNotEnter(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: only root runs Postgres as somebody else")
	}
	closed := t.TempDir()
	dir := filepath.Join(closed, "pg")
	c := startCluster(t, Options{Dir: dir})
	home := c.home
	if !strings.HasPrefix(home, outsideRoot) {
		t.Fatalf("the database is in %s", home)
	}
	exec1(t, c.SuperuserURL("postgres"), `CREATE TABLE entry (seq bigint)`)
	if err := c.Stop(deadline(t)); err != nil {
		t.Fatal(err)
	}

	t.Run("a second run continues", func(t *testing.T) {
		c := startCluster(t, Options{Dir: dir})
		if got := ask[int](t, c.SuperuserURL("postgres"), `SELECT count(*) FROM entry`); got != 0 {
			t.Error(got)
		}
	})
	t.Run("forgetting the folder forgets the database", func(t *testing.T) {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		c := startCluster(t, Options{Dir: dir})
		if got := ask[bool](t, c.SuperuserURL("postgres"), `SELECT to_regclass('entry') IS NULL`); !got {
			t.Error("the table of the forgotten database is still there")
		}
	})
	t.Run("what was kept outside for it goes with the next start of any", func(t *testing.T) {
		if err := os.RemoveAll(closed); err != nil {
			t.Fatal(err)
		}
		startCluster(t, Options{Dir: filepath.Join(place(t), "pg")})
		if _, err := os.Stat(home); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is still there (%v)", home, err)
		}
	})
}

// After a kill nothing removed the socket's folder; after a reset no next run of that cluster will.
func TestTheSocketOfAForgottenClusterGoesWithTheNextStartOfAny(t *testing.T) {
	dir := filepath.Join(place(t), "pg")
	c := startCluster(t, Options{Dir: dir})
	sockets, id := c.SocketDir(), c.id
	startCluster(t, Options{Dir: filepath.Join(place(t), "pg")})
	if _, err := os.Stat(sockets); err != nil {
		t.Fatalf("the socket of a running cluster was swept: %v", err)
	}
	if err := errors.Join(c.Stop(deadline(t)), os.RemoveAll(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := socketDir(dir, id, c.as); err != nil { // as a killed run leaves it
		t.Fatal(err)
	}
	startCluster(t, Options{Dir: filepath.Join(place(t), "pg")})
	if _, err := os.Stat(sockets); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", sockets, err)
	}
}

func TestClusterOfPackagedBinaries(t *testing.T) {
	root, err := RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	modules := filepath.Join(root, "deploy", "dev", "postgres", "node_modules")
	if _, err := os.Stat(modules); err != nil {
		t.Skip("SKIPPED: the packaged PostgreSQL is not installed; run 'npm ci --prefix deploy/dev/postgres'")
	}
	t.Setenv("PATH", t.TempDir())
	defer func(old []string) { systemPlaces = old }(systemPlaces)
	systemPlaces = nil

	// A copy, as npm unpacks it when it runs no install script: without the short names of the libraries.
	bare := filepath.Join(place(t), "node_modules")
	if err := os.CopyFS(bare, os.DirFS(modules)); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(bare, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type()&fs.ModeSymlink != 0 && strings.Contains(path, "native") {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, where := range []struct{ name, modules string }{{"that Postgres may enter", bare}, {"that it may not", closedCopy(t, bare)}} {
		t.Run("in a folder "+where.name, func(t *testing.T) {
			c := startCluster(t, Options{Dir: filepath.Join(place(t), "pg"), NodeModules: where.modules})
			if got := ask[int](t, c.WriterURL("postgres"), `SELECT current_setting('server_version_num')::int / 10000`); got < oldestPostgres {
				t.Errorf("version %d", got)
			}
		})
	}
}

// closedCopy is reached through a folder that only we may enter.
func closedCopy(t *testing.T, modules string) string {
	t.Helper()
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(closed, "node_modules"), os.DirFS(modules)); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(closed, "node_modules")
}

func TestTheHighestVersionWins(t *testing.T) {
	found, err := findBinaries(0, "")
	if err != nil {
		t.Fatal(err)
	}
	var majors []int
	places, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, dir := range places {
		majors = append(majors, postgresVersion(dir))
	}
	if len(majors) > 0 && found.major < slices.Max(majors) {
		t.Errorf("chose %d of %v", found.major, majors)
	}
}
