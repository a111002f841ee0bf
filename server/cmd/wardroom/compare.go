package main

import (
	"errors"
	"fmt"
	"log/slog"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/incident"
	"wardroom/server/notary"
	"wardroom/server/scrub"
)

// compare is the guard's question without its answer: nothing is closed.
type compare struct {
	settings
	Drill bool     `help:"A log that is behind is no failure: a backup is, while the database it was made of goes on."`
	Log   []string `help:"Only these logs, by their ids." placeholder:"ID"`
}

// Run is an error if a log is different, or behind and no drill. It names logs
// by their ids and counts entries; it opens none.
func (c compare) Run(w *world) error {
	cfg := c.config(w)
	db, err := assembly.Connect(w.ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	guard, err := assembly.Comparer(cfg, db, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var logs []incident.LogID
	for _, id := range c.Log {
		logs = append(logs, incident.LogID(id))
	}
	if len(logs) == 0 {
		if logs, err = scrub.Logs(w.ctx, scrub.Options{Writer: db.Writer}); err != nil {
			return err
		}
	}
	count := map[notary.GuardState]int{}
	lost := uint64(0)
	for _, log := range logs {
		v, err := guard.Judge(w.ctx, log)
		if err != nil {
			return fmt.Errorf("the log %s cannot be compared: %w", log, err)
		}
		count[v.State]++
		switch v.State {
		case notary.Different:
			fmt.Fprintf(w.stdout, "%s: other entries than were signed for (%d here, %d signed for).\n", log, v.Here, v.Held)
		case notary.Behind:
			lost += v.Held - min(v.Held, v.Here)
			fmt.Fprintf(w.stdout, "%s: behind. %d of its entries are here and %d were signed for.\n", log, v.Here, v.Held)
		}
	}
	fmt.Fprintf(w.stdout, "%d logs: %d go on from what the witness signed for, %d from what this machine kept (the witness was not heard), %d are behind, by %d entries in all, %d are different.\n",
		len(logs), count[notary.Guarded], count[notary.Unguarded], count[notary.Behind], lost, count[notary.Different])
	switch {
	case count[notary.Different] > 0:
		return errors.New("This is not the database that was signed for. Keep it as it is, start no server on it, and tell both hosts.")
	case count[notary.Behind] > 0 && !c.Drill:
		return errors.New("This database was put back to before what was signed for. If more of the write-ahead log can be had, restore further; else start the server: those logs are read-only, and each room goes on in a new section.")
	}
	return nil
}
