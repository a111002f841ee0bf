// Package courier reaches people outside the application, once each: it keeps
// what is to be sent, judges at the moment of sending whether it still should
// be, gives it to package notify, and keeps how far each has come.
//
// A row of the table notice is one message to one recipient by one channel,
// and its own place in the queue: there is no second record of what waits that
// could differ from it. It holds ids, enums and times. The address is read from
// the directory when the message is sent; the code in it is made of the row's
// id under the vault's key, the same each time.
//
// # Once
//
//	Ask      a row per want, by a key that is the want's own: asked for twice, there is one
//	take     one node at a time, for a lease; a node that dies leaves it to another
//	judge    may they still be told, where, and is it the hour for it
//	begin    committed before the request: state sending
//	send     GOV.UK Notify, or SMTP where that is held
//	finish   what came of it
//
// A crash before begin: it is taken again. Between begin and finish nobody
// knows whether it was accepted: once the lease is over it is uncertain, and
// GOV.UK Notify is asked by its id from when the answer is certain, and only
// then is it sent again. Receipts may come before the answer, twice, and in any
// order: what was heard only ever advances. What a receipt says never left is
// asked for once more, and sent again as a message of its own, twice.
package courier

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/notify"
)

// Options are what a Courier needs.
type Options struct {
	Pool      *pgxpool.Pool // connects as wardroom_writer
	Journal   *journal.Journal
	Directory *directory.Directory
	MAC       func(purpose string, data []byte) [32]byte // under the vault's key
	Log       *slog.Logger                               // given ids, kinds and times, never content or a recipient

	Client    *notify.Client // nil: GOV.UK Notify is not used
	Templates notify.Templates
	Mailer    *notify.Mailer // nil: there is no SMTP
	Site      notify.Site

	// Active is when a person was last active in a live session; zero for none.
	Active func(ctx context.Context, issuer, subject string) (time.Time, error)
	// Frozen reports whether nobody may be told of the room at present; nil is never.
	Frozen func(ctx context.Context, room *incident.Room, person incident.PersonID) (bool, error)

	Rate float64 // messages a second, of all nodes together; 0 is notify.PerSecond

	Now   func() time.Time                     // replaces the database's clock: tests only
	After func(time.Duration) <-chan time.Time // replaces time.After: tests only
}

// Courier is one node's. It is safe for concurrent use.
type Courier struct {
	o     Options
	hands chan struct{}
	wake  chan struct{} // something was asked for here
}

const (
	hands = 32                     // messages under way at once, at most
	look  = 250 * time.Millisecond // how often a node looks for what is due
	lease = time.Minute            // for how long one node is at a message
	// unsure is from when a message of a node that died can be asked for: its
	// request had twenty seconds, and its token seventy more.
	unsure = 90 * time.Second
)

// New returns a courier; Run makes it work.
func New(o Options) *Courier {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Rate == 0 {
		o.Rate = notify.PerSecond
	}
	if o.After == nil {
		o.After = time.After
	}
	return &Courier{o: o, hands: make(chan struct{}, hands), wake: make(chan struct{}, 1)}
}

// Run works until ctx ends. What is under way then is finished first.
func (c *Courier) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	for _, w := range []Way{ByText, ByMail, BySMTP} {
		if c.has(w) {
			all.Go(func() { c.carry(ctx, w) })
		}
	}
	for _, loop := range []struct {
		every time.Duration
		what  string
		do    func(context.Context) error
	}{
		{time.Second, "codes that were typed", c.note},
		{15 * time.Second, "receipts that did not come", c.poll},
		{5 * time.Second, "messages that never left", c.resend},
		{10 * time.Minute, "old notices", c.sweep},
		{5 * time.Second, "notices that no way leads to", c.giveUp},
		{3 * time.Second, "invitations that came further", c.reached},
	} {
		all.Go(func() { c.every(ctx, loop.every, loop.what, loop.do) })
	}
	all.Go(func() { c.follow(ctx) })
	<-ctx.Done()
	return nil
}

// every does something again and again until ctx ends.
func (c *Courier) every(ctx context.Context, every time.Duration, what string, do func(context.Context) error) {
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			c.o.Log.Warn("the courier stopped short and will try again", "at", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.o.After(every):
		}
	}
}

// Without this as its first statement a transaction finds the courier's tables
// empty (schema/0028_notice.sql).
const takeScope = `SELECT set_config('app.scope', 'courier', true)`

// do runs the statements as one transaction in one round trip.
func (c *Courier) do(ctx context.Context, fill func(*pgx.Batch)) error {
	var b pgx.Batch
	b.Queue(takeScope)
	fill(&b)
	return c.o.Pool.SendBatch(ctx, &b).Close()
}

// tx runs fn in a transaction, for what has to decide between statements.
func (c *Courier) tx(ctx context.Context, fn func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, c.o.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, takeScope); err != nil {
			return err
		}
		return fn(tx)
	})
}

// clock is the time parameter of a statement: null, for the database's own
// clock, except in tests.
func (c *Courier) clock() *time.Time {
	if c.o.Now == nil {
		return nil
	}
	t := c.o.Now()
	return &t
}

// now is this machine's clock, by which requests are signed.
func (c *Courier) now() time.Time {
	if c.o.Now != nil {
		return c.o.Now()
	}
	return time.Now()
}

// mac finds a row by what it must not hold.
func (c *Courier) mac(purpose, of string) []byte {
	m := c.o.MAC(purpose, []byte(of))
	return m[:]
}
