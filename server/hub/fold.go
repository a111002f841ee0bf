package hub

import (
	"context"
	"time"

	"wardroom/server/incident"
)

// foldPause is what subscribing may take longer when many do at once.
const foldPause = 5 * time.Millisecond

// foldOf returns the room's fold as the record stood at some moment after the
// call. Who asks while a reading is under way shares the next one: the one
// under way may have begun too early for them.
func (h *Hub) foldOf(ctx context.Context, id incident.LogID) (*incident.Room, error) {
	room, err := h.folds.Do(ctx, id, func(**incident.Room) {})
	if err != nil {
		return nil, err
	}
	return *room, nil
}

func (h *Hub) readFold(id incident.LogID, room **incident.Room) error {
	h.metrics.foldReads.Add(1)
	return h.read(h.ctx, func(ctx context.Context) (err error) {
		*room, err = h.opt.Journal.Room(ctx, id)
		return err
	})
}

// read runs one read of the journal, of which only so many run at once.
func (h *Hub) read(ctx context.Context, fn func(context.Context) error) error {
	select {
	case h.reads <- struct{}{}:
	default:
		boundReads.Hit()
		select {
		case h.reads <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	defer func() { <-h.reads }()
	ctx, cancel := context.WithTimeout(ctx, readWait)
	defer cancel()
	return fn(ctx)
}
