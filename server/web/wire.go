package web

import "github.com/danielgtaylor/huma/v2"

// What policy makes has its JSON made there; these say what it looks like.

type fragmentDoc struct{}

// Schema describes the three forms of an entry on the wire.
func (fragmentDoc) Schema(r huma.Registry) *huma.Schema { return named(r, "Fragment", fragmentForms) }

// named puts a schema among the components, once.
func named(r huma.Registry, name string, make func() *huma.Schema) *huma.Schema {
	if r.Map()[name] == nil {
		r.Map()[name] = make()
	}
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

func fragmentForms() *huma.Schema {
	text, seq := &huma.Schema{Type: huma.TypeString}, &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: new(float64)}
	base64 := &huma.Schema{Type: huma.TypeString, ContentEncoding: "base64"}
	eight, two := 8, 2
	form := func(doc string, fields map[string]*huma.Schema, required ...string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, Description: doc, Properties: fields, Required: required, AdditionalProperties: false}
	}
	return &huma.Schema{
		Description: "An entry in the form this viewer may see it.",
		OneOf: []*huma.Schema{
			form("Open: the seed and the exact texts of the eight slots.", map[string]*huma.Schema{"seq": seq, "seed": base64,
				"slots": {Type: huma.TypeArray, Items: text, MinItems: &eight, MaxItems: &eight}}, "seq", "seed", "slots"),
			form("Open, less what was erased: the leaf, and of each slot that is left its salt and its exact text; slots 0 to 3 and 7 are always among them.", map[string]*huma.Schema{"seq": seq, "leaf": base64,
				"slots": {Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: text, MinItems: &two, MaxItems: &two}}}, "seq", "leaf", "slots"),
			form("Envelope: a named reader knows that it is there; slots 0 to 3, each with its salt.", map[string]*huma.Schema{"seq": seq, "leaf": base64,
				"slots": {Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeArray, Items: text, MinItems: &two, MaxItems: &two}}}, "seq", "leaf", "slots"),
			form("Stub: number, order and time, nothing else.", map[string]*huma.Schema{"seq": seq, "leaf": base64}, "seq", "leaf"),
		},
	}
}

type stateDoc struct{}

// Schema describes the snapshot of a room's standing facts.
func (stateDoc) Schema(huma.Registry) *huma.Schema {
	object := func(nullable bool) *huma.Schema {
		return &huma.Schema{Type: huma.TypeObject, Nullable: nullable, AdditionalProperties: true}
	}
	list := &huma.Schema{Type: huma.TypeArray, Items: object(false)}
	return &huma.Schema{
		Type: huma.TypeObject, Description: "The room's standing facts, as this member may see them.", AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"room": object(false), "you": {Type: huma.TypeInteger}, "members": list, "rules": object(true),
			"brief": object(true), "report": object(true), "pins": list, "assessments": list, "books": list,
			"erasures": list, "holds": list, "retention": object(false)},
		Required: []string{"room", "you", "members", "rules", "brief", "report", "pins", "assessments", "books", "erasures", "holds", "retention"},
	}
}
