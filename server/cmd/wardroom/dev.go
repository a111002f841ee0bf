package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
	"wardroom/server/devkit"
	"wardroom/server/player"
	"wardroom/server/vault"
)

// dev runs a whole deployment on this machine. The server stands on Port, its
// operator's port is the next, the sign-in services the two after that, then
// the witness and the telephone; the database takes any free one.
type dev struct {
	Port int    `env:"PORT" default:"8080" help:"Where browsers come; the five ports after it are used too."`
	Data string `default:".data" help:"The folder everything is kept in; a relative one is in the repository."`
}

const (
	devDatabase = "wardroom"
	stopWait    = 30 * time.Second // for everything to end once it was asked to
)

// machine is what runs beside the server. Stop ends it in the reverse order.
type machine struct {
	root, data string
	log        *lineLog
	stops      []func(context.Context) error
	died       chan error // the first child that ended without being asked
}

func (c dev) Run(w *world) (err error) {
	if c.Port < 1024 || c.Port > 65530 {
		return &devkit.Trouble{Wrong: fmt.Sprintf("port %d cannot be used", c.Port), Do: "give one from 1024 to 65530: PORT=9000 make run"}
	}
	m, err := c.machine()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.stop()) }()
	// Held from the start: a port that is taken is said before anything runs.
	l, err := c.listen()
	if err != nil {
		return err
	}
	defer l.Close()
	witness, err := c.listenWitness(m)
	if err != nil {
		return c.taken(err)
	}
	telephone, err := c.listenNotify(m)
	if err != nil {
		return c.taken(err)
	}
	cfg, err := c.ground(w, m)
	if err != nil {
		return c.otherPort(err)
	}
	if err := witness.named(&cfg); err != nil {
		return err
	}
	telephone.named(&cfg)
	s, err := assembly.Open(w.ctx, cfg, slog.New(slog.NewTextHandler(m.log, nil)))
	if err != nil {
		return err
	}
	m.stops = append(m.stops, func(context.Context) error { s.Close(); return nil })
	if err := c.goOn(w, s); err != nil {
		return err
	}
	if err := c.furnish(w, m, s, cfg); err != nil {
		return err
	}
	if err := witness.start(w.ctx, m, s); err != nil {
		return err
	}
	telephone.start(w.ctx, m)
	return c.serve(w, m, s, l)
}

func (c dev) machine() (*machine, error) {
	root, err := devkit.RepoRoot()
	if err != nil {
		return nil, err
	}
	data := c.Data
	if !filepath.IsAbs(data) {
		data = filepath.Join(root, data)
	}
	return &machine{root: root, data: data, log: &lineLog{}, died: make(chan error, 4)}, nil
}

// listen takes the server's two ports.
func (c dev) listen() (*assembly.Listeners, error) {
	l, err := assembly.Listen(config.Config{Listen: c.addresses(), OperatorListen: c.operator()})
	return l, c.taken(err)
}

// taken says of a port that could not be listened on who has it.
func (c dev) taken(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && errors.Is(err, syscall.EADDRINUSE) {
		return c.otherPort(devkit.PortTaken(op.Addr.(*net.TCPAddr).Port))
	}
	return err
}

// otherPort says of a taken port how to use others.
func (c dev) otherPort(err error) error {
	var t *devkit.Trouble
	if errors.As(err, &t) && errors.Is(t.Err, syscall.EADDRINUSE) {
		return &devkit.Trouble{Wrong: t.Wrong, Do: fmt.Sprintf("stop what listens there, or use other ports: PORT=%d make run", c.Port+1000), Err: t.Err}
	}
	return err
}

// addresses are where browsers come: two names of this machine, so that two
// people can be signed in side by side in one browser.
func (c dev) addresses() []string {
	all := []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port))}
	if hasIPv6() {
		all = append(all, net.JoinHostPort("::1", strconv.Itoa(c.Port)))
	}
	return all
}

func (c dev) operator() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port+1)) }

func (c dev) publicURLs() []string {
	all := []string{fmt.Sprintf("http://localhost:%d", c.Port)}
	if hasIPv6() {
		all = append(all, fmt.Sprintf("http://[::1]:%d", c.Port))
	}
	return all
}

// hasIPv6 reports whether this machine answers to [::1].
var hasIPv6 = sync.OnceValue(func() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
})

