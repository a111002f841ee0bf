package courier

import (
	"context"
	"fmt"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

// Whoever has to see to what the law wants told is reminded of it: when the
// house reminds, when a host asks after it, and when it is handed to them.

// remindedFor is the instance of a reminder: one of a run for each time of
// awareness.
func remindedFor(c *incident.StatutoryClock) string {
	return fmt.Sprintf("reminder-%d-%d", c.Dated, c.Reminded)
}

// followClocks asks for what the owners of statutory clocks should be told.
func (c *Courier) followClocks(ctx context.Context) {
	_ = c.o.Journal.FollowObjects(ctx, "courier/clocks", incident.RoomLog, []incident.Kind{"clock.started"}, c.clocked)
}

func (c *Courier) clocked(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if c.stale(e) {
		return nil
	}
	instance := ""
	switch b := e.Body.(type) {
	case *incident.ClockStarted:
		if b.Before != 0 || b.Owner == 0 || b.Owner == e.By.Member {
			return nil // it is carried into a section, or they know of it
		}
		instance = fmt.Sprintf("entry-%d", e.Seq)
	case *incident.ClockHanded:
		if b.Owner == e.By.Member {
			return nil
		}
		instance = fmt.Sprintf("entry-%d", e.Seq)
	case *incident.ClockChased:
		instance = fmt.Sprintf("entry-%d", e.Seq)
	case *incident.ClockReminded:
	default:
		return nil
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	x := room.StatutoryRoot(e.Root)
	if x == nil {
		return nil // it was seen to
	}
	if instance == "" {
		instance = remindedFor(x)
	}
	for _, m := range owners(room, x) {
		if m.Number == e.By.Member {
			continue
		}
		if err := c.both(ctx, Want{Log: log, Root: e.Root, Instance: instance, Purpose: notify.NeededClock, Person: m.Person, Org: m.Org}); err != nil {
			return err
		}
	}
	return nil
}

// mostOwners bounds who is told of a clock that nobody of an organisation owns.
const mostOwners = 20

// owners are who has to see to a clock: its owner, or whoever speaks for the
// organisation that owes it.
func owners(room *incident.Room, x *incident.StatutoryClock) (list []*incident.Member) {
	if m := room.Numbered(x.Owner); x.Owner != 0 && m.Present() {
		return []*incident.Member{m}
	}
	for _, m := range room.Members {
		if m.Present() && m.Org == x.Org && policy.Speaks(m) && len(list) < mostOwners {
			list = append(list, m)
		}
	}
	return list
}

// judgeClock is for whoever has to see to a clock that still runs, and of which
// nothing newer is said.
func (c *Courier) judgeClock(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	x := room.StatutoryRoot(j.root)
	if x == nil || strings.HasPrefix(j.Instance, "reminder-") && j.Instance != remindedFor(x) {
		return Verdict{Why: Answered}, nil
	}
	for _, m := range owners(room, x) {
		if string(m.Person) == j.Recipient {
			return c.judgeNeeded(ctx, j, room)
		}
	}
	return Verdict{Why: Gone}, nil
}
