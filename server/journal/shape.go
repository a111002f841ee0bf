package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"sync"

	"wardroom/server/incident"
)

// foldRules is raised by hand when the fold makes something else of the same
// entries while its fields stay as they are.
var foldRules = 1

// kept is a fold snapshot as it is sealed.
type kept struct {
	Shape string          `json:"shape"` // of the fold that made it
	State json.RawMessage `json:"state"`
}

var shapes sync.Map // reflect.Type → string

// shapeOf tells one server's fold from another's: a snapshot made by one that
// kept less of the log, or kept it otherwise, would lack what this one makes of
// the entries below it. It is a digest of the names and types of all that a
// fold holds.
func (j *Journal) shapeOf(state incident.State) string {
	t := reflect.TypeOf(state)
	known, ok := shapes.Load(t)
	if !ok {
		h := sha256.New()
		writeShape(h, t, map[reflect.Type]bool{})
		known, _ = shapes.LoadOrStore(t, hex.EncodeToString(h.Sum(nil)))
	}
	return fmt.Sprintf("%d/%s", j.rules, known)
}

func writeShape(w io.Writer, t reflect.Type, met map[reflect.Type]bool) {
	fmt.Fprintf(w, "%s %s\n", t.Kind(), t)
	if met[t] {
		return
	}
	met[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		writeShape(w, t.Elem(), met)
	case reflect.Map:
		writeShape(w, t.Key(), met)
		writeShape(w, t.Elem(), met)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				fmt.Fprintf(w, "%s %q\n", f.Name, f.Tag.Get("json"))
				writeShape(w, f.Type, met)
			}
		}
		fmt.Fprintln(w, ".")
	}
}
