package command

import (
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

func init() { fires["clock"] = fireStatutory }

// StartClock says when an organisation became aware of what it has to tell
// somebody of.
type StartClock struct {
	Statute incident.Statute
	Org     incident.OrgID    // that owes it; "" for the asker's
	Owner   incident.MemberNo // 0: of one's own organisation oneself, of another whoever speaks for it
	Aware   incident.Instant  // by real time
	Known   string
	Start   incident.Seq // the entry it begins with; 0 for none
	Via     incident.Via // how a host was told of what another organisation owes
}

const (
	// maxClocks bounds how many run at once for one organisation in a room.
	maxClocks = 20
	// maxKnown bounds what is said to be known.
	maxKnown = 2000
	// maxReference bounds a regulator's reference.
	maxReference = 200
	// maxAhead is by how much a clock on somebody's wall may be fast.
	maxAhead = 5 * time.Minute
)

func (c StartClock) roots() []incident.Seq { return nil }
func (c StartClock) cites() []incident.Seq { return inOrder(c.Start) }

func (c StartClock) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.StartClock, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if c.Org == "" {
		c.Org = m.Org
	}
	if !policy.MayKeepClock(s.Room, m, c.Org) {
		return nil, incident.Refuse(incident.Forbidden, "You start the clocks of your own organisation. A lead, deputy or liaison of the hosts can start another's.")
	}
	if !slices.Contains(incident.Statutes, c.Statute) {
		return nil, incident.BadField("statute", "Choose what has to be told, and to whom.")
	}
	if !s.knowsOrg(c.Org) {
		return nil, incident.BadField("org", "%s is not an organisation in this room.", c.Org)
	}
	if c.Statute == incident.NDGTold && !slices.Contains(s.Room.Hosts, c.Org) {
		return nil, incident.BadField("statute", "The hosts tell the National Data Guardian when ministers are told.")
	}
	if err := s.via(c.Via, c.Org); err != nil {
		return nil, err
	}
	if err := s.aware(c.Aware); err != nil {
		return nil, err
	}
	if err := checkText("known", c.Known, maxKnown); err != nil {
		return nil, err
	}
	if c.Owner == 0 && c.Org == m.Org {
		c.Owner = m.Number
	}
	mark := s.clockMarking(c.Org)
	if err := s.owner(c.Owner, c.Org, s.head+1, mark); err != nil {
		return nil, err
	}
	cites, err := s.citations("start", c.cites())
	if err != nil {
		return nil, err
	}
	if err := s.roomFor(c.Org); err != nil {
		return nil, err
	}
	return one(&incident.Event{Marking: &mark, Refs: incident.Refs{Cites: cites},
		Body: &incident.ClockStarted{Aware: c.Aware, Due: c.Statute.Due(c.Aware), Known: strings.TrimSpace(c.Known), Org: c.Org, Owner: c.Owner, Start: c.Start, Statute: c.Statute, Via: c.Via}})
}

// roomFor refuses more clocks than anybody can keep in sight.
func (s *scene) roomFor(org incident.OrgID) error {
	running := 0
	for _, c := range s.Room.Statutory {
		if c.Org == org {
			running++
		}
	}
	if running >= maxClocks {
		return incident.Refuse(incident.Conflict, "%d clocks of %s run in this room already. Say which are done, or need not be told, then start another.", running, org)
	}
	return nil
}

// clockMarking is that of every clock: for the organisation that owes it and
// the hosts, and nobody else. It is the organisation's own.
func (s *scene) clockMarking(org incident.OrgID) incident.Marking {
	m := incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToHosts}, Originator: org}
	if m.TLP == incident.Red { // that is for people by name, and this is for an organisation's
		m.TLP = incident.AmberStrict
	}
	if !slices.Contains(s.Room.Hosts, org) {
		m.Audience = incident.Audience{Kind: incident.ToNamed, Orgs: append([]incident.OrgID{org}, s.Room.Hosts...)}.Normal()
	}
	return m
}

// orgReceives reports whether everyone of an organisation receives an entry.
func (s *scene) orgReceives(o incident.OrgID, m incident.Marking) bool {
	switch m.Audience.Kind {
	case incident.ToRoom:
		return true
	case incident.ToHosts:
		return slices.Contains(s.Room.Hosts, o)
	}
	return slices.Contains(m.Audience.Orgs, o)
}

