package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Many are invited at once by a broadcast that invites: it is asked for,
// answered and stopped by the routes of broadcasts (broadcast.go).

// leftOut is a contact who was chosen and is not invited.
type leftOut struct {
	Org  incident.OrgID       `json:"org"`
	Role incident.ContactRole `json:"role"`
	Name string               `json:"name"`
	Why  string               `json:"why" doc:"here: in the room or invited already; alert_only: told of incidents, and comes into no room; host: their organisation runs the room."`
}

type invitedRow struct {
	Contact  string               `json:"contact"`
	Org      incident.OrgID       `json:"org"`
	OrgName  string               `json:"orgName"`
	Role     incident.ContactRole `json:"role"`
	Name     string               `json:"name" doc:"Empty for who has left the directory since, and was not invited."`
	Kept     directory.Kept       `json:"kept,omitempty" doc:"Why they were not invited after all."`
	Root     incident.Seq         `json:"root,omitempty" doc:"The entry that began the invitation; absent before there is one."`
	State    incident.MemberState `json:"state,omitempty" doc:"Where the invitation stands in the room."`
	Number   incident.MemberNo    `json:"number,omitempty" doc:"Once they are in the room."`
	Expired  bool                 `json:"expired,omitempty" doc:"Nobody can take it up any more: its link lived for 72 hours."`
	Expires  *incident.Instant    `json:"expires,omitempty"`
	Opened   *incident.Instant    `json:"opened,omitempty" doc:"When they first looked at it, signed in."`
	Joined   *incident.Instant    `json:"joined,omitempty"`
	Message  *messageRow          `json:"message,omitempty" doc:"Its newest text message."`
	Again    bool                 `json:"again" doc:"It can be sent again: by the same number, or by one that was verified since."`
	NewPhone bool                 `json:"newPhone,omitempty" doc:"Their number was corrected since."`
}

type invitedAnswer struct {
	Rows []invitedRow `json:"rows" doc:"Everybody of the list, at most 500, in its order."`
}

// inInvited is the path of one invitation of a broadcast.
type inInvited struct {
	InEntry
	Root string `path:"root" doc:"The entry that began the invitation."`
	Body empty
}

func (s *Server) mountBulk() {
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/broadcasts/{seq}/invitations", Access: Member, Tag: "broadcasts", ID: "broadcast-invitations",
		Summary: "Whom a broadcast invites, and how far each has come", Faults: refusals}, s.invited)
	operateEmpty(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/broadcasts/{seq}/invitations/{root}/again", Access: Member, Tag: "broadcasts", ID: "send-invitation-again", Unkeyed: true,
		Summary: "Send an invitation again that did not arrive", Doc: "To the contact's number as it is now.", Faults: refusals}, s.inviteAgain)
}

// mostAtOnce is how many contacts one broadcast reaches.
func mostAtOnce(p incident.BroadcastPurpose) int {
	if p == incident.BroadcastInvite {
		return incident.MaxInvited
	}
	return command.MaxRecipients
}

// tooMany says before it is asked for that a choice comes to too many.
func tooMany(p incident.BroadcastPurpose, n incident.BroadcastCount) error {
	if n.Contacts > mostAtOnce(p) {
		return incident.Refuse(incident.Conflict, "This comes to %d contacts; at most %d are reached at once. Choose fewer.", n.Contacts, mostAtOnce(p))
	}
	return nil
}

