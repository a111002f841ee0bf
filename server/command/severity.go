package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// maxWhy bounds why an assessment was made, asked to be lowered, or not
// lowered.
const maxWhy = 1000

// AssessSeverity sets how severe the actor's organisation holds the incident
// to be on a scale: its first assessment, or one that counts no less than the
// one that stands. It needs nobody else.
type AssessSeverity struct {
	Scale    incident.Scale
	Grade    incident.Grade
	Criteria []string
	Reason   string
	TLP      incident.TLP       // of the reason; "" for the room's
	Audience *incident.Audience // of the reason; nil for the room
	Shown    incident.Seq       `json:",omitempty"` // the newest entry when the asker was shown who receives the reason; 0 if they were not
	Seen     incident.Seq       // 0 for none
	OnCall   []incident.OnCall  `json:"-"` // of the hosts that ToCall names: facts of the system log and the directory
}

func (c AssessSeverity) roots() []incident.Seq { return nil }

func (c AssessSeverity) decide(s *scene) ([]*incident.Event, error) {
	if err := s.assessing(policy.Assess, c.Scale); err != nil {
		return nil, err
	}
	m := s.Asker()
	a := s.Room.Assessment(c.Scale, m.Org)
	if a != nil {
		if err := s.moved(a, c.Seen); err != nil {
			return nil, err
		}
	}
	criteria, err := checkAssessment("", c.Scale, c.Grade, c.Criteria, c.Reason)
	if err != nil {
		return nil, err
	}
	reason, err := s.reason(c.Reason, c.TLP, c.Audience, c.Shown)
	if err != nil {
		return nil, err
	}
	var events []*incident.Event
	next := &incident.Event{Body: &incident.SeverityAssessed{Scale: c.Scale, Grade: c.Grade, Criteria: criteria, Invented: s.Actor.System}}
	if a != nil {
		if !a.Ended && c.Scale.Graver(a.Grade.Counts(c.Scale), c.Grade.Counts(c.Scale)) {
			return nil, incident.BadField("grade", "%s has it at %s. Raising needs nobody; to lower it, give a reason and ask a second person.", a.Org, a.Grade.Words(c.Scale))
		}
		if a.Lowering != nil {
			events = append(events, &incident.Event{Root: a.Root, Body: &incident.SeverityLoweringDropped{}})
		}
		next.Root, next.Body = a.Root, &incident.SeverityReassessed{Grade: c.Grade, Criteria: criteria, Invented: s.Actor.System}
	}
	next.Authority.Seen = c.Seen
	at := s.head + 1 + incident.Seq(len(events))
	root := at
	if a != nil {
		root = a.Root
	}
	events = append(events, next, reason.about(at))
	return append(events, callIn(root, at, ToCall(s.Room, c.Scale, c.Grade), c.OnCall, s.Room.TLP)...), nil
}

// assessing permits an act on the scale. Who is in the room and names no scale
// is told so.
func (s *scene) assessing(act policy.Act, scale incident.Scale) error {
	s.Scale = scale
	err := s.permit(act, nil, nil)
	if err != nil && incident.FaultOf(err) != incident.NotFound && !slices.Contains(incident.Scales, scale) {
		return incident.BadField("scale", "Choose a scale: nhs_level or ncsc_category.")
	}
	return err
}

// checkAssessment checks what is said of a severity, and puts the criteria in
// the scale's order. Fields are named below prefix.
func checkAssessment(prefix string, scale incident.Scale, g incident.Grade, criteria []string, reason string) ([]string, error) {
	if !slices.Contains(incident.Scales, scale) {
		return nil, incident.BadField(prefix+"scale", "Choose a scale: nhs_level or ncsc_category.")
	}
	if err := checkGrade(prefix+"grade", scale, g); err != nil {
		return nil, err
	}
	if err := checkReason(prefix+"reason", reason, true); err != nil {
		return nil, err
	}
	return checkCriteria(prefix+"criteria", scale, criteria)
}

func checkGrade(field string, scale incident.Scale, g incident.Grade) error {
	switch {
	case g.Valid(scale):
		return nil
	case scale.Valid(g.At) && scale.Valid(g.Or):
		return incident.BadField(field, "If you are not sure, choose two neighbours: the graver counts.")
	case scale == incident.NHSLevel:
		return incident.BadField(field, "NHS levels are 1 to 4; 4 is the worst.")
	}
	return incident.BadField(field, "NCSC categories are 1 to 6; 1 is the worst.")
}

