// Package channels listens to what nodes tell each other over Redis: one
// server, or a cluster of them. It knows no log and no person; what is said on
// a channel is a hint and may be lost.
//
// Channels are sharded (SPUBLISH, SSUBSCRIBE; Redis 7 or later): in a cluster a
// message goes to the shard that its channel's slot is on and to nobody else.
// A connection listens on one shard, so names carry one of a few tags, and a
// cluster is listened to by one connection for each tag in use.
package channels

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// tags is how many slots of a cluster the channels lie on, and how many
// connections a node has to it at most for each Ear.
const tags = 16

// Times of an Ear.
const (
	unheard  = 3 * time.Second        // how long Redis may leave a channel that was asked for unconfirmed
	lookEach = time.Second            // how often that is looked at
	pause    = 100 * time.Millisecond // before it is begun anew
)

// Hash hides a name: whoever reads Redis learns that something has changed,
// not what.
func Hash(name string) string {
	h := sha256.Sum256([]byte(name))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:16]))
}

// Name is the channel of that hash. The braces are what a cluster makes the
// slot of.
func Name(prefix, hash string) string {
	h := fnv.New32a()
	h.Write([]byte(hash))
	return prefix + "{" + strconv.Itoa(int(h.Sum32()%tags)) + "}/" + hash
}

func tagOf(name string) string {
	_, tag, _ := strings.Cut(name, "{")
	tag, _, _ = strings.Cut(tag, "}")
	return tag
}

// Ear listens to the channels that are wanted, for as long as they are. It is
// safe for concurrent use.
type Ear struct {
	client redis.UniversalClient
	heard  func(name, message string)
	said   func(what, name string)
	ctx    context.Context
	stop   context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	parts map[string]*part // by tag; one, "", where there is no cluster
}

// part is what one connection listens to.
type part struct {
	ear     *Ear
	changed chan struct{} // one token: wanted has changed

	wanted map[string]bool // guarded by the ear's mu
}

// Listen begins. heard is called with each message, said with what Redis
// confirms (ssubscribe, sunsubscribe): both one at a time for each connection,
// and neither may block.
func Listen(client redis.UniversalClient, heard func(name, message string), said func(what, name string)) *Ear {
	e := &Ear{client: client, heard: heard, said: said, parts: map[string]*part{}}
	e.ctx, e.stop = context.WithCancel(context.Background())
	return e
}

// Close ends the listening.
func (e *Ear) Close() {
	e.mu.Lock()
	e.stop()
	e.mu.Unlock()
	e.wg.Wait()
}

// Want asks for a channel, or lets it go. It does not wait for Redis.
func (e *Ear) Want(name string, on bool) {
	tag := ""
	if _, cluster := e.client.(*redis.ClusterClient); cluster {
		tag = tagOf(name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ctx.Err() != nil {
		return
	}
	p := e.parts[tag]
	if p == nil {
		if !on {
			return
		}
		p = &part{ear: e, changed: make(chan struct{}, 1), wanted: map[string]bool{}}
		e.parts[tag] = p
		e.wg.Go(p.run)
	}
	if on {
		p.wanted[name] = true
	} else {
		delete(p.wanted, name)
	}
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// run listens until the ear is closed. The library comes back by itself when a
// connection breaks; where that leads to a shard that no longer has the slot,
// or Redis lets a channel go because its slot has moved, it is begun anew.
func (p *part) run() {
	for p.ear.ctx.Err() == nil {
		p.listen()
		if c, ok := p.ear.client.(*redis.ClusterClient); ok {
			c.ReloadState(p.ear.ctx)
		}
		select {
		case <-p.ear.ctx.Done():
		case <-time.After(pause):
		}
	}
}

// listen is one run, until something wanted is not to be had by it.
func (p *part) listen() {
	ctx, cancel := context.WithCancel(p.ear.ctx)
	first := p.first(ctx)
	if ctx.Err() != nil {
		cancel()
		return
	}
	have := &having{asked: map[string]time.Time{}}
	have.awaits(first)
	// Asked for before anything is received: a connection that is made to receive, and for no channel, goes to any shard.
	sub := p.ear.client.SSubscribe(ctx, first...)
	messages := sub.ChannelWithSubscriptions(redis.WithChannelSize(1024))
	var asking sync.WaitGroup
	defer asking.Wait()
	defer sub.Close() // before waiting: it ends a write that is under way
	defer cancel()
	asking.Go(func() { p.ask(ctx, sub, have, first) })
	look := time.NewTicker(lookEach)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
			if have.overdue(time.Now()) {
				return
			}
		case m, ok := <-messages:
			if !ok {
				return
			}
			switch m := m.(type) {
			case *redis.Subscription:
				if m.Kind == "sunsubscribe" && p.wants(m.Channel) {
					return // its slot has moved
				}
				have.confirmed(m.Channel)
				p.ear.said(m.Kind, m.Channel)
				if m.Kind == "sunsubscribe" && m.Count == 0 && p.idle() {
					return // a connection that is made anew while nothing is subscribed to goes to any shard, too
				}
			case *redis.Message:
				p.ear.heard(m.Channel, m.Payload)
			}
		}
	}
}

// first waits until something is wanted, and returns all that is.
func (p *part) first(ctx context.Context) []string {
	for {
		p.ear.mu.Lock()
		names := slices.Collect(maps.Keys(p.wanted))
		p.ear.mu.Unlock()
		if len(names) > 0 {
			return names
		}
		select {
		case <-ctx.Done():
			return nil
		case <-p.changed:
		}
	}
}

// idle says that nothing is wanted.
func (p *part) idle() bool {
	p.ear.mu.Lock()
	defer p.ear.mu.Unlock()
	return len(p.wanted) == 0
}

func (p *part) wants(name string) bool {
	p.ear.mu.Lock()
	defer p.ear.mu.Unlock()
	return p.wanted[name]
}

// ask brings what is asked of Redis in line with what is wanted. It may wait
// for Redis; nobody waits for it. The first were asked for before.
func (p *part) ask(ctx context.Context, sub *redis.PubSub, have *having, first []string) {
	asked := map[string]bool{}
	for _, name := range first {
		asked[name] = true
	}
	for {
		var join, leave []string
		p.ear.mu.Lock()
		for name := range p.wanted {
			if !asked[name] {
				join = append(join, name)
			}
		}
		for name := range asked {
			if !p.wanted[name] {
				leave = append(leave, name)
			}
		}
		p.ear.mu.Unlock()
		for _, name := range join {
			asked[name] = true
		}
		for _, name := range leave {
			delete(asked, name)
		}
		// An error is a Redis that does not answer: the library has noted the
		// channels and asks for them when it is back.
		if len(join) > 0 {
			have.awaits(join)
			sub.SSubscribe(ctx, join...)
		}
		if len(leave) > 0 {
			have.drop(leave)
			sub.SUnsubscribe(ctx, leave...)
		}
		select {
		case <-ctx.Done():
			return
		case <-p.changed:
		}
	}
}

// having is what was asked for and not confirmed yet, and since when.
type having struct {
	mu    sync.Mutex
	asked map[string]time.Time
}

func (h *having) awaits(names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		h.asked[name] = time.Now()
	}
}

func (h *having) drop(names []string) {
	for _, name := range names {
		h.confirmed(name)
	}
}

func (h *having) confirmed(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.asked, name)
}

func (h *having) overdue(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, since := range h.asked {
		if now.Sub(since) > unheard {
			return true
		}
	}
	return false
}
