package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"wardroom/server/incident"
)

// statusOf is the one table from kinds of refusal to status codes.
var statusOf = map[incident.Fault]int{
	incident.Invalid:     http.StatusUnprocessableEntity, // 400 when it cannot be read at all, 413 when too large
	incident.SignedOut:   http.StatusUnauthorized,
	incident.StepUp:      http.StatusUnauthorized,
	incident.NotFound:    http.StatusNotFound,
	incident.Forbidden:   http.StatusForbidden,
	incident.Conflict:    http.StatusConflict,
	incident.Unavailable: http.StatusServiceUnavailable,
	incident.TooMany:     http.StatusTooManyRequests,
	incident.Internal:    http.StatusInternalServerError,
}

var titles = map[incident.Fault]string{
	incident.Invalid:     "Some of this needs changing",
	incident.SignedOut:   "Signed out",
	incident.StepUp:      "Second factor needed",
	incident.NotFound:    "Not found",
	incident.Forbidden:   "Not allowed",
	incident.Conflict:    "The room has moved on",
	incident.Unavailable: "Not just now",
	incident.TooMany:     "Too many requests",
	incident.Internal:    "Something went wrong",
}

// Problem is a refusal as RFC 9457 writes it.
type Problem struct {
	Type   string           `json:"type" doc:"Names the kind of problem: /problems/ and the fault."`
	Title  string           `json:"title"`
	Status int              `json:"status"`
	Detail string           `json:"detail" doc:"A sentence for the person."`
	Fault  incident.Fault   `json:"fault" enum:"invalid,signed_out,step_up,not_found,forbidden,conflict,unavailable,too_many,internal"`
	Code   incident.Code    `json:"code,omitempty" enum:"gained,protective_marking" doc:"Names a refusal that has an answer of its own."`
	Errors []incident.Field `json:"errors,omitempty" doc:"What is wrong, field by field."`

	retry time.Duration // Retry-After; 0 for none
}

func (p *Problem) Error() string { return string(p.Fault) + ": " + p.Detail }

// GetStatus is huma's name for the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's, whatever was negotiated.
func (p *Problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// GetHeaders is huma's name for the headers that go with it.
func (p *Problem) GetHeaders() http.Header {
	if p.retry <= 0 {
		return nil
	}
	return http.Header{"Retry-After": {strconv.Itoa(int((p.retry + time.Second - 1) / time.Second))}}
}

func newProblem(f incident.Fault, detail string, fields []incident.Field) *Problem {
	return &Problem{Type: "/problems/" + string(f), Title: titles[f], Status: statusOf[f], Detail: detail, Fault: f, Errors: fields}
}

// unreadable is a request that cannot be read at all.
func unreadable(status int, detail string) *Problem {
	p := newProblem(incident.Invalid, detail, nil)
	p.Status = status
	return p
}

// problemOf makes the problem for an error. What is not a refusal is ours: it
// goes to the log under a number, and only the number goes out.
func (s *Server) problemOf(ctx context.Context, err error) *Problem {
	p := s.judged(ctx, err)
	refused.Inc(string(p.Fault))
	return p
}

func (s *Server) judged(ctx context.Context, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	var e *incident.Error
	if !errors.As(err, &e) || e.Fault == incident.Internal || statusOf[e.Fault] == 0 {
		id := requestOf(ctx).id
		if ctx.Err() != nil { // the client has gone, or ran out of time
			s.Log.LogAttrs(ctx, slog.LevelInfo, "request given up", slog.String("request", id))
			return newProblem(incident.Unavailable, "This took too long. Try again.", nil)
		}
		if away(err) {
			s.Log.LogAttrs(ctx, slog.LevelError, "a dependency does not answer", slog.String("request", id), slog.String("error", err.Error()))
			p = newProblem(incident.Unavailable, "The service cannot do this just now. Nothing was stored. Try again in a moment.", nil)
			p.retry = time.Second
			return p
		}
		s.Log.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("request", id), slog.String("error", err.Error()))
		return newProblem(incident.Internal, "Something went wrong on our side. Nothing of it was stored unless you see it in the log. Reference: "+id+".", nil)
	}
	if e.Fault == incident.NotFound {
		return newProblem(incident.NotFound, incident.Missing().Message, nil) // one text, whatever was written where it was refused
	}
	p = newProblem(e.Fault, e.Message, e.Fields)
	p.Code = e.Code
	switch e.Fault {
	case incident.TooMany:
		p.retry = 5 * time.Second
	case incident.Unavailable:
		p.retry = time.Second
	}
	return p
}

