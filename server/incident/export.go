package incident

import (
	"slices"
	"strings"
)

func init() {
	then := KindInfo{Log: RoomLog}
	register[*ExportRequested](KindInfo{Log: RoomLog, Root: true})
	register[*ExportAgreed](then)
	register[*ExportRefused](then)
	register[*ExportRedacted](then)
	register[*ExportAnswered](then)
	register[*ExportApproved](then)
	register[*ExportWithdrawn](then)
	register[*ExportTaken](KindInfo{Log: AccessLog, Root: true})
}

// ExportState is where an export stands. That its time has passed is asked of
// the clock, and is no state.
type ExportState string

const (
	ExportIsRequested ExportState = "requested" // a host has yet to agree
	ExportIsAgreed    ExportState = "agreed"    // redactions are proposed, originators are asked
	ExportIsApproved  ExportState = "approved"  // fixed: may be taken until its time has passed
	ExportIsRefused   ExportState = "refused"
	ExportIsWithdrawn ExportState = "withdrawn"
)

// Basis is what entitles a recipient to part of a record.
type Basis string

// The bases there are; see Bases for their words.
const (
	InquiriesAct   Basis = "inquiries_act_21"
	CourtOrder     Basis = "court_order"
	Statutory      Basis = "statutory"
	FOIRequest     Basis = "foi_eir"
	InternalReview Basis = "internal_review"
	OtherBasis     Basis = "other"
)

// Named is a choice of a list, in words.
type Named[T ~string] struct {
	Code  T
	Words string
}

// Bases lists the legal bases of an export, in the order people are shown them.
var Bases = []Named[Basis]{
	{InquiriesAct, "Notice under section 21 of the Inquiries Act 2005"},
	{CourtOrder, "Court order"},
	{Statutory, "Request under another Act"},
	{FOIRequest, "Request under the Freedom of Information Act 2000 or the Environmental Information Regulations 2004"},
	{InternalReview, "Internal review"},
	{OtherBasis, "Another basis"},
}

// Ground is why something is left out of an export.
type Ground string

// The grounds there are; see Grounds for their words.
const (
	FOI23          Ground = "foi_23"
	FOI24          Ground = "foi_24"
	FOI27          Ground = "foi_27"
	FOI31          Ground = "foi_31"
	FOI38          Ground = "foi_38"
	FOI40          Ground = "foi_40"
	FOI41          Ground = "foi_41"
	FOI42          Ground = "foi_42"
	FOI43          Ground = "foi_43"
	DataProtection Ground = "data_protection"
	Privilege      Ground = "privilege"
	Safety         Ground = "safety"
	OtherGround    Ground = "other"
)

// Grounds lists the grounds, in the order people are shown them.
var Grounds = []Named[Ground]{
	{FOI23, "FOI 2000 s.23: supplied by, or relating to, bodies dealing with security matters"},
	{FOI24, "FOI 2000 s.24: national security"},
	{FOI27, "FOI 2000 s.27: international relations"},
	{FOI31, "FOI 2000 s.31: law enforcement"},
	{FOI38, "FOI 2000 s.38: health and safety"},
	{FOI40, "FOI 2000 s.40: personal information"},
	{FOI41, "FOI 2000 s.41: information provided in confidence"},
	{FOI42, "FOI 2000 s.42: legal professional privilege"},
	{FOI43, "FOI 2000 s.43: commercial interests"},
	{DataProtection, "UK GDPR and Data Protection Act 2018: data of third parties"},
	{Privilege, "Legal privilege"},
	{Safety, "Safety of a person"},
	{OtherGround, "Another ground"},
}

// Words returns what the list calls a code; "" for none of it.
func wordsOf[T ~string](list []Named[T], code T) string {
	if i := slices.IndexFunc(list, func(n Named[T]) bool { return n.Code == code }); i >= 0 {
		return list[i].Words
	}
	return ""
}

// Words returns the basis in words; "" for none of the list.
func (b Basis) Words() string { return wordsOf(Bases, b) }

// Words returns the ground in words; "" for none of the list.
func (g Ground) Words() string { return wordsOf(Grounds, g) }

// Recipient is the named person that an export is for.
type Recipient struct {
	Address      string `json:"address,omitempty"` // one line; where it is sent
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	Role         string `json:"role,omitempty"`
}

// ExportRequested begins an export: that somebody outside the room is to be
// given a part of its record.
type ExportRequested struct {
	Basis     Basis     `json:"basis"`
	BasisText string    `json:"basisText,omitempty"` // its reference, or what it is if it is none of the list
	From      Seq       `json:"from"`
	Purpose   string    `json:"purpose"`
	Recipient Recipient `json:"recipient"`
	To        Seq       `json:"to"`
	Until     Instant   `json:"until"` // when what was approved ends; by the database's clock
}

