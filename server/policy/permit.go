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
	Continue  Act = "continue" // in a new section, from one that was broken off
	Judge     Act = "judge"    // the section before
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

	Assess          Act = "assess"
	Lower           Act = "lower" // ask for it, or take the question back
	AgreeLowering   Act = "agree-lowering"
	SetTier         Act = "tier"
	ProposeDecision Act = "propose-decision"
	RecordDecision  Act = "record-decision"
	AddToDecision   Act = "add-to-decision"
	ConfirmDecision Act = "confirm-decision"
	DisputeDecision Act = "dispute-decision"
	ReviewDecision  Act = "review-decision"
	RaiseAction     Act = "raise-action"
	AcceptAction    Act = "accept-action"
	DeclineAction   Act = "decline-action"
	FinishAction    Act = "finish-action"
	HandAction      Act = "hand-action"
	ChaseAction     Act = "chase-action"
	WithdrawAction  Act = "withdraw-action"
	OpenBook        Act = "open-book"
	AgreeBook       Act = "agree-book"
	CloseBook       Act = "close-book"
	WriteLogEntry   Act = "write-log-entry"
	CorrectLogEntry Act = "correct-log-entry"

	PublishItem     Act = "publish-item"
	CorrectItem     Act = "correct-item"
	MergeItem       Act = "merge-item"
	PublishTearline Act = "publish-tearline"
	MarkSighting    Act = "mark-sighting"
	Recall          Act = "recall"
	RequestRelease  Act = "request-release"
	AnswerRelease   Act = "answer-release" // asked of the entry that is to be released
	AgreeRed        Act = "agree-red"      // to lower TLP:RED, as the second person; asked of that entry
	ExportIntel     Act = "export-intel"   // which items is MayShare's
	OpenFeed        Act = "open-feed"
	CloseFeed       Act = "close-feed"

	RequestExport  Act = "request-export"
	AgreeExport    Act = "agree-export"
	RefuseExport   Act = "refuse-export"
	RedactExport   Act = "redact-export"
	AnswerExport   Act = "answer-export" // which entries they answer for is MayRelease's
	ApproveExport  Act = "approve-export"
	WithdrawExport Act = "withdraw-export"
	TakeExport     Act = "take-export"
	ReadDesk       Act = "read-desk"   // the auditor's desk: timeline, lists, chart of a room
	AskKnown       Act = "ask-known"   // who could see, was given and opened what, and when
	ReadAccess     Act = "read-access" // the room's access log
	SetRetention   Act = "set-retention"
	PlaceHold      Act = "place-hold"
	LiftHold       Act = "lift-hold"
	AskErasure     Act = "ask-erasure"
	PostVeiled     Act = "post-veiled" // saying only of what type one's organisation is

	OpenCell        Act = "open-cell"     // a side room beside this one
	SeatMember      Act = "seat"          // from the main room, into this side room
	AskPromotion    Act = "ask-promotion" // of an entry of this side room, to the main room
	AnswerPromotion Act = "answer-promotion"
	AgreeErasure    Act = "agree-erasure"

	AssignPost      Act = "assign-post"
	AcknowledgePost Act = "acknowledge-post"
	ReleasePost     Act = "release-post"
	AssumePost      Act = "assume-post" // without anybody's consent

	RequestEscalation   Act = "request-escalation"
	AcceptEscalation    Act = "accept-escalation"
	RefuseEscalation    Act = "refuse-escalation"
	WithdrawEscalation  Act = "withdraw-escalation"
	ActEscalation       Act = "act-escalation" // without approval, once nobody answered
	StandDownEscalation Act = "stand-down-escalation"

	StartClock     Act = "start-clock" // that runs by a statute; whose is MayKeepClock's
	CorrectClock   Act = "correct-clock"
	HandClock      Act = "hand-clock"
	EvidenceClock  Act = "evidence-clock"
	WithdrawClock  Act = "withdraw-clock"
	ChaseClock     Act = "chase-clock"
	BriefMinisters Act = "brief-ministers"
	SetCadence     Act = "set-cadence"
	HoldMeeting    Act = "hold-meeting" // write down one that was held
	PutOffMeeting  Act = "put-off-meeting"
	FileSitrep     Act = "file-sitrep"
	CorrectSitrep  Act = "correct-sitrep"
	GiveUpdate     Act = "give-update"
	SnoozeUpdate   Act = "snooze-update"
	RequestUpdate  Act = "request-update"

	SignHandover      Act = "sign-handover"
	AcceptHandover    Act = "accept-handover"
	DeclineHandover   Act = "decline-handover"
	WithdrawHandover  Act = "withdraw-handover"
	BringReport       Act = "bring-report" // one that was filed, into the room
	LinkRoom          Act = "link-room"
	UnlinkRoom        Act = "unlink-room"
	AskBroadcast      Act = "ask-broadcast" // that organisations be written to, by text message and e-mail
	ApproveBroadcast  Act = "approve-broadcast"
	SendAlone         Act = "send-alone" // on one person's word, once the other host had its time
	RefuseBroadcast   Act = "refuse-broadcast"
	WithdrawBroadcast Act = "withdraw-broadcast"
	StopBroadcast     Act = "stop-broadcast"
	ReadBroadcast     Act = "read-broadcast" // who of whom was reached; retrying is AskBroadcast's

	RefuseErasure Act = "refuse-erasure"
	DropErasure   Act = "drop-erasure"
)

