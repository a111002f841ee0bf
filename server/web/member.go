package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

// InMember is the path of everything about one membership.
type InMember struct {
	InRoom
	Root string `path:"root" doc:"The entry that began the membership."`
}

type inviteIn struct {
	InRoom
	Body inviteBody
}

type inviteBody struct {
	Name    string            `json:"name"`
	Org     incident.OrgID    `json:"org"`
	Role    incident.Role     `json:"role"`
	History incident.History  `json:"history"`
	Issuer  string            `json:"issuer,omitempty" doc:"The sign-in service that must vouch for them; absent: their organisation's."`
	Person  incident.PersonID `json:"person,omitempty" doc:"Someone the deployment knows: then nobody else can come."`
	Subject string            `json:"subject,omitempty" doc:"Their subject at that service, if it is known: then nobody else can come."`
	Email   string            `json:"email,omitempty"`
	Phone   string            `json:"phone,omitempty"`
	OTP     bool              `json:"otp,omitempty" doc:"Also make six digits, to be told by another channel."`
	Text    bool              `json:"text,omitempty" doc:"Also send them a code by text message, which says the room's reference and nothing else of it."`
}

// linkAnswer is an invitation's way in, shown once.
type linkAnswer struct {
	Seq  incident.Seq `json:"seq"`
	Link string       `json:"link,omitempty" doc:"Absent when this was answered before: it is shown once."`
	Code string       `json:"code,omitempty" doc:"Typed instead of following the link."`
	OTP  string       `json:"otp,omitempty" doc:"Six digits, if they were asked for."`
}

type newLinkAnswer struct {
	Link string `json:"link"`
	Code string `json:"code"`
	OTP  string `json:"otp,omitempty"`
}

type proposeIn struct {
	InRoom
	Body struct {
		Name  string `json:"name"`
		Email string `json:"email,omitempty"`
		Phone string `json:"phone,omitempty"`
	}
}

// memberOnly is a command that says nothing but which membership.
type memberOnly struct {
	InMember
	Body empty
}

type removeIn struct {
	InMember
	Body struct {
		Reason string `json:"reason,omitempty" doc:"For the hosts only."`
	}
}

type roleIn struct {
	InMember
	Body struct {
		Role incident.Role `json:"role"`
	}
}

type tierIn struct {
	InMember
	Body struct {
		Tier incident.Tier `json:"tier" doc:"operational, tactical or strategic."`
	}
}

type grantIn struct {
	InMember
	Body struct {
		Start incident.Seq `json:"start" doc:"The first entry they may see from now on."`
	}
}

type acceptIn struct {
	InRoom
	Body struct {
		Rules int `json:"rules" doc:"The version that was read."`
	}
}

func (s *Server) mountMembers() {
	about := func(act, summary string) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/members/{root}/" + act, Access: Member, Tag: "members", ID: act + "-member", Summary: summary, Faults: refusals}
	}
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/members", Access: Member, Tag: "members", ID: "invite-member", Status: http.StatusCreated,
		Summary: "Invite a named person of a named organisation", Doc: "The link and the code are shown once.", Faults: refusals}, s.invite)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/proposals", Access: Member, Tag: "members", ID: "propose-member",
		Summary: "Propose a colleague of my organisation", Faults: refusals}, s.propose)
	operate(s, about("admit", "Turn a proposal into an invitation"), s.admit)
	operate(s, about("decline", "Decline a proposal"), s.decline)
	operate(s, about("vouch", "Say that who asked is who was invited"), s.vouch)
	operate(s, about("withdraw", "Take an invitation back"), s.withdraw)
	operate(s, about("remove", "Remove a member now"), s.remove)
	operate(s, about("role", "Give a member another role"), s.changeRole)
	operate(s, about("tier", "Put a member at a tier"), s.setTier)
	operate(s, about("grant", "Let a member see earlier entries"), s.grant)
	operate(s, about("link", "Make a new link; the old one is dead"), s.newLink)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/links-wanted", Access: Member, Tag: "members", ID: "links-wanted",
		Summary: "For whom a new link was asked", Doc: "By whoever came to the page of a dead link. For those who may invite."}, s.linksWanted)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/accept", Access: Member, Tag: "members", ID: "accept-rules",
		Summary: "Accept the handling rules", Faults: refusals}, s.accept)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/leave", Access: Member, Tag: "members", ID: "leave-room",
		Summary: "Leave the room", Faults: refusals}, s.leave)
}

