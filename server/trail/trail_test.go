package trail

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// receiver is an OTLP receiver that keeps what it is sent.
func receiver(t *testing.T) (address string, got func() []byte) {
	t.Helper()
	var mu sync.Mutex
	var all bytes.Buffer
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all.Write(b)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1/traces", func() []byte {
		mu.Lock()
		defer mu.Unlock()
		return bytes.Clone(all.Bytes())
	}
}

func TestSpansGoOutWithTheirNamesAndNumbersOnly(t *testing.T) {
	address, got := receiver(t)
	end, err := Begin(t.Context(), Options{Endpoint: address, Ratio: 1, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	routes := NewFamily("http")
	routes.Add("GET /api/v1/rooms/{room}")
	ctx, request := Root(t.Context(), Declare("http"))
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		t.Error("a request is not taken down")
	}
	_, group := Start(context.Background(), Declare("journal.group"), At(ctx), Link{})
	group.Count(NewKey("entries"), 7)
	group.End(io.ErrUnexpectedEOF)
	request.Call(routes.Of("GET /api/v1/rooms/{room}"))
	request.End(nil)
	_, strange := Start(t.Context(), routes.Of("GET /canary"))
	strange.End(nil)
	end()
	sent := string(got())
	for _, want := range []string{"journal.group", "wardroom.entries", "http GET /api/v1/rooms/{room}", "http other"} {
		if !strings.Contains(sent, want) {
			t.Errorf("%q was not sent", want)
		}
	}
	for _, never := range []string{"canary", io.ErrUnexpectedEOF.Error()} {
		if strings.Contains(sent, never) {
			t.Errorf("%q was sent", never)
		}
	}
	if On() {
		t.Error("spans are made after the end")
	}
}

func TestAStrangersTraceIsNotGoneOnWith(t *testing.T) {
	address, _ := receiver(t)
	end, err := Begin(t.Context(), Options{Endpoint: address, Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	theirs := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
	ctx, s := Root(trace.ContextWithSpanContext(t.Context(), theirs), Declare("http"))
	defer s.End(nil)
	if trace.SpanContextFromContext(ctx).TraceID() == theirs.TraceID() {
		t.Error("a request went on with a trace that it brought along")
	}
}

func TestWithoutAReceiverNothingIsMadeAndNothingAllocated(t *testing.T) {
	name, key, ctx := Declare("x"), NewKey("n"), t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, s := Root(ctx, name)
		s.Count(key, 1)
		s.Call(name)
		s.End(nil)
		At(ctx)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAReceiverThatDoesNotAnswerHoldsUpNobody(t *testing.T) {
	end, err := Begin(t.Context(), Options{Endpoint: "http://127.0.0.1:1/v1/traces", Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 10_000 {
		_, s := Root(t.Context(), Declare("x"))
		s.End(nil)
	}
	end()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("10,000 spans and the end took %s", took)
	}
}

func TestARatioOfNothingTakesNothingDown(t *testing.T) {
	address, got := receiver(t)
	end, err := Begin(t.Context(), Options{Endpoint: address, Ratio: 0})
	if err != nil {
		t.Fatal(err)
	}
	ctx, s := Root(t.Context(), Declare("x"))
	_, inner := Start(ctx, Declare("y"))
	inner.End(nil)
	s.End(nil)
	end()
	if len(got()) > 0 {
		t.Error("spans were sent")
	}
}
