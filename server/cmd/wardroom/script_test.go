package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"wardroom/server/devkit"
	"wardroom/server/incident"
	"wardroom/server/servertest/scratch"
)

// The stories in testdata are told with the program as it is installed: built
// once, run as a process, in an environment that has what the story gives it
// and nothing else.
//
//	idp                      a development sign-in service, configured as WARDROOM_ISSUER_HEALTH_…
//	careless                 go on with a database that does not wait for the disk
//	statement SQL            at the database, as the superuser
//	ready                    wait until the server in the background is ready
//	signin ACCOUNT           at the sign-in service; the next calls are that person's
//	call METHOD PATH [BODY]  print the status and the answer
//	grab NAME REGEXP         what the last output holds, as a variable
//	without TOOL             go on with a PATH that lacks the tool and has all others
//	as-user PROGRAM …        run as an ordinary user
//	take PORT                listen there, as another program would
//
// $OPEN is an empty folder of the ordinary user's, $REPO the clone.
func TestStories(t *testing.T) {
	p := newProgram(t)
	testscript.Run(t, testscript.Params{Dir: "testdata", RequireExplicitExec: true, Setup: p.setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"idp": p.idp, "careless": p.careless, "statement": p.statement, "ready": p.ready, "signin": p.signIn, "call": p.call,
			"grab": p.grab, "without": p.without, "as-user": p.asUser, "take": p.take},
		Condition: func(c string) (bool, error) {
			if c == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("%q is no condition", c)
		}})
}

// program is the built binary, and the clusters that stories are told on.
type program struct {
	t        *testing.T
	bin      string // the folder it is in
	repo     string
	people   []account
	safe     func() (*devkit.Cluster, error)
	unsafe   func() (*devkit.Cluster, error)
	mu       sync.Mutex
	told     map[string]*teller // by the story's working folder
	ordinary *syscall.Credential
}

// teller is what one story has of its own.
type teller struct {
	database string
	issuer   *devkit.IdP
	browser  *http.Client
}

func newProgram(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, told: map[string]*teller{}}
	var err error
	if p.repo, err = devkit.RepoRoot(); err != nil {
		t.Fatal(err)
	}
	if p.people, err = accountsOf(p.repo); err != nil {
		t.Fatal(err)
	}
	if p.bin, err = p.folder(); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", p.bin, "./server/cmd/wardroom")
	build.Dir = p.repo
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if os.Geteuid() == 0 {
		p.ordinary = &syscall.Credential{Uid: 65534, Gid: 65534}
	}
	p.safe = sync.OnceValues(func() (*devkit.Cluster, error) { return p.cluster(true) })
	p.unsafe = sync.OnceValues(func() (*devkit.Cluster, error) { return p.cluster(false) })
	return p
}

// folder is one that everybody may enter, unlike those of a test.
func (p *program) folder() (string, error) {
	dir, err := scratch.Dir("story")
	if err != nil {
		return "", err
	}
	p.t.Cleanup(func() { os.RemoveAll(dir) })
	return dir, nil
}

func (p *program) cluster(fsync bool) (*devkit.Cluster, error) {
	dir, err := p.folder()
	if err != nil {
		return nil, err
	}
	c, err := devkit.StartCluster(context.Background(), devkit.Options{Dir: filepath.Join(dir, "pg"), Fsync: fsync})
	if err == nil {
		p.t.Cleanup(func() { c.StopImmediate(); c.Stop(context.Background()) })
	}
	return c, err
}

