package courier

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wardroom/server/command"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
)

// Many who are invited at once are invited here, one by one, when both hosts
// have agreed to the list: an entry of the room's, a link of the directory's and
// a text message for each. An invitation's id is made of the list and the
// contact under the vault's key, and each entry's key of that id; so whoever
// finishes after a crash makes the ones that are missing and no second one.
//
//	link       the directory's; it leads nowhere until the room's log names it
//	entry      member.invited, judged as a single one is, by what is true now
//	message    asked for by the entry's number, judged again as it is sent

var house = incident.Actor{System: true}

// invitationID is that of the invitation which a list makes for a contact.
func (c *Courier) invitationID(log incident.LogID, list, contact string) string {
	return incident.IDFrom(c.o.MAC("bulk invitation", fmt.Appendf(nil, "%s/%s/%s", log, list, contact)))
}

// Invitation is the id of the invitation that a broadcast's list makes for a
// contact, made or not.
func (c *Courier) Invitation(log incident.LogID, b *incident.Broadcast, contact string) string {
	return c.invitationID(log, b.List, contact)
}

// instanceOf says in a notice of which contact's number it is made.
func instanceOf(contact string) string { return "contact/" + contact }

// contactOf is the contact whose number a notice goes to; empty for others.
func contactOf(instance string) string {
	contact, _ := strings.CutPrefix(instance, "contact/")
	if contact == instance {
		return ""
	}
	return contact
}

// keyOf derives the key of a command from what it is about: the same every
// time.
func keyOf(what string, parts ...string) incident.Key {
	return incident.KeyFrom(sha256.Sum256([]byte("courier " + what + "\n" + strings.Join(parts, "\n"))))
}

// refused reports whether the room will not take it, however often it is asked.
func refused(err error) bool {
	switch incident.FaultOf(err) {
	case incident.Conflict, incident.Invalid, incident.NotFound, incident.Forbidden:
		return true
	}
	return false
}

// invite makes the invitations of a broadcast and asks for their messages. Run
// twice, it makes the same ones.
func (c *Courier) invite(ctx context.Context, log incident.LogID, b *incident.Broadcast) error {
	if same, err := c.o.Directory.Stands(ctx, log, b.List, b.Hash); err != nil {
		return err
	} else if !same {
		c.o.Log.Error("a broadcast's list is not the one that was agreed to: nobody of it is invited", "log", log, "entry", b.Root)
		return nil
	}
	lines, err := c.o.Directory.Lines(ctx, log, b.List, 0, incident.MaxInvited)
	if err != nil {
		return err
	}
	note := command.NoteReached{Root: b.Root}
	type made struct {
		root incident.Seq
		kept directory.Kept
		err  error
	}
	all := together(lines, func(l directory.Line) (m made) {
		m.root, m.kept, m.err = c.inviteOne(ctx, log, b, l)
		return m
	})
	var wants []Want
	for i, l := range lines {
		root, kept, err := all[i].root, all[i].kept, all[i].err
		switch {
		case err != nil:
			return err
		case kept == directory.KeptHere:
			if o, err := c.o.Journal.Object(ctx, log, b.Root); err != nil || o == nil || o.Broadcast == nil || !o.Broadcast.Goes() {
				return err // it was stopped meanwhile
			}
		}
		if kept != "" {
			// A crash before this is noted: it is judged again, by what is true then.
			if err := c.o.Directory.Keep(ctx, log, b.List, l.N, kept); err != nil {
				return err
			}
			note.Left++
			continue
		}
		note.Invited = append(note.Invited, root)
		wants = append(wants, Want{Log: log, Root: root, Instance: instanceOf(l.Contact), Purpose: notify.Invitation, Invited: c.invitationID(log, b.List, l.Contact), Org: l.Org,
			Channel: incident.BySMS, ChannelID: l.SMS})
	}
	// A crash here: the next try finds the invitations, and asks for their messages.
	if err := c.Ask(ctx, wants); err != nil {
		return err
	}
	_, err = c.o.Journal.Append(ctx, log, house, keyOf("invited", string(log), b.List), note)
	if err != nil && !refused(err) {
		return err
	}
	return nil
}

