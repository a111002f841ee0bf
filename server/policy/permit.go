package policy

import (
	"slices"
	"time"

	"wardroom/server/incident"
)

// Act is something a person may ask of a room.
type Act string

const (
	Post      Act = "post"
	Correct   Act = "correct"
	Note      Act = "note"
	Pin       Act = "pin"
	Unpin     Act = "unpin"
	Tighten   Act = "tighten"
	Widen     Act = "widen"
	Withhold  Act = "withhold"
	Restore   Act = "restore"
	OpenEntry Act = "open"
	Brief     Act = "brief"
	Report    Act = "report"
	Title     Act = "title"
	Move      Act = "move"
	Reopen    Act = "reopen"
	SetRules  Act = "rules"
	SetClock  Act = "clock"
	Accept    Act = "accept"
	Leave     Act = "leave"
	Invite    Act = "invite"
	Propose   Act = "propose"
	Admit     Act = "admit"
	Vouch     Act = "vouch"
	Withdraw  Act = "withdraw"
	Remove    Act = "remove"
	Change    Act = "change"
	Grant     Act = "grant"
	Ring      Act = "ring"
)

// Scene is what a judgement rests on: the room as it stands, who asks, and
// what they ask it of. Object and Target are nil where the act has none.
type Scene struct {
	Room   *incident.Room
	Actor  incident.Actor
	Object *incident.Object // the entry the act is about
	Target *incident.Member // the membership the act is about
	Now    time.Time
}

// Asker returns the actor's membership.
func (s *Scene) Asker() *incident.Member { return s.Room.Member(s.Actor.Person) }

// rule says who may do an act.
type rule struct {
	roles    []incident.Role // who; nil for every member
	author   bool            // or whoever wrote the object
	origin   bool            // only members of the object's originator
	closed   bool            // also when the room is closed
	exercise bool            // only in an exercise
	unread   bool            // even before accepting the newest handling rules
}

var (
	leads   = []incident.Role{incident.Lead, incident.Deputy}
	writers = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison, incident.Loggist, incident.Comms, incident.Representative}
	hosts   = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison}
	onlyRep = []incident.Role{incident.Representative}
	nobody  = []incident.Role{}
)

// rules is the whole of who may do what in a room, in one table.
var rules = map[Act]rule{
	Post:      {roles: writers},
	Correct:   {roles: nobody, author: true},
	Note:      {},
	Pin:       {roles: leads},
	Unpin:     {roles: leads},
	Tighten:   {roles: leads, author: true},
	Widen:     {roles: writers, origin: true},
	Withhold:  {roles: leads},
	Restore:   {roles: leads},
	OpenEntry: {closed: true},
	Brief:     {roles: leads},
	Report:    {roles: leads},
	Title:     {roles: leads},
	Move:      {roles: leads},
	Reopen:    {roles: leads, closed: true},
	SetRules:  {roles: leads},
	SetClock:  {roles: leads, exercise: true},
	Accept:    {closed: true, unread: true},
	Leave:     {closed: true, unread: true},
	Invite:    {roles: hosts},
	Propose:   {roles: onlyRep},
	Admit:     {roles: leads},
	Vouch:     {roles: hosts},
	Withdraw:  {roles: hosts, closed: true},
	Remove:    {roles: leads, closed: true},
	Change:    {roles: leads},
	Grant:     {roles: leads},
	Ring:      {roles: hosts, closed: true},
}

// Acts lists every act there is a rule for.
func Acts() []Act {
	var all []Act
	for a := range rules {
		all = append(all, a)
	}
	slices.Sort(all)
	return all
}

// Permit returns nil if the scene's actor may do this now. What they may not
// know of is Missing, the same answer as for what does not exist; what they
// may see but not do is Forbidden, with a sentence.
func Permit(act Act, s *Scene) error {
	m := s.Asker()
	if !m.Present() {
		return incident.Missing()
	}
	if s.Object != nil && !May(s.Room, m, sightOf(s.Object)) {
		return incident.Missing()
	}
	if s.Target != nil && SeesMember(s.Room, m, s.Target) == Stub {
		return incident.Missing()
	}
	r, ok := rules[act]
	if !ok {
		return incident.Refuse(incident.Forbidden, "Nobody may do this.")
	}
	if r.exercise && s.Room.Mode != incident.ModeExercise {
		return incident.Refuse(incident.Forbidden, "Only an exercise has a clock of its own.")
	}
	if !r.closed && s.Room.Lifecycle == incident.Closed {
		return incident.Refuse(incident.Conflict, "This room is closed. A lead can reopen it as a new section.")
	}
	if !r.unread && s.Room.Rules != nil && m.Rules < s.Room.Rules.Version {
		return incident.Refuse(incident.Forbidden, "The handling rules have changed. Read and accept them first.")
	}
	if r.origin && (s.Object == nil || s.Object.Marking.Originator != m.Org) {
		return incident.Refuse(incident.Forbidden, "Only the organisation it came from can lower its label or widen who receives it.")
	}
	if r.author && wrote(s.Room, m, s.Object) {
		return nil
	}
	if r.roles == nil || slices.Contains(r.roles, m.Role) {
		if needsHost(r.roles) && !m.Host {
			return incident.Refuse(incident.Forbidden, "Only the hosts can do this.")
		}
		return nil
	}
	if act == Correct {
		return incident.Refuse(incident.Forbidden, "Only its author can correct an entry. You can reply to it.")
	}
	if slices.Equal(r.roles, leads) {
		return incident.Refuse(incident.Forbidden, "Only a lead or deputy can do this.")
	}
	return incident.Refuse(incident.Forbidden, "Your role in this room does not allow this.")
}

// needsHost reports whether every role that may do it is a host's.
func needsHost(roles []incident.Role) bool {
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(r incident.Role) bool { return !r.ForHosts() })
}

// wrote reports whether the member is the object's author, also after having
// left and come back under another number.
func wrote(room *incident.Room, m *incident.Member, o *incident.Object) bool {
	if o == nil || o.By.Member == 0 {
		return false
	}
	author := room.Numbered(o.By.Member)
	return author != nil && author.Person == m.Person && author.Org == m.Org
}

func sightOf(o *incident.Object) incident.Sight {
	s := incident.Sight{Root: o.Root, Kind: o.Kind, Author: o.By.Member, TLP: o.Marking.TLP, Org: o.Marking.Originator, Audience: o.Marking.Audience}
	if o.Kind.Standing() {
		s.Audience = incident.Audience{Kind: incident.ToRoom}
	}
	return s
}

// Receipts reports whether the member may know who opened an entry: the
// originator's organisation, auditors, and leads who are in its audience.
func Receipts(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	if !m.Present() {
		return false
	}
	return m.Org == s.Org || m.Role == incident.Auditor || m.Leads() && May(room, m, s)
}
