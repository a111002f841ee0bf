package notify

import "fmt"

// Purpose is why somebody is written to. There are no others.
type Purpose uint8

// The purposes. The first two are broadcast: to many, after approval. Those of
// alerts go to the contacts of the organisations an alert went to. The others
// are personal: to one, who is away.
const (
	Raised         Purpose = iota + 1 // a major incident has been raised
	Update                            // there is something new about it
	Invitation                        // you are invited into a room
	Escalation                        // a decision is asked of you, against a clock
	NeededMention                     // you are needed: somebody named you
	NeededAction                      // you are needed: an action is yours
	NeededRole                        // you are needed: a role is yours
	NeededClock                       // you are needed: what the law wants told is yours to see to; said as an action is
	NeededHandover                    // you are needed: a post is handed over to you; said as a role is
	Alert                             // an alert went to your organisation
	AlertChased                       // it waits for your organisation's answer
	Verify                            // six digits that tell whether a number or address reaches somebody
	afterLast
	numPurposes = int(afterLast) - 1
)

var purposes = [...]string{Raised: "raised", Update: "update", Invitation: "invitation", Escalation: "escalation",
	NeededMention: "needed-mention", NeededAction: "needed-action", NeededRole: "needed-role",
	NeededClock: "needed-clock", NeededHandover: "needed-handover", Alert: "alert", AlertChased: "alert-chased", Verify: "verify"}

// Purposes are those that are about an incident or an alert, in order.
func Purposes() []Purpose {
	all := make([]Purpose, 0, numPurposes)
	for p := Raised; p < Verify; p++ {
		all = append(all, p)
	}
	return all
}

// Worded are all that there is a wording of, and a template: see
// [Purpose.Words].
func Worded() (all []Purpose) {
	for p := Raised; p < afterLast; p++ {
		if p.Words() == p {
			all = append(all, p)
		}
	}
	return all
}

// Words is the purpose whose words, and whose template, a message of this one
// is said in: people are needed for one of three things and no other.
func (p Purpose) Words() Purpose {
	switch p {
	case NeededClock:
		return NeededAction
	case NeededHandover:
		return NeededRole
	}
	return p
}

// Known reports whether it is one of the purposes.
func (p Purpose) Known() bool { return p >= Raised && p < afterLast }

// Broadcast reports whether it goes to many after approval, rather than to one
// person who is away.
func (p Purpose) Broadcast() bool { return p == Raised || p == Update }

// Alerts reports whether it is about an alert, and not about a room.
func (p Purpose) Alerts() bool { return p == Alert || p == AlertChased }

// String is the purpose's name as it is stored and configured.
func (p Purpose) String() string {
	if !p.Known() {
		return fmt.Sprintf("Purpose(%d)", uint8(p))
	}
	return purposes[p]
}

// ParsePurpose reads what [Purpose.String] wrote.
func ParsePurpose(name string) (Purpose, error) {
	for p := Raised; p < afterLast; p++ {
		if purposes[p] == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("notify: there is no such purpose")
}

// MarshalText writes the purpose's name.
func (p Purpose) MarshalText() ([]byte, error) {
	if !p.Known() {
		return nil, fmt.Errorf("notify: there is no such purpose")
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads the purpose's name.
func (p *Purpose) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePurpose(string(text))
	return err
}
