package identity

import "net/http"

// The two cookies. The prefix makes browsers refuse them without Secure and
// Path=/, and from any other host (RFC 6265bis, section 4.1.3.2), so neither a
// sibling host nor a network attacker can plant one.
const (
	SessionCookie = "__Host-wardroom"         // Strict: never sent with a request another site began
	signInCookie  = "__Host-wardroom-sign-in" // Lax, since the callback comes from the issuer's site
)

// Cookie is the hash of a session cookie's value, as it stands in the
// database: it tells sessions apart and opens none.
type Cookie string

// CookieOf reads the session's cookie of a request; it is empty if there is
// none, more than one, or one that this house cannot have made.
func CookieOf(r *http.Request) Cookie {
	value, _ := onlyCookie(r, SessionCookie)
	hash, _ := hashSecret(value)
	return Cookie(hash)
}

// onlyCookie returns a cookie's value if there is exactly one of the name.
func onlyCookie(r *http.Request, name string) (string, bool) {
	all := r.CookiesNamed(name)
	if len(all) != 1 {
		return "", false
	}
	return all[0].Value, true
}

func setSessionCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

func setSignInCookie(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: signInCookie, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(signInFor.Seconds()),
	})
}

func clearCookie(w http.ResponseWriter, name string) {
	mode := http.SameSiteStrictMode
	if name == signInCookie {
		mode = http.SameSiteLaxMode
	}
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", Secure: true, HttpOnly: true, SameSite: mode, MaxAge: -1})
}
