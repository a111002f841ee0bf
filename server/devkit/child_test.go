package devkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// syncBuffer is a log that may be read while children write it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// awaitLine is a log that says when a line has come.
type awaitLine struct {
	want string
	seen chan struct{}
	once sync.Once
	mu   sync.Mutex
	all  bytes.Buffer
}

func (a *awaitLine) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all.Write(p)
	if strings.Contains(a.all.String(), a.want) {
		a.once.Do(func() { close(a.seen) })
	}
	return len(p), nil
}

func (a *awaitLine) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all.String()
}

func shell(script string) Program {
	return Program{Name: "sh", Path: "/bin/sh", Args: []string{"-c", script}}
}

func TestAnExitNobodyAskedForCarriesTheLastTwentyLines(t *testing.T) {
	var log syncBuffer
	p := shell(`for i in $(seq 1 30); do echo line $i; done; printf 'no newline' >&2; exit 3`)
	p.Log = &log
	c, err := Start(deadline(t), p)
	if err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	var exit *ExitError
	if !errors.As(c.Err(), &exit) {
		t.Fatalf("got %v", c.Err())
	}
	if exit.How != "exit status 3" || len(exit.Tail) != tailLines || exit.Tail[0] != "line 12" || exit.Tail[19] != "no newline" {
		t.Errorf("%s, with %d lines: %q", exit.How, len(exit.Tail), exit.Tail)
	}
	if got := strings.Count(log.String(), "\n"); got != 31 || !strings.HasPrefix(log.String(), "sh | line 1\n") {
		t.Errorf("the log has %d lines:\n%s", got, log.String())
	}
}

func TestAnExitBeforeReadinessIsTheErrorOfStart(t *testing.T) {
	p := shell(`echo the disk is full; exit 1`)
	p.Ready = func(context.Context) error { return errors.New("not yet") }
	_, err := Start(deadline(t), p)
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Late || exit.How != "exit status 1" || exit.Tail[0] != "the disk is full" {
		t.Fatalf("got %v", err)
	}
}

func TestAChildThatIsNeverReadyIsGoneWhenStartReturns(t *testing.T) {
	up := &awaitLine{want: "pid ", seen: make(chan struct{})}
	p := shell(`echo pid $$; exec sleep 1000`)
	p.Log = up
	p.Ready = func(context.Context) error { return errors.New("still thinking") }
	p.Timeout = 300 * time.Millisecond
	_, err := Start(deadline(t), p)
	var exit *ExitError
	if !errors.As(err, &exit) || !exit.Late || !strings.Contains(exit.How, "still thinking") {
		t.Fatalf("got %v", err)
	}
	<-up.seen
	pid, err := strconv.Atoi(strings.Fields(up.String())[3])
	if err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Errorf("process %d runs on", pid)
	}
}

func TestStopIsNoError(t *testing.T) {
	c, err := Start(deadline(t), shell(`exec sleep 1000`))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := c.Stop(deadline(t)); err != nil || c.Err() != nil {
			t.Fatalf("%v, %v", err, c.Err())
		}
	}
	if alive(c.PID()) {
		t.Error("it runs on")
	}
}

func TestStopKillsWhoeverDoesNotListenAndTheirChildren(t *testing.T) {
	up := &awaitLine{want: "ready", seen: make(chan struct{})}
	p := shell(`trap '' TERM; sleep 1000 & echo child $!; echo ready; while :; do wait; done`)
	p.Log = up
	c, err := Start(deadline(t), p)
	if err != nil {
		t.Fatal(err)
	}
	<-up.seen
	var grandchild int
	if _, err := fmt.Sscanf(strings.TrimPrefix(up.String(), "sh | "), "child %d", &grandchild); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := c.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the asking to be cut short", err)
	}
	if alive(c.PID()) {
		t.Error("it runs on")
	}
	gone(t, grandchild)
}

func TestChildrenDieWithTheirParent(t *testing.T) {
	parent := again(t, "family", nil, place(t))
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pids []int
	if err := json.NewDecoder(out).Decode(&pids); err != nil {
		t.Fatal(errors.Join(err, parent.Process.Kill(), parent.Wait()))
	}
	for _, pid := range pids {
		if !alive(pid) {
			t.Errorf("process %d is not alive", pid)
		}
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // "signal: killed"
	for _, pid := range pids {
		gone(t, pid)
	}
}

func TestAZombieIsNotAlive(t *testing.T) {
	// A child that nobody has waited for.
	p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	gone(t, p.Pid)
	if _, err := p.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestRedisAnswersOnlyThePassword(t *testing.T) {
	r, err := StartRedis(deadline(t), place(t), logTo{t})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := r.ping(deadline(t)); err != nil {
		t.Error(err)
	}
	stranger := *r
	stranger.password = "guess"
	if err := stranger.ping(deadline(t)); err == nil || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("a stranger got %v", err)
	}
	before := r.URL()
	if err := r.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := r.Restart(deadline(t)); err != nil {
		t.Fatal(err)
	}
	if r.URL() != before || r.ping(deadline(t)) != nil {
		t.Error("it is not at its address after a restart")
	}
}
