// Package doorbell tells other nodes that a log grew, over Redis. It is a
// hint, never content: a channel's name is a hash of the log's random id and
// the message is a number. A lost hint costs the time until the next look at
// the database; a forged or repeated one costs a look, and those are bounded.
package doorbell

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

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
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup

	lost, malformed, heard, rung atomic.Uint64

	mu        sync.Mutex
	waiting   map[incident.LogID]uint64 // to be rung: the largest size
	ring      chan struct{}             // one token: waiting is not empty
	listeners map[string]*listener      // by channel
	changed   chan struct{}             // one token: the set of channels has changed
	joined    map[string]bool           // channels asked for; owned by subscribe
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
		listeners: map[string]*listener{}, changed: make(chan struct{}, 1), joined: map[string]bool{}, noted: noted}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.ctx, b.stop = context.WithCancel(context.Background())
	if b.client != nil {
		b.wg.Go(b.publish)
		b.wg.Go(b.receive)
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
	b.mu.Unlock()
	token(b.changed)
	return func() {
		b.mu.Lock()
		delete(l.fns, id)
		if len(l.fns) == 0 && b.listeners[name] == l {
			delete(b.listeners, name)
		}
		b.mu.Unlock()
		token(b.changed)
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
	h := sha256.Sum256([]byte("wardroom/1/doorbell\n" + string(log)))
	return "wardroom/1/bell/" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:16]))
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
				p.Publish(ctx, channel(log), strconv.FormatUint(size, 10))
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

// receive keeps the subscriptions and hears the rings. The library comes back
// by itself when Redis does, with every channel asked for.
func (b *Bell) receive() {
	sub := b.client.Subscribe(b.ctx)
	defer sub.Close()
	messages := sub.ChannelWithSubscriptions(redis.WithChannelSize(1024))
	b.wg.Go(func() { b.subscribe(sub) })
	for {
		select {
		case <-b.ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			switch m := m.(type) {
			case *redis.Subscription:
				b.noted(m.Kind, m.Channel)
			case *redis.Message:
				size, err := strconv.ParseUint(m.Payload, 10, 64)
				if err != nil {
					b.malformed.Add(1)
					b.noted("malformed", m.Channel)
					continue
				}
				b.hear(m.Channel, size)
			}
		}
	}
}

// subscribe brings the channels asked for in line with the listeners. It may
// wait for Redis; nobody waits for it.
func (b *Bell) subscribe(sub *redis.PubSub) {
	for {
		select {
		case <-b.ctx.Done():
			return
		case <-b.changed:
		}
		var join, leave []string
		b.mu.Lock()
		for name := range b.listeners {
			if !b.joined[name] {
				join = append(join, name)
			}
		}
		for name := range b.joined {
			if b.listeners[name] == nil {
				leave = append(leave, name)
			}
		}
		b.mu.Unlock()
		// An error is a Redis that does not answer: the library has noted the
		// channels and asks for them when it is back.
		if len(join) > 0 {
			sub.Subscribe(b.ctx, join...)
		}
		if len(leave) > 0 {
			sub.Unsubscribe(b.ctx, leave...)
		}
		for _, name := range join {
			b.joined[name] = true
		}
		for _, name := range leave {
			delete(b.joined, name)
		}
	}
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
