package hub

import (
	"context"

	"wardroom/server/incident"
)

// foldCall is one reading of a room's fold, shared by all who asked before it
// began.
type foldCall struct {
	done chan struct{}
	room *incident.Room
	err  error
}

// foldOf returns the room's fold as the record stood at some moment after the
// call. Who asks while a reading is under way gets the next one: the one under
// way may have begun too early for them.
func (h *Hub) foldOf(ctx context.Context, id incident.LogID) (*incident.Room, error) {
	h.foldMu.Lock()
	call, running := h.folds[id]
	if call == nil {
		call = &foldCall{done: make(chan struct{})}
		h.folds[id] = call
		if !running {
			h.wg.Go(func() { h.readFolds(id) })
		}
	}
	h.foldMu.Unlock()
	select {
	case <-call.done:
		return call.room, call.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// readFolds reads until nobody has asked anew. While it runs, the room has an
// entry in folds: the next call, or nil.
func (h *Hub) readFolds(id incident.LogID) {
	for {
		h.foldMu.Lock()
		call := h.folds[id]
		if call == nil {
			delete(h.folds, id)
			h.foldMu.Unlock()
			return
		}
		h.folds[id] = nil
		h.foldMu.Unlock()
		h.metrics.foldReads.Add(1)
		call.err = h.read(h.ctx, func(ctx context.Context) (err error) {
			call.room, err = h.opt.Journal.Room(ctx, id)
			return err
		})
		close(call.done)
	}
}

// read runs one read of the journal, of which only so many run at once.
func (h *Hub) read(ctx context.Context, fn func(context.Context) error) error {
	select {
	case h.reads <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.reads }()
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	return fn(ctx)
}
