package double

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var uuid = regexp.MustCompile(`(?i)\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z`)

const skew = 30 * time.Second // of a token's iat, to either side

const tokenForm = "Invalid token: make sure your API token matches the example at https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"

// signed asks for a token by one of the service's keys. A handler answers, or
// returns the problem.
func (d *Double) signed(handle func(w http.ResponseWriter, r *http.Request, key Key) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, err := d.authenticate(r.Header.Get("Authorization"))
		if err == nil {
			err = handle(w, r, key)
		}
		var p problem
		switch {
		case err == nil:
		case errors.As(err, &p):
			p.answer(w)
		default:
			internal().answer(w)
		}
	})
}

func (d *Double) authenticate(header string) (Key, error) {
	if header == "" {
		return Key{}, authError(http.StatusUnauthorized, "Unauthorized: authentication token must be provided")
	}
	if len(header) < 7 || !strings.EqualFold(header[:7], "Bearer ") {
		return Key{}, authError(http.StatusUnauthorized, "Unauthorized: authentication bearer scheme must be used")
	}
	text := header[7:]
	forbidden := func(message string) (Key, error) { return Key{}, authError(http.StatusForbidden, message) }
	// Who it says it is, before whether that is true.
	unverified, _, err := jwt.NewParser().ParseUnverified(text, jwt.MapClaims{})
	if err != nil {
		return forbidden(tokenForm)
	}
	switch issuer, _ := unverified.Claims.GetIssuer(); {
	case issuer == "":
		return forbidden("Invalid token: iss field not provided")
	case !uuid.MatchString(issuer):
		return forbidden("Invalid token: service id is not the right data type")
	case !strings.EqualFold(issuer, d.o.Service.ID):
		return forbidden("Invalid token: service not found")
	case len(d.o.Keys) == 0:
		return forbidden("Invalid token: service has no API keys")
	case unverified.Method.Alg() != jwt.SigningMethodHS256.Alg():
		return forbidden("Invalid token: algorithm used is not HS256")
	}
	// Claims are judged below, by this clock and in this order.
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithoutClaimsValidation())
	for _, key := range d.o.Keys {
		token, err := parser.Parse(text, func(*jwt.Token) (any, error) { return []byte(key.Secret), nil })
		if err != nil {
			continue
		}
		issued, err := token.Claims.GetIssuedAt()
		if err != nil || issued == nil {
			return forbidden(tokenForm)
		}
		if d.o.Clock().Sub(issued.Time).Abs() > skew {
			return forbidden("Error: Your system clock must be accurate to within 30 seconds")
		}
		if key.Revoked {
			return forbidden("Invalid token: API key revoked")
		}
		return key, nil
	}
	return forbidden("Invalid token: API key not found")
}