func checkCriteria(field string, scale incident.Scale, criteria []string) ([]string, error) {
	known := scale.Criteria()
	for _, c := range criteria {
		if !slices.Contains(known, c) {
			return nil, incident.BadField(field, "Choose from this scale's criteria: %s.", strings.Join(known, ", "))
		}
	}
	met := []string{}
	for _, c := range known {
		if slices.Contains(criteria, c) {
			met = append(met, c)
		}
	}
	return met, nil
}

func checkReason(field, text string, needed bool) error {
	if needed && strings.TrimSpace(text) == "" {
		return incident.BadField(field, "Give the reason, in a sentence or two.")
	}
	return checkText(field, text, maxWhy)
}

// reason is an entry of its own beside what it explains, with a label and an
// audience: the severity is for everyone in the room, why need not be.
type reason struct {
	text     string
	mark     incident.Marking
	shown    incident.Seq
	invented bool
}

func (s *scene) reason(text string, tlp incident.TLP, to *incident.Audience, shown incident.Seq) (*reason, error) {
	m := s.Asker()
	mark := incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: m.Org}
	if tlp != "" {
		mark.TLP = tlp
	}
	if to != nil {
		mark.Audience = *to
	}
	mark, err := s.marking(mark, m.Number, incident.Audience{})
	if err != nil {
		return nil, err
	}
	return &reason{text, mark, shown, s.Actor.System}, s.gained(mark, shown)
}

func (r *reason) about(seq incident.Seq) *incident.Event {
	return r.of(&incident.SeverityReasoned{About: seq, Text: r.text, Invented: r.invented})
}

// of is the entry that says it.
func (r *reason) of(body incident.Body) *incident.Event {
	return &incident.Event{Marking: &r.mark, Authority: incident.Authority{Seen: r.shown}, Body: body}
}

// ToCall lists the hosts that an assessment calls into the room: those that
// belong there at this severity, have nobody in it and nobody invited, and
// were not called for one as grave before.
func ToCall(room *incident.Room, scale incident.Scale, g incident.Grade) (hosts []incident.OrgID) {
	if !scale.Joint(g.Counts(scale)) {
		return nil
	}
	top := room.Operating(scale)
	graver := top == nil || scale.Graver(g.Counts(scale), top.Grade.Counts(scale))
	for _, h := range room.Hosts {
		awaited := slices.ContainsFunc(room.Members, func(m *incident.Member) bool {
			switch m.State {
			case incident.Joined, incident.Invited, incident.Asked, incident.Vouched:
				return m.Org == h
			}
			return false
		})
		if !awaited && (graver || !slices.Contains(room.Called, h)) {
			hosts = append(hosts, h)
		}
	}
	return hosts
}

// callIn says that hosts are called because of an assessment, and invites
// their people on call. A host that has nobody on call is not called: it would
// be said and not be so.
func callIn(root, because incident.Seq, hosts []incident.OrgID, people []incident.OnCall, tlp incident.TLP) (events []*incident.Event) {
	for _, h := range hosts {
		called := false
		for _, p := range people {
			if p.Seat.Org != h {
				continue
			}
			if !called {
				called = true
				events = append(events, &incident.Event{Root: root, Body: &incident.HostCalled{Because: because, Org: h}})
			}
			events = append(events, &incident.Event{Body: &incident.MemberInvited{Seat: p.Seat, Issuer: p.Issuer, Invitation: p.Invitation},
				Marking: &incident.Marking{TLP: tlp, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: h}})
		}
	}
	return events
}

// CallSeat is the seat of someone called in: they see what there is.
func CallSeat(p incident.Person, o incident.Organisation) incident.Seat {
	return incident.Seat{Name: p.Name, Org: o.Code, OrgName: o.Name, ODS: o.ODS, OrgType: o.Type, Role: incident.Liaison, History: incident.Full}
}

// did says what last happened to an assessment.
func did(a *incident.Assessment) string {
	stands := a.Grade.Words(a.Scale)
	if a.Ended {
		stands = "withdrawn"
	}
	var what string
	switch a.Did {
	case "severity.lowering_asked":
		what = "asked to lower it to "
		if a.Lowering.Grade == nil {
			what = "asked to withdraw it; until someone agrees it is "
		} else {
			stands = a.Lowering.Grade.Words(a.Scale)
		}
	case "severity.lowering_refused":
		what = "refused to lower it; it stays "
	case "severity.lowering_dropped":
		what = "took the question back; it stays "
	default:
		what = "set it: it is now "
	}
	return fmt.Sprintf("Entry %d %s%s.", a.Last, what, stands)
}

