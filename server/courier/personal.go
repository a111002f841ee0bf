package courier

import (
	"context"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // quiet hours are the kingdom's, whatever the machine knows

	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/notify"
)

// kingdom is where quiet hours are told.
var kingdom = func() *time.Location {
	l, err := time.LoadLocation("Europe/London")
	if err != nil {
		panic(err) // it is in the program
	}
	return l
}()

// follow asks for what one person should be told because of what was said in
// rooms. An entry may come twice: what it asks for bears the entry's number.
func (c *Courier) follow(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		_ = c.o.Journal.FollowObjects(ctx, "courier/escalations", incident.RoomLog, []incident.Kind{"escalation.requested"}, c.escalated)
	})
	all.Go(func() { c.followBroadcasts(ctx) })
	all.Go(func() { c.followAlerts(ctx) })
	all.Go(func() { c.followClocks(ctx) })
	all.Go(func() { c.followHandovers(ctx) })
	all.Go(func() {
		_ = c.o.Journal.FollowObjects(ctx, "courier/needed", incident.RoomLog, []incident.Kind{"message.posted", "action.raised", "post.assigned"}, c.needed)
	})
}

// tooOld is how far back a follower that begins, or begins again, still tells
// anybody of what was said.
const tooOld = 6 * time.Hour

func (c *Courier) stale(e *incident.Event) bool { return c.now().Sub(e.Times.Recorded.Time) > tooOld }

// both asks for a text message and an e-mail.
func (c *Courier) both(ctx context.Context, w Want) error {
	text, mail := w, w
	text.Channel, mail.Channel = incident.BySMS, incident.ByEmail
	return c.Ask(ctx, []Want{text, mail})
}

func (c *Courier) escalated(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if c.stale(e) {
		return nil
	}
	step := 0
	switch b := e.Body.(type) {
	case *incident.EscalationRequested:
		if b.Invented {
			return nil // asked by nobody
		}
		step = 1
	case *incident.EscalationAdvanced:
		step = b.Step
	default:
		return nil
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	x := room.Escalation(e.Root)
	if x == nil || !x.Waiting() || step < 1 || step > len(x.Chain) {
		return nil
	}
	s := x.Chain[step-1]
	return c.both(ctx, Want{Log: log, Root: e.Root, Instance: fmt.Sprintf("step-%d", step), Purpose: notify.Escalation, Person: s.Person, Org: s.Org})
}

// judgeEscalation is for whoever is asked now. Their quiet hours do not count:
// the clock runs. Who is called in need not be in the room yet.
func (c *Courier) judgeEscalation(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	x := room.Escalation(j.root)
	if x == nil || !x.Waiting() || x.Step < 1 || x.Step > len(x.Chain) || j.Instance != fmt.Sprintf("step-%d", x.Step) {
		return Verdict{Why: Answered}, nil
	}
	s := x.Chain[x.Step-1]
	m := room.Member(s.Person)
	if string(s.Person) != j.Recipient || s.Seat == nil && !m.Present() {
		return Verdict{Why: Gone}, nil
	}
	if s.Seat != nil && !m.Present() && !waits(room, s.Invitation) {
		return Verdict{Why: Gone}, nil // their invitation was taken back
	}
	_, own, since, ok, err := c.person(ctx, j)
	switch {
	case err != nil:
		return Verdict{}, err
	case !ok:
		return Verdict{Why: Gone}, nil
	case own.Value == "" || own.Verified.IsZero():
		return Verdict{Why: NoChannel}, nil
	case since < away:
		return Verdict{Later: away - since}, nil
	}
	return address(j.Channel, own.Value), nil
}

// waits reports whether an invitation can still be taken up.
func waits(room *incident.Room, invitation string) bool {
	for _, m := range room.Members {
		if m.Invitation == invitation {
			return m.State == incident.Invited || m.State == incident.Joined
		}
	}
	return false
}

// gone takes a room that is not there for one that nobody is told of.
func gone(err error) error {
	if incident.FaultOf(err) == incident.NotFound {
		return nil
	}
	return err
}

func (c *Courier) needed(ctx context.Context, log incident.LogID, e *incident.Event) error {
	if c.stale(e) {
		return journal.ErrPassed
	}
	var whom []incident.MemberNo
	var purpose notify.Purpose
	switch b := e.Body.(type) {
	case *incident.MessagePosted:
		if b.Invented {
			return journal.ErrPassed // said by nobody
		}
		whom, purpose = b.Mentions, notify.NeededMention
	case *incident.ActionRaised:
		if b.Invented {
			return journal.ErrPassed
		}
		whom, purpose = []incident.MemberNo{b.For.Member}, notify.NeededAction
	case *incident.PostAssigned:
		whom, purpose = []incident.MemberNo{b.Member}, notify.NeededRole
	}
	if len(whom) == 0 {
		return journal.ErrPassed
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	for _, n := range whom {
		m := room.Numbered(n)
		if n == 0 || !m.Present() || n == e.By.Member {
			continue
		}
		// Whoever was here when it was said is given the time to see it.
		want := Want{Log: log, Root: e.Root, Instance: fmt.Sprintf("entry-%d", e.Seq), Purpose: purpose, Person: m.Person, Org: m.Org}
		if err := c.both(ctx, want); err != nil {
			return err
		}
	}
	return nil
}
