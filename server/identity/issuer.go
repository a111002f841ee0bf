package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"wardroom/server/incident"
)

const (
	discoveryTimeout = 3 * time.Second
	issuerTimeout    = 5 * time.Second // one request to an issuer, whichever
	knownFor         = 15 * time.Second
	longestBackOff   = 30 * time.Second
	downFor          = 10 * time.Minute // so long one that did not answer counts as having been down
	issuerBodyLimit  = 256 << 10        // no document of an issuer is larger
)

// signatures are the algorithms an ID token may be signed with. None is
// symmetric, and "none" is not among them.
var signatures = []string{oidc.RS256, oidc.ES256, oidc.EdDSA, oidc.PS256}

// IssuerState is what the sign-in page says of an issuer.
type IssuerState struct {
	Key  string
	Name string
	Up   bool
}

// inUse returns the issuer of the key if the system log has it and it is not
// stopped.
func inUse(sys *incident.System, key string) (incident.IssuerSet, bool) {
	set, ok := sys.Issuers[key]
	return set, ok && !sys.Stopped[key]
}

// States says of each issuer in use whether it answers, by name. What is known
// for less than 15 seconds is not asked again; the answer takes 3 seconds at
// most.
func (i *Identity) States(ctx context.Context) ([]IssuerState, error) {
	sys, err := i.o.Record.System(ctx)
	if err != nil {
		return nil, fmt.Errorf("identity: system log: %w", err)
	}
	states := []IssuerState{}
	for key := range sys.Issuers {
		if set, ok := inUse(sys, key); ok {
			states = append(states, IssuerState{Key: key, Name: set.Name})
		}
	}
	slices.SortFunc(states, func(a, b IssuerState) int { return strings.Compare(a.Name+"\n"+a.Key, b.Name+"\n"+b.Key) })
	var wg sync.WaitGroup
	for n := range states {
		wg.Go(func() {
			_, err := i.issuers.reach(ctx, sys.Issuers[states[n].Key])
			states[n].Up = err == nil
		})
	}
	wg.Wait()
	return states, nil
}

// issuers knows which issuers answer.
type issuers struct {
	clients map[string]Client
	log     *slog.Logger
	http    *http.Client
	asking  singleflight.Group // by key and URL: one question at a time

	mu    sync.Mutex
	known map[string]*knowledge // by key and URL
}

// knowledge is what we know of one issuer. A value is never changed; the map
// gets another.
type knowledge struct {
	remote *remote   // what it said when it last answered; nil if it never has
	err    error     // nil if it answered the last time
	asked  time.Time // when it was last asked
	fails  int       // in a row
	failed time.Time // when it last did not answer; zero for never
}

// remote is an issuer that has answered.
type remote struct {
	ends     endpoints
	oauth    oauth2.Config // RedirectURL is set per sign-in
	verifier *oidc.IDTokenVerifier
}

// endpoints is what we take from a discovery document.
type endpoints struct {
	Auth     string `json:"authorization_endpoint"`
	Token    string `json:"token_endpoint"`
	Keys     string `json:"jwks_uri"`
	IssParam bool   `json:"authorization_response_iss_parameter_supported"` // RFC 9207, section 3
}

var errIssuerDown = errors.New("identity: the issuer does not answer")

