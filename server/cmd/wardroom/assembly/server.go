package assembly

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"wardroom/server/blob"
	"wardroom/server/config"
	"wardroom/server/courier"
	"wardroom/server/desk"
	"wardroom/server/directory"
	"wardroom/server/doorbell"
	"wardroom/server/export"
	"wardroom/server/hub"
	"wardroom/server/identity"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/ledger"
	"wardroom/server/notary"
	"wardroom/server/pager"
	"wardroom/server/player"
	"wardroom/server/presence"
	"wardroom/server/search"
	"wardroom/server/steward"
	"wardroom/server/trail"
	"wardroom/server/vault"
	"wardroom/server/web"
	"wardroom/webapp"
)

// Server is a whole node: every room of the house, put together. Its fields
// are set by Open and not changed after.
type Server struct {
	Config  config.Config
	Log     *slog.Logger
	Metrics *prometheus.Registry

	Database  *Database
	Vault     *vault.Vault
	Keys      *notary.Keys
	Witness   *notary.Witness // nil for none
	Ledger    *ledger.File    // nil: nothing is erased here
	Journal   *journal.Journal
	Notary    *notary.Notary
	Guard     *notary.Guard
	Kept      *notary.Kept // nil for none
	Export    *export.Exporter
	Steward   *steward.Steward
	Player    *player.Player
	Pager     *pager.Pager
	Identity  *identity.Identity
	Directory *directory.Directory
	Courier   *courier.Courier
	Blobs     *blob.Store
	Doorbell  *doorbell.Bell
	Presence  *presence.Board
	Hub       *hub.Hub
	Web       *web.Server

	Reapplied []string // what the ledger of erasures found on starting, as sentences

	redis    redis.UniversalClient // what nodes tell each other; nil on a single node
	draining atomic.Bool

	pulse  *pulse // how Redis answers
	kinds  *kinds // what was logged of trouble
	course course // what the last minutes were like
}

const (
	drainWait = 4 * time.Second  // for requests and sockets under way when told to stop
	closeWait = 10 * time.Second // for what the journal has in flight
)

// Open judges the ground and puts a server together on it. It listens nowhere
// and follows nothing yet: see Serve. What is wrong comes as [Problems].
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (_ *Server, err error) {
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, Problems(problems)
	}
	s := &Server{Config: cfg, Log: log, Metrics: prometheus.NewRegistry()}
	s.pulse, s.kinds = newPulse(), new(kinds)
	s.Log = slog.New(noting{log.Handler(), s.kinds})
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.Vault, err = vault.New(cfg.VaultFile); err != nil {
		return nil, Problems{sentence(err)}
	}
	if s.Keys, err = notary.LoadKeys(cfg.NotaryKeys); err != nil {
		return nil, Problems{sentence(err)}
	}
	if cfg.WitnessURL != "" {
		if s.Witness, err = notary.NewWitness(cfg.WitnessURL, cfg.WitnessKeys); err != nil {
			return nil, Problems{sentence(err)}
		}
	}
	if s.Database, err = Connect(ctx, cfg); err != nil {
		return nil, err
	}
	if problems := CheckDatabase(ctx, s.Database, cfg.Development); len(problems) > 0 {
		return nil, Problems(problems)
	}
	if s.redis, err = dialRedis(cfg.RedisURL); err != nil {
		return nil, err
	}
	if s.redis != nil {
		s.redis.AddHook(s.pulse)
	}
	if cfg.LedgerFile != "" {
		if s.Ledger, err = ledger.Open(cfg.LedgerFile); err != nil {
			return nil, Problems{sentence(err)}
		}
	}
	if err := s.assemble(); err != nil {
		return nil, err
	}
	// Before anything listens: a restored backup brings nothing back.
	if s.Reapplied, err = s.Journal.Reapply(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(s.judgeShut(ctx), s.judgeSystem(ctx)); err != nil {
		return nil, err
	}
	s.measure()
	return s, nil
}

// judgeShut has the guard look at logs that were restored from before an
// erasure. One that it finds to be behind is closed to writing for all, so it
// may be read: what was erased of it was erased again.
func (s *Server) judgeShut(ctx context.Context) error {
	for _, log := range s.Journal.ShutLogs() {
		found, err := s.Journal.Look(ctx, log)
		if err != nil {
			return err
		}
		if _, closed := found[log]; closed {
			s.Journal.Unshut(log)
		}
	}
	return nil
}

// judgeSystem has the guard look at the deployment's own record. If it is not
// what was signed for, the database was put back or meddled with, and sessions
// that were ended since may be live again: all are ended, and people sign in
// anew.
func (s *Server) judgeSystem(ctx context.Context) error {
	log := s.Journal.SystemLog()
	if log == "" {
		return nil
	}
	found, err := s.Journal.Look(ctx, log)
	if err != nil {
		return err
	}
	if b, broken := found[log]; broken {
		return s.Identity.EndStarted(ctx, b.At.Time)
	}
	return nil
}

