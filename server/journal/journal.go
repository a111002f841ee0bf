// Package journal is the one write door. Append runs a command through
// command.Decide inside one transaction that writes one log and what is
// derived from it; nothing else inserts into a log.
//
// A log has one writer per node, which takes every waiting command at once:
// the commit in flight is the batching window, no timer. Several nodes may
// write the same log; the row lock on log puts their groups in order, and
// each node folds what others appended before it decides.
//
// Announcements (Watch) come after commit, in order of numbers.
package journal

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/ledger"
	"wardroom/server/nextflight"
	"wardroom/server/projection"
	"wardroom/server/trail"
	"wardroom/server/vault"
)

// Options are what a Journal needs.
type Options struct {
	Writer     *pgxpool.Pool // connects as wardroom_writer: appends, folds, follows
	Reader     *pgxpool.Pool // connects as wardroom_reader: what is read on a person's behalf, and it can write nothing
	Vault      *vault.Vault
	Deployment string       // the deployment's host name: the first part of every origin
	Log        *slog.Logger // never given content
	// Rang is called after each commit of ours, outside all locks, for the
	// doorbell to ring; nil rings nothing.
	Rang func(log incident.LogID, size uint64)
	// Guard is asked once before this node first writes to a log, and whenever
	// the database turns out to be behind what was committed; it says in the
	// log's row whether it may be written to. nil: nobody guards.
	Guard func(ctx context.Context, log incident.LogID) error
	// Ledger is where erasures are kept outside the database; without one nothing
	// is erased.
	Ledger *ledger.File
	// Newer is told, once a log, of one that goes on with what this server cannot
	// read; nil tells nobody. It must not block.
	Newer func(kind incident.LogKind)
	// Poll is how often a watched log is looked at when no doorbell rings;
	// 0 means 250 ms.
	Poll time.Duration
	// Idle is how long a log nobody uses stays in memory; 0 means 10 minutes.
	Idle time.Duration
	// Logs is how many logs may be in memory, and LogBytes what their folds may
	// take there; 0 means DefaultLogs and DefaultLogBytes.
	Logs     int
	LogBytes int
}

// Journal holds this node's writers. It is safe for concurrent use.
type Journal struct {
	opt    Options
	closed atomic.Bool
	stop   context.CancelFunc
	ctx    context.Context
	wg     sync.WaitGroup

	mu         sync.Mutex
	writers    map[incident.LogID]*writer
	closedLogs map[incident.LogID]string // shut, with the sentence that says why
	system     incident.LogID            // the system log's id, once known
	asked      time.Time                 // when that was asked last: a broken one is gone on from in another
	sizes      *nextflight.Group[struct{}, sizeAsk]

	tides  map[incident.LogKind]*tide // of which this node has followers
	hinted map[incident.LogID]bool    // logs that another node is said to have written to, not looked at yet
	hint   chan struct{}              // one token: hinted is not empty

	registered   map[incident.LogID]incident.Seq // rooms, by the entry of the system log; as far as lastRoom
	registeredIn incident.LogID
	lastRoom     incident.Seq
	told         deliveries

	rules   int            // of this node's folds: see shape.go
	every   uint64         // see foldEvery
	keeps   chan struct{}  // one snapshot of a fold is stored at a time
	keeping sync.WaitGroup // those under way
	folds   atomic.Uint64  // how many this node has stored
	warms   chan struct{}  // one long tail is read at a time

	weighed time.Time // when the logs in memory were last looked at for more than there may be; guarded by mu
	evicted atomic.Uint64
}

// Receipt is what a caller gets for a command that was carried out, now or at
// its first sending.
type Receipt struct {
	Seq    incident.Seq      // the first entry it made
	Count  int               // how many entries it made, one after the other
	Events []*incident.Event // those entries; nil when Repeat
	Repeat bool              // this key had been answered before
}

// Written is one entry of a group, with what a listener needs to judge it.
type Written struct {
	Entry  evidence.Entry // as it is stored; only policy may read its opening
	Root   incident.Seq
	Sight  incident.Sight    // the root's, as it stands after the group
	Marked bool              // the entry moved the root's marking
	Was    *incident.Sight   // with Marked: the root's, as it stood before the group; nil if it began in it
	Noter  incident.MemberNo // who gave the note that the entry is; 0 if it is none
	Member incident.Seq      // the membership it is about: its root; 0 for none
	Leaf   [32]byte          // the leaf's hash
	Erased *evidence.Entry   // of an entry that erased from another: what is left of that

	Stored *projection.Root // the root's row, as it stands after the group; never changed; nil for other logs
}

// Group is what one commit added to a log. Room is nil for other logs.
type Group struct {
	Log     incident.LogID
	Before  *incident.Room // the fold before; never changed
	Room    *incident.Room // the fold after; never changed
	Entries []Written      // contiguous, ascending

	Trail     trail.Link // the commit, in a trace
	Committed time.Time  // when this node had it committed; zero for what another node wrote

	Members []projection.Member // the rows of the memberships it changed, as they stand after it

	// Newer: the log goes on with what this server cannot read. Then there is
	// nothing else in the group, and none follows.
	Newer bool

	events []*incident.Event // the same, decoded: the journal's own
}

// First returns the number of the group's first entry.
func (g *Group) First() incident.Seq { return incident.Seq(g.Entries[0].Entry.Seq) }

// Last returns the number of the group's last entry.
func (g *Group) Last() incident.Seq { return incident.Seq(g.Entries[len(g.Entries)-1].Entry.Seq) }

// Row is one entry as a reader's page brings it: the opening is nil where row
// -level security did not give it out.
type Row struct {
	Entry evidence.Entry
	Sight incident.Sight // of its root, at the head; zero when the opening is not given out

	Stored *projection.Root // the row the sight is made of; nil when the opening is not given out
}

// Append runs the command and returns once it is committed, or refused. The
// error is an *incident.Error; a refusal stores nothing. With the same log,
// actor and key it answers as it did the first time.
func (j *Journal) Append(ctx context.Context, log incident.LogID, actor incident.Actor, key incident.Key, cmd command.Command) (Receipt, error) {
	if !key.Valid() {
		return Receipt{}, incident.BadField("Idempotency-Key", "Send a ULID of your own making with every change.")
	}
	w, err := j.writer(ctx, log)
	if err != nil {
		return Receipt{}, err
	}
	ctx, span := trail.Start(ctx, nameOf(cmd))
	r, err := w.append(ctx, &pending{actor: actor, key: key, cmd: cmd, mac: w.key.MAC(command.Bytes(cmd)), from: trail.At(ctx)})
	span.End(err)
	if _, begins := cmd.(command.OpenSystem); begins && err == nil {
		j.mu.Lock()
		j.asked = time.Time{} // which log is the deployment's record is asked anew
		j.mu.Unlock()
	}
	return r, err
}
