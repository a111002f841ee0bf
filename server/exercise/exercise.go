// Package exercise holds what is played into an exercise room, and the clock it
// is played by. It is content and arithmetic: it knows nothing of logs, people's
// rights or the network, and imports nothing of the house. `wardroom replay`
// reads it and does the posting.
//
// The one script here is the WannaCry attack on the NHS, May 2017. Two kinds of
// item stand in it and are never mixed:
//
//   - "public record": a fact of a published document, restated in our own words,
//     with the document and the place in it, and what another document says where
//     they differ. Real organisations appear only here.
//   - "invented": written for the exercise. The people do not exist; they belong
//     to organisations marked fictional, or to one of the two hosts by part.
//
// What people do is held to the rules of the incident's record as far as a
// script can be: who assesses and who is second to a lowering, whose decision it
// is, for whom an action is, who keeps a book. The room judges it once more when
// it is played. Some things are begun and never ended: they wait for whoever
// plays that person.
//
// A time is shown no more exactly than its source gives it: see [ShownTime].
//
// What an item's audience and label say is how the script wants it posted. Who
// may then read it is decided where it is always decided, in the room.
package exercise

import "time"

// Script is one exercise: a room, the people who come into it, and what happens,
// in the order in which it is played. It is read-only once loaded.
type Script struct {
	Title string `json:"title"`
	About string `json:"about"` // what is recorded and what is invented, for people
	Room  Room   `json:"room"`

	// The exercise clock: it starts at Start, when the room opens; a demonstration
	// plays up to and including Pause at once and halts there; nothing is played
	// after End. Start ≤ Pause ≤ End.
	Start time.Time `json:"start"`
	Pause time.Time `json:"pause"`
	End   time.Time `json:"end"`

	Documents     map[string]Document `json:"documents"` // by the key a Source names
	Organisations []Organisation      `json:"organisations"`
	Cast          []Person            `json:"cast"`
	Items         []Item              `json:"items"` // Due never decreases
}

// Room is how the exercise room is opened. Its mode is always exercise.
type Room struct {
	Title  string `json:"title"`
	Label  Label  `json:"label"`  // what an item without a label gets
	Roster string `json:"roster"` // what guests see of the roster: names, organisations or hosts
}

// Document is something published, outside this house.
type Document struct {
	Title     string `json:"title"`
	Publisher string `json:"publisher"`
}

// Organisation takes part in the exercise. Real organisations are no part of
// this list, save the hosts; they are the Actor of a fact and nothing else.
type Organisation struct {
	Code     string   `json:"code"` // in the manner of an ODS code; those of fictional bodies are assigned to nobody
	Name     string   `json:"name"`
	Type     string   `json:"type"` // host, acute_trust, ambulance_trust, community_trust, supplier or audit
	Standing Standing `json:"standing"`
	Assesses Scale    `json:"assesses,omitempty"` // hosts: the scale of severity it assesses on, one to a host
}

// Standing says by what right an organisation's people may speak invented words.
type Standing string

const (
	Host      Standing = "host"      // DSC and NCSC: by part, as the hosts of the room
	Fictional Standing = "fictional" // does not exist
)

// Person is one of the invented people.
type Person struct {
	Key      string `json:"key"` // as in the development identity provider's accounts
	Name     string `json:"name"`
	Org      string `json:"org"`
	JobTitle string `json:"jobTitle"`
	Role     string `json:"role,omitempty"` // in the room; empty: never a member of it
}

