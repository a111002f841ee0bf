package courier

import (
	"context"
	"strings"
	"time"

	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

// Verdict is what is to become of a message at the moment it would be sent:
// where it goes; or when to judge again; or why it is not sent.
type Verdict struct {
	Room  notify.Room
	About notify.Ref // of an alert, which is about no room
	Duty  notify.Phone
	Phone notify.Phone // of a text message
	Email notify.Email // of an e-mail
	Code  notify.Code  // zero: the notice's own, by which it is acknowledged
	Later time.Duration
	Why   Why
}

// judges judge the messages of each purpose, by the room as it stands. Each has
// its file.
var judges = map[notify.Purpose]func(*Courier, context.Context, *job, *incident.Room) (Verdict, error){
	notify.Raised:        (*Courier).judgeContact,
	notify.Update:        (*Courier).judgeContact,
	notify.Invitation:    (*Courier).judgeInvitation,
	notify.Escalation:    (*Courier).judgeEscalation,
	notify.NeededMention: (*Courier).judgeNeeded,
	notify.NeededAction:  (*Courier).judgeNeeded,
	notify.NeededRole:    (*Courier).judgeNeeded,

	notify.NeededClock:    (*Courier).judgeClock,
	notify.NeededHandover: (*Courier).judgeHandover,
}

// oldest is how long a message of each purpose is worth sending: a way that
// was held for a night brings nobody yesterday's news.
var oldest = map[notify.Purpose]time.Duration{
	notify.Raised: 12 * time.Hour, notify.Update: 4 * time.Hour, notify.Invitation: 48 * time.Hour, notify.Escalation: 12 * time.Hour,
	notify.NeededMention: 12 * time.Hour, notify.NeededAction: 24 * time.Hour, notify.NeededRole: 24 * time.Hour,
	notify.NeededClock: 12 * time.Hour, notify.NeededHandover: 12 * time.Hour, notify.Alert: 24 * time.Hour, notify.AlertChased: 12 * time.Hour,
}

// judge says what is to become of a message now. What it reads is as it stands
// now: who was removed since they were to be told is told nothing.
func (c *Courier) judge(ctx context.Context, j *job) (Verdict, error) {
	if j.age > oldest[j.Purpose] {
		return Verdict{Why: Late}, nil
	}
	if !c.Reaches(j.Channel) {
		return Verdict{Why: NoWay}, nil
	}
	duty, err := c.duty(ctx)
	if err != nil || duty.IsZero() {
		return Verdict{Why: NoWay}, err
	}
	if j.Purpose.Alerts() {
		v, err := c.judgeAlert(ctx, j)
		v.Duty = duty
		return v, err
	}
	room, err := c.o.Journal.Room(ctx, j.log)
	switch {
	case err != nil && incident.FaultOf(err) == incident.NotFound:
		return Verdict{Why: Over}, nil
	case err != nil:
		return Verdict{}, err
	case room.Lifecycle == incident.Closed, room.Lifecycle == incident.StoodDown && j.Purpose.Broadcast():
		return Verdict{Why: Over}, nil
	}
	if c.o.Frozen != nil {
		frozen, err := c.o.Frozen(ctx, room, incident.PersonID(personOf(j)))
		if err != nil || frozen {
			return Verdict{Why: Frozen}, err
		}
	}
	v, err := judges[j.Purpose](c, ctx, j, room)
	v.Duty = duty
	if err != nil || v.Why != "" || v.Later > 0 {
		return v, err
	}
	if v.Room, err = roomOf(room); err != nil {
		return Verdict{Why: NoWay}, nil // a reference that no notice can say
	}
	exercise := v.Room.Exercise() || room.Mode == incident.ModeExercise
	switch {
	case j.Channel == incident.BySMS && exercise && !v.Phone.Invented(), j.Channel == incident.ByEmail && exercise && !invented(v.Email):
		return Verdict{Why: Exercise}, nil
	case exercise != v.Room.Exercise():
		return Verdict{Why: Exercise}, nil // it would not say that it is one
	}
	return v, nil
}

// duty is the number that every message says; zero if the deployment's own is
// none that a telephone can ring.
func (c *Courier) duty(ctx context.Context) (notify.Phone, error) {
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return notify.Phone{}, err
	}
	p, err := notify.ParsePhone(sys.Duty)
	if err != nil {
		return notify.Phone{}, nil
	}
	return p, nil
}

