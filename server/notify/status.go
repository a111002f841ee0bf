package notify

import "fmt"

// Status is what GOV.UK Notify says of a message. They are in order: of two
// that are heard of one message, in whatever order, the later one holds.
type Status uint8

// The statuses. After Created and Sending a provider tries for up to 72 hours.
const (
	Created   Status = iota + 1 // waits to be given to a provider, for seconds
	Sending                     // is with a provider
	Pending                     // the telephone has not answered yet
	Abroad                      // sent to another country, whose networks say no more
	Technical                   // never left: must be sent again
	Temporary                   // the telephone is off or full: may be sent again
	Permanent                   // no such number, or the network refuses: the contact must be mended
	Delivered                   // it is there; nothing that is heard later takes that back
)

var statuses = [...]string{Created: "created", Sending: "sending", Pending: "pending", Abroad: "sent",
	Technical: "technical-failure", Temporary: "temporary-failure", Permanent: "permanent-failure", Delivered: "delivered"}

// String is the status as GOV.UK Notify writes it.
func (s Status) String() string {
	if s == 0 || int(s) >= len(statuses) {
		return fmt.Sprintf("Status(%d)", uint8(s))
	}
	return statuses[s]
}

// ParseStatus reads a status as GOV.UK Notify writes it.
func ParseStatus(text string) (Status, bool) {
	for s := Created; s <= Delivered; s++ {
		if statuses[s] == text {
			return s, true
		}
	}
	return 0, false
}

// State is how far a message has come, as far as is known. The zero State is
// of one that nothing was heard of.
type State struct{ status Status }

// Advance is the state once a status was heard. Whatever is heard twice, late
// or out of order comes to the same: a state never goes back.
func (s State) Advance(heard Status) State {
	if heard > Delivered {
		return s
	}
	return State{max(s.status, heard)}
}

// Status is the last one; 0 for none.
func (s State) Status() Status { return s.status }

// Final reports whether nothing more need be asked. A delivery can still be
// heard of after a failure.
func (s State) Final() bool { return s.status >= Abroad }

// Failed reports whether the message did not arrive.
func (s State) Failed() bool { return s.status >= Technical && s.status <= Permanent }

// Resend reports whether it is worth sending again as it is.
func (s State) Resend() bool { return s.status == Technical || s.status == Temporary }

// Mend reports whether the contact is wrong: sending again is in vain.
func (s State) Mend() bool { return s.status == Permanent }
