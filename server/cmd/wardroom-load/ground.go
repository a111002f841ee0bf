package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/devkit"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/notary"
	"wardroom/server/policy"
	"wardroom/server/steward"
	"wardroom/server/vault"
)

const (
	database     = "wardroom"
	bareDatabase = "bare"
	issuerKey    = "health"
	clientID     = "wardroom-load"
	clientSecret = "a-secret-of-one-run-of-the-load" // of a client that lives as long as this process
)

// people are who the load signs in: accounts of the development issuer. Where
// more writers or listeners are wanted, the same people sign in again, as if on
// further devices.
var people = []string{"lead", "nightlead", "loggist", "comms"}

// ground is what the measurements stand on. It is all in one folder and in
// children of this process.
type ground struct {
	searches atomic.Int64 // how many were made, for whose turn it is
	bench    *bench
	dir      string
	say      io.Writer // what is being done
	child    io.Writer // what children say; nil for nobody
	cluster  *devkit.Cluster
	idp      *devkit.IdP
	origin   string // of the first server: the deployment's own address
	port     int
	writer   *pgxpool.Pool
	reader   *pgxpool.Pool
	bare     *pgxpool.Pool
	journal  *journal.Journal // a node of our own, for seeding and for the rows without HTTP
	steward  *steward.Steward
	actors   []incident.Actor
	cookies  []string       // one a session
	browser  []*http.Client // of the people, each signed in at the issuer
	shape    rowShape
	machine  machine

	guests    *guests          // nil until somebody needs them
	enrolled  []incident.LogID // rooms of the rows about members
	enrolling time.Duration    // what the largest took to fill

	ours, limit *target
	stops       []func(context.Context) error
}

func (g *ground) note(format string, args ...any) {
	fmt.Fprintf(g.say, format+"\n", args...)
}

// lay starts Postgres, makes both databases and registers the people. The
// caller calls clear even after an error.
func (g *ground) lay(ctx context.Context) (err error) {
	g.machine = look(ctx)
	if g.bench.DataFolder == "" {
		if g.dir, err = os.MkdirTemp("", "wardroom-load-"); err != nil {
			return err
		}
		if err := os.Chmod(g.dir, 0o711); err != nil { // Postgres does not run as root and must be able to pass
			return err
		}
	} else if g.dir, err = filepath.Abs(g.bench.DataFolder); err != nil {
		return err
	}
	root, err := devkit.RepoRoot()
	if err != nil {
		return err
	}
	g.note("starting a private Postgres that loses nothing")
	g.cluster, err = devkit.StartCluster(ctx, devkit.Options{Dir: filepath.Join(g.dir, "pg"), Fsync: true, Log: g.child,
		NodeModules: filepath.Join(root, "deploy", "dev", "postgres", "node_modules")})
	if err != nil {
		return err
	}
	g.stops = append(g.stops, g.cluster.Stop)
	for _, name := range []string{database, bareDatabase} {
		if err := g.cluster.EnsureDatabase(ctx, name); err != nil {
			return err
		}
		if err := g.migrate(ctx, name); err != nil {
			return err
		}
	}
	if g.writer, err = g.connect(ctx, g.cluster.WriterURL(database)); err != nil {
		return err
	}
	if g.reader, err = g.connect(ctx, g.cluster.ReaderURL(database)); err != nil {
		return err
	}
	if g.bare, err = g.connect(ctx, g.cluster.WriterURL(bareDatabase)); err != nil {
		return err
	}
	if err := g.askPostgres(ctx); err != nil {
		return err
	}
	held, err := devkit.HoldPort()
	if err != nil {
		return err
	}
	g.port = held.Port()
	held.Release()
	g.origin = fmt.Sprintf("http://127.0.0.1:%d", g.port)
	return nil
}

