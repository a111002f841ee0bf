package torture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/devkit"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// server is a real server in a process of its own, over the house's database,
// with a development issuer beside it.
type server struct {
	t        *testing.T
	h        *servertest.House
	idp      *devkit.IdP
	origin   string
	operator string
	env      []string
	accounts map[string]account

	mu  sync.Mutex
	cmd *exec.Cmd
	log bytes.Buffer // what all its lives said

	postgres bytes.Buffer // what the database said
}

type account struct {
	Key, Sub, Name string
	Organisation   incident.OrgID
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func newServer(t *testing.T, settings ...string) *server {
	t.Helper()
	s := &server{t: t, accounts: map[string]account{}}
	s.h = servertest.NewHouseOn(t, servertest.DurableDatabase(t, &lockedWriter{&s.mu, &s.postgres}), "localhost")
	if _, err := assembly.Migrate(t.Context(), s.h.DB.Cluster.OwnerURL(s.h.DB.Name)); err != nil { // as a deployment would: the server looks
		t.Fatal(err)
	}
	port, operator := freePort(t), freePort(t)
	s.origin, s.operator = "http://localhost:"+port, "http://127.0.0.1:"+operator
	dir, err := os.MkdirTemp("/tmp", "wardroom-idp-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.idp, err = devkit.StartIdP(t.Context(), devkit.IdPOptions{Dir: dir, Issuer: "health", Clients: []devkit.IdPClient{{ID: "wardroom", Secret: "development only"}}, Apps: []string{s.origin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.idp.Stop(context.Background()) })
	root, err := devkit.RepoRoot()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(root, "deploy/dev/idp/accounts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []account
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		s.accounts[a.Key] = a
	}
	s.h.Must(s.h.Journal.Append(t.Context(), s.h.Journal.SystemLog(), incident.Actor{System: true}, s.h.Key(), command.SetIssuer{Issuer: incident.IssuerSet{
		Key: "health", Name: "Health staff", URL: s.idp.URL(), Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp}}))
	others := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, "WARDROOM_") })
	s.env = append(others, childVariable+"=1", "WARDROOM_DATABASE_URL="+s.h.DB.Cluster.WriterURL(s.h.DB.Name), "WARDROOM_READER_URL="+s.h.DB.Cluster.ReaderURL(s.h.DB.Name), "WARDROOM_VAULT="+s.h.VaultFile, "WARDROOM_NOTARY_KEYS="+s.h.NotaryFile(),
		"WARDROOM_PUBLIC_URL="+s.origin, "WARDROOM_LISTEN=127.0.0.1:"+port, "WARDROOM_OPERATOR_LISTEN=127.0.0.1:"+operator, "WARDROOM_PACE=100000",
		"WARDROOM_ISSUER_HEALTH_URL="+s.idp.URL(), "WARDROOM_ISSUER_HEALTH_NAME=Health staff", "WARDROOM_ISSUER_HEALTH_CLIENT_ID=wardroom",
		"WARDROOM_ISSUER_HEALTH_CLIENT_SECRET=development only", "WARDROOM_ISSUER_HEALTH_ACR="+devkit.ACRMultiFactor, "WARDROOM_ISSUER_HEALTH_STEP_UP_ACR="+devkit.ACRStepUp)
	s.env = append(s.env, settings...)
	t.Cleanup(s.kill)
	s.start()
	return s
}

// start begins a life of the server and returns once it listens.
func (s *server) start() {
	s.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = s.env
	cmd.Stderr = &lockedWriter{&s.mu, &s.log}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	s.cmd = cmd
	s.mu.Unlock()
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		cmd.Wait()
		s.t.Fatalf("the server did not start: %s", s.said())
	}
}

// kill ends the present life at once: SIGKILL, nothing is tidied up.
func (s *server) kill() {
	s.mu.Lock()
	cmd := s.cmd
	s.cmd = nil
	s.mu.Unlock()
	if cmd != nil {
		cmd.Process.Kill()
		cmd.Wait()
	}
}

