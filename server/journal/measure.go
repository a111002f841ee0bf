package journal

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/meter"
	"wardroom/server/trail"
)

// What the journal counts. A command is its type's name, never what it holds.
var (
	commandSet = meter.NewSet[string]("command") // added to by type
	outcomeSet = meter.NewSet("outcome", append(faults(), "done", "repeat")...)
	commands   = meter.NewCounter("commands", "Commands put to a log, by their type and what became of them: done, answered from their key, or the kind of refusal.", commandSet, outcomeSet)

	groupEntries = meter.NewHistogram("journal_group_entries", "Entries in one commit.", meter.Powers(12))
	groupSeconds = meter.NewHistogram("journal_commit_seconds", "From taking a group up to its commit, waiting for a connection and for the log's lock included.", meter.Quick)

	fromSet   = meter.NewSet("from", "snapshot", "start")
	foldLoads = meter.NewCounter("journal_fold_loads", "Folds made anew in memory: from a snapshot, or from the log's beginning.", fromSet)
	foldTail  = meter.NewHistogram("journal_fold_tail_entries", "Entries that had to be folded behind the snapshot, or from the beginning.", meter.Powers(21))

	appended atomic.Uint64 // entries

	boundQueue = meter.NewBound("log_queue", "one log, on one node", strconv.Itoa(maxQueue)+" commands that wait", "Not just now (503), with how long to wait.")
	boundHeld  = meter.NewBound("deliveries_held", "the node", strconv.Itoa(maxHeld)+" rows of what was delivered that the database has not taken", "The desk does not know of the delivery; it is counted as unrecorded.")
	boundLogs  = meter.NewBound("logs_in_memory", "the node", strconv.Itoa(DefaultLogs)+" logs, and an eighth of its memory", "The logs unused for longest leave memory, and are loaded again when they are wanted.")
)

// Of the spans of a command that waits, and of the group that carries it.
var (
	commandNames = trail.NewFamily("journal")
	groupName    = trail.Declare("journal.group")
	commandsKey  = trail.NewKey("commands")
	entriesKey   = trail.NewKey("entries")
)

// nameOf is the command's type, never what it holds.
func nameOf(cmd command.Command) trail.Name {
	if !trail.On() {
		return trail.Name{}
	}
	name := command.Name(cmd)
	commandNames.Add(name)
	return commandNames.Of(name)
}

// froms are the places in traces that wait for a group.
func froms(group []*pending) (links []trail.Link) {
	if !trail.On() {
		return nil
	}
	for _, p := range group {
		links = append(links, p.from)
	}
	return links
}

func faults() []string {
	var all []string
	for _, f := range []incident.Fault{incident.Invalid, incident.SignedOut, incident.StepUp, incident.NotFound, incident.Forbidden, incident.Conflict, incident.Unavailable, incident.TooMany, incident.Internal} {
		all = append(all, string(f))
	}
	return all
}

// counted takes down what became of a command.
func (p *pending) counted(a answer) {
	if p.cmd == nil {
		return
	}
	name, outcome := command.Name(p.cmd), "done"
	var refused *incident.Error
	switch {
	case errors.As(a.err, &refused):
		outcome = string(refused.Fault)
	case a.err != nil:
		outcome = string(incident.Internal)
	case a.receipt.Repeat:
		outcome = "repeat"
	}
	if !commandSet.Has(name) {
		commandSet.Add(name)
	}
	commands.Inc(name, outcome)
}

// loaded takes down how a fold came into memory that is to go on to the size.
func (w *writer) loaded(size uint64) {
	from := "snapshot"
	if w.size == 0 {
		from = "start"
	}
	foldLoads.Inc(from)
	foldTail.Observe(float64(size - min(w.size, size)))
}

// DefaultLogs is how many logs are in memory at most.
const DefaultLogs = 4000

// DefaultLogBytes bounds, by estimate, what their folds take.
const DefaultLogBytes = 512 << 20

// settled is how long a log must have been left alone before it makes room for
// another.
const settled = 5 * time.Second

// weight estimates the bytes of a fold in memory: what grows in it is people.
func weight(s incident.State) int {
	const each, log = 1 << 10, 32 << 10
	switch s := s.(type) {
	case *incident.Room:
		return log + each*len(s.Members)
	case *incident.System:
		return log + each*len(s.People)
	}
	return log / 4
}

// makeRoom asks the logs unused for longest to leave memory, if there are more
// than there may be. j.mu is held.
func (j *Journal) makeRoom(now time.Time) {
	type idle struct {
		w     *writer
		since time.Time
		bytes int
	}
	if len(j.writers) <= j.opt.Logs && now.Sub(j.weighed) < time.Second {
		return // weighing looks at each of them
	}
	j.weighed = now
	var left []idle
	bytes := 0
	for _, w := range j.writers {
		w.mu.Lock()
		n := weight(w.seen)
		if len(w.watchers) == 0 && now.Sub(w.used) >= settled {
			left = append(left, idle{w, w.used, n})
		}
		w.mu.Unlock()
		bytes += n
	}
	more := len(j.writers) - j.opt.Logs
	if more <= 0 && bytes <= j.opt.LogBytes {
		return
	}
	more = max(more, 0) + j.opt.Logs/16 // so that it is not looked at for each that comes
	slices.SortFunc(left, func(a, b idle) int { return cmp.Compare(a.since.UnixNano(), b.since.UnixNano()) })
	for _, l := range left {
		if more <= 0 && bytes <= j.opt.LogBytes*15/16 {
			return
		}
		select {
		case l.w.leave <- struct{}{}:
			boundLogs.Hit()
		default: // it has been asked
		}
		more--
		bytes -= l.bytes
	}
}

// Stats are the journal's counts, for the operator.
type Stats struct {
	Logs    int64 // in memory
	Watched int64 // of those, with somebody who listens
	Bytes   int64 // of their folds, by estimate
	Waiting int64 // commands that wait for their log's writer
	Evicted uint64
}

// Stats returns the counts as they stand.
func (j *Journal) Stats() Stats {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := Stats{Logs: int64(len(j.writers)), Evicted: j.evicted.Load()}
	for _, w := range j.writers {
		w.mu.Lock()
		if len(w.watchers) > 0 {
			s.Watched++
		}
		s.Bytes += int64(weight(w.seen))
		w.mu.Unlock()
		s.Waiting += int64(len(w.in))
	}
	return s
}

// Appended is how many entries this process has appended.
func Appended() uint64 { return appended.Load() }

// Commits is how long commits took.
func Commits() meter.Reading { return groupSeconds.Read() }