// personOf is the person a message goes to; empty for contacts and invitations.
func personOf(j *job) string {
	if j.Whose == APerson {
		return j.Recipient
	}
	return ""
}

// roomOf is the room's reference; a side room's is that of its main room.
func roomOf(room *incident.Room) (notify.Room, error) {
	parts := strings.SplitN(room.Reference, "-", 4)
	return notify.ParseRoom(strings.Join(parts[:min(len(parts), 3)], "-"))
}

// reserved are domains that belong to nobody (RFC 2606), and those of GOV.UK
// Notify's tests: in an exercise e-mails go there alone.
var reserved = []string{".example", ".test", ".invalid", "@example.com", ".example.com", "@example.org", ".example.org", "@example.net", ".example.net",
	"@simulator.notify", "simulate-delivered@notifications.service.gov.uk", "simulate-delivered-2@notifications.service.gov.uk", "simulate-delivered-3@notifications.service.gov.uk"}

func invented(to notify.Email) bool {
	for _, end := range reserved {
		if strings.HasSuffix(to.Address(), end) {
			return true
		}
	}
	return false
}

// address reads a number or address for the channel; NoChannel if it is none.
func address(kind incident.ChannelKind, value string) (v Verdict) {
	var err error
	switch {
	case value == "":
		return Verdict{Why: NoChannel}
	case kind == incident.BySMS:
		if v.Phone, err = notify.ParsePhone(value); err != nil || !v.Phone.Texts() {
			return Verdict{Why: NoChannel}
		}
	default:
		if v.Email, err = notify.ParseEmail(value); err != nil {
			return Verdict{Why: NoChannel}
		}
	}
	return v
}

// judgeContact is for an organisation's contact: still there, by a channel that
// was verified.
func (c *Courier) judgeContact(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	if j.Whose != AContact {
		return c.judgeNeeded(ctx, j, room)
	}
	// The first ones are ended by Stop. One that was under way then, and failed, or
	// that somebody has sent again, is judged like the others.
	if j.Try > 1 {
		o, err := c.o.Journal.Object(ctx, room.ID, j.root)
		if err != nil && incident.FaultOf(err) != incident.NotFound {
			return Verdict{}, err
		}
		if o != nil && o.Broadcast != nil && !o.Broadcast.Goes() {
			return Verdict{Why: Stopped}, nil
		}
	}
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return Verdict{}, err
	}
	return c.contact(ctx, j, sys)
}

// contact finds a contact's channel, as it is now.
func (c *Courier) contact(ctx context.Context, j *job, sys *incident.System) (Verdict, error) {
	r, err := c.o.Directory.ChannelOf(ctx, j.Recipient, j.ChannelID)
	switch {
	case err != nil && incident.FaultOf(err) == incident.NotFound:
		return Verdict{Why: Gone}, nil
	case err != nil:
		return Verdict{}, err
	case r.Org != j.Org || sys.Closed[r.Org]:
		return Verdict{Why: Gone}, nil
	case r.Verified.IsZero() || r.Kind != j.Channel:
		return Verdict{Why: NoChannel}, nil
	}
	return address(j.Channel, r.Value), nil
}

