package notify

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// Email is an address that can exist, in small letters. It prints itself
// masked: who needs the address asks for it by [Email.Address].
type Email struct{ address string }

// ErrNotEmail is what is wrong with an address, in GOV.UK Notify's words.
var ErrNotEmail = errors.New("Not a valid email address")

var (
	// Stricter than RFC 5321 before the @, as the providers behind GOV.UK
	// Notify are: no quotation marks, no spaces, no letters beyond ASCII.
	emailForm = regexp.MustCompile("\\A[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@([^.@][^@\\s]+)\\z")
	labelForm = regexp.MustCompile(`(?i)\A(xn|[a-z0-9]+)(-?-[a-z0-9]+)*\z`)
	topForm   = regexp.MustCompile(`(?i)\A([a-z]{2,63}|xn--([a-z0-9]+-)*[a-z0-9]+)\z`)
)

// ParseEmail reads an address. It takes what GOV.UK Notify takes.
func ParseEmail(text string) (Email, error) {
	text = strings.Map(func(r rune) rune {
		if r != ' ' && unseen(r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text))
	text = strings.TrimSpace(text)
	m := emailForm.FindStringSubmatch(text)
	if m == nil || len(text) > 320 || strings.Contains(text, "..") {
		return Email{}, ErrNotEmail
	}
	host, err := idna.Punycode.ToASCII(strings.ToLower(m[1]))
	if err != nil {
		return Email{}, ErrNotEmail
	}
	labels := strings.Split(host, ".")
	if len(host) > 253 || len(labels) < 2 || !topForm.MatchString(labels[len(labels)-1]) {
		return Email{}, ErrNotEmail
	}
	for _, l := range labels {
		if len(l) > 63 || !labelForm.MatchString(l) {
			return Email{}, ErrNotEmail
		}
	}
	return Email{strings.ToLower(text)}, nil
}

// IsZero reports whether there is no address.
func (e Email) IsZero() bool { return e.address == "" }

// Address is the address.
func (e Email) Address() string { return e.address }

// String is the address with most of it hidden.
func (e Email) String() string {
	if e.IsZero() {
		return "no address"
	}
	return e.address[:1] + "…@…"
}

// Format writes the masked address whatever is asked for.
func (e Email) Format(f fmt.State, _ rune) { io.WriteString(f, e.String()) }

// LogValue is the masked address.
func (e Email) LogValue() slog.Value { return slog.StringValue(e.String()) }
