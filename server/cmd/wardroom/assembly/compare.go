package assembly

import (
	"log/slog"
	"time"

	"wardroom/server/config"
	"wardroom/server/notary"
)

// patientWitness is how long the witness has for an answer when nobody waits
// to write.
const patientWitness = 10 * time.Second

// Comparer is a guard that is asked and closes nothing ([notary.Guard.Judge]),
// with the holders that the configuration names. A file of checkpoints that is
// named must be there.
func Comparer(cfg config.Config, db *Database, log *slog.Logger) (*notary.Guard, error) {
	o := notary.GuardOptions{Writer: db.Writer, Log: log, Patience: patientWitness}
	if cfg.WitnessURL != "" {
		w, err := notary.NewWitness(cfg.WitnessURL, cfg.WitnessKeys)
		if err != nil {
			return nil, Problems{sentence(err)}
		}
		o.Witness = w
	}
	if cfg.Checkpoints != "" {
		kept, err := notary.ReadKept(cfg.Checkpoints)
		if err != nil {
			return nil, Problems{sentence(err)}
		}
		o.Kept = kept
	}
	return notary.NewGuard(o), nil
}
