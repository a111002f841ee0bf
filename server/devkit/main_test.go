package devkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"wardroom/server/servertest/remains"
	"wardroom/server/servertest/scratch"
)

// A test that needs another process, or another user, runs this binary again with a part to play.
const partVariable = "DEVKIT_TEST_PART"

func TestMain(m *testing.M) {
	switch os.Getenv(partVariable) {
	case "":
		remains.Main(m)
	case "family":
		playFamily()
	case "start":
		playStart()
	}
}

// playFamily starts one of everything, says their process ids, and waits to be killed.
func playFamily() {
	ctx := context.Background()
	dir := os.Args[1]
	cluster, err := StartCluster(ctx, Options{Dir: filepath.Join(dir, "pg"), Log: os.Stderr})
	must(err)
	redis, err := StartRedis(ctx, filepath.Join(dir, "redis"), os.Stderr)
	must(err)
	idp, err := StartIdP(ctx, IdPOptions{Dir: filepath.Join(dir, "idp"), Issuer: "health", Clients: testClients, Log: os.Stderr})
	must(err)
	must(json.NewEncoder(os.Stdout).Encode([]int{cluster.PID(), redis.child.PID(), idp.PID()}))
	select {} // until killed
}

// playStart starts a cluster in the given folder, stops it, and prints what kept it from starting.
func playStart() {
	cluster, err := StartCluster(context.Background(), Options{Dir: os.Args[1]})
	if err == nil {
		err = cluster.Stop(context.Background())
	}
	if err != nil {
		fmt.Print(err)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// again is this test binary with a part to play, as another user if that is not nil.
func again(t *testing.T, part string, as *syscall.Credential, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if as != nil { // who may not enter the folder in which go test built it
		self = copyFile(t, self, filepath.Join(place(t), "devkit.test"))
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), partVariable+"="+part)
	cmd.SysProcAttr = childAttr(as, syscall.SIGKILL)
	cmd.Stderr = logTo{t}
	return cmd
}

func copyFile(t *testing.T, from, to string) string {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

// place is a folder that the user of Postgres may enter, which t.TempDir of root is not.
func place(t *testing.T) string {
	t.Helper()
	dir, err := scratch.Dir("devkit")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// deadline is a context that ends before the test run's own patience does.
func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// logTo is the test's log as a writer, usable until the test ends.
type logTo struct{ t *testing.T }

func (l logTo) Write(p []byte) (int, error) {
	l.t.Logf("%s", p)
	return len(p), nil
}

// nobody is an ordinary user for a test run by root.
func nobody(t *testing.T) *syscall.Credential {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil // we are an ordinary user already
	}
	return &syscall.Credential{Uid: 65534, Gid: 65534}
}

func troubleOf(t *testing.T, err error) *Trouble {
	t.Helper()
	var trouble *Trouble
	if !errors.As(err, &trouble) {
		t.Fatalf("got %v, want a Trouble", err)
	}
	return trouble
}

func gone(t *testing.T, pid int) {
	t.Helper()
	if err := awaitExit(deadline(t), pid); err != nil {
		t.Fatalf("process %d is still there: %v", pid, err)
	}
	if alive(pid) {
		t.Fatalf("process %s counts as alive", strconv.Itoa(pid))
	}
}
