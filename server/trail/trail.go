// Package trail says where a node's time goes, as spans of OpenTelemetry, for
// whoever runs it: a request, the commit that carried it, its way to the
// listeners, and what the house does by itself.
//
// A span has a [Name] of the program's, numbers, and nothing else: no text can
// be put into one, so none that came from outside. Every trace begins here:
// what a stranger's request says of a trace that it belongs to is not read.
//
// Until [Begin] all of it costs a look at one pointer.
package trail

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// A Name is what a span is called.
type Name struct{ text string }

// Declare returns a name. It must be a constant of the program.
func Declare(text string) Name { return Name{text} }

// A Family is of names that are known only once the program has begun, such as
// the patterns of its routes. It is safe for concurrent use.
type Family struct {
	prefix string
	mu     sync.RWMutex
	names  map[string]Name
}

// NewFamily returns a family whose names begin with the prefix.
func NewFamily(prefix string) *Family {
	return &Family{prefix: prefix, names: map[string]Name{}}
}

// Add takes in names of the program's own.
func (f *Family) Add(texts ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range texts {
		f.names[t] = Name{f.prefix + " " + t}
	}
}

// Of returns the name if it was added, else that of all others.
func (f *Family) Of(text string) Name {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if n, ok := f.names[text]; ok {
		return n
	}
	return Name{f.prefix + " other"}
}

// A Key is what a span counts.
type Key struct{ text string }

// NewKey returns a key. It must be a constant of the program.
func NewKey(text string) Key { return Key{text} }

// on is what spans are made by; nil: none are.
var on atomic.Pointer[tracer]

type tracer struct{ trace.Tracer }

// On reports whether spans are made at all.
func On() bool { return on.Load() != nil }

// A Span is a piece of work under way. Its zero value is one that nobody takes
// down.
type Span struct{ of trace.Span }

// A Link is a place in a trace that another one follows from.
type Link struct{ at trace.SpanContext }

// At returns where in a trace the context is.
func At(ctx context.Context) Link {
	if !On() {
		return Link{}
	}
	return Link{trace.SpanContextFromContext(ctx)}
}

// maxLinks is how many links one span has at most: those beyond are left out.
const maxLinks = 32

// Start begins a span within that of the context, or a trace of its own.
func Start(ctx context.Context, name Name, from ...Link) (context.Context, Span) {
	return start(ctx, name, from)
}

// Root begins a trace, whatever the context came with.
func Root(ctx context.Context, name Name) (context.Context, Span) {
	if !On() {
		return ctx, Span{}
	}
	return start(ctx, name, nil, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
}

func start(ctx context.Context, name Name, from []Link, opts ...trace.SpanStartOption) (context.Context, Span) {
	t := on.Load()
	if t == nil {
		return ctx, Span{}
	}
	var links []trace.Link
	for _, l := range from {
		if l.at.IsSampled() && len(links) < maxLinks {
			links = append(links, trace.Link{SpanContext: l.at})
		}
	}
	if len(links) > 0 {
		opts = append(opts, trace.WithLinks(links...))
	}
	ctx, s := t.Start(ctx, name.text, opts...)
	return ctx, Span{s}
}

// Call gives the span the name it turned out to have.
func (s Span) Call(name Name) {
	if s.of != nil {
		s.of.SetName(name.text)
	}
}

// Count notes a number.
func (s Span) Count(key Key, n int) {
	if s.of != nil {
		s.of.SetAttributes(attribute.Int("wardroom."+key.text, n))
	}
}

// End ends the span, as failed if there is an error, of which nothing is said.
func (s Span) End(err error) {
	if s.of == nil {
		return
	}
	if err != nil {
		s.of.SetStatus(codes.Error, "")
	}
	s.of.End()
}

// Options are where spans go.
type Options struct {
	Endpoint string  // an OTLP receiver's address for traces, by HTTP: http://127.0.0.1:4318/v1/traces
	Ratio    float64 // of traces that are taken down, 0 to 1
	Version  string
	Log      *slog.Logger // never given what a receiver answers
}

// shutWait is how long the last spans may take to go out.
const shutWait = 2 * time.Second

// Begin sends spans from now on, for the whole process, until the returned
// function is called. A receiver that does not answer loses spans and holds up
// nobody.
func Begin(ctx context.Context, o Options) (end func(), err error) {
	if o.Ratio < 0 || o.Ratio > 1 {
		return nil, errors.New("trail: the ratio is from 0 to 1")
	}
	out, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(o.Endpoint))
	if err != nil {
		return nil, err
	}
	var said atomic.Int64
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) { // its words hold the receiver's address and answer
		now := time.Now().Unix()
		if last := said.Load(); o.Log != nil && now-last >= 60 && said.CompareAndSwap(last, now) {
			o.Log.Warn("spans could not be sent to the receiver of traces")
		}
	}))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(out),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(o.Ratio))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "wardroom"), attribute.String("service.version", o.Version))))
	on.Store(&tracer{provider.Tracer("wardroom")})
	return func() {
		on.Store(nil)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutWait)
		defer cancel()
		provider.Shutdown(ctx)
	}, nil
}
