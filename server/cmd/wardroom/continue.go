package main

import (
	"fmt"

	"wardroom/server/cmd/wardroom/assembly"
)

// goOn is `wardroom continue`.
type goOn struct{ settings }

// Run may be repeated: where there is no need it says so and does nothing.
func (c goOn) Run(w *world) error {
	s, err := assembly.Open(w.ctx, c.beside(w), w.log())
	if err != nil {
		return err
	}
	defer s.Close()
	origin, err := s.ContinueSystem(w.ctx)
	if err != nil {
		return err
	}
	if origin == "" {
		fmt.Fprintln(w.stdout, "The deployment's record goes on from what was signed for: there is no need for a new section.")
		return nil
	}
	fmt.Fprintf(w.stdout, `The deployment's record goes on in a new section. What stood before stands on: organisations, people, hosts, sign-in services.

Tell whoever runs the witness to take in this system log, by another way than this server:

  %s

Rooms that were broken off are gone on with by their leads, in the web app.
`, origin)
	return nil
}
