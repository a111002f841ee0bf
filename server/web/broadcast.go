package web

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"wardroom/server/command"
	"wardroom/server/courier"
	"wardroom/server/directory"
	"wardroom/server/incident"
	"wardroom/server/notify"
	"wardroom/server/policy"
)

type broadcastBody struct {
	Purpose incident.BroadcastPurpose `json:"purpose" doc:"raised, update or invite. An update goes to those who were told that it is raised, and to whoever is chosen beside; invite brings each into the room, by text message."`
	Types   []incident.OrgType        `json:"types"`
	Orgs    []incident.OrgID          `json:"orgs" doc:"Codes; at most 2,000."`
	Roles   []incident.ContactRole    `json:"roles" doc:"Empty for any."`
	History incident.History          `json:"history,omitempty" doc:"Of those who are invited: whether they see earlier entries."`
}

// chosen is the choice in order, each once: the same choice is the same bytes.
func (b broadcastBody) chosen() incident.Contacted {
	c := incident.Contacted{Types: slices.Clone(b.Types), Orgs: slices.Clone(b.Orgs), Roles: slices.Clone(b.Roles)}
	slices.Sort(c.Types)
	slices.Sort(c.Orgs)
	slices.Sort(c.Roles)
	c.Types, c.Orgs, c.Roles = slices.Compact(c.Types), slices.Compact(c.Orgs), slices.Compact(c.Roles)
	return c
}

type broadcastIn struct {
	InRoom
	Body broadcastBody
}

type broadcastPreview struct {
	Count     incident.BroadcastCount `json:"count"`
	Priced    bool                    `json:"priced" doc:"The deployment knows what a fragment costs."`
	Stale     int                     `json:"stale" doc:"Of the contacts, verified too long ago."`
	Told      int                     `json:"told" doc:"Contacts chosen who were told already, and are not told again."`
	Barred    int                     `json:"barred" doc:"Of an exercise: contacts left out, since theirs are numbers and addresses that somebody has."`
	Unknown   []incident.OrgID        `json:"unknown" doc:"Codes listed of which there is no organisation that is open; at most 200."`
	NoNumber  []selectedContact       `json:"noNumber" doc:"Contacts chosen without a verified number for text messages; the first 200."`
	Nobody    []selectedOrg           `json:"nobody" doc:"Organisations chosen in which nobody has one; the first 200."`
	Left      []leftOut               `json:"left" doc:"Contacts chosen who have a number and are not invited, and why; the first 200."`
	Text      string                  `json:"text" doc:"The text message to the letter, but for the code, which is each recipient's own."`
	Fragments int                     `json:"fragments" doc:"Of one message."`
	Subject   string                  `json:"subject" doc:"The e-mail's."`
	Mail      string                  `json:"mail"`
	Refusal   string                  `json:"refusal,omitempty" doc:"Why it could not be asked for now."`
}

type recipientsIn struct {
	InEntry
	State []string `query:"state" doc:"Only messages in one of these states, with commas between; a page of messages then, not of contacts."`
	After string   `query:"after" doc:"The last of the page before, as next said it."`
	Limit int      `query:"limit" default:"100" minimum:"1" maximum:"200"`
}

type messageRow struct {
	ID           string               `json:"id"`
	Channel      incident.ChannelKind `json:"channel"`
	State        courier.Stage        `json:"state"`
	Why          courier.Why          `json:"why,omitempty" doc:"Why it was not sent."`
	Try          int                  `json:"try" doc:"From 1; each after that was sent again by somebody."`
	At           *incident.Instant    `json:"at,omitempty" doc:"When it was last heard of."`
	Acknowledged *incident.Instant    `json:"acknowledged,omitempty"`
	Again        bool                 `json:"again" doc:"It is worth sending again as it is."`
}

type recipientRow struct {
	Contact  string               `json:"contact"`
	Org      incident.OrgID       `json:"org"`
	OrgName  string               `json:"orgName"`
	Role     incident.ContactRole `json:"role"`
	Name     string               `json:"name" doc:"Empty for who has left the directory since."`
	SMS      bool                 `json:"sms" doc:"A text message was to go to them."`
	Email    bool                 `json:"email"`
	Other    bool                 `json:"other" doc:"Another broadcast told them first."`
	Messages []messageRow         `json:"messages"`
}

type messageCount struct {
	Channel      incident.ChannelKind `json:"channel"`
	State        courier.Stage        `json:"state"`
	Why          courier.Why          `json:"why,omitempty"`
	Messages     int                  `json:"messages"`
	Acknowledged int                  `json:"acknowledged"`
}

