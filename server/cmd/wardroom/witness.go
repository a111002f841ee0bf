package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"wardroom/server/evidence"
	service "wardroom/server/witness"
)

// witness runs the second party's service. It needs nothing of the deployment
// it watches but its public keys and the origin line of its system log.
type witness struct {
	Listen string `env:"WARDROOM_WITNESS_LISTEN" default:"127.0.0.1:8090" help:"host:port; put a proxy that speaks TLS in front."`
	Data   string `env:"WARDROOM_WITNESS_DATA" required:"" help:"The folder for its keys and its store."`
	Name   string `env:"WARDROOM_WITNESS_NAME" required:"" help:"The host name of the party that runs it, such as witness.ncsc.example."`
	Policy string `env:"WARDROOM_WITNESS_POLICY" required:"" help:"The policy file with the operator's keys; SIGHUP reads it again."`
	System string `env:"WARDROOM_WITNESS_SYSTEM" required:"" help:"The origin line of the deployment's system log."`
}

func (c witness) Run(w *world) error {
	log := w.log()
	s, err := service.Open(service.Options{Dir: c.Data, Name: c.Name, Policy: c.Policy, System: c.System, Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "witness on http://%s/\n", l.Addr())
	for _, k := range s.Keys() {
		fmt.Fprintf(w.stdout, "key %s\nfingerprint %s\n", k, evidence.Fingerprint(k))
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	go func() {
		for {
			select {
			case <-w.ctx.Done():
				return
			case <-again:
			}
			if err := s.Reload(); err != nil {
				log.Error("the operator's keys could not be read; those it had stay in force", "error", err)
			} else {
				log.Info("the operator's keys were read again")
			}
		}
	}()
	return s.Serve(w.ctx, l)
}