// atOnce is how many invitations are worked on at the same time: the room's log
// takes those that wait as one group, and whoever is there is told of them so.
const atOnce = 16

// together does something for each of a list, atOnce at a time, and returns
// what came of each.
func together[T, R any](list []T, do func(T) R) []R {
	came := make([]R, len(list))
	for from := 0; from < len(list); from += atOnce {
		var some sync.WaitGroup
		for i := from; i < min(from+atOnce, len(list)); i++ {
			some.Go(func() { came[i] = do(list[i]) })
		}
		some.Wait()
	}
	return came
}

// inviteOne makes one invitation and returns the entry that began it, or why
// there is none.
func (c *Courier) inviteOne(ctx context.Context, log incident.LogID, b *incident.Broadcast, l directory.Line) (root incident.Seq, kept directory.Kept, err error) {
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return 0, directory.KeptRefused, gone(err)
	}
	id := c.invitationID(log, b.List, l.Contact)
	if m := invitedAs(room, id); m != nil {
		return m.Root, "", nil // made before
	}
	inv, seat, kept, err := c.particulars(ctx, room, b, l)
	if err != nil || kept != "" {
		return 0, kept, err
	}
	inv.ID = id
	if _, err := c.o.Directory.Invite(ctx, inv); err != nil && !duplicate(err) {
		return 0, "", err
	}
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return 0, "", err
	}
	// A crash here: a link that leads nowhere, and is taken up by the next try.
	_, known := sys.Orgs[l.Org]
	r, err := c.o.Journal.Append(ctx, log, house, keyOf("invite", id), command.IssueInvitation{Root: b.Root,
		Invite: command.InviteMember{Seat: seat, Issuer: inv.Issuer, Invitation: id, KnownOrg: known, OrgClosed: sys.Closed[l.Org]}})
	switch {
	case err == nil:
		return r.Seq, "", c.o.Directory.KeepContact(ctx, log, r.Seq, directory.Contact{Email: inv.Email, Phone: inv.Phone})
	case !refused(err):
		return 0, "", err
	}
	if room, again := c.o.Journal.Room(ctx, log); again == nil {
		if m := invitedAs(room, id); m != nil {
			return m.Root, "", nil // another node was faster, by other particulars
		}
	}
	if err := c.o.Directory.Revoke(ctx, log, id); err != nil && incident.FaultOf(err) != incident.NotFound {
		return 0, "", err
	}
	if incident.FaultOf(err) == incident.Conflict {
		return 0, directory.KeptHere, nil
	}
	return 0, directory.KeptRefused, nil
}

// particulars are what an invitation is made of, as the directory has it now.
// An address ties a sign-in to it only if somebody verified that it reaches
// them.
func (c *Courier) particulars(ctx context.Context, room *incident.Room, b *incident.Broadcast, l directory.Line) (inv directory.Invitation, seat incident.Seat, kept directory.Kept, err error) {
	sys, err := c.o.Journal.System(ctx)
	if err != nil {
		return inv, seat, "", err
	}
	org, known := sys.Orgs[l.Org]
	if !known || sys.Closed[l.Org] || slices.Contains(room.Hosts, l.Org) {
		return inv, seat, directory.KeptClosed, nil
	}
	who, err := c.o.Directory.OrgContact(ctx, l.Org, l.Contact)
	switch {
	case err != nil && incident.FaultOf(err) == incident.NotFound:
		return inv, seat, directory.KeptGone, nil
	case err != nil:
		return inv, seat, "", err
	case who.AlertOnly:
		return inv, seat, directory.KeptAlertOnly, nil
	}
	text, err := who.Channel(l.SMS)
	switch v := address(incident.BySMS, text.Value); {
	case err != nil, text.Verified.IsZero(), text.Kind != incident.BySMS, v.Why != "":
		return inv, seat, directory.KeptNoChannel, nil
	case room.Mode == incident.ModeExercise && !v.Phone.Invented():
		return inv, seat, directory.KeptExercise, nil
	}
	inv = directory.Invitation{Room: room.ID, Org: l.Org, Issuer: org.Issuer, Name: who.Name, Phone: text.Value, Batch: b.Root}
	if mail, err := who.Channel(l.Email); err == nil && !mail.Verified.IsZero() && mail.Kind == incident.ByEmail {
		inv.Email = mail.Value
	}
	if sys.Stopped[inv.Issuer] {
		inv.Issuer = "" // any that is in use: then a lead says that it is them
	}
	seat = incident.Seat{Name: who.Name, Org: l.Org, OrgName: org.Name, ODS: org.ODS, OrgType: org.Type, Role: incident.Representative, History: b.History}
	return inv, seat, "", nil
}

