// Package pager carries out what time brings: every node takes timers that are
// due by the database's clock, each one node at a time, and puts a command to
// the room's log under a key that is the timer's own. However many nodes take
// one, and however often they die at it, what it does is done once. It holds
// no time of its own: a node that was asleep finds what is due when it wakes.
package pager

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/projection"
	"wardroom/server/trail"
)

const (
	// Lease is how long a node may be at a timer before another takes it: what
	// a node's death adds to how late it is.
	Lease = 700 * time.Millisecond
	// Look is how often a node looks for what another room of another node may
	// have begun to wait for.
	Look = 250 * time.Millisecond

	batch = 64 // at most at once: the log's writer takes those of one room together
)

// Options are what a Pager needs.
type Options struct {
	Pool    *pgxpool.Pool // connects as wardroom_writer
	Journal *journal.Journal
	Log     *slog.Logger // given ids and times, never content
	// Fired is told of each timer that this node carried out: what it wrote, and
	// how long after its time; nil tells nobody.
	Fired func(incident.LogID, []*incident.Event, time.Duration)
}

// Pager is one node's.
type Pager struct {
	opt   Options
	fired atomic.Int64
	busy  chan struct{}
}

// New returns a pager; Run makes it work.
func New(o Options) *Pager {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pager{opt: o, busy: make(chan struct{}, batch)}
}

// Carried is how many timers this node carried out since it began.
func (p *Pager) Carried() int64 { return p.fired.Load() }

// Key is the idempotency key of a timer's command: the same for every node.
func Key(log incident.LogID, id incident.TimerID) incident.Key {
	return incident.KeyFrom(sha256.Sum256([]byte("timer\n" + string(log) + "\n" + string(id))))
}

// Run works until ctx ends.
func (p *Pager) Run(ctx context.Context) error {
	var hands sync.WaitGroup
	defer hands.Wait()
	for {
		wait, err := p.take(ctx, &hands)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			p.opt.Log.Warn("timers cannot be read; they are tried again", "error", err)
			wait = Look
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// take takes what is due, as many as this node has hands free, and hands each
// to one of them: a log that is slow to write holds up none of another. It says
// how long to wait for more.
func (p *Pager) take(ctx context.Context, hands *sync.WaitGroup) (wait time.Duration, err error) {
	free := min(batch, cap(p.busy)-len(p.busy))
	if free == 0 {
		return 5 * time.Millisecond, nil
	}
	var due []projection.Due
	next := Look
	b := &pgx.Batch{}
	projection.House().Enter(b)
	projection.QueueDue(b, free, Lease, &due, &next)
	if err := p.opt.Pool.SendBatch(ctx, b).Close(); err != nil {
		return 0, err
	}
	for _, d := range due {
		p.busy <- struct{}{} // only this goroutine puts any in
		hands.Go(func() {
			defer func() { <-p.busy }()
			p.fire(ctx, d)
		})
	}
	if len(due) == free {
		return 5 * time.Millisecond, nil // there may be more
	}
	return min(max(next, 5*time.Millisecond), Look), nil
}

// fire puts a timer to its log. What is refused there is waited for no more, or
// cannot be written now; then it is taken again when the lease is over.
func (p *Pager) fire(ctx context.Context, d projection.Due) {
	began := time.Now()
	ctx, span := trail.Start(ctx, fireName)
	r, err := p.opt.Journal.Append(ctx, d.Log, incident.Actor{System: true}, Key(d.Log, d.Timer), command.Fire{Timer: d.Timer})
	span.End(err)
	switch {
	case err == nil && !r.Repeat:
		p.fired.Add(1)
		late.Observe((d.Late + time.Since(began)).Seconds())
		if p.opt.Fired != nil {
			p.opt.Fired(d.Log, r.Events, d.Late+time.Since(began))
		}
	case err != nil && incident.FaultOf(err) != incident.Conflict && ctx.Err() == nil:
		p.opt.Log.Warn("a timer could not be carried out; it is tried again", "noun", d.Timer.Noun(), "error", err)
	}
}