// moved refuses what was decided on an older view of an assessment; seen is
// the last entry on the actor's screen, 0 for none.
func (s *scene) moved(a *incident.Assessment, seen incident.Seq) error {
	if seen > s.head {
		return incident.BadField("seen", "There is no entry %d yet.", seen)
	}
	if seen != 0 && a.Last > seen {
		return incident.Refuse(incident.Conflict, "%s's assessment has changed since you looked. %s Read it, then decide again.", a.Org, did(a))
	}
	return nil
}

// looked is moved for what must say what was seen. Exercise control reads the
// room as it stands.
func (s *scene) looked(a *incident.Assessment, seen incident.Seq) error {
	if seen == 0 && !s.Actor.System {
		return incident.BadField("seen", "Say which entry was the last on the screen.")
	}
	return s.moved(a, seen)
}

// AskLowering asks for a lower grade of the actor's organisation's assessment,
// or, with no grade, for it to be withdrawn. Nothing changes until a second
// person agrees.
type AskLowering struct {
	Scale    incident.Scale
	Grade    *incident.Grade // nil to withdraw
	Criteria []string
	Reason   string
	TLP      incident.TLP
	Audience *incident.Audience
	Shown    incident.Seq `json:",omitempty"`
	Seen     incident.Seq
}

func (c AskLowering) roots() []incident.Seq { return nil }

func (c AskLowering) decide(s *scene) ([]*incident.Event, error) {
	if err := s.assessing(policy.Lower, c.Scale); err != nil {
		return nil, err
	}
	m := s.Asker()
	a := s.Room.Assessment(c.Scale, m.Org)
	if a == nil || a.Ended && (c.Seen == 0 || a.Last <= c.Seen) {
		return nil, incident.Refuse(incident.Conflict, "No assessment of %s stands on this scale, so there is none to lower.", m.Org)
	}
	if a.Lowering != nil {
		return nil, incident.Refuse(incident.Conflict, "A lowering waits for a second person already. %s Take it back first, or wait for the answer.", did(a))
	}
	if err := s.looked(a, c.Seen); err != nil {
		return nil, err
	}
	body := &incident.SeverityLoweringAsked{Tier: m.Tier(), Invented: s.Actor.System}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	if c.Grade != nil {
		if err := checkGrade("grade", c.Scale, *c.Grade); err != nil {
			return nil, err
		}
		if !c.Scale.Graver(a.Grade.Counts(c.Scale), c.Grade.Counts(c.Scale)) {
			return nil, incident.BadField("grade", "%s has it at %s, and this is no lower. Record it as an assessment: that needs nobody else.", a.Org, a.Grade.Words(c.Scale))
		}
		criteria, err := checkCriteria("criteria", c.Scale, c.Criteria)
		if err != nil {
			return nil, err
		}
		g := *c.Grade
		body.Grade, body.Criteria = &g, criteria
	} else if len(c.Criteria) > 0 {
		return nil, incident.BadField("criteria", "What is withdrawn meets no criteria. Leave them out.")
	}
	why, err := s.reason(c.Reason, c.TLP, c.Audience, c.Shown)
	if err != nil {
		return nil, err
	}
	asked := &incident.Lowering{By: member(m), Tier: body.Tier}
	if can := s.mayAgree(asked); len(can) > 0 && !slices.ContainsFunc(can, why.mark.Audience.Includes) {
		return nil, incident.BadField("audience", "Nobody of those who may agree would receive the reason. Add one of them: %s.", names(can))
	}
	return []*incident.Event{{Root: a.Root, Body: body, Authority: incident.Authority{Seen: c.Seen}}, why.about(s.head + 1)}, nil
}

// mayAgree lists who in the room may agree to a lowering.
func (s *scene) mayAgree(asked *incident.Lowering) (list []*incident.Member) {
	for _, m := range s.Room.Members {
		if policy.MayAgree(s.Room, m, asked) {
			list = append(list, m)
		}
	}
	return list
}

