package presence

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"wardroom/server/channels"
	"wardroom/server/incident"
)

// wire shares presence between nodes. Per room there are two sorted sets, of
// who is here and who is typing: the members are "number@node" and the scores
// the milliseconds until which it holds; and a channel on which a node says
// that its part changed. Names are hashes of the room's random id. Whatever
// is lost or forged there is corrected, or runs out, within HereFor.
type wire struct {
	client redis.UniversalClient
	log    *slog.Logger
	node   string        // random: this process
	dirty  chan struct{} // one token: some room has something to push or fetch
	ear    *channels.Ear

	mu     sync.Mutex
	rooms  map[string]incident.LogID // by channel: rooms followed
	pushed map[incident.LogID]map[string]bool
}

func newWire(c redis.UniversalClient, log *slog.Logger) *wire {
	return &wire{client: c, log: log, node: incident.RandomID(), dirty: make(chan struct{}, 1),
		rooms: map[string]incident.LogID{}, pushed: map[incident.LogID]map[string]bool{}}
}

func hash(room incident.LogID) string { return channels.Hash("wardroom/1/presence\n" + string(room)) }

// The braces keep a room's sets on one shard of a cluster.
func hereKey(h string) string   { return "wardroom/1/here/{" + h + "}" }
func typingKey(h string) string { return "wardroom/1/typing/{" + h + "}" }
func channel(h string) string   { return channels.Name("wardroom/2/presence/", h) }

func token(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (w *wire) wake() { token(w.dirty) }

func (w *wire) follow(room incident.LogID) {
	name := channel(hash(room))
	w.mu.Lock()
	w.rooms[name] = room
	w.ear.Want(name, true)
	w.mu.Unlock()
	w.wake()
}

func (w *wire) leave(room incident.LogID) {
	name := channel(hash(room))
	w.mu.Lock()
	delete(w.rooms, name)
	w.ear.Want(name, false)
	w.mu.Unlock()
}

// gather is the least time between two exchanges with Redis, so that a burst
// becomes one.
const gather = 100 * time.Millisecond

// push tells Redis of this node's part and fetches the others', room by room
// as they change.
func (w *wire) push(ctx context.Context, b *Board) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.dirty:
		}
		for _, job := range b.jobs() {
			if err := w.exchange(ctx, b, job); err != nil && ctx.Err() == nil {
				w.log.Debug("presence was not shared", "error", err)
				b.again(job.room) // with the next change or sign of life
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
	}
}

// job is one room to exchange: what this node says of it.
type job struct {
	room    incident.LogID
	changed bool
	mine    view
}

// jobs takes the rooms that have something to exchange.
func (b *Board) jobs() (list []job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	for room, p := range b.rooms {
		if !p.changed && !p.stale {
			continue
		}
		j := job{room: room, changed: p.changed, mine: (&place{sockets: p.sockets, typing: p.typing}).view(now)}
		if p.changed {
			p.pushed = now
		}
		p.changed, p.stale, p.asked = false, false, now
		list = append(list, j)
		b.tidy(room, p)
	}
	return list
}

// again notes that Redis does not have this node's part.
func (b *Board) again(room incident.LogID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.rooms[room]; p != nil {
		p.pushed = time.Time{}
	}
}

func (w *wire) exchange(ctx context.Context, b *Board, j job) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	h, now := hash(j.room), time.Now()
	var here, typing *redis.ZSliceCmd
	says := map[string]bool{}
	_, err := w.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		if j.changed {
			w.say(ctx, p, hereKey(h), j.mine.here, HereFor, says)
			w.say(ctx, p, typingKey(h), j.mine.typing, TypingFor, says)
			w.unsay(ctx, p, j.room, h, says)
			p.SPublish(ctx, channel(h), w.node)
		}
		since := &redis.ZRangeBy{Min: "(" + strconv.FormatInt(now.UnixMilli(), 10), Max: "+inf"}
		here = p.ZRangeByScoreWithScores(ctx, hereKey(h), since)
		typing = p.ZRangeByScoreWithScores(ctx, typingKey(h), since)
		return nil
	})
	if err != nil {
		return err
	}
	if j.changed {
		if len(says) == 0 {
			delete(w.pushed, j.room)
		} else {
			w.pushed[j.room] = says
		}
	}
	b.told(j.room, view{w.others(here.Val(), now, HereFor), w.others(typing.Val(), now, TypingFor)})
	return nil
}

// say writes this node's part of a set; the set itself outlives it a little.
func (w *wire) say(ctx context.Context, p redis.Pipeliner, key string, mine map[incident.MemberNo]time.Time, lasts time.Duration, says map[string]bool) {
	p.ZRemRangeByScore(ctx, key, "-inf", strconv.FormatInt(time.Now().UnixMilli(), 10))
	if len(mine) == 0 {
		return
	}
	var list []redis.Z
	for n, until := range mine {
		member := strconv.FormatUint(uint64(n), 10) + "@" + w.node
		list = append(list, redis.Z{Score: float64(until.UnixMilli()), Member: member})
		says[key+" "+member] = true
	}
	p.ZAdd(ctx, key, list...)
	p.PExpire(ctx, key, 2*lasts)
}

// unsay removes what this node said before and says no more.
func (w *wire) unsay(ctx context.Context, p redis.Pipeliner, room incident.LogID, h string, says map[string]bool) {
	for said := range w.pushed[room] {
		if !says[said] {
			key, member, _ := strings.Cut(said, " ")
			p.ZRem(ctx, key, member)
		}
	}
}

// maxShown bounds what is believed of one set.
const maxShown = 20_000

// others reads the other nodes' part. What is not of the form is passed over,
// and nothing is believed for longer than a sign lasts.
func (w *wire) others(list []redis.Z, now time.Time, lasts time.Duration) map[incident.MemberNo]time.Time {
	m := map[incident.MemberNo]time.Time{}
	if len(list) > maxShown {
		boundShown.Hit()
	}
	for _, z := range list[:min(len(list), maxShown)] {
		s, _ := z.Member.(string)
		number, node, ok := strings.Cut(s, "@")
		n, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || n == 0 || node == w.node {
			continue
		}
		until := time.UnixMilli(int64(z.Score))
		if latest := now.Add(lasts); until.After(latest) {
			until = latest
		}
		add(m, incident.MemberNo(n), until, now)
	}
	return m
}

// told takes in what Redis has of the other nodes.
func (b *Board) told(room incident.LogID, away view) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.rooms[room]; p != nil {
		p.away = away
		b.tell(p, time.Now())
	}
}

// listen hears which rooms changed elsewhere. As Redis confirms a channel, it is
// told of this node's part again, since it may have forgotten it.
func (w *wire) listen(b *Board) {
	w.ear = channels.Listen(w.client, func(name, message string) {
		if message != w.node {
			w.elsewhere(b, name, false)
		}
	}, func(what, name string) { w.elsewhere(b, name, what == "ssubscribe") })
}

// elsewhere notes that another node's part of a room changed, or that this
// node's must be told again.
func (w *wire) elsewhere(b *Board, name string, again bool) {
	w.mu.Lock()
	room, known := w.rooms[name]
	w.mu.Unlock()
	if !known {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.rooms[room]; p != nil {
		p.stale = true
		p.changed = p.changed || again
		w.wake()
	}
}