type recipientsAnswer struct {
	Counts     []messageCount `json:"counts" doc:"Of all messages, whatever is listed."`
	Recipients []recipientRow `json:"recipients"`
	Next       string         `json:"next,omitempty" doc:"There are more: send it as after."`
}

type inMessage struct {
	InEntry
	Message string `path:"id"`
	Body    empty
}

// broadcastShown bounds what a preview names.
const broadcastShown = 200

func (s *Server) mountBroadcasts() {
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/broadcasts/preview", Access: Member, Unkeyed: true, Tag: "broadcasts", ID: "preview-broadcast",
		Summary: "Whom a broadcast would reach, what it would say and cost", Doc: "Sends nothing. For hosts; to guests there is no such thing.", Faults: refusals}, s.previewBroadcast)
	operate(s, operation{Method: http.MethodPost, Path: "/rooms/{room}/broadcasts", Access: Member, Tag: "broadcasts", ID: "ask-broadcast", Status: http.StatusCreated,
		Summary: "Ask that organisations be written to", Doc: "Whom it goes to is frozen. It goes out when somebody of the other host approves, or after five minutes on one lead's word, with a reason.", Faults: refusals}, s.askBroadcast)
	about := func(act, id, summary string, faults []incident.Fault) operation {
		return operation{Method: http.MethodPost, Path: "/rooms/{room}/broadcasts/{seq}/" + act, Access: Member, Tag: "broadcasts", ID: id, Summary: summary, Faults: faults}
	}
	fresh := append(slices.Clone(refusals), incident.StepUp)
	operate(s, about("approve", "approve-broadcast", "Agree, for the other host: it goes out", fresh), s.approveBroadcast)
	operate(s, about("send-alone", "send-broadcast-alone", "Send it on my word alone, after the other host had five minutes", fresh), s.sendAlone)
	operate(s, about("refuse", "refuse-broadcast", "Say no, and why", refusals), s.refuseBroadcast)
	operate(s, about("withdraw", "withdraw-broadcast", "Take it back before it goes out", refusals), s.withdrawBroadcast)
	operate(s, about("stop", "stop-broadcast", "Keep from going out what has not gone out yet", refusals), s.stopBroadcast)
	operate(s, operation{Method: http.MethodGet, Path: "/rooms/{room}/broadcasts/{seq}/recipients", Access: Member, Tag: "broadcasts", ID: "broadcast-recipients",
		Summary: "Whom a broadcast goes to, and how far each message has come", Faults: refusals}, s.recipients)
	retry := about("messages/{id}/retry", "retry-broadcast-message", "Send a message again that did not arrive", refusals)
	retry.Unkeyed = true
	operateEmpty(s, retry, s.retryMessage)
}

// aimed is whom a choice comes to.
type aimed struct {
	to      []directory.To
	chosen  directory.Selection
	count   incident.BroadcastCount
	stale   int
	told    int
	barred  int
	unknown []incident.OrgID
	left    []leftOut // of invitations
	shown   courier.Shown
}

// aim works out whom a choice comes to now, and what they would be sent.
func (s *Server) aim(ctx context.Context, room *incident.Room, purpose incident.BroadcastPurpose, chosen incident.Contacted) (a aimed, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return a, err
	}
	told, err := s.Directory.Told(ctx, room.ID)
	if err != nil {
		return a, err
	}
	open := map[incident.OrgID]bool{}
	for _, o := range book.Orgs {
		open[o.Code] = true
	}
	for _, code := range chosen.Orgs {
		if !open[code] {
			a.unknown = append(a.unknown, code)
		}
	}
	a.chosen = book.Select(chosen.Types, chosen.Orgs, chosen.Roles)
	if purpose == incident.BroadcastInvite {
		return a, s.aimInvited(ctx, room, &a)
	}
	list := a.chosen.Recipients
	if purpose == incident.BroadcastUpdate {
		list = slices.Concat(book.Among(told).Recipients, list)
	}
	may, err := s.within(ctx, room, list)
	if err != nil {
		return a, err
	}
	seen, orgs := map[string]bool{}, map[incident.OrgID]bool{}
	for _, r := range list {
		switch {
		case seen[r.Contact.ID]:
			continue
		case purpose == incident.BroadcastRaised && told[r.Contact.ID]:
			a.told++
			continue
		}
		seen[r.Contact.ID] = true
		t, ok := r.To(may)
		if !ok {
			a.barred++
			continue
		}
		a.to = append(a.to, t)
		orgs[t.Org] = true
		if t.SMS != "" {
			a.count.Texts++
		}
		if t.Email != "" {
			a.count.Emails++
		}
		if r.Stale {
			a.stale++
		}
	}
	a.count.Contacts, a.count.Orgs = len(a.to), len(orgs)
	a.count.NoNumber, a.count.Nobody = len(a.chosen.NoNumber), len(a.chosen.Nobody)
	if s.Courier != nil {
		if a.shown, err = s.Courier.Wording(ctx, purpose, room); err != nil {
			return a, err
		}
		a.count.Fragments = a.count.Texts * a.shown.Size.Fragments
		a.count.Pence = (a.count.Fragments*s.Config.FragmentPrice + 999) / 1000
	}
	return a, nil
}

