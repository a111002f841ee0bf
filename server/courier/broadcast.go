package courier

import (
	"context"

	"wardroom/server/incident"
	"wardroom/server/notify"
)

// What both hosts agreed to send to organisations is asked for here, contact by
// contact: a text message and an e-mail to each who has a verified number and
// address. The room's log says that it goes out; a list of the directory says to
// whom.

// broadcastPurpose is what each kind of broadcast says.
var broadcastPurpose = map[incident.BroadcastPurpose]notify.Purpose{incident.BroadcastRaised: notify.Raised, incident.BroadcastUpdate: notify.Update,
	incident.BroadcastInvite: notify.Invitation}

// broadcastBatch is how many contacts are asked for at once.
const broadcastBatch = 500

// followBroadcasts asks for what was agreed to, and ends what was stopped.
func (c *Courier) followBroadcasts(ctx context.Context) {
	_ = c.o.Journal.FollowObjects(ctx, "courier/broadcasts", incident.RoomLog, []incident.Kind{"broadcast.asked"}, c.broadcast)
}

func (c *Courier) broadcast(ctx context.Context, log incident.LogID, e *incident.Event) error {
	switch b := e.Body.(type) {
	case *incident.BroadcastAsked:
		return c.o.Directory.Asked(ctx, log, b.List)
	case *incident.BroadcastStopped:
		if err := c.Stop(ctx, log, e.Root, Stopped); err != nil {
			return err
		}
		return c.revoke(ctx, log, e.Root)
	case *incident.BroadcastApproved, *incident.BroadcastSentAlone:
		if c.now().Sub(e.Times.Recorded.Time) > tooLate {
			return nil
		}
		o, err := c.o.Journal.Object(ctx, log, e.Root)
		if err != nil {
			return err
		}
		if o == nil || o.Broadcast == nil || !o.Broadcast.Goes() {
			return nil // it was stopped meanwhile
		}
		if o.Broadcast.Invites() {
			return c.invite(ctx, log, o.Broadcast)
		}
		if c.stale(e) {
			return nil // a server that was down for hours brings nobody old news
		}
		return c.tell(ctx, log, o.Broadcast)
	}
	return nil
}

// tell asks for a broadcast's messages. Run twice, it asks for the same ones: a
// contact whom another list claimed first is told by that one.
func (c *Courier) tell(ctx context.Context, log incident.LogID, b *incident.Broadcast) error {
	if same, err := c.o.Directory.Stands(ctx, log, b.List, b.Hash); err != nil {
		return err
	} else if !same {
		c.o.Log.Error("a broadcast's list is not the one that was agreed to: nothing of it goes out", "log", log, "entry", b.Root)
		return nil
	}
	if err := c.o.Directory.Tell(ctx, log, b.List); err != nil {
		return err
	}
	for after := 0; ; {
		lines, err := c.o.Directory.Lines(ctx, log, b.List, after, broadcastBatch)
		if err != nil || len(lines) == 0 {
			return err
		}
		var wants []Want
		for _, l := range lines {
			after = l.N
			if l.Other && b.Purpose == incident.BroadcastRaised {
				continue
			}
			w := Want{Log: log, Root: b.Root, Instance: "broadcast", Purpose: broadcastPurpose[b.Purpose], Contact: l.Contact, Org: l.Org}
			if l.SMS != "" {
				w.Channel, w.ChannelID = incident.BySMS, l.SMS
				wants = append(wants, w)
			}
			if l.Email != "" {
				w.Channel, w.ChannelID = incident.ByEmail, l.Email
				wants = append(wants, w)
			}
		}
		if err := c.Ask(ctx, wants); err != nil {
			return err
		}
	}
}

// StatesOf are the messages about an entry to these recipients, the newest try
// of each. Who may read them is the caller's to judge.
func (c *Courier) StatesOf(ctx context.Context, log incident.LogID, root incident.Seq, recipients []string) ([]State, error) {
	return c.states(ctx, `n.root = $2 AND n.recipient = ANY ($3)`, `n.kind DESC, n.id`, log, int64(root), recipients)
}

// ForExercises reports whether an exercise may reach a number or address: one
// that is kept for plays and films, or for tests.
func ForExercises(kind incident.ChannelKind, value string) bool {
	v := address(kind, value)
	return v.Why == "" && (kind == incident.BySMS && v.Phone.Invented() || kind == incident.ByEmail && invented(v.Email))
}

// Shown is what a broadcast says, to the letter, but for the code, which is
// another for each.
type Shown struct {
	Text    string
	Size    notify.Size // of the text message
	Subject string      // of the e-mail
	Body    string
}

// codeShown stands where each recipient's own code does.
const codeShown = "XXXXX-XXXXX"

// Wording is what a broadcast about a room would say from here.
func (c *Courier) Wording(ctx context.Context, p incident.BroadcastPurpose, room *incident.Room) (s Shown, err error) {
	n := notify.Notice{Purpose: broadcastPurpose[p], Site: c.o.Site}
	if n.Duty, err = c.duty(ctx); err != nil {
		return s, err
	}
	if n.Room, err = roomOf(room); err != nil {
		return s, err
	}
	fields := n.Fields()
	fields["code"] = codeShown
	text, mail := notify.Wording(n.Purpose, notify.ByText).Fill(fields), notify.Wording(n.Purpose, notify.ByEmail).Fill(fields)
	return Shown{Text: text.Body, Size: notify.Measure("", text.Body), Subject: mail.Subject, Body: mail.Body}, nil
}
