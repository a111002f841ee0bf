package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Access says who may come in by a route, before anything of the request but
// its cookie and its path is looked at.
type Access string

const (
	Public   Access = "public"    // anyone; a session is taken note of where there is one
	SignedIn Access = "signed-in" // a live session, registered or not
	Member   Access = "member"    // in the room that the path names, now
	Host     Access = "host"      // registered, and may act for a joint host
	Admin    Access = "admin"     // an administrator; to others the route is not there
	Feed     Access = "feed"      // a service token of the room that the path names, now

	Organisation Access = "organisation" // acts for the organisation that the path names, or for a joint host
)

// Route is one way in.
type Route struct {
	Method  string // empty for any
	Pattern string // as net/http's mux has it
	Access  Access
}

// operation describes a route of the REST interface.
type operation struct {
	Method  string
	Path    string // below /api/v1
	Access  Access
	ID      string // operationId
	Summary string
	Doc     string
	Tag     string
	Status  int              // of success; 0 means 200
	Faults  []incident.Fault // refusals of its own, beside those every route has
	Glance  bool             // does not count as the person's activity; no read does
	Unkeyed bool             // changes something, and needs no Idempotency-Key
	Keyed   bool             // changes a log, though whoever is signed in gets as far as asking
	MaxBody int64            // bytes; 0 means MaxBody
	Raw     int64            // the body is bytes, at most so many, and no JSON; 0: it is JSON
}

const apiPrefix = "/api/v1"

// bodyWithin is how long a body may take. net/http takes a read deadline that
// passes for the client's going away, so it also bounds the handler.
const bodyWithin = 30 * time.Second

// rawWithin is how long a body of bytes may take: a mebibyte over the worst of
// a hospital's lines.
const rawWithin = 2 * time.Minute

const rawType = "application/octet-stream"

// none is the input or output of an operation without one.
type none struct{}

// empty is the body of a command that says nothing more than its path.
type empty struct{}

// answer is what huma writes.
type answer[Out any] struct {
	Status int
	Body   Out
}

// operate mounts one operation of the REST interface. In's path and query
// tags and its Body say what it takes; h returns what it answers.
func operate[In, Out any](s *Server, o operation, h func(ctx context.Context, c *call, in *In) (Out, error)) {
	if _, nothing := any(*new(Out)).(none); nothing {
		panic(o.Path + ": what answers nothing is mounted with operateEmpty")
	}
	op := s.routed(o)
	huma.Register(s.api, op, func(ctx context.Context, in *In) (*answer[Out], error) {
		c := callOf(ctx)
		c.status = op.DefaultStatus
		out, err := h(ctx, c, in)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return &answer[Out]{Status: c.status, Body: out}, nil
	})
}

// operateEmpty is operate for what answers nothing but that it was done. It is
// a function of its own because all that is generic here is compiled once for
// each operation.
func operateEmpty[In any](s *Server, o operation, h func(ctx context.Context, c *call, in *In) (none, error)) {
	op := s.routed(o)
	op.DefaultStatus = http.StatusNoContent
	huma.Register(s.api, op, func(ctx context.Context, in *In) (*struct{}, error) {
		_, err := h(ctx, callOf(ctx), in)
		return nil, s.refusal(ctx, err)
	})
}

// routed notes the route and describes it.
func (s *Server) routed(o operation) huma.Operation {
	s.routes = append(s.routes, Route{o.Method, apiPrefix + o.Path, o.Access})
	o.Glance = o.Glance || o.Method == http.MethodGet // a page asks by itself, also when nobody is there
	return s.describe(o)
}