// Item is one thing that happens. Which fields it has depends on its Type; Load
// refuses an item that has others.
type Item struct {
	ID         string     `json:"id"`
	At         string     `json:"at"` // RFC 3339 at +01:00, or 2017-05-13, 2017-05, 2017: as exact as Precision allows
	Precision  Precision  `json:"precision"`
	Undated    bool       `json:"undated,omitempty"` // the source gives not even the day; At's day only orders it
	Type       Type       `json:"type"`
	Provenance Provenance `json:"provenance"`

	// A fact.
	Actor    string   `json:"actor,omitempty"` // who did it, as the record names them
	Kind     string   `json:"kind,omitempty"`  // communication, event, status, decision, action, request or exercise
	Sources  []Source `json:"sources,omitempty"`
	Conflict string   `json:"conflict,omitempty"` // what another source says instead

	// What a person does. By is a key of the cast.
	By       string    `json:"by,omitempty"`
	Org      string    `json:"org,omitempty"`     // join: on whose behalf; fact: the actor's ODS code, if recorded
	Role     string    `json:"role,omitempty"`    // join: as what
	History  History   `json:"history,omitempty"` // join: from where on the member reads
	State    Lifecycle `json:"state,omitempty"`   // lifecycle: the state now entered
	Report   *Report   `json:"report,omitempty"`
	Brief    *Brief    `json:"brief,omitempty"`
	ReplyTo  string    `json:"replyTo,omitempty"`  // message: the id of an earlier one
	Target   string    `json:"target,omitempty"`   // the id of the earlier item it is about
	Mentions []string  `json:"mentions,omitempty"` // message: keys of people, each with @Name in Text

	// What goes into the incident's record.
	Severity *Severity `json:"severity,omitempty"` // severity, lowering
	Tier     Tier      `json:"tier,omitempty"`     // tier: the one For is put at
	Decision *Decision `json:"decision,omitempty"` // decision, proposal, take, add
	For      *Assignee `json:"for,omitempty"`      // tier, action, hand; book: whose log it is
	Carries  string    `json:"carries,omitempty"`  // action: the id of the decision it carries out
	Deadline time.Time `json:"due,omitzero"`       // action: by when, on the exercise clock
	Review   time.Time `json:"review,omitzero"`    // of a decision: when to look at it again
	Occurred time.Time `json:"occurred,omitzero"`  // decision, take, line: when it was, if before At
	About    bool      `json:"about,omitempty"`    // Occurred is not exact
	Speech   bool      `json:"speech,omitempty"`   // line: verbatim
	Paper    *Paper    `json:"paper,omitempty"`    // line: transcribed from paper
	Cites    []string  `json:"cites,omitempty"`    // done, line: ids of earlier items
	Follows  string    `json:"follows,omitempty"`  // book: the id of the closed one it goes on from

	// What is said, to whom, and how far it may be passed on. Text is Markdown.
	// After Load Label and Audience are never empty on what has its own: they are
	// the room's, or those of what it answers, is made of or carries out. On a
	// severity and its lowering they are the reason's; the grade is the room's.
	Text     string    `json:"text,omitempty"`
	Label    Label     `json:"label,omitempty"`
	Audience *Audience `json:"audience,omitempty"`

	// Due is the exercise instant at which the item is played: At where At gives
	// an instant, else as soon as the item before it has been, on or after the
	// first moment of the date. Never before Start nor after End, so that what led
	// up to the exercise is there when it starts, and what followed when it ends.
	Due time.Time `json:"-"`
}

// Type is what an item does in the room.
type Type string

const (
	TypeFact      Type = "fact"      // an entry of the public record
	TypeMessage   Type = "message"   // somebody writes
	TypeJoin      Type = "join"      // somebody comes in
	TypeLeave     Type = "leave"     // and goes
	TypeBrief     Type = "brief"     // a new version of the lead's situation brief
	TypeReport    Type = "report"    // the opening M/ETHANE report
	TypeLifecycle Type = "lifecycle" // the room enters State; the first item of a script opens it
	TypeCorrect   Type = "correct"   // the author of Target replaces its text; the old one stays legible
	TypePin       Type = "pin"       // a lead pins Target
	TypeNote      Type = "note"      // the reaction "Noted" on Target

	TypeTier     Type = "tier"     // a lead puts For at a tier
	TypeSeverity Type = "severity" // By's organisation assesses; Text is the reason
	TypeLowering Type = "lowering" // By asks for a lower severity, or none; Text is the reason
	TypeAgree    Type = "agree"    // the second person agrees to the lowering Target
	TypeRefuse   Type = "refuse"   // or does not; Text is the reason

	TypeDecision Type = "decision" // By records what Decision.Maker decided
	TypeProposal Type = "proposal" // By puts forward what Decision.Maker may decide
	TypeTake     Type = "take"     // and that it was taken, in these words
	TypeAdd      Type = "add"      // By adds parts of Decision to Target
	TypeConfirm  Type = "confirm"  // its maker confirms Target
	TypeDispute  Type = "dispute"  // its maker says that Target is not what was decided; Text is why
	TypeReview   Type = "review"   // Target was looked at again and stands; Text is the finding

	TypeAction   Type = "action"   // By asks For to do Text
	TypeAccept   Type = "accept"   // they will do Target
	TypeDecline  Type = "decline"  // they will not; Text is why
	TypeDone     Type = "done"     // they have; Text is the evidence
	TypeHand     Type = "hand"     // they hand it to For; Text is why
	TypeChase    Type = "chase"    // a host reminds them, in the words of Text
	TypeWithdraw Type = "withdraw" // By takes Target back; Text is why

	TypeBook    Type = "book"     // By opens a loggist's book for For; Text is how decisions are signalled
	TypeAgreed  Type = "agreed"   // For confirms that, of the book Target
	TypeLine    Type = "line"     // By writes Text in the book Target
	TypeReline  Type = "reline"   // By corrects the line Target
	TypeEndBook Type = "end_book" // By closes the book Target
)