// Scene is what a judgement rests on: the room as it stands, who asks, and
// what they ask it of. Object and Target are nil where the act has none.
type Scene struct {
	Room    *incident.Room
	Actor   incident.Actor
	Object  *incident.Object // the entry the act is about
	Target  *incident.Member // the membership the act is about
	Scale   incident.Scale   // the scale the act is about
	Asked   *incident.Lowering
	Book    *incident.Book
	Post    incident.Post            // the post the act is about
	Tenure  *incident.Tenure         // whose time in a post the act is about
	Red     *incident.ReleaseRequest // the question to lower TLP:RED the act is about
	Hold    *incident.Hold           // the hold the act is about
	Erasure *incident.Erasure        // the question the act is about
	Now     time.Time
}

// Asker returns the actor's membership.
func (s *Scene) Asker() *incident.Member { return s.Room.Member(s.Actor.Person) }

// party is someone by what they have to do with the object.
type party uint8

const (
	nobodyInParticular party = iota
	assessor                 // whose organisation may assess on the scale
	second                   // a second person, one tier up from who asked
	maker                    // the decision-maker
	assignee                 // whom the action is for
	keeper                   // the loggist who keeps the book
	subject                  // the decision-maker it is kept for
	releaser                 // a second person: neither who asked for the export nor who had a hand in what it leaves out
	lifter                   // of the other host than placed the hold
	approver                 // a person who neither asked nor agreed, of a host that has not agreed
	other                    // of the organisation asked to agree, and not who asked
	holder                   // who was given the post
	assumer                  // the post's deputy, or a tier above
	authority                // who may take what an escalation asks for
	outgoing                 // who may hand the post over
	incoming                 // to whom it is handed over
	consenter                // who speaks for the organisation whose side room it is
	owing                    // who speaks for the organisation that owes it, or a host for it
	counterpart              // somebody else, of another host than who asked for the broadcast
)

// rule says who may do an act.
type rule struct {
	roles    []incident.Role // who; nil for every member
	author   bool            // or whoever wrote the object
	or       party           // or this one
	only     party           // and of those, this one alone
	origin   bool            // only members of the object's originator
	closed   bool            // also when the room is closed
	exercise bool            // only in an exercise
	unread   bool            // even before accepting the newest handling rules
	where    place           // in which rooms
	hidden   bool            // to guests there is no such thing
}

// place is the rooms an act belongs to.
type place uint8

