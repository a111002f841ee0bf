package devkit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Redis is a Redis server for tests and development: on 127.0.0.1, behind a password, and forgetting everything when it stops.
type Redis struct {
	dir, path, password string
	port                int
	more                string // further lines of its configuration
	log                 io.Writer
	child               *Child
}

// StartRedis starts the machine's redis-server with its working files in dir, on a free port.
func StartRedis(ctx context.Context, dir string, log io.Writer) (*Redis, error) {
	return startRedis(ctx, dir, token(), "", log)
}

func startRedis(ctx context.Context, dir, password, more string, log io.Writer) (*Redis, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, &Trouble{
			Wrong: "no redis-server was found in PATH",
			Do:    "install it with 'apt-get install redis-server'",
			Err:   err,
		}
	}
	if err := claimDir(dir); err != nil {
		return nil, err
	}
	r := &Redis{dir: dir, path: path, password: password, more: more, log: log}
	for try := 1; ; try++ {
		err := r.start(ctx, 0)
		var exit *ExitError
		switch {
		case err == nil:
			return r, nil
		case try == portRaces || !errors.As(err, &exit) || !strings.Contains(strings.Join(exit.Tail, "\n"), "in use"):
			return nil, err
		}
	}
}

func (r *Redis) start(ctx context.Context, port int) error {
	held, err := takePort(port)
	if err != nil {
		return err
	}
	r.port = held.Port()
	held.Release()
	child, err := Start(ctx, Program{
		Name: "redis", Path: r.path, Args: []string{"-"}, Dir: r.dir, Log: r.log,
		// Through standard input, so that the password is in no list of processes.
		In: fmt.Appendf(nil, "bind 127.0.0.1\nport %d\nrequirepass %s\nsave \"\"\nappendonly no\ndaemonize no\n%s", r.port, r.password, r.more),
		Ready: func(ctx context.Context) error {
			return r.ping(ctx)
		},
		Timeout: 15 * time.Second,
	})
	if err == nil {
		r.child = child
	}
	return err
}

// ping asks whether it answers.
func (r *Redis) ping(ctx context.Context) error {
	got, err := r.Do(ctx, "PING")
	if err == nil && got != "+PONG" {
		err = fmt.Errorf("redis answered %q", got)
	}
	return err
}

// Do gives it one command in Redis's inline form, so that nothing but a socket is needed, and returns the first line
// of the answer; the content of a bulk one.
func (r *Redis) Do(ctx context.Context, command string) (string, error) {
	conn, answers, err := r.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s\r\n", command)
	line, err := answers.ReadString('\n')
	line = strings.TrimSuffix(line, "\r\n")
	if size, bulk := strings.CutPrefix(line, "$"); err == nil && bulk {
		n, _ := strconv.Atoi(size)
		content := make([]byte, max(0, n))
		_, err = io.ReadFull(answers, content)
		return string(content), err
	}
	if err == nil && strings.HasPrefix(line, "-") {
		err = fmt.Errorf("redis answered %q", line)
	}
	return line, err
}

// dial connects, and gives the password.
func (r *Redis) dial(ctx context.Context) (net.Conn, *bufio.Reader, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", r.addr())
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	fmt.Fprintf(conn, "AUTH %s\r\n", r.password)
	answers := bufio.NewReader(conn)
	if got, err := answers.ReadString('\n'); err != nil || got != "+OK\r\n" {
		conn.Close()
		return nil, nil, fmt.Errorf("redis answered %q (%v)", got, err)
	}
	return conn, answers, nil
}

func (r *Redis) addr() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }

// URL is the connection string. It holds the password: do not log it.
func (r *Redis) URL() string {
	return (&url.URL{Scheme: "redis", User: url.UserPassword("", r.password), Host: r.addr(), Path: "/0"}).String()
}

// Stop ends the server; what it held is lost.
func (r *Redis) Stop(ctx context.Context) error { return r.child.Stop(ctx) }

// Kill ends it without a word to anybody, as a crash would.
func (r *Redis) Kill() error { return r.child.Kill() }

// Restart starts a stopped or killed server again, empty, at the same address with the same password.
func (r *Redis) Restart(ctx context.Context) error {
	if err := r.child.Stop(ctx); err != nil {
		return err
	}
	return r.start(ctx, r.port)
}