// assemble makes the rooms, each from those below it in the plan.
func (s *Server) assemble() (err error) {
	s.Doorbell = doorbell.New(doorbell.Options{Redis: s.redis, Log: s.Log})
	s.Presence = presence.New(presence.Options{Redis: s.redis, Log: s.Log})
	if s.Config.Checkpoints != "" {
		if s.Kept, err = notary.OpenKept(s.Config.Checkpoints); err != nil {
			return Problems{sentence(err)}
		}
	}
	s.Guard = s.newGuard()
	s.Journal = journal.New(journal.Options{Writer: s.Database.Writer, Reader: s.Database.Reader, Vault: s.Vault, Deployment: s.Config.Deployment(), Log: s.Log, Rang: s.Doorbell.Ring, Guard: s.Guard.Check, Ledger: s.Ledger,
		Newer: s.newer, LogBytes: int(s.Config.MemoryBytes() / 8)})
	s.Notary = notary.New(notary.Options{Writer: s.Database.Writer, Reader: s.Database.Reader, Keys: s.Keys, Record: s.Journal, Witness: s.Witness, Kept: s.Kept, Log: s.Log,
		Listening: func() []incident.LogID { return s.Hub.Rooms() }, Sealed: func(room incident.LogID, seal *incident.Seal) { s.Hub.Sealed(room, seal) }})
	s.Steward = steward.New(s.Journal)
	s.Pager = pager.New(pager.Options{Pool: s.Database.Writer, Journal: s.Journal, Log: s.Log,
		Fired: func(log incident.LogID, events []*incident.Event, _ time.Duration) {
			s.Web.Fired(context.Background(), log, events)
		}})
	if s.Player, err = player.New(s.Journal, s.Steward, s.Log); err != nil {
		return err
	}
	if s.Directory, err = directory.New(directory.Options{Pool: s.Database.Writer, Vault: s.Vault, Sender: codes{s}}); err != nil {
		return err
	}
	s.Blobs = blob.New(blob.Options{Writer: s.Database.Writer, Reader: s.Database.Reader, Vault: s.Vault, Clamd: s.Config.Clamd, Log: s.Log})
	s.Hub = hub.New(hub.Options{Journal: s.Journal, Presence: s.Presence, Doorbell: s.Doorbell, Seal: s.Notary.Seal, Log: s.Log,
		Rings: s.Config.MemoryBytes() / 8})
	s.Identity, err = identity.New(identity.Options{Pool: s.Database.Writer, Vault: s.Vault, Record: s.Journal, Clients: clients(s.Config),
		PublicURLs: s.Config.PublicURLs, Log: s.Log, OnEnded: func(ids []string) { s.Hub.CutSessions(ids...) }})
	if err != nil {
		return err
	}
	if err := s.newCourier(); err != nil {
		return err
	}
	s.Export = export.New(export.Options{Journal: s.Journal, Seals: s.Notary, Files: s.Blobs, Verifier: webapp.Verifier(), Log: s.Log})
	s.Web = &web.Server{Export: s.Export, Blobs: s.Blobs, Journal: s.Journal, Notary: s.Notary, Hub: s.Hub, Identity: s.Identity, Directory: s.Directory, Courier: s.Courier, Search: search.New(s.Journal), Desk: desk.New(s.Journal),
		Steward: s.Steward, Derive: s.Vault.MAC, Assets: webapp.Dist(), Log: s.Log,
		Config: web.Config{PublicURLs: s.Config.PublicURLs, Deployment: s.Config.Deployment(), Development: s.Config.Development,
			Limits: web.DefaultLimits.Times(s.Config.Pace), Proxies: prefixes(s.Config.Proxies), Receipts: s.Config.Notify.Receipts, ContactStale: time.Duration(s.Config.ContactDays) * 24 * time.Hour,
			BroadcastFrom: s.Config.BroadcastFrom, FragmentPrice: s.Config.TextPrice},
		Ready: func(r *http.Request) error { return s.ready(r.Context()) }}
	return nil
}

// newer is told of a log that goes on with what only a newer version of the
// server can read. Without the deployment's own record nobody can be judged, so
// all are sent to the others.
func (s *Server) newer(kind incident.LogKind) {
	if kind == incident.SystemLog {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), drainWait)
			defer cancel()
			s.Hub.Drain(ctx)
		}()
	}
}

// newGuard compares logs with what the witness and this machine's own file
// have of them. A nil pointer is no Holder, so each is given only if it is
// there.
func (s *Server) newGuard() *notary.Guard {
	o := notary.GuardOptions{Writer: s.Database.Writer, Log: s.Log, Closed: func(log incident.LogID) {
		s.Journal.Unshut(log) // read-only for all: nothing more is decided by who reads it
		s.Web.Closed(context.Background(), log)
	}}
	if s.Witness != nil {
		o.Witness = s.Witness
	}
	if s.Kept != nil {
		o.Kept = s.Kept
	}
	return notary.NewGuard(o)
}