// describe turns the description into huma's, with the gate before it.
func (s *Server) describe(o operation) huma.Operation {
	status, body := o.Status, o.MaxBody
	if status == 0 {
		status = http.StatusOK
	}
	if body == 0 {
		body = MaxBody
	}
	op := huma.Operation{
		OperationID: o.ID, Method: o.Method, Path: apiPrefix + o.Path, Summary: o.Summary, Description: o.Doc, Tags: []string{o.Tag},
		DefaultStatus: status, MaxBodyBytes: body + 1, BodyReadTimeout: bodyWithin, Responses: map[string]*huma.Response{},
		Middlewares: huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
			r, w := humago.Unwrap(ctx)
			c, err := s.enter(w, r, o)
			if err != nil {
				s.writeProblem(w, r, err)
				return
			}
			next(huma.WithValue(ctx, callKey{}, c))
		}},
	}
	if o.Raw > 0 {
		op.MaxBodyBytes, op.BodyReadTimeout = o.Raw+1, rawWithin
	}
	for _, code := range o.statuses() {
		op.Responses[strconv.Itoa(code)] = &huma.Response{Ref: "#/components/responses/" + strconv.Itoa(code)}
	}
	if o.Access != Public {
		op.Security = []map[string][]string{{"session": {}}}
	}
	if o.keyed() {
		op.Parameters = append(op.Parameters, &huma.Param{Name: keyHeader, In: "header", Required: true,
			Description: "A ULID made by the client: sent again with the same body it gives the same answer, and with another body a conflict.",
			Schema:      &huma.Schema{Type: huma.TypeString, Pattern: "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"}})
	}
	return op
}

// keyed reports whether the operation changes a log, so that it needs an
// idempotency key. What a DELETE ends cannot be ended twice.
func (o operation) keyed() bool {
	return !o.Unkeyed && (o.Method == http.MethodPost || o.Method == http.MethodPut) && (o.Keyed || o.Access == Member || o.Access == Host || o.Access == Admin || o.Access == Organisation)
}

// statuses are those an operation may refuse with.
func (o operation) statuses() []int {
	faults := append(slices.Clone(o.Faults), incident.TooMany, incident.Unavailable)
	if o.Method != http.MethodGet && o.Method != http.MethodDelete {
		faults = append(faults, incident.Invalid)
	}
	switch o.Access {
	case SignedIn:
		faults = append(faults, incident.SignedOut)
	case Member, Admin, Organisation:
		faults = append(faults, incident.SignedOut, incident.NotFound)
	case Host:
		faults = append(faults, incident.SignedOut, incident.Forbidden)
	}
	var codes []int
	for _, f := range faults {
		codes = append(codes, statusOf[f])
		if f == incident.Invalid {
			codes = append(codes, http.StatusBadRequest, http.StatusRequestEntityTooLarge)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// handle mounts a route that is no operation of the REST interface.
func (s *Server) handle(r Route, h http.HandlerFunc) {
	s.routes = append(s.routes, r)
	s.mux.HandleFunc(strings.TrimSpace(r.Method+" "+r.Pattern), h)
}

// recorder is the only way to the mux, and remembers what went in: a route
// that Routes does not list is found out.
type recorder struct {
	mux      *http.ServeMux
	patterns []string
}

func (m *recorder) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.patterns = append(m.patterns, pattern)
	m.mux.HandleFunc(pattern, h)
}

func (m *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// huma keeps these in variables of the package. Nothing else in the house
// uses huma, and they never change.
func init() {
	huma.ValidateStrictCasing = true // encoding/json would take TEXT for text
	huma.DefaultArrayNullable = false
	huma.NewError = problemOfHuma
}

func newAPI(m humago.Mux) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[policy.Seen](), reflect.TypeFor[fragmentDoc]())
	registry.RegisterTypeAlias(reflect.TypeFor[policy.Snapshot](), reflect.TypeFor[stateDoc]())
	responses := map[string]*huma.Response{}
	problem := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for _, code := range []int{400, 401, 403, 404, 409, 413, 422, 429, 503} {
		responses[strconv.Itoa(code)] = &huma.Response{Description: http.StatusText(code), Content: map[string]*huma.MediaType{problemType: {Schema: problem}}}
	}
	return humago.New(m, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Wardroom", Version: "1", Description: "Where a health-and-care cyber incident is run. " +
				"Everything live comes by the WebSocket /api/v1/stream. What is missing and what is not yours to know of are the same answer."},
			Components: &huma.Components{Schemas: registry, Responses: responses, SecuritySchemes: map[string]*huma.SecurityScheme{
				"session": {Type: "apiKey", In: "cookie", Name: "__Host-wardroom"},
			}},
		},
		Formats:                      map[string]huma.Format{"application/json": strictJSON, "json": strictJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
}

// OpenAPI returns the contract of the REST interface as OpenAPI 3.1, made
// from the routes as they are.
func OpenAPI() ([]byte, error) {
	s := &Server{}
	s.prepare()
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("web: contract: %w", err)
	}
	return append(b, '\n'), nil
}