// within says which channels an exercise may reach; nil for all, which is what
// the real thing may.
func (s *Server) within(ctx context.Context, room *incident.Room, list []directory.Recipient) (func(string) bool, error) {
	if room.Mode != incident.ModeExercise {
		return nil, nil
	}
	var ids []string
	kinds := map[string]incident.ChannelKind{}
	for _, r := range list {
		ids = append(ids, r.Contact.ID)
		for _, ch := range slices.Concat(r.SMS, r.Email) {
			kinds[ch.ID] = ch.Kind
		}
	}
	values, err := s.Directory.Values(ctx, ids)
	return func(id string) bool { return courier.ForExercises(kinds[id], values[id]) }, err
}

// mayAsk judges whether the caller may ask for a broadcast at all, before
// anything is looked up for them.
func (s *Server) mayAsk(c *call, b broadcastBody) error {
	if err := policy.Permit(policy.AskBroadcast, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}); err != nil {
		return err
	}
	return command.CheckBroadcast(b.Purpose, b.chosen())
}

// ableToSend refuses to ask for what nothing here could send.
func (s *Server) ableToSend(purpose incident.BroadcastPurpose) error {
	if purpose == incident.BroadcastInvite && s.Courier != nil && !s.Courier.Reaches(incident.BySMS) {
		return incident.Refuse(incident.Conflict, "This server sends no text messages. Invite them one by one, and give each their link another way.")
	}
	if s.Courier == nil || !s.Courier.Reaches(incident.BySMS) && !s.Courier.Reaches(incident.ByEmail) {
		return incident.Refuse(incident.Conflict, "This server has no way to send text messages or e-mails. Its operator can set one up; until then, ring.")
	}
	return nil
}

func (s *Server) previewBroadcast(ctx context.Context, c *call, in *broadcastIn) (broadcastPreview, error) {
	if err := s.mayAsk(c, in.Body); err != nil {
		return broadcastPreview{}, err
	}
	a, err := s.aim(ctx, c.room, in.Body.Purpose, in.Body.chosen())
	if err != nil {
		return broadcastPreview{}, err
	}
	p := broadcastPreview{Count: a.count, Priced: s.Config.FragmentPrice > 0, Stale: a.stale, Told: a.told, Barred: a.barred,
		Unknown: append([]incident.OrgID{}, a.unknown[:min(len(a.unknown), broadcastShown)]...), NoNumber: []selectedContact{}, Nobody: []selectedOrg{}, Left: append([]leftOut{}, a.left[:min(len(a.left), broadcastShown)]...),
		Text: a.shown.Text, Fragments: a.shown.Size.Fragments, Subject: a.shown.Subject, Mail: a.shown.Body}
	var ids []string
	for _, x := range a.chosen.NoNumber[:min(len(a.chosen.NoNumber), broadcastShown)] {
		ids = append(ids, x.ID)
	}
	names, err := s.Directory.NamesOf(ctx, ids)
	if err != nil {
		return broadcastPreview{}, err
	}
	for _, x := range a.chosen.NoNumber[:len(ids)] {
		p.NoNumber = append(p.NoNumber, selectedContact{x.Org, x.Role, names[x.ID]})
	}
	for _, o := range a.chosen.Nobody[:min(len(a.chosen.Nobody), broadcastShown)] {
		p.Nobody = append(p.Nobody, selectedOrg{o.Code, o.Name})
	}
	for _, refusal := range []error{command.BroadcastAllowed(c.room, in.Body.Purpose, s.Config.BroadcastFrom), s.ableToSend(in.Body.Purpose), tooMany(in.Body.Purpose, a.count)} {
		if said := (*incident.Error)(nil); errors.As(refusal, &said) {
			p.Refusal = said.Message
			break
		}
	}
	return p, nil
}

