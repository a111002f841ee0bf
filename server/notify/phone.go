package notify

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// PhoneKind is what can be done with a number.
type PhoneKind uint8

// The kinds.
const (
	Mobile        PhoneKind = iota + 1 // of the United Kingdom: gets text messages
	Crown                              // a mobile of Jersey, Guernsey or the Isle of Man: gets text messages, at another price
	Landline                           // of the United Kingdom: can be rung
	International                      // of another country
)

// Phone is a telephone number that can exist. It prints itself masked: who
// needs the number asks for it by [Phone.E164] or [Phone.Shown].
type Phone struct {
	number string // the country's prefix and the number, digits only
	kind   PhoneKind
}

// What is wrong with a number, in GOV.UK Notify's words.
var (
	ErrTooManyDigits   = errors.New("Too many digits")
	ErrTooFewDigits    = errors.New("Not enough digits")
	ErrNotMobile       = errors.New("Not a UK mobile number")
	ErrOtherCharacters = errors.New("Must not contain letters or symbols")
	ErrNoSuchPrefix    = errors.New("Not a valid country prefix")
	ErrNoSuchNumber    = errors.New("Number is not valid – double check the phone number you entered")
)

// Numbers that Ofcom keeps for plays and films. The library calls them
// invalid; GOV.UK Notify takes them, and its test numbers are among them.
var drama = regexp.MustCompile(`\A447700900[0-9]{3}\z`)

var dashes = strings.NewReplacer("\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u2014", "-", "\u2212", "-")

// ParsePhone reads a number as people write it: with spaces, brackets, dashes,
// with +44, 0044 or 0, or without any. It takes what GOV.UK Notify takes.
func ParsePhone(text string) (Phone, error) {
	plain := strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, dashes.Replace(text))
	if strings.Trim(plain, "0123456789()-+") != "" {
		return Phone{}, ErrOtherCharacters
	}
	for _, r := range plain {
		if !strings.ContainsRune("0123456789()-+", r) {
			return Phone{}, ErrOtherCharacters
		}
	}
	p, err := parsePhone(plain)
	if err != nil {
		// A zero or a plus too many, as tables lose and gain them.
		if again, other := parsePhone(strings.TrimLeft(strings.ReplaceAll(plain, "+", ""), "0")); other == nil {
			return again, nil
		}
	}
	return p, err
}

// unseen reports whether a character takes no room, or only room.
func unseen(r rune) bool {
	return r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == '\v' || r == '\f' || r == '\u00a0' || r == '\u202f' || r == '\u180e' ||
		r == '\ufeff' || r >= '\u2000' && r <= '\u200d' || r == '\u2028' || r == '\u2029' || r == '\u205f' || r == '\u2060' || r == '\u3000' || r == '\u0085'
}

func parsePhone(plain string) (Phone, error) {
	if plain == "" {
		return Phone{}, ErrTooFewDigits
	}
	n, err := phonenumbers.Parse(plain, "GB")
	switch {
	case errors.Is(err, phonenumbers.ErrInvalidCountryCode):
		return Phone{}, ErrNoSuchPrefix
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return Phone{}, ErrTooManyDigits
	case errors.Is(err, phonenumbers.ErrTooShortAfterIDD), errors.Is(err, phonenumbers.ErrTooShortNSN):
		return Phone{}, ErrTooFewDigits
	case err != nil:
		return Phone{}, ErrNoSuchNumber
	}
	if why := phonenumbers.IsPossibleNumberWithReason(n); why != phonenumbers.IS_POSSIBLE {
		// No plus and no 00, and no number of here: perhaps they were lost.
		abroad, err := phonenumbers.Parse("+"+plain, "ZZ")
		if err != nil || !phonenumbers.IsPossibleNumber(abroad) {
			return Phone{}, impossible(why)
		}
		n = abroad
	}
	digits := strings.TrimPrefix(phonenumbers.Format(n, phonenumbers.E164), "+")
	if drama.MatchString(digits) {
		return Phone{digits, Mobile}, nil
	}
	if !phonenumbers.IsValidNumber(n) {
		return Phone{}, ErrNoSuchNumber
	}
	kind := kindOf(n)
	if kind == 0 {
		return Phone{}, ErrNoSuchNumber
	}
	return Phone{digits, kind}, nil
}

func impossible(why phonenumbers.ValidationResult) error {
	switch why {
	case phonenumbers.TOO_LONG:
		return ErrTooManyDigits
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return ErrTooFewDigits
	case phonenumbers.INVALID_COUNTRY_CODE:
		return ErrNoSuchPrefix
	}
	return ErrNoSuchNumber
}

// kindOf is 0 for numbers that nobody is reached by: pagers, premium rates.
func kindOf(n *phonenumbers.PhoneNumber) PhoneKind {
	kind := phonenumbers.GetNumberType(n)
	switch kind {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.UAN, phonenumbers.PERSONAL_NUMBER:
	default:
		return 0
	}
	switch {
	case n.GetCountryCode() != 44:
		return International
	case kind == phonenumbers.FIXED_LINE, kind == phonenumbers.FIXED_LINE_OR_MOBILE, kind == phonenumbers.UAN:
		return Landline
	case phonenumbers.GetRegionCodeForNumber(n) != "GB":
		return Crown
	}
	return Mobile
}

// IsZero reports whether there is no number.
func (p Phone) IsZero() bool { return p.number == "" }

// Kind is what can be done with the number.
func (p Phone) Kind() PhoneKind { return p.kind }

// Texts reports whether the number gets text messages from here: mobiles of
// the United Kingdom and the Crown dependencies.
func (p Phone) Texts() bool { return p.kind == Mobile || p.kind == Crown }

// Invented reports whether the number is one of those kept for plays and
// films, which reach nobody.
func (p Phone) Invented() bool { return drama.MatchString(p.number) }

// E164 is the number as +447700900123 (ITU-T E.164).
func (p Phone) E164() string {
	if p.IsZero() {
		return ""
	}
	return "+" + p.number
}

// Digits is the number as 447700900123: as GOV.UK Notify stores it.
func (p Phone) Digits() string { return p.number }

// Shown is the number as people here write it.
func (p Phone) Shown() string {
	if p.IsZero() {
		return ""
	}
	if p.Invented() {
		return "0" + p.number[2:6] + " " + p.number[6:]
	}
	n, err := phonenumbers.Parse(p.E164(), "GB")
	if err != nil {
		return p.E164()
	}
	if n.GetCountryCode() == 44 {
		return phonenumbers.Format(n, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(n, phonenumbers.INTERNATIONAL)
}

// String is the number's last three digits.
func (p Phone) String() string {
	if p.IsZero() {
		return "no number"
	}
	return "…" + p.number[len(p.number)-3:]
}

// Format writes the masked number whatever is asked for.
func (p Phone) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) }

// LogValue is the masked number.
func (p Phone) LogValue() slog.Value { return slog.StringValue(p.String()) }
