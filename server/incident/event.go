package incident

import (
	"time"
)

// Kind names what happened, as noun.verb. The registry in kinds.go holds what
// the house knows about each.
type Kind string

// Slots is the number of slots every entry commits to. See Event.
const Slots = 8

// The slots of an entry. Each is committed to on its own, so that an envelope
// can show 0–3 and a redaction can withhold one.
const (
	SlotKind        = 0 // kind and root
	SlotActor       = 1 // who
	SlotTimes       = 2 // when
	SlotMarking     = 3 // label, originator, audience
	SlotBody        = 4 // the content
	SlotRefs        = 5 // what it answers or cites
	SlotAttachments = 6 // salted file commitments
	SlotAuthority   = 7 // key, step-up, seen, facts used
)

// Event is one entry of a log, decoded. Its bytes are the eight values of
// Encode; they are stored, hashed and exported as they were first written.
type Event struct {
	Seq       Seq
	Kind      Kind
	Root      Seq // the entry that began this object; equal to Seq for a root
	By        By
	Times     Times
	Marking   *Marking // roots, and marking.* events; nil elsewhere: the root's stands
	Body      Body
	Refs      Refs
	Files     []File // attachments: slot 6
	Authority Authority

	Erased []int // slots that were erased, ascending; what stood there is empty. No part of the entry's bytes
}

// IsRoot reports whether the event begins an object.
func (e *Event) IsRoot() bool { return e.Root == e.Seq }

// Body is the content of one kind of event. Its type is the one registered
// for the kind.
type Body interface{ kind() Kind }

// By says who acted: slot 1. In a room's and its access log it is a member
// number; in the system log a person; of a veiled message only the type of an
// organisation. All empty means the system itself.
type By struct {
	Member MemberNo `json:"member,omitempty"`
	Org    OrgID    `json:"org,omitempty"` // on whose behalf
	// OrgType stands alone, in veiled messages: of what type their organisation is.
	OrgType OrgType  `json:"orgType,omitempty"`
	Person  PersonID `json:"person,omitempty"`
	Role    Role     `json:"role,omitempty"` // the role they acted in
}

// Veiled reports whether it says no more of who acted than the type of their
// organisation.
func (b By) Veiled() bool { return b.OrgType != "" && b.Member == 0 }

// Times are an entry's clocks: slot 2. All are UTC with milliseconds.
type Times struct {
	About    bool    `json:"about,omitempty"`   // occurred is not exact
	Exercise Instant `json:"exercise,omitzero"` // the exercise clock's time, in exercises
	Occurred Instant `json:"occurred,omitzero"` // when it happened, if that is not when it was recorded; in an exercise with a clock, by that clock
	Recorded Instant `json:"recorded"`          // by the database's clock; never before the entry above it
}

// Shown is the time people are shown first: the exercise clock's in an
// exercise, else when it was recorded.
func (t Times) Shown() Instant {
	if !t.Exercise.IsZero() {
		return t.Exercise
	}
	return t.Recorded
}

// Happened is when it happened, by the room's time: as was said, else when it
// was recorded.
func (t Times) Happened() Instant {
	if !t.Occurred.IsZero() {
		return t.Occurred
	}
	return t.Shown()
}

// Instant is a time in UTC with millisecond precision, written as RFC 3339.
type Instant struct{ time.Time }

const instantLayout = "2006-01-02T15:04:05.000Z"

// At returns t cut to milliseconds, in UTC.
func At(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Millisecond)} }

// MarshalJSON writes RFC 3339 in UTC with three decimals.
func (t Instant) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(make([]byte, 0, 26), `"`+instantLayout+`"`), nil
}

// UnmarshalJSON reads RFC 3339 with any zone and cuts to milliseconds.
func (t *Instant) UnmarshalJSON(b []byte) error {
	if err := t.Time.UnmarshalJSON(b); err != nil {
		return err
	}
	*t = At(t.Time)
	return nil
}

// Refs are an entry's references by number: slot 5. A citation by number does
// not carry its source's text, so it follows no audience.
type Refs struct {
	Cites   []Seq   `json:"cites,omitempty"`
	From    *LogRef `json:"from,omitempty"` // the entry of another log this one follows from
	Logs    []LogID `json:"logs,omitempty"` // the logs it begins: a room's, then its access log's; a witness is shown this slot to admit them
	Quotes  []Quote `json:"quotes,omitempty"`
	ReplyTo Seq     `json:"replyTo,omitempty"`
}

// Quote is a part of another entry's text, by reference: whoever may not see
// that entry is shown its number. So what is quoted keeps its own label and
// readers, and goes when it is recalled.
type Quote struct {
	Entry Seq `json:"entry"` // the entry whose body holds the text
	From  int `json:"from"`  // in bytes of that text, on the border of a character
	To    int `json:"to"`    // the first byte that is not quoted
}

// LogRef points at an entry of another log.
type LogRef struct {
	Log LogID `json:"log"`
	Seq Seq   `json:"seq"`
}

// Authority says by what right it was done: slot 7.
type Authority struct {
	Key      Key     `json:"key,omitempty"`      // the command's idempotency key
	Override string  `json:"override,omitempty"` // why a host wrote it though it bears a protective marking
	Seen     Seq     `json:"seen,omitempty"`     // the last entry on the actor's screen, where a stale view matters
	StepUp   Instant `json:"stepUp,omitzero"`    // the second factor it rests on
	// Way says that the session was begun at no issuer.
	Way SignInWay `json:"way,omitempty"`
}
