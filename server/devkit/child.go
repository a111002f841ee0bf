package devkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	tailLines  = 20                    // how much of its last output a child's exit error carries
	readyEvery = 25 * time.Millisecond // how often a starting child is asked whether it is ready
	stopGrace  = 10 * time.Second      // from the stop signal to the kill signal, unless the context ends it sooner
	killGrace  = 5 * time.Second       // from a kill signal that can be handled to SIGKILL
	pipeGrace  = 2 * time.Second       // how long a grandchild may hold the output open after the child has gone
)

// Program is what to run, and how to tell that it runs.
type Program struct {
	Name string // in the log's prefix and in errors: "postgres"
	Path string
	Args []string
	Env  []string // added to our own environment
	Dir  string
	In   []byte // standard input; none if nil

	// Log receives the output, one Write per line, each begun with "Name | ". Discarded if nil. A Log that several children
	// share must be safe for concurrent use.
	Log io.Writer

	// Ready is asked again and again until it returns nil. Started at once if nil.
	Ready   func(ctx context.Context) error
	Timeout time.Duration // for Ready; 30 s if zero

	// StopSignal asks it to end (SIGTERM if zero), KillSignal makes it end (SIGKILL if zero).
	StopSignal, KillSignal syscall.Signal
	// OrphanSignal is what the kernel sends it should this process die without stopping it (Linux; SIGKILL if zero). It reaches
	// the child alone, not what the child started: such a child must look after its own.
	OrphanSignal syscall.Signal

	// As is the user to run as, when this process is root; nil for ourselves.
	As *syscall.Credential
}

// Child is a running process, in a process group of its own: Ctrl-C at the terminal reaches the parent only, which then stops its
// children in the order it wants.
type Child struct {
	program Program
	cmd     *exec.Cmd
	tail    *tailLog
	done    chan struct{} // closed when the process has been waited for, after err is set
	err     error         // owned by the waiting goroutine until done is closed, like state
	state   *os.ProcessState

	mu       sync.Mutex
	stopping bool // guarded by mu: from now on an exit is no error
}

// ExitError is the exit of a child that nobody asked to stop, or that never became ready.
type ExitError struct {
	Name string
	How  string   // "exit status 1", "signal: killed", "it was not ready after 30s, of which it ran 400ms"
	Late bool     // it had not ended: it was not ready in time
	Tail []string // the last lines it printed, at most 20
}

// Error says how it ended and what it said last.
func (e *ExitError) Error() string {
	if len(e.Tail) == 0 {
		return fmt.Sprintf("%s stopped: %s. It printed nothing.", e.Name, e.How)
	}
	return fmt.Sprintf("%s stopped: %s. It last said:\n  %s", e.Name, e.How, strings.Join(e.Tail, "\n  "))
}

// Start runs a program and returns when it is ready. If it exits first, or is not ready in time, it is gone when Start returns and
// the error is an *[ExitError]. The context bounds the start only; the child lives until Stop or Kill.
func Start(ctx context.Context, p Program) (*Child, error) {
	c := &Child{program: p, done: make(chan struct{}), tail: &tailLog{name: p.Name, out: p.Log}}
	c.cmd = exec.Command(p.Path, p.Args...)
	c.cmd.Env = append(os.Environ(), p.Env...)
	c.cmd.Dir = p.Dir
	c.cmd.Stdout, c.cmd.Stderr = c.tail, c.tail
	c.cmd.WaitDelay = pipeGrace
	if p.In != nil {
		c.cmd.Stdin = bytes.NewReader(p.In)
	}
	c.cmd.SysProcAttr = childAttr(p.As, orDefault(p.OrphanSignal, syscall.SIGKILL))

	started := make(chan error)
	go c.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%s cannot be started: %w", p.Name, err)
	}
	if err := c.awaitReady(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// run starts the process and waits for it on one thread: the kernel's "parent died" means the thread that started the child, so
// that thread must live as long as the child does.
func (c *Child) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	err = c.cmd.Wait()
	c.state = c.cmd.ProcessState
	c.tail.flush()
	c.mu.Lock()
	asked := c.stopping
	c.mu.Unlock()
	if !asked {
		how := "exit status 0"
		if err != nil {
			how = err.Error()
		}
		c.err = &ExitError{Name: c.program.Name, How: how, Tail: c.tail.last()}
	}
	close(c.done)
}

