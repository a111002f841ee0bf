package devkit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Each is a real condition of a real machine. What is said must name the thing and tell what to do about it.
func TestWhatIsWrongIsSaidInSentences(t *testing.T) {
	ctx := deadline(t)
	for _, c := range []struct {
		name string
		try  func(t *testing.T) error
		want []string
	}{
		{"the port of the cluster is taken", func(t *testing.T) error {
			held := hold(t)
			_, err := StartCluster(ctx, Options{Dir: filepath.Join(place(t), "pg"), Port: held})
			return err
		}, []string{"Port ", "is taken by " + ourName(t), "Stop what listens there, or use another port."}},
		{"the port of the identity provider is taken", func(t *testing.T) error {
			_, err := StartIdP(ctx, IdPOptions{Dir: place(t), Issuer: "health", Clients: testClients, Port: hold(t)})
			return err
		}, []string{"Port ", "is taken by " + ourName(t), "use another port."}},
		{"no node", func(t *testing.T) error {
			t.Setenv("PATH", t.TempDir())
			_, err := StartIdP(ctx, IdPOptions{Dir: place(t), Issuer: "health", Clients: testClients})
			return err
		}, []string{"No node was found in PATH", "Install it with 'apt-get install nodejs npm'"}},
		{"no redis", func(t *testing.T) error {
			t.Setenv("PATH", t.TempDir())
			_, err := StartRedis(ctx, place(t), nil)
			return err
		}, []string{"No redis-server was found in PATH", "Install it with 'apt-get install redis-server'."}},
		{"no postgres", func(t *testing.T) error {
			t.Setenv("PATH", t.TempDir())
			defer func(old []string) { systemPlaces = old }(systemPlaces)
			systemPlaces = nil
			_, err := StartCluster(ctx, Options{Dir: filepath.Join(place(t), "pg")})
			return err
		}, []string{"No PostgreSQL 15 or newer was found", "apt-get install postgresql", "npm ci --prefix deploy/dev/postgres"}},
		{"a database of a version that is not installed", func(t *testing.T) error {
			dir := filepath.Join(place(t), "pg")
			c := startCluster(t, Options{Dir: dir})
			if err := c.Stop(ctx); err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "pgdata", "PG_VERSION"), []byte("99\n"), 0o600); err != nil {
				return err
			}
			_, err := StartCluster(ctx, Options{Dir: dir})
			return err
		}, []string{"made by PostgreSQL 99", "make reset"}},
		{"passwords lost", func(t *testing.T) error {
			dir := filepath.Join(place(t), "pg")
			c := startCluster(t, Options{Dir: dir})
			if err := errors.Join(c.Stop(ctx), os.Remove(filepath.Join(dir, identityFile))); err != nil {
				return err
			}
			_, err := StartCluster(ctx, Options{Dir: dir})
			return err
		}, []string{"its passwords (cluster.json) are not", "make reset"}},
		{"a database with the roles of another time", func(t *testing.T) error {
			dir := filepath.Join(place(t), "pg")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, identityFile), []byte(`{"id":"0123456789abcdef","superuser":"a","owner":"b","app":"c"}`), 0o600)); err != nil {
				t.Fatal(err)
			}
			_, err := StartCluster(ctx, Options{Dir: dir})
			return err
		}, []string{"when the server had other roles", "Forget it with 'make reset'"}},
		{"another run has it", func(t *testing.T) error {
			dir := filepath.Join(place(t), "pg")
			startCluster(t, Options{Dir: dir})
			_, err := StartCluster(ctx, Options{Dir: dir})
			return err
		}, []string{"is in use by process ", "Stop that one first"}},
		{"a path too deep for Postgres", func(t *testing.T) error {
			_, err := StartCluster(ctx, Options{Dir: filepath.Join(place(t), strings.Repeat("a-long-name-of-a-folder/", 40))})
			return err
		}, []string{"bytes long, and PostgreSQL takes at most 900", "Move the clone to a folder with a shorter path."}},
		{"packages of the identity provider not installed", func(t *testing.T) error {
			clone := place(t)
			if err := os.WriteFile(filepath.Join(clone, "go.mod"), []byte("module wardroom\n"), 0o644); err != nil {
				return err
			}
			t.Chdir(clone)
			_, err := StartIdP(ctx, IdPOptions{Dir: place(t), Issuer: "health", Clients: testClients})
			return err
		}, []string{"are not installed in ", "npm ci --prefix deploy/dev/idp"}},
		{"outside a clone", func(t *testing.T) error {
			t.Chdir(place(t))
			_, err := RepoRoot()
			return err
		}, []string{"Not a folder of the wardroom repository", "Run the command from inside a clone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.try(t)
			troubleOf(t, err)
			for _, words := range c.want {
				if !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(words)) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

// Permissions stop an ordinary user only, so root plays one here.
func TestFoldersThatAreNotOursAreSaidInSentences(t *testing.T) {
	as := nobody(t)
	for _, c := range []struct {
		name  string
		asUs  bool // as whoever runs the tests, not as an ordinary user
		lay   func(t *testing.T, dir string) error
		want  []string
		needs int // the effective user the case needs; -1 for any
	}{
		{name: "a read-only folder of one's own", lay: func(_ *testing.T, dir string) error {
			return errors.Join(os.Mkdir(dir, 0o755), chown(dir, as), os.Chmod(dir, 0o555))
		}, want: []string{"cannot be written in (permission denied)", "chmod u+rwx"}, needs: -1},
		{name: "a folder in a read-only one", lay: func(_ *testing.T, dir string) error {
			return os.Chmod(filepath.Dir(dir), 0o555)
		}, want: []string{"cannot be made (permission denied)", "Make its parent writable for you"}, needs: -1},
		{name: "a folder that root made before", lay: func(_ *testing.T, dir string) error {
			return os.Mkdir(dir, 0o755)
		}, want: []string{"belongs to root, and you are nobody", "chown -R 65534"}, needs: 0},
		{name: "as root, a folder of an ordinary user", asUs: true, lay: func(_ *testing.T, dir string) error {
			return errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, 12345, 12345))
		}, want: []string{"belongs to user 12345, and you are root", "Run as user 12345"}, needs: 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.needs >= 0 && os.Geteuid() != c.needs {
				t.Skipf("SKIPPED: only user %d can lay out this case", c.needs)
			}
			dir := filepath.Join(place(t), ".data")
			if err := c.lay(t, dir); err != nil {
				t.Fatal(err)
			}
			user := as
			if c.asUs {
				user = nil
			}
			out, err := again(t, "start", user, dir).Output()
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range append(c.want, dir) {
				if !strings.Contains(string(out), words) {
					t.Errorf("%q does not say %q", out, words)
				}
			}
		})
	}
	t.Run("an ordinary user in a folder of their own has no trouble", func(t *testing.T) {
		dir := filepath.Join(place(t), ".data")
		if err := errors.Join(os.Mkdir(dir, 0o755), chown(dir, as)); err != nil {
			t.Fatal(err)
		}
		out, err := again(t, "start", as, dir).Output()
		if err != nil || len(out) > 0 {
			t.Errorf("%s (%v)", out, err)
		}
	})
}

func chown(path string, as *syscall.Credential) error {
	if as == nil {
		return nil
	}
	return os.Chown(path, int(as.Uid), int(as.Gid))
}

// ourName is this process's name as the kernel shows it: its first 15 bytes.
func ourName(t *testing.T) string {
	t.Helper()
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(comm))
}

func hold(t *testing.T) int {
	t.Helper()
	held, err := HoldPort()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Release)
	return held.Port()
}

func TestAHeldPortIsNobodyElsesUntilReleased(t *testing.T) {
	held, err := HoldPort()
	if err != nil {
		t.Fatal(err)
	}
	_, err = takePort(held.Port())
	if trouble := troubleOf(t, err); !errors.Is(trouble, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
	held.Release()
	again, err := takePort(held.Port())
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	again.Release()
	if held.Port() < lowestPort || held.Port() > highestPort {
		t.Logf("port %d is outside %d–%d: that range is crowded here", held.Port(), lowestPort, highestPort)
	}
}
