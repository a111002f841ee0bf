package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// VeilAmong is how many organisations of one type must be in the room, each
// with somebody who may write, for one of them to hide among them.
const VeilAmong = 3

// mayVeil refuses a veiled message that would not hide who wrote it.
func (s *scene) mayVeil(c PostMessage) error {
	if err := s.permit(policy.PostVeiled, nil, nil); err != nil {
		return err
	}
	if len(c.Mentions) > 0 {
		return incident.BadField("mentions", "A veiled message names nobody: whom you call on may tell who you are.")
	}
	if len(c.Attachments) > 0 {
		return incident.BadField("attachments", "A veiled message carries no files: what is in one may tell who made it.")
	}
	if len(c.Quotes) > 0 {
		return incident.BadField("quotes", "A veiled message quotes nothing: what its author can see may tell who they are. Say it in your own words.")
	}
	if s.Room.Roster == incident.RosterHosts {
		// How many there are is not theirs to know, and a refusal would tell it.
		return incident.BadField("veiled", "In this room guests are not told of one another, so nobody can know whom they would hide among. Write to the hosts alone.")
	}
	if policy.Veils(s.Room, s.Asker()) < VeilAmong {
		return incident.BadField("veiled", "Fewer than %d organisations of your type are here, so this would tell who you are. Write to the hosts alone instead.", VeilAmong)
	}
	return nil
}

// veiled is the message, saying only of what type its author's organisation is,
// and right below it who wrote it, for leads and auditors. It goes to the whole
// room or not at all: fewer readers would be a choice that tells of its author.
// Whose it is stands nowhere else in the entry, so nobody can widen it, and its
// author cannot correct it: both would be acts of theirs.
func (s *scene) veiled(c PostMessage, mark incident.Marking) ([]*incident.Event, error) {
	m := s.Asker()
	if mark.Audience.Kind != incident.ToRoom {
		return nil, incident.BadField("audience", "A veiled message is for everyone in the room.")
	}
	mark.Originator = ""
	mark, err := s.marking(mark, 0, incident.Audience{})
	if err != nil {
		return nil, err
	}
	said := &incident.Event{By: incident.By{OrgType: m.Seat.OrgType}, Marking: &mark, Refs: incident.Refs{ReplyTo: c.ReplyTo},
		Body: &incident.MessagePosted{Text: c.Text, Invented: s.Actor.System}}
	if said.Times, err = s.happened("occurred", c.Occurred, false); err != nil {
		return nil, err
	}
	who := incident.Marking{TLP: mark.TLP, Audience: incident.Audience{Kind: incident.ToLeads}}
	return []*incident.Event{said, {Marking: &who, Body: &incident.MessageAttributed{Entry: s.head + 1, Member: m.Number, Org: m.Org}}}, nil
}
