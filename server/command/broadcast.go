package command

import (
	"fmt"
	"slices"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// The bounds of one broadcast: of what is typed, of whom it reaches, and of how
// many may wait for the other host at once.
const (
	MaxChosenOrgs      = 2000
	MaxRecipients      = 20_000
	maxWaitingToBeSent = 5
)

// defaultBroadcastFrom is the NHS level from which on organisations are written
// to, where the deployment says nothing else: regional coordination.
const defaultBroadcastFrom = 3

// AskBroadcast asks that organisations be written to. It goes out when the
// other host agrees.
type AskBroadcast struct {
	Purpose incident.BroadcastPurpose
	Chosen  incident.Contacted
	History incident.History // of those who are invited; empty for other purposes

	// Facts of the directory and of the deployment, fetched by the server.
	Count incident.BroadcastCount `json:"-"`
	List  string                  `json:"-"` // the frozen list
	Hash  string                  `json:"-"`
	From  int                     `json:"-"` // the NHS level from which on it is allowed; 0 for the default
}

func (c AskBroadcast) roots() []incident.Seq { return nil }

// CheckBroadcast says what is wrong with a choice, before it is worked out.
func CheckBroadcast(purpose incident.BroadcastPurpose, c incident.Contacted) error {
	switch {
	case !slices.Contains(incident.BroadcastPurposes, purpose):
		return incident.BadField("purpose", "Choose what it says: that an incident is raised, that there is an update, or that they are invited.")
	case len(c.Orgs) > MaxChosenOrgs:
		return incident.BadField("orgs", "At most %d organisations are listed at once. Choose them by type instead.", MaxChosenOrgs)
	case purpose != incident.BroadcastUpdate && len(c.Types)+len(c.Orgs) == 0:
		return incident.BadField("types", "Choose organisations by type, or list their codes.")
	case slices.ContainsFunc(c.Types, func(t incident.OrgType) bool { return !slices.Contains(incident.OrgTypes, t) }):
		return incident.BadField("types", "There is no such type of organisation.")
	case slices.ContainsFunc(c.Roles, func(r incident.ContactRole) bool { return !r.Valid() }):
		return incident.BadField("roles", "There is no such role.")
	case slices.ContainsFunc(c.Orgs, func(o incident.OrgID) bool { return !o.Valid() }):
		return incident.BadField("orgs", "A code is letters and digits, such as R1H. Take out what is not one: %s.", notCodes(c.Orgs))
	}
	return nil
}

// notCodes names the first few of a list that are no codes, each cut short.
func notCodes(list []incident.OrgID) string {
	const shown, long = 5, 24
	var names []string
	more := 0
	for _, o := range list {
		switch text := []rune(string(o)); {
		case o.Valid():
		case len(names) == shown:
			more++
		case len(text) > long:
			names = append(names, "“"+string(text[:long])+"…”")
		default:
			names = append(names, "“"+string(o)+"”")
		}
	}
	if more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), more)
	}
	return strings.Join(names, ", ")
}

// BroadcastAllowed refuses to tell organisations of what is not severe enough,
// or not assessed. They are invited whatever it is.
func BroadcastAllowed(room *incident.Room, purpose incident.BroadcastPurpose, from int) error {
	if purpose == incident.BroadcastInvite {
		return nil
	}
	if from == 0 {
		from = defaultBroadcastFrom
	}
	a := room.Operating(incident.NHSLevel)
	switch {
	case a == nil:
		return incident.Refuse(incident.Conflict, "Nobody has assessed how severe this is. Organisations are written to from NHS level %d on: assess it first.", from)
	case a.Grade.Counts(incident.NHSLevel) < from:
		return incident.Refuse(incident.Conflict, "This is at %s. Organisations are written to from NHS level %d on.", incident.NHSLevel.Words(a.Grade.Counts(incident.NHSLevel)), from)
	}
	return nil
}

func (c AskBroadcast) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.AskBroadcast, nil, nil); err != nil {
		return nil, err
	}
	if err := CheckBroadcast(c.Purpose, c.Chosen); err != nil {
		return nil, err
	}
	if err := BroadcastAllowed(s.Room, c.Purpose, c.From); err != nil {
		return nil, err
	}
	if err := c.checkInvited(s); err != nil {
		return nil, err
	}
	switch {
	case len(s.Room.Broadcasts) >= maxWaitingToBeSent:
		return nil, incident.Refuse(incident.Conflict, "%d broadcasts wait for an answer already. Have one answered or withdrawn first.", len(s.Room.Broadcasts))
	case c.Count.Contacts > MaxRecipients:
		return nil, incident.BadField("types", "This comes to %d contacts; one broadcast goes to at most %d. Choose fewer at once.", c.Count.Contacts, MaxRecipients)
	case c.Count.Contacts == 0:
		return nil, incident.Refuse(incident.Conflict, "%s", nobodyToTell(c.Purpose, s.Room.Mode))
	case c.List == "" || c.Hash == "":
		return nil, incident.Refuse(incident.Unavailable, "This cannot be done just now. Try again in a moment.")
	}
	return one(&incident.Event{Marking: forHosts(s.Room.TLP, s.Asker().Org), Body: &incident.BroadcastAsked{Purpose: c.Purpose, Chosen: c.Chosen, Count: c.Count, History: c.History, List: c.List, Hash: c.Hash}})
}

