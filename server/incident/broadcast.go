package incident

import (
	"slices"
	"time"
)

func init() {
	then := KindInfo{Log: RoomLog, Record: true}
	register[*BroadcastAsked](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*BroadcastApproved](then)
	register[*BroadcastSentAlone](then)
	register[*BroadcastRefused](then)
	register[*BroadcastWithdrawn](then)
	register[*BroadcastStopped](then)
	register[*BroadcastReached](then)
}

// BroadcastPurpose is why organisations are written to. There are no others.
type BroadcastPurpose string

const (
	BroadcastRaised BroadcastPurpose = "raised" // a major incident is raised: once to each contact, for each room
	BroadcastUpdate BroadcastPurpose = "update" // there is something new, for those who were told that it is raised
	BroadcastInvite BroadcastPurpose = "invite" // each is invited into the room, by a code of their own
)

// BroadcastPurposes lists all.
var BroadcastPurposes = []BroadcastPurpose{BroadcastRaised, BroadcastUpdate, BroadcastInvite}

// Contacted is a choice of organisations' contacts: those in the roles (in any,
// if none are named) at organisations of the types and at those listed.
type Contacted struct {
	Orgs  []OrgID       `json:"orgs,omitempty"`
	Roles []ContactRole `json:"roles,omitempty"`
	Types []OrgType     `json:"types,omitempty"`
}

// BroadcastCount is what a choice came to when it was asked for.
type BroadcastCount struct {
	Contacts  int `json:"contacts"`        // who would be told
	Emails    int `json:"emails"`          // of them, by e-mail
	Fragments int `json:"fragments"`       // text message fragments, which are what is paid for
	NoNumber  int `json:"noNumber"`        // contacts chosen who have no verified number
	Nobody    int `json:"nobody"`          // organisations chosen in which nobody has one
	Orgs      int `json:"orgs"`            // organisations chosen
	Pence     int `json:"pence,omitempty"` // what the fragments cost, rounded up; 0 where no price is set
	Texts     int `json:"texts"`           // of the contacts, by text message
}

// BroadcastAsked asks that organisations be written to. Whom it goes to is
// frozen: the list is the directory's, by ids alone, and its hash stands here.
type BroadcastAsked struct {
	Chosen Contacted      `json:"chosen"`
	Count  BroadcastCount `json:"count"`
	Hash   string         `json:"hash"` // SHA-256 of the frozen list, in hexadecimal
	// History is what those who are invited may see of earlier entries; empty for
	// other purposes.
	History History          `json:"history,omitempty"`
	List    string           `json:"list"` // its id
	Purpose BroadcastPurpose `json:"purpose"`
}

func (*BroadcastAsked) kind() Kind { return "broadcast.asked" }

// BroadcastApproved is the other host's agreement: it goes out.
type BroadcastApproved struct{}

func (*BroadcastApproved) kind() Kind { return "broadcast.approved" }

// BroadcastSentAlone sends it on one person's word, after nobody of the other
// host answered in time.
type BroadcastSentAlone struct {
	Reason string `json:"reason"`
}

func (*BroadcastSentAlone) kind() Kind { return "broadcast.sent_alone" }

// BroadcastRefused is the answer no.
type BroadcastRefused struct {
	Reason string `json:"reason"`
}

func (*BroadcastRefused) kind() Kind { return "broadcast.refused" }

// BroadcastWithdrawn takes the question back.
type BroadcastWithdrawn struct {
	Reason string `json:"reason"`
}

func (*BroadcastWithdrawn) kind() Kind { return "broadcast.withdrawn" }

// BroadcastStopped keeps from going out what has not gone out yet.
type BroadcastStopped struct {
	Reason string `json:"reason"`
}

func (*BroadcastStopped) kind() Kind { return "broadcast.stopped" }

// BroadcastReached is the house's word on invitations that hosts agreed to send:
// which were made, of which the message was delivered, which were opened by whom
// they are for. Each is named once, by the entry that began it.
type BroadcastReached struct {
	Delivered []Seq `json:"delivered,omitempty"`
	Invited   []Seq `json:"invited,omitempty"`
	Left      int   `json:"left,omitempty"` // of the list, how many were not invited after all
	Opened    []Seq `json:"opened,omitempty"`
}

func (*BroadcastReached) kind() Kind { return "broadcast.reached" }

// MaxInvited bounds how many one broadcast invites.
const MaxInvited = 500

// BroadcastState is where a broadcast stands.
type BroadcastState string

