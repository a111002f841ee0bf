package incident

import (
	"maps"
	"slices"
)

func init() {
	register[*RoomOpened](KindInfo{Log: RoomLog, Root: true, Standing: true})
	register[*RoomTitled](KindInfo{Log: RoomLog, Standing: true})
	register[*RoomMoved](KindInfo{Log: RoomLog, Standing: true, Timed: true})
	register[*RoomReopened](KindInfo{Log: RoomLog, Standing: true, Timed: true})
}

// Mode says whether a room is the real thing. It is fixed at opening.
type Mode string

const (
	ModeIncident Mode = "incident"
	ModeExercise Mode = "exercise"
)

// Lifecycle is where an incident stands. It moves forward one step at a time,
// back from recovering to responding, and from closed by reopening.
type Lifecycle string

const (
	Open       Lifecycle = "open"
	Responding Lifecycle = "responding"
	Recovering Lifecycle = "recovering"
	StoodDown  Lifecycle = "stood_down"
	Review     Lifecycle = "review"
	Closed     Lifecycle = "closed"
)

var lifecycleSteps = map[Lifecycle][]Lifecycle{
	Open:       {Responding, StoodDown},
	Responding: {Recovering, StoodDown},
	Recovering: {Responding, StoodDown},
	StoodDown:  {Responding, Review},
	Review:     {Closed},
	Closed:     nil, // only by reopening, as a new section
}

// Next lists the states a room may move to from here.
func (l Lifecycle) Next() []Lifecycle { return lifecycleSteps[l] }

// Roster says what guests may know of the other guests. Hosts, oneself and
// one's own organisation are always shown.
type Roster string

const (
	RosterNames         Roster = "names"         // names and organisations
	RosterOrganisations Roster = "organisations" // organisations and roles, no names
	RosterHosts         Roster = "hosts"         // nothing of other guests until they post
)

// RoomOpened is entry 1 of a room.
type RoomOpened struct {
	Assessors []Assessor `json:"assessors,omitempty"` // who may assess its severity on which scale, as configured when it opened
	Cell      *Cell      `json:"cell,omitempty"`      // a side room: whose, and beside which room
	Hosts     []OrgID    `json:"hosts"`               // the joint hosts, as configured when it opened
	Matrix    int        `json:"matrix,omitempty"`    // the version of the escalation matrix it keeps; 0 is the built-in one
	Mode      Mode       `json:"mode"`
	Reference string     `json:"reference"` // INC-2026-0001 or EX-2026-0001
	Roster    Roster     `json:"roster"`
	Title     string     `json:"title"`
	TLP       TLP        `json:"tlp"` // the label entries get when none is chosen
}

func (*RoomOpened) kind() Kind { return "room.opened" }

// RoomTitled gives the room another plain title.
type RoomTitled struct {
	Title string `json:"title"`
}

func (*RoomTitled) kind() Kind { return "room.titled" }

// RoomMoved is a step of the lifecycle.
type RoomMoved struct {
	From Lifecycle `json:"from"`
	To   Lifecycle `json:"to"`
}

func (*RoomMoved) kind() Kind { return "room.moved" }

// RoomReopened begins a new section of a closed room. Nothing before it is
// touched.
type RoomReopened struct {
	Section int `json:"section"` // 2, 3 …
}

func (*RoomReopened) kind() Kind { return "room.reopened" }