// nobodyToTell says why a choice came to nobody.
func nobodyToTell(p incident.BroadcastPurpose, m incident.Mode) string {
	switch {
	case m == incident.ModeExercise:
		return "This reaches nobody: an exercise reaches only numbers that are kept for plays and films, such as 07700 900123."
	case p == incident.BroadcastInvite:
		return "This invites nobody: of whoever was chosen nobody has a verified mobile number and is not in the room or invited already."
	case p == incident.BroadcastUpdate:
		return "This reaches nobody: nobody was told that the incident is raised, and no organisation was chosen beside."
	}
	return "This reaches nobody: whoever was chosen has no verified number or address, or was told already."
}

// ApproveBroadcast is the other host's agreement.
type ApproveBroadcast struct {
	Root incident.Seq
	Seen incident.Seq
	From int `json:"-"`
}

func (c ApproveBroadcast) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ApproveBroadcast) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.broadcast(policy.ApproveBroadcast, c.Root, c.Seen, incident.BroadcastIsAsked)
	if err != nil {
		return nil, err
	}
	if err := BroadcastAllowed(s.Room, b.Purpose, c.From); err != nil {
		return nil, err
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	auth.Seen = c.Seen
	return one(&incident.Event{Root: c.Root, Body: &incident.BroadcastApproved{}, Authority: auth})
}

// SendAlone sends a broadcast on one person's word, after the other host had
// its time.
type SendAlone struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
	From   int `json:"-"`
}

func (c SendAlone) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c SendAlone) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.broadcast(policy.SendAlone, c.Root, c.Seen, incident.BroadcastIsAsked)
	if err != nil {
		return nil, err
	}
	if left := b.Alone().Sub(s.Now); left > 0 {
		return nil, incident.Refuse(incident.Conflict, "The other host has until %s UTC to answer. From then on a lead may go on alone, with a reason.", b.Alone().UTC().Format("15:04:05"))
	}
	if err := BroadcastAllowed(s.Room, b.Purpose, c.From); err != nil {
		return nil, err
	}
	auth, reason, err := s.freshFor(c.Reason)
	if err != nil {
		return nil, err
	}
	auth.Seen = c.Seen
	return one(&incident.Event{Root: c.Root, Body: &incident.BroadcastSentAlone{Reason: reason}, Authority: auth})
}

// RefuseBroadcast is the answer no.
type RefuseBroadcast struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c RefuseBroadcast) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RefuseBroadcast) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.broadcast(policy.RefuseBroadcast, c.Root, c.Seen, incident.BroadcastIsAsked); err != nil {
		return nil, err
	}
	return s.endBroadcast(c.Root, c.Seen, c.Reason, func(why string) incident.Body { return &incident.BroadcastRefused{Reason: why} })
}

// WithdrawBroadcast takes the question back.
type WithdrawBroadcast struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c WithdrawBroadcast) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawBroadcast) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.broadcast(policy.WithdrawBroadcast, c.Root, c.Seen, incident.BroadcastIsAsked); err != nil {
		return nil, err
	}
	return s.endBroadcast(c.Root, c.Seen, c.Reason, func(why string) incident.Body { return &incident.BroadcastWithdrawn{Reason: why} })
}

// StopBroadcast keeps from going out what has not gone out yet. What has is not
// called back.
type StopBroadcast struct {
	Root   incident.Seq
	Reason string
	Seen   incident.Seq
}

func (c StopBroadcast) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c StopBroadcast) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.broadcast(policy.StopBroadcast, c.Root, c.Seen, incident.BroadcastIsApproved, incident.BroadcastIsAlone); err != nil {
		return nil, err
	}
	return s.endBroadcast(c.Root, c.Seen, c.Reason, func(why string) incident.Body { return &incident.BroadcastStopped{Reason: why} })
}

func (s *scene) endBroadcast(root, seen incident.Seq, reason string, body func(why string) incident.Body) ([]*incident.Event, error) {
	if err := checkReason("reason", reason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: root, Body: body(strings.TrimSpace(reason)), Authority: incident.Authority{Seen: seen}})
}

// broadcast permits an act on one that is in one of the states, and returns it.
func (s *scene) broadcast(act policy.Act, root, seen incident.Seq, states ...incident.BroadcastState) (*incident.Broadcast, error) {
	o := s.objects[root]
	if o == nil || o.Broadcast == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	b := o.Broadcast
	if !slices.Contains(states, b.State) {
		return nil, incident.Refuse(incident.Conflict, "Broadcast %d %s in entry %d.", root, broadcastIs[b.State], b.Settled)
	}
	return b, moved(seen, b.Settled, "this broadcast", broadcastIs[b.State])
}

// broadcastIs says where a broadcast stands.
var broadcastIs = map[incident.BroadcastState]string{incident.BroadcastIsAsked: "was asked for", incident.BroadcastIsApproved: "was approved",
	incident.BroadcastIsAlone: "was sent on one person's word", incident.BroadcastIsRefused: "was refused", incident.BroadcastIsWithdrawn: "was withdrawn",
	incident.BroadcastIsStopped: "was stopped"}