// setup gives a story a database of its own and the settings of a deployment
// on it, with nothing wrong but that it was never set up.
func (p *program) setup(e *testscript.Env) error {
	name := "story_" + filepath.Base(e.WorkDir)
	name = regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(name), "_")
	c, err := p.safe()
	if err != nil {
		return err
	}
	if err := p.newDatabase(c, name); err != nil {
		return err
	}
	port, err := freePortOf()
	if err != nil {
		return err
	}
	operator, err := freePortOf()
	if err != nil {
		return err
	}
	witness, err := freePortOf()
	if err != nil {
		return err
	}
	open, err := p.folder()
	if err != nil {
		return err
	}
	if p.ordinary != nil {
		if err := os.Chown(open, int(p.ordinary.Uid), int(p.ordinary.Gid)); err != nil {
			return err
		}
	}
	p.mu.Lock()
	p.told[e.WorkDir] = &teller{database: name}
	p.mu.Unlock()
	lead := ""
	for _, a := range p.people {
		if a.Key == "lead" {
			lead = a.Sub
		}
	}
	for k, v := range map[string]string{
		"PATH": p.bin + ":" + os.Getenv("PATH"), "REPO": p.repo, "OPEN": open, "DEEP": open + strings.Repeat("/a-long-name-of-a-folder", 40),
		"PORT": port, "OPERATOR": operator, "WITNESS": witness, "OWNER": c.OwnerURL(name), "LEAD": lead,
		"WARDROOM_DATABASE_URL": c.WriterURL(name), "WARDROOM_READER_URL": c.ReaderURL(name), "WARDROOM_OWNER_URL": c.OwnerURL(name),
		"WARDROOM_CHECKPOINTS": filepath.Join(e.WorkDir, "checkpoints.jsonl"), "WARDROOM_VAULT": filepath.Join(e.WorkDir, "vault.json"), "WARDROOM_NOTARY_KEYS": filepath.Join(e.WorkDir, "notary.json"),
		"WARDROOM_PUBLIC_URL": "https://wardroom.example", "WARDROOM_LISTEN": "127.0.0.1:" + port, "WARDROOM_OPERATOR_LISTEN": "127.0.0.1:" + operator,
		"WARDROOM_ISSUER_HEALTH_URL": "https://login.health.example", "WARDROOM_ISSUER_HEALTH_NAME": "Health and care staff",
		"WARDROOM_ISSUER_HEALTH_CLIENT_ID": "wardroom", "WARDROOM_ISSUER_HEALTH_CLIENT_SECRET": "Vb3kQ9x2LmNz5RtY",
		"WARDROOM_ISSUER_HEALTH_ACR": "AAL2_OR_AAL3_ANY", "WARDROOM_ISSUER_HEALTH_STEP_UP_ACR": "AAL3_ANY",
	} {
		e.Setenv(k, v)
	}
	return nil
}

func (p *program) newDatabase(c *devkit.Cluster, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock() // a cluster is told one thing at a time
	return c.EnsureDatabase(context.Background(), name)
}

func freePortOf() (string, error) {
	held, err := devkit.HoldPort()
	if err != nil {
		return "", err
	}
	defer held.Release()
	return fmt.Sprint(held.Port()), nil
}

func (p *program) of(ts *testscript.TestScript) *teller {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told[ts.Getenv("WORK")]
}

// plain refuses what no command here understands: being expected to fail.
func plain(ts *testscript.TestScript, neg bool, args []string, least, most int) {
	if neg || len(args) < least || len(args) > most {
		ts.Fatalf("a command with %v, or one that is to fail", args)
	}
}

func (p *program) idp(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 0, 0)
	w, origin := p.of(ts), "http://localhost:"+ts.Getenv("PORT")
	dir, err := p.folder()
	ts.Check(err)
	w.issuer, err = devkit.StartIdP(context.Background(), devkit.IdPOptions{Dir: filepath.Join(dir, "idp"), Issuer: "health", Apps: []string{origin},
		Clients: []devkit.IdPClient{{ID: ts.Getenv("WARDROOM_ISSUER_HEALTH_CLIENT_ID"), Secret: ts.Getenv("WARDROOM_ISSUER_HEALTH_CLIENT_SECRET")}}})
	ts.Check(err)
	ts.Defer(func() { w.issuer.Stop(context.Background()) })
	ts.Setenv("WARDROOM_PUBLIC_URL", origin)
	ts.Setenv("WARDROOM_ISSUER_HEALTH_URL", w.issuer.URL())
	ts.Setenv("WARDROOM_ISSUER_HEALTH_ACR", devkit.ACRMultiFactor)
	ts.Setenv("WARDROOM_ISSUER_HEALTH_STEP_UP_ACR", devkit.ACRStepUp)
}

