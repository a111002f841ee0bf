package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/websocket"

	"wardroom/server/blob"
	"wardroom/server/command"
	"wardroom/server/desk"
	"wardroom/server/devkit"
	"wardroom/server/directory"
	"wardroom/server/export"
	"wardroom/server/hub"
	"wardroom/server/identity"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/presence"
	"wardroom/server/search"
	"wardroom/server/servertest"
	"wardroom/server/web"
)

func TestMain(m *testing.M) { servertest.Main(m, closeDoor) }

// door is one address for all tests of the binary, so that one development
// issuer serves them all: its clients name where they come back to.
var door struct {
	once    sync.Once
	err     error
	origin  string
	idp     *devkit.IdP
	dir     string // the issuer's
	server  *http.Server
	handler atomic.Pointer[http.Handler]
	people  map[string]account
}

type account struct {
	Key, Sub, Name, Email string
	Organisation          incident.OrgID
}

func openDoor(t *testing.T) {
	t.Helper()
	door.once.Do(func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			door.err = err
			return
		}
		door.origin = fmt.Sprintf("http://localhost:%d", l.Addr().(*net.TCPAddr).Port)
		door.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*door.handler.Load()).ServeHTTP(w, r) })}
		go door.server.Serve(l)
		if door.dir, err = os.MkdirTemp("", "wardroom-web-"); err != nil {
			door.err = err
			return
		}
		door.idp, door.err = devkit.StartIdP(context.Background(), devkit.IdPOptions{Dir: door.dir, Issuer: "health", Extra: 3,
			Clients: []devkit.IdPClient{{ID: "wardroom", Secret: "development only"}}, Apps: []string{door.origin}})
		if door.err != nil {
			return
		}
		b, err := os.ReadFile("../../deploy/dev/idp/accounts.json")
		if err != nil {
			door.err = err
			return
		}
		var list []account
		door.err = json.Unmarshal(b, &list)
		door.people = map[string]account{}
		for _, a := range list {
			door.people[a.Key] = a
		}
	})
	if door.err != nil {
		t.Fatalf("no development issuer: %v", door.err)
	}
}

// stack is the whole server behind the door, on a database of its own.
type stack struct {
	*servertest.House
	t         *testing.T
	server    *web.Server
	identity  *identity.Identity
	directory *directory.Directory
	hub       *hub.Hub
	blobs     *blob.Store
	notary    *notary.Notary // not running: tests say when
	log       *logLines
}

// plenty does not get in the way of tests about something else.
var plenty = web.Limits{Requests: web.Limit{Rate: 1e6, Burst: 1e6}, Posts: web.Limit{Rate: 1e6, Burst: 1e6}, Room: web.Limit{Rate: 1e6, Burst: 1e6},
	Searches: web.Limit{Rate: 1e6, Burst: 1e6}, Codes: web.Limit{Rate: 1e6, Burst: 1e6}, Opens: web.Limit{Rate: 1e6, Burst: 1e6}, Strangers: web.Limit{Rate: 1e6, Burst: 1e6},
	Asks: web.Limit{Rate: 1e6, Burst: 1e6}, Knocks: web.Limit{Rate: 1e6, Burst: 1e6}, AllKnocks: web.Limit{Rate: 1e6, Burst: 1e6},
	Asking: web.Limit{Rate: 1e6, Burst: 1e6}, Acks: web.Limit{Rate: 1e6, Burst: 1e6}, AllAcks: web.Limit{Rate: 1e6, Burst: 1e6}}

func newStack(t *testing.T, limits web.Limits) *stack {
	t.Helper()
	openDoor(t)
	s := &stack{House: servertest.NewHouse(t), t: t, log: &logLines{}}
	s.Must(s.Journal.Append(t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(), command.SetIssuer{Issuer: incident.IssuerSet{
		Key: "health", Name: "Health staff", URL: door.idp.URL(), Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp, Domains: []string{"eastmere.example"}}}))
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.notary = s.Notary(func(o *notary.Options) { o.Log = log })
	board := presence.New(presence.Options{Log: log})
	s.hub = hub.New(hub.Options{Journal: s.Journal, Presence: board, Seal: s.notary.Seal, Log: log})
	var err error
	s.identity, err = identity.New(identity.Options{Pool: s.DB.Writer, Vault: s.Vault, Record: s.Journal,
		Clients: map[string]identity.Client{"health": {ID: "wardroom", Secret: "development only"}}, PublicURLs: []string{door.origin}, Log: log,
		OnEnded: func(ids []string) { s.hub.CutSessions(ids...) }})
	if err != nil {
		t.Fatal(err)
	}
	if s.directory, err = directory.New(directory.Options{Pool: s.DB.Writer, Vault: s.Vault}); err != nil {
		t.Fatal(err)
	}
	s.blobs = blob.New(blob.Options{Writer: s.DB.Writer, Reader: s.DB.Reader, Vault: s.Vault, Log: log})
	exporter := export.New(export.Options{Journal: s.Journal, Seals: s.notary, Files: s.blobs, Verifier: []byte("<!doctype html><title>Verify</title>"), Log: log})
	s.server = &web.Server{Export: exporter, Blobs: s.blobs, Journal: s.Journal, Notary: s.notary, Hub: s.hub, Identity: s.identity, Directory: s.directory, Search: search.New(s.Journal), Desk: desk.New(s.Journal), Steward: s.Steward,
		Derive: s.Vault.MAC, Log: log, Assets: built, Config: web.Config{PublicURLs: []string{door.origin}, Deployment: "wardroom.test", Limits: limits}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.identity.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done; s.hub.Close(); board.Close() })
	h := s.server.Handler()
	door.handler.Store(&h)
	return s
}