// migrate brings a database to the schema, by the server's own program.
func (g *ground) migrate(ctx context.Context, name string) error {
	return g.finish(ctx, devkit.Program{Name: "migrate " + name, Path: g.bench.Server, Args: []string{"migrate"},
		Env: []string{"WARDROOM_OWNER_URL=" + g.cluster.OwnerURL(name)}, Log: g.child})
}

// finish runs a program to its end.
func (g *ground) finish(ctx context.Context, p devkit.Program) error {
	c, err := devkit.Start(ctx, p)
	if err != nil {
		return err
	}
	select {
	case <-c.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), c.Kill())
	}
	var exit *devkit.ExitError
	if errors.As(c.Err(), &exit) && exit.How == "exit status 0" {
		return nil
	}
	return c.Err()
}

func (g *ground) connect(ctx context.Context, url string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = max(cfg.MaxConns, 16)
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err == nil {
		g.stops = append(g.stops, func(context.Context) error { pool.Close(); return nil })
	}
	return pool, err
}

func (g *ground) askPostgres(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, g.cluster.WriterURL(database))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.QueryRow(ctx, `SELECT current_setting('server_version'), concat_ws(', ',
		'fsync ' || current_setting('fsync'), 'synchronous_commit ' || current_setting('synchronous_commit'),
		'full_page_writes ' || current_setting('full_page_writes'), 'shared_buffers ' || current_setting('shared_buffers'))`).
		Scan(&g.machine.Postgres, &g.machine.Settings)
}

// settle begins the deployment's record, with the two hosts and the people.
// idpURL is where the people's issuer stands.
func (g *ground) settle(ctx context.Context, idpURL string) error {
	file := filepath.Join(g.dir, "vault.json")
	if err := vault.Create(file); err != nil {
		return err
	}
	v, err := vault.New(file)
	if err != nil {
		return err
	}
	g.journal = journal.New(journal.Options{Writer: g.writer, Reader: g.reader, Vault: v, Deployment: "127.0.0.1", Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	g.stops = append(g.stops, g.journal.Close)
	g.steward = steward.New(g.journal)
	accounts, err := readAccounts()
	if err != nil {
		return err
	}
	system := incident.LogID(incident.RandomID())
	if err := g.journal.Create(ctx, incident.SystemLog, system, ""); err != nil {
		return err
	}
	notaryFile := filepath.Join(g.dir, "notary.json")
	if err := notary.CreateKeys(notaryFile); err != nil {
		return err
	}
	key, err := notary.AddGeneration(notaryFile, 1, incident.NotaryName("127.0.0.1"))
	if err != nil {
		return err
	}
	todo := []command.Command{
		command.OpenSystem{Genesis: g.journal.Genesis(incident.SystemLog, system, "")},
		command.ListKey{Key: key},
		command.SetIssuer{Issuer: incident.IssuerSet{Key: issuerKey, Name: "Sign-in of the load", URL: idpURL, Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp}},
		command.AddOrganisation{Organisation: incident.Organisation{Code: "DSC", Name: "Data Security Centre", Type: incident.HostBody, Issuer: issuerKey}},
		command.AddOrganisation{Organisation: incident.Organisation{Code: "NCSC", Name: "National Cyber Security Centre", Type: incident.HostBody, Issuer: issuerKey}},
		command.SetDeployment{Duty: "0300 000 0000", Hosts: []incident.OrgID{"DSC", "NCSC"}},
	}
	for _, key := range people {
		a := accounts[key]
		actor := incident.Actor{Person: incident.PersonID(incident.RandomID()), Name: a.Name, Orgs: []incident.OrgID{"DSC"}}
		g.actors = append(g.actors, actor)
		todo = append(todo, command.AddPerson{Person: actor.Person, Name: a.Name, Issuer: issuerKey, Subject: a.Sub, Orgs: actor.Orgs})
	}
	for _, cmd := range todo {
		if _, err := g.do(ctx, system, incident.Actor{System: true}, cmd); err != nil {
			return err
		}
	}
	return nil
}

type account struct{ Key, Sub, Name string }

func readAccounts() (map[string]account, error) {
	root, err := devkit.RepoRoot()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "deploy", "dev", "idp", "accounts.json"))
	if err != nil {
		return nil, err
	}
	var list []account
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	all := map[string]account{}
	for _, a := range list {
		all[a.Key] = a
	}
	return all, nil
}

