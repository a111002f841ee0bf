package courier

import (
	"context"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// Whoever a post is handed over to is asked to accept it: it stays where it is
// until they do.

// followHandovers asks for what whoever takes over should be told.
func (c *Courier) followHandovers(ctx context.Context) {
	_ = c.o.Journal.FollowObjects(ctx, "courier/handovers", incident.RoomLog, []incident.Kind{"handover.signed"}, c.handed)
}

func (c *Courier) handed(ctx context.Context, log incident.LogID, e *incident.Event) error {
	b, ok := e.Body.(*incident.HandoverSigned)
	if !ok || b.Invented || c.stale(e) {
		return nil
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	m := room.Numbered(b.To)
	if room.Handover(e.Root) == nil || !m.Present() {
		return nil
	}
	return c.both(ctx, Want{Log: log, Root: e.Root, Instance: "signed", Purpose: notify.NeededHandover, Person: m.Person, Org: m.Org})
}

// judgeHandover is for whom a handover waits for.
func (c *Courier) judgeHandover(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	h := room.Handover(j.root)
	if h == nil || string(room.Numbered(h.To).Person) != j.Recipient {
		return Verdict{Why: Answered}, nil
	}
	return c.judgeNeeded(ctx, j, room)
}
