package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"wardroom/server/incident"
)

// jsonLine is a line of record.jsonl: the parts of an entry under names. What
// is not given has no field, and stands in leftOut.
type jsonLine struct {
	Seq       incident.Seq    `json:"seq"`
	Kind      json.RawMessage `json:"kind,omitempty"`
	Actor     json.RawMessage `json:"actor,omitempty"`
	Name      string          `json:"name,omitempty"`
	Times     json.RawMessage `json:"times,omitempty"`
	Marking   json.RawMessage `json:"marking,omitempty"`
	Label     string          `json:"label,omitempty"` // with those of its root, where it has none of its own
	Body      json.RawMessage `json:"body,omitempty"`
	Refs      json.RawMessage `json:"refs,omitempty"`
	Files     json.RawMessage `json:"attachments,omitempty"`
	Authority json.RawMessage `json:"authority,omitempty"`
	LeftOut   []jsonLeftOut   `json:"leftOut,omitempty"`
}

type jsonLeftOut struct {
	Slots   []int  `json:"slots"`
	Why     string `json:"why"`
	Words   string `json:"words"`
	Wording string `json:"wording,omitempty"` // the exporter's, in its stead
}

func writeJSONLine(w io.Writer, l *line) error {
	j := jsonLine{Seq: l.seq, Name: l.name, Label: l.label}
	for i, into := range []*json.RawMessage{&j.Kind, &j.Actor, &j.Times, &j.Marking, &j.Body, &j.Refs, &j.Files, &j.Authority} {
		if len(l.slots[i]) > 0 {
			*into = l.slots[i]
		}
	}
	for _, o := range l.left {
		j.LeftOut = append(j.LeftOut, jsonLeftOut{o.slots, string(o.code), o.why, o.wording})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(true)
	if err := enc.Encode(j); err != nil {
		return err
	}
	return writeEscaped(w, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// writeEscaped writes JSON with every character that a terminal or a viewer
// might act on as an escape: it reads the same.
func writeEscaped(w io.Writer, b []byte) error {
	var out []byte
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case !hidden(r):
			out = append(out, b[:n]...)
		case r > 0xFFFF:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xD800+(r>>10), 0xDC00+(r&0x3FF))
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	_, err := w.Write(append(out, '\n'))
	return err
}