// invite makes the link first and the room's entry second: until the entry
// names it the link leads nowhere. The invitation's id is derived from the
// request, so that the same request finds the same invitation and another one
// never has its address.
func (s *Server) invite(ctx context.Context, c *call, in *inviteIn) (linkAnswer, error) {
	b := in.Body
	if err := policy.Permit(policy.Invite, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}); err != nil {
		return linkAnswer{}, err // before anything is looked up or stored on behalf of somebody who may not
	}
	if err := s.change(c); err != nil {
		return linkAnswer{}, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return linkAnswer{}, err
	}
	inv, err := s.invitation(sys, c, b)
	if err != nil {
		return linkAnswer{}, err
	}
	org, known := sys.Orgs[b.Org]
	cmd := command.InviteMember{Issuer: inv.Issuer, Invitation: inv.ID, KnownOrg: known, OrgClosed: sys.Closed[b.Org],
		Seat: incident.Seat{Name: b.Name, Org: b.Org, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: b.Role, History: b.History}}
	if cmd.Person, cmd.Held, err = s.known(ctx, sys, inv); err != nil {
		return linkAnswer{}, err
	}
	if b.Text {
		if err := s.mayText(b.Phone, c.room); err != nil {
			return linkAnswer{}, err
		}
	}
	link, err := s.Directory.Invite(ctx, inv)
	again := duplicate(err)
	if err != nil && !again {
		return linkAnswer{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, cmd)
	if err != nil {
		return linkAnswer{}, err
	}
	a := linkAnswer{Seq: r.Seq}
	if err := s.Directory.KeepContact(ctx, c.room.ID, r.Seq, directory.Contact{Email: b.Email, Phone: b.Phone}); err != nil {
		return linkAnswer{}, err
	}
	s.tellRooms(b.Person)
	if r.Repeat {
		return a, s.textInvitation(ctx, c, b, inv.ID, r.Seq)
	}
	if again { // the first try ended between the link and the entry; nobody has seen that link
		if link, err = s.Directory.Renew(ctx, c.room.ID, inv.ID); err != nil {
			return linkAnswer{}, err
		}
	}
	a.Link, a.Code, a.OTP = s.link(link.Token), link.Code, link.OTP
	return a, s.textInvitation(ctx, c, b, inv.ID, r.Seq)
}

// textInvitation has the invitation told by text message, if that is wanted.
// Asked for twice, it is one message; it comes after a renewal, which would
// end the code in it.
func (s *Server) textInvitation(ctx context.Context, c *call, b inviteBody, id string, root incident.Seq) error {
	if !b.Text {
		return nil
	}
	return s.Courier.Ask(ctx, []courier.Want{{Log: c.room.ID, Root: root, Instance: id, Purpose: notify.Invitation, Invited: id, Org: b.Org, Channel: incident.BySMS}})
}

// mayText reports why somebody cannot be invited by text message.
func (s *Server) mayText(number string, room *incident.Room) error {
	phone, err := notify.ParsePhone(number)
	switch {
	case !s.Courier.Reaches(incident.BySMS):
		return incident.BadField("text", "This server sends no text messages. Give them the link or the code another way.")
	case err != nil || !phone.Texts():
		return incident.BadField("phone", "A text message goes to a mobile number of the United Kingdom, such as 07700 900123.")
	case room.Mode == incident.ModeExercise && !phone.Invented():
		return incident.BadField("phone", "An exercise reaches only numbers that are kept for plays and films: 07700 900000 to 07700 900999.")
	}
	return nil
}

