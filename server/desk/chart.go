package desk

import (
	"context"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Chart is how an incident went, by the time that people were shown.
type Chart struct {
	Room          *incident.Room
	From, To      incident.Instant
	Step          time.Duration
	Buckets       []Bucket
	Severity      []Step
	Organisations []Presence
}

// Bucket counts the entries from a time on until the next bucket. Their number
// and times are what even a stub tells.
type Bucket struct {
	At      incident.Instant
	Entries int
}

// Step is an assessment of severity, from a time on.
type Step struct {
	Seq   incident.Seq
	At    incident.Instant
	Org   incident.OrgID
	Scale incident.Scale
	Grade incident.Grade
	Ended bool // withdrawn: nothing holds on this scale from here on
}

// Presence is an organisation's time in the room: from its first member's
// joining until its last one's end, if nobody is left.
type Presence struct {
	Org    incident.OrgID
	Name   string // as it was when they joined
	Joined incident.Instant
	Ended  incident.Instant // zero: somebody is still there
}

// buckets is into how many parts the time of an incident is divided at most.
const buckets = 48

// steps are the widths there are: people read quarters of an hour, not 17
// minutes.
var steps = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// Chart draws up how a room's incident went, as far as the asker may see it.
func (d *Desk) Chart(ctx context.Context, asker incident.PersonID, id incident.LogID) (c Chart, err error) {
	room, m, err := d.Enter(ctx, policy.ReadDesk, id, asker)
	if err != nil {
		return c, err
	}
	c.Room, c.From, c.To = room, room.Opened, room.Last
	if room.Clock != nil {
		if c.From, c.To, err = d.exercise(ctx, asker, room); err != nil {
			return c, err
		}
	}
	if err := d.count(ctx, room, &c); err != nil {
		return c, err
	}
	var roots []incident.Seq
	for _, a := range room.Assessments {
		roots = append(roots, a.Root)
	}
	room, m, objects, err := d.read(ctx, id, asker, roots)
	if err != nil {
		return c, err
	}
	c.Room = room
	for _, root := range roots {
		c.Severity = append(c.Severity, severity(objects[root])...)
	}
	c.Organisations = presences(room, m)
	return c, nil
}

// exercise is from when to when an exercise went by its own clock.
func (d *Desk) exercise(ctx context.Context, asker incident.PersonID, room *incident.Room) (from, to incident.Instant, err error) {
	now := room.Clock.Now(room.Last.Time)
	first, err := d.j.At(ctx, room.ID, time.Unix(0, 0))
	if err != nil {
		return from, to, err
	}
	t, err := d.Timeline(ctx, asker, []incident.LogID{room.ID}, Filter{}, false, cursorAt(room.ID, first-1), 1)
	if err != nil {
		return from, to, err
	}
	from = now
	for i := range t.Lines {
		if e := t.Lines[i].Seen.Head(); e != nil {
			from = e.Times.Shown()
		}
	}
	if now.Before(from.Time) {
		now = from
	}
	return from, now, nil
}

// count fills the buckets: the numbers at their bounds are found, not read.
func (d *Desk) count(ctx context.Context, room *incident.Room, c *Chart) error {
	span := c.To.Sub(c.From.Time)
	c.Step = steps[len(steps)-1]
	for _, s := range steps {
		if span/s < buckets {
			c.Step = s
			break
		}
	}
	start := c.From.Truncate(c.Step)
	before, err := d.j.Last(ctx, room.ID, start.Add(-time.Millisecond))
	if err != nil {
		return err
	}
	for at := start; !at.After(c.To.Time) && len(c.Buckets) < 20*buckets; at = at.Add(c.Step) {
		last, err := d.j.Last(ctx, room.ID, at.Add(c.Step-time.Millisecond))
		if err != nil {
			return err
		}
		c.Buckets = append(c.Buckets, Bucket{incident.At(at), int(last - min(before, last))})
		before = last
	}
	return nil
}

// severity lists the steps of one organisation's assessment.
func severity(list []policy.Seen) (all []Step) {
	var now Step
	var asked *incident.SeverityLoweringAsked
	for _, seen := range list {
		e := seen.Event()
		if e == nil {
			continue
		}
		switch b := e.Body.(type) {
		case *incident.SeverityAssessed:
			now.Scale, now.Grade, now.Ended, now.Org = b.Scale, b.Grade, false, e.By.Org
		case *incident.SeverityReassessed:
			now.Grade, now.Ended = b.Grade, false
		case *incident.SeverityLoweringAgreed:
			if asked == nil {
				continue
			}
			if now.Ended = asked.Grade == nil; !now.Ended {
				now.Grade = *asked.Grade
			}
			asked = nil
		case *incident.SeverityLoweringAsked:
			asked = b
			continue
		default:
			continue
		}
		now.Seq, now.At = e.Seq, e.Times.Shown()
		all = append(all, now)
	}
	return all
}

// presences lists the organisations whose people the asker may know of.
func presences(room *incident.Room, m *incident.Member) []Presence {
	list := []Presence{}
	index := map[incident.OrgID]int{}
	for _, of := range room.Members {
		if of.Joined.IsZero() || policy.SeesMember(room, m, of) == policy.Stub {
			continue
		}
		i, known := index[of.Org]
		if !known {
			i = len(list)
			index[of.Org] = i
			list = append(list, Presence{of.Org, of.Seat.OrgName, of.Joined, of.Ended})
			continue
		}
		p := &list[i]
		if of.Joined.Before(p.Joined.Time) {
			p.Joined = of.Joined
		}
		if of.Ended.IsZero() || p.Ended.IsZero() {
			p.Ended = incident.Instant{}
		} else if of.Ended.After(p.Ended.Time) {
			p.Ended = of.Ended
		}
	}
	return list
}
