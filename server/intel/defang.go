package intel

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"wardroom/server/incident"
)

// Defang returns an indicator's value as people are shown it and copy it: no
// mail client, chat or spreadsheet makes a link of it. Refang gives the value
// back.
func Defang(kind incident.IndicatorKind, value string) string {
	switch kind {
	case incident.IPv4, incident.Domain:
		return strings.ReplaceAll(value, ".", "[.]")
	case incident.IPv6:
		return strings.NewReplacer(":", "[:]", ".", "[.]").Replace(value)
	case incident.Email:
		return strings.NewReplacer("@", "[@]", ".", "[.]").Replace(value)
	case incident.URL, incident.OtherIOC:
		return defangURL(value)
	}
	return value
}

// defangURL takes the life out of every address in the value, also of those
// in its query.
func defangURL(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '.':
			b.WriteString("[.]")
		case liveScheme(s[i:]) && (i == 0 || !isAlnum(s[i-1])):
			b.WriteString(s[i:i+1] + "xx" + s[i+3:i+4])
			i += 3
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// liveScheme reports whether s begins with http: or https:.
func liveScheme(s string) bool {
	if len(s) < 5 || (s[0] != 'h' && s[0] != 'H') || !strings.EqualFold(s[:4], "http") || s[1] != 't' || s[2] != 't' {
		return false
	}
	s = s[4:]
	if s[0] == 's' || s[0] == 'S' {
		s = s[1:]
	}
	return strings.HasPrefix(s, "://")
}

// Refang returns text with the usual ways of making addresses harmless undone:
// hxxp, h**p and meow for http, fxp for ftp; a dot, colon, slashes or at sign
// in brackets of any kind, in signs or as a word; half a bracket; dots of
// other widths. It looks at most a dozen bytes ahead, so its time is linear.
func Refang(s string) string {
	if !strings.ContainsAny(s, "[({xX*_]") && !strings.Contains(s, "meow") && isASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '[' || c == '(' || c == '{':
			sign, n := bracketed(s[i:])
			if n == 0 {
				break
			}
			i += n
			if spaced(b, s[i:], sign) {
				b, i = b[:len(b)-1], i+1
			}
			b = append(b, sign...)
			continue
		case c == '.' && i+1 < len(s) && s[i+1] == ']' && i > 0 && isAlnum(s[i-1]) && i+2 < len(s) && isAlnum(s[i+2]):
			b, i = append(b, '.'), i+2 // example.]com
			continue
		case (c == 'h' || c == 'H' || c == 'f' || c == 'm') && (i == 0 || !isAlnum(s[i-1])):
			scheme, n := deadScheme(s[i:])
			if n == 0 {
				break
			}
			b, i = append(b, scheme...), i+n
			continue
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == '．' || r == '。' || r == '｡' || r == '․' {
				b, i = append(b, '.'), i+n
				continue
			}
			b, i = append(b, s[i:i+n]...), i+n
			continue
		}
		b, i = append(b, c), i+1
	}
	return string(b)
}

// bracketed reads a sign in brackets, such as [.], (dot), {://} or [ at ], and
// returns what it stands for and its length; 0 if it is none.
func bracketed(s string) (sign string, n int) {
	const most = 10
	end := strings.IndexAny(s[1:min(len(s), most)], "])}")
	if end < 0 {
		if len(s) > 2 && s[1] == '.' && isAlnum(s[2]) { // example[.com
			return ".", 2
		}
		return "", 0
	}
	switch strings.ToLower(strings.TrimSpace(s[1 : 1+end])) {
	case ".", "dot", "d0t", "punkt":
		sign = "."
	case ":":
		sign = ":"
	case "://":
		sign = "://"
	case "/":
		sign = "/"
	case "@", "at":
		sign = "@"
	case "http":
		sign = "http"
	case "https":
		sign = "https"
	default:
		if len(s) > 2 && s[0] == '[' && s[1] == '.' && isAlnum(s[2]) {
			return ".", 2
		}
		return "", 0
	}
	return sign, end + 2
}

// spaced reports whether a sign stands between spaces that are no part of the
// address: "name [at] example [dot] com".
func spaced(before []byte, after, sign string) bool {
	n := len(before)
	return (sign == "." || sign == "@") && n > 1 && before[n-1] == ' ' && isAlnum(before[n-2]) && len(after) > 1 && after[0] == ' ' && isAlnum(after[1])
}

// deadScheme reads a scheme that was made harmless, and returns the live one
// and the length of the dead one.
func deadScheme(s string) (scheme string, n int) {
	end := strings.IndexAny(s[:min(len(s), 6)], ":[({")
	if end < 3 {
		return "", 0
	}
	rest := s[end:]
	if !strings.HasPrefix(rest, ":/") && !strings.HasPrefix(rest, ":\\") {
		if sign, _ := bracketed(rest); sign != ":" && sign != "://" {
			return "", 0
		}
	}
	switch strings.ToLower(s[:end]) {
	case "hxxp", "h**p", "h__p", "hxtp", "htxp", "hxp", "htp", "meow":
		return "http", end
	case "hxxps", "h**ps", "h__ps", "hxtps", "htxps", "hxps", "meows":
		return "https", end
	case "fxp":
		return "ftp", end
	case "fxps":
		return "ftps", end
	}
	return "", 0
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
