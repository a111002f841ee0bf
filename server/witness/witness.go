// Package witness is the second party's service. It holds every leaf of the
// logs it has admitted, none of what they say, and sets its cosignature under
// a checkpoint only if those leaves have the root the operator signed for and
// no other checkpoint of that log says otherwise. So whoever runs the server
// cannot change, drop or reorder an entry that was cosigned without the witness
// noticing, and the witness alone can sign nothing that counts.
//
// It speaks C2SP tlog-witness; what it promised is on disk before it answers.
package witness

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
)

// Options are all required.
type Options struct {
	Dir    string // its folder, for its keys and its store; made if it is not there
	Name   string // host name of the party that runs it
	Policy string // file with the operator's keys
	System string // origin line of the deployment's system log, the one log that is admitted without proof
	Log    *slog.Logger
}

// Witness is safe for concurrent use. One process at a time may have its
// folder open.
type Witness struct {
	o      Options
	db     *bbolt.DB
	keys   *keys
	policy atomic.Pointer[policy]
	broken atomic.Pointer[error] // a write that may or may not have been stored; nothing is written after it
	big    chan struct{}         // a place for each large body in memory
}

// steps is told of each step at which a crash would show; tests end the
// process there.
var steps = func(string) {}

// largeBodies is how many uploads of leaves are read at a time.
const largeBodies = 4

// Open opens the witness in its folder. The first time it makes its keys.
func Open(o Options) (*Witness, error) {
	if err := checkName(o.Name); err != nil {
		return nil, err
	}
	if !strings.Contains(o.System, systemPart) || !validOrigin(o.System) {
		return nil, fmt.Errorf("witness: %q is not the origin line of a system log; it is shown by `wardroom check` and is like wardroom.example%s…", o.System, systemPart)
	}
	w, err := openStore(o)
	if err != nil {
		return nil, err
	}
	if err := w.begin(); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// MakeKeys makes the keys of a witness that is not started yet, and returns
// its verifier keys, Ed25519 first: for whoever is to be told them before there
// is a deployment to watch. Keys that are there stay.
func MakeKeys(dir, name string) ([]string, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	w, err := openStore(Options{Dir: dir, Name: name, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.ownKeys(), w.Close()); err != nil {
		return nil, err
	}
	return w.Keys(), nil
}

func openStore(o Options) (*Witness, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(filepath.Join(o.Dir, "witness.db"), 0o600, &bbolt.Options{Timeout: lockWait})
	switch {
	case errors.Is(err, bbolt.ErrTimeout):
		return nil, fmt.Errorf("witness: another process has the store in %s open", o.Dir)
	case err != nil:
		return nil, fmt.Errorf("witness: the store in %s: %w", o.Dir, err)
	}
	return &Witness{o: o, db: db, big: make(chan struct{}, largeBodies)}, nil
}

const lockWait = 2 * time.Second

func (w *Witness) begin() error {
	if err := w.Reload(); err != nil {
		return err
	}
	if err := w.ownKeys(); err != nil {
		return err
	}
	return w.update(func(s store) error {
		if err := s.setUp(w.o.System); err != nil {
			return err
		}
		_, err := s.admit(w.o.System, admission{})
		return err
	})
}

// Close waits for what is being stored and gives the folder free.
func (w *Witness) Close() error { return w.db.Close() }

// Reload reads the operator's keys anew. If the file cannot be read as a
// policy, those it had stay in force.
func (w *Witness) Reload() error {
	b, err := os.ReadFile(w.o.Policy)
	if err != nil {
		return err
	}
	p, err := parsePolicy(string(b))
	if err != nil {
		return fmt.Errorf("%s: %w", w.o.Policy, err)
	}
	w.policy.Store(p)
	return nil
}

// open checks a note that the operator has signed, of a log that is admitted.
func (w *Witness) open(b []byte) (signed, error) {
	origin, err := originOf(b)
	if err != nil {
		return signed{}, err
	}
	if err := w.view(func(s store) error {
		_, err := s.log(origin)
		return err
	}); err != nil {
		return signed{}, err
	}
	return w.policy.Load().open(b, origin)
}

// update runs fn in a transaction that is on disk when update returns nil. An
// error of fn stores nothing.
func (w *Witness) update(fn func(store) error) error {
	if why := w.broken.Load(); why != nil {
		return fmt.Errorf("%w: %w", errBroken, *why)
	}
	if err := w.room(); err != nil {
		return err
	}
	tx, err := w.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := fn(store{tx}); err != nil {
		return err
	}
	steps("before commit")
	if err := tx.Commit(); err != nil {
		// Whether it was stored nobody can say before the file is opened anew.
		w.broken.CompareAndSwap(nil, &err)
		w.o.Log.Error("the store could not be written; nothing more is cosigned until the witness is started again", "error", err)
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	steps("after commit")
	return nil
}

func (w *Witness) view(fn func(store) error) error {
	return w.db.View(func(tx *bbolt.Tx) error { return fn(store{tx}) })
}