func (s *server) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// register puts an account of the issuer on the books.
func (s *server) register(key string) incident.Actor {
	s.t.Helper()
	a := s.accounts[key]
	p := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: a.Name, Orgs: []incident.OrgID{a.Organisation}}
	s.h.Must(s.h.Journal.Append(s.t.Context(), s.h.Journal.SystemLog(), incident.Actor{System: true}, s.h.Key(),
		command.AddPerson{Person: p.Person, Name: a.Name, Issuer: "health", Subject: a.Sub, Orgs: p.Orgs}))
	return p
}

// visitor is a signed-in person's browser. It keeps Secure cookies over plain
// HTTP to this machine, as browsers do.
type visitor struct {
	s    *server
	http *http.Client
	jar  looseJar
}

type looseJar struct{ *cookiejar.Jar }

func secure(u *url.URL) *url.URL                            { c := *u; c.Scheme = "https"; return &c }
func (j looseJar) SetCookies(u *url.URL, l []*http.Cookie)  { j.Jar.SetCookies(secure(u), l) }
func (j looseJar) Cookies(u *url.URL) (list []*http.Cookie) { return j.Jar.Cookies(secure(u)) }

func (s *server) signIn(key string) *visitor {
	s.t.Helper()
	jar, _ := cookiejar.New(nil)
	v := &visitor{s: s, jar: looseJar{jar}}
	v.http = &http.Client{Jar: v.jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := v.http.Get(s.origin + "/auth/start?issuer=health&return=/")
	if err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	back, err := s.idp.SignIn(s.t.Context(), v.http, res.Header.Get("Location"), key)
	if err != nil {
		s.t.Fatalf("%s at the issuer: %v", key, err)
	}
	if res, err = v.http.Get(back); err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	if to := res.Header.Get("Location"); to != "/" {
		s.t.Fatalf("%s came back to %q\n%s", key, to, s.said())
	}
	return v
}

// call makes a request of the interface. err is of the line; a refusal has a
// status and a problem.
func (v *visitor) call(ctx context.Context, method, path, key string, body any) (status int, answer []byte, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, v.s.origin+"/api/v1"+path, in)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := v.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// post says something in the room.
func (v *visitor) post(ctx context.Context, room incident.LogID, key incident.Key, text string) (incident.Seq, int, error) {
	return v.say(ctx, "/rooms/"+string(room)+"/messages", key, text)
}

// say sends a text and returns as journal.Append would: Unavailable where the
// answer promises nothing.
func (v *visitor) say(ctx context.Context, path string, key incident.Key, text string) (incident.Seq, int, error) {
	status, answer, err := v.call(ctx, "POST", path, string(key), map[string]any{"text": text})
	switch {
	case err != nil, status >= 500, status == http.StatusTooManyRequests:
		return 0, 0, incident.Refuse(incident.Unavailable, "no answer")
	case status != http.StatusCreated:
		return 0, 0, fmt.Errorf("%d %s", status, answer)
	}
	var got struct{ Seq incident.Seq }
	return got.Seq, 1, json.Unmarshal(answer, &got)
}

// dial opens a stream and says hello.
func (v *visitor) dial(ctx context.Context) (*websocket.Conn, error) {
	return v.dialBy(ctx, &websocket.Dialer{HandshakeTimeout: 5 * time.Second})
}

func (v *visitor) dialBy(ctx context.Context, by *websocket.Dialer) (*websocket.Conn, error) {
	status, answer, err := v.call(ctx, "POST", "/stream/ticket", "", map[string]any{})
	if err != nil {
		return nil, err
	}
	var got struct{ Ticket string }
	if err := json.Unmarshal(answer, &got); err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("no ticket: %d", status)
	}
	u, _ := url.Parse(v.s.origin)
	var cookies []string
	for _, c := range v.jar.Cookies(u) {
		cookies = append(cookies, c.Name+"="+c.Value)
	}
	ws, _, err := by.DialContext(ctx, "ws"+strings.TrimPrefix(v.s.origin, "http")+"/api/v1/stream",
		http.Header{"Cookie": {strings.Join(cookies, "; ")}, "Origin": {v.s.origin}})
	if err != nil {
		return nil, err
	}
	return ws, ws.WriteJSON(map[string]any{"type": "hello", "ticket": got.Ticket})
}
