package command

import (
	"slices"

	"wardroom/server/incident"
)

// Many are invited at once by a broadcast that invites (broadcast.go): one host
// asks, the other agrees. What follows of it is the house's to do, entry by
// entry, and each is judged as a single invitation is.

// checkInvited refuses to ask for invitations that could not be made.
func (c AskBroadcast) checkInvited(s *scene) error {
	if c.Purpose != incident.BroadcastInvite {
		if c.History != "" {
			return incident.BadField("history", "Only who is invited is given earlier entries.")
		}
		return nil
	}
	switch {
	case c.History != incident.Full && c.History != incident.FromJoin:
		return incident.BadField("history", "Choose whether they see earlier entries.")
	case c.Count.Contacts > incident.MaxInvited:
		return incident.BadField("types", "This comes to %d contacts; at most %d are invited at once. Choose fewer.", c.Count.Contacts, incident.MaxInvited)
	case len(s.Room.Members)+c.Count.Contacts > MaxMembers:
		return incident.Refuse(incident.Conflict, "The room is full.")
	}
	return nil
}

// IssueInvitation is the house's: it invites one contact of a list that both
// hosts agreed to. The facts are the directory's and the system log's, as they
// are now.
type IssueInvitation struct {
	Root   incident.Seq // the broadcast
	Invite InviteMember
}

func (c IssueInvitation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c IssueInvitation) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.issued(c.Root)
	if err != nil {
		return nil, err
	}
	switch {
	case !b.Goes():
		return nil, incident.Refuse(incident.Conflict, "Broadcast %d %s in entry %d.", c.Root, broadcastIs[b.State], b.Settled)
	case s.Room.Lifecycle == incident.Closed:
		return nil, incident.Refuse(incident.Conflict, "The room is closed.")
	case c.Invite.Seat.Role != incident.Representative:
		return nil, incident.BadField("role", "Whoever is invited with many comes as a representative.")
	case c.Invite.Seat.History != b.History:
		return nil, incident.BadField("history", "This is not what was agreed to.")
	}
	if err := c.Invite.check(s); err != nil {
		return nil, err
	}
	if err := c.Invite.once(s); err != nil {
		return nil, err
	}
	seat := c.Invite.Seat
	return one(&incident.Event{By: s.still(b.By), Body: &incident.MemberInvited{Seat: seat, Issuer: c.Invite.Issuer, Invitation: c.Invite.Invitation},
		Marking: seatMarking(s.Room, seat)})
}

// RevokeInvitation is the house's: the broadcast was stopped, and what of it
// nobody took up is taken back.
type RevokeInvitation struct {
	Root       incident.Seq // the broadcast
	Member     incident.Seq // the entry that began the invitation
	Invitation string
}

func (c RevokeInvitation) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RevokeInvitation) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.issued(c.Root)
	if err != nil {
		return nil, err
	}
	m := s.Room.MemberRoot(c.Member)
	switch {
	case b.State != incident.BroadcastIsStopped, m == nil, m.Invitation != c.Invitation:
		return nil, incident.Missing()
	case !slices.Contains([]incident.MemberState{incident.Invited, incident.Asked, incident.Vouched}, m.State):
		return nil, incident.Refuse(incident.Conflict, "This has been dealt with already: they are now “%s”.", m.State)
	}
	return one(&incident.Event{Root: c.Member, By: s.still(b.Ended), Body: &incident.MemberWithdrawn{}})
}

// NoteReached is the house's: how far invitations have come since it last said
// so. What it said before is left out.
type NoteReached struct {
	Root      incident.Seq
	Invited   []incident.Seq
	Delivered []incident.Seq
	Opened    []incident.Seq
	Left      int
}

func (c NoteReached) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c NoteReached) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.issued(c.Root)
	if err != nil {
		return nil, err
	}
	r := &incident.BroadcastReached{Invited: beside(c.Invited, b.Invited), Delivered: beside(c.Delivered, b.Delivered), Opened: beside(c.Opened, b.Opened)}
	if !b.Noted {
		r.Left = c.Left
	}
	switch {
	case len(r.Invited)+len(r.Delivered)+len(r.Opened)+r.Left == 0:
		return nil, incident.Refuse(incident.Conflict, "Nothing has changed since.")
	case max(len(r.Invited), len(r.Delivered), len(r.Opened)) > incident.MaxInvited:
		return nil, incident.BadField("invited", "One broadcast invites at most %d.", incident.MaxInvited)
	}
	return one(&incident.Event{Root: c.Root, Body: r})
}

// beside is what of the list is not said yet, each once, in order.
func beside(list, said []incident.Seq) (left []incident.Seq) {
	for _, n := range list {
		if _, found := slices.BinarySearch(said, n); !found {
			left = append(left, n)
		}
	}
	slices.Sort(left)
	return slices.Compact(left)
}

// issued is the broadcast whose invitations the house deals with.
func (s *scene) issued(root incident.Seq) (*incident.Broadcast, error) {
	o := s.objects[root]
	if !s.Actor.System || s.Actor.Person != "" || s.Room == nil || s.empty || o == nil || o.Broadcast == nil || !o.Broadcast.Invites() {
		return nil, incident.Missing()
	}
	return o.Broadcast, nil
}

// still is who did it, if they are in the room yet; otherwise the house's own
// word does.
func (s *scene) still(by incident.By) incident.By {
	if m := s.Room.Numbered(by.Member); by.Member != 0 && m.Present() {
		return member(m)
	}
	return incident.By{}
}