// via checks how a host was told. Of one's own organisation there is nothing
// to say.
func (s *scene) via(v incident.Via, org incident.OrgID) error {
	switch must := policy.MustSay(s.Asker(), org); {
	case must && !slices.Contains(incident.Vias, v):
		return incident.BadField("via", "This is not your organisation's. Say how it told you: by telephone, by e-mail or in person.")
	case !must && v != "":
		return incident.BadField("via", "This is your own organisation's: nobody told you of it.")
	}
	return nil
}

// aware checks a time of awareness.
func (s *scene) aware(t incident.Instant) error {
	switch {
	case t.IsZero():
		return incident.BadField("aware", "Enter when they became aware of it.")
	case t.After(s.Now.Add(maxAhead)):
		return incident.BadField("aware", "This time has not come yet. Enter when they became aware of it.")
	case s.Now.Sub(t.Time) > longAgo:
		return incident.BadField("aware", "This is more than thirty years ago.")
	}
	return nil
}

// owner checks who is to see to a clock: somebody of the organisation who is
// here, can act for it and receives the entry; 0 is the organisation itself.
func (s *scene) owner(n incident.MemberNo, org incident.OrgID, root incident.Seq, mark incident.Marking) error {
	if n == 0 {
		return nil
	}
	of := s.Room.Numbered(n)
	if !s.knows(n) || of.Org != org {
		return incident.BadField("owner", "M-%d is not someone of %s here.", n, org)
	}
	if !policy.Speaks(of) {
		return incident.BadField("owner", "%s can only read here. Choose somebody who can act for %s.", s.called(n), org)
	}
	if !s.receives(of, root, "clock.started", mark) {
		return incident.BadField("owner", "%s does not receive this entry. Ask a lead to let them read earlier entries, or choose somebody else.", s.called(n))
	}
	return nil
}

// CorrectClock moves the time of awareness.
type CorrectClock struct {
	Root   incident.Seq
	Aware  incident.Instant
	Reason string
	Via    incident.Via
	Seen   incident.Seq
}

func (c CorrectClock) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CorrectClock) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.clock(policy.CorrectClock, c.Root, c.Seen, c.Via)
	if err != nil {
		return nil, err
	}
	if err := s.aware(c.Aware); err != nil {
		return nil, err
	}
	if c.Aware.Equal(o.Statutory.Aware.Time) {
		return nil, incident.BadField("aware", "This is the time that stands there.")
	}
	if err := checkPart("reason", c.Reason, maxReason, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ClockCorrected{Aware: c.Aware, Due: o.Statutory.Statute.Due(c.Aware), Reason: c.Reason, Via: c.Via}, Authority: incident.Authority{Seen: c.Seen}})
}

// HandClock gives it to another of the same organisation.
type HandClock struct {
	Root   incident.Seq
	Owner  incident.MemberNo // 0: whoever speaks for them
	Reason string
	Via    incident.Via
	Seen   incident.Seq
}

func (c HandClock) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c HandClock) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.clock(policy.HandClock, c.Root, c.Seen, c.Via)
	if err != nil {
		return nil, err
	}
	if c.Owner == o.Statutory.Owner {
		return nil, incident.BadField("owner", "It is theirs already.")
	}
	if err := s.owner(c.Owner, o.Statutory.Org, o.Root, o.Marking); err != nil {
		return nil, err
	}
	if err := s.mayName("owner", o.Marking.Audience, o.By.Member, incident.Names{Members: []incident.MemberNo{c.Owner}}); c.Owner != 0 && err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxReason, false); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ClockHanded{Owner: c.Owner, Reason: c.Reason, Via: c.Via}, Authority: incident.Authority{Seen: c.Seen}})
}

// EvidenceClock says that it was done, when, and how one can tell.
type EvidenceClock struct {
	Root      incident.Seq
	Done      incident.Instant // by real time; zero for now
	Reference string           // a regulator gives one
	Note      string
	Cites     []incident.Seq
	Via       incident.Via
	Seen      incident.Seq
}

func (c EvidenceClock) roots() []incident.Seq { return []incident.Seq{c.Root} }
func (c EvidenceClock) cites() []incident.Seq { return c.Cites }

