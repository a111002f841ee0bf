package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/config"
	"wardroom/server/incident"
	"wardroom/server/vault"
)

type setup struct {
	settings
	IfNeeded bool `help:"Succeed, and make no link, where the deployment has an administrator already: for steps that are run at each start."`
}

// Run may be repeated: it makes what is missing and a new link, and leaves the
// rest as it is.
func (c setup) Run(w *world) error {
	cfg := c.beside(w)
	if problems := cfg.Check(); len(problems) > 0 {
		return assembly.Problems(problems)
	}
	if _, err := os.Stat(cfg.VaultFile); errors.Is(err, fs.ErrNotExist) {
		if err := c.newVault(w, cfg); err != nil {
			return err
		}
	}
	if made, err := assembly.EnsureKeys(cfg); err != nil {
		return err
	} else if made {
		fmt.Fprintf(w.stdout, "Made the notary's key file %s. Give every server the same file, and keep a copy apart from the other one.\n", cfg.NotaryKeys)
	}
	s, err := assembly.Open(w.ctx, cfg, w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.EnsureSystem(w.ctx); err != nil {
		return err
	}
	if err := s.ListKeys(w.ctx); err != nil {
		return err
	}
	sys, err := s.Journal.System(w.ctx)
	if err != nil {
		return err
	}
	tellKeys(w.stdout, sys)
	for _, p := range sys.People {
		if p.Admin && c.IfNeeded {
			fmt.Fprintln(w.stdout, "This deployment has an administrator already: nothing more is to be set up.")
			return nil
		}
		if p.Admin {
			return errors.New("this deployment has an administrator already, so a setup link would open nothing; administrators do everything else in the web app")
		}
	}
	for _, key := range slices.Sorted(maps.Keys(cfg.Issuers)) {
		if _, known := sys.Issuers[key]; known {
			continue
		}
		i := cfg.Issuers[key]
		if err := s.Do(w.ctx, command.SetIssuer{Issuer: incident.IssuerSet{Key: key, Name: i.Name, URL: i.URL, Acr: i.ACR, StepUp: i.StepUpACR}}); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "Entered the sign-in service %q: %s\n", key, i.URL)
	}
	token, err := s.Identity.NewSetupLink(w.ctx)
	if err != nil {
		return err
	}
	// The token stands in the fragment: no server and no proxy's log sees it.
	fmt.Fprintf(w.stdout, "\nThe first administrator opens this link within 24 hours, while the server runs. It works once:\n\n  %s/setup#%s\n",
		strings.TrimSuffix(cfg.PublicURLs[0], "/"), token)
	return nil
}

// newVault makes the key file, unless there are logs already that another key
// file must have sealed.
func (c setup) newVault(w *world, cfg config.Config) error {
	begun, err := assembly.HoldsLogs(w.ctx, cfg)
	if err != nil {
		return err
	}
	if begun {
		return fmt.Errorf("there is no key file at %s, and the database holds logs that were sealed with one. Put that file back: nothing else opens them", cfg.VaultFile)
	}
	if err := vault.Create(cfg.VaultFile); err != nil {
		return err
	}
	fmt.Fprintf(w.stdout, "Made the key file %s. Keep a copy of it where no backup of the database is kept: without it every log is lost.\n", cfg.VaultFile)
	return nil
}
