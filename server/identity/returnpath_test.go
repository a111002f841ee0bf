package identity

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOnlyALocalPathIsReturnedTo(t *testing.T) {
	for _, good := range []string{
		"/", "/rooms/abcdefghijklmnopqrstuvwxyz", "/rooms/a?at=12&x=%20y", "/join", "/admin/people/", "/rooms/a?next=%2F%2Fevil.example",
	} {
		if got := returnPath(good); got != good {
			t.Errorf("%q becomes %q", good, got)
		}
	}
	for _, bad := range []string{
		"", "rooms", "https://evil.example", "https:/evil.example", "http:evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
		"\\/evil.example", "/rooms//evil.example", "/\tevil.example", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "/\x00", "/\x7f",
		" //evil.example", "/ /evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/%2f/evil.example", "/%2fevil.example/..", "/%5cevil.example",
		"/%5c%5cevil.example", "/.//evil.example", "/..//evil.example", "/../evil.example", "/./evil.example", "/rooms/../../evil", "/%2e%2e/evil", "/rooms/%2e%2e//evil",
		"/%0d%0aLocation:%20https://evil.example", "/%00", "/%", "/%zz", "/join#token", "/#", "@evil.example", "/@evil.example//", "//evil.example/@a", "/rooms/a?next=//evil.example",
		"/auth/start?issuer=a", "/auth", "/auth/callback", "/api/v1/session", "/api", "/é", "/\u2028", "/\u3002evil", "/\uff0fevil.example",
		"/" + strings.Repeat("a", 600),
	} {
		if got := returnPath(bad); got != "/" {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

func TestNoReturnPathLeavesTheSite(t *testing.T) {
	base, err := url.Parse("https://wardroom.example/auth/callback?code=x")
	check(t, err)
	rapid.Check(t, func(t *rapid.T) {
		raw := "/" + strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"/", "\\", ".", "..", "%2f", "%5C", "%2e", "@", ":", "?", "#", "evil.example", "https:", "\t", "\n", " ", "a", "%09", "\u00ad", ";",
		})).Draw(t, "pieces"), "")
		got := returnPath(raw)
		// As browsers read it (WHATWG URL): tabs and newlines vanish, a
		// backslash is a slash.
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(got)
		u, err := base.Parse(seen)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || strings.Contains(u.EscapedPath(), "//") {
			t.Fatalf("%q becomes %q, which leads to %v", raw, got, u)
		}
	})
}
