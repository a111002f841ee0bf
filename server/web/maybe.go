package web

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// maybe is a query parameter that may be left out, where leaving it out is
// not the same as zero.
type maybe[T any] struct {
	Value T
	Given bool
}

// Schema is the value's own.
func (m maybe[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[T]())
}

// Receiver is where huma puts the value it read.
func (m *maybe[T]) Receiver() reflect.Value { return reflect.ValueOf(m).Elem().Field(0) }

// OnParamSet is told whether there was one.
func (m *maybe[T]) OnParamSet(given bool, _ any) { m.Given = given }
