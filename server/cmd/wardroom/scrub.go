package main

import (
	"errors"
	"fmt"
	"os"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/scrub"
	"wardroom/server/vault"
)

type scrubbing struct {
	settings
	Policy string   `help:"A policy file with every generation of keys, the oldest first, and the witness: whose signatures the checkpoints must bear. Without one their signatures are not looked at." placeholder:"FILE"`
	Log    []string `help:"Only these logs, by their ids." placeholder:"ID"`
}

// Run is an error if anything is not as it was written.
func (c scrubbing) Run(w *world) error {
	cfg := c.config(w)
	o := scrub.Options{}
	if c.Policy != "" {
		b, err := os.ReadFile(c.Policy)
		if err != nil {
			return err
		}
		if o.Policy, err = evidence.ParsePolicy(b); err != nil {
			return err
		}
	}
	db, err := assembly.Connect(w.ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	o.Writer = db.Writer
	if o.Vault, err = vault.New(cfg.VaultFile); err != nil {
		return err
	}
	var logs []incident.LogID
	for _, id := range c.Log {
		logs = append(logs, incident.LogID(id))
	}
	if len(logs) == 0 {
		if logs, err = scrub.Logs(w.ctx, o); err != nil {
			return err
		}
	}
	total, bad := uint64(0), 0
	for _, log := range logs {
		n, faults, err := scrub.Log(w.ctx, o, log)
		if err != nil {
			return err
		}
		fmt.Fprint(w.stdout, scrub.Say(faults))
		total += n
		bad += len(faults)
	}
	if bad > 0 {
		return errors.New("The record is not as it was written. Keep the database as it is, do not restore over it, and tell both hosts.")
	}
	fmt.Fprintf(w.stdout, "%d entries in %d logs are as they were written.\n", total, len(logs))
	return nil
}
