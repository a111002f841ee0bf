package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
)

// InvitationName is what someone has of an invitation: exactly one of these.
type InvitationName struct {
	Token      string `json:"token,omitempty" doc:"From the link."`
	Code       string `json:"code,omitempty" doc:"As typed: case, spaces and hyphens do not matter."`
	Invitation string `json:"invitation,omitempty" doc:"Its id, for whom it was made for or who asked already."`
}

type lookIn struct{ Body InvitationName }

type joinIn struct {
	Body struct {
		InvitationName
		OTP   string `json:"otp,omitempty" doc:"The six digits told by another channel."`
		Rules int    `json:"rules" doc:"The version of the handling rules that was read; 0 if none were shown yet: then this ties, or asks, and joins nothing."`
	}
}

type lookAnswer struct {
	Invitation string               `json:"invitation"`
	Tied       bool                 `json:"tied" doc:"Something ties this sign-in to the invitation. Until then hosts and reference are all that is shown: a link can be forwarded."`
	Reference  string               `json:"reference"`
	Title      string               `json:"title,omitempty" doc:"Once tied."`
	Mode       incident.Mode        `json:"mode"`
	Hosts      []string             `json:"hosts"`
	Seat       *incident.Seat       `json:"seat,omitempty" doc:"Once tied."`
	Rules      rulesText            `json:"rules" doc:"Their lines once tied."`
	NeedsCode  bool                 `json:"needsCode" doc:"Only the six digits or a lead can tie this sign-in to it."`
	State      incident.MemberState `json:"state"`
}

type joinAnswer struct {
	Room  incident.LogID       `json:"room,omitempty"`
	State incident.MemberState `json:"state,omitempty" doc:"asked: a lead has to let them in. invited: tied by now, and there are rules to read first."`
}

func (s *Server) mountInvitations() {
	operate(s, operation{Method: http.MethodPost, Path: "/invitations/look", Access: SignedIn, Tag: "invitations", ID: "look-at-invitation",
		Summary: "What an invitation is for", Doc: "Takes nothing up. Every dead end is the same answer.", Unkeyed: true, Glance: true, Faults: []incident.Fault{incident.NotFound}}, s.look)
	operate(s, operation{Method: http.MethodPost, Path: "/invitations/join", Access: SignedIn, Tag: "invitations", ID: "join", Unkeyed: true,
		Summary: "Join the room, or ask to be let in", Doc: "202 with the state asked, if nothing ties this sign-in to the invitation and a lead has to say that it is them.",
		Faults: []incident.Fault{incident.NotFound, incident.Conflict}}, s.join)
	operate(s, operation{Method: http.MethodPost, Path: "/invitations/ask", Access: Public, Tag: "invitations", ID: "ask-for-link", Unkeyed: true, Status: http.StatusAccepted,
		Summary: "Ask for a new link", Doc: "Always the same answer."}, s.ask)
}

// key checks that exactly one name is given. What cannot be an invitation's
// name is looked up all the same: a dead end, like any other.
func (n InvitationName) key() (directory.Key, error) {
	given := 0
	for _, v := range []string{n.Token, n.Code, n.Invitation} {
		if v != "" {
			given++
		}
		if len(v) > 200 {
			return directory.Key{}, incident.Missing()
		}
	}
	if given != 1 {
		return directory.Key{}, incident.BadField("code", "Give the link's token, a code or an invitation.")
	}
	return directory.Key{Token: n.Token, Code: n.Code, ID: n.Invitation}, nil
}

// visitor is who comes, as identity found them.
func visitor(sys *incident.System, c *call) directory.Visitor {
	if !c.in {
		return directory.Visitor{}
	}
	x := c.session
	return directory.Visitor{Issuer: x.Issuer, Subject: x.Subject, Email: x.Email, EmailVerified: x.EmailVerified, Domains: sys.Issuers[x.Issuer].Domains}
}

// arrival is an invitation its visitor may know of, and where it leads.
type arrival struct {
	sys     *incident.System
	visitor directory.Visitor
	key     directory.Key
	found   directory.Found
	room    *incident.Room
	seat    *incident.Member
}

// tied reports whether something ties the visitor to the invitation.
func (a *arrival) tied(c *call) bool {
	if a.seat.Person == c.actor.Person && (a.seat.State == incident.Joined || a.seat.State == incident.Vouched) {
		return true
	}
	return a.found.How != "" && a.found.How != directory.Asked
}

