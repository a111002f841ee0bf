package identity

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

// signInFor is how long a sign-in may take, from leaving for the issuer.
const signInFor = 10 * time.Minute

// signIn is what we must remember of a sign-in while the browser is at the
// issuer. It travels sealed in a cookie, so that nobody, the browser's owner
// included, can read or change it, and no row is made for who has not come
// back.
type signIn struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"` // PKCE, RFC 7636
	Issuer   string    `json:"issuer"`   // its key
	URL      string    `json:"url"`      // its URL as the record had it
	Return   string    `json:"return"`
	StepUp   bool      `json:"stepUp"`
	Fresh    bool      `json:"fresh"`             // max_age=0 was asked
	Session  string    `json:"session,omitempty"` // the public id of the session this browser had
	AuthTime time.Time `json:"authTime"`          // of that session: a fresh authentication is a later one
	Started  time.Time `json:"started"`
}

const signInPurpose = "sign-in"

// sealSignIn binds the cookie to the origin it is given to.
func (i *Identity) sealSignIn(s signIn, origin string) (string, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	sealed, err := i.o.Vault.Seal(signInPurpose, plain, []byte(origin))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

func (i *Identity) openSignIn(value, origin string) (s signIn, ok bool) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return s, false
	}
	plain, err := i.o.Vault.Open(signInPurpose, sealed, []byte(origin))
	if err != nil || json.Unmarshal(plain, &s) != nil {
		return signIn{}, false
	}
	age := i.now().Sub(s.Started)
	return s, age >= -skew && age < signInFor
}
