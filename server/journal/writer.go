package journal

import (
	"context"
	"errors"
	"sync"
	"time"

	"wardroom/server/command"
	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/trail"
	"wardroom/server/vault"
)

// maxGroup bounds how many commands one commit carries; maxQueue how many
// may wait. A full queue answers Unavailable.
const (
	maxGroup = 256
	maxQueue = 2048
)

// writer appends to one log. Its goroutine owns every field but those under
// mu; commands and watchers come to it by the queue.
type writer struct {
	j      *Journal
	log    incident.LogID
	kind   incident.LogKind
	room   incident.LogID // of an access log
	after  incident.LogID // the section before, if that was broken off
	line   string         // the origin line
	origin evidence.Origin
	key    *vault.Key

	in    chan *pending
	leave chan struct{} // a token: others need the memory
	gone  chan struct{} // closed when the goroutine has ended

	// The log as this node last knew it to be committed. Owned by the
	// goroutine; nil state means that it must be loaded.
	state     incident.State
	size      uint64
	frontier  *evidence.Frontier
	first     bool           // nothing was folded on since it was taken up
	prior     incident.State // the fold of the size beside it: the newest but one that was read
	priorSize uint64
	leaf      []byte // of the newest entry, once one was read or written
	keeper    keeper
	gathers   gatherer
	guarded   bool   // the guard has looked at it, or has nothing to say of it
	frozen    bool   // the database does not go on from what this node has seen committed
	found     string // with frozen: behind or different

	mu       sync.Mutex
	newer    bool           // the log goes on with what this server cannot read
	seen     incident.State // the same state, for readers
	seenSize uint64
	seenTree *evidence.Frontier    // never changed once published
	watchers map[*watcher]struct{} // guarded by mu; called by the goroutine
	used     time.Time
	access   incident.LogID // of a room, once it was asked for: its access log, which never changes
}

type watcher struct{ fn func(*Group) }

// pending is something asked of a writer.
type pending struct {
	actor incident.Actor
	key   incident.Key
	cmd   command.Command // nil: only catch up
	mac   [32]byte
	watch func(*Group) // with a nil cmd: watch from here on
	from  trail.Link   // who waits for it

	done chan answer // buffered: the writer never waits for the asker
}

type answer struct {
	receipt Receipt
	state   incident.State
	watcher *watcher
	err     error
}

func unavailable() *incident.Error {
	return incident.Refuse(incident.Unavailable, "The record cannot be written just now. Nothing is lost: it will be tried again.")
}

// append puts the command in the queue and waits for its answer. If ctx ends
// first the command may still be carried out; sending it again with the same
// key tells.
func (w *writer) append(ctx context.Context, p *pending) (Receipt, error) {
	a := w.ask(ctx, p)
	return a.receipt, a.err
}

func (w *writer) ask(ctx context.Context, p *pending) answer {
	p.done = make(chan answer, 1)
	w.mu.Lock()
	w.used = time.Now()
	w.mu.Unlock()
	select {
	case w.in <- p:
	default:
		boundQueue.Hit()
		p.counted(answer{err: unavailable()})
		return answer{err: unavailable()}
	}
	select {
	case a := <-p.done:
		return a
	case <-ctx.Done():
		if p.watch != nil {
			go w.forget(p)
		}
		return answer{err: unavailable()}
	case <-w.gone:
		select {
		case a := <-p.done:
			return a
		default:
			return answer{err: unavailable()}
		}
	}
}

// forget takes off the watcher of an asker who did not wait.
func (w *writer) forget(p *pending) {
	select {
	case a := <-p.done:
		if a.watcher != nil {
			w.unwatch(a.watcher)
		}
	case <-w.gone:
	}
}

// run is the writer's goroutine.
func (w *writer) run(ctx context.Context) {
	defer close(w.gone)
	idle := time.NewTimer(w.j.opt.Idle)
	defer idle.Stop()
	var group []*pending
	for {
		ready := len(w.in)
		select {
		case p := <-w.in:
			group = append(group[:0], p)
		case <-idle.C:
			if w.j.evict(w, w.j.opt.Idle) {
				return
			}
			idle.Reset(w.j.opt.Idle)
			continue
		case <-w.leave:
			if w.j.evict(w, settled) {
				return
			}
			continue
		case <-ctx.Done():
			return
		}
		group = w.gather(ctx, group, ready)
		began := time.Now()
		w.commit(ctx, group)
		w.gathers.last, w.gathers.took = len(group), time.Since(began)
	}
}

// commit carries a group out, however often it must be tried, and answers
// every asker.
func (w *writer) commit(ctx context.Context, group []*pending) {
	const tries = 4
	if w.isNewer() {
		w.answerAll(group, newer)
		return
	}
	for try := 1; ; try++ {
		err := w.try(context.WithoutCancel(ctx), group) // closing waits for it
		if err == nil {
			return
		}
		// The group is not known to be committed. Whatever was folded is
		// thrown away; the next try reloads and looks every key up, so a
		// group that did commit is answered from its keys and not repeated.
		w.reset()
		var refused *incident.Error
		switch {
		case errors.As(err, &refused):
			w.answerAll(group, err)
			return
		case errors.Is(err, errNewer):
			w.tellNewer()
			w.answerAll(group, newer)
			return
		case errors.Is(err, incident.ErrNewer) && len(group) == 1: // an older object of the log
			w.answerAll(group, newer)
			return
		case (deterministic(err) || errors.Is(err, errLedger) || errors.Is(err, incident.ErrNewer)) && len(group) > 1:
			half := len(group) / 2
			first, second := group[:half:half], group[half:]
			w.commit(ctx, first)
			w.commit(ctx, second)
			return
		case errors.Is(err, errLedger):
			w.j.opt.Log.Error("nothing is erased", "error", err)
			w.answerAll(group, unavailable())
			return
		case deterministic(err):
			w.j.opt.Log.Error("an entry cannot be stored", "error", err)
			w.answerAll(group, incident.Refuse(incident.Internal, "This could not be stored. It has been reported."))
			return
		case try == tries || ctx.Err() != nil:
			w.j.opt.Log.Warn("a group could not be committed", "error", err, "tries", try)
			w.answerAll(group, unavailable())
			return
		}
		select {
		case <-time.After(time.Duration(try*try) * 50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (w *writer) answerAll(group []*pending, err error) {
	for _, p := range group {
		p.counted(answer{err: err})
		p.done <- answer{err: err}
	}
}

// reset forgets what is in memory. Readers keep the last committed state.
func (w *writer) reset() { w.state, w.size, w.frontier, w.prior = nil, 0, nil, nil }

// publish makes the state visible to readers and tells the watchers, in order
// of numbers. It runs after commit only.
func (w *writer) publish(groups ...*Group) {
	w.mu.Lock()
	w.seen, w.seenSize, w.seenTree = w.state, w.size, w.frontier
	watchers := make([]*watcher, 0, len(w.watchers))
	for x := range w.watchers {
		watchers = append(watchers, x)
	}
	w.mu.Unlock()
	for _, g := range groups {
		if g == nil || len(g.Entries) == 0 {
			continue
		}
		for _, x := range watchers {
			x.fn(g)
		}
	}
	w.keepFold()
}

// watch registers fn; called by the goroutine once the state is current.
func (w *writer) watch(fn func(*Group)) *watcher {
	x := &watcher{fn}
	w.mu.Lock()
	w.watchers[x] = struct{}{}
	w.mu.Unlock()
	return x
}

func (w *writer) unwatch(x *watcher) {
	w.mu.Lock()
	delete(w.watchers, x)
	w.used = time.Now()
	w.mu.Unlock()
}
