package double_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"wardroom/server/notify/double"
)

func TestOnlyATokenOfThisMomentByAKnownKeyIsTaken(t *testing.T) {
	const secret = "3d844edf-8d35-48ac-975b-e847b4f122b0"
	s := start(t, func(o *double.Options) {
		o.Keys = []double.Key{{Name: "first", Secret: nowhere, Kind: double.Live}, {Name: "second", Secret: secret, Kind: double.Live}}
	})
	now := s.clock.Now()
	sign := func(method jwt.SigningMethod, by any, claims jwt.MapClaims) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(by)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + text
	}
	at := func(d time.Duration) jwt.MapClaims {
		return jwt.MapClaims{"iss": service, "iat": now.Add(d).Unix()}
	}
	good := sign(jwt.SigningMethodHS256, []byte(secret), at(0))
	for _, c := range []struct {
		name, header string
		status       int
	}{
		{"right", good, 200},
		{"scheme in small letters", "bearer" + good[6:], 200},
		{"the other key", sign(jwt.SigningMethodHS256, []byte(nowhere), at(0)), 200},
		{"thirty seconds old", sign(jwt.SigningMethodHS256, []byte(secret), at(-30*time.Second)), 200},
		{"thirty seconds early", sign(jwt.SigningMethodHS256, []byte(secret), at(30*time.Second)), 200},
		{"too old", sign(jwt.SigningMethodHS256, []byte(secret), at(-31*time.Second)), 403},
		{"too early", sign(jwt.SigningMethodHS256, []byte(secret), at(31*time.Second)), 403},
		{"no header", "", 401},
		{"another scheme", "Basic " + good[7:], 401},
		{"no token", "Bearer ", 403},
		{"no JWT", "Bearer a.b.c", 403},
		{"unsigned", sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, at(0)), 403},
		{"another algorithm", sign(jwt.SigningMethodHS512, []byte(secret), at(0)), 403},
		{"another secret", sign(jwt.SigningMethodHS256, []byte(service), at(0)), 403},
		{"a changed claim", good[:strings.Index(good, ".")] + sign(jwt.SigningMethodHS256, []byte(secret), at(5*time.Second))[strings.Index(good, "."):strings.LastIndex(good, ".")] + good[strings.LastIndex(good, "."):], 403},
		{"no moment", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": service}), 403},
		{"no service", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iat": now.Unix()}), 403},
		{"a service that is no id", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": "me", "iat": now.Unix()}), 403},
		{"another service", sign(jwt.SigningMethodHS256, []byte(secret), jwt.MapClaims{"iss": nowhere, "iat": now.Unix()}), 403},
	} {
		req := httptest.NewRequest("GET", "/v2/templates", nil)
		if c.header != "" {
			req.Header.Set("Authorization", c.header)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code != c.status || c.status != 200 && !strings.Contains(w.Body.String(), fmt.Sprintf(`"status_code":%d`, c.status)) || c.status != 200 && !strings.Contains(w.Body.String(), `"error":"AuthError"`) {
			t.Errorf("%s: %d %.200s", c.name, w.Code, w.Body)
		}
		if date, err := http.ParseTime(w.Header().Get("Date")); err != nil || !date.Equal(now.Truncate(time.Second)) {
			t.Errorf("%s: the date is %s", c.name, w.Header().Get("Date"))
		}
	}
}
