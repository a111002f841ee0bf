package evidence

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// ErrLine means that bytes are not a line of openings.jsonl.
var ErrLine = errors.New("evidence: not the line of an opening")

// AppendLine appends the opening as a line of openings.jsonl, without its
// newline:
//
//	{"seed":"<base64>","seq":7,"slots":["…","","…","","…","","",""]}
//
// Base64 is the standard one with padding. The error is of a value that is not
// UTF-8, or of an entry beyond 2^53 − 1.
func (w *Whole) AppendLine(dst []byte) ([]byte, error) {
	dst = append(dst, `{"seed":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, w.Seed[:])
	dst = append(dst, `","seq":`...)
	dst = strconv.AppendUint(dst, w.Seq, 10)
	dst = append(dst, `,"slots":[`...)
	for i, v := range w.Values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !utf8.Valid(v) {
			return nil, ErrLine
		}
		dst = appendString(dst, string(v))
	}
	if w.Seq > maxEntry {
		return nil, ErrLine
	}
	return append(dst, ']', '}'), nil
}

// AppendLine appends the opening as a line of openings.jsonl, without its
// newline; slots that are not shown are left out:
//
//	{"seq":7,"slots":{"0":["<base64 of the salt>","…"],"2":["<base64>","…"]}}
//
// The error is of an opening that shows nothing, of a value that is not UTF-8,
// or of an entry beyond 2^53 − 1.
func (p *Partial) AppendLine(dst []byte) ([]byte, error) {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, p.Seq, 10)
	dst = append(dst, `,"slots":{`...)
	shown := false
	for i, s := range p.Slots {
		if s == nil {
			continue
		}
		if shown {
			dst = append(dst, ',')
		}
		shown = true
		dst = append(dst, '"', byte('0'+i), '"', ':', '[', '"')
		dst = base64.StdEncoding.AppendEncode(dst, s.Salt[:])
		dst = append(dst, '"', ',')
		if !utf8.Valid(s.Value) {
			return nil, ErrLine
		}
		dst = append(appendString(dst, string(s.Value)), ']')
	}
	if !shown || p.Seq > maxEntry {
		return nil, ErrLine
	}
	return append(dst, '}', '}'), nil
}

// shown is an opening as a line has it. Its slices are good until the next
// parse into it.
type shown struct {
	seq    uint64
	whole  bool
	seed   Seed            // of a whole one
	salts  [Slots][32]byte // of a partial one
	values [Slots][]byte
	mask   uint8 // bit i: slot i is shown

	// The values, unescaped, each with room before it for what stands before it
	// under its commitment's hash.
	text []byte
	room [Slots][]byte // a value with that room
}

// lineSeq reads no more of a line than its entry's number.
func lineSeq(line []byte) (uint64, bool) {
	const seed = len(`{"seed":"`) + 44 + len(`",`)
	p := lineParser{b: line}
	if len(line) > seed && string(line[:9]) == `{"seed":"` {
		p.at = seed
	} else if !p.literal(`{`) {
		return 0, false
	}
	ok := p.literal(`"seq":`)
	seq, ok2 := p.number()
	return seq, ok && ok2
}

// parse reads a line, without its newline: only the one way of writing it is
// taken, so that each byte of it counts. It reports whether it is one.
func (s *shown) parse(line []byte) bool {
	p := lineParser{b: line}
	// Values point into it, so it must not move. No value is longer than its
	// string, which is written a word at a time.
	s.text = slices.Grow(s.text[:0], len(line)+Slots*slotHeader+word)
	s.mask, s.values = 0, [Slots][]byte{}
	if s.whole = p.literal(`{"seed":`); s.whole {
		s.mask = 1<<Slots - 1
		ok := p.base64((*[32]byte)(&s.seed)) && p.literal(`,"seq":`)
		var ok2 bool
		s.seq, ok2 = p.number()
		ok = ok && ok2 && p.literal(`,"slots":[`)
		for i := 0; ok && i < Slots; i++ {
			ok = (i == 0 || p.literal(`,`)) && p.string(s, i)
		}
		return ok && p.literal(`]}`) && p.at == len(line)
	}
	if !p.literal(`{"seq":`) {
		return false
	}
	var ok bool
	if s.seq, ok = p.number(); !ok || !p.literal(`,"slots":{`) {
		return false
	}
	for next := 0; ; {
		if !p.literal(`"`) || p.at == len(line) {
			return false
		}
		i := int(line[p.at]) - '0'
		p.at++
		if i < next || i >= Slots || !p.literal(`":[`) || !p.base64(&s.salts[i]) || !p.literal(`,`) || !p.string(s, i) || !p.literal(`]`) {
			return false
		}
		s.mask |= 1 << i
		next = i + 1
		if p.literal(`}}`) {
			return p.at == len(line)
		}
		if !p.literal(`,`) {
			return false
		}
	}
}