const (
	BroadcastIsAsked     BroadcastState = "asked"
	BroadcastIsApproved  BroadcastState = "approved" // by two people: it goes out, or went
	BroadcastIsAlone     BroadcastState = "alone"    // the same, on one person's word
	BroadcastIsRefused   BroadcastState = "refused"
	BroadcastIsWithdrawn BroadcastState = "withdrawn"
	BroadcastIsStopped   BroadcastState = "stopped"
)

// BroadcastWait is how long the other host has before one lead may go on with
// a reason.
const BroadcastWait = 5 * time.Minute

// Broadcast is the fold of one.
type Broadcast struct {
	Root    Seq              `json:"root"`
	By      By               `json:"by"` // who asked
	Asked   Instant          `json:"asked"`
	Purpose BroadcastPurpose `json:"purpose"`
	List    string           `json:"list"`
	Hash    string           `json:"hash"`
	State   BroadcastState   `json:"state"`
	Sent    Instant          `json:"sent,omitzero"`  // when it was approved or sent alone
	Settled Seq              `json:"settled"`        // the entry that last changed where it stands
	Ended   By               `json:"ended,omitzero"` // who refused, withdrew or stopped it

	// Of those that invite: MaxInvited of each, at most.
	History   History `json:"history,omitempty"`
	Invited   []Seq   `json:"invited,omitempty"`
	Delivered []Seq   `json:"delivered,omitempty"`
	Opened    []Seq   `json:"opened,omitempty"`
	Noted     bool    `json:"noted,omitempty"` // it was said how many of the list were invited
}

// Invites reports whether it brings people into the room, rather than telling
// them something.
func (b *Broadcast) Invites() bool { return b.Purpose == BroadcastInvite }

// Alone is from when on one lead may send it.
func (b *Broadcast) Alone() Instant { return At(b.Asked.Add(BroadcastWait)) }

// Goes reports whether it is going out, or went.
func (b *Broadcast) Goes() bool {
	return b.State == BroadcastIsApproved || b.State == BroadcastIsAlone
}

// applyBroadcast folds an event of a broadcast; b is nil before its first.
func applyBroadcast(b *Broadcast, e *Event) *Broadcast {
	var next Broadcast
	if b != nil {
		next = *b
	}
	settle := func(s BroadcastState) { next.State, next.Settled = s, e.Seq }
	switch body := e.Body.(type) {
	case *BroadcastAsked:
		next = Broadcast{Root: e.Root, By: e.By, Asked: e.Times.Recorded, Purpose: body.Purpose, List: body.List, Hash: body.Hash, History: body.History}
		settle(BroadcastIsAsked)
	case *BroadcastApproved:
		next.Sent = e.Times.Recorded
		settle(BroadcastIsApproved)
	case *BroadcastSentAlone:
		next.Sent = e.Times.Recorded
		settle(BroadcastIsAlone)
	case *BroadcastRefused:
		next.Ended = e.By
		settle(BroadcastIsRefused)
	case *BroadcastWithdrawn:
		next.Ended = e.By
		settle(BroadcastIsWithdrawn)
	case *BroadcastStopped:
		next.Ended = e.By
		settle(BroadcastIsStopped)
	case *BroadcastReached:
		next.Noted = true
		next.Invited, next.Delivered, next.Opened = together(next.Invited, body.Invited), together(next.Delivered, body.Delivered), together(next.Opened, body.Opened)
	}
	return &next
}

// together is both lists, each number once, in order; MaxInvited at most.
func together(a, b []Seq) []Seq {
	if len(b) == 0 {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(len(all), MaxInvited)]
}

// Broadcast returns the broadcast that began at root and waits for an answer;
// nil for none.
func (r *Room) Broadcast(root Seq) *Broadcast {
	if i := slices.IndexFunc(r.Broadcasts, func(b *Broadcast) bool { return b.Root == root }); i >= 0 {
		return r.Broadcasts[i]
	}
	return nil
}

// applyBroadcast keeps those that wait for an answer; ok is false for other
// events.
func (r *Room) applyBroadcast(e *Event) (ok bool) {
	switch e.Body.(type) {
	case *BroadcastAsked:
		r.Broadcasts = append(slices.Clip(r.Broadcasts), applyBroadcast(nil, e))
		return true
	case *BroadcastReached: // comes after it was let out, when the room keeps nothing of it
		return true
	case *BroadcastApproved, *BroadcastSentAlone, *BroadcastRefused, *BroadcastWithdrawn, *BroadcastStopped:
	default:
		return false
	}
	r.spend(e)
	r.Broadcasts = slices.DeleteFunc(slices.Clone(r.Broadcasts), func(b *Broadcast) bool { return b.Root == e.Root })
	return true
}
