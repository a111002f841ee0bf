package export

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible makes text safe to look at: characters that cannot be seen, or that
// make what is around them look other than it is, are written out, as [U+202E].
// Line feeds stay; tabs become spaces; bytes that are no text are U+FFFD.
func visible(text string) string {
	clean := true
	for _, r := range text {
		if r == utf8.RuneError || r == '\t' || hidden(r) {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(text, "\r\n", "\n") {
		switch {
		case r == '\t':
			b.WriteString("    ")
		case hidden(r):
			fmt.Fprintf(&b, "[U+%04X]", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// hidden reports controls (C0, C1), direction marks and isolates, what is
// invisible, line and paragraph separators, private use and what is assigned to
// nobody.
func hidden(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0x2800:
		return true // variation selectors, fillers: they take no ink
	}
	return !unicode.IsPrint(r) && !unicode.Is(unicode.Zs, r)
}