// names lists people; they are hosts', whom everyone in a room knows.
func names(list []*incident.Member) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = fmt.Sprintf("%s (%s)", m.Seat.Name, m.Org)
	}
	return strings.Join(words, ", ")
}

// answering permits the second person's answer to a question about the
// assessment that began at root.
func (s *scene) answering(root, seen incident.Seq) (*incident.Assessment, error) {
	a, err := s.question(root)
	if err != nil {
		return nil, err
	}
	s.Asked = a.Lowering
	if err := s.permit(policy.AgreeLowering, nil, nil); err != nil {
		if incident.FaultOf(err) == incident.Forbidden && s.Asker().Host {
			return nil, s.wrongSecond(a.Lowering, err)
		}
		return nil, err
	}
	return a, s.looked(a, seen)
}

// question returns the assessment that began at root, about which a lowering
// is asked.
func (s *scene) question(root incident.Seq) (*incident.Assessment, error) {
	if s.Room == nil || s.empty || !s.Asker().Present() {
		return nil, incident.Missing()
	}
	a := s.Room.AssessmentRoot(root)
	if a == nil {
		return nil, incident.Missing()
	}
	if a.Lowering == nil {
		return nil, incident.Refuse(incident.Conflict, "No lowering waits for an answer here. %s", did(a))
	}
	return a, nil
}

// wrongSecond says who may agree, to someone who may not.
func (s *scene) wrongSecond(asked *incident.Lowering, err error) error {
	m := s.Asker()
	if s.Room.Rules != nil && m.Rules < s.Room.Rules.Version || m.Role != incident.Liaison && !m.Leads() {
		return err // it is not the tier that keeps them
	}
	why := fmt.Sprintf("This was asked at the %s tier, and you are at the %s tier. A second person one tier up must agree.", asked.Tier, m.Tier())
	if asked.Tier == incident.Strategic {
		why = "This was asked at the strategic tier. Another at the strategic tier must agree, or someone of the other host."
	}
	if of := s.Room.Numbered(asked.By.Member); of != nil && of.Person == m.Person {
		why = "You asked for this yourself. A second person must agree."
	}
	who := "Nobody here can yet: a lead gives somebody the tier."
	if can := s.mayAgree(asked); len(can) > 0 {
		who = "Who can: " + names(can) + "."
	}
	return incident.Refuse(incident.Forbidden, "%s %s", why, who)
}

// AgreeLowering lowers the assessment that began at Root as was asked.
type AgreeLowering struct {
	Root incident.Seq
	Seen incident.Seq
}

func (c AgreeLowering) roots() []incident.Seq { return nil }

func (c AgreeLowering) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.answering(c.Root, c.Seen); err != nil {
		return nil, err
	}
	if !s.Actor.SteppedUp(s.Now) {
		return nil, incident.Refuse(incident.StepUp, "Agreeing to a lower severity needs your second factor again. It covers the next hour.")
	}
	e := &incident.Event{Root: c.Root, Body: &incident.SeverityLoweringAgreed{}, Authority: incident.Authority{Seen: c.Seen}}
	if !s.Actor.StepUp.IsZero() {
		e.Authority.StepUp = incident.At(s.Actor.StepUp)
	}
	return one(e)
}

// RefuseLowering leaves the assessment where it stands.
type RefuseLowering struct {
	Root     incident.Seq
	Reason   string // "" for none
	TLP      incident.TLP
	Audience *incident.Audience
	Shown    incident.Seq `json:",omitempty"`
	Seen     incident.Seq
}

func (c RefuseLowering) roots() []incident.Seq { return nil }

func (c RefuseLowering) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.answering(c.Root, c.Seen); err != nil {
		return nil, err
	}
	events := []*incident.Event{{Root: c.Root, Body: &incident.SeverityLoweringRefused{}, Authority: incident.Authority{Seen: c.Seen}}}
	if c.Reason == "" {
		return events, nil
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	why, err := s.reason(c.Reason, c.TLP, c.Audience, c.Shown)
	if err != nil {
		return nil, err
	}
	return append(events, why.about(s.head+1)), nil
}

// DropLowering takes the question back: anyone may who may assess for the
// organisation that asked.
type DropLowering struct {
	Root incident.Seq
	Seen incident.Seq
}

func (c DropLowering) roots() []incident.Seq { return nil }

