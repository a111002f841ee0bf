package notify

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// A Notice is everything one message can say. Its fields are enums, numbers
// and forms that no sentence fits into.
type Notice struct {
	Purpose Purpose
	Room    Room   // which incident, by its reference
	About   Ref    // which alert, of those purposes; then there is no room
	Code    Code   // what is typed at Site, to acknowledge without signing in or to join
	Digits  Digits // of Verify, which names no room and has no other code
	Site    Site   // where it is typed
	Duty    Phone  // whom to ring instead
}

// Check says what keeps a notice from being sent.
func (n Notice) Check() error {
	switch {
	case !n.Purpose.Known():
		return errors.New("notify: a notice has one of the purposes")
	case (n.Purpose == Verify) == n.Digits.IsZero():
		return errors.New("notify: six digits are for finding out whether a number or address reaches somebody")
	case n.Purpose == Verify && (!n.Room.IsZero() || !n.About.IsZero() || !n.Code.IsZero()):
		return errors.New("notify: six digits stand alone")
	case n.Purpose == Verify:
	case n.Purpose.Alerts() == n.About.IsZero(), n.Purpose.Alerts() && !n.Room.IsZero():
		return errors.New("notify: a notice names an alert or a room, by its reference")
	case n.Purpose.Alerts() && !n.Code.IsZero():
	case n.Room.IsZero():
		return errors.New("notify: a notice names a room by its reference")
	case n.Code.IsZero():
		return errors.New("notify: a notice has a code to type")
	}
	switch {
	case n.Site.IsZero():
		return errors.New("notify: a notice says where to go")
	case n.Duty.IsZero():
		return errors.New("notify: a notice says whom to ring")
	}
	return nil
}

// Room is an incident's reference, INC-2026-0001; an exercise's begins EX.
type Room struct {
	exercise bool
	year     uint16
	number   uint32
}

var roomForm = regexp.MustCompile(`\A(INC|EX)-([1-9][0-9]{3})-([0-9]{4}|[1-9][0-9]{4,5})\z`)

// ParseRoom takes a reference, and nothing that merely contains one.
func ParseRoom(reference string) (Room, error) {
	m := roomForm.FindStringSubmatch(reference)
	if m == nil {
		return Room{}, errors.New("notify: not a room's reference")
	}
	r := Room{exercise: m[1] == "EX"}
	if _, err := fmt.Sscanf(m[2]+" "+m[3], "%d %d", &r.year, &r.number); err != nil || r.number == 0 {
		return Room{}, errors.New("notify: not a room's reference")
	}
	return r, nil
}

// IsZero reports whether there is no room.
func (r Room) IsZero() bool { return r == Room{} }

// Exercise reports whether the room is an exercise, of which nobody may be
// told in earnest.
func (r Room) Exercise() bool { return r.exercise }

// String is the reference.
func (r Room) String() string {
	if r.IsZero() {
		return ""
	}
	prefix := "INC"
	if r.exercise {
		prefix = "EX"
	}
	return fmt.Sprintf("%s-%04d-%04d", prefix, r.year, r.number)
}

// Ref is an alert's reference, CC-0001. It is made of the alert's number.
type Ref struct{ alert uint32 }

// AlertRef is the reference of an alert, of which 1 is the first.
func AlertRef(number int) (Ref, error) {
	if number < 1 || number > 999_999 {
		return Ref{}, errors.New("notify: not an alert's number")
	}
	return Ref{uint32(number)}, nil
}

// IsZero reports whether there is no alert.
func (r Ref) IsZero() bool { return r == Ref{} }

// String is the reference.
func (r Ref) String() string {
	if r.IsZero() {
		return ""
	}
	return fmt.Sprintf("CC-%04d", r.alert)
}

// Code is ten capital letters and digits that are not taken for one another,
// drawn at random: ABCDE-23456. It is kept as a number below 30¹⁰.
type Code struct{ n uint64 } // 1 + the ten characters as digits to base 30; 0 is no code

// codeAlphabet is also that of the directory's invitations.
const codeAlphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

// ParseCode takes a code as it is shown: two times five characters.
func ParseCode(shown string) (Code, error) {
	if len(shown) != 11 || shown[5] != '-' {
		return Code{}, errors.New("notify: not a code")
	}
	var n uint64
	for _, c := range []byte(shown[:5] + shown[6:]) {
		i := strings.IndexByte(codeAlphabet, c)
		if i < 0 {
			return Code{}, errors.New("notify: not a code")
		}
		n = n*uint64(len(codeAlphabet)) + uint64(i)
	}
	return Code{n + 1}, nil
}

// codes is how many there are: 30¹⁰, 49 bits.
const codes = 590_490_000_000_000

// MakeCode makes a code of a random number.
func MakeCode(random uint64) Code { return Code{1 + random%codes} }