func (c EvidenceClock) decide(s *scene) ([]*incident.Event, error) {
	o, err := s.clock(policy.EvidenceClock, c.Root, c.Seen, c.Via)
	if err != nil {
		return nil, err
	}
	clock, done := o.Statutory, c.Done
	if done.IsZero() {
		done = incident.At(s.Now)
	}
	switch {
	case done.After(s.Now.Add(time.Minute)):
		return nil, incident.BadField("done", "This time has not come yet. Say it once it is done.")
	case done.Before(clock.Aware.Time):
		return nil, incident.BadField("done", "This is before anybody was aware of it. Correct the time of awareness first, if that is wrong.")
	}
	regulator := clock.Statute.Regulator()
	if err := checkLine("reference", c.Reference, maxReference, regulator); err != nil {
		if regulator && strings.TrimSpace(c.Reference) == "" {
			return nil, incident.BadField("reference", "Enter the reference that the regulator gave. If it gave none, say so here.")
		}
		return nil, err
	}
	if err := checkPart("note", c.Note, maxKnown, !regulator); err != nil {
		return nil, err
	}
	cites, err := s.citations("cites", c.Cites)
	if err != nil {
		return nil, err
	}
	late := 0
	if due := clock.Due; !due.IsZero() && done.After(due.Time) {
		late = int((done.Sub(due.Time) + time.Minute - 1) / time.Minute)
	}
	return one(&incident.Event{Root: c.Root, Refs: incident.Refs{Cites: cites}, Authority: incident.Authority{Seen: c.Seen},
		Body: &incident.ClockEvidenced{Done: done, Late: late, Note: c.Note, Reference: strings.TrimSpace(c.Reference), Via: c.Via}})
}

// WithdrawClock says that it need not be told, and why.
type WithdrawClock struct {
	Root   incident.Seq
	Reason string
	Via    incident.Via
	Seen   incident.Seq
}

func (c WithdrawClock) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c WithdrawClock) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.clock(policy.WithdrawClock, c.Root, c.Seen, c.Via); err != nil {
		return nil, err
	}
	if err := checkPart("reason", c.Reason, maxPart, true); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ClockWithdrawn{Reason: c.Reason, Via: c.Via}, Authority: incident.Authority{Seen: c.Seen}})
}

// ChaseClock is a host's reminder.
type ChaseClock struct {
	Root incident.Seq
	Text string // "" for none
}

func (c ChaseClock) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c ChaseClock) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.running(policy.ChaseClock, c.Root, 0); err != nil {
		return nil, err
	}
	if err := checkPart("text", c.Text, maxReason, false); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ClockChased{Text: c.Text}})
}

// clock permits an act of the organisation that owes it, or of a host that was
// told by it, on a clock that runs.
func (s *scene) clock(act policy.Act, root, seen incident.Seq, via incident.Via) (*incident.Object, error) {
	o, err := s.running(act, root, seen)
	if err != nil {
		return nil, err
	}
	return o, s.via(via, o.Statutory.Org)
}

func (s *scene) running(act policy.Act, root, seen incident.Seq) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil || o.Statutory == nil {
		return nil, incident.Missing()
	}
	if err := s.permit(act, o, nil); err != nil {
		return nil, err
	}
	c := o.Statutory
	if !c.Running() {
		return nil, incident.Refuse(incident.Conflict, "Clock %d %s in entry %d. Start another, if there is more to tell.", root, clockIs(c), c.Settled)
	}
	return o, moved(seen, c.Settled, "this clock", clockIs(c))
}

// clockIs says where a clock stands.
func clockIs(c *incident.StatutoryClock) string {
	switch {
	case c.State == incident.ClockIsEvidenced:
		return "was seen to"
	case c.State == incident.ClockIsWithdrawn:
		return "was withdrawn"
	case c.Dated == c.Settled && c.Dated != c.Root:
		return "runs from another time of awareness now"
	}
	return "was handed on"
}

// fireStatutory reminds of a clock.
func fireStatutory(s *scene, t incident.Timer) ([]*incident.Event, error) {
	c := s.Room.StatutoryRoot(t.ID.Root())
	after, over, ok := c.Reminder()
	if !ok {
		return nil, incident.Refuse(incident.Conflict, "Nothing waits for this any more.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ClockReminded{After: int(after / time.Minute), Overdue: over, Step: c.Reminded + 1}})
}

// carryClocks writes anew, in a room's next section, the clocks that ran in the
// one before: the law does not wait for a log. What was said of them stays
// there.
func carryClocks(was *incident.Room, standsFor func(incident.By) incident.By, add func(*incident.Event) incident.Seq) {
	for _, c := range was.Statutory {
		owner := c.Owner
		if !was.Numbered(owner).Present() {
			owner = 0
		}
		add(&incident.Event{By: standsFor(c.By), Marking: &incident.Marking{TLP: c.Sight.TLP, Originator: c.Sight.Org, Audience: c.Sight.Audience},
			Body: &incident.ClockStarted{Aware: c.Aware, Before: c.Root, Due: c.Due, Org: c.Org, Owner: owner, Statute: c.Statute}})
	}
}
