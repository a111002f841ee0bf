package main

import (
	"errors"
	"fmt"
	"io"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

type rotate struct{ settings }

// Run makes a new generation of the notary's keys. The record lists it before
// anything is signed with it; servers that run go on with the last one until
// they are given the file and started again. A run that was cut short is gone
// on with.
func (c rotate) Run(w *world) error {
	cfg := c.beside(w)
	if problems := cfg.Check(); len(problems) > 0 {
		return assembly.Problems(problems)
	}
	begun, err := assembly.HoldsLogs(w.ctx, cfg)
	if err != nil {
		return err
	}
	if !begun {
		return errors.New("this deployment has no record yet, so it has no keys to follow: run wardroom setup")
	}
	if made, err := assembly.EnsureKeys(cfg); err != nil {
		return err
	} else if made {
		fmt.Fprintf(w.stdout, "There was no key file at %s: made one. What the lost keys signed stays good.\n", cfg.NotaryKeys)
	}
	s, err := assembly.Open(w.ctx, cfg, w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.RotateKeys(w.ctx); err != nil {
		return err
	}
	sys, err := s.Journal.System(w.ctx)
	if err != nil {
		return err
	}
	tellKeys(w.stdout, sys)
	fmt.Fprintf(w.stdout, "Give every server this file and start it again. Then send the witness, and whoever checks the record, the new keys: they are in the policy under Proof.\n")
	return nil
}

// tellKeys prints what people compare to know the notary's keys.
func tellKeys(out io.Writer, sys *incident.System) {
	for _, k := range sys.Keys {
		fmt.Fprintf(out, "The record lists generation %d of the notary's keys, %s:\n", k.Generation, k.Name)
		for i, v := range k.Verifiers {
			fmt.Fprintf(out, "  %-10s %s\n", []string{"Ed25519", "ML-DSA-44"}[i], evidence.Fingerprint(v))
		}
	}
}
