package assembly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"wardroom/server/command"
	"wardroom/server/config"
	"wardroom/server/incident"
	"wardroom/server/notary"
)

// EnsureKeys makes the notary's key file if there is none. It does not replace
// one that is lost: see [RotateKeys].
func EnsureKeys(cfg config.Config) (made bool, err error) {
	if _, err := os.Stat(cfg.NotaryKeys); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, notary.CreateKeys(cfg.NotaryKeys)
}

// ListKeys makes the first generation of the notary's keys if there is none,
// and lists in the system log whatever of the file it does not list. A run that
// was cut short half-way is gone on with. Servers that run already go on with
// the keys they have.
func (s *Server) ListKeys(ctx context.Context) error {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	if len(s.Keys.Generations()) == 0 {
		if len(sys.Keys) > 0 {
			return Problems(s.checkKeys(sys))
		}
		if _, err := notary.AddGeneration(s.Config.NotaryKeys, 1, incident.NotaryName(s.Config.Deployment())); err != nil {
			return err
		}
	}
	_, err = s.listKeys(ctx)
	return err
}

// RotateKeys adds a generation to the file and lists it, or lists the one that
// an earlier run added and did not come to list.
func (s *Server) RotateKeys(ctx context.Context) (listed incident.KeyListed, err error) {
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return listed, err
	}
	waiting, err := s.Keys.Unlisted(sys.Keys)
	if err != nil {
		return listed, err
	}
	if waiting == nil {
		if _, err := notary.AddGeneration(s.Config.NotaryKeys, len(sys.Keys)+1, incident.NotaryName(s.Config.Deployment())); err != nil {
			return listed, err
		}
	}
	return s.listKeys(ctx)
}

// listKeys lists what the file holds and the record does not.
func (s *Server) listKeys(ctx context.Context) (last incident.KeyListed, err error) {
	if err := s.Keys.Reload(); err != nil {
		return last, err
	}
	for {
		sys, err := s.Journal.System(ctx)
		if err != nil {
			return last, err
		}
		next, err := s.Keys.Unlisted(sys.Keys)
		if err != nil || next == nil {
			return last, err
		}
		if err := s.Do(ctx, command.ListKey{Key: *next}); err != nil {
			return last, err
		}
		last = *next
	}
}

// checkKeys says what keeps the notary from signing.
func (s *Server) checkKeys(sys *incident.System) []config.Problem {
	unlisted, err := s.Keys.Unlisted(sys.Keys)
	switch {
	case err != nil:
		return []config.Problem{sentence(err)}
	case len(sys.Keys) == 0:
		return []config.Problem{"The record lists no key of a notary, so nothing of it could be sealed. Run `wardroom setup`."}
	case len(s.Keys.Generations()) == 0:
		return []config.Problem{"The notary's key file holds no keys, and the record was signed with some. Put that file back; if it is lost, `wardroom rotate-notary` makes new ones."}
	case unlisted != nil:
		return []config.Problem{config.Problem(fmt.Sprintf("The notary's key file holds generation %d, which the record does not list. Run `wardroom rotate-notary`, which lists it.", unlisted.Generation))}
	}
	return nil
}

// unwitnessed says that nobody else vouches for the record.
func (s *Server) unwitnessed() []config.Problem {
	if s.Witness != nil {
		return nil
	}
	return []config.Problem{"No witness is configured, so nobody but this deployment vouches for its record, and everything in it shows as unsealed. Ask the other host for the address and keys of theirs: WARDROOM_WITNESS_URL and WARDROOM_WITNESS_KEYS."}
}
