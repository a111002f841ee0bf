package devkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// The roles of a cluster. The owner migrates; the two that a server works as may log in and are otherwise given only what a migration
// grants them.
const (
	Superuser  = "postgres"
	OwnerRole  = "wardroom_owner"
	WriterRole = "wardroom_writer"
	ReaderRole = "wardroom_reader"
)

const (
	startTimeout = 60 * time.Second // includes the recovery after a crash
	portRaces    = 3                // how often a free port may be snatched before we give up
	leftoverWait = 20 * time.Second // for a server of an earlier run to end by itself
	socketRoot   = "/tmp"
	longestPath  = 107 // of a Unix socket: sun_path of unix(7) less its final zero
)

// Options says which cluster, and how safe it is to be.
type Options struct {
	Dir string // holds the cluster and its passwords; made if absent, continued if not

	// Fsync keeps fsync, synchronous_commit and full_page_writes on, as the server demands of a database it serves from. Without
	// it a crash of the machine loses the cluster: for tests that are about something else.
	Fsync bool

	Port        int       // on 127.0.0.1; 0 for any free one
	Log         io.Writer // what Postgres says; discarded if nil. It never holds statements or their parameters
	NodeModules string    // where npm's packages of Postgres may be, if the machine has none of its own; may be empty
}

// Cluster is a private Postgres, reachable on 127.0.0.1 and through a socket in a folder of its own, by password only. Its methods
// must not be called at the same time.
type Cluster struct {
	options Options
	id      identity
	as      *syscall.Credential
	bin     binaries
	home    string // holds pgdata: Options.Dir, or a folder outside it
	sockets string // short, mode 0700, gone after Stop
	port    int
	lock    *os.File // nil once stopped
	child   *Child
}

// StartCluster makes the cluster in o.Dir, or continues the one that is there: after a crash, and after a run that left its server
// behind, which is stopped first. It returns when the cluster answers and its roles exist.
func StartCluster(ctx context.Context, o Options) (*Cluster, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if len(dir) > longestDir {
		return nil, &Trouble{
			Wrong: fmt.Sprintf("the path of %s… is %d bytes long, and PostgreSQL takes at most %d", dir[:60], len(dir), longestDir),
			Do:    "move the clone to a folder with a shorter path",
			Err:   syscall.ENAMETOOLONG,
		}
	}
	o.Dir = dir
	if err := claimDir(dir); err != nil {
		return nil, err
	}
	c := &Cluster{options: o}
	if c.lock, err = lock(dir); err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) open(ctx context.Context) (err error) {
	if c.id, err = loadIdentity(c.options.Dir); err != nil {
		return err
	}
	sweep()
	if err := c.settle(); err != nil {
		return err
	}
	if c.sockets, err = socketDir(c.options.Dir, c.id, c.as); err != nil {
		return err
	}
	if err := c.stopLeftovers(ctx); err != nil {
		return err
	}
	if err := c.initialise(ctx); err != nil {
		return err
	}
	return c.start(ctx)
}

// settle decides where the files are, whom Postgres runs as and which Postgres it is.
func (c *Cluster) settle() (err error) {
	c.home = c.options.Dir
	if c.as, err = postgresUser(c.pgdata()); err != nil {
		return err
	}
	if closed := barrier(c.home, c.as); closed != "" {
		if c.home, err = outside(c.options.Dir, c.id); err != nil {
			return err
		}
		if c.as, err = postgresUser(c.pgdata()); err != nil {
			return err
		}
		c.say("%s may not enter %s, so the database is kept in %s", userName(int(c.as.Uid)), closed, c.home)
	}
	want := 0
	if text, err := os.ReadFile(filepath.Join(c.pgdata(), "PG_VERSION")); err == nil {
		if want, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
			return fmt.Errorf("the database in %s is of a version that cannot be read: %w", c.pgdata(), err)
		}
	}
	if c.bin, err = findBinaries(want, c.options.NodeModules); err != nil {
		return err
	}
	closed := barrier(c.bin.dir, c.as)
	switch {
	case closed == "":
		return nil
	case c.bin.npm:
		c.bin, err = c.bin.copyTo(c.home)
		return err
	default:
		return &Trouble{
			Wrong: fmt.Sprintf("PostgreSQL is in %s, and %s, as whom it must run, may not enter %s", c.bin.dir, userName(int(c.as.Uid)), closed),
			Do:    fmt.Sprintf("let others pass (chmod o+x %s), or run as an ordinary user", closed),
			Err:   fs.ErrPermission,
		}
	}
}