// Room is the fold of a room's log: its standing facts. It holds no message,
// so a room of a million entries stays cheap. A published *Room is never
// changed; the writer works on a Clone.
type Room struct {
	ID        LogID     `json:"id"`
	Cell      *Cell     `json:"cell,omitempty"` // nil unless it is a side room
	Head      Seq       `json:"head"`           // the last entry folded
	Last      Instant   `json:"last"`           // its recorded-at: none later is earlier
	Opened    Instant   `json:"opened"`
	Hosts     []OrgID   `json:"hosts"`
	Matrix    int       `json:"matrix,omitempty"` // the version of the escalation matrix
	Mode      Mode      `json:"mode"`
	Reference string    `json:"reference"`
	Roster    Roster    `json:"roster"`
	TLP       TLP       `json:"tlp"`
	Title     string    `json:"title"`
	Lifecycle Lifecycle `json:"lifecycle"`
	Section   int       `json:"section"`
	Clock     *Clock    `json:"clock,omitempty"`  // exercises only
	Script    string    `json:"script,omitempty"` // the script being played; exercises only

	Earlier *Earlier `json:"earlier,omitempty"` // the section before, if that was broken off
	Taken   MemberNo `json:"taken,omitempty"`   // the highest member number given in sections before

	Rules  *Rules  `json:"rules,omitempty"`
	Brief  *Brief  `json:"brief,omitempty"`
	Report *Report `json:"report,omitempty"`
	Pins   []Pin   `json:"pins,omitempty"` // oldest first

	Assessors   []Assessor    `json:"assessors,omitempty"`
	Assessments []*Assessment `json:"assessments,omitempty"` // oldest first
	Called      []OrgID       `json:"called,omitempty"`      // hosts called in because of the severity
	Books       []*Book       `json:"books,omitempty"`       // loggists' books, oldest first
	Exports     []Outgoing    `json:"exports,omitempty"`     // oldest first; in nobody's snapshot

	Tenures     []*Tenure     `json:"tenures,omitempty"`     // who holds or held which post, oldest first
	Escalations []*Escalation `json:"escalations,omitempty"` // that are not over, oldest first; in nobody's snapshot

	Statutory  []*StatutoryClock `json:"statutory,omitempty"`  // clocks that run, oldest first; in nobody's snapshot
	Cadence    *Cadence          `json:"cadence,omitempty"`    // meetings, SITREPs and updates; nil before any runs
	Handovers  []*Handover       `json:"handovers,omitempty"`  // that wait to be accepted, oldest first; in nobody's snapshot
	Handed     map[Post]Seq      `json:"handed,omitempty"`     // by post, the entry by which it was last handed over; replaced, never changed
	Links      []Link            `json:"links,omitempty"`      // other rooms, oldest first; in nobody's snapshot
	Reports    []Brought         `json:"reports,omitempty"`    // reports that were brought in, oldest first; in nobody's snapshot
	Broadcasts []*Broadcast      `json:"broadcasts,omitempty"` // that wait for the other host, oldest first; in nobody's snapshot

	Feeds []Feed `json:"feeds,omitempty"` // machines that read for an organisation, oldest first; in nobody's snapshot

	Ended     Instant              `json:"ended,omitzero"`      // when it was closed, by the database's clock; zero while it is not
	Retention *Retention           `json:"retention,omitempty"` // nil for the default: see Keeps
	Holds     []Hold               `json:"holds,omitempty"`     // that stand, oldest first
	Erasures  []*Erasure           `json:"erasures,omitempty"`  // questions that wait, oldest first
	Factors   map[MemberNo]Instant `json:"factors,omitempty"`   // by member, the second factor last used to erase, hold or keep; replaced, never changed

	Members []*Member `json:"members,omitempty"` // by root, oldest first; a member is replaced, never changed, and so is the slice once the room has been published

	byPerson map[PersonID]int // index into Members of the person's membership: the one in the room, else the newest
	byNumber map[MemberNo]int
	byRoot   map[Seq]int
	numbers  MemberNo // the highest number given

	// own says that Members and the look-ups are this copy's alone, so that of
	// many who join in one group only the first has them copied. False in every
	// fresh Clone.
	own bool
}

// State is the fold of one log, as the journal's writer keeps it.
type State interface {
	Apply(*Event)
	Missed(Seq)      // in the place of Apply, of an entry that is not to be had
	LastAt() Instant // recorded-at of the last entry folded
}

// Missed passes over an entry.
func (r *Room) Missed(n Seq) { r.Head = n }

