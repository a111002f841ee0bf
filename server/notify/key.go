package notify

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Key is an API key of GOV.UK Notify: which service asks, and the secret it
// signs with. It never prints itself.
type Key struct{ service, secret string }

// uuid is the form of every id at GOV.UK Notify.
var uuid = regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z`)

const uuidLength = 36

// ParseKey reads {name}-{service}-{secret}. The name may hold hyphens, and
// whatever else, so it is read from the right.
func ParseKey(text string) (Key, error) {
	if len(text) < 2*uuidLength+2 {
		return Key{}, errors.New("notify: not an API key of GOV.UK Notify: it ends in two ids")
	}
	secret := text[len(text)-uuidLength:]
	service := text[len(text)-2*uuidLength-1 : len(text)-uuidLength-1]
	if text[len(text)-uuidLength-1] != '-' || text[len(text)-2*uuidLength-2] != '-' || !uuid.MatchString(service) || !uuid.MatchString(secret) {
		return Key{}, errors.New("notify: not an API key of GOV.UK Notify: it ends in two ids")
	}
	return Key{service, secret}, nil
}

// Service is the id of the service that the key belongs to.
func (k Key) Service() string { return k.service }

// IsZero reports whether there is no key.
func (k Key) IsZero() bool { return k == Key{} }

// token signs one request at this moment. GOV.UK Notify takes it for thirty
// seconds to either side of its own clock, so each request has its own.
func (k Key) token(now time.Time) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": k.service, "iat": now.Unix()}).SignedString([]byte(k.secret))
}

// String names the service, and says nothing of the secret.
func (k Key) String() string { return "the key of service " + k.service }

// Format writes what String says whatever is asked for.
func (k Key) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }

// LogValue is what String says.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
