package notary

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// Holder knows how far a log had come from outside the database: the witness,
// or the file that is kept beside it.
type Holder interface {
	// Held returns the newest checkpoint it has of the log; ok is false if it
	// has none. An error means that it does not answer.
	Held(ctx context.Context, origin string) (c evidence.Checkpoint, ok bool, err error)
}

// GuardOptions are all required but where it is said.
type GuardOptions struct {
	Writer  *pgxpool.Pool
	Witness Holder // nil: there is none
	Kept    Holder // what this machine kept outside the database; nil: nothing
	Log     *slog.Logger
	// Closed is told of each log that was closed since this node started, on
	// whatever node; nil tells nobody.
	Closed func(log incident.LogID)
	// Patience is how long the witness has for an answer before a log is
	// written to without it; 0 means a second. An absent witness never stops an
	// incident.
	Patience time.Duration
	// Again is how often it looks which logs were closed, and once more at those
	// that were not compared with the witness; 0 means two seconds.
	Again time.Duration
	// Rest is for how long a witness that did not answer is not asked again; 0
	// means five seconds.
	Rest time.Duration
}

// Guard compares a log, before it is first written to, with what was signed
// for elsewhere. A database that was restored from a backup, or whose entries
// were changed, would go on from another past: that is a fork, and the log is
// closed to writing instead, for all nodes and for ever (log.guard).
//
// It reads every leaf, since what is to be compared is what is stored. It is
// safe for concurrent use.
type Guard struct {
	o GuardOptions

	mu    sync.Mutex
	state map[incident.LogID]GuardState
	away  time.Time // until when the witness is not asked: it has just not answered
}

// GuardState is what the guard knows of a log.
type GuardState string

const (
	Unlooked  GuardState = ""          // not asked about yet
	Guarded   GuardState = "ok"        // it goes on from what the witness has
	Unguarded GuardState = "unguarded" // the witness does not answer, or there is none; it goes on from what this machine kept
	Behind    GuardState = "behind"    // fewer entries than were signed for
	Different GuardState = "different" // other entries than were signed for
)

// NewGuard returns a guard; Run lets it compare later what it could not.
func NewGuard(o GuardOptions) *Guard {
	if o.Patience == 0 {
		o.Patience = time.Second
	}
	if o.Again == 0 {
		o.Again = 2 * time.Second
	}
	if o.Rest == 0 {
		o.Rest = 5 * time.Second
	}
	return &Guard{o: o, state: map[incident.LogID]GuardState{}}
}

// State returns what the guard knows of the log, on this node.
func (g *Guard) State(log incident.LogID) GuardState {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state[log]
}

// Counts says how many logs are in each state, on this node.
func (g *Guard) Counts() map[GuardState]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := map[GuardState]int{}
	for _, s := range g.state {
		n[s]++
	}
	return n
}

// Check compares the log and, if it is not what was signed for, closes it. The
// error is of the database only; whether the log may be written to stands in
// its row afterwards.
func (g *Guard) Check(ctx context.Context, log incident.LogID) error {
	var origin string
	var size int64
	var closed string
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`SELECT origin, size, guard FROM log WHERE id = $1`, string(log)).QueryRow(func(row pgx.Row) error {
		return row.Scan(&origin, &size, &closed)
	})
	if err := g.o.Writer.SendBatch(ctx, b).Close(); errors.Is(err, pgx.ErrNoRows) {
		return nil
	} else if err != nil {
		return err
	}
	if closed != "" {
		g.set(log, GuardState(closed))
		return nil
	}
	held, state := g.ask(ctx, origin)
	if len(held) == 0 {
		g.set(log, state)
		return nil
	}
	bad, is, err := g.compare(ctx, log, held)
	if err != nil {
		return err
	}
	if is != "" {
		return g.close(ctx, log, is, bad)
	}
	g.set(log, state)
	return nil
}

// ask brings what is held of a log elsewhere, and the state it is in if that
// agrees.
func (g *Guard) ask(ctx context.Context, origin string) (held []evidence.Checkpoint, state GuardState) {
	state = Unguarded
	if g.o.Witness != nil && !g.resting() {
		quick, cancel := context.WithTimeout(ctx, g.o.Patience)
		c, ok, err := g.o.Witness.Held(quick, origin)
		cancel()
		switch {
		case err != nil:
			g.rest()
		case ok:
			held, state = append(held, c), Guarded
		default:
			state = Guarded // it has never signed for it: nothing to fall behind
		}
	}
	if g.o.Kept == nil {
		return held, state
	}
	if c, ok, err := g.o.Kept.Held(ctx, origin); err != nil {
		g.o.Log.Error("the file of checkpoints cannot be read", "error", err)
	} else if ok {
		held = append(held, c)
	}
	return held, state
}

// resting reports whether the witness has just not answered. Many logs are
// looked at when a node starts, and each would wait.
func (g *Guard) resting() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Now().Before(g.away)
}

func (g *Guard) rest() {
	g.mu.Lock()
	g.away = time.Now().Add(g.o.Rest)
	g.mu.Unlock()
}

func (g *Guard) set(log incident.LogID, s GuardState) {
	g.mu.Lock()
	g.state[log] = s
	g.mu.Unlock()
}