const (
	anywhere place = iota
	mainRoom       // not in a side room: what it has of this is the main room's
	sideRoom       // only in a side room
)

var (
	leads   = []incident.Role{incident.Lead, incident.Deputy}
	writers = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison, incident.Loggist, incident.Comms, incident.Representative}
	hosts   = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison}
	onlyRep = []incident.Role{incident.Representative}
	staff   = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison, incident.Loggist, incident.Comms}
	keepers = []incident.Role{incident.Lead, incident.Deputy, incident.Loggist}
	raters  = []incident.Role{incident.Lead, incident.Deputy, incident.Liaison, incident.Representative} // the last: law enforcement's
	askers  = []incident.Role{incident.Lead, incident.Deputy, incident.Auditor}                          // of an export
	readers = []incident.Role{incident.Auditor, incident.Lead, incident.Deputy}
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
	Continue:  {roles: leads, closed: true, unread: true},
	Judge:     {roles: hosts, closed: true},
	SetRules:  {roles: leads},
	SetClock:  {roles: leads, exercise: true},
	Accept:    {closed: true, unread: true},
	Leave:     {closed: true, unread: true},
	Invite:    {roles: hosts, where: mainRoom},
	Propose:   {roles: onlyRep, where: mainRoom},
	Admit:     {roles: leads},
	Vouch:     {roles: hosts},
	Withdraw:  {roles: hosts, closed: true},
	Remove:    {roles: leads, closed: true},
	Change:    {roles: leads, where: mainRoom},
	Grant:     {roles: leads},
	Ring:      {roles: hosts, closed: true},

	Assess:          {roles: raters, only: assessor},
	Lower:           {roles: raters, only: assessor},
	AgreeLowering:   {roles: hosts, only: second},
	SetTier:         {roles: leads},
	ProposeDecision: {roles: writers},
	RecordDecision:  {roles: writers},
	AddToDecision:   {roles: writers},
	ConfirmDecision: {only: maker},
	DisputeDecision: {only: maker},
	ReviewDecision:  {roles: leads, or: maker},
	RaiseAction:     {roles: writers},
	AcceptAction:    {only: assignee},
	DeclineAction:   {only: assignee},
	FinishAction:    {only: assignee},
	HandAction:      {only: assignee},
	ChaseAction:     {roles: staff},
	WithdrawAction:  {roles: leads, author: true},
	OpenBook:        {roles: keepers},
	AgreeBook:       {only: subject},
	CloseBook:       {roles: leads, or: keeper},
	WriteLogEntry:   {roles: keepers, only: keeper},
	CorrectLogEntry: {roles: nobody, author: true},

	PublishItem:     {roles: writers},
	CorrectItem:     {roles: writers, origin: true},
	MergeItem:       {roles: writers, origin: true},
	PublishTearline: {roles: writers, origin: true},
	MarkSighting:    {roles: writers},
	Recall:          {roles: writers, origin: true, closed: true},
	RequestRelease:  {},
	AnswerRelease:   {roles: writers, origin: true},
	AgreeRed:        {roles: writers, only: other},
	ExportIntel:     {closed: true},
	OpenFeed:        {roles: leads},
	CloseFeed:       {roles: leads, closed: true},

	RequestExport:  {roles: askers, closed: true},
	AgreeExport:    {roles: hosts, closed: true},
	RefuseExport:   {roles: hosts, closed: true},
	RedactExport:   {roles: hosts, author: true, closed: true},
	AnswerExport:   {roles: writers, closed: true},
	ApproveExport:  {roles: hosts, only: releaser, closed: true},
	WithdrawExport: {roles: leads, author: true, closed: true},
	TakeExport:     {roles: hosts, author: true, closed: true},
	ReadDesk:       {roles: readers, closed: true, unread: true},
	AskKnown:       {roles: readers, closed: true, unread: true},
	ReadAccess:     {roles: readers, closed: true, unread: true},
	SetRetention:   {roles: leads, closed: true},
	PlaceHold:      {roles: hosts, closed: true},
	LiftHold:       {roles: leads, only: lifter, closed: true},
	AskErasure:     {roles: leads, closed: true},
	AgreeErasure:   {roles: hosts, only: approver, closed: true},
	RefuseErasure:  {roles: hosts, closed: true},
	DropErasure:    {roles: leads, closed: true},
	PostVeiled:     {roles: onlyRep, where: mainRoom},

	AssignPost:          {roles: leads},
	AcknowledgePost:     {only: holder},
	ReleasePost:         {roles: leads, or: holder},
	AssumePost:          {only: assumer},
	RequestEscalation:   {roles: writers, where: mainRoom},
	AcceptEscalation:    {only: authority},
	RefuseEscalation:    {only: authority},
	WithdrawEscalation:  {roles: leads, author: true},
	ActEscalation:       {roles: nobody, author: true},
	StandDownEscalation: {roles: leads, author: true, or: authority},

	StartClock:     {roles: writers},
	CorrectClock:   {only: owing},
	HandClock:      {only: owing},
	EvidenceClock:  {only: owing},
	WithdrawClock:  {only: owing},
	ChaseClock:     {roles: staff},
	BriefMinisters: {roles: staff, where: mainRoom},
	SetCadence:     {roles: leads, where: mainRoom},
	HoldMeeting:    {roles: staff, where: mainRoom},
	PutOffMeeting:  {roles: leads, where: mainRoom},
	FileSitrep:     {roles: writers, where: mainRoom},
	CorrectSitrep:  {roles: writers, origin: true, where: mainRoom},
	GiveUpdate:     {roles: staff, where: mainRoom},
	SnoozeUpdate:   {roles: leads, where: mainRoom},
	RequestUpdate:  {where: mainRoom},

	SignHandover:      {only: outgoing, where: mainRoom},
	AcceptHandover:    {only: incoming, where: mainRoom},
	DeclineHandover:   {only: incoming, where: mainRoom},
	WithdrawHandover:  {roles: leads, author: true, where: mainRoom},
	BringReport:       {roles: leads, where: mainRoom},
	LinkRoom:          {roles: leads, where: mainRoom},
	UnlinkRoom:        {roles: leads, where: mainRoom},
	AskBroadcast:      {roles: hosts, where: mainRoom, hidden: true},
	ApproveBroadcast:  {roles: hosts, only: counterpart, where: mainRoom, hidden: true},
	SendAlone:         {roles: leads, where: mainRoom, hidden: true},
	RefuseBroadcast:   {roles: hosts, only: counterpart, where: mainRoom, hidden: true},
	WithdrawBroadcast: {roles: leads, author: true, where: mainRoom, hidden: true},
	StopBroadcast:     {roles: hosts, where: mainRoom, hidden: true},
	ReadBroadcast:     {roles: staff, where: mainRoom, hidden: true, closed: true},

	OpenCell:        {roles: leads, where: mainRoom},
	SeatMember:      {roles: leads, where: sideRoom},
	AskPromotion:    {roles: leads, where: sideRoom},
	AnswerPromotion: {only: consenter, where: sideRoom},
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
	if s.Object != nil && !May(s.Room, m, sightOf(s.Object)) && !(act == Recall && hadBeforeWithheld(s.Room, m, s.Object)) {
		return incident.Missing()
	}
	if s.Book != nil && !May(s.Room, m, s.Book.Sight()) {
		return incident.Missing()
	}
	if s.Erasure != nil && !May(s.Room, m, s.Erasure.Sight()) {
		return incident.Missing()
	}
	if s.Object != nil && s.Object.Erased && (act == Correct || act == CorrectLogEntry || act == AddToDecision || act == CorrectItem || act == CorrectSitrep) {
		return incident.Refuse(incident.Conflict, "What this said was erased. Say it in an entry of its own.")
	}
	if s.Target != nil && SeesMember(s.Room, m, s.Target) == Stub {
		return incident.Missing()
	}
	if err := byCodes(act, s); err != nil {
		return err
	}
	r, ok := rules[act]
	if !ok {
		return incident.Refuse(incident.Forbidden, "Nobody may do this.")
	}
	if r.hidden && !m.Host {
		return incident.Missing()
	}
	if r.exercise && s.Room.Mode != incident.ModeExercise {
		return incident.Refuse(incident.Forbidden, "Only an exercise has a clock of its own.")
	}
	if r.where == mainRoom && s.Room.Cell != nil {
		return incident.Refuse(incident.Forbidden, "This is done in the main room.")
	}
	if r.where == sideRoom && s.Room.Cell == nil {
		return incident.Refuse(incident.Forbidden, "Only in a side room is there something to bring to the main room.")
	}
	if !r.closed && s.Room.Lifecycle == incident.Closed {
		return incident.Refuse(incident.Conflict, "This room is closed. A lead can reopen it as a new section.")
	}
	if !r.unread && s.Room.Rules != nil && m.Rules < s.Room.Rules.Version {
		return incident.Refuse(incident.Forbidden, "The handling rules have changed. Read and accept them first.")
	}
	if r.origin && (s.Object == nil || s.Object.Marking.Originator != m.Org) {
		if act == Widen {
			return incident.Refuse(incident.Forbidden, "Only the organisation it came from can lower its label or widen who receives it. You can ask it to.")
		}
		return incident.Refuse(incident.Forbidden, "Only the organisation it came from can do this.")
	}
	if r.author && wrote(s.Room, m, s.Object) || r.or != 0 && s.is(r.or, m) {
		return nil
	}
	if r.roles == nil || slices.Contains(r.roles, m.Role) {
		if needsHost(r.roles) && !m.Host {
			return incident.Refuse(incident.Forbidden, "Only the hosts can do this.")
		}
		if r.only != 0 && !s.is(r.only, m) {
			return incident.Refuse(incident.Forbidden, "%s", onlyWords[r.only])
		}
		return nil
	}
	if act == Correct || act == CorrectLogEntry {
		return incident.Refuse(incident.Forbidden, "Only its author can correct an entry. You can reply to it.")
	}
	if slices.Equal(r.roles, leads) {
		return incident.Refuse(incident.Forbidden, "Only a lead or deputy can do this.")
	}
	if act == PostVeiled {
		return incident.Refuse(incident.Forbidden, "Only who speaks for an affected organisation can write without naming it.")
	}
	return incident.Refuse(incident.Forbidden, "Your role in this room does not allow this.")
}

