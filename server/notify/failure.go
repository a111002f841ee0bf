package notify

import (
	"fmt"
	"time"
)

// Kind is what a failure means for the message.
type Kind uint8

// The kinds of failure, and what is done about each.
const (
	Unsent    Kind = iota + 1 // it never left this machine, or was not taken: try again, soon
	Uncertain                 // it may have been accepted: ask for it from After on, before trying again
	Busy                      // too fast: back off, until After at least, and try again
	Exhausted                 // the day's limit is spent: not before After; somebody should know
	Refused                   // it will never be taken as it is: the recipient, or the template
	Denied                    // the key or the sender is not taken: nothing will be, until that is mended
	Skewed                    // this machine's clock is wrong by Offset: nothing will be taken until it is right
	Missing                   // there is no such message or template, or no longer
	Strange                   // an answer that nobody expects from GOV.UK Notify: something else answers there
)

var kinds = [...]string{Unsent: "unsent", Uncertain: "uncertain", Busy: "busy", Exhausted: "exhausted", Refused: "refused", Denied: "denied", Skewed: "skewed", Missing: "missing", Strange: "strange"}

// String is the kind's name, for counters.
func (k Kind) String() string {
	if int(k) >= len(kinds) || k == 0 {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return kinds[k]
}

// Failure is why something was not sent, or may not have been. It names no
// recipient and repeats nothing of what was sent.
type Failure struct {
	Kind   Kind
	Status int           // of HTTP or SMTP; 0 where there was no answer
	Type   string        // as GOV.UK Notify names its errors; "" where it said none
	After  time.Time     // by this machine's clock: not earlier
	Offset time.Duration // of Skewed: how far this machine's clock is ahead; behind if negative

	cause error // without address or content: a kind of network error
}

// Error says what is wrong and what to do, in a sentence for an operator.
func (f *Failure) Error() string {
	var said string
	switch f.Kind {
	case Unsent:
		said = "it could not be reached"
	case Uncertain:
		said = "no answer that says whether the message was accepted"
	case Busy:
		said = "too many messages a minute"
	case Exhausted:
		said = "the day's limit is spent; it begins anew at midnight UTC"
	case Refused:
		said = "it will not take this message"
	case Denied:
		said = "it does not let this service in"
	case Skewed:
		way := "ahead of"
		if f.Offset < 0 {
			way = "behind"
		}
		said = fmt.Sprintf("this machine's clock is %s %s GOV.UK Notify's, and must be right to within 30 seconds", f.Offset.Abs().Round(time.Second), way)
	case Missing:
		said = "it knows of no such message, or no longer"
	default:
		said = "something answers that is not GOV.UK Notify"
	}
	if f.Status != 0 {
		said += fmt.Sprintf(" (%d %s)", f.Status, f.Type)
	}
	if f.cause != nil {
		said += ": " + f.cause.Error()
	}
	return "notify: " + said
}

// Unwrap is the network's own error.
func (f *Failure) Unwrap() error { return f.cause }

// Again reports whether the same message may be tried again at After, or now
// if that is zero; of an Uncertain one only once it was asked for in vain.
func (f *Failure) Again() bool {
	return f.Kind == Unsent || f.Kind == Uncertain || f.Kind == Busy || f.Kind == Exhausted
}
