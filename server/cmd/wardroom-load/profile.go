package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// profiled is how long a profile is taken for.
const profiled = 4 * time.Second

// padding is what perf fills its lines up with.
var padding = regexp.MustCompile(`(?m)[ .-]{3,}$`)

// profile has perf watch the product's server and Postgres while run is under
// way, and writes what cost most into the folder that was asked for; without
// one it does nothing.
func (g *ground) profile(ctx context.Context, name string, run func(long time.Duration) error) (err error) {
	if g.bench.Profile == "" {
		return nil
	}
	if err := os.MkdirAll(g.bench.Profile, 0o755); err != nil {
		return err
	}
	g.note("profile: %s", name)
	pids := []string{fmt.Sprint(g.ours.pid)}
	family, err := childrenOf(g.cluster.PID())
	if err != nil {
		return err
	}
	for _, pid := range family {
		pids = append(pids, fmt.Sprint(pid))
	}
	data := filepath.Join(g.bench.Profile, name+".perf")
	perf := exec.CommandContext(ctx, "perf", "record", "--quiet", "-F", "499", "-g", "-o", data, "-p", strings.Join(pids, ","))
	perf.Stderr = g.say
	if err := perf.Start(); err != nil {
		return fmt.Errorf("a profile needs perf (Debian's linux-perf): %w", err)
	}
	err = run(profiled)
	err = errors.Join(err, perf.Process.Signal(syscall.SIGINT))
	_ = perf.Wait() // it ends by the signal, which is no failure; a report cannot be made of one
	for _, report := range []struct{ ending, sort, children string }{
		{"flat", "comm,dso,symbol", "--no-children"},
		{"cumulative", "comm,symbol", "--children"},
	} {
		text, e := exec.CommandContext(ctx, "perf", "report", "--stdio", report.children, "-g", "none", "--percent-limit", "0.3", "--sort", report.sort, "-i", data).Output()
		if e != nil {
			return errors.Join(err, fmt.Errorf("perf report: %w", e))
		}
		text = padding.ReplaceAll(text, nil)
		err = errors.Join(err, os.WriteFile(filepath.Join(g.bench.Profile, name+"-"+report.ending+".txt"), text, 0o644))
	}
	return err
}