// known finds who an invitation is for, if it is for one sign-in only, and
// the other invitations made for that sign-in.
func (s *Server) known(ctx context.Context, sys *incident.System, inv directory.Invitation) (p incident.PersonID, held []string, err error) {
	if inv.Subject == "" {
		return "", nil, nil
	}
	if of, ok := sys.BySubject(inv.Issuer, inv.Subject); ok {
		p = of.ID
	} else {
		p = s.stranger(inv.Issuer, inv.Subject)
	}
	waiting, err := s.Directory.WaitingFor(ctx, inv.Issuer, inv.Subject)
	for _, w := range waiting {
		if w.Room == inv.Room && w.ID != inv.ID {
			held = append(held, w.ID)
		}
	}
	return p, held, err
}

// invitation is what the directory keeps of the invitation asked for.
func (s *Server) invitation(sys *incident.System, c *call, b inviteBody) (directory.Invitation, error) {
	inv := directory.Invitation{ID: s.id("invitation", string(c.room.ID), string(c.actor.Person), string(c.key), bodyText(b)), Room: c.room.ID, Org: b.Org,
		Issuer: b.Issuer, Subject: b.Subject, Name: b.Name, Email: b.Email, Phone: b.Phone, OTP: b.OTP}
	if len(b.Email) > 254 || len(b.Phone) > 40 || len(b.Subject) > 255 || len(b.Name) > 480 {
		return inv, incident.BadField("email", "An address, a number or a name is too long.")
	}
	if inv.Issuer == "" {
		inv.Issuer = sys.Orgs[b.Org].Issuer
	}
	if b.Person != "" {
		p, ok := sys.People[b.Person]
		if !ok || p.Suspended || !slices.Contains(p.Orgs, b.Org) {
			return inv, incident.BadField("person", "Choose one of the organisation's people.")
		}
		inv.Issuer, inv.Subject = p.Issuer, p.Subject
	}
	if _, ok := sys.Issuers[inv.Issuer]; (inv.Issuer != "" && !ok) || sys.Stopped[inv.Issuer] {
		return inv, incident.BadField("issuer", "Choose one of the sign-in services in use.")
	}
	if inv.Issuer == "" && inv.Subject != "" {
		return inv, incident.BadField("issuer", "Say which sign-in service knows this subject.")
	}
	return inv, nil
}

func (s *Server) propose(ctx context.Context, c *call, in *proposeIn) (receipt, error) {
	b := in.Body
	if err := policy.Permit(policy.Propose, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}); err != nil {
		return receipt{}, err
	}
	if err := s.change(c); err != nil {
		return receipt{}, err
	}
	if len(b.Email) > 254 || len(b.Phone) > 40 || len(b.Name) > 480 {
		return receipt{}, incident.BadField("email", "An address, a number or a name is too long.")
	}
	inv := directory.Invitation{ID: s.id("invitation", string(c.room.ID), string(c.actor.Person), string(c.key), bodyText(b)), Room: c.room.ID, Org: c.member.Org,
		Issuer: c.member.Issuer, Name: b.Name, Email: b.Email, Phone: b.Phone}
	if _, err := s.Directory.Invite(ctx, inv); err != nil && !duplicate(err) {
		return receipt{}, err // the link of a proposal is seen by nobody: admitting it makes another
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, command.ProposeMember{Name: b.Name, Invitation: inv.ID})
	if err != nil {
		return receipt{}, err
	}
	s.tellAdmitting(c.room)
	return receipt{r.Seq}, s.Directory.KeepContact(ctx, c.room.ID, r.Seq, directory.Contact{Email: b.Email, Phone: b.Phone})
}