// Provenance says where an item comes from. It is shown on every one.
type Provenance string

const (
	PublicRecord Provenance = "public record"
	Invented     Provenance = "invented"
)

// Source is a place in a document.
type Source struct {
	Document string `json:"document"`        // a key of Script.Documents
	Place    string `json:"place,omitempty"` // paragraph, figure or footnote; empty: the document as a whole
}

// Label is a Traffic Light Protocol 2.0 label as FIRST writes it.
type Label string

const (
	Clear       Label = "TLP:CLEAR"
	Green       Label = "TLP:GREEN"
	Amber       Label = "TLP:AMBER"
	AmberStrict Label = "TLP:AMBER+STRICT"
	Red         Label = "TLP:RED"
)

// rank orders labels from free to restricted; 0 is no label.
func (l Label) rank() int {
	switch l {
	case Clear:
		return 1
	case Green:
		return 2
	case Amber:
		return 3
	case AmberStrict:
		return 4
	case Red:
		return 5
	}
	return 0
}

// Audience is who receives an item.
type Audience struct {
	Kind   AudienceKind `json:"kind"`
	People []string     `json:"people,omitempty"` // named: keys of the cast, the author among them
}

// AudienceKind is one of three.
type AudienceKind string

const (
	AudienceRoom  AudienceKind = "room"
	AudienceHosts AudienceKind = "hosts"
	AudienceNamed AudienceKind = "named"
)

// History is the first entry a new member may read.
type History string

const (
	FullHistory History = "full"      // everything; for a guest the lead has granted it
	FromJoin    History = "from_join" // what comes after the joining
)

// Lifecycle is a state of the room. Those after stood_down belong to the review,
// which is not part of an exercise.
type Lifecycle string

const (
	Open       Lifecycle = "open"
	Responding Lifecycle = "responding"
	Recovering Lifecycle = "recovering"
	StoodDown  Lifecycle = "stood_down"
)

// Report is the opening report in the form M/ETHANE (JESIP), read for a cyber
// incident: E is systems and sites, A the channels that are safe to use.
type Report struct {
	Major     string `json:"major"`
	Exact     string `json:"exact"`
	Type      string `json:"type"`
	Hazards   string `json:"hazards"`
	Access    string `json:"access"`
	Number    string `json:"number"`
	Emergency string `json:"emergency"`
}

// Brief is a version of the situation brief: five lines, all of them given.
type Brief struct {
	Happened string `json:"happened"`
	Affects  string `json:"affects"`
	Doing    string `json:"doing"`
	Need     string `json:"need"`
	Next     string `json:"next"`
}

// Lines are the five in the order in which they are read.
func (b Brief) Lines() [5]string {
	return [5]string{b.Happened, b.Affects, b.Doing, b.Need, b.Next}
}

// Person finds one of the cast by key.
func (s *Script) Person(key string) (Person, bool) {
	for _, p := range s.Cast {
		if p.Key == key {
			return p, true
		}
	}
	return Person{}, false
}

// Organisation finds an organisation of the exercise by code.
func (s *Script) Organisation(code string) (Organisation, bool) {
	for _, o := range s.Organisations {
		if o.Code == code {
			return o, true
		}
	}
	return Organisation{}, false
}

// Cite is a source in words: publisher, title and place.
func (s *Script) Cite(src Source) string {
	doc := s.Documents[src.Document]
	cite := doc.Publisher + ", " + doc.Title
	if src.Place != "" {
		cite += ", " + src.Place
	}
	return cite
}

// Between returns the items due after the first instant and not after the second,
// in playing order. Intervals that meet give every item exactly once; the zero
// time as the first gives what is due at Start too. The result shares memory with
// the script.
func (s *Script) Between(after, upTo time.Time) []Item {
	from, to := 0, 0
	for to < len(s.Items) && !s.Items[to].Due.After(upTo) {
		if !s.Items[to].Due.After(after) {
			from = to + 1
		}
		to++
	}
	return s.Items[from:to:to]
}

// Next is the exercise instant of the next item after the given one, and false
// when everything has been played.
func (s *Script) Next(after time.Time) (time.Time, bool) {
	for _, item := range s.Items {
		if item.Due.After(after) {
			return item.Due, true
		}
	}
	return time.Time{}, false
}
