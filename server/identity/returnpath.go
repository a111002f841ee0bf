package identity

import (
	"net/url"
	"path"
	"strings"
)

const longestReturn = 512

// returnPath returns where to go after signing in: the given path if it is one
// of this site, otherwise "/". Anything a browser could read as another host,
// and everything that is not plainly a path, is refused rather than repaired.
// A fragment is refused too: invitations carry secrets there, and this came in
// a query.
func returnPath(s string) string {
	if len(s) > longestReturn || !strings.HasPrefix(s, "/") || strings.Contains(s, "//") {
		return "/"
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '\\' || c == '#' {
			return "/"
		}
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	// The decoded path too, for routers that decode before they look.
	if strings.Contains(u.Path, "//") || strings.Contains(u.Path, `\`) || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") && u.Path != "/" {
		return "/"
	}
	for _, c := range []byte(u.Path) {
		if c < ' ' || c == 0x7f {
			return "/"
		}
	}
	for _, ours := range []string{"/auth", "/api"} { // not pages; /auth would go round in circles
		if u.Path == ours || strings.HasPrefix(u.Path, ours+"/") {
			return "/"
		}
	}
	return s
}
