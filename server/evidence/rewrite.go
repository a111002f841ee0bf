package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// canonical writes valid JSON anew: members sorted, strings with the fewest
// escapes. What it cannot mend (numbers, repeated names) it leaves as it is for
// CheckSorted to refuse.
func canonical(b []byte) ([]byte, error) {
	if err := checkText(b); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	out, err := appendNext(make([]byte, 0, len(b)), d)
	if err != nil {
		return nil, ErrNotCanonical
	}
	return out, nil
}

// checkText refuses what the decoder would silently replace by U+FFFD: bytes
// that are not UTF-8 and surrogates without their pair. The encoder has done
// the same to Go strings and written \ufffd, so that is refused as well.
func checkText(b []byte) error {
	if !utf8.Valid(b) {
		return fmt.Errorf("%w: not UTF-8", ErrNotCanonical)
	}
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		i++ // valid JSON: something follows
		if b[i] != 'u' {
			continue
		}
		switch u := hex4(b[i+1:]); {
		case u == utf8.RuneError:
			return fmt.Errorf("%w: not UTF-8", ErrNotCanonical)
		case 0xd800 <= u && u < 0xdc00 && bytes.HasPrefix(b[i+5:], []byte(`\u`)) && hex4(b[i+7:])&^0x3ff == 0xdc00:
			i += 6 // a pair
		case 0xd800 <= u && u < 0xe000:
			return fmt.Errorf("%w: half of a surrogate pair", ErrNotCanonical)
		}
	}
	return nil
}

// hex4 reads the four hexadecimal digits of an escape in valid JSON.
func hex4(b []byte) rune {
	u, err := strconv.ParseUint(string(b[:4]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(u)
}

// appendNext appends the decoder's next value in canonical form.
func appendNext(dst []byte, d *json.Decoder) ([]byte, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return appendArray(dst, d)
		}
		return appendObject(dst, d)
	case string:
		return appendString(dst, t), nil
	case json.Number:
		return append(dst, t...), nil
	case bool:
		return strconv.AppendBool(dst, t), nil
	default:
		return append(dst, "null"...), nil
	}
}

func appendArray(dst []byte, d *json.Decoder) ([]byte, error) {
	dst = append(dst, '[')
	for first := true; d.More(); first = false {
		if !first {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendNext(dst, d); err != nil {
			return nil, err
		}
	}
	_, err := d.Token() // the ]
	return append(dst, ']'), err
}

func appendObject(dst []byte, d *json.Decoder) ([]byte, error) {
	type member struct {
		name  string
		value []byte
	}
	var members []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := appendNext(nil, d)
		if err != nil {
			return nil, err
		}
		members = append(members, member{name.(string), value})
	}
	slices.SortStableFunc(members, func(a, b member) int { return compareNames(a.name, b.name) })
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, m.name), ':')
		dst = append(dst, m.value...)
	}
	_, err := d.Token() // the }
	return append(dst, '}'), err
}

// appendString appends s as a JSON string, RFC 8785 section 3.2.2.2.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
		case shortEscape(c) != 0:
			dst = append(dst, '\\', shortEscape(c))
		default:
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(dst, '"')
}

// shortEscape returns the letter that stands for a control character, or 0.
func shortEscape(c byte) byte {
	switch c {
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}