// built is a web app as the build leaves it.
var built = fstest.MapFS{
	"index.html":               {Data: []byte("<!doctype html><title>Wardroom</title>")},
	"icon.svg":                 {Data: []byte("<svg/>")},
	"assets/index-BxYz12_9.js": {Data: []byte("export {}")},
	"assets/plain.js":          {Data: []byte("export {}")},
	"secret.pem":               {Data: []byte("no kind of file that is served")},
}

// logLines is the server's log, for tests to look through.
type logLines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// register puts someone of the issuer's on the books.
func (s *stack) register(key string) incident.Actor {
	s.t.Helper()
	a := door.people[key]
	p := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: a.Name, Orgs: []incident.OrgID{a.Organisation}}
	s.Must(s.Journal.Append(s.t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(),
		command.AddPerson{Person: p.Person, Name: a.Name, Issuer: "health", Subject: a.Sub, Orgs: p.Orgs}))
	return p
}

// administrator makes someone of the issuer's an administrator.
func (s *stack) administrator(key string) incident.Actor {
	s.t.Helper()
	p := s.register(key)
	s.Must(s.Journal.Append(s.t.Context(), s.Journal.SystemLog(), incident.Actor{System: true}, s.Key(), command.GrantAdministrator{Person: p.Person}))
	return p
}

// browser is one person's, with a jar that keeps Secure cookies over plain
// HTTP to this machine, as browsers do.
type browser struct {
	t    *testing.T
	s    *stack
	http *http.Client
	jar  *looseJar
}

type looseJar struct{ *cookiejar.Jar }

func secureURL(u *url.URL) *url.URL { c := *u; c.Scheme = "https"; return &c }
func (j looseJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(secureURL(u), cookies)
}
func (j looseJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(secureURL(u)) }

func (s *stack) browser(t *testing.T) *browser {
	jar, _ := cookiejar.New(nil)
	b := &browser{t: t, s: s, jar: &looseJar{jar}}
	b.http = &http.Client{Jar: b.jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return b
}

// as signs in at the issuer.
func (s *stack) as(key string) *browser {
	s.t.Helper()
	b := s.browser(s.t)
	b.follow("/auth/start?issuer=health&return=/", key)
	return b
}

// stepUp gives the second factor again.
func (b *browser) stepUp(key string) {
	b.t.Helper()
	b.follow("/auth/step-up?return=/", key)
}

func (b *browser) follow(path, key string) {
	b.t.Helper()
	res, err := b.http.Get(door.origin + path)
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	back, err := door.idp.SignIn(b.t.Context(), b.http, res.Header.Get("Location"), key)
	if err != nil {
		b.t.Fatalf("%s at the issuer: %v", key, err)
	}
	if res, err = b.http.Get(back); err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	if to := res.Header.Get("Location"); to != "/" {
		b.t.Fatalf("%s came back to %q", key, to)
	}
}

// reply is an answer, read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request of the interface; body is JSON as it is, or anything
// that is made JSON.
func (b *browser) send(method, path string, body any, headers ...string) reply {
	b.t.Helper()
	r, err := b.try(method, path, body, headers...)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// try is send of what the server may cut off: then there is an error, and what
// had come until then.
func (b *browser) try(method, path string, body any, headers ...string) (reply, error) {
	b.t.Helper()
	var in io.Reader
	switch v := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(v)
	case string:
		in = strings.NewReader(v)
	default:
		j, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		in = bytes.NewReader(j)
	}
	req, err := http.NewRequest(method, door.origin+path, in)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", string(b.s.Key()))
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := b.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, all}, err
}

type object = map[string]any

// must makes a request that succeeds, and reads its answer.
func (b *browser) must(status int, method, path string, body any, headers ...string) object {
	b.t.Helper()
	r := b.send(method, "/api/v1"+path, body, headers...)
	if r.status != status {
		b.t.Fatalf("%s %s: %d %s, want %d", method, path, r.status, r.body, status)
	}
	var o object
	if len(r.body) > 0 {
		if err := json.Unmarshal(r.body, &o); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, r.body)
		}
	}
	return o
}

