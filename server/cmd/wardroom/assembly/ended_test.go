package assembly_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/devkit"
	"wardroom/server/servertest/remains"
)

// A server that was started and stopped leaves nothing open in its process,
// with its lines to Redis and a request on its way when it is told to stop.
func TestServersStartedAndStoppedLeaveNothingOpen(t *testing.T) {
	redis, err := devkit.StartRedis(t.Context(), filepath.Join(t.TempDir(), "redis"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { redis.Stop(context.Background()) })
	cfg := deployment(t)
	cfg.RedisURL = redis.URL()
	life := func() {
		s, err := assembly.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
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
		res, err := http.Get("http://" + l.Operator.Addr().String() + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		stop()
		res.Body.Close()
		if err := <-served; err != nil {
			t.Errorf("it did not end well: %v", err)
		}
	}
	life() // what a process keeps for good is made on first use
	before := remains.Now()
	for range 5 {
		life()
	}
	remains.NoMoreThan(t, before)
}