// away reports whether an error means that the database could not be reached
// or does not serve just now (SQLSTATE classes 08, 53, 55 and 57).
func away(err error) bool {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		class := state.SQLState()[:min(2, len(state.SQLState()))]
		return class == "08" || class == "53" || class == "55" || class == "57"
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// refusal is problemOf for operations; nil stays nil.
func (s *Server) refusal(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return s.problemOf(ctx, err)
}

// writeProblem answers with a refusal, outside huma.
func (s *Server) writeProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemOf(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = strictJSON.Marshal(w, p) // the client has gone
}

// problemOfHuma turns what huma found wrong with a request into a problem.
// huma's details carry the value given; it does not go back out.
func problemOfHuma(status int, msg string, errs ...error) huma.StatusError {
	if status == 0 { // huma asks for an example
		return &Problem{}
	}
	switch status {
	case http.StatusRequestEntityTooLarge:
		boundBody.Hit()
		return unreadable(status, "This is too large. At most 64 KiB fit in one request.")
	case http.StatusBadRequest, http.StatusRequestTimeout, http.StatusUnsupportedMediaType:
		detail := "The request is not JSON that can be read."
		if len(errs) > 0 {
			var d *huma.ErrorDetail
			if errors.As(errs[0], &d) && strings.HasPrefix(d.Message, unreadablePrefix) {
				detail = strings.TrimPrefix(d.Message, unreadablePrefix)
			}
		}
		return unreadable(http.StatusBadRequest, detail)
	case http.StatusUnprocessableEntity:
	default:
		return newProblem(incident.Internal, "Something went wrong on our side.", nil)
	}
	var fields []incident.Field
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			fields = append(fields, field(d))
		}
	}
	slices.SortFunc(fields, func(a, b incident.Field) int { return strings.Compare(a.Name, b.Name) })
	fields = slices.CompactFunc(fields, func(a, b incident.Field) bool { return a.Name == b.Name })
	return newProblem(incident.Invalid, "Some of this needs changing.", fields)
}

var missingProperty = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// field names what is wrong in the contract's words.
func field(d *huma.ErrorDetail) incident.Field {
	_, name, _ := strings.Cut(d.Location, ".") // body.report.type → report.type
	if m := missingProperty.FindStringSubmatch(d.Message); m != nil {
		return incident.Field{Name: strings.TrimPrefix(name+"."+m[1], "."), Message: "This is missing."}
	}
	return incident.Field{Name: name, Message: sentence(d.Message)}
}

// sentence says what a schema's complaint means to a person. The value that
// was given is never part of it.
func sentence(msg string) string {
	starts := func(p string) bool { return strings.HasPrefix(msg, p) }
	switch {
	case starts("unexpected property"), starts("unknown query parameter"):
		return "There is no such field."
	case starts("expected string to be RFC 3339"), starts("expected string to be RFC"):
		return "Give a time like 2026-11-21T21:04:00Z."
	case starts("expected string"):
		return "This must be text."
	case starts("expected boolean"):
		return "This must be true or false."
	case starts("expected integer"), starts("invalid integer"):
		return "This must be a whole number."
	case starts("expected number"), starts("expected length"), starts("expected array length"):
		return "This is out of range."
	case starts("expected array"):
		return "This must be a list."
	case starts("expected object"):
		return "This must be an object."
	}
	return "This is not right."
}