// aimInvited works out whom a choice invites: who has a verified mobile number,
// comes into rooms, and is not in this one or on the way into it.
func (s *Server) aimInvited(ctx context.Context, room *incident.Room, a *aimed) error {
	may, err := s.within(ctx, room, a.chosen.Recipients)
	if err != nil {
		return err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range a.chosen.Recipients {
		ids = append(ids, r.Contact.ID)
	}
	names, err := s.Directory.NamesOf(ctx, ids)
	if err != nil {
		return err
	}
	orgs := map[incident.OrgID]bool{}
	for _, r := range a.chosen.Recipients {
		t, ok := r.To(may)
		why := ""
		switch name := names[r.Contact.ID]; {
		case len(r.SMS) == 0:
			continue // among those who have no number
		case !ok || t.SMS == "":
			a.barred++
			continue
		case slices.Contains(room.Hosts, r.Contact.Org):
			why = "host"
		case r.Contact.AlertOnly:
			why = "alert_only"
		case slices.ContainsFunc(room.Members, func(m *incident.Member) bool {
			return comes(m) && m.Org == r.Contact.Org && strings.EqualFold(strings.Join(strings.Fields(m.Seat.Name), " "), strings.Join(strings.Fields(name), " ")) &&
				(m.Issuer == "" || m.Issuer == sys.Orgs[m.Org].Issuer)
		}):
			why = "here"
		}
		if why != "" {
			a.left = append(a.left, leftOut{r.Contact.Org, r.Contact.Role, names[r.Contact.ID], why})
			continue
		}
		a.to = append(a.to, t)
		orgs[t.Org] = true
		if r.Stale {
			a.stale++
		}
	}
	a.count = incident.BroadcastCount{Contacts: len(a.to), Texts: len(a.to), Orgs: len(orgs), NoNumber: len(a.chosen.NoNumber), Nobody: len(a.chosen.Nobody)}
	if s.Courier == nil {
		return nil
	}
	if a.shown, err = s.Courier.Wording(ctx, incident.BroadcastInvite, room); err != nil {
		return err
	}
	a.shown.Subject, a.shown.Body = "", "" // nobody is invited by e-mail
	a.count.Fragments = a.count.Texts * a.shown.Size.Fragments
	a.count.Pence = (a.count.Fragments*s.Config.FragmentPrice + 999) / 1000
	return nil
}

// comes reports whether somebody is in the room, or on the way into it.
func comes(m *incident.Member) bool {
	switch m.State {
	case incident.Proposed, incident.Invited, incident.Asked, incident.Vouched, incident.Joined:
		return true
	}
	return false
}

// inviting is the broadcast that the path names, if it invites, for whoever may
// do this with it.
func (s *Server) inviting(ctx context.Context, c *call, in InEntry, act policy.Act) (*incident.Object, error) {
	o, err := s.broadcastOf(ctx, c, in, act)
	if err == nil && !o.Broadcast.Invites() {
		return nil, incident.Missing()
	}
	return o, err
}

func (s *Server) invited(ctx context.Context, c *call, in *InEntry) (invitedAnswer, error) {
	a := invitedAnswer{Rows: []invitedRow{}}
	o, err := s.inviting(ctx, c, *in, policy.ReadBroadcast)
	if err != nil {
		return a, err
	}
	lines, err := s.Directory.Lines(ctx, c.room.ID, o.Broadcast.List, 0, incident.MaxInvited)
	if err != nil {
		return a, err
	}
	issued, err := s.Directory.IssuedBy(ctx, c.room.ID, o.Root)
	if err != nil {
		return a, err
	}
	a.Rows, err = s.invitedRows(ctx, c.room, o.Broadcast, lines, issued)
	return a, err
}

func (s *Server) invitedRows(ctx context.Context, room *incident.Room, b *incident.Broadcast, lines []directory.Line, issued map[string]directory.Issued) ([]invitedRow, error) {
	rows := []invitedRow{}
	names, err := s.Directory.NamesOf(ctx, contactsOf(lines))
	if err != nil {
		return rows, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return rows, err
	}
	members := map[string]*incident.Member{}
	for _, m := range room.Members {
		if _, ours := issued[m.Invitation]; ours {
			members[m.Invitation] = m
		}
	}
	texts, err := s.textsTo(ctx, room.ID, members)
	if err != nil {
		return rows, err
	}
	numbers, err := s.numbersOf(ctx, lines, texts)
	if err != nil {
		return rows, err
	}
	for _, l := range lines {
		row := invitedRow{Contact: l.Contact, Org: l.Org, OrgName: sys.Orgs[l.Org].Name, Role: l.Role, Name: names[l.Contact], Kept: l.Kept}
		id := ""
		if s.Courier != nil {
			id = s.Courier.Invitation(room.ID, b, l.Contact)
		}
		if m := members[id]; m != nil {
			x := issued[id]
			row.Kept, row.Root, row.State, row.Number, row.Name = "", m.Root, m.State, m.Number, m.Seat.Name
			row.Joined, row.Opened = instant(m.Joined.Time), instant(x.Opened)
			if m.State == incident.Invited {
				row.Expired, row.Expires = x.Expired, instant(x.Expires)
			}
			if t, sent := texts[id]; sent {
				row.Message = textRow(t)
				live := b.Goes() && m.State == incident.Invited && !x.Expired && room.Lifecycle != incident.Closed
				row.NewPhone = live && numbers[l.Contact] != "" && numbers[l.Contact] != t.ChannelID && mendable(t.State)
				row.Again = live && (t.State.Again() || row.NewPhone)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// mendable reports whether another number would help a message that stands
// there.
func mendable(s courier.Stage) bool {
	return s.Again() || s == courier.Permanent || s == courier.Refused || s == courier.NotSent
}

// textsTo are the newest text messages of invitations, by their ids.
func (s *Server) textsTo(ctx context.Context, room incident.LogID, members map[string]*incident.Member) (map[string]courier.State, error) {
	texts := map[string]courier.State{}
	if s.Courier == nil {
		return texts, nil
	}
	var roots []incident.Seq
	for _, m := range members {
		roots = append(roots, m.Root)
	}
	states, err := s.Courier.InvitationStates(ctx, room, roots)
	for _, x := range states { // oldest first: the last one stands
		texts[x.Recipient] = x
	}
	return texts, err
}

// numbersOf are the verified mobile numbers, by their channels' ids, of those
// contacts of whom the one that was tried did not do.
func (s *Server) numbersOf(ctx context.Context, lines []directory.Line, texts map[string]courier.State) (map[string]string, error) {
	failed := map[incident.OrgID]bool{}
	for _, t := range texts {
		if mendable(t.State) {
			failed[t.Org] = true
		}
	}
	numbers := map[string]string{}
	if len(failed) == 0 {
		return numbers, nil
	}
	all, err := s.Directory.Listing(ctx)
	for _, who := range all {
		if !failed[who.Org] || who.AlertOnly {
			continue
		}
		if ch, ok := who.Mobile(); ok {
			numbers[who.ID] = ch.ID
		}
	}
	return numbers, err
}

func textRow(t courier.State) *messageRow {
	m := messageOf(t)
	return &m
}

func (s *Server) inviteAgain(ctx context.Context, c *call, in *inInvited) (none, error) {
	o, err := s.inviting(ctx, c, in.InEntry, policy.AskBroadcast)
	if err != nil {
		return none{}, err
	}
	root, err := pathSeq(in.Root)
	if err != nil || s.Courier == nil {
		return none{}, incident.Missing()
	}
	m := c.room.MemberRoot(root)
	if m == nil || m.Invitation == "" {
		return none{}, incident.Missing()
	}
	lines, err := s.Directory.Lines(ctx, c.room.ID, o.Broadcast.List, 0, incident.MaxInvited)
	if err != nil {
		return none{}, err
	}
	i := slices.IndexFunc(lines, func(l directory.Line) bool {
		return s.Courier.Invitation(c.room.ID, o.Broadcast, l.Contact) == m.Invitation
	})
	if i < 0 {
		return none{}, incident.Missing()
	}
	switch {
	case !o.Broadcast.Goes():
		return none{}, incident.Refuse(incident.Conflict, "These invitations were stopped: nothing of them is sent again.")
	case m.State != incident.Invited:
		return none{}, incident.Refuse(incident.Conflict, "They do not wait for a message: they are “%s”.", m.State)
	}
	if err := s.change(c); err != nil {
		return none{}, err
	}
	who, err := s.Directory.OrgContact(ctx, lines[i].Org, lines[i].Contact)
	if err != nil && incident.FaultOf(err) == incident.NotFound {
		return none{}, incident.Refuse(incident.Conflict, "They have left the directory. Take this invitation back.")
	}
	if err != nil {
		return none{}, err
	}
	number, _ := who.Mobile()
	return none{}, s.Courier.Resend(ctx, c.room.ID, root, lines[i].Org, m.Invitation, lines[i].Contact, number)
}
