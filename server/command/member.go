package command

import (
	"slices"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// InviteMember invites a named representative of a named organisation. The
// seat's organisation particulars come from the system log, never from the
// client.
type InviteMember struct {
	Seat       incident.Seat
	Issuer     string
	Invitation string // the directory's id of the link
	OrgClosed  bool   // the organisation has closed, per the system log
	KnownOrg   bool   // the organisation is on the books

	Person incident.PersonID `json:"-"` // whom alone it is for, if the deployment knows them; fetched by the server
	Held   []string          `json:"-"` // the directory's ids of the other links made for that very sign-in; fetched by the server
}

func (c InviteMember) roots() []incident.Seq { return nil }

func (c InviteMember) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Invite, nil, nil); err != nil {
		return nil, err
	}
	if err := c.check(s); err != nil {
		return nil, err
	}
	if err := c.once(s); err != nil {
		return nil, err
	}
	if slices.Contains([]incident.Role{incident.Lead, incident.Deputy}, c.Seat.Role) && !s.Asker().Leads() {
		return nil, incident.BadField("role", "Only a lead or deputy can invite a lead or deputy.")
	}
	return one(&incident.Event{Body: &incident.MemberInvited{Seat: c.Seat, Issuer: c.Issuer, Invitation: c.Invitation},
		Marking: seatMarking(s.Room, c.Seat)})
}

// seatMarking marks a membership's first entry: originator is the invited
// organisation, which is what an envelope of it tells.
func seatMarking(room *incident.Room, seat incident.Seat) *incident.Marking {
	return &incident.Marking{TLP: room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: seat.Org}
}

// MaxMembers bounds the people of one room, invited ones included.
const MaxMembers = 20_000

func (c InviteMember) check(s *scene) error {
	if err := checkLine("name", c.Seat.Name, 120, true); err != nil {
		return incident.BadField("name", "Give the person's name, on one line of at most 120 characters.")
	}
	if !c.KnownOrg {
		return incident.BadField("org", "Choose an organisation from the list. An administrator adds one that is missing.")
	}
	if c.OrgClosed {
		return incident.BadField("org", "This organisation has closed. Choose its successor.")
	}
	if !c.Seat.Role.Valid() {
		return incident.BadField("role", "Choose a role.")
	}
	host := slices.Contains(s.Room.Hosts, c.Seat.Org)
	if c.Seat.Role.ForHosts() && !host {
		return incident.BadField("role", "This role is for the hosts' own people.")
	}
	if c.Seat.Role == incident.Representative && host {
		return incident.BadField("role", "Hosts take part as lead, deputy, liaison, loggist, comms or observer.")
	}
	if c.Seat.History != incident.Full && c.Seat.History != incident.FromJoin {
		return incident.BadField("history", "Choose whether they see earlier entries.")
	}
	if len(s.Room.Members) >= MaxMembers {
		return incident.Refuse(incident.Conflict, "The room is full.")
	}
	return nil
}

// once refuses to invite somebody who is in the room, or on their way into it,
// by another invitation: two rows of one person, and two links of which one
// would outlive their removal. It is them if both are for one sign-in, or if
// sign-in service, organisation and name are the same and nothing says that
// they are two people.
func (c InviteMember) once(s *scene) error {
	for _, m := range s.Room.Members {
		same := m.Issuer == c.Issuer && m.Org == c.Seat.Org && sameName(m.Seat.Name, c.Seat.Name)
		switch m.State {
		case incident.Joined:
			if c.Person != "" {
				same = m.Person == c.Person
			}
			if same {
				return incident.Refuse(incident.Conflict, "%s is in this room already, as M-%d. You can change their role, or let them see earlier entries.", m.Seat.Name, m.Number)
			}
		case incident.Invited, incident.Asked, incident.Vouched, incident.Proposed:
			same = same || slices.Contains(c.Held, m.Invitation)
			if !same {
				continue
			}
			switch m.State {
			case incident.Proposed:
				return incident.Refuse(incident.Conflict, "%s has been proposed already. A lead can admit or decline that.", m.Seat.Name)
			case incident.Invited:
				return incident.Refuse(incident.Conflict, "%s has an open invitation to this room. Make a new link for it, or take it back first.", m.Seat.Name)
			}
			return incident.Refuse(incident.Conflict, "%s has an open invitation, and somebody has come with it. Let them in, or take it back first.", m.Seat.Name)
		}
	}
	return nil
}

// sameName reports whether two names read the same.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// ProposeMember lets a representative propose a colleague of their own
// organisation.
type ProposeMember struct {
	Name       string
	Invitation string
}

func (c ProposeMember) roots() []incident.Seq { return nil }