// hadBeforeWithheld reports whether somebody of an entry's originator receives
// it but for its being withheld: a lead hides it from them, and ends nothing of
// their say over it.
func hadBeforeWithheld(room *incident.Room, m *incident.Member, o *incident.Object) bool {
	if o.Before == nil || o.Before.Originator != m.Org {
		return false
	}
	s := sightOf(o)
	s.TLP, s.Org, s.Audience, s.Recorded = o.Before.TLP, o.Before.Originator, o.Before.Audience, o.Before.Recorded
	return May(room, m, s)
}

// onlyWords tell who may, to whom may not.
var onlyWords = map[party]string{
	assessor:  "Your organisation does not assess severity on this scale.",
	second:    "A second person must agree: one tier above who asked, or, where that is strategic, another at the strategic tier or of the other host.",
	maker:     "Only the decision-maker named can do this.",
	assignee:  "Only those it is for can do this. A host can chase them.",
	keeper:    "Only the loggist who keeps this book can do this.",
	subject:   "Only the decision-maker it is kept for can do this.",
	releaser:  "A second person must approve: neither who asked for it nor anybody who had a hand in what it leaves out.",
	lifter:    "Someone of the other host lifts a hold, not of the one that placed it.",
	other:     "TLP:RED is lowered by two people. Another than who asked must agree.",
	holder:    "This post was given to somebody else.",
	assumer:   "A post is assumed by its deputy, or by somebody of a tier above it.",
	authority: "This is for those who are asked, and for whoever acts at the tier it goes to. Nobody approves what they asked for.",
	outgoing:  "Only whoever holds the post hands it over.",
	incoming:  "This is handed over to somebody else.",
	consenter: "Only those who speak for the organisation whose side room this is can answer.",
	owing:     "The organisation that owes it does this, or a lead, deputy or liaison of the hosts whom it told.",
	approver:  "Two people agree, one of each host, and neither is who asked. Another must.",

	counterpart: "Somebody of the other host must answer: neither who asked for it nor anyone of their organisation.",
}