func (s *Server) askBroadcast(ctx context.Context, c *call, in *broadcastIn) (receipt, error) {
	if err := s.mayAsk(c, in.Body); err != nil {
		return receipt{}, err
	}
	if err := command.BroadcastAllowed(c.room, in.Body.Purpose, s.Config.BroadcastFrom); err != nil {
		return receipt{}, err
	}
	if err := s.ableToSend(in.Body.Purpose); err != nil {
		return receipt{}, err
	}
	chosen := in.Body.chosen()
	a, err := s.aim(ctx, c.room, in.Body.Purpose, chosen)
	if err != nil {
		return receipt{}, err
	}
	cmd := command.AskBroadcast{Purpose: in.Body.Purpose, Chosen: chosen, Count: a.count, History: in.Body.History, From: s.Config.BroadcastFrom}
	if n := len(a.to); n > 0 && n <= mostAtOnce(in.Body.Purpose) {
		// The list is stored before the log names it: what none names goes.
		id := s.id("broadcast", string(c.room.ID), string(c.actor.Person), string(c.key), bodyText(in.Body))
		l, err := s.Directory.Freeze(ctx, c.room.ID, id, a.count, a.to)
		if err != nil {
			return receipt{}, err
		}
		cmd.List, cmd.Hash, cmd.Count = l.ID, hex.EncodeToString(l.Hash[:]), l.Count
	}
	return s.do(ctx, c, cmd)
}

func (s *Server) approveBroadcast(ctx context.Context, c *call, in *seenIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return command.ApproveBroadcast{Root: n, Seen: in.Body.Seen, From: s.Config.BroadcastFrom}
	})
}

func (s *Server) sendAlone(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.SendAlone{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen, From: s.Config.BroadcastFrom})
	})
}

