package evidence

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrNotCanonical means that bytes are not a canonical value.
var ErrNotCanonical = errors.New("evidence: not canonical JSON")

const (
	// maxDepth bounds how deep arrays and objects may nest.
	maxDepth = 100
	// maxInteger is the largest integer that every JSON reader keeps exactly,
	// 2^53 − 1 (RFC 7493, section 2.2).
	maxInteger = "9007199254740991"
)

// CheckSorted returns nil if b is one canonical JSON value, the form that
// [Encode] writes; otherwise an [ErrNotCanonical] that says where and why but
// repeats nothing of b. Canonical is RFC 8785 without fractions:
//
//   - UTF-8, no white space outside strings, nothing before or after the value;
//   - the names of an object's members ascend by their UTF-16 code units (for
//     ASCII: by their bytes) and none occurs twice;
//   - a string escapes only the quotation mark, the backslash and what is below
//     U+0020, the latter as \b \t \n \f \r or else \u00xx in lower case;
//   - a number is an integer of at most ±(2^53 − 1), without fraction, exponent,
//     leading zero, plus sign or negative zero;
//   - at most 100 arrays and objects within each other.
func CheckSorted(b []byte) error {
	s := scanner{b: b}
	if !utf8.Valid(b) {
		return s.fail("not UTF-8")
	}
	if err := s.value(0); err != nil {
		return err
	}
	if s.at < len(b) {
		return s.fail("something follows the value")
	}
	return nil
}

// A scanner walks over canonical JSON; at is the next byte to look at.
type scanner struct {
	b  []byte
	at int
}

func (s *scanner) fail(why string) error {
	return fmt.Errorf("%w: byte %d: %s", ErrNotCanonical, s.at, why)
}

// take steps over c if it is next.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.b) && s.b[s.at] == c {
		s.at++
		return true
	}
	return false
}

// value steps over one value inside depth arrays and objects.
func (s *scanner) value(depth int) error {
	if s.at == len(s.b) {
		return s.fail("a value is missing")
	}
	switch c := s.b[s.at]; {
	case c == '{' || c == '[':
		if depth == maxDepth {
			return s.fail("nested too deeply")
		}
		s.at++
		if c == '{' {
			return s.object(depth + 1)
		}
		return s.array(depth + 1)
	case c == '"':
		_, err := s.string()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return s.integer()
	}
	for _, word := range []string{"true", "false", "null"} {
		if rest := s.b[s.at:]; len(rest) >= len(word) && string(rest[:len(word)]) == word {
			s.at += len(word)
			return nil
		}
	}
	return s.fail("not a value")
}

func (s *scanner) array(depth int) error {
	if s.take(']') {
		return nil
	}
	for {
		if err := s.value(depth); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.fail("no comma or end of the array")
		}
	}
}

func (s *scanner) object(depth int) error {
	if s.take('}') {
		return nil
	}
	var last []byte
	for {
		name, err := s.string()
		if err != nil {
			return err
		}
		if last != nil && compareQuoted(last, name) >= 0 {
			return s.fail("the name before is repeated or out of order")
		}
		last = name
		if !s.take(':') {
			return s.fail("no colon after a name")
		}
		if err := s.value(depth); err != nil {
			return err
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.fail("no comma or end of the object")
		}
	}
}

// string steps over a string and returns it with its quotation marks.
func (s *scanner) string() ([]byte, error) {
	start := s.at
	if !s.take('"') {
		return nil, s.fail("no string")
	}
	for s.at < len(s.b) {
		switch c := s.b[s.at]; {
		case c == '"':
			s.at++
			return s.b[start:s.at], nil
		case c < ' ':
			return nil, s.fail("a control character that is not escaped")
		case c == '\\':
			n := escape(s.b[s.at+1:])
			if n == 0 {
				return nil, s.fail("an escape that is not canonical")
			}
			s.at += 1 + n
		default:
			s.at++
		}
	}
	return nil, s.fail("a string does not end")
}

// escape returns the length of the canonical escape after a backslash, or 0.
func escape(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case '"', '\\', 'b', 't', 'n', 'f', 'r':
		return 1
	}
	if len(b) < 5 || string(b[:3]) != "u00" || b[3] != '0' && b[3] != '1' {
		return 0
	}
	low := strings.IndexByte("0123456789abcdef", b[4])
	if low < 0 || shortEscape(byte(b[3]-'0')<<4|byte(low)) != 0 {
		return 0
	}
	return 5
}

func (s *scanner) integer() error {
	minus := s.take('-')
	start := s.at
	for s.at < len(s.b) && '0' <= s.b[s.at] && s.b[s.at] <= '9' {
		s.at++
	}
	digits := s.b[start:s.at]
	switch {
	case len(digits) == 0:
		return s.fail("a number without digits")
	case digits[0] == '0' && (minus || len(digits) > 1):
		return s.fail("a leading zero or a negative zero")
	case len(digits) > len(maxInteger), len(digits) == len(maxInteger) && string(digits) > maxInteger:
		return s.fail("an integer beyond 2^53 - 1")
	case s.at < len(s.b) && strings.IndexByte(".eE", s.b[s.at]) >= 0:
		return s.fail("a number with a fraction or an exponent")
	}
	return nil
}

// compareQuoted orders two canonical strings as names.
func compareQuoted(a, b []byte) int {
	if plain(a) && plain(b) {
		// Without the closing mark, or a name would sort after a longer one
		// that goes on with a space or an exclamation mark.
		return bytes.Compare(a[:len(a)-1], b[:len(b)-1])
	}
	var x, y string
	// Both have been scanned: they are valid.
	_ = json.Unmarshal(a, &x)
	_ = json.Unmarshal(b, &y)
	return compareNames(x, y)
}

// plain reports whether a string has neither escapes nor anything beyond ASCII.
func plain(b []byte) bool {
	for _, c := range b {
		if c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// compareNames orders the names of members by UTF-16 code units, RFC 8785
// section 3.2.3.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			return cmp.Or(cmp.Compare(firstUnit(x), firstUnit(y)), cmp.Compare(x, y))
		}
		a, b = a[n:], b[m:]
	}
	return cmp.Compare(len(a), len(b))
}

// firstUnit returns the first UTF-16 code unit of r.
func firstUnit(r rune) rune {
	if high, _ := utf16.EncodeRune(r); high != utf8.RuneError {
		return high
	}
	return r
}
