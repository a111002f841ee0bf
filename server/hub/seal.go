package hub

import (
	"context"
	"encoding/json"

	"wardroom/server/incident"
)

// A seal tells every listener of a room how far it is sealed. It is the same
// bytes for all, and is told when the room here has come as far: a listener is
// never given a checkpoint of entries that are still to come.

// Rooms lists the rooms that somebody on this node listens to.
func (h *Hub) Rooms() []incident.LogID {
	h.mu.Lock()
	var rooms []*room
	for _, r := range h.rooms {
		rooms = append(rooms, r)
	}
	h.mu.Unlock()
	var ids []incident.LogID
	for _, r := range rooms {
		r.mu.Lock()
		if !r.over && len(r.listeners) > 0 {
			ids = append(ids, r.id)
		}
		r.mu.Unlock()
	}
	return ids
}

// Sealed tells a room's listeners. It does nothing if there are none.
func (h *Hub) Sealed(id incident.LogID, s *incident.Seal) {
	h.mu.Lock()
	r := h.rooms[id]
	h.mu.Unlock()
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over || r.fold == nil {
		return
	}
	r.unsaid = s
	r.sealed()
}

// sealed tells what is to be told once the head has come as far.
func (r *room) sealed() {
	if r.unsaid == nil || r.unsaid.Size > uint64(r.head)+1 {
		return
	}
	r.seal, r.unsaid = r.unsaid, nil
	m := r.sealFrame()
	for l := range r.listeners {
		if l.live {
			l.conn.enqueue(r, m)
		}
	}
}

// sealFrame is what tells how far the room is sealed, as it is known here:
// thousands who come back are given the same bytes.
func (r *room) sealFrame() message {
	if r.framed.of != r.seal {
		r.framed.of, r.framed.frame = r.seal, sealedFrame(r.id, r.seal)
	}
	return r.framed.frame
}

// beginSeal asks how far the room is sealed. Without an answer it begins all
// the same, and is told later.
func (r *room) beginSeal(ctx context.Context) *incident.Seal {
	if r.hub.opt.Seal == nil {
		return nil
	}
	s, err := r.hub.opt.Seal(ctx, r.id)
	if err != nil {
		r.hub.log.Warn("it is not known how far a room is sealed", "error", err)
		return nil
	}
	return s
}

func appendSeal(b []byte, s *incident.Seal) []byte {
	if s == nil {
		return b
	}
	js, _ := json.Marshal(s) // numbers, times and text: cannot fail
	return append(append(b, `,"seal":`...), js...)
}

func sealedFrame(room incident.LogID, s *incident.Seal) message {
	return frame(opText, appendSeal(about("sealed", room), s), []byte("}"))
}

// sealFramed is the frame of a seal.
type sealFramed struct {
	of    *incident.Seal
	frame message
}
