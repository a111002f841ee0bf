package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
	"wardroom/server/devkit"
	"wardroom/server/doorbell"
	"wardroom/server/incident"
	"wardroom/server/presence"
	"wardroom/server/servertest"
)

// The roles that roles.sql makes are those the server wants: nothing is wrong
// with the database it makes, in production, once it is migrated. A second run
// sets the passwords anew and changes nothing else.
func TestTheRolesAreThoseTheServerWants(t *testing.T) {
	db := servertest.DurableDatabase(t, nil)
	super := db.Cluster.SuperuserURL("postgres")
	conn, err := pgx.Connect(t.Context(), super)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var bin string
	if err := conn.QueryRow(t.Context(), `SELECT setting FROM pg_config WHERE name = 'BINDIR'`).Scan(&bin); err != nil {
		t.Fatal(err)
	}
	psql := filepath.Join(bin, "psql")
	if _, err := os.Stat(psql); err != nil {
		t.Skipf("SKIPPED: there is no %s, so roles.sql is not run: apt-get install postgresql-client", psql)
	}
	at := func(role, password, database string) string {
		u, err := url.Parse(super)
		if err != nil {
			t.Fatal(err)
		}
		u.User, u.Path = url.UserPassword(role, password), "/"+database
		return u.String()
	}
	for round := range 2 {
		password := func(of string) string { return fmt.Sprintf("%s-kZ8rW2qLx0v7PnTf-%d", of, round) }
		cmd := exec.CommandContext(t.Context(), psql, "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", "-v", "database=earnest", "-v", "owner_password="+password("owner"),
			"-v", "writer_password="+password("writer"), "-v", "reader_password="+password("reader"), "-f", filepath.Join(repo(t), "deploy", "postgres", "roles.sql"), super)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("roles.sql: %v\n%s", err, out)
		}
		if _, err := assembly.Migrate(t.Context(), at("wardroom_owner", password("owner"), "earnest")); err != nil {
			t.Fatal(err)
		}
		pools, err := assembly.Connect(t.Context(), config.Config{DatabaseURL: at("wardroom_writer", password("writer"), "earnest"), ReaderURL: at("wardroom_reader", password("reader"), "earnest")})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range assembly.CheckDatabase(t.Context(), pools, false) {
			t.Error(p)
		}
		pools.Close()
	}
	// Neither makes anything of its own, nor is anybody else let in.
	writer, err := pgx.Connect(t.Context(), at("wardroom_writer", "writer-kZ8rW2qLx0v7PnTf-1", "earnest"))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close(context.Background())
	if _, err := writer.Exec(t.Context(), `CREATE TABLE mine (x int)`); err == nil {
		t.Error("the server's role makes tables")
	}
}

// Redis with compose's settings and rights lets nodes ring and say who is here,
// and lets them do nothing else.
func TestRedisLetsNodesRingAndNothingElse(t *testing.T) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Fatal("redis-server is not installed: apt-get install redis-server")
	}
	dir, password := t.TempDir(), "kZ8rW2qLx0v7PnTfJd4mT7yQ"
	acl := filepath.Join(dir, "users.acl")
	if err := os.WriteFile(acl, []byte(strings.ReplaceAll(read(t, "compose/redis/users.acl"), "PASSWORD", password)), 0o600); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "redis.conf")
	if err := os.WriteFile(conf, []byte(strings.NewReplacer("/run/secrets/redis-acl", acl, "dir /data", "dir "+dir).Replace(read(t, "compose/redis/redis.conf"))), 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := devkit.HoldPort()
	if err != nil {
		t.Fatal(err)
	}
	port := held.Port()
	held.Release()
	at := fmt.Sprintf("127.0.0.1:%d", port)
	child, err := devkit.Start(t.Context(), devkit.Program{Name: "redis", Path: path, Dir: dir, Timeout: 20 * time.Second,
		Args: []string{conf, "--bind", "127.0.0.1", "--port", fmt.Sprint(port)},
		Ready: func(ctx context.Context) error {
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", at)
			if err == nil {
				conn.Close()
			}
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { child.Kill() })

	ctx := t.Context()
	stranger := redis.NewClient(&redis.Options{Addr: at})
	defer stranger.Close()
	if err := stranger.Ping(ctx).Err(); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("a stranger is answered: %v", err)
	}
	node := func() *redis.Client {
		c := redis.NewClient(&redis.Options{Addr: at, Username: "wardroom", Password: password})
		t.Cleanup(func() { c.Close() })
		return c
	}
	one, two := node(), node()
	for what, err := range map[string]error{
		"FLUSHALL":                one.FlushAll(ctx).Err(),
		"KEYS":                    one.Keys(ctx, "*").Err(),
		"CONFIG":                  one.ConfigGet(ctx, "*").Err(),
		"MONITOR, by ACL":         one.Do(ctx, "ACL", "LIST").Err(),
		"another's key":           one.ZAdd(ctx, "elsewhere", redis.Z{}).Err(),
		"another's channel":       one.Publish(ctx, "elsewhere", "x").Err(),
		"a script":                one.Eval(ctx, "return 1", nil).Err(),
		"to read the whole store": one.Do(ctx, "SCAN", "0").Err(),
	} {
		if err == nil || !strings.Contains(err.Error(), "NOPERM") {
			t.Errorf("%s: %v, want NOPERM", what, err)
		}
	}

	room := incident.LogID(incident.RandomID())
	log := slog.New(slog.DiscardHandler)
	bells := [2]*doorbell.Bell{doorbell.New(doorbell.Options{Redis: one, Log: log}), doorbell.New(doorbell.Options{Redis: two, Log: log})}
	boards := [2]*presence.Board{presence.New(presence.Options{Redis: one, Log: log}), presence.New(presence.Options{Redis: two, Log: log})}
	for i := range 2 {
		defer bells[i].Close()
		defer boards[i].Close()
	}
	heard := make(chan uint64, 100)
	defer bells[1].Listen(room, func(size uint64) {
		select {
		case heard <- size:
		default:
		}
	})()
	defer boards[1].Watch(room, func() {})()
	boards[0].Here(room, 3, 1)
	again := time.NewTicker(50 * time.Millisecond) // a ring before the other listens is lost, as it may be
	defer again.Stop()
	rang, here := false, false
	for deadline := time.After(time.Minute); !rang || !here; {
		select {
		case n := <-heard:
			rang = rang || n > 0
		case <-again.C:
			bells[0].Ring(room, uint64(time.Now().UnixNano()))
			who, _ := boards[1].State(room)
			here = here || len(who) == 1 && who[0] == 3
		case <-deadline:
			t.Fatal(errors.Join(fmt.Errorf("heard a ring: %v, saw who is here: %v", rang, here), one.Ping(ctx).Err()))
		}
	}
}