func (p *program) careless(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 0, 0)
	c, err := p.unsafe()
	ts.Check(err)
	name := p.of(ts).database
	ts.Check(p.newDatabase(c, name))
	ts.Setenv("WARDROOM_DATABASE_URL", c.WriterURL(name))
	ts.Setenv("WARDROOM_READER_URL", c.ReaderURL(name))
	ts.Setenv("WARDROOM_OWNER_URL", c.OwnerURL(name))
}

func (p *program) statement(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 1, 1)
	c, err := p.safe()
	ts.Check(err)
	conn, err := pgx.Connect(context.Background(), c.SuperuserURL(p.of(ts).database))
	ts.Check(err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), args[0])
	ts.Check(err)
}

func (p *program) ready(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 0, 0)
	again := time.NewTicker(20 * time.Millisecond) // nothing tells when another process listens
	defer again.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-again.C {
		res, err := http.Get("http://127.0.0.1:" + ts.Getenv("OPERATOR") + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the server is not ready after a minute: %v", err)
		}
	}
}

// loose keeps Secure cookies over plain HTTP to this machine, as browsers do.
type loose struct{ *cookiejar.Jar }

func asSecure(u *url.URL) *url.URL                      { c := *u; c.Scheme = "https"; return &c }
func (j loose) SetCookies(u *url.URL, l []*http.Cookie) { j.Jar.SetCookies(asSecure(u), l) }
func (j loose) Cookies(u *url.URL) []*http.Cookie       { return j.Jar.Cookies(asSecure(u)) }

func (p *program) signIn(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 1, 1)
	jar, err := cookiejar.New(nil)
	ts.Check(err)
	w := p.of(ts)
	w.browser = &http.Client{Jar: loose{jar}, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	visit := func(url string) string {
		res, err := w.browser.Get(url)
		ts.Check(err)
		res.Body.Close()
		return res.Header.Get("Location")
	}
	back, err := w.issuer.SignIn(context.Background(), w.browser, visit(ts.Getenv("WARDROOM_PUBLIC_URL")+"/auth/start?issuer=health&return=/"), args[0])
	ts.Check(err)
	if to := visit(back); to != "/" {
		ts.Fatalf("the sign-in came back to %q", to)
	}
}

func (p *program) call(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 2, 3)
	var body io.Reader
	if len(args) == 3 {
		body = strings.NewReader(args[2])
	}
	req, err := http.NewRequest(args[0], ts.Getenv("WARDROOM_PUBLIC_URL")+"/api/v1"+args[1], body)
	ts.Check(err)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", string(incident.NewKey(time.Now())))
	}
	res, err := p.of(ts).browser.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", res.StatusCode, bytes.TrimSpace(answer))
}

func (p *program) grab(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 2, 2)
	found := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("%s is not in the output, once", args[1])
	}
	ts.Setenv(args[0], found[1])
}

// without lays a folder of links to every tool but one. Of two tools of a name
// the first in PATH is the one.
func (p *program) without(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 1, 1)
	dir, err := p.folder()
	ts.Check(err)
	for _, from := range filepath.SplitList(ts.Getenv("PATH")) {
		tools, err := os.ReadDir(from)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		ts.Check(err)
		for _, tool := range tools {
			if tool.Name() == args[0] {
				continue
			}
			if err := os.Symlink(filepath.Join(from, tool.Name()), filepath.Join(dir, tool.Name())); !errors.Is(err, os.ErrExist) {
				ts.Check(err)
			}
		}
	}
	ts.Setenv("PATH", dir)
}

func (p *program) asUser(ts *testscript.TestScript, neg bool, args []string) {
	path := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil {
			path = filepath.Join(dir, args[0])
			break
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir = ts.Getenv("REPO")
	for _, name := range []string{"PATH", "PORT"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	cmd.Env = append(cmd.Env, "HOME="+ts.Getenv("OPEN"))
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	if p.ordinary != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.ordinary}
	}
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case err != nil && !errors.As(err, &exit):
		ts.Fatalf("%v", err)
	case (err != nil) != neg:
		ts.Fatalf("%s: %v", args[0], err)
	}
}

func (p *program) take(ts *testscript.TestScript, neg bool, args []string) {
	plain(ts, neg, args, 1, 1)
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}
