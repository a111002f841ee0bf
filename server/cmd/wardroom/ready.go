package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"wardroom/server/config"
)

// ready asks a running server whether people may be sent to it. It is for
// health checks where there is no shell and no curl.
type ready struct {
	Address string        `arg:"" optional:"" help:"host:port of the server's operator address; WARDROOM_OPERATOR_LISTEN if none is given."`
	Alive   bool          `help:"Ask only whether the process answers (/healthz), not whether it can serve (/readyz)."`
	Within  time.Duration `default:"4s" help:"How long to wait for an answer."`
	Wait    time.Duration `default:"0s" help:"Ask again until the server is ready, for as long as this."`
}

// Run prints what the server answered and is an error unless it is ready. It
// needs no other setting, and tells nothing but the server's own words.
func (c ready) Run(w *world) error {
	address, err := within(c.Address, w.environ)
	if err != nil {
		return err
	}
	again := time.NewTicker(between)
	defer again.Stop()
	for until := time.Now().Add(c.Wait); ; {
		said, err := c.ask(w.ctx, address)
		if err == nil {
			fmt.Fprint(w.stdout, said)
		}
		if err == nil || !time.Now().Before(until) {
			return err
		}
		select {
		case <-w.ctx.Done():
			return w.ctx.Err()
		case <-again.C:
		}
	}
}

// between is how long a server that is not ready yet is left alone.
const between = 200 * time.Millisecond

func (c ready) ask(ctx context.Context, address string) (said string, err error) {
	path := "/readyz"
	if c.Alive {
		path = "/healthz"
	}
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return "", fmt.Errorf("%q is not host:port, such as %s", address, config.DefaultOperatorListen)
	}
	// No proxy of the environment stands between a server and its own health.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("no server answers at %s: start it, or correct WARDROOM_OPERATOR_LISTEN (%w)", address, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the server at %s answers %d: %s", address, res.StatusCode, strings.TrimSpace(string(b)))
	}
	return string(b), err
}

// within is the address to ask: the given one, or the one that the server on
// this machine listens on. A server that listens everywhere is asked here.
func within(given string, environ []string) (string, error) {
	if given == "" {
		given = config.Read(environ).OperatorListen
	}
	host, port, err := net.SplitHostPort(given)
	if err != nil {
		return "", fmt.Errorf("%q is not host:port, such as %s", given, config.DefaultOperatorListen)
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}