func (*ExportRequested) kind() Kind { return "export.requested" }

// ExportAgreed is one host's agreement to the grant. It stands for that host's
// own entries too, but for those that are restricted.
type ExportAgreed struct{}

func (*ExportAgreed) kind() Kind { return "export.agreed" }

// ExportRefused ends an export before it was approved.
type ExportRefused struct {
	Reason string `json:"reason"`
}

func (*ExportRefused) kind() Kind { return "export.refused" }

// Span is a part of a text: the Unicode code points (not bytes, not UTF-16
// units) From, From+1 … To-1 of the JSON string as it reads when decoded.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Redaction leaves a slot of an entry out of what is given. Each slot is
// committed to as a whole, so it is withheld as a whole; with spans, a wording
// of it without them is given in its stead, which proves nothing.
type Redaction struct {
	Entry  Seq    `json:"entry"`
	Field  string `json:"field,omitempty"` // with spans: the string they are of, as a JSON pointer (RFC 6901) into the slot, e.g. /text
	Ground Ground `json:"ground"`
	Reason string `json:"reason"`
	Slot   int    `json:"slot"`
	Spans  []Span `json:"spans,omitempty"` // ascending, not touching; none: the whole slot, without a wording
}

// Place is what a redaction is of; a later one of the same place replaces it.
type Place struct {
	Entry Seq    `json:"entry"`
	Field string `json:"field,omitempty"`
	Slot  int    `json:"slot"`
}

// Place returns what the redaction is of.
func (r Redaction) Place() Place { return Place{r.Entry, r.Field, r.Slot} }

// ExportRedacted proposes redactions, and takes back earlier proposals.
type ExportRedacted struct {
	Drop       []Place     `json:"drop,omitempty"`
	Redactions []Redaction `json:"redactions,omitempty"`
}

func (*ExportRedacted) kind() Kind { return "export.redacted" }

// Release is what an originator answers about a restricted entry of theirs.
type Release string

const (
	Released Release = "release"  // may be given
	Redacted Release = "redact"   // may be given without what is listed
	Kept     Release = "withhold" // may not
)

// ExportAnswered is an originator's answer about restricted entries of theirs:
// objects by their roots. A later answer about the same replaces it.
type ExportAnswered struct {
	Answer     Release     `json:"answer"`
	Entries    []Seq       `json:"entries"`
	Ground     Ground      `json:"ground,omitempty"` // of withhold
	Reason     string      `json:"reason,omitempty"`
	Redactions []Redaction `json:"redactions,omitempty"` // of redact: in entries of those objects
}

func (*ExportAnswered) kind() Kind { return "export.answered" }

// ExportApproved fixes the checkpoint, the range and every redaction. What is
// built of it is the same each time, as far as it may still be shown.
type ExportApproved struct {
	Checkpoint uint64 `json:"checkpoint"` // entries that the checkpoint it rests on covers
	Note       string `json:"note"`       // SHA-256 of the checkpoint's note, in hex
	Policy     string `json:"policy"`     // the keys, as a policy file, as they were named
}

func (*ExportApproved) kind() Kind { return "export.approved" }

// ExportWithdrawn ends an export; what was taken before cannot be taken back.
type ExportWithdrawn struct {
	Reason string `json:"reason"`
}

func (*ExportWithdrawn) kind() Kind { return "export.withdrawn" }

// ExportTaken says, on the access log, who took which bundle. It is committed
// before the first byte goes out.
type ExportTaken struct {
	Export Seq    `json:"export"` // of the room's log
	SHA256 string `json:"sha256"` // of the bundle, in hex
	Size   int64  `json:"size"`   // of the bundle, in bytes
}

func (*ExportTaken) kind() Kind { return "export.taken" }

// IsExport reports whether the kind begins or continues an export.
func (k Kind) IsExport() bool { return strings.HasPrefix(string(k), "export.") }

// Export is the fold of an export.
type Export struct {
	Root      Seq
	State     ExportState
	Request   *ExportRequested
	By        By // who asked
	Asked     Instant
	Agreed    []Agreement // in order
	Proposed  []Leaving   // in order
	Answers   map[Seq]Answer
	Approved  *Approval
	Ended     string     // why it was refused or withdrawn
	Redactors []MemberNo // whoever has had a hand in what is left out, in order; a number may stand twice
	Changed   Seq        // the entry that last changed it
}

// Agreement is one host's.
type Agreement struct {
	By  By
	At  Instant
	Seq Seq
}

// Leaving is a redaction as it stands, and who proposed it.
type Leaving struct {
	Redaction
	By  By
	Seq Seq
}