func (c ProposeMember) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Propose, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	seat := m.Seat
	seat.Name, seat.Role, seat.History = c.Name, incident.Representative, incident.FromJoin
	invite := InviteMember{Seat: seat, Issuer: m.Issuer, KnownOrg: true}
	if err := invite.check(s); err != nil {
		return nil, err
	}
	if err := invite.once(s); err != nil {
		return nil, err
	}
	return one(&incident.Event{Body: &incident.MemberProposed{Seat: seat, Issuer: m.Issuer, Invitation: c.Invitation},
		Marking: seatMarking(s.Room, seat)})
}

// target permits an act on a membership in one of the given states.
func (s *scene) target(act policy.Act, root incident.Seq, states ...incident.MemberState) (*incident.Member, error) {
	if err := s.permit(act, nil, nil); err != nil {
		return nil, err
	}
	of := s.Room.MemberRoot(root)
	if of == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(act, nil, of); err != nil {
		return nil, err
	}
	if !slices.Contains(states, of.State) {
		return nil, incident.Refuse(incident.Conflict, "This has been dealt with already: they are now “%s”.", of.State)
	}
	return of, nil
}

// AdmitMember turns a proposal into an invitation.
type AdmitMember struct{ Root incident.Seq }

func (c AdmitMember) roots() []incident.Seq { return nil }

func (c AdmitMember) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.target(policy.Admit, c.Root, incident.Proposed); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberAdmitted{}})
}

// DeclineMember ends a proposal.
type DeclineMember struct{ Root incident.Seq }

func (c DeclineMember) roots() []incident.Seq { return nil }

func (c DeclineMember) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.target(policy.Admit, c.Root, incident.Proposed); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberDeclined{}})
}

// VouchMember says that the person who signed in with an invitation's link is
// the one who was invited.
type VouchMember struct{ Root incident.Seq }

func (c VouchMember) roots() []incident.Seq { return nil }

func (c VouchMember) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.target(policy.Vouch, c.Root, incident.Asked)
	if err != nil {
		return nil, err
	}
	if s.Room.Spent(of, of.Person) {
		return nil, incident.Refuse(incident.Conflict, "They have left this room, or were removed, since this invitation was made. Take it back, and invite them anew.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberVouched{}})
}

// WithdrawMember takes an invitation back.
type WithdrawMember struct{ Root incident.Seq }

func (c WithdrawMember) roots() []incident.Seq { return nil }

func (c WithdrawMember) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.target(policy.Withdraw, c.Root, incident.Invited, incident.Asked, incident.Vouched, incident.Proposed); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberWithdrawn{}})
}

// AskToJoin says that someone signed in with an invitation's link and nothing
// ties them to it yet. The facts are the server's.
type AskToJoin struct {
	Root   incident.Seq
	Person incident.PersonID
	Name   string
	Issuer string
}

func (c AskToJoin) roots() []incident.Seq { return nil }

func (c AskToJoin) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.invitee(c.Root, c.Person)
	if err != nil {
		return nil, err
	}
	if of.State == incident.Asked && of.Person == c.Person {
		return nil, incident.Refuse(incident.Conflict, "You have asked already. A lead will let you in.")
	}
	if of.State != incident.Invited {
		return nil, incident.Missing()
	}
	return one(&incident.Event{Root: c.Root, By: incident.By{Org: of.Org}, Body: &incident.MemberAsked{Person: c.Person, Name: c.Name, Issuer: c.Issuer}})
}

// invitee finds the invitation someone comes with. That somebody else asked
// with it, as one may to whom it was forwarded, keeps nobody out.
func (s *scene) invitee(root incident.Seq, p incident.PersonID) (*incident.Member, error) {
	if s.Room == nil || s.empty {
		return nil, incident.Missing()
	}
	of := s.Room.MemberRoot(root)
	if of == nil || p == "" || p != s.Actor.Person {
		return nil, incident.Missing()
	}
	switch of.State {
	case incident.Invited, incident.Asked, incident.Vouched:
	default:
		return nil, incident.Missing()
	}
	if of.Person != "" && of.Person != p && of.State != incident.Asked {
		return nil, incident.Missing()
	}
	if s.Room.Lifecycle == incident.Closed {
		return nil, incident.Missing()
	}
	if other := s.Room.Member(p); other.Present() {
		return nil, incident.Refuse(incident.Conflict, "You are in this room already.")
	}
	if s.Room.Spent(of, p) {
		return nil, incident.Missing()
	}
	return of, nil
}

// JoinRoom binds a member number to the person who came by an invitation.
// How says what tied their sign-in to it: subject, address, code or vouched;
// it is a fact of the directory's and identity's, never the client's word.
type JoinRoom struct {
	Root   incident.Seq
	Person incident.PersonID
	How    string
	Rules  int // the version of the handling rules they accepted
}

func (c JoinRoom) roots() []incident.Seq { return nil }

