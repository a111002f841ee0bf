package devkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The classes of authentication that the development issuers know (the acr claim and acr_values).
const (
	ACRMultiFactor = "urn:wardroom:acr:mfa"    // a second factor at sign-in: what everyone has
	ACRStepUp      = "urn:wardroom:acr:stepup" // a second factor for this very request
)

// IdPClient is an application that may use an issuer. It proves itself by a secret (client_secret_basic), or by a key if JWKS is set
// (private_key_jwt).
type IdPClient struct {
	ID           string          `json:"client_id"`
	Secret       string          `json:"client_secret,omitempty"`
	JWKS         json.RawMessage `json:"jwks,omitempty"` // the public key set
	RedirectURIs []string        `json:"redirect_uris,omitempty"`
	AfterSignOut []string        `json:"post_logout_redirect_uris,omitempty"`
}

// IdPOptions says which issuer to run, and for whom.
type IdPOptions struct {
	Dir     string      // keeps the issuer's keys and its list of clients; made if absent
	Issuer  string      // whose people: "health" or "ncsc"
	Port    int         // the issuer is http://127.0.0.1:Port; 0 for any free one
	Clients []IdPClient // at least one
	Apps    []string    // origins: each adds ORIGIN/auth/callback, and ORIGIN/ after sign-out, to every client
	Extra   int         // adds guest1 … guestN, of the invented organisations T01, T02 …

	AllowFaults bool      // answers SetFaults and Faults
	Log         io.Writer // what it says; discarded if nil
}

// IdP is a running development identity provider. Its methods but SignIn, Faults and SetFaults must not be called at the same time.
type IdP struct {
	options IdPOptions
	source  string
	node    string
	port    int
	child   *Child
}

// StartIdP runs an issuer and returns when its discovery document answers. Its signing key lasts as long as o.Dir; its sessions end
// with the process.
func StartIdP(ctx context.Context, o IdPOptions) (*IdP, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, &Trouble{
			Wrong: "no node was found in PATH, and the development identity provider needs Node.js 20 or newer",
			Do:    "install it with 'apt-get install nodejs npm', or from nodejs.org",
			Err:   err,
		}
	}
	root, err := RepoRoot()
	if err != nil {
		return nil, err
	}
	source := filepath.Join(root, "deploy", "dev", "idp")
	if _, err := os.Stat(filepath.Join(source, "node_modules", "oidc-provider", "package.json")); err != nil {
		return nil, &Trouble{
			Wrong: fmt.Sprintf("the packages of the development identity provider are not installed in %s", source),
			Do:    "install them with 'npm ci --prefix deploy/dev/idp'",
			Err:   err,
		}
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	if err := claimDir(o.Dir); err != nil {
		return nil, err
	}
	p := &IdP{options: o, source: source, node: node}
	for try := 1; ; try++ {
		err := p.start(ctx, o.Port)
		var exit *ExitError
		raced := errors.As(err, &exit) && strings.Contains(strings.Join(exit.Tail, "\n"), "is taken")
		switch {
		case err == nil:
			return p, nil
		case exit != nil && exit.Late && try == 1: // seen once in thousands of starts
			continue
		case raced && o.Port != 0:
			return nil, PortTaken(o.Port)
		case !raced || try == portRaces:
			return nil, err
		}
	}
}

func (p *IdP) start(ctx context.Context, port int) error {
	o := p.options
	clients, err := json.Marshal(o.Clients)
	if err != nil {
		return err
	}
	clientsFile := p.file("clients.json")
	if err := os.WriteFile(clientsFile, clients, 0o600); err != nil {
		return err
	}
	held, err := takePort(port)
	if err != nil {
		return err
	}
	p.port = held.Port()
	args := []string{
		filepath.Join(p.source, "idp.mjs"), "--issuer", o.Issuer, "--port", strconv.Itoa(p.port),
		"--clients", clientsFile, "--keys", p.file("keys.json"), "--extra", strconv.Itoa(o.Extra),
	}
	for _, app := range o.Apps {
		args = append(args, "--app", app)
	}
	if o.AllowFaults {
		args = append(args, "--allow-faults")
	}
	held.Release()
	child, err := Start(ctx, Program{
		Name: "idp-" + o.Issuer, Path: p.node, Args: args, Dir: p.source, Log: o.Log, Timeout: 20 * time.Second,
		Env: []string{"NODE_ENV=development"},
		Ready: func(ctx context.Context) error {
			return p.discover(ctx)
		},
	})
	if err == nil {
		p.child = child
	}
	return err
}

func (p *IdP) file(name string) string {
	return filepath.Join(p.options.Dir, p.options.Issuer+"-"+name)
}

func (p *IdP) discover(ctx context.Context) error {
	var document struct{ Issuer string }
	if err := p.call(ctx, http.MethodGet, "/.well-known/openid-configuration", nil, &document); err != nil {
		return err
	}
	if document.Issuer != p.URL() {
		return fmt.Errorf("the issuer at %s calls itself %q", p.URL(), document.Issuer)
	}
	return nil
}

// URL is the issuer: http://127.0.0.1:PORT. It stays the same over Restart.
func (p *IdP) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

// PID is the process id.
func (p *IdP) PID() int { return p.child.PID() }

// Done is closed when the present process has ended.
func (p *IdP) Done() <-chan struct{} { return p.child.Done() }

// Err is why the present process ended, if nobody asked it to.
func (p *IdP) Err() error { return p.child.Err() }

// Stop ends the issuer; nobody is signed in there any more.
func (p *IdP) Stop(ctx context.Context) error { return p.child.Stop(ctx) }

// Kill ends it as a crash would.
func (p *IdP) Kill() error { return p.child.Kill() }

// Restart starts a stopped or killed issuer again, at the same address and with the same keys.
func (p *IdP) Restart(ctx context.Context) error {
	if err := p.child.Stop(ctx); err != nil {
		return err
	}
	return p.start(ctx, p.port)
}

// Fault is one way in which the issuer can be made to lie.
type Fault struct {
	Name   string `json:"name"`
	Where  string `json:"where"`  // what is defective: id_token, token, authorization, request, discovery or jwks
	During string `json:"during"` // any: every sign-in shows it; step-up: only one with acr_values, max_age or prompt
	Expect string `json:"expect"` // what a careful relying party does: refuse, accept, or judge by a rule of its own
	Effect string `json:"effect"` // in words
}

// Faults lists every fault there is. The issuer must have been started with AllowFaults.
func (p *IdP) Faults(ctx context.Context) ([]Fault, error) {
	var answer struct{ Available []Fault }
	err := p.call(ctx, http.MethodGet, "/__faults", nil, &answer)
	return answer.Available, err
}

// SetFaults makes exactly these faults active, until the next call; none makes the issuer honest again. A restart forgets them.
func (p *IdP) SetFaults(ctx context.Context, names ...string) error {
	body, err := json.Marshal(map[string][]string{"faults": append([]string{}, names...)})
	if err != nil {
		return err
	}
	return p.call(ctx, http.MethodPost, "/__faults", body, nil)
}

func (p *IdP) call(ctx context.Context, method, path string, body []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.URL()+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s answered %s: %s", method, path, res.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
