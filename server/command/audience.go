package command

import (
	"slices"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// marking checks a marking chosen for an entry by author, and puts it in its
// normal form. Only RED binds label and audience: its readers are named
// people. Whom the audience had names already stay: an entry whose reader has
// left, or is hidden from the asker by the roster, can still be answered and
// tightened.
func (s *scene) marking(m incident.Marking, author incident.MemberNo, had incident.Audience) (incident.Marking, error) {
	if !m.TLP.Valid() {
		return m, incident.BadField("tlp", "Labels are TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT and TLP:RED, written like that.")
	}
	switch m.PAP {
	case "", incident.PAPClear, incident.PAPGreen, incident.PAPAmber, incident.PAPRed:
	default:
		return m, incident.BadField("pap", "Labels are PAP:CLEAR, PAP:GREEN, PAP:AMBER and PAP:RED, written like that.")
	}
	switch m.Caveat {
	case "", incident.Official, incident.OfficialSensitive:
	default:
		return m, incident.BadField("caveat", "This system holds OFFICIAL and OFFICIAL-SENSITIVE only.")
	}
	a := m.Audience
	switch a.Kind {
	case incident.ToRoom, incident.ToHosts:
		if len(a.Members)+len(a.Orgs) > 0 {
			return m, incident.BadField("audience", "Choose the room, the hosts, or people by name.")
		}
		if m.TLP == incident.Red {
			return m, incident.BadField("audience", "TLP:RED is for the eyes of individual people: name them.")
		}
		if a.Kind == incident.ToHosts && author != 0 && !s.Room.Numbered(author).Host {
			a = incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{author}, Orgs: s.Room.Hosts}
		}
	case incident.ToNamed:
		if m.TLP == incident.Red && len(a.Orgs) > 0 {
			return m, incident.BadField("audience.orgs", "TLP:RED is for the eyes of individual people: name them, not organisations.")
		}
		if len(a.Members)+len(a.Orgs) == 0 {
			return m, incident.BadField("audience", "Name at least one person.")
		}
		if len(a.Members) > 500 || len(a.Orgs) > 200 {
			return m, incident.BadField("audience", "That is more than can be named one by one. Choose the room instead.")
		}
		for _, n := range a.Members {
			if n != author && !slices.Contains(had.Members, n) && !s.knows(n) {
				return m, incident.BadField("audience.members", "M-%d is not someone you can name here.", n)
			}
		}
		for _, o := range a.Orgs {
			if !slices.Contains(had.Orgs, o) && !s.knowsOrg(o) {
				return m, incident.BadField("audience.orgs", "%s is not an organisation you can name here.", o)
			}
		}
		if author != 0 {
			a.Members = append(slices.Clone(a.Members), author)
		}
		if s.tells(a, author, incident.Names{Members: a.Members, Orgs: a.Orgs}) {
			return m, incident.BadField("audience", "In this room guests are not told of one another. Address each organisation in an entry of its own.")
		}
	default:
		return m, incident.BadField("audience.kind", "Choose room, hosts or named.")
	}
	m.Audience = a.Normal()
	return m, nil
}

// knowsOrg reports whether the asker may know that the organisation has
// someone in the room.
func (s *scene) knowsOrg(o incident.OrgID) bool {
	if slices.Contains(s.Room.Hosts, o) {
		return true
	}
	asker := s.Asker()
	return slices.ContainsFunc(s.Room.Members, func(m *incident.Member) bool {
		return m.Org == o && m.Present() && policy.SeesMember(s.Room, asker, m) != policy.Stub
	})
}

// TightenEntry raises an entry's label or narrows who receives it.
type TightenEntry struct {
	Root     incident.Seq
	TLP      incident.TLP       // "" to keep
	Audience *incident.Audience // nil to keep
	Recorded *bool              `json:",omitempty"` // nil to keep; true: its openings are on record from now on
}

func (c TightenEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c TightenEntry) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c TightenEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Tighten, c.Root)
	if err != nil {
		return nil, err
	}
	next, err := s.change(o, c.TLP, c.Audience, c.Recorded)
	if err != nil {
		return nil, err
	}
	if next.TLP.Rank() < o.Marking.TLP.Rank() || !s.within(next.Audience, o.Marking.Audience) || o.Marking.Recorded && !next.Recorded {
		return nil, incident.BadField("audience", "This would lower the label or let more people see it. Only the organisation it came from can, by widening it with a reason.")
	}
	if err := s.leavesIn(o, next); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Marking: &next, Body: &incident.AudienceTightened{}})
}