// ground starts what the server stands on, and says how to reach it.
func (c dev) ground(w *world, m *machine) (config.Config, error) {
	cfg := config.Config{Development: true, Pace: 1, PublicURLs: c.publicURLs(), Listen: c.addresses(), OperatorListen: c.operator(),
		VaultFile: filepath.Join(m.data, "vault.json"), NotaryKeys: filepath.Join(m.data, "notary.json"), Checkpoints: filepath.Join(m.data, "checkpoints.jsonl"), LedgerFile: filepath.Join(m.data, "erasures.ledger"), Issuers: map[string]config.Issuer{}}
	fmt.Fprintln(w.stdout, "starting the database and the sign-in services …")
	cluster, err := devkit.StartCluster(w.ctx, devkit.Options{Dir: m.data, Fsync: true, Log: m.log,
		NodeModules: filepath.Join(m.root, "deploy", "dev", "postgres", "node_modules")})
	if err != nil {
		return cfg, err
	}
	m.runs("the database", cluster.Stop, cluster.Done(), cluster.Err)
	if err := m.log.open(filepath.Join(m.data, "dev.log")); err != nil {
		return cfg, err
	}
	if err := cluster.EnsureDatabase(w.ctx, devDatabase); err != nil {
		return cfg, err
	}
	if _, err := assembly.Migrate(w.ctx, cluster.OwnerURL(devDatabase)); err != nil {
		return cfg, err
	}
	cfg.DatabaseURL, cfg.ReaderURL = cluster.WriterURL(devDatabase), cluster.ReaderURL(devDatabase)
	if err := vault.Create(cfg.VaultFile); err != nil && !exists(cfg.VaultFile) {
		return cfg, err
	}
	if _, err := assembly.EnsureKeys(cfg); err != nil {
		return cfg, err
	}
	for i, key := range []string{"health", "ncsc"} {
		issuer := config.Issuer{Name: devIssuers[key], ClientID: "wardroom", ClientSecret: rand.Text(), ACR: devkit.ACRMultiFactor, StepUpACR: devkit.ACRStepUp}
		idp, err := devkit.StartIdP(w.ctx, devkit.IdPOptions{Dir: filepath.Join(m.data, "idp"), Issuer: key, Port: c.Port + 2 + i,
			Clients: []devkit.IdPClient{{ID: issuer.ClientID, Secret: issuer.ClientSecret}}, Apps: cfg.PublicURLs, Log: m.log})
		if err != nil {
			return cfg, err
		}
		m.runs("the sign-in service "+key, idp.Stop, idp.Done(), idp.Err)
		issuer.URL = idp.URL()
		cfg.Issuers[key] = issuer
	}
	return cfg, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// furnish puts the people and the exercise into the deployment.
func (c dev) furnish(w *world, m *machine, s *assembly.Server, cfg config.Config) error {
	people, err := accountsOf(m.root)
	if err != nil {
		return err
	}
	urls := map[string]string{}
	for key, issuer := range cfg.Issuers {
		urls[key] = issuer.URL
	}
	if err := seed(w.ctx, s, people, urls, s.Player.Organisations()); err != nil {
		return err
	}
	if err := s.Player.Cast(w.ctx); err != nil {
		return err
	}
	fmt.Fprintln(w.stdout, "playing the exercise up to 12 May 2017, 16:10 …")
	_, err = s.Player.Begin(w.ctx, player.WannaCry)
	return err
}

// serve runs the server until Ctrl-C, or until something it stands on ends.
func (c dev) serve(w *world, m *machine, s *assembly.Server, l *assembly.Listeners) error {
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	go func() {
		select {
		case err := <-m.died:
			cancel(err)
		case <-ctx.Done():
		}
	}()
	if err := c.healthy(ctx, served); err != nil {
		return err
	}
	c.announce(w)
	err := <-served
	if w.ctx.Err() != nil {
		fmt.Fprintln(w.stdout, "\nstopping …")
		return err
	}
	return errors.Join(err, context.Cause(ctx))
}

// healthy waits until the server says that it is ready.
func (c dev) healthy(ctx context.Context, served chan error) error {
	ask := time.NewTicker(50 * time.Millisecond)
	defer ask.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.operator()+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-served:
			return errors.Join(errors.New("the server ended before it was ready"), err, context.Cause(ctx))
		case <-ask.C:
		}
	}
}

// goOn begins the next section of the deployment's record, where that was put
// back to an earlier state. In earnest an operator does it, once it is clear
// what happened; here nobody but whoever put it back can have, and a machine
// that will not start teaches nothing. Its witness, which starts after this,
// takes the new section in. Rooms are left to their leads.
func (c dev) goOn(w *world, s *assembly.Server) error {
	if s.Journal.SystemLog() == "" {
		return nil
	}
	origin, err := s.ContinueSystem(w.ctx)
	if err == nil && origin != "" {
		fmt.Fprintf(w.stdout, "the deployment's record is not what was signed for: it goes on in a new section, %s\n", origin)
	}
	return err
}

func (c dev) announce(w *world) {
	urls := c.publicURLs()
	fmt.Fprintf(w.stdout, `
Wardroom is ready. Everyone here is invented; an EXERCISE room stands open.

  start as the lead             %s/
                                choose "%s", then Priya Anand
`, urls[0], devIssuers["health"])
	if len(urls) > 1 {
		fmt.Fprintf(w.stdout, `  beside her, the trust's CISO  %s/
                                choose "%s", then Dr Hannah Osei
`, urls[1], devIssuers["health"])
	} else {
		fmt.Fprintf(w.stdout, "  beside her, the trust's CISO  the same address in a private window: this machine has no [::1]\n")
	}
	fmt.Fprintf(w.stdout, `
  the other party's witness     http://127.0.0.1:%d/
                                holds every entry sealed, and signs how far the record has come

  everyone's telephone          http://127.0.0.1:%d/phone
                                shows text messages and e-mails: from here they reach nobody
`, c.Port+4, c.Port+5)
	fmt.Fprintf(w.stdout, "\nCtrl-C stops it. The next run goes on where this one stopped; make reset forgets.\nWhat the machine says is in %s/dev.log.\n\n", c.Data)
}

// runs takes a child into care: it is stopped at the end, and missed when it
// ends before.
func (m *machine) runs(name string, stop func(context.Context) error, done <-chan struct{}, why func() error) {
	m.stops = append(m.stops, stop)
	go func() {
		<-done
		if err := why(); err != nil {
			select {
			case m.died <- fmt.Errorf("%s ended by itself: %w", name, err):
			default: // another one ended first, and says why
			}
		}
	}()
}

func (m *machine) stop() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	for i := len(m.stops) - 1; i >= 0; i-- {
		err = errors.Join(err, m.stops[i](ctx))
	}
	return errors.Join(err, m.log.Close())
}

// lineLog is a file that several children and the server write lines to. What
// is written before it is open is lost.
type lineLog struct {
	mu   sync.Mutex
	file *os.File
}

func (l *lineLog) open(name string) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.file, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	return err
}

func (l *lineLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return len(p), nil
	}
	return l.file.Write(p)
}

func (l *lineLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}
