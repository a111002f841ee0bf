package notary

import (
	"context"
	"os"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Verdict is what a log is, beside what was signed for elsewhere.
type Verdict struct {
	Log    incident.LogID
	Origin string
	State  GuardState // Guarded or Unguarded where it goes on from what is held; Behind; Different
	Here   uint64     // entries it has here
	Held   uint64     // entries of the checkpoint that it was compared with; 0: there is none
	Closed bool       // it was closed to writing before
}

// Judge compares the log as Check does and changes nothing: it is for whoever
// has restored a database and has not started a server on it. A log that is
// not there is [pgx.ErrNoRows].
//
// That a log which is behind is the beginning of what was signed for cannot be
// told by the newest checkpoint alone: the checkpoints stored beside it say
// that, to package scrub.
func (g *Guard) Judge(ctx context.Context, log incident.LogID) (v Verdict, err error) {
	v.Log = log
	var size int64
	var closed string
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT origin, size, guard FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&v.Origin, &size, &closed)
	})
	if err := g.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return v, err
	}
	v.Here, v.Closed = uint64(size), closed != ""
	var held []evidence.Checkpoint
	held, v.State = g.ask(ctx, v.Origin)
	for _, c := range held {
		v.Held = max(v.Held, c.Size)
	}
	if len(held) == 0 {
		return v, nil
	}
	bad, is, err := g.compare(ctx, log, held)
	if is != "" {
		v.State, v.Held = is, bad.Size
	}
	return v, err
}

// ReadKept reads the file as it is and leaves it so: a server may have it open.
// What it returns is asked, and never written to nor closed.
func ReadKept(path string) (*Kept, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	k := &Kept{newest: map[string]evidence.Checkpoint{}, path: path}
	return k, k.read(f)
}