// target finds the membership that the path names. That it may be known of and
// acted on is the command's to judge.
func (c *call) target(in InMember) (incident.Seq, *incident.Member, error) {
	root, err := pathSeq(in.Root)
	if err != nil {
		return 0, nil, err
	}
	return root, c.room.MemberRoot(root), nil
}

func (s *Server) admit(ctx context.Context, c *call, in *memberOnly) (linkAnswer, error) {
	root, of, err := c.target(in.InMember)
	if err != nil {
		return linkAnswer{}, err
	}
	if err := s.change(c); err != nil {
		return linkAnswer{}, err
	}
	r, err := s.Journal.Append(ctx, c.room.ID, c.actor, c.key, command.AdmitMember{Root: root})
	if err != nil || r.Repeat || of == nil {
		return linkAnswer{Seq: r.Seq}, err
	}
	s.tellAdmitting(c.room)
	link, err := s.Directory.Renew(ctx, c.room.ID, of.Invitation)
	if err != nil {
		return linkAnswer{}, err
	}
	return linkAnswer{Seq: r.Seq, Link: s.link(link.Token), Code: link.Code, OTP: link.OTP}, nil
}

// end ends a membership and kills its link. A crash between the two leaves a
// link to an invitation that the room refuses.
func (s *Server) end(ctx context.Context, c *call, in InMember, cmd func(incident.Seq) command.Command) (receipt, error) {
	root, of, err := c.target(in)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.do(ctx, c, cmd(root))
	if err != nil || of == nil {
		return r, err
	}
	s.tellRooms(of.Person)
	s.tellAdmitting(c.room)
	s.tellColleagues(c.room, of.Org)
	if of.Invitation != "" {
		if err := s.Directory.Revoke(ctx, c.room.ID, of.Invitation); err != nil && incident.FaultOf(err) != incident.NotFound {
			return receipt{}, err
		}
	}
	return r, s.forgetContact(ctx, c.room.ID, root)
}

func (s *Server) decline(ctx context.Context, c *call, in *memberOnly) (receipt, error) {
	return s.end(ctx, c, in.InMember, func(root incident.Seq) command.Command { return command.DeclineMember{Root: root} })
}

func (s *Server) withdraw(ctx context.Context, c *call, in *memberOnly) (receipt, error) {
	return s.end(ctx, c, in.InMember, func(root incident.Seq) command.Command { return command.WithdrawMember{Root: root} })
}

func (s *Server) remove(ctx context.Context, c *call, in *removeIn) (receipt, error) {
	_, of, err := c.target(in.InMember)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.end(ctx, c, in.InMember, func(of incident.Seq) command.Command {
		return command.RemoveMember{Root: of, Reason: in.Body.Reason}
	})
	if err == nil {
		s.alignCells(ctx, c, r.Seq, of)
	}
	return r, err
}

// alignCells brings the side rooms that a member is in in line with what they
// are in this one, before that is answered; of other side rooms nothing is
// asked, which could be felt. What goes wrong here the follower makes good.
func (s *Server) alignCells(ctx context.Context, c *call, seq incident.Seq, of *incident.Member) {
	if c.room.Cell != nil || of == nil || of.Person == "" {
		return
	}
	whose, err := s.Steward.Moved(ctx, c.room.ID, seq, of.Person)
	if err != nil {
		s.Log.Warn("side rooms are not yet in line with their main room", "error", err)
	}
	for _, p := range whose {
		s.tellRooms(p)
	}
}

func (s *Server) vouch(ctx context.Context, c *call, in *memberOnly) (receipt, error) {
	root, of, err := c.target(in.InMember)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.do(ctx, c, command.VouchMember{Root: root})
	if err == nil && of != nil {
		s.tellRooms(of.Person)
		s.tellAdmitting(c.room)
	}
	return r, err
}