func (s *Server) refuseBroadcast(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.RefuseBroadcast{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) withdrawBroadcast(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	return s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.WithdrawBroadcast{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
}

func (s *Server) stopBroadcast(ctx context.Context, c *call, in *reasonIn) (receipt, error) {
	r, err := s.onRoot(ctx, c, in.InEntry, func(n incident.Seq) command.Command {
		return in.Body.on(command.StopBroadcast{Root: n, Reason: in.Body.Reason, Seen: in.Body.Seen})
	})
	if seq, bad := in.seq(); err == nil && bad == nil && s.Courier != nil {
		// At once: the courier, which follows the log, would a moment later.
		if err := s.Courier.Stop(ctx, c.room.ID, seq, courier.Stopped); err != nil {
			s.Log.Warn("a broadcast that was stopped is ended a moment later", "error", err)
		}
	}
	return r, err
}

// broadcastOf is the broadcast that the path names, for whoever may do this
// with it.
func (s *Server) broadcastOf(ctx context.Context, c *call, in InEntry, act policy.Act) (*incident.Object, error) {
	if err := policy.Permit(act, &policy.Scene{Room: c.room, Actor: c.actor, Now: time.Now()}); err != nil {
		return nil, err
	}
	seq, err := in.seq()
	if err != nil {
		return nil, err
	}
	o, err := s.Journal.Object(ctx, c.room.ID, seq)
	if err != nil {
		return nil, err
	}
	if o == nil || o.Broadcast == nil {
		return nil, incident.Missing()
	}
	return o, policy.Permit(act, &policy.Scene{Room: c.room, Actor: c.actor, Object: o, Now: time.Now()})
}

func (s *Server) recipients(ctx context.Context, c *call, in *recipientsIn) (recipientsAnswer, error) {
	a := recipientsAnswer{Counts: []messageCount{}, Recipients: []recipientRow{}}
	o, err := s.broadcastOf(ctx, c, in.InEntry, policy.ReadBroadcast)
	if err != nil {
		return a, err
	}
	var stages []courier.Stage
	for _, x := range in.State {
		if !slices.Contains(courier.Stages, courier.Stage(x)) {
			return a, incident.BadField("state", "Choose one of the states there are.")
		}
		stages = append(stages, courier.Stage(x))
	}
	var lines []directory.Line
	var states []courier.State
	if len(stages) > 0 && s.Courier != nil {
		if states, err = s.Courier.States(ctx, c.room.ID, o.Root, courier.Page{After: in.After, Limit: in.Limit, Stages: stages}); err != nil {
			return a, err
		}
		if len(states) == in.Limit {
			a.Next = states[len(states)-1].ID.String()
		}
		var of []string
		for _, x := range states {
			of = append(of, x.Recipient)
		}
		if lines, err = s.Directory.LinesOf(ctx, c.room.ID, o.Broadcast.List, of); err != nil {
			return a, err
		}
	} else if len(stages) == 0 {
		after, err := strconv.Atoi(in.After)
		if in.After != "" && (err != nil || after < 0 || after > command.MaxRecipients) {
			return a, incident.BadField("after", "Send what the page before said.")
		}
		if lines, err = s.Directory.Lines(ctx, c.room.ID, o.Broadcast.List, after, in.Limit); err != nil {
			return a, err
		}
		if len(lines) == in.Limit {
			a.Next = strconv.Itoa(lines[len(lines)-1].N)
		}
		if s.Courier != nil {
			if states, err = s.Courier.StatesOf(ctx, c.room.ID, o.Root, contactsOf(lines)); err != nil {
				return a, err
			}
		}
	}
	if a.Recipients, err = s.recipientRows(ctx, o.Broadcast, lines, states); err != nil || s.Courier == nil {
		return a, err
	}
	counts, err := s.Courier.Counts(ctx, c.room.ID, o.Root)
	for _, n := range counts {
		a.Counts = append(a.Counts, messageCount(n))
	}
	return a, err
}

func contactsOf(lines []directory.Line) (ids []string) {
	for _, l := range lines {
		ids = append(ids, l.Contact)
	}
	return ids
}

// recipientRows are the contacts of these lines, with their messages.
func (s *Server) recipientRows(ctx context.Context, b *incident.Broadcast, lines []directory.Line, states []courier.State) ([]recipientRow, error) {
	rows := []recipientRow{}
	names, err := s.Directory.NamesOf(ctx, contactsOf(lines))
	if err != nil {
		return rows, err
	}
	sys, err := s.Journal.System(ctx)
	if err != nil {
		return rows, err
	}
	at := map[string]int{}
	for i, l := range lines {
		at[l.Contact] = i
		rows = append(rows, recipientRow{Contact: l.Contact, Org: l.Org, OrgName: sys.Orgs[l.Org].Name, Role: l.Role, Name: names[l.Contact], SMS: l.SMS != "", Email: l.Email != "",
			Other: l.Other && b.Purpose == incident.BroadcastRaised, Messages: []messageRow{}})
	}
	for _, x := range states {
		i, ok := at[x.Recipient]
		if !ok {
			continue
		}
		m := messageOf(x)
		m.Again = m.Again && b.Goes()
		rows[i].Messages = append(rows[i].Messages, m)
	}
	return rows, nil
}

// messageOf is a message as boards show it.
func messageOf(x courier.State) messageRow {
	m := messageRow{ID: x.ID.String(), Channel: x.Channel, State: x.State, Why: x.Why, Try: x.Try, Again: x.State.Again()}
	for _, t := range []time.Time{x.Settled, x.Sent, x.Made} {
		if !t.IsZero() {
			when := incident.At(t)
			m.At = &when
			break
		}
	}
	if !x.Acknowledged.IsZero() {
		when := incident.At(x.Acknowledged)
		m.Acknowledged = &when
	}
	return m
}

func (s *Server) retryMessage(ctx context.Context, c *call, in *inMessage) (none, error) {
	o, err := s.broadcastOf(ctx, c, in.InEntry, policy.AskBroadcast)
	if err != nil {
		return none{}, err
	}
	id, err := notify.ParseID(in.Message)
	if err != nil || s.Courier == nil {
		return none{}, incident.Missing()
	}
	if !o.Broadcast.Goes() {
		return none{}, incident.Refuse(incident.Conflict, "This broadcast does not go out: nothing of it is sent again.")
	}
	return none{}, s.Courier.Retry(ctx, c.room.ID, o.Root, id)
}

// approvable counts the broadcasts that wait for somebody like this person.
func approvable(room *incident.Room, a incident.Actor) (n int) {
	for _, b := range room.Broadcasts {
		o := &incident.Object{Root: b.Root, Kind: "broadcast.asked", Broadcast: b, Marking: incident.Marking{Audience: incident.Audience{Kind: incident.ToHosts}}}
		if policy.Permit(policy.ApproveBroadcast, &policy.Scene{Room: room, Actor: a, Object: o}) == nil {
			n++
		}
	}
	return n
}
