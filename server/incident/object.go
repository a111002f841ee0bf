package incident

import "slices"

// Object is the fold of one root's events: what a command that names the root
// needs to know of it. Only roots a command names are loaded.
type Object struct {
	Root    Seq
	Kind    Kind
	By      By
	Marking Marking  // as it stands now
	Before  *Marking // what it was before it was withheld; nil when it is not
	Body    Body     // as last corrected
	Said    Seq      // of messages and items: the entry that Body stands in, as it was last corrected
	Noted   []MemberNo
	Pinned  bool
	Names   Names // whom any of its entries names; they all stay legible

	Erased   bool  // what began it was erased: Body is empty
	Recalled Seq   // the entry by which its originator recalled it; 0 for none
	Merged   []Seq // of items: those merged into this one
	Absorbed Seq   // of items: the one it was merged into; 0 for none

	Decision *Decision       // of decisions only
	Action   *Action         // of actions only
	Export   *Export         // of exports only
	Asked    *ReleaseRequest // of requests for release only

	Promotion *Promotion // of promotions only

	Escalation *Escalation // of escalations only

	Statutory *StatutoryClock // of statutory clocks only
	Handover  *Handover       // of handovers only
	Broadcast *Broadcast      // of broadcasts only
}

// Names are the members and organisations that an object's entries name, in
// an audience, a mention or a part of the record, whatever stands there now.
type Names struct {
	Members []MemberNo
	Orgs    []OrgID
}

func (n *Names) audience(m *Marking) {
	if m != nil {
		n.Members, n.Orgs = append(slices.Clip(n.Members), m.Audience.Members...), append(slices.Clip(n.Orgs), m.Audience.Orgs...)
	}
}

func (n *Names) mention(list []MemberNo) { n.Members = append(slices.Clip(n.Members), list...) }

// record takes in whom an entry of the record names: a decision-maker, whom an
// action is for, for whom a book is kept; and who took a step about it, which
// those who read the object later are told too.
func (n *Names) record(e *Event) {
	if e.Kind.InRecord() && !e.IsRoot() && e.By.Member != 0 {
		n.mention([]MemberNo{e.By.Member})
	}
	one := func(m MemberNo) {
		if m != 0 {
			n.mention([]MemberNo{m})
		}
	}
	switch b := e.Body.(type) {
	case *DecisionProposed:
		one(b.Maker)
	case *DecisionRecorded:
		one(b.Verdict.Maker)
	case *DecisionTaken:
		one(b.Verdict.Maker)
	case *ActionRaised:
		n.assignee(b.For)
	case *ActionHanded:
		n.assignee(b.For)
	case *BookOpened:
		one(b.Maker)
	case *EscalationRequested:
		for _, step := range b.Chain {
			one(step.Member)
		}
	case *ClockStarted:
		n.assignee(Assignee{Member: b.Owner, Org: b.Org})
	case *ClockHanded:
		one(b.Owner)
	case *MeetingHeld:
		n.mention(b.Members)
	case *HandoverSigned:
		one(b.To)
	case *ReleaseRequested:
		if b.Audience != nil {
			n.Members, n.Orgs = append(slices.Clip(n.Members), b.Audience.Members...), append(slices.Clip(n.Orgs), b.Audience.Orgs...)
		}
	}
}

func (n *Names) assignee(a Assignee) {
	n.Orgs = append(slices.Clip(n.Orgs), a.Org)
	if a.Member != 0 {
		n.mention([]MemberNo{a.Member})
	}
}

// FoldObject folds a root's events, in order; nil for none.
func FoldObject(events []*Event) *Object {
	var o *Object
	for _, e := range events {
		if e.IsRoot() {
			o = &Object{Root: e.Seq, Kind: e.Kind, By: e.By, Body: e.Body, Said: e.Seq, Erased: e.BodyErased()}
			if e.Marking != nil {
				o.Marking = *e.Marking
			}
			o.applyRecord(e)
			o.Names.audience(e.Marking)
			o.Names.record(e)
			if b, ok := e.Body.(*MessagePosted); ok {
				o.Names.mention(b.Mentions)
			}
			continue
		}
		if o != nil {
			o.Apply(e)
		}
	}
	return o
}

