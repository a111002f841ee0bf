package web

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	unfit     = broken("A number or a time in this does not fit.")
	notJSON   = broken("This is not JSON.")
	tooDeep   = broken("This nests too deeply.")
	halfAChar = broken("This holds half a character.")
)

// readJSON reads one JSON value (RFC 8259) and returns what encoding/json would
// make of it: maps, slices, strings, float64s, booleans. It refuses what
// readers differ about: a name given twice, bytes that are not UTF-8, an escape
// of half a surrogate pair, anything after the value, a number that no float64
// holds; more than maxDepth of nesting; and null, for which only frames of the
// stream have a use.
func readJSON(data []byte, null bool) (any, error) {
	if !utf8.Valid(data) {
		return nil, broken("This is not UTF-8.")
	}
	r := reading{data: data, null: null}
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if r.space(); r.at < len(data) {
		return nil, broken("There is something after the JSON value.")
	}
	return v, nil
}

// reading is how far a text has been read.
type reading struct {
	data []byte
	at   int
	null bool
}

func (r *reading) space() {
	for r.at < len(r.data) {
		switch r.data[r.at] {
		case ' ', '\t', '\r', '\n':
			r.at++
		default:
			return
		}
	}
}

// next is the next byte that is no space, or 0 at the end: no value and no
// punctuation is one.
func (r *reading) next() byte {
	r.space()
	if r.at == len(r.data) {
		return 0
	}
	return r.data[r.at]
}

// value reads one value and all in it; depth is how many it stands in.
func (r *reading) value(depth int) (any, error) {
	switch b := r.next(); {
	case b == '{' || b == '[':
		if depth >= maxDepth {
			return nil, tooDeep
		}
		r.at++
		if b == '{' {
			return r.members(depth + 1)
		}
		return r.items(depth + 1)
	case b == '"':
		return r.text()
	case b == '-' || digit(b):
		return r.number()
	case b == 't':
		return true, r.word("true")
	case b == 'f':
		return false, r.word("false")
	case b == 'n':
		if err := r.word("null"); err != nil || r.null {
			return nil, err
		}
		return nil, broken("Leave a field out rather than giving null.")
	}
	return nil, notJSON
}

// members reads an object behind its brace.
func (r *reading) members(depth int) (any, error) {
	m := map[string]any{}
	if r.next() == '}' {
		r.at++
		return m, nil
	}
	for {
		if r.next() != '"' {
			return nil, notJSON
		}
		name, err := r.text()
		if err != nil {
			return nil, err
		}
		if r.next() != ':' {
			return nil, notJSON
		}
		r.at++
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		if _, twice := m[name]; twice {
			return nil, broken("A field is given twice.")
		}
		m[name] = v
		if done, err := r.end('}'); done || err != nil {
			return m, err
		}
	}
}

// items reads an array behind its bracket.
func (r *reading) items(depth int) (any, error) {
	list := []any{}
	if r.next() == ']' {
		r.at++
		return list, nil
	}
	for {
		v, err := r.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if done, err := r.end(']'); done || err != nil {
			return list, err
		}
	}
}

// end reads what stands behind a member or an item: a comma, or the end.
func (r *reading) end(last byte) (done bool, err error) {
	switch r.next() {
	case ',':
		r.at++
		return false, nil
	case last:
		r.at++
		return true, nil
	}
	return false, notJSON
}

func (r *reading) word(w string) error {
	if len(r.data)-r.at < len(w) || string(r.data[r.at:r.at+len(w)]) != w {
		return notJSON
	}
	r.at += len(w)
	return nil
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// digits passes over digits; it reports whether there was one.
func (r *reading) digits() bool {
	from := r.at
	for r.at < len(r.data) && digit(r.data[r.at]) {
		r.at++
	}
	return r.at > from
}

// is passes over the next byte if it is one of these.
func (r *reading) is(these string) bool {
	if r.at == len(r.data) {
		return false
	}
	for i := range len(these) {
		if r.data[r.at] == these[i] {
			r.at++
			return true
		}
	}
	return false
}

func (r *reading) number() (any, error) {
	from := r.at
	r.is("-")
	if !r.is("0") && !r.digits() {
		return nil, notJSON
	}
	if r.is(".") && !r.digits() {
		return nil, notJSON
	}
	if r.is("eE") {
		r.is("+-")
		if !r.digits() {
			return nil, notJSON
		}
	}
	n, err := strconv.ParseFloat(string(r.data[from:r.at]), 64)
	if err != nil {
		return nil, unfit
	}
	return n, nil
}

// text reads a string.
func (r *reading) text() (string, error) {
	r.at++
	from := r.at
	for r.at < len(r.data) {
		switch b := r.data[r.at]; {
		case b == '"':
			r.at++
			return string(r.data[from : r.at-1]), nil
		case b == '\\':
			return r.escaped(from)
		case b < ' ':
			return "", notJSON
		}
		r.at++
	}
	return "", notJSON
}

var shortEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped reads on in a string that began at from and has escapes in it.
func (r *reading) escaped(from int) (string, error) {
	s := append(make([]byte, 0, r.at-from+64), r.data[from:r.at]...)
	for r.at < len(r.data) {
		b := r.data[r.at]
		r.at++
		switch {
		case b == '"':
			return string(s), nil
		case b < ' ':
			return "", notJSON
		case b != '\\':
			s = append(s, b)
		case r.at == len(r.data):
			return "", notJSON
		case r.data[r.at] == 'u':
			c, err := r.unicode()
			if err != nil {
				return "", err
			}
			s = utf8.AppendRune(s, c)
		default:
			short := shortEscapes[r.data[r.at]]
			if short == 0 {
				return "", notJSON
			}
			r.at++
			s = append(s, short)
		}
	}
	return "", notJSON
}

// unicode reads an escape behind its backslash, and the one behind it if the
// two are one character (RFC 8259, section 7). Half of such a pair is refused:
// some readers replace it and others keep it.
func (r *reading) unicode() (rune, error) {
	first, err := r.unit()
	if err != nil || !utf16.IsSurrogate(first) {
		return first, err
	}
	if !r.is("\\") || r.at == len(r.data) || r.data[r.at] != 'u' {
		return 0, halfAChar
	}
	second, err := r.unit()
	if err != nil {
		return 0, err
	}
	c := utf16.DecodeRune(first, second)
	if c == utf8.RuneError {
		return 0, halfAChar
	}
	return c, nil
}

// unit reads a u and four hexadecimal digits.
func (r *reading) unit() (rune, error) {
	if r.at+5 > len(r.data) {
		return 0, notJSON
	}
	var u rune
	for _, b := range r.data[r.at+1 : r.at+5] {
		switch {
		case digit(b):
			b -= '0'
		case b >= 'a' && b <= 'f':
			b -= 'a' - 10
		case b >= 'A' && b <= 'F':
			b -= 'A' - 10
		default:
			return 0, notJSON
		}
		u = u<<4 | rune(b)
	}
	r.at += 5
	return u, nil
}