func (c *Child) awaitReady(ctx context.Context) error {
	if c.program.Ready == nil {
		return nil
	}
	timeout := orDefault(c.program.Timeout, 30*time.Second)
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ask := time.NewTicker(readyEvery)
	defer ask.Stop()
	for {
		notYet := c.program.Ready(limited)
		if notYet == nil {
			return nil
		}
		select {
		case <-c.done:
			return c.err
		case <-limited.Done():
			_ = c.Kill()
			if ctx.Err() != nil {
				return ctx.Err()
			}
			used := (c.state.UserTime() + c.state.SystemTime()).Round(time.Millisecond)
			return &ExitError{Name: c.program.Name, How: fmt.Sprintf("it was not ready after %v, of which it ran %v (%v)", timeout, used, notYet), Late: true, Tail: c.tail.last()}
		case <-ask.C:
		}
	}
}

// finish runs a program to its end; anything but success is an *[ExitError].
func finish(ctx context.Context, p Program) error {
	c, err := Start(ctx, p)
	if err != nil {
		return err
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), c.Kill())
	}
	if c.state.Success() {
		return nil
	}
	return c.err
}

// PID is the process's id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed when the process has ended and has been waited for: no zombie is left.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err is, once Done is closed, the *[ExitError] of an exit that nobody asked for; nil after Stop and Kill.
func (c *Child) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

// Stop asks the process group to end, and makes it end after 10 seconds or when ctx ends, whichever is first. It returns when the
// process is gone; the error is ctx's if the asking was cut short. Stopping what has already ended is no error.
func (c *Child) Stop(ctx context.Context) error {
	c.signal(orDefault(c.program.StopSignal, syscall.SIGTERM))
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-c.done:
		return nil
	case <-ctx.Done():
	case <-grace.C:
	}
	return errors.Join(ctx.Err(), c.Kill())
}

// Kill makes the process group end now, and returns when the process is gone.
func (c *Child) Kill() error {
	c.signal(orDefault(c.program.KillSignal, syscall.SIGKILL))
	grace := time.NewTimer(killGrace)
	defer grace.Stop()
	select {
	case <-c.done:
		return nil
	case <-grace.C:
	}
	c.signal(syscall.SIGKILL)
	<-c.done
	return nil
}

// signal reaches the whole group. While the process has not been waited for, its id cannot belong to anyone else.
func (c *Child) signal(s syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
	select {
	case <-c.done:
	default:
		_ = syscall.Kill(-c.PID(), s)
	}
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// tailLog hands lines on and remembers the last ones.
type tailLog struct {
	name string
	out  io.Writer

	mu    sync.Mutex // guards what follows: the goroutine that copies output writes, anyone reads
	part  []byte
	lines []string
}

func (t *tailLog) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.part = append(t.part, p...)
	for {
		i := bytes.IndexByte(t.part, '\n')
		if i < 0 {
			return len(p), nil
		}
		t.line(string(t.part[:i]))
		t.part = t.part[i+1:]
	}
}

func (t *tailLog) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.part) > 0 {
		t.line(string(t.part))
		t.part = nil
	}
}

func (t *tailLog) line(text string) {
	if len(t.lines) == tailLines {
		t.lines = t.lines[1:]
	}
	t.lines = append(t.lines, text)
	if t.out != nil {
		// A log that cannot be written to must not stop the child that writes it.
		_, _ = io.WriteString(t.out, t.name+" | "+text+"\n")
	}
}

func (t *tailLog) last() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.lines...)
}
