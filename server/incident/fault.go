package incident

import (
	"errors"
	"fmt"
)

// Fault is a kind of refusal. Status codes live at the edge only; see
// web.Error for the table.
type Fault string

const (
	Invalid     Fault = "invalid"     // the request cannot be carried out as written; Fields says why
	SignedOut   Fault = "signed_out"  // no live session
	StepUp      Fault = "step_up"     // allowed, after a fresh second factor
	NotFound    Fault = "not_found"   // missing, or not yours to know of: the same answer, byte for byte
	Forbidden   Fault = "forbidden"   // you may see it, and may not do this to it
	Conflict    Fault = "conflict"    // the room has moved on since you looked; Message says what changed
	Unavailable Fault = "unavailable" // try again; nothing was stored
	TooMany     Fault = "too_many"    // slow down; nothing was stored
	Internal    Fault = "internal"    // our fault; details stay in the log
)

// Field names one thing wrong with a request, for the person at the form.
type Field struct {
	Name    string `json:"name"`    // path in the request body, e.g. "report.type"
	Message string `json:"message"` // one sentence that says what to do
}

// Error is a refusal: a kind, a sentence for the person, and what is wrong
// field by field. It never holds content of an entry.
type Error struct {
	Fault   Fault
	Code    Code // "" for most
	Message string
	Fields  []Field
}

// Code names a refusal that a screen answers in a way of its own.
type Code string

const (
	Gained            Code = "gained"             // somebody came in since it was shown who receives this
	ProtectiveMarking Code = "protective_marking" // a text bears a marking above what is held here
)

func (e *Error) Error() string {
	if len(e.Fields) > 0 {
		return fmt.Sprintf("%s: %s (%s: %s)", e.Fault, e.Message, e.Fields[0].Name, e.Fields[0].Message)
	}
	return string(e.Fault) + ": " + e.Message
}

// Is makes errors.Is(err, incident.NotFound) work on a wrapped *Error.
func (e *Error) Is(target error) bool {
	f, ok := target.(Fault)
	return ok && e.Fault == f
}

// Error makes a Fault usable as a sentinel in errors.Is.
func (f Fault) Error() string { return string(f) }

// Refuse returns an *Error of the given kind with a sentence for the person.
func Refuse(f Fault, format string, args ...any) *Error {
	return &Error{Fault: f, Message: fmt.Sprintf(format, args...)}
}

// Missing is the one answer for what does not exist and for what is not the
// asker's to know of.
func Missing() *Error { return &Error{Fault: NotFound, Message: "There is nothing here for you."} }

// BadField returns an Invalid refusal about one field.
func BadField(name, format string, args ...any) *Error {
	return &Error{Fault: Invalid, Message: "Some of this needs changing.",
		Fields: []Field{{Name: name, Message: fmt.Sprintf(format, args...)}}}
}

// FaultOf returns the kind of err; anything unknown is Internal.
func FaultOf(err error) Fault {
	var e *Error
	if errors.As(err, &e) {
		return e.Fault
	}
	return Internal
}