func clients(cfg config.Config) map[string]identity.Client {
	all := map[string]identity.Client{}
	for key, i := range cfg.Issuers {
		all[key] = identity.Client{ID: i.ClientID, Secret: i.ClientSecret}
	}
	return all
}

// Check says everything that is wrong, as far as it can be asked: the
// configuration, the key file, the database and the deployment's record. If
// nothing is, remarks are what the record lacks, which keeps nobody from using
// it.
func Check(ctx context.Context, cfg config.Config) (problems, remarks Problems) {
	problems = Problems(cfg.Check())
	if cfg.VaultFile != "" {
		if _, err := vault.New(cfg.VaultFile); err != nil {
			problems = append(problems, sentence(err))
		}
	}
	if cfg.NotaryKeys != "" {
		if _, err := notary.LoadKeys(cfg.NotaryKeys); err != nil {
			problems = append(problems, sentence(err))
		}
	}
	if len(cfg.WitnessKeys) > 0 {
		if _, err := notary.NewWitness(cfg.WitnessURL, cfg.WitnessKeys); err != nil {
			problems = append(problems, sentence(err))
		}
	}
	if cfg.DatabaseURL != "" && cfg.ReaderURL != "" {
		if db, err := Connect(ctx, cfg); err == nil { // an address that is none was said above
			problems = append(problems, CheckDatabase(ctx, db, cfg.Development)...)
			db.Close()
		}
	}
	if len(problems) > 0 {
		return problems, nil // the record cannot be judged on such ground
	}
	cfg.LedgerFile = "" // a running server's: it judges it when it starts
	s, err := Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return Problems{sentence(err)}, nil
	}
	defer s.Close()
	if problems = s.CheckSystem(ctx); len(problems) > 0 {
		return problems, nil
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return Problems{sentence(err)}, nil
	}
	return nil, slices.Concat(UnassessedScales(sys), emptyRotas(sys), s.unsent(sys), s.unfinished(sys), s.unwitnessed())
}

// Serve serves until ctx ends, then lets what is under way finish: requests
// are answered, clients are told to come back elsewhere. It returns nil after
// such an end. It may be called once.
func (s *Server) Serve(ctx context.Context, l *Listeners) error {
	if err := s.ListPolicy(ctx); err != nil {
		return err
	}
	if s.Config.Traces != "" {
		end, err := trail.Begin(ctx, trail.Options{Endpoint: s.Config.Traces, Ratio: s.Config.TraceRatio, Version: version(), Log: s.Log})
		if err != nil {
			return err
		}
		defer end()
	}
	front := s.http(s.Web.Handler())
	operator := s.http(s.operator())
	failed := make(chan error, len(l.Front)+1)
	for _, at := range l.Front {
		go func() { failed <- front.Serve(at) }()
	}
	go func() { failed <- operator.Serve(l.Operator) }()

	background, stop := context.WithCancel(context.Background())
	var follow sync.WaitGroup
	for _, run := range []func(context.Context) error{s.Identity.Run, s.Steward.Run, s.Player.Run, s.Pager.Run, s.Courier.Run, s.Notary.Run, s.Guard.Run, s.Journal.KeepLedger, s.Blobs.Run, s.Web.KeepCallers, s.look} {
		follow.Go(func() {
			if err := run(background); err != nil && background.Err() == nil {
				failed <- err
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.drain(front))
	stop()
	follow.Wait()
	return errors.Join(err, operator.Close())
}

// drain sends clients away and answers what is under way.
func (s *Server) drain(front *http.Server) error {
	s.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), drainWait)
	defer cancel()
	sockets := make(chan error, 1)
	go func() { sockets <- s.Hub.Drain(ctx) }()
	err := front.Shutdown(ctx) // hijacked sockets are the hub's
	if errors.Is(err, context.DeadlineExceeded) {
		err = front.Close() // a request that does not end is cut; what it had committed stands
	}
	if e := <-sockets; e != nil && !errors.Is(e, context.DeadlineExceeded) {
		err = errors.Join(err, e)
	}
	return err
}

// http is a server with bounds on what a slow or hostile client may hold.
func (s *Server) http(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug)}
}

// Close ends what Open made. Entries in flight are committed or refused first.
func (s *Server) Close() {
	if s.Hub != nil {
		s.Hub.Close()
	}
	if s.Journal != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeWait)
		defer cancel()
		if err := s.Journal.Close(ctx); err != nil {
			s.Log.Error("the journal did not end in time", "error", err)
		}
	}
	if s.Ledger != nil {
		s.Ledger.Close()
	}
	if s.Presence != nil {
		s.Presence.Close()
	}
	if s.Doorbell != nil {
		s.Doorbell.Close()
	}
	if s.redis != nil {
		s.redis.Close()
	}
	if s.Kept != nil {
		s.Kept.Close()
	}
	if s.Database != nil {
		s.Database.Close()
	}
}
