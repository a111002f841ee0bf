// Package notary signs how far each log has come, has the witness sign it too,
// and proves by it what a log holds. It reads the leaves as they are stored,
// not what the writer remembers, so that a leaf changed under the server is
// found before it is signed for; and it stores what it signs before anybody is
// given it, one signature a size, whatever crashes when.
//
// It never signs with a key that the system log does not list. All logs and
// all kinds of entry are treated alike: when something was sealed must not tell
// what it was.
package notary

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// Options are all required but where it is said.
type Options struct {
	Writer *pgxpool.Pool // connects as wardroom_writer
	Reader *pgxpool.Pool // connects as wardroom_reader: proofs for a person
	Keys   *Keys
	Record Record
	Log    *slog.Logger // never given the name of a log, nor content

	// Witness is the second party; nil for none.
	Witness *Witness
	// Kept is the machine's own file of how far each log had come; nil for none.
	Kept *Kept
	// Listening are the rooms that somebody on this node listens to, and Sealed
	// tells them. Both may be nil.
	Listening func() []incident.LogID
	Sealed    func(incident.LogID, *incident.Seal)
	// Every is how often it looks for logs that have grown; 0 means half a
	// second.
	Every time.Duration
	// Now is the clock; nil for the machine's.
	Now func() time.Time
}

// Record is the journal, as far as the notary asks it: what stands in the
// system log, and when an entry was recorded. It opens nothing by itself.
type Record interface {
	Keys(context.Context) ([]incident.ListedKey, error)
	Recorded(ctx context.Context, log incident.LogID, seq incident.Seq) (time.Time, error)
	// Registered finds the entry of the system log that registered the room, or
	// the room of the access log: the room's id is asked for either way. The
	// opening is of slots 0 and 5 alone.
	Registered(ctx context.Context, room incident.LogID) (system incident.LogID, leaf []byte, opening *evidence.Partial, err error)
}

// Notary is safe for concurrent use, also by several nodes at once: of two
// that sign the same log, one's signature is stored.
type Notary struct {
	o    Options
	keys atomic.Pointer[generation] // that sign now

	witness *client // nil for none
	stats   stats
	told    map[incident.LogID]*incident.Seal // by this node, of rooms somebody listens to
	since   recorded

	step func(string) error // tests end it here, as a crash would; nil otherwise
}

// recorded remembers when the first entry beyond a cosigned checkpoint was
// recorded.
type recorded struct {
	sync.Mutex
	of map[incident.LogID]firstUncovered
}

type firstUncovered struct {
	seq incident.Seq
	at  time.Time
}

const (
	everySeal  = 500 * time.Millisecond
	everyTell  = time.Second // at most one "sealed" a room and second
	everyCount = 5 * time.Second
	chunk      = 1 << 16 // leaves read in one transaction
)

// New returns a notary; Run makes it work.
func New(o Options) *Notary {
	if o.Every == 0 {
		o.Every = everySeal
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	n := &Notary{o: o, told: map[incident.LogID]*incident.Seal{}}
	n.since.of = map[incident.LogID]firstUncovered{}
	if o.Witness != nil {
		n.witness = newClient(n, o.Witness)
	}
	return n
}

// Witness returns the second party; nil for none.
func (n *Notary) Witness() *Witness { return n.o.Witness }

// ErrDiffers means that the leaves of a log are not those it was written with;
// ErrUnlisted that the record lists no key of this node's key file.
var (
	ErrDiffers  = errors.New("notary: the leaves are not those that were written")
	ErrUnlisted = errors.New("notary: the record lists none of this node's keys")
)

// Run signs, has cosigned and tells until ctx ends. It returns nil.
func (n *Notary) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { n.each(ctx, everyCount, "what is not sealed could not be counted", n.count) })
	wg.Go(func() {
		n.each(ctx, n.o.Every, "not every log could be sealed; it will be tried again", n.Once)
	})
	if n.witness != nil {
		wg.Go(func() {
			n.each(ctx, n.o.Every/2, "the witness could not be asked; it will be tried again", n.Cosign)
		})
	}
	if n.o.Listening != nil && n.o.Sealed != nil {
		wg.Go(func() {
			n.each(ctx, everyTell, "listeners could not be told what is sealed; it will be tried again", n.tell)
		})
	}
	return nil
}

// each runs fn again and again. An error that lasts is logged once a minute.
func (n *Notary) each(ctx context.Context, every time.Duration, complaint string, fn func(context.Context) error) {
	t := time.NewTicker(every)
	defer t.Stop()
	var said time.Time
	for {
		if err := fn(ctx); err != nil && ctx.Err() == nil && time.Since(said) > time.Minute {
			said = time.Now()
			n.o.Log.Error(complaint, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Once signs every log that has grown since it was signed. A log that fails
// does not keep the others waiting; the errors come together.
func (n *Notary) Once(ctx context.Context) error {
	key, err := n.signing(ctx)
	if err != nil {
		return err
	}
	logs, err := n.grown(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, p := range portions(logs) {
		alone, err := n.seal(ctx, p, key)
		if err != nil {
			errs = append(errs, err)
		}
		for _, g := range alone {
			for left := []unsigned{g}; len(left) > 0; {
				if left, err = n.seal(ctx, left, key); err != nil {
					errs = append(errs, err)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// signing returns the newest keys that may sign: those of the file that the
// record lists. A key once listed stays so.
func (n *Notary) signing(ctx context.Context) (*generation, error) {
	all := n.o.Keys.generations()
	if g := n.keys.Load(); g != nil && g == all[len(all)-1] {
		return g, nil
	}
	listed, err := n.o.Record.Keys(ctx)
	if err != nil {
		return nil, err
	}
	g := n.o.Keys.signing(listed)
	if g == nil {
		return nil, ErrUnlisted
	}
	if n.keys.Swap(g) != g {
		n.o.Log.Info("checkpoints are signed with this generation of keys", "generation", g.Generation)
	}
	return g, nil
}

func (n *Notary) at(step string) error {
	if n.step == nil {
		return nil
	}
	return n.step(step)
}