// is reports whether the member is the party to the scene's object.
func (s *Scene) is(p party, m *incident.Member) bool {
	switch p {
	case assessor:
		return MayAssess(s.Room, m, s.Scale)
	case second:
		return s.Asked != nil && secondTo(s.Room, m, s.Asked)
	case maker:
		return s.Object != nil && s.Object.Decision != nil && same(s.Room, m, s.Object.Decision.Maker)
	case assignee:
		return s.Object != nil && s.Object.Action != nil && ActsFor(s.Room, m, s.Object.Action.For)
	case keeper:
		return s.Book != nil && same(s.Room, m, s.Book.Loggist)
	case subject:
		return s.Book != nil && same(s.Room, m, s.Book.Maker)
	case releaser:
		return s.Object != nil && s.Object.Export != nil && MayApprove(s.Room, m, s.Object.Export)
	case lifter:
		return s.Hold != nil && m.Host && m.Org != s.Hold.By.Org && !person(s.Room, m, s.Hold.By.Member)
	case holder:
		return s.Tenure != nil && same(s.Room, m, s.Tenure.Member)
	case assumer:
		return MayAssume(s.Room, m, s.Post)
	case authority:
		return s.Object != nil && s.Object.Escalation != nil && MayAnswer(s.Room, m, s.Object.Escalation)
	case outgoing:
		return MayHandOver(s.Room, m, s.Post)
	case incoming:
		return s.Object != nil && s.Object.Handover != nil && same(s.Room, m, s.Object.Handover.To)
	case consenter:
		return s.Room.Cell != nil && m.Org == s.Room.Cell.Org && Speaks(m)
	case owing:
		return s.Object != nil && s.Object.Statutory != nil && MayKeepClock(s.Room, m, s.Object.Statutory.Org)
	case counterpart:
		return s.Object != nil && s.Object.Broadcast != nil && m.Host && m.Org != s.Object.Broadcast.By.Org && !person(s.Room, m, s.Object.Broadcast.By.Member)
	case other:
		return s.Red != nil && s.Object != nil && MaySecond(s.Room, m, s.Object.Sight(), s.Red.By) && m.Org == s.Red.Second
	case approver:
		return s.Erasure != nil && approves(s.Room, m, s.Erasure)
	}
	return false
}

