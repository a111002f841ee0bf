package hub

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"wardroom/server/meter"
)

// DefaultRings is what the rings of all rooms of a node may take together, in
// bytes, unless it is told otherwise.
const DefaultRings = 256 << 20

// ringKept is how many entries a ring keeps that gives way: what somebody who
// was away for a moment needs.
const ringKept = 16

// sampled is of how many connections one is timed from commit to socket.
const sampled = 16

var (
	toSocket = meter.NewHistogram("hub_delivery_seconds", "From the commit of this node to the socket's having taken the frame, of one connection in 16.", meter.Quick)
	toQueues = meter.NewHistogram("hub_dispatch_seconds", "From the commit of this node to the frame's being in the queue of every listener.", meter.Quick)

	boundQueue  = meter.NewBound("socket_queue", "one socket", "1 MiB or 256 frames that wait to be written", "Closed with 4408: it comes back and resumes.")
	boundRooms  = meter.NewBound("socket_rooms", "one socket", strconv.Itoa(maxRooms)+" rooms listened to", "An error frame; the others go on.")
	boundInbox  = meter.NewBound("room_inbox", "one room's dispatcher", strconv.Itoa(maxInbox)+" entries not yet dispatched", "The room begins anew; its listeners come back and resume.")
	boundReads  = meter.NewBound("hub_reads", "the node's live delivery", strconv.Itoa(maxReads)+" reads of the database at once", "The read waits for its turn.")
	boundRoots  = meter.NewBound("resume_reads", "one resuming listener", strconv.Itoa(maxFills)+" reads of the gap, "+strconv.Itoa(maxRoots)+" of older objects", "A fresh snapshot instead of the entries missed.")
	boundRing   = meter.NewBound("node_rings", "all rooms of the node", "an eighth of its memory, 256 MiB if that is not known; of one room 1,024 entries or 8 MiB", "The rings unused for longest keep "+strconv.Itoa(ringKept)+" entries; who comes back to those rooms is served from the database.")
	boundSilent = meter.NewBound("socket_silence", "one socket", strconv.Itoa(silence)+" seconds without a sign of the client", "The connection is reset.")
	boundStuck  = meter.NewBound("socket_stuck", "one socket", "15 seconds in which it takes no byte", "The connection is reset.")
)

// weigh takes what the ring holds into the node's account. r.mu is held.
func (r *room) weigh() {
	h := r.hub
	now := r.ring.bytes
	if total := h.rings.Add(int64(now - r.weighed)); total > h.opt.Rings && now > r.weighed {
		select {
		case h.crowded <- struct{}{}:
		default:
		}
	}
	r.weighed = now
}

// makeRoom shortens rings whenever all together are over the budget: first
// those of rooms that nobody listens to, then those unused for longest.
func (h *Hub) makeRoom(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.crowded:
		}
		type used struct {
			r     *room
			empty bool
			turn  uint64
		}
		h.mu.Lock()
		list := make([]used, 0, len(h.rooms))
		for _, r := range h.rooms {
			list = append(list, used{r: r})
		}
		h.mu.Unlock()
		for i := range list {
			r := list[i].r
			r.mu.Lock()
			list[i].empty, list[i].turn = len(r.listeners) == 0, r.lastTurn
			r.mu.Unlock()
		}
		slices.SortFunc(list, func(a, b used) int {
			if a.empty != b.empty {
				if a.empty {
					return -1
				}
				return 1
			}
			return cmp.Compare(a.turn, b.turn)
		})
		for _, u := range list {
			if h.rings.Load() <= h.opt.Rings/8*7 {
				break
			}
			u.r.shorten()
		}
	}
}

// shorten lets all but the newest entries of the ring go.
func (r *room) shorten() {
	r.mu.Lock()
	defer r.mu.Unlock()
	drop := len(r.ring.entries) - ringKept
	if drop <= 0 {
		return
	}
	for _, e := range r.ring.entries[:drop] {
		r.ring.bytes -= e.size()
	}
	r.ring.entries = slices.Clone(r.ring.entries[drop:])
	clear(r.spans) // they hold entries too
	r.weigh()
	boundRing.Hit()
}

// Deliveries is how long it took from commit to socket.
func Deliveries() meter.Reading { return toSocket.Read() }