func newIssuers(clients map[string]Client, log *slog.Logger) *issuers {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// Each question goes by a connection of its own. One that was idle may be
	// ended just when a code is on its way, which must not be sent twice.
	transport.DisableKeepAlives = true
	return &issuers{
		clients: clients, log: log, known: map[string]*knowledge{},
		http: &http.Client{
			Transport: limited{transport},
			Timeout:   issuerTimeout,
			// An issuer's own documents stand where they say they stand.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (is *issuers) close() { is.http.CloseIdleConnections() }

func issuerID(set incident.IssuerSet) string { return set.Key + " " + set.URL }

func (is *issuers) get(set incident.IssuerSet) *knowledge {
	is.mu.Lock()
	defer is.mu.Unlock()
	return is.known[issuerID(set)]
}

// settled reports whether what is known need not be asked again yet: 15
// seconds after an answer; after failures 1, 2, 4 … 30 seconds.
func (k *knowledge) settled(now time.Time) bool {
	if k == nil {
		return false
	}
	if k.err == nil {
		return now.Sub(k.asked) < knownFor
	}
	return now.Sub(k.asked) < min(time.Second<<min(k.fails-1, 10), longestBackOff)
}

// reach returns the issuer if it answers: as is known from a moment ago, or by
// asking now.
func (is *issuers) reach(ctx context.Context, set incident.IssuerSet) (*remote, error) {
	if k := is.get(set); k.settled(time.Now()) {
		return k.remote, k.err
	}
	asked := is.asking.DoChan(issuerID(set), func() (any, error) { return is.ask(set), nil })
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-asked:
		k := r.Val.(*knowledge)
		return k.remote, k.err
	}
}

// answered returns the issuer if it ever answered: whoever comes back from it
// shows that it did.
func (is *issuers) answered(ctx context.Context, set incident.IssuerSet) (*remote, error) {
	if k := is.get(set); k != nil && k.remote != nil {
		return k.remote, nil
	}
	return is.reach(ctx, set)
}

// retry asks, in the background, those that are due: never asked, or failing
// and past their back-off. One that answers is not asked until somebody wants
// to sign in.
func (is *issuers) retry(sys *incident.System) {
	for key := range sys.Issuers {
		set, ok := inUse(sys, key)
		if k := is.get(set); !ok || k.settled(time.Now()) || (k != nil && k.err == nil) {
			continue
		}
		is.asking.DoChan(issuerID(set), func() (any, error) { return is.ask(set), nil })
	}
}

func (is *issuers) ask(set incident.IssuerSet) *knowledge {
	old := is.get(set)
	k := &knowledge{}
	if old != nil {
		k.remote, k.fails, k.failed = old.remote, old.fails, old.failed
	}
	r, err := is.discover(set)
	k.asked = time.Now()
	switch {
	case err != nil:
		k.err, k.fails, k.failed = errIssuerDown, k.fails+1, k.asked
		if k.fails == 1 {
			is.log.Warn("an issuer does not answer", "issuer", set.Key, "error", err)
		}
	case k.remote == nil || k.remote.ends != r.ends:
		k.remote, k.fails = r, 0
	default: // as before: keep the verifier, which holds the issuer's keys
		k.fails = 0
	}
	if err == nil && old != nil && old.err != nil {
		is.log.Info("an issuer answers again", "issuer", set.Key)
	}
	is.mu.Lock()
	is.known[issuerID(set)] = k
	is.mu.Unlock()
	return k
}

func (is *issuers) discover(set incident.IssuerSet) (*remote, error) {
	client, ok := is.clients[set.Key]
	if !ok || client.ID == "" {
		return nil, errors.New("no client id is configured for it")
	}
	if set.Acr == "" {
		return nil, errors.New("its record demands no acr: any sign-in would do")
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(context.Background(), is.http), discoveryTimeout)
	defer cancel()
	p, err := oidc.NewProvider(ctx, set.URL)
	if err != nil {
		return nil, plain(err)
	}
	var e endpoints
	if err := p.Claims(&e); err != nil {
		return nil, errors.New("its discovery document cannot be read")
	}
	for _, end := range []string{e.Auth, e.Token, e.Keys} {
		if !asSafe(end, set.URL) {
			return nil, errors.New("its discovery document names an unsafe address")
		}
	}
	return &remote{
		ends: e,
		oauth: oauth2.Config{
			ClientID: client.ID, ClientSecret: client.Secret,
			// Said, not tried out: a second try would spend the code.
			Endpoint: oauth2.Endpoint{AuthURL: e.Auth, TokenURL: e.Token, AuthStyle: oauth2.AuthStyleInHeader},
			Scopes:   []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
		},
		verifier: p.Verifier(&oidc.Config{
			ClientID: client.ID, SupportedSigningAlgs: signatures,
			SkipExpiryCheck: true, // judged with the other times, by our clock: see claims.judge
		}),
	}, nil
}

// plain cuts what an issuer wrote out of an error: it may be anything.
func plain(err error) error {
	var mismatch *oidc.IssuerMismatchError
	var dial *net.OpError
	var said *oauth2.RetrieveError
	switch {
	case errors.As(err, &said) && said.Response != nil:
		return fmt.Errorf("it answers a code with status %d", said.Response.StatusCode)
	case errors.As(err, &mismatch):
		return errors.New("its discovery document names another issuer")
	case errors.Is(err, context.DeadlineExceeded), os.IsTimeout(err):
		return errors.New("no answer in time")
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return errors.New("it ended the connection before it had answered")
	case errors.As(err, &dial):
		return fmt.Errorf("no connection (%s)", dial.Op)
	}
	return errors.New("no usable discovery document")
}

// asSafe holds an issuer's endpoints to https; plain http is for an issuer
// that is on this machine, and its endpoints are then too.
func asSafe(endpoint, issuer string) bool {
	e, err := url.Parse(endpoint)
	if err != nil || e.Host == "" || e.User != nil {
		return false
	}
	i, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	return e.Scheme == "https" || (e.Scheme == "http" && i.Scheme == "http" && loopback(e.Hostname()) && loopback(i.Hostname()))
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && a.IsLoopback())
}

// limited fails the reading of a body that is larger than any honest one.
type limited struct{ next http.RoundTripper }

func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{&capped{resp.Body, issuerBodyLimit}, resp.Body}
	}
	return resp, err
}

// CloseIdleConnections makes http.Client's reach the transport.
func (l limited) CloseIdleConnections() {
	if c, ok := l.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

type capped struct {
	from io.Reader
	left int
}

func (c *capped) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if c.left -= n; c.left < 0 {
		return 0, errors.New("identity: an issuer's answer is too large")
	}
	return n, err
}
