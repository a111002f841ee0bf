package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/trail"
)

// request is what the log may know of a request.
type request struct{ id string }

type requestKey struct{}

func requestOf(ctx context.Context) request {
	r, _ := ctx.Value(requestKey{}).(request)
	return r
}

// wrap puts the same middleware around everything: REST, stream, files.
func (s *Server) wrap(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection() // no pattern bypasses it
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.writeProblem(w, r, incident.Refuse(incident.Forbidden, "This request came from another site."))
	}))
	next = cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, span := trail.Root(r.Context(), unnamed)
		r = r.WithContext(context.WithValue(ctx, requestKey{}, request{id: incident.RandomID()[:10]}))
		rec := &response{ResponseWriter: w}
		s.secured(rec.Header())
		defer func() {
			if p := recover(); p != nil {
				s.panicked(rec, r, p)
			}
			s.logged(rec, r, time.Since(began))
			rec.told(span, r.Pattern)
		}()
		if len(r.URL.RawQuery) > 2048 || len(r.URL.Path) > 1024 {
			boundAddress.Hit()
			s.writeProblem(rec, r, incident.Missing())
			return
		}
		next.ServeHTTP(rec, r)
	})
}

// panicked answers for a handler that broke; the process goes on. What it was
// working on is not logged: a panic's value may hold content.
func (s *Server) panicked(rec *response, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.Log.LogAttrs(r.Context(), slog.LevelError, "handler panicked", slog.String("request", requestOf(r.Context()).id),
		slog.String("type", fmt.Sprintf("%T", p)), slog.String("stack", string(debug.Stack())))
	if rec.status == 0 && !rec.hijacked {
		s.writeProblem(rec, r, fmt.Errorf("panic of type %T", p))
	}
}

// logged writes the request's one line: the pattern, never the path.
func (s *Server) logged(rec *response, r *http.Request, took time.Duration) {
	pattern := r.Pattern
	if pattern == "" {
		pattern = "none"
	}
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	if rec.hijacked {
		status = http.StatusSwitchingProtocols
	}
	requests.Observe(took.Seconds(), pattern, class(status))
	s.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("method", method(r.Method)), slog.String("route", pattern), slog.Int("status", status),
		slog.Int64("ms", took.Milliseconds()), slog.String("request", requestOf(r.Context()).id))
}

// told ends the request's span: by its pattern, never by its path.
func (r *response) told(span trail.Span, pattern string) {
	var err error
	if r.status >= http.StatusInternalServerError {
		err = errAnswer
	}
	span.Call(routeNames.Of(pattern))
	span.Count(statusKey, r.status)
	span.End(err)
}

var errAnswer = errors.New("web: the answer says that something is wrong here")

// method keeps what a client made up out of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "other"
}

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status   int
	hijacked bool
}

func (r *response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *response) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController through.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Hijack gives the socket to the stream.
func (r *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.hijacked = true
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// secured sets the headers of every response. What may be cached says so
// itself.
func (s *Server) secured(h http.Header) {
	h.Set("Content-Security-Policy", s.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), "+
		"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-create=(self), publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()")
	h.Set("Cache-Control", "no-store")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// contentPolicy is the Content-Security-Policy. 'self' does not cover the
// socket's scheme in every browser, so it is named; not for an IPv6 address,
// for which the policy's grammar has no word: a browser that reads it says so
// on the console, and its 'self' covers the socket.
func contentPolicy(publicURLs []string) string {
	connect := "'self'"
	for _, raw := range publicURLs {
		if u, err := url.Parse(raw); err == nil && u.Host != "" && !strings.HasPrefix(u.Host, "[") {
			connect += " " + strings.Replace(u.Scheme, "http", "ws", 1) + "://" + u.Host
		}
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src " + connect,
		"worker-src 'self'", "manifest-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'",
		"require-trusted-types-for 'script'", "trusted-types wardroom-worker",
	}, "; ")
}
