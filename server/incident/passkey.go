package incident

import "slices"

func init() {
	root := KindInfo{Log: SystemLog, Root: true}
	register[*PasskeyEnrolled](root)
	register[*PasskeyRemoved](root)
}

// SignInWay is how a session was begun. It stands in every entry that is
// written by one which was not begun at an issuer.
type SignInWay string

const (
	ByIssuer  SignInWay = ""
	ByPasskey SignInWay = "passkey" // enrolled beforehand; counts as a second factor
	ByCodes   SignInWay = "code"    // one sent to the person, one read out by a host
)

// ByOtherWayFor is how long a session lasts that no issuer vouched for.
const ByOtherWayFor = StepUpFor

// MaxPasskeys bounds how many passkeys a person has at once.
const MaxPasskeys = 10

// PasskeyEnrolled says that a person may sign in with a passkey of this number.
// What it is called, and its key, stand in no log.
type PasskeyEnrolled struct {
	Number int      `json:"number"` // of this person's, from 1; never given twice
	Person PersonID `json:"person"`
}

func (*PasskeyEnrolled) kind() Kind { return "passkey.enrolled" }

// PasskeyRemoved ends it. Sessions that were begun with a passkey end with it.
type PasskeyRemoved struct {
	Number int      `json:"number"`
	Person PersonID `json:"person"`
	Why    string   `json:"why"` // owner, administrator
}

func (*PasskeyRemoved) kind() Kind { return "passkey.removed" }

// HasPasskey reports whether the record lets the person sign in with their
// passkey of this number.
func (p Person) HasPasskey(n int) bool { return slices.Contains(p.Passkeys, n) }

func (s *System) keying(e *Event) {
	switch b := e.Body.(type) {
	case *PasskeyEnrolled:
		s.person(b.Person, func(p *Person) {
			p.Passkeys, p.LastPasskey = append(slices.Clip(p.Passkeys), b.Number), b.Number
		})
	case *PasskeyRemoved:
		s.person(b.Person, func(p *Person) {
			p.Passkeys = slices.DeleteFunc(slices.Clone(p.Passkeys), func(n int) bool { return n == b.Number })
		})
	}
}