func (g *ground) do(ctx context.Context, log incident.LogID, actor incident.Actor, cmd command.Command) (journal.Receipt, error) {
	return g.journal.Append(ctx, log, actor, incident.NewKey(time.Now()), cmd)
}

// insist sends a command again under its key while the record cannot be
// written, as clients do, for half a minute; again counts how often.
func (g *ground) insist(ctx context.Context, log incident.LogID, actor incident.Actor, cmd command.Command, again *atomic.Int64) error {
	key := incident.NewKey(time.Now())
	for began := time.Now(); ; again.Add(1) {
		_, err := g.journal.Append(ctx, log, actor, key, cmd)
		if err == nil || incident.FaultOf(err) != incident.Unavailable || time.Since(began) > 30*time.Second {
			return err
		}
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// openRoom opens a room that all the people are in; the first is its lead.
func (g *ground) openRoom(ctx context.Context, title string) (incident.LogID, error) {
	room, err := g.openEmpty(ctx, title)
	if err != nil {
		return "", err
	}
	for i := range g.actors[1:] {
		seat := incident.Seat{Name: g.actors[i+1].Name, Org: "DSC", OrgName: "Data Security Centre", OrgType: incident.HostBody, Role: incident.Loggist, History: incident.Full}
		if err := g.admit(ctx, room, g.actors[i+1], seat); err != nil {
			return "", err
		}
	}
	return room, nil
}

// openEmpty opens a room that only its lead is in.
func (g *ground) openEmpty(ctx context.Context, title string) (incident.LogID, error) {
	lead := g.actors[0]
	r, err := g.do(ctx, g.journal.SystemLog(), lead, command.RegisterRoom{Title: title, Mode: incident.ModeExercise, Roster: incident.RosterNames, Org: "DSC",
		Report: incident.Methane{Type: "Load"}, Room: incident.LogID(incident.RandomID()), Access: incident.LogID(incident.RandomID())})
	if err != nil {
		return "", err
	}
	registered := r.Events[0].Body.(*incident.RoomRegistered)
	if err := g.steward.Finish(ctx, r.Seq, registered); err != nil {
		return "", err
	}
	return registered.Room, nil
}

// admit has somebody invited and join.
func (g *ground) admit(ctx context.Context, room incident.LogID, who incident.Actor, seat incident.Seat) error {
	invited, err := g.do(ctx, room, g.actors[0], command.InviteMember{KnownOrg: true, Issuer: issuerKey, Invitation: incident.RandomID(), Seat: seat})
	if err != nil {
		return err
	}
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return err
	}
	_, err = g.do(ctx, room, who, command.JoinRoom{Root: invited.Seq, Person: who.Person, How: "subject", Rules: at.Rules.Version})
	return err
}

// weigh stores one message and takes from it what an entry of the load weighs.
func (g *ground) weigh(ctx context.Context) error {
	room, err := g.openRoom(ctx, "What an entry weighs")
	if err != nil {
		return err
	}
	lead, text := g.actors[0], messageText(1)
	r, err := g.do(ctx, room, lead, command.PostMessage{Text: text})
	if err != nil {
		return err
	}
	rows, err := g.journal.Page(ctx, room, lead.Person, journal.Query{After: r.Seq - 1, Limit: 1})
	if err != nil {
		return err
	}
	at, err := g.journal.Room(ctx, room)
	if err != nil {
		return err
	}
	entry := policy.View(at, at.Member(lead.Person), rows[0].Sight, rows[0].Entry).AppendJSON(nil)
	s := rowShape{Log: incident.RandomID(), Actor: string(lead.Person), Leaf: evidence.LeafSize}
	if s.Open, err = cut(entry, uint64(r.Seq), text); err != nil {
		return err
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT set_config('app.scope', 'writer', true), set_config('app.log', $1, true)`, string(room))
	b.Queue(`SELECT octet_length(sealed) FROM opening WHERE log = $1 AND seq = $2`, string(room), int64(r.Seq)).QueryRow(func(row pgx.Row) error { return row.Scan(&s.Sealed) })
	// A log of some hundred thousand entries has about nine subtrees.
	s.Head = 8 + 9*32
	g.shape = s
	return g.writer.SendBatch(ctx, b).Close()
}

// socketsEach is how many sockets one session may have at once.
const socketsEach = 8

// sessionsFor signs in until there are sessions enough for that many sockets.
func (g *ground) sessionsFor(ctx context.Context, sockets int) error {
	for len(g.browser) < len(people) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return err
		}
		g.browser = append(g.browser, &http.Client{Jar: jar, Timeout: 30 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
	}
	want := max(len(people), (sockets+socketsEach-1)/socketsEach)
	if want > len(g.cookies) {
		g.note("signing in until there are %d sessions", want)
	}
	for n := len(g.cookies); n < want; n++ {
		who := n % len(people)
		cookie, err := g.signIn(ctx, g.browser[who], people[who])
		if err != nil {
			return fmt.Errorf("signing %s in: %w", people[who], err)
		}
		g.cookies = append(g.cookies, cookie)
	}
	return nil
}

const sessionCookie = "__Host-wardroom"

// signIn walks one sign-in as a browser would, at the first server, and returns
// the session's cookie. Someone who is signed in at the issuer already is not
// asked again.
func (g *ground) signIn(ctx context.Context, browser *http.Client, account string) (string, error) {
	// Our own cookies are carried by hand, so that each sign-in is one on
	// another device.
	device := &http.Client{Timeout: 30 * time.Second, CheckRedirect: browser.CheckRedirect}
	defer device.CloseIdleConnections()
	visit := func(url string, cookie *http.Cookie) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		if cookie != nil {
			req.Header.Set("Cookie", cookie.Name+"="+cookie.Value)
		}
		res, err := device.Do(req)
		if err == nil {
			res.Body.Close()
		}
		return res, err
	}
	begun, err := visit(g.origin+"/auth/start?issuer="+issuerKey+"&return=/", nil)
	if err != nil {
		return "", err
	}
	var state *http.Cookie
	for _, c := range begun.Cookies() {
		if c.Value != "" {
			state = c
		}
	}
	if state == nil || begun.StatusCode != http.StatusFound {
		return "", fmt.Errorf("the sign-in begins with %s, to %q", begun.Status, begun.Header.Get("Location"))
	}
	back, err := g.idp.SignIn(ctx, browser, begun.Header.Get("Location"), account)
	if err != nil {
		return "", err
	}
	done, err := visit(back, state)
	if err != nil {
		return "", err
	}
	for _, c := range done.Cookies() {
		if c.Name == sessionCookie && c.Value != "" {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("the sign-in ends with %s, at %q", done.Status, done.Header.Get("Location"))
}

// startIdP starts the people's issuer.
func (g *ground) startIdP(ctx context.Context) (err error) {
	g.idp, err = devkit.StartIdP(ctx, devkit.IdPOptions{Dir: filepath.Join(g.dir, "idp"), Issuer: issuerKey, Apps: []string{g.origin}, Extra: guestOrgs,
		Clients: []devkit.IdPClient{{ID: clientID, Secret: clientSecret}}, Log: g.child})
	if err == nil {
		g.stops = append(g.stops, g.idp.Stop)
	}
	return err
}

// serve starts a server of the product on a port; more are further settings.
func (g *ground) serve(ctx context.Context, port int, more ...string) (*target, *devkit.Child, error) {
	operator, err := devkit.HoldPort()
	if err != nil {
		return nil, nil, err
	}
	operator.Release()
	address, health := fmt.Sprintf("127.0.0.1:%d", port), fmt.Sprintf("127.0.0.1:%d", operator.Port())
	child, err := devkit.Start(ctx, devkit.Program{Name: "wardroom", Path: g.bench.Server, Args: []string{"serve", "--development"}, Log: g.child,
		Env: append([]string{
			"WARDROOM_DATABASE_URL=" + g.cluster.WriterURL(database), "WARDROOM_READER_URL=" + g.cluster.ReaderURL(database), "WARDROOM_VAULT=" + filepath.Join(g.dir, "vault.json"), "WARDROOM_NOTARY_KEYS=" + filepath.Join(g.dir, "notary.json"),
			"WARDROOM_PUBLIC_URL=http://" + address, "WARDROOM_LISTEN=" + address, "WARDROOM_OPERATOR_LISTEN=" + health,
			"WARDROOM_PACE=100000",
			"WARDROOM_ISSUER_HEALTH_URL=" + g.idp.URL(), "WARDROOM_ISSUER_HEALTH_NAME=Sign-in of the load",
			"WARDROOM_ISSUER_HEALTH_CLIENT_ID=" + clientID, "WARDROOM_ISSUER_HEALTH_CLIENT_SECRET=" + clientSecret,
			"WARDROOM_ISSUER_HEALTH_ACR=" + devkit.ACRMultiFactor, "WARDROOM_ISSUER_HEALTH_STEP_UP_ACR=" + devkit.ACRStepUp,
		}, more...),
		Ready: func(ctx context.Context) error { return answers(ctx, "http://"+health+"/readyz") }})
	if err != nil {
		return nil, nil, err
	}
	return &target{side: ours, address: address, operator: health, asks: true, pid: child.PID(), origin: "http://" + address, cookies: &g.cookies, sources: 8}, child, nil
}

// serveBare starts a bare server on any port.
func (g *ground) serveBare(ctx context.Context) (*target, *devkit.Child, error) {
	held, err := devkit.HoldPort()
	if err != nil {
		return nil, nil, err
	}
	held.Release()
	address := fmt.Sprintf("127.0.0.1:%d", held.Port())
	order, err := json.Marshal(bareOrder{Listen: address, Database: g.cluster.WriterURL(bareDatabase), History: g.cluster.WriterURL(database), Shape: g.shape})
	if err != nil {
		return nil, nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	child, err := devkit.Start(ctx, devkit.Program{Name: "bare", Path: self, Args: []string{"bare"}, In: order, Log: g.child,
		Ready: func(ctx context.Context) error { return answers(ctx, "http://"+address+"/healthz") }})
	if err != nil {
		return nil, nil, err
	}
	return &target{side: limit, address: address, pid: child.PID(), origin: "http://" + address, cookies: &g.cookies, sources: 8}, child, nil
}

func answers(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return errors.New(res.Status)
	}
	return nil
}

// open starts both servers and signs the people in.
func (g *ground) open(ctx context.Context) error {
	g.note("starting the server and the bare server")
	t, child, err := g.serve(ctx, g.port)
	if err != nil {
		return err
	}
	g.stops = append(g.stops, child.Stop)
	if err := g.sessionsFor(ctx, 0); err != nil {
		return err
	}
	g.ours = t
	if g.limit, child, err = g.serveBare(ctx); err == nil {
		g.stops = append(g.stops, child.Stop)
	}
	return err
}

func (g *ground) target(s side) *target {
	if s == ours {
		return g.ours
	}
	return g.limit
}

// clear ends every child, the last first, and removes the folder if it is ours.
func (g *ground) clear() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	for i := len(g.stops) - 1; i >= 0; i-- {
		errs = append(errs, g.stops[i](ctx))
	}
	if g.bench.DataFolder == "" && g.dir != "" {
		errs = append(errs, os.RemoveAll(g.dir))
	}
	return errors.Join(errs...)
}

// lines is a writer for several children at once.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}