// arrive finds the invitation and the membership it belongs to. Whatever is
// wrong, it is Missing.
func (s *Server) arrive(ctx context.Context, c *call, n InvitationName) (*arrival, error) {
	k, err := n.key()
	if err != nil {
		return nil, err
	}
	if err := s.limiter.take(s.Config.Limits.Codes, "code", c.session.ID); err != nil {
		return nil, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return nil, err
	}
	a := &arrival{sys: sys, visitor: visitor(sys, c), key: k}
	vouched, err := s.vouched(ctx, c.actor.Person)
	if err != nil {
		return nil, err
	}
	a.visitor.Vouched = slices.Contains(vouched, k.ID) && k.ID != ""
	if a.found, err = s.Directory.Look(ctx, k, a.visitor); err != nil {
		return nil, err
	}
	a.visitor.Vouched = slices.Contains(vouched, a.found.ID)
	if a.room, err = s.Journal.Room(ctx, a.found.Room); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(a.room.Members, func(m *incident.Member) bool { return m.Invitation == a.found.ID })
	if i < 0 || a.room.Lifecycle == incident.Closed {
		return nil, incident.Missing()
	}
	a.seat = a.room.Members[i]
	switch a.seat.State {
	case incident.Invited, incident.Asked, incident.Vouched:
	case incident.Joined:
		if a.seat.Person != c.actor.Person || c.actor.Person == "" {
			return nil, incident.Missing()
		}
	default:
		return nil, incident.Missing()
	}
	if a.seat.Person != "" && a.seat.Person != c.actor.Person && a.seat.State != incident.Asked { // who asked with it has no more right to it
		return nil, incident.Missing()
	}
	if a.seat.State != incident.Joined && a.room.Spent(a.seat, c.actor.Person) {
		return nil, incident.Missing()
	}
	return a, nil
}

// vouched lists the invitations of which a lead has said that this person is
// who they are for.
func (s *Server) vouched(ctx context.Context, p incident.PersonID) (ids []string, err error) {
	if p == "" {
		return nil, nil
	}
	mine, err := s.Journal.Mine(ctx, p)
	for _, x := range mine {
		if x.State != incident.Vouched {
			continue
		}
		room, err := s.Journal.Room(ctx, x.Room)
		if err != nil {
			return nil, err
		}
		if m := room.MemberRoot(x.Root); m != nil && m.State == incident.Vouched && m.Person == p {
			ids = append(ids, m.Invitation)
		}
	}
	return ids, err
}

func (s *Server) look(ctx context.Context, c *call, in *lookIn) (lookAnswer, error) {
	a, err := s.arrive(ctx, c, in.Body)
	if err != nil {
		return lookAnswer{}, err
	}
	answer := lookAnswer{Invitation: a.found.ID, Tied: a.tied(c), Reference: a.room.Reference, Mode: a.room.Mode, Hosts: []string{},
		Rules: rulesText{Version: rulesOf(a.room).Version}, NeedsCode: a.found.NeedsCode && a.seat.State != incident.Vouched, State: a.seat.State}
	if answer.Tied {
		if err := s.Directory.Opened(ctx, a.found.ID); err != nil {
			return lookAnswer{}, err
		}
		answer.Title, answer.Seat, answer.Rules = a.room.Title, &a.seat.Seat, rulesOf(a.room)
	}
	if a.seat.State == incident.Asked && (answer.Tied || a.seat.Person != c.actor.Person) {
		answer.State = incident.Invited // nobody need answer them, or somebody else asked with it: to this visitor it is as it was made
	}
	for _, code := range a.room.Hosts {
		name := a.sys.Orgs[code].Name
		if name == "" {
			name = string(code)
		}
		answer.Hosts = append(answer.Hosts, name)
	}
	return answer, nil
}

