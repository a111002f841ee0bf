package main

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wardroom/server/config"
	"wardroom/server/notify/double"
)

// devNotify is the GOV.UK Notify of a development machine. What would have
// gone out is on its telephone, and nowhere else.
type devNotify struct {
	l      net.Listener
	double *double.Double
	down   atomic.Bool
}

// listenNotify takes its port, so that one that is taken is said before
// anything runs.
func (c dev) listenNotify(m *machine) (*devNotify, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port+5)))
	if err != nil {
		return nil, err
	}
	m.stops = append(m.stops, func(context.Context) error { _ = l.Close(); return nil })
	return &devNotify{l: l}, nil
}

// named sets it up, with Wardroom's own templates and a key of this run, and
// tells the server of it.
func (n *devNotify) named(cfg *config.Config) {
	templates, ids := double.House()
	bearer := rand.Text()
	n.double = double.New(double.Options{
		Service: double.Service{ID: double.NewUUID(), Name: "Wardroom", EmailFrom: "wardroom", Prefix: true},
		Keys:    []double.Key{{Name: "development", Secret: double.NewUUID(), Kind: double.Live}}, Templates: templates,
		Receipts: double.Callback{URL: cfg.PublicURLs[0] + "/api/v1/notify/receipts", Bearer: bearer}})
	cfg.Notify = config.Notify{URL: "http://" + n.l.Addr().String(), Key: n.double.APIKey("development"), Receipts: bearer, Templates: map[string]string{}}
	for by, all := range ids {
		for p, id := range all {
			cfg.Notify.Templates[by.String()+" "+p.String()] = id
		}
	}
}

// ServeHTTP answers as GOV.UK Notify, and on the telephone. PUT /phone/outage
// takes the former away until DELETE brings it back, to see what that does.
func (n *devNotify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/phone/outage" && (r.Method == http.MethodPut || r.Method == http.MethodDelete):
		n.down.Store(r.Method == http.MethodPut)
		w.WriteHeader(http.StatusNoContent)
	case n.down.Load() && strings.HasPrefix(r.URL.Path, "/v2/"):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(`{"status_code":500,"errors":[{"error":"Exception","message":"Internal server error"}]}`))
	default:
		n.double.ServeHTTP(w, r)
	}
}

// start serves it.
func (n *devNotify) start(ctx context.Context, m *machine) {
	server := &http.Server{Handler: n, ReadHeaderTimeout: 10 * time.Second}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	delivered, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(delivered)
		n.double.Run(running)
	}()
	var ended error
	go func() {
		defer close(done)
		if err := server.Serve(n.l); !errors.Is(err, http.ErrServerClosed) {
			ended = err
		}
	}()
	m.runs("the telephone", func(context.Context) error {
		stop()
		err := server.Close()
		<-delivered
		<-done
		return err
	}, done, func() error { return ended })
}
