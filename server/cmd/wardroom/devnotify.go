package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"wardroom/server/notify/double"
)

// devNotify is the GOV.UK Notify of a development machine. What would have
// gone out is on its telephone, and nowhere else.
type devNotify struct{ l net.Listener }

// listenNotify takes its port, so that one that is taken is said before
// anything runs.
func (c dev) listenNotify(m *machine) (*devNotify, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port+5)))
	if err != nil {
		return nil, err
	}
	m.stops = append(m.stops, func(context.Context) error { _ = l.Close(); return nil })
	return &devNotify{l}, nil
}

// start serves it, with Wardroom's own templates and a key of this run.
func (n *devNotify) start(ctx context.Context, m *machine) {
	templates, _ := double.House()
	d := double.New(double.Options{
		Service: double.Service{ID: double.NewUUID(), Name: "Wardroom", EmailFrom: "wardroom", Prefix: true},
		Keys:    []double.Key{{Name: "development", Secret: double.NewUUID(), Kind: double.Live}}, Templates: templates})
	server := &http.Server{Handler: d, ReadHeaderTimeout: 10 * time.Second}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	delivered, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(delivered)
		d.Run(running)
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