// approves reports whether the member's agreement would be one of the two: of
// a host that has not agreed, by a person who neither asked nor agreed.
func approves(room *incident.Room, m *incident.Member, a *incident.Erasure) bool {
	if !m.Host || person(room, m, a.By.Member) {
		return false
	}
	return !slices.ContainsFunc(a.Agreed, func(of incident.ErasureApproval) bool { return of.By.Org == m.Org || person(room, m, of.By.Member) })
}

// MaySecond reports whether the member may agree, as the second person, to lower
// an entry that is TLP:RED: somebody else than who asked, who receives it and
// speaks for its originator; or, where no such person is there, leads a host.
func MaySecond(room *incident.Room, m *incident.Member, s incident.Sight, asker incident.MemberNo) bool {
	could := func(of *incident.Member) bool {
		return of.Present() && Speaks(of) && !person(room, of, asker) && May(room, of, s)
	}
	if !could(m) {
		return false
	}
	return m.Org == s.Org || m.Leads() && !slices.ContainsFunc(room.Members, func(of *incident.Member) bool { return of.Org == s.Org && could(of) })
}

// person reports whether the number is, or was, the same person's, whomever
// they acted for. A number nobody has is taken for theirs.
func person(room *incident.Room, m *incident.Member, n incident.MemberNo) bool {
	of := room.Numbered(n)
	return of == nil || of.Person == m.Person
}

