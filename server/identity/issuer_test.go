package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"wardroom/server/incident"
)

// An issuer may end a connection that was idle just when the next question is
// on its way. What only reads is asked again by itself; a code must not be sent
// twice, and so somebody who did everything right would not be let in.
func TestAnIssuerThatEndsIdleConnectionsCostsNobodyTheirSignIn(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	type used struct{}
	mux := http.NewServeMux()
	issuer := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(used{}).(*atomic.Int32).Add(1) > 1 {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
			return
		}
		mux.ServeHTTP(w, r)
	}))
	issuer.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, used{}, new(atomic.Int32))
	}
	issuer.Start()
	t.Cleanup(issuer.Close)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: private}, (&jose.SignerOptions{}).WithHeader("kid", "ed"))
	check(t, err)
	signed, err := signer.Sign([]byte(`{"iss":"` + issuer.URL + `","aud":"wardroom","sub":"somebody"}`))
	check(t, err)
	token, err := signed.CompactSerialize()
	check(t, err)
	for path, body := range map[string]any{
		"/keys": jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: "ed"}}},
		"/t":    map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": token},
		"/.well-known/openid-configuration": map[string]any{
			"issuer": issuer.URL, "authorization_endpoint": issuer.URL + "/a", "token_endpoint": issuer.URL + "/t", "jwks_uri": issuer.URL + "/keys",
		},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(body)
		})
	}
	h := newHouse(t, nil)
	h.options.Clients["ends"] = Client{ID: "wardroom", Secret: clientSecret}
	h.renew()
	remote, err := h.id.issuers.reach(t.Context(), incident.IssuerSet{Key: "ends", URL: issuer.URL, Acr: "a"})
	check(t, err)
	for range 3 {
		c, err := h.id.exchange(t.Context(), remote, signIn{Verifier: "v"}, "a-code", site)
		check(t, err)
		if c.Subject != "somebody" {
			t.Fatalf("vouched for: %q", c.Subject)
		}
	}
}