// a lineParser walks over a line of a known form.
type lineParser struct {
	b  []byte
	at int
}

func (p *lineParser) literal(s string) bool {
	if len(p.b)-p.at < len(s) || string(p.b[p.at:p.at+len(s)]) != s {
		return false
	}
	p.at += len(s)
	return true
}

func (p *lineParser) number() (n uint64, ok bool) {
	start := p.at
	for p.at < len(p.b) && '0' <= p.b[p.at] && p.b[p.at] <= '9' && p.at-start < 16 {
		n = n*10 + uint64(p.b[p.at]-'0')
		p.at++
	}
	return n, p.at > start && (p.b[start] != '0' || p.at == start+1) && n <= maxEntry
}

// base64 reads a quoted string of 32 bytes.
func (p *lineParser) base64(into *[32]byte) bool {
	if !p.literal(`"`) || len(p.b)-p.at < 45 || p.b[p.at+44] != '"' {
		return false
	}
	var b [33]byte // what 44 letters without padding would make
	n, err := strict64.Decode(b[:], p.b[p.at:p.at+44])
	p.at += 45
	copy(into[:], b[:])
	return err == nil && n == len(into)
}

var strict64 = base64.StdEncoding.Strict()

// string reads a canonical string as the value of slot i.
func (p *lineParser) string(s *shown, i int) bool {
	if !p.literal(`"`) {
		return false
	}
	b, at := p.b, p.at
	from := len(s.text) + slotHeader
	text, to := s.text[:cap(s.text)], from
	seen := uint64(0) // the bits that are set in any byte
	for at < len(b) {
		if len(b)-at >= word {
			w := binary.LittleEndian.Uint64(b[at:])
			binary.LittleEndian.PutUint64(text[to:], w)
			seen |= w
			escapes := special(w)
			if escapes == 0 {
				at, to = at+word, to+word
				continue
			}
			n := bits.TrailingZeros64(escapes) / 8
			at, to = at+n, to+n
		}
		switch c := b[at]; {
		case c == '\\':
			var as byte // what the escape stands for
			n := 1
			if at+1 < len(b) {
				as = letters[b[at+1]]
			}
			if as == 0 {
				if n = escape(b[at+1:]); n == 0 {
					return false
				}
				as = control(b[at+1:])
			}
			text[to] = as
			at, to = at+1+n, to+1
		case c == '"':
			p.at = at + 1
			s.text, s.values[i], s.room[i] = text[:to], text[from:to:to], text[from-slotHeader:to:to]
			return seen&(ones*utf8.RuneSelf) == 0 || utf8.Valid(s.values[i]) // escapes begin and end no letter
		case c < ' ':
			return false
		default:
			text[to] = c
			seen |= uint64(c)
			at, to = at+1, to+1
		}
	}
	return false
}

const (
	word = 8                  // bytes looked at at once
	ones = 0x0101010101010101 // in each byte of a word
)

// special finds what does not stand for itself in a string, a quotation mark, a
// backslash or what is below U+0020, in the bytes of a word: it is 0 if there is
// none, and its lowest bit that is set is the highest one of the lowest such byte.
func special(w uint64) uint64 {
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((w-ones*' ')&^w | (quote-ones)&^quote | (slash-ones)&^slash) & (ones << 7)
}

// letters are the canonical escapes of one letter, and what they stand for.
var letters = [256]byte{'"': '"', '\\': '\\', 'b': '\b', 't': '\t', 'n': '\n', 'f': '\f', 'r': '\r'}

// control is the byte that a canonical escape u00xx stands for.
func control(e []byte) byte {
	c := (e[3] - '0') << 4
	if e[4] <= '9' {
		return c | (e[4] - '0')
	}
	return c | (e[4] - 'a' + 10)
}
