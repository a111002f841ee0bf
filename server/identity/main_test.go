package identity

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

const template = "identity_template"

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	ctx := context.Background()
	var err error
	if workDir, err = scratch.Dir("identity"); err == nil {
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
	name := fmt.Sprintf("identity_%d", databases.n)
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

// house is a deployment as far as identity sees one.
type house struct {
	t        testing.TB
	id       *Identity
	database string
	options  Options

	mu     sync.Mutex
	system *incident.System
	shift  time.Duration // the clocks, from now
	ended  []string
	ring   chan struct{} // one for every OnEnded
}

const site = "https://wardroom.example"

func newHouse(t testing.TB, idps map[string]*devkit.IdP) *house {
	h := &house{t: t, system: incident.NewSystem("x"), ring: make(chan struct{}, 1000)}
	path := filepath.Join(t.TempDir(), "vault")
	check(t, vault.Create(path))
	v, err := vault.New(path)
	check(t, err)
	h.options = Options{
		Vault: v, Clients: map[string]Client{}, PublicURLs: []string{site, "http://[::1]:8080"},
		Record: record{h},
		Now:    func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return time.Now().Add(h.shift) },
		Log:    slog.New(slog.DiscardHandler),
		OnEnded: func(ids []string) {
			h.mu.Lock()
			h.ended = append(h.ended, ids...)
			h.mu.Unlock()
			h.ring <- struct{}{}
		},
	}
	h.options.Pool, h.database = newDatabase(t)
	for key, idp := range idps {
		h.options.Clients[key] = Client{ID: "wardroom", Secret: clientSecret}
		h.apply(&incident.IssuerSet{Key: key, Name: "The " + key + " issuer", URL: idp.URL(), Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp})
	}
	h.renew()
	return h
}

// record is the house's system log. Its size is asked of the database, as the
// journal does.
type record struct{ h *house }

func (r record) System(context.Context) (*incident.System, error) {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	return r.h.system, nil
}

func (r record) SystemAt(ctx context.Context, _ incident.Sizes) (*incident.System, error) {
	return r.System(ctx)
}

func (r record) QueueSizes(b *pgx.Batch, logs []incident.LogID, into incident.Sizes) {
	b.Queue(`SELECT set_config('app.scope', 'house', true)`)
	b.Queue(`SELECT id, size FROM log WHERE id = ANY ($1)`, logs).Query(func(rows pgx.Rows) error {
		var id incident.LogID
		var n int64
		_, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { into[id] = uint64(n); return nil })
		return err
	})
}

// renew forgets what the Identity knew of issuers, as a restart does.
func (h *house) renew() {
	h.t.Helper()
	var err error
	h.id, err = New(h.options)
	check(h.t, err)
	h.t.Cleanup(h.id.issuers.close)
}

func (h *house) apply(b incident.Body) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := h.system.Clone()
	next.Apply(&incident.Event{Seq: next.Head + 1, Root: next.Head + 1, Times: incident.Times{Recorded: incident.At(time.Now())}, Body: b})
	h.system = next
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.shift += d
}

func (h *house) heard() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.ended)
}

func (h *house) sessions() int {
	return ask[int](h.t, h.database, `SELECT count(*) FROM session`)
}

const clientSecret = "a-secret-of-the-tests"

// issuersOf starts the issuers the test asks for, by key; the value is whose
// people it has.
func issuersOf(t testing.TB, people map[string]string) map[string]*devkit.IdP {
	t.Helper()
	idps := map[string]*devkit.IdP{}
	for key, whose := range people {
		idp, err := devkit.StartIdP(t.Context(), devkit.IdPOptions{
			Dir: t.TempDir(), Issuer: whose, AllowFaults: true,
			Clients: []devkit.IdPClient{{ID: "wardroom", Secret: clientSecret}}, Apps: []string{site, "http://[::1]:8080"},
		})
		check(t, err)
		t.Cleanup(func() { idp.Stop(context.Background()) })
		idps[key] = idp
	}
	return idps
}

