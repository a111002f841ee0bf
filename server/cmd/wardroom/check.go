package main

import (
	"fmt"
	"strings"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/notify"
)

type check struct {
	settings
	Wordings bool `help:"Print what the templates at GOV.UK Notify say, and nothing else."`
}

func (c check) Run(w *world) error {
	if c.Wordings {
		wordings(w)
		return nil
	}
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

// wordings prints each template as it is to be made at GOV.UK Notify.
func wordings(w *world) {
	for _, by := range []notify.Channel{notify.ByText, notify.ByEmail} {
		for _, p := range notify.Worded() {
			t := notify.Wording(p, by)
			name := strings.ToUpper("WARDROOM_NOTIFY_" + by.String() + "_" + strings.ReplaceAll(p.String(), "-", "_"))
			fmt.Fprintf(w.stdout, "── %s\n", name)
			if t.Subject != "" {
				fmt.Fprintf(w.stdout, "Subject: %s\n", t.Subject)
			}
			fmt.Fprintf(w.stdout, "%s\n\n", t.Body)
		}
	}
}