func (c *Cluster) pgdata() string { return filepath.Join(c.home, "pgdata") }

func (c *Cluster) say(format string, args ...any) {
	if c.options.Log != nil {
		fmt.Fprintf(c.options.Log, "postgres | "+format+"\n", args...)
	}
}

// socketDir is a folder whose path is short however deep the cluster lies. It is named after the cluster, so that one left behind by
// a kill is taken up again.
func socketDir(of string, id identity, as *syscall.Credential) (string, error) {
	dir := filepath.Join(socketRoot, outsidePrefix+id.ID[:8])
	if info, err := os.Lstat(dir); err == nil && info.IsDir() && mine(info, as) {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) { // somebody else's
		dir, err = os.MkdirTemp(socketRoot, outsidePrefix)
	}
	if err != nil {
		return "", &Trouble{
			Wrong: fmt.Sprintf("the folder of PostgreSQL's socket cannot be made in %s (%s)", socketRoot, reason(err)),
			Do:    fmt.Sprintf("make it writable for you: it is commonly mode 1777 (chmod 1777 %s)", socketRoot),
			Err:   err,
		}
	}
	if err := (belonging{of, id.ID}).writeTo(dir); err != nil || as == nil {
		return dir, err
	}
	return dir, os.Chown(dir, int(as.Uid), int(as.Gid))
}

func mine(info fs.FileInfo, as *syscall.Credential) bool {
	owner := ownerOf(info)
	return owner == os.Geteuid() || as != nil && owner == int(as.Uid)
}

