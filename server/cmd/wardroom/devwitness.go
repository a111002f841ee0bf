package main

import (
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/config"
	"wardroom/server/incident"
	"wardroom/server/notary"
	service "wardroom/server/witness"
)

// devWitness is the other party of a development machine: in earnest it is
// another organisation's machine, and would not take the operator's keys from
// the operator's database.
type devWitness struct {
	dir string
	l   net.Listener
}

const devWitnessName = "witness.localhost"

// listenWitness takes the witness's port, so that one that is taken is said
// before anything runs.
func (c dev) listenWitness(m *machine) (*devWitness, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port+4)))
	if err != nil {
		return nil, err
	}
	// For a run that ends before it is served: afterwards it is closed already.
	m.stops = append(m.stops, func(context.Context) error { _ = l.Close(); return nil })
	return &devWitness{dir: filepath.Join(m.data, "witness"), l: l}, nil
}

// named makes the witness's keys and has the server ask it.
func (d *devWitness) named(cfg *config.Config) (err error) {
	cfg.WitnessURL = "http://" + d.l.Addr().String()
	cfg.WitnessKeys, err = service.MakeKeys(d.dir, devWitnessName)
	return err
}

// start serves the witness, which is told the operator's keys and the name of
// the system log.
func (d *devWitness) start(ctx context.Context, m *machine, s *assembly.Server) error {
	text, err := policyOf(ctx, s)
	if err != nil {
		return err
	}
	policy := filepath.Join(d.dir, "operator.policy")
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		return err
	}
	w, err := service.Open(service.Options{Dir: d.dir, Name: devWitnessName, Policy: policy, System: systemOrigin(s),
		Log: slog.New(slog.NewTextHandler(m.log, nil)).With("by", "witness")})
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	var ended error
	go func() {
		defer close(done)
		ended = w.Serve(serving, d.l)
	}()
	m.runs("the witness", func(context.Context) error {
		stop()
		<-done
		return w.Close()
	}, done, func() error { return ended })
	return nil
}

// policyOf is the policy file of the deployment's own keys.
func policyOf(ctx context.Context, s *assembly.Server) (string, error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return "", err
	}
	return notary.PolicyText(sys.Keys, nil), nil
}

// systemOrigin is the origin line of the deployment's system log.
func systemOrigin(s *assembly.Server) string {
	return incident.OriginLine(s.Config.Deployment(), incident.SystemLog, s.Journal.SystemLog())
}
