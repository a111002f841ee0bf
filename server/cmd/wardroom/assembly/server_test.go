package assembly_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/config"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/vault"
)

// deployment is a configuration over a fresh database, with a key file.
func deployment(t *testing.T) config.Config {
	t.Helper()
	key := filepath.Join(t.TempDir(), "vault.json")
	if err := vault.Create(key); err != nil {
		t.Fatal(err)
	}
	keys := filepath.Join(t.TempDir(), "notary.json")
	if err := notary.CreateKeys(keys); err != nil {
		t.Fatal(err)
	}
	db := migrated(t)
	return config.Config{
		Development: true, Pace: 1, DatabaseURL: cluster.WriterURL(db), ReaderURL: cluster.ReaderURL(db), VaultFile: key, NotaryKeys: keys,
		PublicURLs: []string{"http://localhost:8080"}, Listen: []string{"127.0.0.1:0"}, OperatorListen: "localhost:0",
		Issuers: map[string]config.Issuer{"health": {URL: "http://127.0.0.1:1", Name: "Health", ClientID: "wardroom", ClientSecret: "x",
			ACR: "urn:wardroom:acr:mfa", StepUpACR: "urn:wardroom:acr:stepup"}},
	}
}

func open(t *testing.T, cfg config.Config) *assembly.Server {
	t.Helper()
	s, err := assembly.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestAServerServesUntilToldToStopAndLeavesNothingRunning(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cfg := deployment(t)
	s, err := assembly.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EnsureSystem(t.Context()); err != nil {
		t.Fatal(err)
	}
	l, err := assembly.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	operator := "http://" + l.Operator.Addr().String()
	for path, want := range map[string]string{"/healthz": "alive", "/readyz": "ready", "/metrics": "wardroom_hub_connections 0"} {
		res, err := client.Get(operator + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s answers %s without %q", path, res.Status, want)
		}
	}
	front := "http://" + l.Front[0].Addr().String()
	res, err := client.Get(front + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if strings.Contains(string(body), "wardroom_hub") {
		t.Error("metrics are shown at the front door")
	}

	stop()
	if err := <-served; err != nil {
		t.Errorf("it did not end well: %v", err)
	}
	if _, err := client.Get(front + "/healthz"); err == nil {
		t.Error("it still listens")
	}
	s.Close()
}

func TestEitherWayToTheDatabaseThatGoesAwayMakesTheNodeUnready(t *testing.T) {
	for name, way := range map[string]func(*assembly.Database) *pgxpool.Pool{
		"writer": func(db *assembly.Database) *pgxpool.Pool { return db.Writer },
		"reader": func(db *assembly.Database) *pgxpool.Pool { return db.Reader },
	} {
		t.Run(name, func(t *testing.T) { unreadyWithout(t, way) })
	}
}

func unreadyWithout(t *testing.T, way func(*assembly.Database) *pgxpool.Pool) {
	cfg := deployment(t)
	s := open(t, cfg)
	l, err := assembly.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	ready := func() int {
		res, err := http.Get("http://" + l.Operator.Addr().String() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	if got := ready(); got != http.StatusOK {
		t.Fatalf("ready: %d", got)
	}
	way(s.Database).Close()
	if got := ready(); got != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d", got)
	}
	stop()
	<-served
}

func TestBeginningTheRecordIsGoneOnWithAfterACrash(t *testing.T) {
	s := open(t, deployment(t))
	half := incident.LogID(incident.RandomID())
	if err := s.Journal.Create(t.Context(), incident.SystemLog, half, ""); err != nil {
		t.Fatal(err)
	}
	if got := s.CheckSystem(t.Context()); len(got) != 1 || !strings.Contains(string(got[0]), "has not been set up") {
		t.Errorf("half a record is called one: %q", got)
	}
	for range 2 { // the second time it is there
		id, err := s.EnsureSystem(t.Context())
		if err != nil || id != half {
			t.Errorf("the record is %q, %v; it was begun as %q", id, err, half)
		}
	}
	expect(t, s.CheckSystem(t.Context()), "lists no key of a notary")
	for range 2 {
		if err := s.ListKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, s.CheckSystem(t.Context()), "")
}

func TestTheRecordsSignInServicesAreJudgedInProduction(t *testing.T) {
	s := open(t, deployment(t))
	if _, err := s.EnsureSystem(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.ListKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	set := func(i incident.IssuerSet) {
		if err := s.Do(t.Context(), command.SetIssuer{Issuer: i}); err != nil {
			t.Fatal(err)
		}
	}
	set(incident.IssuerSet{Key: "health", Name: "Health", URL: "http://127.0.0.1:1", Acr: "aal2", StepUp: "aal3"})
	expect(t, s.CheckSystem(t.Context()), "")
	s.Config.Development = false
	expect(t, s.CheckSystem(t.Context()), "signs invented people in")
	set(incident.IssuerSet{Key: "health", Name: "Health", URL: "https://login.example", Acr: "urn:wardroom:acr:mfa", StepUp: "aal3"})
	expect(t, s.CheckSystem(t.Context()), "only the development sign-in services give")
	set(incident.IssuerSet{Key: "health", Name: "Health", URL: "https://login.example", Acr: "aal2", StepUp: "aal3"})
	expect(t, s.CheckSystem(t.Context()), "")
	set(incident.IssuerSet{Key: "police", Name: "Police", URL: "https://police.example", Acr: "aal2", StepUp: "aal3"})
	expect(t, s.CheckSystem(t.Context()), "no client for it")
	if err := s.Do(t.Context(), command.StopIssuer{Key: "police"}); err != nil {
		t.Fatal(err)
	}
	expect(t, s.CheckSystem(t.Context()), "")
}

func TestAnotherKeyFileDoesNotOpenTheRecord(t *testing.T) {
	cfg := deployment(t)
	if _, err := open(t, cfg).EnsureSystem(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg.VaultFile = filepath.Join(t.TempDir(), "other.json")
	if err := vault.Create(cfg.VaultFile); err != nil {
		t.Fatal(err)
	}
	expect(t, open(t, cfg).CheckSystem(t.Context()), "put that one back")
}

func TestTheRecordsNextSectionIsBegunOnceAlsoAfterACrash(t *testing.T) {
	cfg := deployment(t)
	s := open(t, cfg)
	was, err := s.EnsureSystem(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if origin, err := s.ContinueSystem(t.Context()); err != nil || origin != "" {
		t.Fatalf("a record that nothing is wrong with goes on in %q, %v", origin, err)
	}
	config, err := pgx.ParseConfig(cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	super := cluster.SuperuserURL(config.Database)
	as(t, super, `UPDATE log SET guard = 'behind', guard_at = clock_timestamp(), guard_size = size + 1, guard_root = decode(repeat('00', 32), 'hex') WHERE kind = 'system'`)
	as(t, super, `CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'here it went down'; END $$`)
	as(t, super, `CREATE TRIGGER fails BEFORE INSERT ON leaf FOR EACH ROW EXECUTE FUNCTION fails()`)
	if origin, err := s.ContinueSystem(t.Context()); err == nil {
		t.Fatalf("it went on in %q with nothing written", origin)
	}
	as(t, super, `DROP TRIGGER fails ON leaf`)
	origin, err := s.ContinueSystem(t.Context())
	if err != nil || origin == "" {
		t.Fatalf("after it was cut short: %q, %v", origin, err)
	}
	if now := s.Journal.SystemLog(); now == was || !strings.HasSuffix(origin, string(now)) {
		t.Errorf("the record is %q after %q; its origin was said to be %s", now, was, origin)
	}
	if again, err := s.ContinueSystem(t.Context()); err != nil || again != "" {
		t.Errorf("continued once more: %q, %v", again, err)
	}
}
