package web_test

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/identity"
)

// statements writes down what a pool asks of the database on behalf of
// requests: their context is not the background's.
type statements struct {
	mu   sync.Mutex
	list []string
}

func (s *statements) note(ctx context.Context, sql string, args []any) {
	if ctx.Done() == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, fmt.Sprint(sql, " ", args))
}

// take returns what was written down, and begins anew.
func (s *statements) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := strings.Join(s.list, "\n")
	s.list = nil
	return list
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.note(ctx, d.SQL, d.Args)
	return ctx
}
func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}
func (s *statements) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	s.note(ctx, d.SQL, d.Args)
}
func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// onPool puts the server's reading on pools of its own that write down what they
// ask. Watching for ended sessions stays on the other.
func (s *stack) onPool(work pgx.QueryTracer) {
	s.t.Helper()
	noted := func(url string) *pgxpool.Pool {
		cfg, err := pgxpool.ParseConfig(url)
		if err != nil {
			s.t.Fatal(err)
		}
		cfg.ConnConfig.Tracer = work
		pool, err := pgxpool.NewWithConfig(s.t.Context(), cfg)
		if err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(pool.Close)
		return pool
	}
	writer, reader := noted(s.DB.Cluster.WriterURL(s.DB.Name)), noted(s.DB.Cluster.ReaderURL(s.DB.Name))
	s.server.Journal = s.NodeOn(writer, reader)
	var err error
	s.server.Identity, err = identity.New(identity.Options{Pool: writer, Vault: s.Vault, Record: s.server.Journal,
		Clients: map[string]identity.Client{"health": {ID: "wardroom", Secret: "development only"}}, PublicURLs: []string{door.origin}, Log: s.server.Log,
		OnEnded: func(ids []string) { s.hub.CutSessions(ids...) }})
	if err != nil {
		s.t.Fatal(err)
	}
}

// allowConnections opens or shuts a database. Shutting it ends its
// connections.
func allowConnections(ctx context.Context, url, name string, allow bool) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if allow {
		_, err = conn.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" ALLOW_CONNECTIONS true")
		return err
	}
	if _, err = conn.Exec(ctx, "ALTER DATABASE "+pgx.Identifier{name}.Sanitize()+" ALLOW_CONNECTIONS false"); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
	return err
}
