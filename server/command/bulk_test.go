package command_test

import (
	"slices"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

func inviting(more func(*command.AskBroadcast)) command.AskBroadcast {
	return ask(func(a *command.AskBroadcast) {
		a.Purpose, a.History = incident.BroadcastInvite, incident.FromJoin
		a.Count = incident.BroadcastCount{Orgs: 1, Contacts: 2, Texts: 2, Fragments: 2}
		if more != nil {
			more(a)
		}
	})
}

// issue is one invitation of a broadcast, as the house makes it.
func issue(root incident.Seq, name, id string) command.IssueInvitation {
	return command.IssueInvitation{Root: root, Invite: command.InviteMember{KnownOrg: true, Issuer: "health", Invitation: id,
		Seat: incident.Seat{Name: name, Org: "X2E", OrgName: "Eastmoor NHS Trust", ODS: "X2E", OrgType: incident.Acute, Role: incident.Representative, History: incident.FromJoin}}}
}

func TestManyAreInvitedWhenBothHostsAgree(t *testing.T) {
	c := newTellers(t) // nobody has assessed how severe it is: people are invited all the same
	house := incident.Actor{System: true}
	root := c.Must(c.Lead, inviting(nil))
	first := issue(root, "Ada Birch", incident.RandomID())
	c.refused(t, house, first, incident.Conflict, "was asked for")
	c.refused(t, c.Stepped(c.deputy), command.ApproveBroadcast{Root: root}, incident.Forbidden, "other host")
	c.refused(t, c.guest, command.ApproveBroadcast{Root: root}, incident.NotFound, "")
	c.refused(t, c.ncsc, command.ApproveBroadcast{Root: root}, incident.StepUp, "")
	c.Must(c.Stepped(c.ncsc), command.ApproveBroadcast{Root: root})

	c.refused(t, c.Lead, first, incident.NotFound, "") // it is the house's alone
	one := c.Must(house, first)
	if m := c.Room.MemberRoot(one); m.State != incident.Invited || m.InvitedBy != c.Room.Member(c.Lead.Person).Number {
		t.Errorf("%+v", m)
	}
	c.refused(t, house, issue(root, "ada  birch", incident.RandomID()), incident.Conflict, "open invitation")
	host := issue(root, "Nat Cole", incident.RandomID())
	host.Invite.Seat.Org = "NCSC"
	c.refused(t, house, host, incident.Invalid, "")
	closed := issue(root, "Ben Cole", incident.RandomID())
	closed.Invite.OrgClosed = true
	c.refused(t, house, closed, incident.Invalid, "")
	for _, more := range []func(*incident.Seat){func(s *incident.Seat) { s.Role = incident.Observer }, func(s *incident.Seat) { s.History = incident.Full }} {
		other := issue(root, "Ben Cole", incident.RandomID())
		more(&other.Invite.Seat)
		c.refused(t, house, other, incident.Invalid, "")
	}
	two := c.Must(house, issue(root, "Ben Cole", "b"))

	// How far they came is said once each.
	c.Must(house, command.NoteReached{Root: root, Invited: []incident.Seq{two, one}, Left: 1})
	c.refused(t, house, command.NoteReached{Root: root, Invited: []incident.Seq{one}, Left: 2}, incident.Conflict, "Nothing has changed")
	c.refused(t, c.Lead, command.NoteReached{Root: root, Opened: []incident.Seq{one}}, incident.NotFound, "")
	c.Must(house, command.NoteReached{Root: root, Delivered: []incident.Seq{one, two}})
	c.Must(house, command.NoteReached{Root: root, Delivered: []incident.Seq{one}, Opened: []incident.Seq{one}})
	if b := c.Objects[root].Broadcast; !slices.Equal(b.Invited, []incident.Seq{one, two}) || !slices.Equal(b.Delivered, b.Invited) || !slices.Equal(b.Opened, []incident.Seq{one}) {
		t.Errorf("%+v", b)
	}

	// Stopped, what nobody took up is taken back, and nothing more is made.
	revoke := command.RevokeInvitation{Root: root, Member: two, Invitation: "b"}
	c.refused(t, house, revoke, incident.NotFound, "")
	c.Must(c.ncsc, command.StopBroadcast{Root: root, Reason: "the wrong list"})
	c.refused(t, house, issue(root, "Cat Dunn", incident.RandomID()), incident.Conflict, "was stopped")
	c.refused(t, c.Lead, revoke, incident.NotFound, "")
	c.refused(t, house, command.RevokeInvitation{Root: root, Member: two, Invitation: "another"}, incident.NotFound, "")
	c.Must(house, revoke)
	c.refused(t, house, revoke, incident.Conflict, "dealt with")
	if m := c.Room.MemberRoot(two); m.State != incident.Withdrawn {
		t.Errorf("%s", m.State)
	}
}

func TestWhatManyInvitationsAreRefusedFor(t *testing.T) {
	c := newTellers(t)
	for words, more := range map[string]func(*command.AskBroadcast){
		"earlier entries":      func(a *command.AskBroadcast) { a.History = "" },
		"Choose organisations": func(a *command.AskBroadcast) { a.Chosen = incident.Contacted{} },
		"at most 500":          func(a *command.AskBroadcast) { a.Count.Contacts = incident.MaxInvited + 1 },
	} {
		c.refused(t, c.Lead, inviting(more), incident.Invalid, words)
	}
	c.refused(t, c.Lead, inviting(func(a *command.AskBroadcast) { a.Count.Contacts = 0 }), incident.Conflict, "This invites nobody")
	c.refused(t, c.guest, inviting(nil), incident.NotFound, "")
	c.refused(t, c.Lead, inviting(func(a *command.AskBroadcast) {
		a.Chosen.Orgs = []incident.OrgID{"R1H", "R 1", "?", "A,B", "x", "y", "z"}
	}), incident.Invalid, "“R 1”, “?”, “A,B”, “x”, “y” and 1 more")
	c.grave(4)
	c.refused(t, c.Lead, ask(func(a *command.AskBroadcast) { a.History = incident.Full }), incident.Invalid, "Only who is invited")

	// The house invites nobody by a broadcast that tells.
	root := c.Must(c.Lead, ask(nil))
	c.Must(c.Stepped(c.ncsc), command.ApproveBroadcast{Root: root})
	house := incident.Actor{System: true}
	c.refused(t, house, issue(root, "Ada Birch", incident.RandomID()), incident.NotFound, "")
	c.refused(t, house, command.NoteReached{Root: root, Opened: []incident.Seq{1}}, incident.NotFound, "")
}