// judgeInvitation is for whom an invitation was addressed to: it can still be
// taken up, and the room still waits for them. The code in the notice opens it
// from then on, until its link is renewed.
func (c *Courier) judgeInvitation(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	m := room.MemberRoot(j.root)
	if m == nil || m.Invitation != j.Recipient || m.State != incident.Invited {
		return Verdict{Why: Answered}, nil
	}
	if contact := contactOf(j.Instance); contact != "" { // one of many: the number is the directory's, as it stands now
		return c.judgeInvited(ctx, j, room, contact)
	}
	to, err := c.o.Directory.Addressed(ctx, room.ID, j.Recipient)
	if err != nil {
		if incident.FaultOf(err) == incident.NotFound {
			return Verdict{Why: Answered}, nil
		}
		return Verdict{}, err
	}
	value := to.Phone
	if j.Channel == incident.ByEmail {
		value = to.Email
	}
	v := address(j.Channel, value)
	if v.Why != "" {
		return v, nil
	}
	v.Code = c.code(j.ID)
	return v, c.o.Directory.Lend(ctx, room.ID, j.Recipient, v.Code.Shown())
}

const (
	away      = 5 * time.Minute  // without activity: then somebody does not see what the application shows
	hereUntil = 30 * time.Minute // who has been here all that time knows it by now
)

// person finds the person's own channel, and says how long they have been
// away; ok is false if they may not be told at all.
func (c *Courier) person(ctx context.Context, j *job) (r directory.Reach, own directory.Own, since time.Duration, ok bool, err error) {
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return r, own, 0, false, err
	}
	p, known := sys.People[incident.PersonID(j.Recipient)]
	if !known || p.Suspended || sys.Stopped[p.Issuer] {
		return r, own, 0, false, nil
	}
	if r, err = c.o.Directory.ReachOf(ctx, p.ID); err != nil {
		return r, own, 0, false, err
	}
	if own = r.SMS; j.Channel == incident.ByEmail {
		own = r.Email
	}
	since = away
	if c.o.Active != nil {
		last, err := c.o.Active(ctx, p.Issuer, p.Subject)
		if err != nil {
			return r, own, 0, false, err
		}
		if !last.IsZero() {
			since = c.now().Sub(last)
		}
	}
	return r, own, since, true, nil
}

// judgeNeeded is for somebody who is needed: in the room, allowed to see what
// it is about, away, and not asleep.
func (c *Courier) judgeNeeded(ctx context.Context, j *job, room *incident.Room) (Verdict, error) {
	m := room.Member(incident.PersonID(j.Recipient))
	sight, err := c.o.Journal.Sight(ctx, room.ID, incident.PersonID(j.Recipient), j.root)
	switch {
	case err != nil && incident.FaultOf(err) == incident.NotFound, err == nil && !policy.May(room, m, sight):
		return Verdict{Why: Gone}, nil
	case err != nil:
		return Verdict{}, err
	}
	r, own, since, ok, err := c.person(ctx, j)
	switch {
	case err != nil:
		return Verdict{}, err
	case !ok:
		return Verdict{Why: Gone}, nil
	case own.Value == "" || own.Verified.IsZero():
		return Verdict{Why: NoChannel}, nil
	case since < away && j.age > hereUntil:
		return Verdict{Why: Here}, nil
	case since < away:
		return Verdict{Later: away - since}, nil
	}
	if read, err := c.o.Directory.ReadTo(ctx, room.ID, incident.PersonID(j.Recipient)); err != nil || read >= j.root && j.Purpose == notify.NeededMention {
		return Verdict{Why: Here}, err
	}
	if rest := quietFor(r.Quiet, c.now()); rest > 0 {
		if j.age+rest > oldest[j.Purpose] {
			return Verdict{Why: Quiet}, nil
		}
		return Verdict{Later: rest}, nil
	}
	return address(j.Channel, own.Value), nil
}

// quietFor is how long quiet hours last from now on; 0 outside of them.
func quietFor(q *directory.Quiet, now time.Time) time.Duration {
	if q == nil {
		return 0
	}
	local := now.In(kingdom)
	minute := local.Hour()*60 + local.Minute()
	in := q.Begins <= minute && minute < q.Ends
	if q.Ends < q.Begins {
		in = minute >= q.Begins || minute < q.Ends
	}
	if !in {
		return 0
	}
	return time.Duration((q.Ends-minute+1440)%1440)*time.Minute - time.Duration(local.Second())*time.Second
}