// MayAssess reports whether the member's organisation may assess severity on
// the scale: as configured when the room opened. That is a host, except that
// law enforcement may categorise as a guest too.
func MayAssess(room *incident.Room, m *incident.Member, scale incident.Scale) bool {
	if !m.Host && (scale != incident.NCSCCategory || m.Seat.OrgType != incident.Police) {
		return false
	}
	return slices.Contains(room.Assessors, incident.Assessor{Org: m.Org, Scale: scale})
}

// MayAgree reports whether the member may agree to a lowering that was asked
// for, or refuse it.
func MayAgree(room *incident.Room, m *incident.Member, asked *incident.Lowering) bool {
	return m.Present() && slices.Contains(hosts, m.Role) && secondTo(room, m, asked)
}

// secondTo reports whether the member may agree to a lowering that another
// asked for.
func secondTo(room *incident.Room, m *incident.Member, asked *incident.Lowering) bool {
	first := room.Numbered(asked.By.Member)
	if !m.Host || first == nil || first.Person == m.Person { // also where one person acts for both hosts in turn
		return false
	}
	if asked.Tier == incident.Strategic {
		return m.Tier() == incident.Strategic || m.Org != asked.By.Org
	}
	return m.Tier().Rank() > asked.Tier.Rank()
}

// ActsFor reports whether an action is for the member: by name, or as one who
// speaks for the organisation.
func ActsFor(room *incident.Room, m *incident.Member, a incident.Assignee) bool {
	if a.Member != 0 {
		return same(room, m, a.Member)
	}
	return a.Org == m.Org && Speaks(m)
}

// Speaks reports whether the member answers for their organisation: what it
// is asked for, they accept, decline and finish.
func Speaks(m *incident.Member) bool { return slices.Contains(writers, m.Role) }

// Known returns every number by which the member is or was in the room for
// their present organisation: what was asked of one is asked of them.
func Known(room *incident.Room, m *incident.Member) []incident.MemberNo {
	var list []incident.MemberNo
	for _, of := range room.Members {
		if of.Number != 0 && same(room, m, of.Number) {
			list = append(list, of.Number)
		}
	}
	return list
}

// same reports whether the member is whom the number meant, also after having
// left and come back under another.
func same(room *incident.Room, m *incident.Member, n incident.MemberNo) bool {
	of := room.Numbered(n)
	return n != 0 && of != nil && of.Person == m.Person && of.Org == m.Org
}

// needsHost reports whether every role that may do it is a host's.
func needsHost(roles []incident.Role) bool {
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(r incident.Role) bool { return !r.ForHosts() })
}

// wrote reports whether the member is the object's author, also after having
// left and come back under another number.
func wrote(room *incident.Room, m *incident.Member, o *incident.Object) bool {
	return o != nil && same(room, m, o.By.Member)
}

func sightOf(o *incident.Object) incident.Sight {
	s := o.Sight()
	if o.Kind.Standing() {
		s.Audience = incident.Audience{Kind: incident.ToRoom}
	}
	return s
}

// KeepsRecord reports whether the member may see how long the record is kept
// and how far its disposal has come: leads, deputies and auditors.
func KeepsRecord(m *incident.Member) bool {
	return m.Present() && (m.Leads() || m.Role == incident.Auditor)
}

// Receipts reports whether the member may know who opened an entry: the
// originator's organisation, auditors, and leads who are in its audience.
func Receipts(room *incident.Room, m *incident.Member, s incident.Sight) bool {
	if !m.Present() {
		return false
	}
	return m.Org == s.Org || m.Role == incident.Auditor || m.Leads() && May(room, m, s)
}