// invitedAs is the membership that an invitation began; nil for none.
func invitedAs(room *incident.Room, id string) *incident.Member {
	if i := slices.IndexFunc(room.Members, func(m *incident.Member) bool { return m.Invitation == id }); i >= 0 {
		return room.Members[i]
	}
	return nil
}

// duplicate reports whether a row was there already (SQLSTATE 23505,
// unique_violation).
func duplicate(err error) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == "23505"
}

// judgeInvited is for a contact who is invited with others: still in the
// directory, by a number that is verified yet.
func (c *Courier) judgeInvited(ctx context.Context, j *job, room *incident.Room, contact string) (Verdict, error) {
	if _, err := c.o.Directory.Addressed(ctx, room.ID, j.Recipient); err != nil {
		if incident.FaultOf(err) == incident.NotFound {
			return Verdict{Why: Answered}, nil // revoked, taken up or expired
		}
		return Verdict{}, err
	}
	as := *j
	as.Whose, as.Recipient = AContact, contact
	v, err := c.judgeContact(ctx, &as, room)
	if err != nil || v.Why != "" {
		return v, err
	}
	v.Code = c.code(j.ID)
	return v, c.o.Directory.Lend(ctx, room.ID, j.Recipient, v.Code.Shown())
}

// revoke takes back what of a broadcast nobody took up, after it was stopped.
// Run twice, it takes back what is left.
func (c *Courier) revoke(ctx context.Context, log incident.LogID, root incident.Seq) error {
	o, err := c.o.Journal.Object(ctx, log, root)
	if err != nil || o == nil || o.Broadcast == nil || !o.Broadcast.Invites() {
		return err
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	issued, err := c.o.Directory.IssuedBy(ctx, log, root)
	if err != nil {
		return err
	}
	var left []*incident.Member
	for _, m := range room.Members {
		if _, ours := issued[m.Invitation]; ours && waiting(m) {
			left = append(left, m)
		}
	}
	return errors.Join(together(left, func(m *incident.Member) error {
		_, err := c.o.Journal.Append(ctx, log, house, keyOf("revoke", m.Invitation), command.RevokeInvitation{Root: root, Member: m.Root, Invitation: m.Invitation})
		switch {
		case err != nil && refused(err):
			return nil // they came in meanwhile
		case err != nil:
			return err
		}
		// A crash here: the room refuses whoever comes with the link all the same.
		if err := c.o.Directory.Revoke(ctx, log, m.Invitation); err != nil && incident.FaultOf(err) != incident.NotFound {
			return err
		}
		return c.o.Directory.SetContact(ctx, log, m.Root, directory.Contact{})
	})...)
}

func waiting(m *incident.Member) bool {
	return m.State == incident.Invited || m.State == incident.Asked || m.State == incident.Vouched
}

// batches is how many broadcasts are looked at in one go, the newest first.
const batches = 200

// reached says in the rooms' logs how far the invitations of broadcasts have
// come since. What was said is kept in mind, so that nothing is asked of those
// of which all is said.
func (c *Courier) reached(ctx context.Context) error {
	list, err := c.o.Directory.Unnoted(ctx, batches)
	for _, u := range list {
		if e := c.reach(ctx, u.Room, u.Batch); e != nil {
			err = errors.Join(err, fmt.Errorf("courier: how far invitations came: %w", e))
		}
	}
	return err
}

func (c *Courier) reach(ctx context.Context, log incident.LogID, batch incident.Seq) error {
	issued, err := c.o.Directory.IssuedBy(ctx, log, batch)
	if err != nil {
		return err
	}
	room, err := c.o.Journal.Room(ctx, log)
	if err != nil {
		return gone(err)
	}
	var roots []incident.Seq
	for _, m := range room.Members {
		if x, ours := issued[m.Invitation]; ours && x.Noted&directory.NotedDelivered == 0 {
			roots = append(roots, m.Root)
		}
	}
	states, err := c.InvitationStates(ctx, log, roots)
	if err != nil {
		return err
	}
	arrived := map[string]bool{}
	for _, s := range states {
		arrived[s.Recipient] = arrived[s.Recipient] || s.State == Delivered
	}
	note := command.NoteReached{Root: batch}
	var delivered, opened []string
	for _, m := range room.Members {
		x, ours := issued[m.Invitation]
		if !ours {
			continue
		}
		if arrived[x.ID] {
			delivered, note.Delivered = append(delivered, x.ID), append(note.Delivered, m.Root)
		}
		if !x.Opened.IsZero() && x.Noted&directory.NotedOpened == 0 {
			opened, note.Opened = append(opened, x.ID), append(note.Opened, m.Root)
		}
	}
	if len(delivered)+len(opened) == 0 {
		return nil
	}
	// A crash behind this: the room's log says so already, and refuses to say it
	// again.
	key := keyOf("reached", string(log), fmt.Sprint(batch, note.Delivered, note.Opened))
	if _, err := c.o.Journal.Append(ctx, log, house, key, note); err != nil && !refused(err) {
		return err
	}
	if err := c.o.Directory.Note(ctx, log, delivered, directory.NotedDelivered); err != nil {
		return err
	}
	return c.o.Directory.Note(ctx, log, opened, directory.NotedOpened)
}

// InvitationStates are the messages of the invitations that these entries began,
// the newest try of each, oldest first. Who may read them is the caller's to judge.
func (c *Courier) InvitationStates(ctx context.Context, log incident.LogID, roots []incident.Seq) ([]State, error) {
	if len(roots) == 0 {
		return nil, nil
	}
	at := make([]int64, len(roots))
	for i, r := range roots {
		at[i] = int64(r)
	}
	return c.states(ctx, `n.root = ANY ((SELECT $2::bigint[])::bigint[]) AND n.purpose = 'invitation'`, `n.made, n.id`, log, at)
}

// tooLate is how long after it was agreed that many are invited a server that
// was down still invites them.
const tooLate = 24 * time.Hour

// Resend has an invitation of a broadcast told again: by the same number if its
// message did not arrive and may yet, by the contact's other number if that was
// verified since. Who may is the caller's to judge.
func (c *Courier) Resend(ctx context.Context, log incident.LogID, root incident.Seq, org incident.OrgID, id, contact string, number directory.Channel) error {
	states, err := c.InvitationStates(ctx, log, []incident.Seq{root})
	if err != nil {
		return err
	}
	var last *State
	for i, s := range states {
		if s.Recipient != id || s.Channel != incident.BySMS {
			continue
		}
		last = &states[i]
		switch s.State {
		case Queued, Sending, Uncertain, Sent:
			return incident.Refuse(incident.Conflict, "A message is on its way to them. Wait for what becomes of that.")
		case Delivered:
			return incident.Refuse(incident.Conflict, "Their message was delivered. Ring them, if they do not come.")
		}
	}
	switch {
	case last != nil && last.ChannelID == number.ID && last.State.Again():
		return c.Retry(ctx, log, root, last.ID)
	case number.ID == "":
		return incident.Refuse(incident.Conflict, "They have no verified mobile number. Correct that in the directory first.")
	case last != nil && slices.ContainsFunc(states, func(s State) bool { return s.ChannelID == number.ID }):
		return incident.Refuse(incident.Conflict, "Sending it to this number again would change nothing. Correct the number in the directory first.")
	case len(states) >= maxTries:
		return incident.Refuse(incident.Conflict, "It was sent to %d numbers. Ring them instead.", maxTries)
	}
	return c.Ask(ctx, []Want{{Log: log, Root: root, Instance: instanceOf(contact), Purpose: notify.Invitation, Invited: id, Org: org, Channel: incident.BySMS, ChannelID: number.ID}})
}
