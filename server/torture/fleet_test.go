package torture

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"wardroom/server/devkit"
	"wardroom/server/servertest"
)

// fleet is two servers in processes of their own, on one database, with a
// front that gives each request to the next of them: nothing sticks.
type fleet struct {
	*server // the first; its origin is the front's
	nodes   [2]*server
	redis   *devkit.Redis
	door    *servertest.Wire // from the browsers to the front
	turn    atomic.Int64
	served  [2]atomic.Int64
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{redis: startRedis(t)}
	at := "127.0.0.1:" + freePort(t)
	f.server = newServer(t, "WARDROOM_LISTEN="+at, "WARDROOM_REDIS_URL="+f.redis.URL())
	other := "127.0.0.1:" + freePort(t)
	second := &server{t: t, h: f.h, idp: f.idp, origin: f.origin, operator: "http://127.0.0.1:" + freePort(t), accounts: f.accounts}
	second.env = append(append([]string{}, f.env...), "WARDROOM_LISTEN="+other, "WARDROOM_OPERATOR_LISTEN="+second.operator[len("http://"):])
	t.Cleanup(second.kill)
	second.start()
	f.nodes = [2]*server{f.server, second}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := &http.Server{Handler: &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host },
		Transport: &alternating{f: f, at: [2]string{at, other}, line: &http.Transport{MaxIdleConnsPerHost: 64}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.WriteHeader(http.StatusBadGateway)
		}}}
	go front.Serve(l)
	t.Cleanup(func() { front.Close() })
	f.door = servertest.NewWire(t, "127.0.0.1:"+f.origin[len("http://localhost:"):], l.Addr().String())
	return f
}

// alternating gives each request to the next node; to the other, if that one
// does not listen.
type alternating struct {
	f    *fleet
	at   [2]string
	line *http.Transport
}

func (a *alternating) RoundTrip(r *http.Request) (*http.Response, error) {
	first := int(a.f.turn.Add(1)) % 2
	var body []byte
	if r.Body != nil && r.Header.Get("Upgrade") == "" {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	for try := range 2 {
		n := (first + try) % 2
		out := r.Clone(r.Context())
		out.URL.Host = a.at[n]
		if body != nil {
			out.Body = io.NopCloser(bytes.NewReader(body))
		}
		res, err := a.line.RoundTrip(out)
		if err == nil {
			a.f.served[n].Add(1)
			return res, nil
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return nil, err // it may have come through: whoever asked knows what to do
		}
	}
	return nil, syscall.ECONNREFUSED
}

// leave tells the node to go, as a deployment does, and returns how long that
// took.
func (s *server) leave() time.Duration {
	s.t.Helper()
	s.mu.Lock()
	cmd := s.cmd
	s.cmd = nil
	s.mu.Unlock()
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.t.Errorf("it ended with %v: %s", err, tail(s.said()))
		}
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		<-done
		s.t.Error("it did not end within a minute of being told to")
	}
	return time.Since(began)
}

func tail(said string) string { return said[max(0, len(said)-2000):] }

func sendRaw(t *testing.T, v *visitor, req *http.Request, body []byte) (int, []byte) {
	t.Helper()
	if body != nil {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	res, err := v.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, got
}

func readUntil(ws *websocket.Conn, kind string) error {
	for {
		var f struct{ Type string }
		if err := ws.ReadJSON(&f); err != nil || f.Type == kind {
			return err
		}
	}
}

// within asks until it is so, as long as a crowded machine may need.
func within(t *testing.T, what string, so func() bool) {
	t.Helper()
	for limit := time.Now().Add(40 * time.Second); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not within forty seconds: %s", what)
		}
	}
}