// TypedCode reads a code as people type it: in any case, with or without
// hyphens and spaces.
func TypedCode(text string) (Code, error) {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ' || r == '\t' || r == '-' || r >= '\u2010' && r <= '\u2015' || r == '\u00a0':
			return -1
		}
		return r
	}, text)
	if len(plain) != 10 {
		return Code{}, errors.New("notify: not a code")
	}
	return ParseCode(plain[:5] + "-" + plain[5:])
}

// IsZero reports whether there is no code.
func (c Code) IsZero() bool { return c.n == 0 }

// Shown is the code as people read it.
func (c Code) Shown() string {
	if c.IsZero() {
		return ""
	}
	text, n := []byte("00000-00000"), c.n-1
	for i := len(text) - 1; i >= 0; i-- {
		if i != 5 {
			text[i] = codeAlphabet[n%uint64(len(codeAlphabet))]
			n /= uint64(len(codeAlphabet))
		}
	}
	return string(text)
}

// String tells of a code only whether there is one: it opens something.
func (c Code) String() string {
	if c.IsZero() {
		return "no code"
	}
	return "a code"
}

// Format writes what String says whatever is asked for.
func (c Code) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// Digits are six digits that were drawn at random.
type Digits struct{ n uint32 } // 1 + the number; 0 is none

// ParseDigits takes six digits and nothing else.
func ParseDigits(text string) (Digits, error) {
	n := uint32(0)
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return Digits{}, errors.New("notify: not six digits")
		}
		n = n*10 + uint32(c-'0')
	}
	if len(text) != 6 {
		return Digits{}, errors.New("notify: not six digits")
	}
	return Digits{n + 1}, nil
}

// IsZero reports whether there are none.
func (d Digits) IsZero() bool { return d.n == 0 }

// Shown is the digits.
func (d Digits) Shown() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%06d", d.n-1)
}

// String tells of them only whether there are any: they open something.
func (d Digits) String() string {
	if d.IsZero() {
		return "no digits"
	}
	return "six digits"
}

// Format writes what String says whatever is asked for.
func (d Digits) Format(f fmt.State, _ rune) { io.WriteString(f, d.String()) }

// Site is where this deployment is reached, as people type it: a host, and a
// port where it is not the usual one. It is made of the deployment's own
// address, at the start; what follows it is one of a few paths.
type Site struct {
	plain bool // http, on one's own machine
	host  string
}

var hostForm = regexp.MustCompile(`\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\z`)

// ParseSite takes the deployment's public address: https, or http of this very
// machine, and nothing but host and port.
func ParseSite(origin string) (Site, error) {
	bad := errors.New("notify: not an address that people can type")
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" || len(u.Host) > 100 {
		return Site{}, bad
	}
	host := u.Hostname()
	ip, notIP := netip.ParseAddr(host)
	here := host == "localhost" || notIP == nil && ip.IsLoopback()
	switch {
	case u.Scheme != "https" && !(u.Scheme == "http" && here):
		return Site{}, bad
	case notIP != nil && (!hostForm.MatchString(host) || !here && !strings.Contains(host, ".")):
		return Site{}, bad
	}
	if p := u.Port(); p != "" {
		if strings.Trim(p, "0123456789") != "" {
			return Site{}, bad
		}
		host = net.JoinHostPort(host, p)
	} else if notIP == nil && ip.Is6() {
		host = "[" + host + "]"
	}
	return Site{plain: u.Scheme == "http", host: host}, nil
}

// IsZero reports whether there is no site.
func (s Site) IsZero() bool { return s == Site{} }

// paths are where each purpose sends its reader. Whatever is said behind them
// is said to who signs in.
var paths = map[Purpose]string{Raised: "/ack", Update: "/ack", Invitation: "/join", Escalation: "/ack", NeededMention: "/ack", NeededAction: "/ack", NeededRole: "/ack",
	NeededClock: "/ack", NeededHandover: "/ack", Alert: "/ack", AlertChased: "/ack", Verify: ""}

// Address is where a notice of this purpose sends its reader, with its scheme,
// so that a telephone makes a link of it.
func (s Site) Address(p Purpose) string {
	if s.IsZero() {
		return ""
	}
	scheme := "https://"
	if s.plain {
		scheme = "http://"
	}
	return scheme + s.host + paths[p]
}

// String is the site's address.
func (s Site) String() string { return s.Address(0) }

// ID names one message to one recipient, for ever. It is the reference that
// GOV.UK Notify keeps with it, so it holds nothing about either.
type ID [16]byte

// NewID draws one.
func NewID() (id ID) {
	rand.Read(id[:])
	return id
}

// ParseID reads what [ID.String] wrote.
func ParseID(text string) (id ID, err error) {
	if len(text) != hex.EncodedLen(len(id)) || strings.ToLower(text) != text {
		return id, errors.New("notify: not a message's id")
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return ID{}, errors.New("notify: not a message's id")
	}
	return id, nil
}

// String is the id in hexadecimal.
func (id ID) String() string { return hex.EncodeToString(id[:]) }
