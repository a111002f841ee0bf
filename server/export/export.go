// Package export builds what an inquiry is given: a bundle that proves itself,
// and renderings of it for people to read. It is built of what policy says the
// recipient may be given, and of nothing else: no entry's opening is read here.
//
// Two builds of one approved export are the same bytes, on whichever node, as
// long as what was approved may still be shown.
package export

import (
	"context"
	"io"
	"log/slog"

	"wardroom/server/incident"
	"wardroom/server/journal"
)

// source is the journal, as far as exporting uses it.
type source interface {
	Record(ctx context.Context, log incident.LogID, from incident.Seq, limit int) ([]journal.Row, error)
}

// Seals are the notary's checkpoints.
type Seals interface {
	// Newest returns the newest checkpoint of a log that satisfies the keys as
	// they stand, and those keys as a policy file; size 0 for none yet.
	Newest(ctx context.Context, log incident.LogID) (size uint64, note, keys string, err error)
	// Sealed returns the note of a size that Newest once returned, whose SHA-256
	// is sum, in hex; and notes of smaller sizes, ascending: the first of each
	// ten minutes. What is returned is the same each time.
	Sealed(ctx context.Context, log incident.LogID, size uint64, sum string) (note string, earlier []string, err error)
}

// Files are what is attached to entries.
type Files interface {
	// Content reads an attachment from its first byte.
	Content(ctx context.Context, log incident.LogID, id incident.BlobID, size int64) (io.Reader, error)
	// Harmful says in which of these a scanner found something.
	Harmful(ctx context.Context, log incident.LogID, ids []incident.BlobID) (map[incident.BlobID]bool, error)
}

// Options are what an Exporter needs.
type Options struct {
	Journal  source
	Seals    Seals
	Files    Files
	Verifier []byte       // the page that verifies a bundle; nil puts none in
	Log      *slog.Logger // never given content
}

// Exporter builds exports. It is safe for concurrent use.
type Exporter struct {
	o    Options
	runs chan struct{} // bounds the builds of this node together: they are work for the processor
}

// New returns an Exporter.
func New(o Options) *Exporter {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Exporter{o: o, runs: make(chan struct{}, 2)}
}

// Newest returns the newest checkpoint that an approval can rest on.
func (e *Exporter) Newest(ctx context.Context, log incident.LogID) (size uint64, note, keys string, err error) {
	return e.o.Seals.Newest(ctx, log)
}

func (e *Exporter) enter(ctx context.Context) (leave func(), err error) {
	select {
	case e.runs <- struct{}{}:
		builds.Inc()
		return func() { <-e.runs }, nil
	default:
		boundRuns.Hit()
	}
	select {
	case e.runs <- struct{}{}:
		builds.Inc()
		return func() { <-e.runs }, nil
	case <-ctx.Done():
		return nil, incident.Refuse(incident.Unavailable, "Too many exports are being built. Try again in a moment.")
	}
}

// page is how many entries are read at once.
const page = 500