// leavesIn refuses to narrow a part of the record past whose it is: a decision
// past who is said to have made it, an action that is not finished past
// everyone who can answer it, a book past whom it is kept for. It would be
// theirs without their knowing, and only its originator could give it back.
// Withholding is the way to hide it: leads alone do that, and undo it.
func (s *scene) leavesIn(o *incident.Object, next incident.Marking) error {
	if o.Escalation != nil && (o.Escalation.Waiting() || o.Escalation.State == incident.EscalationIsAccepted) && !s.hostsReceive(next) {
		return incident.BadField("audience", "Both hosts receive an escalation while it runs: their people are asked, and are alarmed if nobody answers.")
	}
	if c := o.Statutory; c != nil && c.Running() && !(s.hostsReceive(next) && s.orgReceives(c.Org, next)) {
		return incident.BadField("audience", "While a clock runs, the organisation that owes it and both hosts receive it.")
	}
	if o.Broadcast != nil && !s.hostsReceive(next) {
		return incident.BadField("audience", "Both hosts receive what goes out to organisations in their name.")
	}
	var whose incident.Assignee
	switch {
	case o.Decision != nil:
		whose.Member = o.Decision.Maker
	case o.Action != nil && o.Action.Unfinished():
		whose = o.Action.For
	case o.Handover != nil && o.Handover.State == incident.HandoverIsSigned:
		whose.Member = o.Handover.To
	case o.Kind == "book.opened":
		whose.Member = o.Body.(*incident.BookOpened).Maker
	}
	if whose == (incident.Assignee{}) {
		return nil
	}
	receive := func(mark incident.Marking) bool {
		return slices.ContainsFunc(s.Room.Members, func(m *incident.Member) bool {
			return m.Present() && policy.ActsFor(s.Room, m, whose) && s.receives(m, o.Root, o.Kind, mark)
		})
	}
	if !receive(o.Marking) || receive(next) {
		return nil
	}
	name := s.called(whose.Member)
	if whose.Member == 0 {
		i := slices.IndexFunc(s.Room.Members, func(m *incident.Member) bool { return m.Org == whose.Org })
		name = s.Room.Members[i].Seat.OrgName // somebody of it receives it
	}
	return incident.BadField("audience", "This is %s's: leave them among its readers. If they must not see it, a lead can withhold it from all but the hosts.", name)
}

// WidenEntry lowers an entry's label or widens who receives it. Of TLP:RED it
// asks a second person to.
type WidenEntry struct {
	Root     incident.Seq
	TLP      incident.TLP
	Audience *incident.Audience
	Recorded *bool `json:",omitempty"` // nil to keep; false: its openings are no longer on record
	Reason   string
	Shown    incident.Seq `json:"-"` // the newest entry when the asker was shown who would receive it; 0 if they were not; no part of what is said
}

func (c WidenEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c WidenEntry) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c WidenEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Widen, c.Root)
	if err != nil {
		return nil, err
	}
	if err := checkLine("reason", c.Reason, 500, true); err != nil {
		return nil, err
	}
	if lowersRed(o, c.TLP) {
		return s.askSecond(o, c.TLP, c.Audience, c.Recorded, c.Reason, 0, c.Shown)
	}
	e, err := s.widened(o, c.TLP, c.Audience, c.Recorded, c.Reason, c.Shown)
	if err != nil {
		return nil, err
	}
	return one(e)
}

// widened is the event that lowers an entry's label or widens who receives it.
func (s *scene) widened(o *incident.Object, tlp incident.TLP, a *incident.Audience, recorded *bool, reason string, shown incident.Seq) (*incident.Event, error) {
	next, err := s.change(o, tlp, a, recorded)
	if err != nil {
		return nil, err
	}
	if next.TLP.Rank() > o.Marking.TLP.Rank() || !s.within(o.Marking.Audience, next.Audience) || next.Recorded && !o.Marking.Recorded {
		return nil, incident.BadField("audience", "This would raise the label or leave somebody out. Tighten the entry for that.")
	}
	if o.Marking.TLP == incident.Red && next.TLP != incident.Red && !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Lowering TLP:RED needs your second factor again. It covers the next hour.")
	}
	sight := o.Sight()
	sight.TLP, sight.Audience, sight.Recorded = next.TLP, next.Audience, next.Recorded
	if err := s.gainedOf(sight, sight.Audience, shown); err != nil {
		return nil, err
	}
	return &incident.Event{Root: o.Root, Marking: &next, Body: &incident.AudienceWidened{Reason: reason},
		Authority: incident.Authority{Seen: shown, StepUp: incident.At(s.Actor.StepUp)}}, nil
}