// refused makes a request that is refused, and returns the problem.
func (b *browser) refused(status int, fault string, method, path string, body any, headers ...string) object {
	b.t.Helper()
	r := b.send(method, "/api/v1"+path, body, headers...)
	var o object
	json.Unmarshal(r.body, &o)
	if r.status != status || o["fault"] != fault || r.header.Get("Content-Type") != "application/problem+json" {
		b.t.Fatalf("%s %s: %d %s %s, want %d %s", method, path, r.status, r.header.Get("Content-Type"), r.body, status, fault)
	}
	return o
}

// openRoom opens a room as this browser's person.
func (b *browser) openRoom(mode, roster string) string {
	b.t.Helper()
	o := b.must(201, "POST", "/rooms", object{"title": "Ransomware at several trusts", "mode": mode, "roster": roster, "org": "DSC",
		"report": object{"major": false, "type": "Ransomware"}})
	return o["room"].(string)
}

// join brings somebody in by a link.
func (b *browser) join(lead *browser, room, key, role, history string) {
	b.t.Helper()
	a := door.people[key]
	inv := lead.must(201, "POST", "/rooms/"+room+"/members", object{"name": a.Name, "org": a.Organisation, "role": role, "history": history, "subject": a.Sub})
	token := strings.TrimPrefix(inv["link"].(string), door.origin+"/join#")
	look := b.must(200, "POST", "/invitations/look", object{"token": token})
	rules := look["rules"].(object)["version"]
	if got := b.must(200, "POST", "/invitations/join", object{"token": token, "rules": rules}); got["room"] != room {
		b.t.Fatalf("joined %v, want %s", got, room)
	}
}

func (b *browser) say(room, text string, more ...object) int {
	b.t.Helper()
	m := object{"text": text}
	for _, o := range more {
		for k, v := range o {
			m[k] = v
		}
	}
	return int(b.must(201, "POST", "/rooms/"+room+"/messages", m)["seq"].(float64))
}

func (b *browser) page(room, query string) (entries, related []object) {
	b.t.Helper()
	o := b.must(200, "GET", "/rooms/"+room+"/entries"+query, nil)
	return objects(o["entries"]), objects(o["related"])
}

func objects(v any) (list []object) {
	for _, x := range v.([]any) {
		list = append(list, x.(object))
	}
	return list
}

func seqs(list []object) (n []int) {
	for _, o := range list {
		n = append(n, int(o["seq"].(float64)))
	}
	return n
}

// form says in which form an entry was shown.
func form(o object) string {
	switch {
	case o["seed"] != nil:
		return "open"
	case o["slots"] != nil:
		return "envelope"
	}
	return "stub"
}

// socket is a stream of this browser's.
type socket struct {
	t  *testing.T
	ws *websocket.Conn
}

func (b *browser) cookieHeader() string {
	u, _ := url.Parse(door.origin)
	var parts []string
	for _, c := range b.jar.Cookies(u) {
		parts = append(parts, c.Name+"="+c.Value)
	}
	return strings.Join(parts, "; ")
}

func (b *browser) ticket() string {
	b.t.Helper()
	return b.must(200, "POST", "/stream/ticket", object{})["ticket"].(string)
}

func (b *browser) dial(origin ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{"Cookie": {b.cookieHeader()}}
	if len(origin) > 0 {
		h["Origin"] = origin
	}
	return (&websocket.Dialer{HandshakeTimeout: 10 * time.Second}).Dial(strings.Replace(door.origin, "http", "ws", 1)+"/api/v1/stream", h)
}

// stream connects, says hello and is welcomed.
func (b *browser) stream() *socket {
	b.t.Helper()
	ws, _, err := b.dial(door.origin)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { ws.Close() })
	k := &socket{b.t, ws}
	k.send(object{"type": "hello", "ticket": b.ticket()})
	k.until("welcome")
	return k
}

func (k *socket) send(frame any) {
	k.t.Helper()
	if err := k.ws.WriteJSON(frame); err != nil {
		k.t.Fatal(err)
	}
}

// next reads one frame.
func (k *socket) next() (object, error) {
	k.ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	var o object
	err := k.ws.ReadJSON(&o)
	return o, err
}

// until reads frames up to one of the type, and returns it.
func (k *socket) until(kind string) object {
	k.t.Helper()
	for {
		o, err := k.next()
		if err != nil {
			k.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if o["type"] == kind {
			return o
		}
	}
}

// closed reads until the close, and returns its code.
func (k *socket) closed() int {
	k.t.Helper()
	for {
		if _, err := k.next(); err != nil {
			if c, ok := err.(*websocket.CloseError); ok {
				return c.Code
			}
			k.t.Fatalf("waiting for the close: %v", err)
		}
	}
}