// browser is one browser: cookies of our site, which it keeps and sends as
// browsers do, and a jar for the issuers' site.
type browser struct {
	h       *house
	host    string
	cookies map[string]*http.Cookie
	issuer  *http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	check(h.t, err)
	return &browser{h: h, host: "wardroom.example", cookies: map[string]*http.Cookie{}, issuer: &http.Client{Jar: jar}}
}

// request is one of this browser's. A request that another site began comes
// without Strict cookies.
func (b *browser) request(target string, crossSite bool) *http.Request {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Host = b.host
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Sec-Fetch-Site", map[bool]string{true: "cross-site", false: "same-origin"}[crossSite])
	for _, c := range b.cookies {
		if !crossSite || c.SameSite != http.SameSiteStrictMode {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	return r
}

func (b *browser) navigate(handler http.HandlerFunc, target string, crossSite bool) *http.Response {
	b.h.t.Helper()
	w := httptest.NewRecorder()
	handler(w, b.request(target, crossSite))
	res := w.Result()
	for _, c := range res.Cookies() {
		wantSite := map[string]http.SameSite{SessionCookie: http.SameSiteStrictMode, signInCookie: http.SameSiteLaxMode}[c.Name]
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.SameSite != wantSite || wantSite == 0 {
			b.h.t.Fatalf("cookie %q has the wrong attributes: %v", c.Name, c.Raw)
		}
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		b.h.t.Fatalf("%s: headers %v", target, res.Header)
	}
	return res
}

// walk goes from our address to the issuer and back, and returns where the
// browser lands on our site.
func (b *browser) walk(begin http.HandlerFunc, target string, idp *devkit.IdP, account string) string {
	b.h.t.Helper()
	res := b.navigate(begin, target, false)
	to := res.Header.Get("Location")
	if strings.HasPrefix(to, "/") {
		return to
	}
	back, err := idp.SignIn(b.h.t.Context(), b.issuer, to, account)
	check(b.h.t, err)
	return b.comeBack(back)
}

func (b *browser) comeBack(callback string) string {
	b.h.t.Helper()
	u, err := url.Parse(callback)
	check(b.h.t, err)
	if u.Host != b.host || u.Path != "/auth/callback" {
		b.h.t.Fatalf("the issuer sends back to %s", callback)
	}
	res := b.navigate(b.h.id.ServeCallback, u.RequestURI(), true)
	if res.StatusCode != http.StatusFound {
		b.h.t.Fatalf("the callback answers %d", res.StatusCode)
	}
	return res.Header.Get("Location")
}

func (b *browser) signIn(key string, idp *devkit.IdP, account string) {
	b.h.t.Helper()
	if to := b.walk(b.h.id.ServeStart, "/auth/start?issuer="+key+"&return=/rooms/abc", idp, account); to != "/rooms/abc" {
		b.h.t.Fatalf("sign-in of %s ends at %s", account, to)
	}
}

func (b *browser) actor() (incident.Actor, Session, error) {
	return b.h.id.Actor(b.request("/", false))
}

// insider returns a browser with a session that no issuer was asked for: for
// tests about what comes after signing in.
func (h *house) insider(issuer, subject string) (*browser, Session) {
	h.t.Helper()
	token, _, err := h.id.admit(h.t.Context(), signIn{Issuer: issuer}, claims{
		Subject: subject, Name: "Name of " + subject, Email: subject + "@dsc.example", EmailVerified: []byte("true"), ACR: "a",
	}, "Firefox on Windows")
	check(h.t, err)
	b := h.browser()
	b.cookies[SessionCookie] = &http.Cookie{Name: SessionCookie, Value: token, SameSite: http.SameSiteStrictMode}
	_, s, err := b.actor()
	check(h.t, err)
	return b, s
}

// record registers a person as the system log would.
func (h *house) record(issuer, subject string) incident.PersonID {
	id := incident.PersonID(incident.RandomID())
	h.apply(&incident.PersonAdded{Person: id, Issuer: issuer, Subject: subject, Name: "Recorded " + subject, Orgs: []incident.OrgID{"DSC"}})
	return id
}

// plainIssuer puts an issuer on the books that is never asked anything.
func (h *house) plainIssuer(key string) {
	h.apply(&incident.IssuerSet{Key: key, Name: key, URL: "https://" + key + ".example", Acr: "a", StepUp: "b"})
}
