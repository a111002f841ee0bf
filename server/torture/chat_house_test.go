package torture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"wardroom/server/cmd/wardroom/assembly"
	"wardroom/server/command"
	"wardroom/server/config"
	"wardroom/server/devkit"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// newGuestHouse is a real server with a real listener in this process, and an
// issuer that vouches for that many guests beside its usual people. Each guest
// is of an organisation of their own, T01, T02 …, which is on the books; the
// guests themselves are not.
func newGuestHouse(t *testing.T, guests int) *server {
	t.Helper()
	s := &server{t: t, h: servertest.NewHouseOn(t, servertest.Database(t), "localhost"), accounts: map[string]account{}}
	if _, err := assembly.Migrate(t.Context(), s.h.DB.Cluster.OwnerURL(s.h.DB.Name)); err != nil { // as a deployment would: the server looks
		t.Fatal(err)
	}
	port, operator := freePort(t), freePort(t)
	s.origin, s.operator = "http://localhost:"+port, "http://127.0.0.1:"+operator
	dir, err := os.MkdirTemp("/tmp", "wardroom-idp-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s.idp, err = devkit.StartIdP(t.Context(), devkit.IdPOptions{Dir: dir, Issuer: "health", Extra: guests,
		Clients: []devkit.IdPClient{{ID: "wardroom", Secret: "development only"}}, Apps: []string{s.origin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.idp.Stop(context.Background()) })
	book := func(cmd command.Command) {
		s.h.Must(s.h.Journal.Append(t.Context(), s.h.Journal.SystemLog(), incident.Actor{System: true}, s.h.Key(), cmd))
	}
	domains := []string{}
	for i := 1; i <= guests; i++ {
		key, org := fmt.Sprintf("guest%d", i), fmt.Sprintf("T%02d", i)
		sum := sha256.Sum256(fmt.Appendf(nil, "wardroom development guest health %d", i)) // as deploy/dev/idp/accounts.mjs has it
		s.accounts[key] = account{Key: key, Sub: hex.EncodeToString(sum[:])[:24], Name: fmt.Sprintf("Guest %d", i), Organisation: incident.OrgID(org)}
		domains = append(domains, strings.ToLower(org)+".example")
		book(command.AddOrganisation{Organisation: incident.Organisation{Code: incident.OrgID(org), Name: fmt.Sprintf("Test organisation %d", i), Type: incident.OtherBody, Issuer: "health"}})
	}
	book(command.SetIssuer{Issuer: incident.IssuerSet{Key: "health", Name: "Health staff", URL: s.idp.URL(), Acr: devkit.ACRMultiFactor, StepUp: devkit.ACRStepUp, Domains: domains}})
	s.readAccounts()
	cfg := config.Read([]string{"WARDROOM_DATABASE_URL=" + s.h.DB.Cluster.WriterURL(s.h.DB.Name), "WARDROOM_READER_URL=" + s.h.DB.Cluster.ReaderURL(s.h.DB.Name), "WARDROOM_VAULT=" + s.h.VaultFile, "WARDROOM_NOTARY_KEYS=" + s.h.NotaryFile(),
		"WARDROOM_PUBLIC_URL=" + s.origin, "WARDROOM_LISTEN=127.0.0.1:" + port, "WARDROOM_OPERATOR_LISTEN=127.0.0.1:" + operator, "WARDROOM_PACE=1000",
		"WARDROOM_ISSUER_HEALTH_URL=" + s.idp.URL(), "WARDROOM_ISSUER_HEALTH_NAME=Health staff", "WARDROOM_ISSUER_HEALTH_CLIENT_ID=wardroom",
		"WARDROOM_ISSUER_HEALTH_CLIENT_SECRET=development only", "WARDROOM_ISSUER_HEALTH_ACR=" + devkit.ACRMultiFactor, "WARDROOM_ISSUER_HEALTH_STEP_UP_ACR=" + devkit.ACRStepUp})
	cfg.Development = true // plain HTTP on this machine
	s.serveHere(cfg)
	return s
}

func (s *server) readAccounts() {
	s.t.Helper()
	root, err := devkit.RepoRoot()
	if err != nil {
		s.t.Fatal(err)
	}
	b, err := os.ReadFile(root + "/deploy/dev/idp/accounts.json")
	if err != nil {
		s.t.Fatal(err)
	}
	var list []account
	if err := json.Unmarshal(b, &list); err != nil {
		s.t.Fatal(err)
	}
	for _, a := range list {
		s.accounts[a.Key] = a
	}
}

