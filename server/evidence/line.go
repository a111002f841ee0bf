package evidence

import (
	"encoding/base64"
	"errors"
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