// LastAt returns the recorded-at of the last entry folded.
func (r *Room) LastAt() Instant { return r.Last }

// NewRoom returns the empty fold of a room's log.
func NewRoom(id LogID) *Room { return &Room{ID: id} }

// Clone returns a copy the writer may Apply to; from then on nothing may be
// applied to the original. What the copy shares with it is never changed in
// place.
func (r *Room) Clone() *Room {
	c := *r
	c.own = false
	return &c
}

// Reindex rebuilds the look-ups of a fold read back from a snapshot.
func (r *Room) Reindex() {
	r.byPerson, r.byNumber, r.byRoot = map[PersonID]int{}, map[MemberNo]int{}, map[Seq]int{}
	r.numbers = r.Taken
	for i, m := range r.Members {
		r.index(i, m)
		if m.Person != "" {
			r.knownBy(i, m)
		}
	}
}

// knownBy takes the membership for the one its person is known by, unless
// another of theirs is in the room: someone may have asked with one
// invitation and joined by another. Asked in the order of roots, what comes
// out does not depend on how the fold was made.
func (r *Room) knownBy(i int, m *Member) {
	if old, ok := r.byPerson[m.Person]; !ok || m.Present() || !r.Members[old].Present() {
		r.byPerson[m.Person] = i
	}
}

func (r *Room) index(i int, m *Member) {
	r.byRoot[m.Root] = i
	if m.Number != 0 {
		r.byNumber[m.Number] = i
		r.numbers = max(r.numbers, m.Number)
	}
}

// Apply folds one more entry. Entries must come in order; the caller sees to
// that.
func (r *Room) Apply(e *Event) {
	r.Head = e.Seq
	r.Last = e.Times.Recorded
	switch b := e.Body.(type) {
	case *RoomOpened:
		r.Opened, r.Hosts, r.Mode, r.Reference = e.Times.Recorded, b.Hosts, b.Mode, b.Reference
		r.Roster, r.TLP, r.Title, r.Lifecycle, r.Section = b.Roster, b.TLP, b.Title, Open, 1
		r.Assessors, r.Cell, r.Matrix = b.Assessors, b.Cell, b.Matrix
	case *RoomTitled:
		r.Title = b.Title
	case *RoomMoved:
		r.Lifecycle, r.Ended = b.To, Instant{}
		if b.To == Closed {
			r.Ended = e.Times.Recorded
		}
	case *RoomReopened:
		r.Lifecycle, r.Section, r.Ended = Open, b.Section, Instant{}
	case *ClockSet:
		r.Clock = &Clock{Exercise: b.At, Factor: b.Factor, Paused: b.Paused, Set: e.Times.Recorded, Seq: e.Seq}
		if b.Script != "" {
			r.Script = b.Script
		}
	case *RulesSet:
		r.Rules = &Rules{Root: e.Root, Seq: e.Seq, Version: b.Version, Lines: b.Lines}
	case *BriefSet:
		r.Brief = &Brief{Root: e.Root, Seq: e.Seq, Version: b.Version, By: e.By, At: e.Times.Shown(), Lines: b.Lines}
	case *ReportGiven:
		r.Report = &Report{Root: e.Root, Seq: e.Seq, By: e.By, At: e.Times.Shown(), Methane: b.Methane, Sight: SightOf(e), Erased: e.BodyErased()}
	case *ReportUpdated:
		if r.Report != nil && r.Report.Root == e.Root {
			r.Report = &Report{Root: e.Root, Seq: e.Seq, By: e.By, At: e.Times.Shown(), Methane: b.Methane, Sight: r.Report.Sight, Erased: e.BodyErased()}
		}
	case *EntryPinned:
		if !slices.ContainsFunc(r.Pins, func(p Pin) bool { return p.Root == e.Root }) {
			s := SightOf(e)
			s.Root = e.Root
			r.Pins = append(slices.Clip(r.Pins), Pin{Root: e.Root, By: e.By.Member, At: e.Times.Shown(), Sight: s})
		}
	case *EntryUnpinned:
		r.Pins = slices.DeleteFunc(slices.Clone(r.Pins), func(p Pin) bool { return p.Root == e.Root })
	case *AudienceTightened, *AudienceWidened, *AudienceWithheld, *AudienceRestored, *EntryRecalled:
		r.applyMarking(e)
	default:
		if !r.applySeverity(e) && !r.applyBook(e) && !r.applyExport(e) && !r.applySection(e) && !r.applyErasure(e) && !r.applyEscalation(e) && !r.applyPost(e) && !r.applyFeed(e) &&
			!r.applyStatutory(e) && !r.applyHandover(e) && !r.applyLink(e) && !r.applyBrought(e) && !r.applyBroadcast(e) {
			r.applyMember(e)
		}
	}
	r.applyCadence(e)
}