// serveHere runs the node as `wardroom serve` puts it together, until the end
// of the test.
func (s *server) serveHere(cfg config.Config) {
	s.t.Helper()
	node, err := assembly.Open(s.t.Context(), cfg, slog.New(slog.NewJSONHandler(&lockedWriter{&s.mu, &s.log}, nil)))
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := assembly.Listen(cfg)
	if err != nil {
		node.Close()
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- node.Serve(ctx, l) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			s.t.Errorf("the server did not end well: %v", err)
		}
		node.Close()
	})
}

// signInAll signs the accounts in. Their later requests share connections: thousands of short ones would use up this machine's ports.
func (s *server) signInAll(keys []string) map[string]*visitor {
	s.t.Helper()
	kept := &http.Transport{MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256}
	s.t.Cleanup(kept.CloseIdleConnections)
	all := map[string]*visitor{}
	for _, k := range keys {
		all[k] = s.signIn(k)
		all[k].http.Transport = kept
	}
	return all
}

// ask makes a request that must be answered with the status, and reads the
// answer. A request for which there is no room just now is made again.
func (v *visitor) ask(ctx context.Context, status int, method, path, key string, body, into any) error {
	for {
		got, answer, err := v.call(ctx, method, path, key, body)
		switch {
		case err != nil:
			return fmt.Errorf("%s %s: %w", method, path, err)
		case got == http.StatusTooManyRequests:
			select {
			case <-time.After(100 * time.Millisecond): // as the answer asks: wait a moment
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		case got != status:
			return fmt.Errorf("%s %s: %d %s, want %d", method, path, got, answer, status)
		case into == nil:
			return nil
		}
		return json.Unmarshal(answer, into)
	}
}

// together runs the parts at once, ends them all when one fails, and returns
// the first failure.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, part := range parts {
		wg.Go(func() {
			if err := part(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// way is how a guest is tied to their invitation.
type way int

const (
	bySubject way = iota // made for this very sign-in
	byAddress            // their issuer vouches for the address
	byDigits             // six digits told by another channel
	byVouch              // nothing: they ask, and the lead knows them
	ways
)

// enter invites a guest and has them join by the link, as people do: the lead
// makes it, the guest reads what it is for, and joins.
func (s *server) enter(ctx context.Context, lead, guest *visitor, a account, room incident.LogID, role incident.Role, history incident.History, w way, inviteKey incident.Key) error {
	body := map[string]any{"name": a.Name, "org": a.Organisation, "role": role, "history": history}
	switch w {
	case bySubject:
		body["subject"] = a.Sub
	case byAddress:
		body["email"] = fmt.Sprintf("%s@%s.example", a.Key, strings.ToLower(string(a.Organisation)))
	case byDigits:
		body["otp"] = true
	}
	var invited struct {
		Seq       incident.Seq
		Link, OTP string
	}
	if err := lead.ask(ctx, http.StatusCreated, "POST", "/rooms/"+string(room)+"/members", string(inviteKey), body, &invited); err != nil {
		return err
	}
	token, ok := strings.CutPrefix(invited.Link, s.origin+"/join#")
	if !ok {
		return fmt.Errorf("the invitation's link is %q", invited.Link)
	}
	var look struct {
		Invitation string
		Rules      struct{ Version int }
		NeedsCode  bool
	}
	if err := guest.ask(ctx, http.StatusOK, "POST", "/invitations/look", "", map[string]any{"token": token}, &look); err != nil {
		return err
	}
	if look.NeedsCode != (w == byDigits) {
		return fmt.Errorf("%s, way %d: the invitation says that digits are needed: %v", a.Key, w, look.NeedsCode)
	}
	join := map[string]any{"token": token, "rules": look.Rules.Version}
	if w == byDigits {
		join["otp"] = invited.OTP
	}
	if w == byVouch {
		if err := guest.ask(ctx, http.StatusAccepted, "POST", "/invitations/join", "", join, nil); err != nil {
			return err
		}
		if err := lead.ask(ctx, http.StatusOK, "POST", fmt.Sprintf("/rooms/%s/members/%d/vouch", room, invited.Seq), string(s.h.Key()), map[string]any{}, nil); err != nil {
			return err
		}
		join = map[string]any{"invitation": look.Invitation, "rules": look.Rules.Version}
	}
	var joined struct{ Room incident.LogID }
	if err := guest.ask(ctx, http.StatusOK, "POST", "/invitations/join", "", join, &joined); err != nil {
		return err
	}
	if joined.Room != room {
		return fmt.Errorf("%s joined %q, not %s", a.Key, joined.Room, room)
	}
	return nil
}

// personOf is who somebody is on the books, which a guest is from joining on.
func (v *visitor) personOf(ctx context.Context) (incident.PersonID, error) {
	var s struct {
		Person struct{ ID incident.PersonID }
	}
	err := v.ask(ctx, http.StatusOK, "GET", "/session", "", nil, &s)
	return s.Person.ID, err
}