// Answer is an originator's answer about one object, as it stands.
type Answer struct {
	ExportAnswered
	By  By
	At  Instant
	Seq Seq
}

// Approval is what was fixed, by whom and when.
type Approval struct {
	ExportApproved
	By  By
	At  Instant
	Seq Seq
}

// Over reports whether the export's time has passed.
func (x *Export) Over(now Instant) bool { return !now.Before(x.Request.Until.Time) }

// Covers reports whether the range includes the entry.
func (x *Export) Covers(n Seq) bool { return n >= x.Request.From && n <= x.Request.To }

// Has reports whether the host has agreed.
func (x *Export) Has(host OrgID) bool {
	return slices.ContainsFunc(x.Agreed, func(a Agreement) bool { return a.By.Org == host })
}

// applyExport folds an event of an export; whether all hosts have agreed is
// hosts' to say. x is changed in place, and nil for the event that begins one.
func applyExport(x *Export, e *Event) *Export {
	if b, ok := e.Body.(*ExportRequested); ok {
		return &Export{Root: e.Root, State: ExportIsRequested, Request: b, By: e.By, Asked: e.Times.Recorded, Answers: map[Seq]Answer{}, Changed: e.Seq}
	}
	if x == nil {
		return nil
	}
	switch b := e.Body.(type) {
	case *ExportAgreed:
		x.Agreed = append(x.Agreed, Agreement{e.By, e.Times.Recorded, e.Seq})
	case *ExportRefused:
		x.State, x.Ended = ExportIsRefused, b.Reason
	case *ExportRedacted:
		gone := func(p Leaving) bool {
			return slices.Contains(b.Drop, p.Place()) || slices.ContainsFunc(b.Redactions, func(r Redaction) bool { return r.Place() == p.Place() })
		}
		x.Proposed = slices.DeleteFunc(x.Proposed, gone)
		for _, r := range b.Redactions {
			x.Proposed = append(x.Proposed, Leaving{r, e.By, e.Seq})
		}
		x.Redactors = append(x.Redactors, e.By.Member)
	case *ExportAnswered:
		for _, root := range b.Entries {
			x.Answers[root] = Answer{*b, e.By, e.Times.Recorded, e.Seq}
		}
		if b.Answer != Released {
			x.Redactors = append(x.Redactors, e.By.Member)
		}
	case *ExportApproved:
		x.State, x.Approved = ExportIsApproved, &Approval{*b, e.By, e.Times.Recorded, e.Seq}
	case *ExportWithdrawn:
		x.State, x.Ended = ExportIsWithdrawn, b.Reason
	default:
		return x // a note, a pin, a marking
	}
	x.Changed = e.Seq
	return x
}

// Settle moves a requested export on once every host has agreed: who the hosts
// are is the room's to say.
func (x *Export) Settle(hosts []OrgID) *Export {
	if x.State == ExportIsRequested && !slices.ContainsFunc(hosts, func(h OrgID) bool { return !x.Has(h) }) {
		x.State = ExportIsAgreed
	}
	return x
}

// Outgoing is what the room's fold keeps of an export.
type Outgoing struct {
	Root     Seq      `json:"root"`
	Sight    Sight    `json:"sight"`
	Ended    bool     `json:"ended,omitempty"`    // refused or withdrawn
	Approver MemberNo `json:"approver,omitempty"` // 0 until it is approved
	StepUp   Instant  `json:"stepUp,omitzero"`    // the second factor that the approval rests on
}

// applyExport folds an event of an export into the room, or of the marking of
// one; it reports whether it was the export's own.
func (r *Room) applyExport(e *Event) bool {
	if _, ok := e.Body.(*ExportRequested); ok {
		r.Exports = append(slices.Clip(r.Exports), Outgoing{Root: e.Root, Sight: SightOf(e)})
		return true
	}
	i := slices.IndexFunc(r.Exports, func(x Outgoing) bool { return x.Root == e.Root })
	if i < 0 {
		return false
	}
	next := r.Exports[i]
	switch e.Body.(type) {
	case *ExportRefused, *ExportWithdrawn:
		next.Ended = true
	case *ExportApproved:
		next.Approver, next.StepUp = e.By.Member, e.Authority.StepUp
	default:
		if Moves(e) {
			next.Sight.Apply(e)
		}
	}
	r.Exports = slices.Clone(r.Exports)
	r.Exports[i] = next
	return true
}

// Used returns the second factor that the newest approval by the member rests
// on; zero for none.
func (r *Room) Used(m MemberNo) (used Instant) {
	for _, x := range r.Exports {
		if x.Approver == m && x.StepUp.After(used.Time) {
			used = x.StepUp
		}
	}
	return used
}
