package main

import (
	"fmt"

	"wardroom/server/cmd/wardroom/assembly"
)

type check struct{ settings }

func (c check) Run(w *world) error {
	if problems := assembly.Check(w.ctx, c.config(w)); len(problems) > 0 {
		return problems
	}
	fmt.Fprintln(w.stdout, "Nothing is wrong.")
	return nil
}