// join redeems the invitation, then registers the person, then writes the
// room's entry, each under a key derived from the invitation: a crash between
// any two leaves what the next try takes up. Who comes by six digits has seen
// no rules: the digits alone tie them, and they join by asking again.
func (s *Server) join(ctx context.Context, c *call, in *joinIn) (joinAnswer, error) {
	a, err := s.arrive(ctx, c, in.Body.InvitationName)
	if err != nil {
		return joinAnswer{}, err
	}
	if a.seat.State == incident.Joined {
		return joinAnswer{Room: a.room.ID}, nil // they did this before
	}
	unread := a.room.Rules != nil && in.Body.Rules == 0
	if a.room.Rules != nil && !unread && in.Body.Rules != a.room.Rules.Version {
		return joinAnswer{}, incident.Refuse(incident.Conflict, "The handling rules have changed. Read them again.")
	}
	digits := strings.Map(func(r rune) rune {
		if r == ' ' {
			return -1
		}
		return r
	}, in.Body.OTP)
	f, err := s.Directory.Redeem(ctx, a.key, a.visitor, digits)
	if err != nil {
		return joinAnswer{}, err
	}
	tied := f.How != directory.Asked
	if tied && unread {
		return joinAnswer{State: incident.Invited}, nil
	}
	actor, err := s.register(ctx, c, a, tied)
	if err != nil {
		return joinAnswer{}, err
	}
	person := string(actor.Person)
	if !tied {
		_, err := s.Journal.Append(ctx, a.room.ID, actor, follow("ask", f.ID, person), command.AskToJoin{Root: a.seat.Root, Person: actor.Person, Name: actor.Name, Issuer: c.session.Issuer})
		if err != nil && incident.FaultOf(err) != incident.Conflict { // asked already
			return joinAnswer{}, err
		}
		s.tellAdmitting(a.room)
		c.status = http.StatusAccepted
		return joinAnswer{State: incident.Asked}, nil
	}
	key := follow("join", f.ID, person, f.How, bodyText(in.Body.Rules))
	_, err = s.Journal.Append(ctx, a.room.ID, actor, key, command.JoinRoom{Root: a.seat.Root, Person: actor.Person, How: f.How, Rules: in.Body.Rules})
	if incident.FaultOf(err) == incident.Conflict {
		if _, _, e := s.stands(ctx, a.room.ID, actor.Person); e == nil {
			return joinAnswer{Room: a.room.ID}, nil // in this room already
		}
	}
	if err != nil {
		return joinAnswer{}, err
	}
	s.carryContact(ctx, a.room.ID, a.seat.Root, actor.Person)
	s.tellRooms(actor.Person)
	s.tellColleagues(a.room, a.seat.Org)
	return joinAnswer{Room: a.room.ID}, nil
}

// stranger is the id that somebody whom the deployment does not know yet gets
// when they are registered.
func (s *Server) stranger(issuer, subject string) incident.PersonID {
	return incident.PersonID(s.id("person", issuer, subject))
}

// register makes the visitor someone the deployment knows, and, once they are
// tied to the invitation, someone who acts for its organisation. Who merely
// asks acts for nobody.
func (s *Server) register(ctx context.Context, c *call, a *arrival, tied bool) (incident.Actor, error) {
	actor, log := c.actor, s.Journal.SystemLog()
	if actor.Person == "" {
		actor.Person = s.stranger(c.session.Issuer, c.session.Subject)
		if actor.Name == "" {
			actor.Name = a.seat.Seat.Name
		}
		_, err := s.Journal.Append(ctx, log, actor, follow("register", c.session.Issuer, c.session.Subject, actor.Name),
			command.AddPerson{Person: actor.Person, Name: actor.Name, Issuer: c.session.Issuer, Subject: c.session.Subject, Joining: true})
		if err != nil && incident.FaultOf(err) != incident.Conflict { // registered meanwhile
			return actor, err
		}
	}
	if !tied {
		return actor, nil
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return actor, err
	}
	p, ok := sys.BySubject(c.session.Issuer, c.session.Subject)
	if !ok || p.Suspended {
		return actor, incident.Missing()
	}
	actor.Person, actor.Name, actor.Orgs = p.ID, p.Name, p.Orgs
	if slices.Contains(p.Orgs, a.seat.Org) {
		return actor, nil
	}
	orgs := append(slices.Clone(p.Orgs), a.seat.Org)
	_, err = s.Journal.Append(ctx, log, actor, follow("affiliate", a.found.ID, string(p.ID), bodyText(orgs)), command.Affiliate{Person: p.ID, Orgs: orgs, Joining: true})
	var refused *incident.Error
	if errors.As(err, &refused) && refused.Fault == incident.Invalid && len(refused.Fields) == 1 && refused.Fields[0].Message == "Nothing was changed." {
		err = nil // another invitation of the same organisation was faster
	}
	return actor, err
}

// ask always answers the same, whatever there is.
func (s *Server) ask(ctx context.Context, c *call, in *lookIn) (empty, error) {
	k, err := in.Body.key()
	if incident.FaultOf(err) == incident.NotFound {
		return empty{}, nil
	}
	if err != nil {
		return empty{}, err
	}
	if c.in {
		err = s.limiter.take(s.Config.Limits.Codes, "ask", c.session.ID)
	} else {
		err = s.knock(c, s.Config.Limits.Strangers, "ask link")
	}
	if err != nil {
		return empty{}, err
	}
	v := directory.Visitor{}
	if c.in {
		v = directory.Visitor{Issuer: c.session.Issuer, Subject: c.session.Subject, Email: c.session.Email, EmailVerified: c.session.EmailVerified}
	}
	if err := s.Directory.AskForNew(ctx, k, v); err != nil && incident.FaultOf(err) == incident.Internal {
		return empty{}, err
	}
	return empty{}, nil
}