// compare reads the leaves as they are stored and says which checkpoint they
// are not, and how; is is "" if they are all of them.
func (g *Guard) compare(ctx context.Context, log incident.LogID, held []evidence.Checkpoint) (bad evidence.Checkpoint, is GuardState, err error) {
	upTo := uint64(0)
	for _, c := range held {
		upTo = max(upTo, c.Size)
	}
	tx, err := g.o.Writer.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return bad, "", err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return bad, "", err
	}
	rows, err := tx.Query(ctx, `SELECT seq, leaf FROM leaf WHERE log = $1 AND seq < $2 ORDER BY seq`, string(log), int64(upTo))
	if err != nil {
		return bad, "", err
	}
	defer rows.Close()
	var f evidence.Frontier
	different := func() bool {
		for _, c := range held {
			if c.Size == f.Size() && c.Root != f.Root() {
				bad = c
				return true
			}
		}
		return false
	}
	for rows.Next() {
		var seq int64
		var leaf pgtype.DriverBytes // good until the next row
		if err := rows.Scan(&seq, &leaf); err != nil {
			return bad, "", err
		}
		if uint64(seq) != f.Size() { // one in the middle is gone
			for _, c := range held {
				if c.Size > f.Size() {
					return c, Different, nil
				}
			}
		}
		f.Append(evidence.LeafHash(leaf))
		if different() {
			return bad, Different, nil
		}
	}
	if err := rows.Err(); err != nil {
		return bad, "", err
	}
	for _, c := range held {
		if c.Size > f.Size() {
			return c, Behind, nil
		}
	}
	return bad, "", nil
}

// close makes the log read-only, on all nodes.
func (g *Guard) close(ctx context.Context, log incident.LogID, is GuardState, held evidence.Checkpoint) error {
	b := &pgx.Batch{}
	projection.Writer(log).Enter(b)
	b.Queue(`UPDATE log SET guard = $2, guard_at = clock_timestamp(), guard_size = $3, guard_root = $4 WHERE id = $1 AND guard = ''`,
		string(log), string(is), int64(held.Size), held.Root[:])
	if err := g.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	g.set(log, is)
	g.o.Log.Error("a log is not what was signed for: it is read-only from here on", "found", string(is), "signed", held.Size)
	return nil
}

// Run tells of logs that are closed, and compares, again and again until ctx
// ends, those that were written to while the witness did not answer. It
// returns nil.
func (g *Guard) Run(ctx context.Context) error {
	told, err := g.closed(ctx) // those that were found before
	for err != nil && ctx.Err() == nil {
		g.o.Log.Warn("it could not be asked which logs are closed; it will be tried again", "error", err)
		g.wait(ctx)
		told, err = g.closed(ctx)
	}
	if err := g.boot(ctx); err != nil && ctx.Err() == nil {
		g.o.Log.Warn("not every log could be compared on starting; each is before it is first written to", "error", err)
	}
	for g.wait(ctx) {
		now, err := g.closed(ctx)
		if err != nil && ctx.Err() == nil {
			g.o.Log.Warn("it could not be asked which logs are closed; it will be tried again", "error", err)
		}
		for id := range now {
			if !told[id] && g.o.Closed != nil {
				g.o.Closed(id)
			}
			told[id] = true
		}
		g.again(ctx)
	}
	return nil
}

// boot looks at every log once for what can be told without reading it: whether
// it is shorter than was signed for. So a room that was put back says so to
// whoever only reads it; the leaves are compared before it is written to.
func (g *Guard) boot(ctx context.Context) error {
	type row struct {
		id     incident.LogID
		origin string
		size   uint64
	}
	var logs []row
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id, origin, size FROM log WHERE guard = '' ORDER BY last DESC`).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var r row
			var size int64
			if err := rows.Scan((*string)(&r.id), &r.origin, &size); err != nil {
				return err
			}
			r.size = uint64(size)
			logs = append(logs, r)
		}
		return rows.Err()
	})
	if err := g.o.Writer.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	for _, l := range logs {
		held, _ := g.ask(ctx, l.origin)
		if ctx.Err() != nil {
			return nil
		}
		if slices.ContainsFunc(held, func(c evidence.Checkpoint) bool { return c.Size > l.size }) {
			if err := g.Check(ctx, l.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// wait reports whether ctx goes on.
func (g *Guard) wait(ctx context.Context) bool {
	t := time.NewTimer(g.o.Again)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (g *Guard) closed(ctx context.Context) (map[incident.LogID]bool, error) {
	all := map[incident.LogID]bool{}
	b := &pgx.Batch{}
	projection.House().Enter(b)
	b.Queue(`SELECT id FROM log WHERE guard <> ''`).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			var id incident.LogID
			if err := rows.Scan((*string)(&id)); err != nil {
				return err
			}
			all[id] = true
		}
		return rows.Err()
	})
	return all, g.o.Writer.SendBatch(ctx, b).Close()
}

// again compares what was not compared with the witness.
func (g *Guard) again(ctx context.Context) {
	if g.o.Witness == nil {
		return
	}
	g.mu.Lock()
	var logs []incident.LogID
	for id, s := range g.state {
		if s == Unguarded {
			logs = append(logs, id)
		}
	}
	g.mu.Unlock()
	for _, id := range logs {
		if g.resting() || ctx.Err() != nil {
			return
		}
		if err := g.Check(ctx, id); err != nil && ctx.Err() == nil {
			g.o.Log.Warn("a log could not be compared with the witness; it will be tried again", "error", err)
		}
	}
}
