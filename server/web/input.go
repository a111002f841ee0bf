package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// MaxBody bounds the body of a request, in bytes.
const MaxBody = 64 << 10

// maxDepth bounds how deeply a body nests; the contract needs three.
const maxDepth = 8

// unreadablePrefix marks an error whose text is ours and may go out.
const unreadablePrefix = "unreadable: "

func broken(sentence string) error { return errors.New(unreadablePrefix + sentence) }

// strictJSON reads what the contract says and nothing more, and writes every
// answer. Two readers of one body must never see two things, so what JSON
// leaves open is refused: a name given twice, bytes that are not UTF-8, half a
// surrogate pair, null, and anything after the value.
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	// huma reads a body twice: into an any to hold it against the schema, then
	// into the struct.
	Unmarshal: func(data []byte, v any) error {
		if _, first := v.(*any); first {
			if err := strictJSONValue(data, false); err != nil {
				return err
			}
		}
		if err := json.Unmarshal(data, v); err != nil {
			return broken("A number or a time in this does not fit.") // encoding/json would name Go types
		}
		return nil
	},
}

// strictJSONValue checks what encoding/json would let pass. Only frames of the
// stream have a use for null.
func strictJSONValue(data []byte, null bool) error {
	if !utf8.Valid(data) {
		return broken("This is not UTF-8.")
	}
	if err := wholeEscapes(data); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := single(d, 0, null); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return broken("There is something after the JSON value.")
	}
	return nil
}

// single reads one value and all in it.
func single(d *json.Decoder, depth int, null bool) error {
	t, err := d.Token()
	if err != nil {
		return broken("This is not JSON.")
	}
	switch t {
	case nil:
		if null {
			return nil
		}
		return broken("Leave a field out rather than giving null.")
	case json.Delim('{'):
		return members(d, depth+1, null)
	case json.Delim('['):
		if depth >= maxDepth {
			return broken("This nests too deeply.")
		}
		for d.More() {
			if err := single(d, depth+1, null); err != nil {
				return err
			}
		}
		return end(d)
	}
	return nil
}

func members(d *json.Decoder, depth int, null bool) error {
	if depth > maxDepth {
		return broken("This nests too deeply.")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return broken("This is not JSON.")
		}
		if seen[name] {
			return broken("A field is given twice.")
		}
		seen[name] = true
		if err := single(d, depth, null); err != nil {
			return err
		}
	}
	return end(d)
}

func end(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return broken("This is not JSON.")
	}
	return nil
}

// wholeEscapes refuses \u escapes of half a surrogate pair (RFC 8259, section
// 8.2), which some readers replace and others keep.
func wholeEscapes(data []byte) error {
	unit := func(at int) (uint64, bool) {
		if at+6 > len(data) || data[at] != '\\' || data[at+1] != 'u' {
			return 0, false
		}
		u, err := strconv.ParseUint(string(data[at+2:at+6]), 16, 16)
		return u, err == nil
	}
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		u, ok := unit(i)
		switch {
		case !ok:
			i++ // a short escape; the decoder judges it
		case u >= 0xDC00 && u <= 0xDFFF:
			return broken("This holds half a character.")
		case u >= 0xD800 && u <= 0xDBFF:
			if low, ok := unit(i + 6); !ok || low < 0xDC00 || low > 0xDFFF {
				return broken("This holds half a character.")
			}
			i += 11
		default:
			i += 5
		}
	}
	return nil
}