func (c JoinRoom) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.invitee(c.Root, c.Person)
	if err != nil {
		return nil, err
	}
	switch c.How {
	case "subject", "address", "code":
	case "vouched":
		if of.State != incident.Vouched {
			return nil, incident.Missing()
		}
	default:
		return nil, incident.Missing()
	}
	if s.Room.Rules != nil && c.Rules != s.Room.Rules.Version {
		return nil, incident.Refuse(incident.Conflict, "The handling rules have changed. Read them again.")
	}
	seat, number := of.Seat, s.Room.NextMember()
	return one(&incident.Event{Root: c.Root, By: incident.By{Member: number, Org: seat.Org, Role: seat.Role},
		Body: &incident.MemberJoined{How: c.How, Number: number, Person: c.Person, Rules: c.Rules, Seat: seat}})
}

// AcceptRules says that a member accepts the newest handling rules.
type AcceptRules struct{ Version int }

func (c AcceptRules) roots() []incident.Seq { return nil }

func (c AcceptRules) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Accept, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if s.Room.Rules == nil || c.Version != s.Room.Rules.Version {
		return nil, incident.Refuse(incident.Conflict, "The handling rules have changed. Read them again.")
	}
	if m.Rules >= c.Version {
		return nil, incident.Refuse(incident.Conflict, "You have accepted these already.")
	}
	return one(&incident.Event{Root: m.Root, Body: &incident.MemberAccepted{Rules: c.Version}})
}

// LeaveRoom ends one's own membership.
type LeaveRoom struct{}

func (c LeaveRoom) roots() []incident.Seq { return nil }

func (c LeaveRoom) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.Leave, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if m.Leads() && s.leads() == 1 && s.Room.Cell != nil {
		return nil, incident.Refuse(incident.Conflict, "You are the only lead here. Bring another lead of the main room in before you leave.")
	}
	if m.Leads() && s.leads() == 1 {
		return nil, incident.Refuse(incident.Conflict, "You are the only lead. Make someone else lead or deputy before you leave.")
	}
	return append([]*incident.Event{{Root: m.Root, Body: &incident.MemberLeft{}}}, s.gone(m)...), nil
}

func (s *scene) leads() (n int) {
	for _, m := range s.Room.Members {
		if m.Leads() {
			n++
		}
	}
	return n
}

// RemoveMember ends someone's membership at once. A reason becomes an entry
// of its own, for the hosts only.
type RemoveMember struct {
	Root   incident.Seq
	Reason string // "" for none
}

func (c RemoveMember) roots() []incident.Seq { return nil }

func (c RemoveMember) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.target(policy.Remove, c.Root, incident.Joined)
	if err != nil {
		return nil, err
	}
	m := s.Asker()
	if of.Root == m.Root {
		return nil, incident.Refuse(incident.Conflict, "To go yourself, leave the room.")
	}
	events := []*incident.Event{{Root: c.Root, Body: &incident.MemberRemoved{}}}
	if c.Reason != "" {
		if err := checkLine("reason", c.Reason, 500, true); err != nil {
			return nil, err
		}
		events = append(events, &incident.Event{Refs: incident.Refs{Cites: []incident.Seq{s.head + 1}},
			Marking: &incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToHosts}, Originator: m.Org},
			Body:    &incident.MessagePosted{Text: c.Reason, Invented: s.Actor.System}})
	}
	return append(events, s.gone(of)...), nil
}

// ChangeRole gives a member another role.
type ChangeRole struct {
	Root incident.Seq
	Role incident.Role
}

func (c ChangeRole) roots() []incident.Seq { return nil }

func (c ChangeRole) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.target(policy.Change, c.Root, incident.Joined)
	if err != nil {
		return nil, err
	}
	seat := of.Seat
	seat.Role = c.Role
	if err := (InviteMember{Seat: seat, KnownOrg: true}).check(s); err != nil {
		return nil, err
	}
	if c.Role == of.Role {
		return nil, incident.BadField("role", "This is their role as it stands.")
	}
	if of.Leads() && c.Role != incident.Lead && c.Role != incident.Deputy && s.leads() == 1 {
		return nil, incident.Refuse(incident.Conflict, "They are the only lead. Make someone else lead or deputy first.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberChanged{Role: c.Role}})
}

// GrantHistory lets a member see earlier entries, from Start on.
type GrantHistory struct {
	Root  incident.Seq
	Start incident.Seq
}

func (c GrantHistory) roots() []incident.Seq { return nil }

func (c GrantHistory) decide(s *scene) ([]*incident.Event, error) {
	of, err := s.target(policy.Grant, c.Root, incident.Joined)
	if err != nil {
		return nil, err
	}
	if c.Start < 1 || c.Start >= of.Start {
		return nil, incident.BadField("start", "Choose an entry before number %d, where their sight begins now.", of.Start)
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.MemberGranted{Start: c.Start}})
}
