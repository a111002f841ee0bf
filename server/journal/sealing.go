package journal

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/projection"
)

// What the notary asks of the record. It opens nothing itself.

// Keys are the generations of the notary's keys that the system log lists,
// from 1 on.
func (j *Journal) Keys(ctx context.Context) ([]incident.ListedKey, error) {
	sys, err := j.System(ctx)
	if err != nil {
		return nil, err
	}
	return sys.Keys, nil
}

// Recorded returns when an entry of any log was recorded: what even a stub
// tells.
func (j *Journal) Recorded(ctx context.Context, log incident.LogID, seq incident.Seq) (time.Time, error) {
	events, err := j.entries(ctx, log, `seq = $2`, int64(seq))
	if err != nil {
		return time.Time{}, err
	}
	if len(events) == 0 {
		return time.Time{}, incident.Missing()
	}
	return events[0].Times.Recorded.Time, nil
}

// Registered finds the entry of the system log that registered the room, for
// the witness: of its opening, slots 0 and 5 alone, which say that it registers
// a room and which logs.
func (j *Journal) Registered(ctx context.Context, room incident.LogID) (system incident.LogID, leaf []byte, opening *evidence.Partial, err error) {
	sys, err := j.System(ctx)
	if err != nil {
		return "", nil, nil, err
	}
	seq, err := j.registration(ctx, sys, room)
	if err != nil {
		return "", nil, nil, err
	}
	w, err := j.writer(ctx, sys.ID)
	if err != nil {
		return "", nil, nil, err
	}
	var sealed []byte
	b := &pgx.Batch{}
	projection.Writer(sys.ID).Enter(b)
	b.Queue(`SELECT l.leaf, o.sealed FROM leaf l JOIN opening o ON o.log = l.log AND o.seq = l.seq WHERE l.log = $1 AND l.seq = $2`, string(sys.ID), int64(seq)).
		QueryRow(func(row pgx.Row) error { return row.Scan(&leaf, &sealed) })
	if err := j.opt.Writer.SendBatch(ctx, b).Close(); err != nil {
		return "", nil, nil, dbError(err)
	}
	entry, _, err := w.open(seq, sealed)
	if err != nil {
		return "", nil, nil, err
	}
	return sys.ID, leaf, entry.Show(0, 5), nil
}

// registration finds the number, and remembers those of all rooms it comes by.
func (j *Journal) registration(ctx context.Context, sys *incident.System, room incident.LogID) (incident.Seq, error) {
	j.mu.Lock()
	if j.registeredIn != sys.ID { // the system log goes on in another section
		j.registeredIn, j.lastRoom = sys.ID, 0
		clear(j.registered)
	}
	seq, after := j.registered[room], j.lastRoom
	j.mu.Unlock()
	if seq != 0 {
		return seq, nil
	}
	begin, _ := slices.BinarySearch(sys.Rooms, after+1)
	for page := range slices.Chunk(sys.Rooms[begin:], followPage) {
		events, err := j.entries(ctx, sys.ID, `seq = ANY ($2) ORDER BY seq`, numbers(page))
		if err != nil {
			return 0, err
		}
		j.mu.Lock()
		for _, e := range events {
			switch b := e.Body.(type) {
			case *incident.RoomRegistered:
				j.registered[b.Room] = e.Seq
			case *incident.RoomContinued:
				j.registered[b.Room] = e.Seq
			}
			j.lastRoom = max(j.lastRoom, e.Seq)
		}
		seq = j.registered[room]
		j.mu.Unlock()
	}
	if seq == 0 {
		return 0, incident.Missing()
	}
	return seq, nil
}
