// Package doorbell tells other nodes that a log grew, over Redis. It is a
// hint, never content: a channel's name is a hash of the log's random id and
// the message is a number. A lost hint costs the time until the next look at
// the database; a forged or repeated one costs a look, and those are bounded.
//
// Nodes of a version that rang on other channels are not heard and do not hear:
// while a deployment is renewed node by node, what such a pair writes comes by
// the next look, at most a quarter of a second later.
package doorbell

import (
	"context"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/channels"
	"wardroom/server/incident"
)

// Pace is the shortest time between two calls for one log, however often it
// rings. The last ring is never swallowed.
const Pace = 20 * time.Millisecond

// maxWaiting bounds the logs that wait to be rung while Redis does not answer;
// beyond it rings are lost.
const maxWaiting = 10_000

// Options are what a Bell needs.
type Options struct {
	Redis redis.UniversalClient // nil: one node, nobody to ring for
	Log   *slog.Logger          // never given ids
}

// Bell rings and listens. It is safe for concurrent use.
type Bell struct {
	log    *slog.Logger
	client redis.UniversalClient
	ear    *channels.Ear // nil: one node
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup

	lost, malformed, heard, rung atomic.Uint64

	mu        sync.Mutex
	waiting   map[incident.LogID]uint64 // to be rung: the largest size
	ring      chan struct{}             // one token: waiting is not empty
	listeners map[string]*listener      // by channel
	closed    bool

	noted func(what, channel string) // for tests: told of what the bell alone knows
}

// listener is everything this node does about one channel.
type listener struct {
	fns   map[*func(uint64)]struct{}
	last  time.Time   // of the last call
	size  uint64      // the largest heard since
	timer *time.Timer // the call put off; nil for none
}

// New returns a bell; Close stops it. It does not wait for Redis, which may
// come and go.
func New(opt Options) *Bell { return begin(opt, func(string, string) {}) }

func begin(opt Options, noted func(what, channel string)) *Bell {
	b := &Bell{log: opt.Log, client: opt.Redis, waiting: map[incident.LogID]uint64{}, ring: make(chan struct{}, 1),
		listeners: map[string]*listener{}, noted: noted}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.ctx, b.stop = context.WithCancel(context.Background())
	if b.client != nil {
		b.ear = channels.Listen(b.client, b.heardOn, b.noted)
		b.wg.Go(b.publish)
	}
	return b
}

// Close stops ringing and listening.
func (b *Bell) Close() {
	b.mu.Lock()
	b.closed = true
	for _, l := range b.listeners {
		if l.timer != nil {
			l.timer.Stop()
		}
	}
	b.mu.Unlock()
	b.stop()
	b.wg.Wait()
	if b.ear != nil {
		b.ear.Close()
	}
}

// Stats are the bell's counters since it began.
type Stats struct {
	Rung      uint64 // rings given to Redis
	Lost      uint64 // rings that did not get there
	Heard     uint64 // rings received for a log listened to
	Malformed uint64 // messages that were no ring
}

// Stats returns the counters.
func (b *Bell) Stats() Stats {
	return Stats{Rung: b.rung.Load(), Lost: b.lost.Load(), Heard: b.heard.Load(), Malformed: b.malformed.Load()}
}

// Ring says that the log has size entries. It never blocks; rings of one log
// that wait become one.
func (b *Bell) Ring(log incident.LogID, size uint64) {
	if b.client == nil {
		return
	}
	b.mu.Lock()
	if _, known := b.waiting[log]; !known && len(b.waiting) >= maxWaiting {
		b.mu.Unlock()
		b.lost.Add(1)
		boundWaiting.Hit()
		return
	}
	b.waiting[log] = max(b.waiting[log], size)
	b.mu.Unlock()
	token(b.ring)
}

// Listen calls fn when another node rings for the log, at most once per Pace,
// with the largest size heard. The number is whatever Redis said: a hint. fn
// must not block. stop may be called once or more; a call in flight may still
// end after it.
func (b *Bell) Listen(log incident.LogID, fn func(size uint64)) (stop func()) {
	if b.client == nil {
		return func() {}
	}
	name, id := channel(log), &fn
	b.mu.Lock()
	l := b.listeners[name]
	if l == nil {
		l = &listener{fns: map[*func(uint64)]struct{}{}}
		b.listeners[name] = l
	}
	l.fns[id] = struct{}{}
	b.ear.Want(name, true)
	b.mu.Unlock()
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(l.fns, id)
		if len(l.fns) == 0 && b.listeners[name] == l {
			delete(b.listeners, name)
			b.ear.Want(name, false)
		}
	}
}

func token(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// channel hides the id: whoever reads Redis learns how often something grows.
func channel(log incident.LogID) string {
	return channels.Name("wardroom/2/bell/", channels.Hash("wardroom/1/doorbell\n"+string(log)))
}

// publish gives what waits to Redis, one round trip for all of it.
func (b *Bell) publish() {
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.ring:
		}
		b.mu.Lock()
		waiting := b.waiting
		b.waiting = map[incident.LogID]uint64{}
		b.mu.Unlock()
		ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
		_, err := b.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for log, size := range waiting {
				p.SPublish(ctx, channel(log), strconv.FormatUint(size, 10))
			}
			return nil
		})
		cancel()
		if err != nil {
			b.lost.Add(uint64(len(waiting)))
			b.noted("lost", "")
			b.log.Debug("rings were lost", "count", len(waiting), "error", err)
			continue
		}
		b.rung.Add(uint64(len(waiting)))
		b.noted("rung", "")
	}
}

// heardOn reads a ring.
func (b *Bell) heardOn(name, message string) {
	size, err := strconv.ParseUint(message, 10, 64)
	if err != nil {
		b.malformed.Add(1)
		b.noted("malformed", name)
		return
	}
	b.hear(name, size)
}

// hear calls the listeners of a channel, now or when Pace allows.
func (b *Bell) hear(name string, size uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.listeners[name]
	if l == nil || b.closed {
		return
	}
	b.heard.Add(1)
	l.size = max(l.size, size)
	if l.timer != nil {
		return
	}
	l.timer = time.AfterFunc(Pace-min(time.Since(l.last), Pace), func() { b.call(l) })
}

func (b *Bell) call(l *listener) {
	b.mu.Lock()
	var fns []func(uint64)
	for fn := range l.fns {
		fns = append(fns, *fn)
	}
	size := l.size
	l.timer, l.size, l.last = nil, 0, time.Now()
	if b.closed {
		fns = nil
	}
	b.mu.Unlock()
	for _, fn := range fns {
		fn(size)
	}
}
