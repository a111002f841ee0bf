package incident

import "slices"

// TLP is a Traffic Light Protocol 2.0 label (FIRST, August 2022): how far a
// reader may pass an entry on. It says nothing about who receives it; that is
// the Audience.
type TLP string

const (
	Clear       TLP = "TLP:CLEAR"
	Green       TLP = "TLP:GREEN"
	Amber       TLP = "TLP:AMBER"
	AmberStrict TLP = "TLP:AMBER+STRICT"
	Red         TLP = "TLP:RED"
)

var tlpOrder = []TLP{Clear, Green, Amber, AmberStrict, Red}

// Rank orders labels from CLEAR (0) to RED (4); -1 is not a label.
func (t TLP) Rank() int { return slices.Index(tlpOrder, t) }

// Valid reports whether t is one of the five labels, written as FIRST writes
// them: capitals, no space.
func (t TLP) Valid() bool { return t.Rank() >= 0 }

// PAP is a label of the Permissible Actions Protocol: what may be done with
// an entry. Empty means none was given.
type PAP string

const (
	PAPClear PAP = "PAP:CLEAR"
	PAPGreen PAP = "PAP:GREEN"
	PAPAmber PAP = "PAP:AMBER"
	PAPRed   PAP = "PAP:RED"
)

// Caveat is a handling caveat of the UK Government Security Classifications.
// Sensitive is not a classification but a caveat on OFFICIAL.
type Caveat string

const (
	Official          Caveat = "OFFICIAL"
	OfficialSensitive Caveat = "OFFICIAL-SENSITIVE"
)

// AudienceKind says how an audience is given.
type AudienceKind string

const (
	ToRoom  AudienceKind = "room"  // every member whose history reaches the entry
	ToHosts AudienceKind = "hosts" // members who act for a host organisation
	ToNamed AudienceKind = "named" // the members and organisations listed
)

// Audience says who receives an entry. It belongs to the entry's root, and
// what counts is the root's audience as it stands at the head of the log, so
// that withholding and recalling work.
type Audience struct {
	Kind    AudienceKind `json:"kind"`
	Members []MemberNo   `json:"members,omitempty"` // ascending, no duplicates
	Orgs    []OrgID      `json:"orgs,omitempty"`    // ascending, no duplicates; later joiners of them too
}

// Includes reports whether the audience names the member. It asks nothing
// about membership or history; that is policy's.
func (a Audience) Includes(m *Member) bool {
	switch a.Kind {
	case ToRoom:
		return true
	case ToHosts:
		return m.Host
	case ToNamed:
		return slices.Contains(a.Members, m.Number) || slices.Contains(a.Orgs, m.Org)
	}
	return false
}

// Key is a comparable form of the audience, for grouping entries that go to
// the same people.
func (a Audience) Key() string {
	if a.Kind != ToNamed {
		return string(a.Kind)
	}
	b := []byte("named")
	for _, m := range a.Members {
		b = append(b, ' ')
		b = appendUint(b, uint64(m))
	}
	for _, o := range a.Orgs {
		b = append(b, ' ')
		b = append(b, o...)
	}
	return string(b)
}

func appendUint(b []byte, n uint64) []byte {
	if n >= 10 {
		b = appendUint(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// Normal returns the audience with its lists sorted and without duplicates,
// so that equal audiences have equal bytes.
func (a Audience) Normal() Audience {
	if a.Kind != ToNamed {
		return Audience{Kind: a.Kind}
	}
	m, o := slices.Clone(a.Members), slices.Clone(a.Orgs)
	slices.Sort(m)
	slices.Sort(o)
	return Audience{Kind: ToNamed, Members: slices.Compact(m), Orgs: slices.Compact(o)}
}

// Equal reports whether two normal audiences are the same.
func (a Audience) Equal(b Audience) bool {
	return a.Kind == b.Kind && slices.Equal(a.Members, b.Members) && slices.Equal(a.Orgs, b.Orgs)
}

// Marking is what stands on the black bar before an entry, and who receives
// it: slot 3.
type Marking struct {
	Audience   Audience `json:"audience"`
	Caveat     Caveat   `json:"caveat,omitempty"`
	Originator OrgID    `json:"originator"` // whose item it is: only they widen or lower it
	PAP        PAP      `json:"pap,omitempty"`
	Recorded   bool     `json:"recorded,omitempty"` // opening it is put on the access log, with the name of who did
	TLP        TLP      `json:"tlp"`
}
