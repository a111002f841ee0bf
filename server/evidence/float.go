package evidence

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
)

// floats remembers what is known of a type: reflect.Type → floatiness.
var floats sync.Map

type floatiness int

const (
	never   floatiness = iota // no value of the type holds a float
	always                    // a float stands in the type itself
	depends                   // on what its interfaces hold
)

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// refuseFloats looks for floats in the Go value, because in the JSON a
// float64(1) looks like an integer. A marshaler's output is its own affair, and
// CheckSorted judges it.
func refuseFloats(v reflect.Value) error {
	if !v.IsValid() {
		return nil
	}
	switch floatsIn(v.Type()) {
	case never:
		return nil
	case always:
		return fmt.Errorf("%w: %v", ErrFloat, v.Type())
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return refuseFloats(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if !encoded(v.Type().Field(i)) {
				continue
			}
			if err := refuseFloats(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := refuseFloats(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := refuseFloats(it.Value()); err != nil {
				return err
			}
		}
	}
	return nil
}

func floatsIn(t reflect.Type) floatiness {
	if f, ok := floats.Load(t); ok {
		return f.(floatiness)
	}
	f := judge(t, map[reflect.Type]bool{})
	floats.Store(t, f)
	return f
}

// judge looks through a type; open holds the types it is inside of, so that a
// type that contains itself ends.
func judge(t reflect.Type, open map[reflect.Type]bool) floatiness {
	if open[t] || marshals(t) {
		return never
	}
	open[t] = true
	defer delete(open, t)
	switch t.Kind() {
	case reflect.Float32, reflect.Float64:
		return always
	case reflect.Interface:
		return depends
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return judge(t.Elem(), open)
	case reflect.Struct:
		f := never
		for i := range t.NumField() {
			field := t.Field(i)
			if !encoded(field) {
				continue
			}
			switch judge(field.Type, open) {
			case always:
				return always
			case depends:
				f = depends
			}
		}
		return f
	}
	return never
}

// encoded reports whether encoding/json looks into a field.
func encoded(f reflect.StructField) bool {
	return f.Tag.Get("json") != "-" && (f.IsExported() || f.Anonymous)
}

// marshals reports whether encoding/json asks every value of the type for its
// JSON. Methods on the pointer do not count: a value that cannot be addressed
// is encoded by its fields.
func marshals(t reflect.Type) bool {
	return t.Kind() != reflect.Interface && (t.Implements(jsonMarshaler) || t.Implements(textMarshaler))
}