func (s *Server) changeRole(ctx context.Context, c *call, in *roleIn) (receipt, error) {
	root, of, err := c.target(in.InMember)
	if err != nil {
		return receipt{}, err
	}
	r, err := s.do(ctx, c, command.ChangeRole{Root: root, Role: in.Body.Role})
	if err == nil {
		s.alignCells(ctx, c, r.Seq, of)
	}
	return r, err
}

func (s *Server) setTier(ctx context.Context, c *call, in *tierIn) (receipt, error) {
	root, _, err := c.target(in.InMember)
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.SetTier{Root: root, Tier: in.Body.Tier})
}

func (s *Server) grant(ctx context.Context, c *call, in *grantIn) (receipt, error) {
	root, _, err := c.target(in.InMember)
	if err != nil {
		return receipt{}, err
	}
	return s.do(ctx, c, command.GrantHistory{Root: root, Start: in.Body.Start})
}

// newLink is no event: who was invited has not changed, only how they get in.
// Whoever asked already is known to the room's log, and stays so.
func (s *Server) newLink(ctx context.Context, c *call, in *memberOnly) (newLinkAnswer, error) {
	_, of, err := c.target(in.InMember)
	if err != nil {
		return newLinkAnswer{}, err
	}
	if err := policy.Permit(policy.Invite, &policy.Scene{Room: c.room, Actor: c.actor, Target: of, Now: time.Now()}); err != nil {
		return newLinkAnswer{}, err
	}
	if of == nil {
		return newLinkAnswer{}, incident.Missing()
	}
	if of.State != incident.Invited {
		return newLinkAnswer{}, incident.Refuse(incident.Conflict, "They do not wait for a link: they are “%s”.", of.State)
	}
	if err := s.change(c); err != nil {
		return newLinkAnswer{}, err
	}
	link, err := s.Directory.Renew(ctx, c.room.ID, of.Invitation)
	if err != nil {
		return newLinkAnswer{}, err
	}
	return newLinkAnswer{Link: s.link(link.Token), Code: link.Code, OTP: link.OTP}, nil
}

type linkWanted struct {
	Root incident.Seq     `json:"root"`
	At   incident.Instant `json:"at" doc:"When last."`
}

type linksWantedAnswer struct {
	Wanted []linkWanted `json:"wanted"`
}

// linksWanted tells who may send another link that one was asked for. Nobody
// else learns that an invitation is.
func (s *Server) linksWanted(ctx context.Context, c *call, _ *InRoom) (linksWantedAnswer, error) {
	a := linksWantedAnswer{Wanted: []linkWanted{}}
	if policy.Permit(policy.Invite, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}) != nil {
		return a, incident.Missing()
	}
	wanted, err := s.Directory.Wanted(ctx, c.room.ID)
	if err != nil {
		return a, err
	}
	for _, m := range c.room.Members {
		if at, ok := wanted[m.Invitation]; ok && m.State == incident.Invited {
			a.Wanted = append(a.Wanted, linkWanted{m.Root, incident.At(at)})
		}
	}
	return a, nil
}

func (s *Server) accept(ctx context.Context, c *call, in *acceptIn) (receipt, error) {
	return s.do(ctx, c, command.AcceptRules{Version: in.Body.Rules})
}

func (s *Server) leave(ctx context.Context, c *call, _ *roomOnly) (receipt, error) {
	r, err := s.do(ctx, c, command.LeaveRoom{})
	if err == nil {
		s.tellColleagues(c.room, c.member.Org)
		s.alignCells(ctx, c, r.Seq, c.member)
	}
	if err == nil && c.member.Invitation != "" {
		if e := s.Directory.Revoke(ctx, c.room.ID, c.member.Invitation); e != nil && incident.FaultOf(e) != incident.NotFound {
			return receipt{}, e
		}
	}
	if err == nil {
		err = s.forgetContact(ctx, c.room.ID, c.member.Root)
	}
	return r, err
}

// duplicate reports whether a row was there already: this request was sent
// before (SQLSTATE 23505, unique_violation).
func duplicate(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "23505"
}
