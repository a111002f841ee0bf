package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// ErrFloat means that a value to be encoded holds a number that is not a whole
// one, or has a Go type that could hold one.
var ErrFloat = errors.New("evidence: no floating-point numbers in a value")

// Encode returns v as canonical JSON: what [CheckSorted] accepts and nothing
// else, the same bytes for the same v every time.
//
// It follows encoding/json's rules for tags and marshalers. It refuses Go's
// floating-point kinds even where they hold a whole number ([ErrFloat]), and
// integers, strings and raw JSON that have no canonical form
// ([ErrNotCanonical]). No error repeats what v holds.
//
// A struct whose fields are declared in the order of their JSON names comes out
// sorted, which saves a second pass.
func Encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		// The text of a marshaler's error may quote the value.
		return nil, fmt.Errorf("evidence: cannot encode a %T", v)
	}
	// After Encode, which has refused values that contain themselves.
	if err := refuseFloats(reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	out := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if CheckSorted(out) == nil {
		return out, nil
	}
	out, err := canonical(out)
	if err != nil {
		return nil, err
	}
	if err := CheckSorted(out); err != nil {
		return nil, err
	}
	return out, nil
}
