package incident

import "slices"

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*ContactListed](root)
	register[*ContactChanged](root)
	register[*ContactVerified](root)
	register[*ContactCalled](root)
	register[*ContactLeft](root)
}

// ContactRole is what a contact answers for at their organisation.
type ContactRole string

const (
	CISO           ContactRole = "ciso"
	SIRO           ContactRole = "siro"
	CIO            ContactRole = "cio"
	OnCallDirector ContactRole = "on_call_director"
	ITSecurity     ContactRole = "it_security"
	CommsContact   ContactRole = "comms"
	ClinicalSafety ContactRole = "clinical_safety"
	AEO            ContactRole = "aeo" // accountable emergency officer
	OtherContact   ContactRole = "other"
)

// ContactRoles lists every role, in the order lists show them.
var ContactRoles = []ContactRole{CISO, SIRO, CIO, OnCallDirector, ITSecurity, CommsContact, ClinicalSafety, AEO, OtherContact}

// Valid reports whether there is such a role.
func (r ContactRole) Valid() bool { return slices.Contains(ContactRoles, r) }

// ChannelKind is a way to reach a contact.
type ChannelKind string

const (
	BySMS   ChannelKind = "sms"
	ByEmail ChannelKind = "email"
	ByVoice ChannelKind = "voice"
)

// ChannelKinds lists every kind, in the order forms offer them.
var ChannelKinds = []ChannelKind{BySMS, ByEmail, ByVoice}

// Valid reports whether there is such a kind.
func (k ChannelKind) Valid() bool { return slices.Contains(ChannelKinds, k) }

// Verification is how a channel was found to reach who it is said to reach.
type Verification string

const (
	ByCode    Verification = "code" // a code sent there came back
	ByRinging Verification = "rung" // a host rang back and spoke to them
)

// ContactOf is all that a log holds of a contact: that there was one. Their
// name, numbers and addresses are the directory's, and go with the contact.
type ContactOf struct {
	Contact string      `json:"contact"` // the directory's id: random, and nothing once they left
	Org     OrgID       `json:"org"`
	Role    ContactRole `json:"role"`
}

// ContactListed says that an organisation has a contact more.
type ContactListed struct{ ContactOf }

func (*ContactListed) kind() Kind { return "contact.listed" }

// ContactChanged says that something about a contact is another now.
type ContactChanged struct{ ContactOf }

func (*ContactChanged) kind() Kind { return "contact.changed" }

// ContactVerified says that a channel of theirs was found to reach them.
type ContactVerified struct {
	Channel ChannelKind  `json:"channel"`
	Contact string       `json:"contact"`
	How     Verification `json:"how"`
	Org     OrgID        `json:"org"`
	Role    ContactRole  `json:"role"`
}

func (*ContactVerified) kind() Kind { return "contact.verified" }

// ContactCalled says that somebody was shown how to reach a contact, to ring or
// write to them. It is stored before the number goes out.
type ContactCalled struct {
	Channel ChannelKind `json:"channel"`
	Contact string      `json:"contact"`
	Org     OrgID       `json:"org"`
	Role    ContactRole `json:"role"`
}

func (*ContactCalled) kind() Kind { return "contact.called" }

// ContactLeft says that a contact was taken off the directory, which forgot
// them.
type ContactLeft struct{ ContactOf }

func (*ContactLeft) kind() Kind { return "contact.left" }
