package main

import (
	"errors"
	"fmt"
	"strings"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/evidence"
)

// printKeys prints what the other party's witness is started with. Nothing of
// it is secret; that it is the right one is for people to compare.
type printKeys struct{ settings }

func (c printKeys) Run(w *world) error {
	cfg := c.beside(w)
	if problems := cfg.Check(); len(problems) > 0 {
		return assembly.Problems(problems)
	}
	s, err := assembly.Open(w.ctx, cfg, w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	text, err := policyOf(w.ctx, s)
	if err != nil {
		return err
	}
	sys, err := s.Journal.System(w.ctx)
	if err != nil {
		return err
	}
	if len(sys.Keys) == 0 {
		return errors.New("the record lists no keys yet: run wardroom setup")
	}
	head, lines, _ := strings.Cut(text, "\n")
	fmt.Fprintf(w.stdout, "%s\n# The system log of this deployment, for WARDROOM_WITNESS_SYSTEM:\n#   %s\n", head, systemOrigin(s))
	for _, k := range sys.Keys {
		fmt.Fprintf(w.stdout, "# Generation %d, listed %s. Fingerprints, to be compared by another channel:\n", k.Generation, k.Listed.UTC().Format("2 January 2006, 15:04 UTC"))
		for i, v := range k.Verifiers {
			fmt.Fprintf(w.stdout, "#   %-10s %s\n", []string{"Ed25519", "ML-DSA-44"}[i], evidence.Fingerprint(v))
		}
	}
	fmt.Fprint(w.stdout, lines)
	return nil
}
