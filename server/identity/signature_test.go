package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"wardroom/server/incident"
)

// The development issuer signs with RS256 only. This one has a good key for
// every algorithm, so that only the list of algorithms can refuse.
func TestOnlyTheListedAlgorithmsSign(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	check(t, err)
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: rsaKey.Public(), KeyID: "rsa"}, {Key: p256.Public(), KeyID: "p256"}, {Key: p384.Public(), KeyID: "p384"}, {Key: public, KeyID: "ed"},
	}}
	mux := http.NewServeMux()
	issuer := httptest.NewServer(mux)
	t.Cleanup(issuer.Close)
	answer := func(path string, body any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(body)
		})
	}
	answer("/keys", keys)
	answer("/.well-known/openid-configuration", map[string]any{
		"issuer": issuer.URL, "authorization_endpoint": issuer.URL + "/a", "token_endpoint": issuer.URL + "/t", "jwks_uri": issuer.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "RS384", "RS512", "PS256", "PS512", "ES256", "ES384", "EdDSA", "HS256", "none"},
	})
	h := newHouse(t, nil)
	h.options.Clients["many"] = Client{ID: "wardroom"}
	h.renew()
	remote, err := h.id.issuers.reach(t.Context(), incident.IssuerSet{Key: "many", URL: issuer.URL, Acr: "a"})
	check(t, err)
	for _, c := range []struct {
		alg  jose.SignatureAlgorithm
		kid  string
		key  any
		good bool
	}{
		{jose.RS256, "rsa", rsaKey, true}, {jose.PS256, "rsa", rsaKey, true}, {jose.ES256, "p256", p256, true}, {jose.EdDSA, "ed", ed, true},
		{jose.RS384, "rsa", rsaKey, false}, {jose.RS512, "rsa", rsaKey, false}, {jose.PS512, "rsa", rsaKey, false}, {jose.ES384, "p384", p384, false},
		{jose.HS256, "rsa", make([]byte, 32), false},
	} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: c.alg, Key: c.key}, (&jose.SignerOptions{}).WithHeader("kid", c.kid))
		check(t, err)
		signed, err := signer.Sign([]byte(`{"iss":"` + issuer.URL + `","aud":"wardroom","sub":"s"}`))
		check(t, err)
		raw, err := signed.CompactSerialize()
		check(t, err)
		if _, err := remote.verifier.Verify(t.Context(), raw); (err == nil) != c.good {
			t.Errorf("%s: %v", c.alg, err)
		}
	}
}
