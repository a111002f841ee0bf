package notify

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"pgregory.net/rapid"
)

const (
	testService = "26785a09-ab16-4eb0-8407-a37497a57506"
	testSecret  = "3d844edf-8d35-48ac-975b-e847b4f122b0"
)

func TestAKeyIsReadFromTheRight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`[a-z_-]{0,20}`), rapid.Just(testService+"-"+testSecret), rapid.Just("-"), rapid.String()).Draw(t, "name")
		k, err := ParseKey(name + "-" + testService + "-" + testSecret)
		if err != nil || k.service != testService || k.secret != testSecret {
			t.Fatalf("%q: %v", name, err)
		}
	})
	for _, text := range []string{"", "name", testService + "-" + testSecret, "name-" + testService, "name-" + testService + "_" + testSecret, "name" + testService + "-" + testSecret,
		"name-" + testService + "-" + testSecret + "\n", "name-" + testService + "-" + strings.ToUpper(testSecret), "name-" + testService[:35] + "-" + testSecret} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("%q is taken as a key", text)
		} else if strings.Contains(err.Error(), testSecret) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}

func TestAKeyNeverPrintsItself(t *testing.T) {
	k, _ := ParseKey("name-" + testService + "-" + testSecret)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, of := range []any{k, &k, []Key{k}, struct{ K Key }{k}} {
			if said := fmt.Sprintf(verb, of); strings.Contains(said, testSecret) || strings.Contains(said, fmt.Sprintf("%x", testSecret)) {
				t.Errorf("%s of %T says %s", verb, of, said)
			}
		}
	}
}

func TestATokenIsOfThisMomentAndSignedWithTheSecretsText(t *testing.T) {
	k, _ := ParseKey("name-" + testService + "-" + testSecret)
	now := time.Date(2026, 5, 12, 16, 0, 0, 999_000_000, time.UTC)
	text, err := k.token(now)
	must(t, err)
	token, err := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithTimeFunc(func() time.Time { return now })).Parse(text, func(*jwt.Token) (any, error) { return []byte(testSecret), nil })
	must(t, err)
	if got := fmt.Sprint(token.Header, token.Claims); got != fmt.Sprintf("map[alg:HS256 typ:JWT] map[iat:%v iss:%s]", float64(now.Unix()), testService) {
		t.Errorf("a token says %s", got)
	}
	if later, _ := k.token(now.Add(time.Second)); later == text {
		t.Error("a token is used twice")
	}
}

func TestAClientSpeaksToNobodyInTheClear(t *testing.T) {
	k, _ := ParseKey("name-" + testService + "-" + testSecret)
	for base, ok := range map[string]bool{Production: true, Production + "/": true, "http://127.0.0.1:8085": true, "http://[::1]:8085": true, "http://localhost:8085": true,
		"http://api.notifications.service.gov.uk": false, "http://10.0.0.1": false, "https://user:pass@example.org": false, "https://example.org?x": false, "ftp://example.org": false, "": false, "example.org": false} {
		if _, err := NewClient(base, k, nil, time.Now); (err == nil) != ok {
			t.Errorf("%s: %v", base, err)
		}
	}
	if _, err := NewClient(Production, Key{}, nil, time.Now); err == nil {
		t.Error("a client without a key")
	}
}
