package web

import (
	"errors"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var unfit = broken("A number or a time in this does not fit.")

// readJSON reads one JSON value (RFC 8259) and returns what encoding/json would
// make of it: maps, slices, strings, float64s, booleans. It refuses what
// readers differ about (RFC 7493): a name given twice, bytes that are not
// UTF-8, an escape of half a surrogate pair, anything after the value, a number
// that no float64 holds; more than maxDepth of nesting; and null, for which
// only frames of the stream have a use.
func readJSON(data []byte, null bool) (v any, err error) {
	if !utf8.Valid(data) {
		return nil, broken("This is not UTF-8.")
	}
	err = json.Unmarshal(data, &v)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, broken("A field is given twice.")
	case errors.As(err, &syntax):
		return nil, broken("This is not JSON.")
	case err != nil:
		return nil, unfit
	}
	return v, bounded(v, 0, null)
}

// bounded refuses deep nesting, and null where it is of no use; depth is how
// many values v stands in.
func bounded(v any, depth int, null bool) error {
	var in []any
	switch x := v.(type) {
	case nil:
		if !null {
			return broken("Leave a field out rather than giving null.")
		}
		return nil
	case map[string]any:
		in = slices.Collect(maps.Values(x))
	case []any:
		in = x
	default:
		return nil
	}
	if depth >= maxDepth {
		return broken("This nests too deeply.")
	}
	for _, of := range in {
		if err := bounded(of, depth+1, null); err != nil {
			return err
		}
	}
	return nil
}