// stopLeftovers ends the servers of an earlier run. We hold the lock, so no living run wants them. After it no process uses the
// files, and a postmaster.pid that is still there is stale, even if its number belongs to some new process by now.
func (c *Cluster) stopLeftovers(ctx context.Context) error {
	pidFile := filepath.Join(c.pgdata(), "postmaster.pid")
	pids := serversOf(c.pgdata())
	text, err := os.ReadFile(pidFile)
	if err == nil {
		first, _, _ := strings.Cut(string(text), "\n")
		master, _ := strconv.Atoi(first)
		if master > 1 && alive(master) && runsIn(master, c.pgdata()) {
			c.say("stopping the server of an earlier run (process %d)", master)
			_ = syscall.Kill(master, syscall.SIGINT)
			if !slices.Contains(pids, master) {
				pids = append(pids, master)
			}
		}
	}
	wait, cancel := context.WithTimeout(ctx, leftoverWait)
	defer cancel()
	for _, pid := range pids {
		if awaitExit(wait, pid) == nil {
			continue
		}
		// A backend whose postmaster died ends when it next looks up from its work; it need not finish that.
		_ = syscall.Kill(pid, syscall.SIGQUIT)
		if err := awaitExit(ctx, pid); err != nil {
			return fmt.Errorf("process %d of an earlier run does not end: %w", pid, err)
		}
	}
	if err := os.Remove(pidFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// initialise makes the data folder unless it is there. It is made under another name and renamed, so a run that was killed half-way
// leaves nothing that looks like a cluster.
func (c *Cluster) initialise(ctx context.Context) error {
	if _, err := os.Stat(c.pgdata()); err == nil {
		return nil
	}
	part := c.pgdata() + ".part"
	if err := os.RemoveAll(part); err != nil {
		return err
	}
	if err := c.mkdirFor(part); err != nil {
		return err
	}
	password := filepath.Join(c.sockets, "password")
	if err := c.writeFor(password, c.id.Superuser+"\n"); err != nil {
		return err
	}
	defer os.Remove(password)
	args := []string{"-D", part, "-U", Superuser, "--pwfile=" + password, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"}
	if !c.options.Fsync {
		args = append(args, "--no-sync")
	}
	err := finish(ctx, Program{
		Name: "initdb", Path: filepath.Join(c.bin.dir, "initdb"), Args: args,
		Env: []string{"LC_ALL=C"}, Dir: c.sockets, As: c.as,
	})
	if err != nil {
		return err
	}
	return os.Rename(part, c.pgdata())
}

func (c *Cluster) mkdirFor(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil || c.as == nil {
		return err
	}
	return os.Chown(dir, int(c.as.Uid), int(c.as.Gid))
}

func (c *Cluster) writeFor(file, text string) error {
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil || c.as == nil {
		return err
	}
	return os.Chown(file, int(c.as.Uid), int(c.as.Gid))
}

const accessRules = `# Passwords only, from this machine only. Written at every start.
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
`

// settings is the whole configuration. The log is for running the machine: no statement, parameter or row may get into it.
func (c *Cluster) settings() string {
	safe := map[bool]string{true: "on", false: "off"}[c.options.Fsync]
	return fmt.Sprintf(`# Written at every start.
listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 200
shared_buffers = '256MB'
fsync = %[3]s
synchronous_commit = %[3]s
full_page_writes = %[3]s
timezone = 'UTC'
log_timezone = 'UTC'
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_checkpoints = off
`, c.port, c.sockets, safe)
}

// start runs the server on its port. A port of our own choice is chosen again if someone is faster.
func (c *Cluster) start(ctx context.Context) error {
	chosen := c.options.Port
	if c.port != 0 {
		chosen = c.port // a restart keeps its address
	}
	for try := 1; ; try++ {
		held, err := takePort(chosen)
		if err != nil {
			return err
		}
		c.port = held.Port()
		if socket := filepath.Join(c.sockets, fmt.Sprintf(".s.PGSQL.%d", c.port)); len(socket) > longestPath {
			held.Release()
			return fmt.Errorf("the socket's path %s is longer than %d bytes", socket, longestPath)
		}
		err = errors.Join(
			c.writeFor(filepath.Join(c.pgdata(), "postgresql.conf"), c.settings()),
			c.writeFor(filepath.Join(c.pgdata(), "pg_hba.conf"), accessRules),
		)
		held.Release()
		if err != nil {
			return err
		}
		err = c.launch(ctx)
		var exit *ExitError
		if !errors.As(err, &exit) || !strings.Contains(strings.Join(exit.Tail, "\n"), "Address already in use") {
			return err
		}
		if chosen != 0 {
			return PortTaken(chosen)
		}
		if c.port = 0; try == portRaces {
			return err
		}
	}
}

func (c *Cluster) launch(ctx context.Context) error {
	child, err := Start(ctx, Program{
		Name: "postgres",
		Path: filepath.Join(c.bin.dir, "postgres"),
		Args: []string{"-D", c.pgdata()},
		Env:  []string{"LC_ALL=C"},
		Dir:  c.sockets, // any folder its user may enter
		Log:  c.options.Log,
		As:   c.as,
		Ready: func(ctx context.Context) error {
			return c.admin(ctx, func(*pgx.Conn) error { return nil })
		},
		Timeout:      startTimeout,
		StopSignal:   syscall.SIGINT,  // "fast": sessions are cut, everything is written
		KillSignal:   syscall.SIGQUIT, // "immediate": recovery at the next start
		OrphanSignal: syscall.SIGINT,
	})
	if err != nil {
		return err
	}
	if err := c.admin(ctx, c.ensureRoles(ctx)); err != nil {
		return errors.Join(err, child.Kill())
	}
	c.child = child
	return nil
}

// admin runs fn as the superuser, over the socket.
func (c *Cluster) admin(ctx context.Context, fn func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%d user=%s password=%s dbname=postgres", c.sockets, c.port, Superuser, c.id.Superuser))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return fn(conn)
}

// ensureRoles makes the roles what they must be, whatever an earlier run or a person made of them. The passwords are hexadecimal.
func (c *Cluster) ensureRoles(ctx context.Context) func(*pgx.Conn) error {
	return func(conn *pgx.Conn) error {
		for _, r := range []struct{ name, password, may string }{
			{OwnerRole, c.id.Owner, "CREATEDB"},
			{WriterRole, c.id.Writer, "NOCREATEDB"},
			{ReaderRole, c.id.Reader, "NOCREATEDB"},
		} {
			_, err := conn.Exec(ctx, fmt.Sprintf(`DO $$ BEGIN CREATE ROLE %s; EXCEPTION WHEN duplicate_object THEN NULL; END $$`, r.name))
			if err != nil {
				return err
			}
			_, err = conn.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s LOGIN %s NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '%s'`, r.name, r.may, r.password))
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// EnsureDatabase makes a database owned by the owner role, which the server's two roles may connect to and nobody else may, unless it
// exists.
func (c *Cluster) EnsureDatabase(ctx context.Context, name string) error {
	return c.admin(ctx, func(conn *pgx.Conn) error {
		var there bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil {
			return err
		}
		quoted := pgx.Identifier{name}.Sanitize()
		if !there {
			if _, err := conn.Exec(ctx, `CREATE DATABASE `+quoted+` OWNER `+OwnerRole); err != nil {
				return err
			}
		}
		_, err := conn.Exec(ctx, `REVOKE ALL ON DATABASE `+quoted+` FROM PUBLIC; GRANT CONNECT ON DATABASE `+quoted+` TO `+WriterRole+`, `+ReaderRole)
		return err
	})
}

// Port is the TCP port on 127.0.0.1. It stays the same over Restart.
func (c *Cluster) Port() int { return c.port }

// SocketDir is the folder of the Unix socket, for a client that wants host=DIR.
func (c *Cluster) SocketDir() string { return c.sockets }

// PID is the postmaster's process id.
func (c *Cluster) PID() int { return c.child.PID() }

// Done is closed when the present server has ended; see [Child.Err] for the why.
func (c *Cluster) Done() <-chan struct{} { return c.child.Done() }

// Err is why the present server ended, if nobody asked it to.
func (c *Cluster) Err() error { return c.child.Err() }

// OwnerURL is a connection string for the role that owns databases and migrates them. It holds a password: do not log it.
func (c *Cluster) OwnerURL(db string) string { return c.url(OwnerRole, c.id.Owner, db) }

// WriterURL is a connection string for the role the server writes as. It holds a password: do not log it.
func (c *Cluster) WriterURL(db string) string { return c.url(WriterRole, c.id.Writer, db) }

// ReaderURL is a connection string for the role the server reads for people as. It holds a password: do not log it.
func (c *Cluster) ReaderURL(db string) string { return c.url(ReaderRole, c.id.Reader, db) }

// SuperuserURL is a connection string for the cluster's superuser. It holds a password: do not log it.
func (c *Cluster) SuperuserURL(db string) string { return c.url(Superuser, c.id.Superuser, db) }

func (c *Cluster) url(role, password, db string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, password),
		Host: fmt.Sprintf("127.0.0.1:%d", c.port), Path: "/" + db, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Stop shuts the cluster down ("fast": sessions are cut, everything is written) and lets the folder go. Stopping twice is no error.
func (c *Cluster) Stop(ctx context.Context) error {
	if c.lock == nil {
		return nil
	}
	err := c.child.Stop(ctx)
	c.release()
	return err
}

func (c *Cluster) release() {
	if c.sockets != "" {
		_ = os.RemoveAll(c.sockets) // what stays is taken up by the next run
	}
	c.lock.Close()
	c.lock = nil
}

// StopImmediate ends the server as a power cut would, as `pg_ctl stop -m immediate` does: nothing is written any more, and Restart
// recovers from the log. The folder stays ours until Stop.
func (c *Cluster) StopImmediate() error { return c.child.Kill() }

// Restart stops the server if it runs ("fast"), waits for every process of it, and starts it again at the same address.
func (c *Cluster) Restart(ctx context.Context) error {
	if c.lock == nil {
		return errors.New("devkit: the cluster was stopped; start it with StartCluster")
	}
	if err := c.child.Stop(ctx); err != nil {
		return err
	}
	if err := c.stopLeftovers(ctx); err != nil {
		return err
	}
	return c.start(ctx)
}