// applyMarking moves the sight of what the fold keeps of the root.
func (r *Room) applyMarking(e *Event) {
	r.applyBook(e)
	r.applyExport(e)
	r.applyStatutory(e)
	r.applyEscalation(e)
	if r.Report != nil && r.Report.Root == e.Root {
		next := *r.Report
		next.Sight.Apply(e)
		r.Report = &next
	}
	if i := slices.IndexFunc(r.Pins, func(p Pin) bool { return p.Root == e.Root }); i >= 0 {
		r.Pins = slices.Clone(r.Pins)
		r.Pins[i].Sight.Apply(e)
	}
}

func (r *Room) applyMember(e *Event) {
	i, known := r.byRoot[e.Root]
	var old *Member
	if known {
		old = r.Members[i]
	}
	m := nextMember(old, e)
	if m == nil {
		return
	}
	m.Host = slices.Contains(r.Hosts, m.Org)
	r.takeMembers()
	if known {
		r.Members[i] = m
	} else {
		i = len(r.Members)
		r.Members = append(r.Members, m)
	}
	r.index(i, m)
	if _, ok := r.byPerson[m.Person]; ok {
		r.lookUp(m.Person)
	} else if m.Person != "" { // the first membership of theirs
		r.byPerson[m.Person] = i
	}
	if old != nil && old.Person != m.Person { // one asked with it, and another joined: the first is nobody here
		r.lookUp(old.Person)
	}
}

// takeMembers makes the roster and its look-ups this copy's own.
func (r *Room) takeMembers() {
	if r.own {
		return
	}
	r.own = true
	r.Members = slices.Clone(r.Members)
	if r.byRoot == nil {
		r.byPerson, r.byNumber, r.byRoot = map[PersonID]int{}, map[MemberNo]int{}, map[Seq]int{}
		return
	}
	r.byPerson, r.byNumber, r.byRoot = maps.Clone(r.byPerson), maps.Clone(r.byNumber), maps.Clone(r.byRoot)
}

// lookUp finds anew the membership a person is known by.
func (r *Room) lookUp(p PersonID) {
	if p == "" {
		return
	}
	delete(r.byPerson, p)
	for i, m := range r.Members {
		if m.Person == p {
			r.knownBy(i, m)
		}
	}
}

// Member returns the person's membership, whatever its state: the one by
// which they are in the room, else the newest; nil if they were never one.
func (r *Room) Member(p PersonID) *Member {
	if i, ok := r.byPerson[p]; ok {
		return r.Members[i]
	}
	return nil
}

// Numbered returns the member with the number; nil if there is none.
func (r *Room) Numbered(n MemberNo) *Member {
	if i, ok := r.byNumber[n]; ok {
		return r.Members[i]
	}
	return nil
}

// MemberRoot returns the membership whose object began at root; nil if none.
func (r *Room) MemberRoot(root Seq) *Member {
	if i, ok := r.byRoot[root]; ok {
		return r.Members[i]
	}
	return nil
}

// NextMember is the number the next member to join will bear.
func (r *Room) NextMember() MemberNo { return r.numbers + 1 }
