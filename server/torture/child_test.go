package torture

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
)

// childVariable makes of this test binary a server: the whole node as
// `wardroom serve` puts it together, configured by the environment.
const childVariable = "TORTURE_CHILD"

func asChild() bool {
	if os.Getenv(childVariable) == "" {
		return false
	}
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if path := os.Getenv(weightVariable); path != "" {
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGUSR1)
		go weigh(path, asked)
	}
	cfg := config.Read(os.Environ())
	cfg.Development = true // plain HTTP on this machine
	s, err := assembly.Open(ctx, cfg, slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := assembly.Listen(cfg)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	return s.Serve(ctx, l)
}
