package main

import (
	"fmt"

	"wardroom/server/cmd/wardroom/assembly"
)

type check struct{ settings }

func (c check) Run(w *world) error {
	problems, remarks := assembly.Check(w.ctx, c.config(w))
	if len(problems) > 0 {
		return problems
	}
	fmt.Fprintln(w.stdout, "Nothing is wrong.")
	if len(remarks) > 0 {
		fmt.Fprintf(w.stdout, "Worth knowing:\n%v\n", remarks)
	}
	return nil
}
