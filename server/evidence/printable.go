package evidence

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns s as it may be shown to a person in a terminal or a log:
// whatever could move the cursor, change the order of letters, or stand there
// unseen (control characters, those of writing direction, line separators,
// bytes that are not UTF-8) is written out, as \u{202e} or \x9b. A backslash is
// doubled, so that nothing can pretend to have been written out.
func Printable(s string) string {
	clean := true
	for _, r := range s {
		if clean = r != '\\' && r != utf8.RuneError && unicode.IsPrint(r); !clean {
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\\':
			b.WriteString(`\\`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u{%04x}`, r)
		}
		i += n
	}
	return b.String()
}