// change returns the marking with another label or audience, or with openings
// recorded or not, checked.
func (s *scene) change(o *incident.Object, tlp incident.TLP, a *incident.Audience, recorded *bool) (incident.Marking, error) {
	if o.Export != nil {
		return o.Marking, bothHosts()
	}
	if o.Recalled != 0 {
		return o.Marking, recalled()
	}
	if o.Before != nil {
		return o.Marking, incident.Refuse(incident.Conflict, "This entry is withheld. Restore it first.")
	}
	next := o.Marking
	if tlp != "" {
		next.TLP = tlp
	}
	if a != nil {
		next.Audience = *a
	}
	if recorded != nil {
		next.Recorded = *recorded
	}
	if next.Recorded && !o.Kind.Recordable() {
		return next, incident.BadField("recorded", "Openings are recorded of messages, items and tear-lines, not of this.")
	}
	if o.Kind == "book.opened" && next.TLP == incident.Red {
		return next, neverRed()
	}
	next, err := s.marking(next, o.By.Member, o.Marking.Audience)
	if err != nil {
		return next, err
	}
	if s.tells(next.Audience, o.By.Member, o.Names) {
		return next, incident.BadField("audience", "This entry names guests, and in this room guests are not told of one another. Say it in an entry of its own.")
	}
	if next.TLP == o.Marking.TLP && next.Audience.Equal(o.Marking.Audience) && next.Recorded == o.Marking.Recorded {
		return next, incident.BadField("tlp", "This is how it stands already.")
	}
	return next, nil
}

// within reports whether everyone a reaches, now or by joining later, is
// reached by b.
func (s *scene) within(a, b incident.Audience) bool {
	switch b.Kind {
	case incident.ToRoom:
		return true
	case incident.ToHosts:
		if a.Kind == incident.ToNamed {
			return !slices.ContainsFunc(a.Members, func(n incident.MemberNo) bool { return !s.reached(n, b) }) &&
				!slices.ContainsFunc(a.Orgs, func(o incident.OrgID) bool { return !slices.Contains(s.Room.Hosts, o) })
		}
		return a.Kind == incident.ToHosts
	}
	if a.Kind == incident.ToHosts {
		return !slices.ContainsFunc(s.Room.Hosts, func(o incident.OrgID) bool { return !slices.Contains(b.Orgs, o) })
	}
	return a.Kind == incident.ToNamed &&
		!slices.ContainsFunc(a.Members, func(n incident.MemberNo) bool { return !s.reached(n, b) }) &&
		!slices.ContainsFunc(a.Orgs, func(o incident.OrgID) bool { return !slices.Contains(b.Orgs, o) })
}

func (s *scene) reached(n incident.MemberNo, b incident.Audience) bool {
	m := s.Room.Numbered(n)
	return m != nil && b.Includes(m)
}

// WithholdEntry hides an entry from all but hosts at once, reversibly.
type WithholdEntry struct{ Root incident.Seq }

func (c WithholdEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c WithholdEntry) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithholdEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Withhold, c.Root)
	if err != nil {
		return nil, err
	}
	if o.Before != nil {
		return nil, incident.Refuse(incident.Conflict, "This entry is withheld already.")
	}
	if o.Recalled != 0 {
		return nil, recalled()
	}
	if o.Export != nil {
		return nil, bothHosts()
	}
	next := o.Marking
	switch was := o.Marking.Audience; was.Kind {
	case incident.ToRoom:
		next.Audience = incident.Audience{Kind: incident.ToHosts}
	case incident.ToNamed: // the hosts among them; withholding never lets anyone see more
		a := incident.Audience{Kind: incident.ToNamed}
		for _, n := range was.Members {
			if m := s.Room.Numbered(n); m != nil && m.Host {
				a.Members = append(a.Members, n)
			}
		}
		for _, org := range was.Orgs {
			if slices.Contains(s.Room.Hosts, org) {
				a.Orgs = append(a.Orgs, org)
			}
		}
		next.Audience = a.Normal()
	}
	if next.Audience.Equal(o.Marking.Audience) {
		return nil, incident.Refuse(incident.Conflict, "Only hosts see this entry already.")
	}
	return one(&incident.Event{Root: c.Root, Marking: &next, Body: &incident.AudienceWithheld{}})
}

// RestoreEntry ends withholding.
type RestoreEntry struct{ Root incident.Seq }

func (c RestoreEntry) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c RestoreEntry) moves() []incident.Seq { return []incident.Seq{c.Root} }

func (c RestoreEntry) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.about(policy.Restore, c.Root)
	if err != nil {
		return nil, err
	}
	if o.Before == nil {
		return nil, incident.Refuse(incident.Conflict, "This entry is not withheld.")
	}
	next := *o.Before
	return one(&incident.Event{Root: c.Root, Marking: &next, Body: &incident.AudienceRestored{}})
}

// bothHosts refuses to move who sees an export: a host that is left out could
// not withdraw it, and whoever is let in would learn what is asked of others.
func bothHosts() error {
	return incident.Refuse(incident.Forbidden, "An export is for both hosts and whoever asked for it. To end it, withdraw it.")
}