// Apply folds one more event of the object.
func (o *Object) Apply(e *Event) {
	o.applyRecord(e)
	o.applyItem(e)
	o.Names.audience(e.Marking)
	o.Names.record(e)
	switch b := e.Body.(type) {
	case *MessageCorrected:
		o.Names.mention(b.Mentions)
		if was, ok := o.Body.(*MessagePosted); ok {
			next := *was
			next.Text, next.Mentions = b.Text, b.Mentions
			o.Body, o.Said = &next, e.Seq
		}
	case *LogEntryCorrected:
		if was, ok := o.Body.(*LogEntryWritten); ok {
			next := *was
			next.Text = b.Text
			o.Body = &next
		}
	case *SitrepCorrected:
		if was, ok := o.Body.(*SitrepFiled); ok {
			o.Body = &SitrepFiled{AsAt: b.AsAt, Situation: b.Situation, Impact: b.Impact, Actions: b.Actions, Forecast: b.Forecast, Invented: was.Invented}
		}
	case *ReportUpdated:
		o.Body = &ReportGiven{Methane: b.Methane}
	case *EntryNoted:
		o.Noted = append(slices.Clip(o.Noted), e.By.Member)
	case *EntryPinned:
		o.Pinned = true
	case *EntryUnpinned:
		o.Pinned = false
	case *AudienceTightened, *AudienceWidened:
		o.Marking = *e.Marking
	case *AudienceWithheld:
		was := o.Marking
		o.Before = &was
		o.Marking = *e.Marking
	case *AudienceRestored:
		o.Marking, o.Before = *e.Marking, nil
	case *EntryRecalled:
		o.Marking, o.Before, o.Recalled = *e.Marking, nil, e.Seq
	}
}

// applyRecord folds what decisions, actions, exports and requests are made of.
func (o *Object) applyRecord(e *Event) {
	switch {
	case o.Kind.IsDecision():
		o.Decision = applyDecision(o.Decision, e)
	case o.Kind == "action.raised":
		o.Action = applyAction(o.Action, e)
	case o.Kind == "export.requested":
		o.Export = applyExport(o.Export, e)
	case o.Kind == "release.requested":
		o.Asked = applyReleaseRequest(o.Asked, e)
	case o.Kind == "promotion.asked":
		o.Promotion = applyPromotion(o.Promotion, e)
	case o.Kind == "escalation.requested":
		o.Escalation = applyEscalation(o.Escalation, e)
	case o.Kind == "clock.started":
		o.Statutory = applyStatutory(o.Statutory, e)
	case o.Kind == "handover.signed":
		o.Handover = applyHandover(o.Handover, e)
	case o.Kind == "broadcast.asked":
		o.Broadcast = applyBroadcast(o.Broadcast, e)
	}
}

// Sight is what is known, without opening anything, of who may see an entry:
// its root's kind, and the root's marking as it stands at the head. It is
// made of ids, enums and numbers only.
type Sight struct {
	Root     Seq
	Kind     Kind
	Author   MemberNo
	TLP      TLP
	Org      OrgID // originator
	Audience Audience
	Recorded bool // opening it is recorded
	Recalled bool // by its originator, for good
}

// SightOf returns the sight of a root from the event that began it.
func SightOf(e *Event) Sight {
	s := Sight{Root: e.Seq, Kind: e.Kind, Author: e.By.Member}
	if e.Marking != nil {
		s.mark(e.Marking)
	} else if e.Kind.Standing() {
		s.Audience = Audience{Kind: ToRoom}
	}
	return s
}

// Sight returns the sight of the object's root, as it stands.
func (o *Object) Sight() Sight {
	s := Sight{Root: o.Root, Kind: o.Kind, Author: o.By.Member, Recalled: o.Recalled != 0}
	s.mark(&o.Marking)
	return s
}

func (s *Sight) mark(m *Marking) {
	s.TLP, s.Org, s.Audience, s.Recorded = m.TLP, m.Originator, m.Audience, m.Recorded
}

// Apply moves the sight on when an event changes the root's marking; it
// reports whether it did.
func (s *Sight) Apply(e *Event) bool {
	if e.Root != s.Root || e.IsRoot() || e.Marking == nil {
		return false
	}
	s.mark(e.Marking)
	if _, ok := e.Body.(*EntryRecalled); ok {
		s.Recalled = true
	}
	return true
}