func (c DropLowering) decide(s *scene) ([]*incident.Event, error) {
	a, err := s.question(c.Root)
	if err != nil {
		return nil, err
	}
	if err := s.assessing(policy.Lower, a.Scale); err != nil {
		return nil, err
	}
	if m := s.Asker(); m.Org != a.Org {
		return nil, incident.Refuse(incident.Forbidden, "%s asked for this. You can agree to it or refuse it, if you are the second person.", a.Org)
	}
	if err := s.looked(a, c.Seen); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.SeverityLoweringDropped{}, Authority: incident.Authority{Seen: c.Seen}})
}

// assessors checks who is to assess severity on which scale, and puts them in
// a fixed order.
func (s *scene) assessors(list []incident.Assessor, hosts []incident.OrgID) ([]incident.Assessor, error) {
	seen := map[incident.OrgID]bool{}
	for _, a := range list {
		o, ok := s.system.Orgs[a.Org]
		switch {
		case !ok || s.system.Closed[a.Org]:
			return nil, incident.BadField("assessors", "%s is not an open organisation on the books.", a.Org)
		case !slices.Contains(incident.Scales, a.Scale):
			return nil, incident.BadField("assessors", "The scales are nhs_level and ncsc_category.")
		case a.Scale == incident.NHSLevel && !slices.Contains(hosts, a.Org):
			return nil, incident.BadField("assessors", "NHS levels are set by one of the hosts; %s is none.", a.Org)
		case a.Scale == incident.NCSCCategory && !slices.Contains(hosts, a.Org) && o.Type != incident.Police:
			return nil, incident.BadField("assessors", "Only NCSC and law enforcement have authority to categorise; %s is neither.", a.Org)
		case seen[a.Org]:
			return nil, incident.BadField("assessors", "%s is named twice: an organisation assesses on one of the two scales.", a.Org)
		}
		seen[a.Org] = true
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b incident.Assessor) int {
		return cmp.Or(cmp.Compare(slices.Index(incident.Scales, a.Scale), slices.Index(incident.Scales, b.Scale)), cmp.Compare(a.Org, b.Org))
	})
	return list, nil
}

// maxOnCall bounds who is called into a room at once.
const maxOnCall = 20

// onCall checks that everyone to be called in is one of the hosts' people.
func (s *scene) onCall(list []incident.PersonID, hosts []incident.OrgID) ([]incident.PersonID, error) {
	if len(list) > maxOnCall {
		return nil, incident.BadField("onCall", "At most %d people are called at once.", maxOnCall)
	}
	for i, id := range list {
		if !s.callable(id, hosts) {
			return nil, incident.BadField("onCall", "Choose from the two hosts' people.")
		}
		if slices.Contains(list[:i], id) {
			return nil, incident.BadField("onCall", "%s is named twice.", s.system.People[id].Name)
		}
	}
	return slices.Clone(list), nil
}

func (s *scene) callable(id incident.PersonID, hosts []incident.OrgID) bool {
	p, ok := s.system.People[id]
	return ok && !p.Suspended && slices.ContainsFunc(p.Orgs, func(o incident.OrgID) bool { return slices.Contains(hosts, o) })
}

// opening checks the severity a room is to open with.
func (s *scene) opening(o incident.Opening, by incident.OrgID) (*incident.Opening, error) {
	criteria, err := checkAssessment("severity.", o.Scale, o.Grade, o.Criteria, o.Reason)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(s.system.Assessors, incident.Assessor{Org: by, Scale: o.Scale}) {
		return nil, incident.BadField("severity.scale", "%s does not assess severity on this scale.", by)
	}
	o.Criteria = criteria
	return &o, nil
}

// openingEvents are the entries of the severity a room opens with; first is
// the number of the first of them.
func openingEvents(r *incident.RoomRegistered, by incident.By, first incident.Seq) []*incident.Event {
	o := r.Severity
	room := incident.Marking{TLP: r.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: by.Org}
	events := []*incident.Event{{Body: &incident.SeverityAssessed{Scale: o.Scale, Grade: o.Grade, Criteria: o.Criteria}},
		(&reason{text: o.Reason, mark: room}).about(first)}
	var hosts []incident.OrgID
	if o.Scale.Joint(o.Grade.Counts(o.Scale)) {
		for _, h := range r.Hosts {
			if h != by.Org {
				hosts = append(hosts, h)
			}
		}
	}
	events = append(events, callIn(first, first, hosts, r.Called, r.TLP)...)
	for _, e := range events {
		e.By = by
	}
	return events
}
