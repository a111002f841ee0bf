package web

import (
	"encoding/json"
	"errors"
	"io"

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
// leaves open is refused: see reading.
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	},
	// huma reads a body twice: into an any to hold it against the schema, then
	// into the struct.
	Unmarshal: func(data []byte, v any) error {
		if into, first := v.(*any); first {
			read, err := readJSON(data, false)
			if err == nil {
				*into = read
			}
			return err
		}
		if err := json.Unmarshal(data, v); err != nil {
			return unfit // encoding/json would name Go types
		}
		return nil
	},
}
