package evidence

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNothingPrintableMovesATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain – ½ 漢字 e\u0301": "plain – ½ 漢字 e\u0301",
		"\x1b[2J":              `\u{001b}[2J`,
		"\u009b31m":            `\u{009b}31m`,
		"\x9b":                 `\x9b`,
		"a\nb\rc\td\x7f":       `a\u{000a}b\u{000d}c\u{0009}d\u{007f}`,
		"\u202eevil\u2066":     `\u{202e}evil\u{2066}`,
		"\u2028\ufeff\u200b":   `\u{2028}\u{feff}\u{200b}`,
		`\u{001b}`:             `\\u{001b}`,
		"\ufffd":               "\ufffd",
		"\U000e0041":           `\u{e0041}`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func FuzzWhatIsPrintableIsPrinted(f *testing.F) {
	f.Add("\x1b]0;x\x07\u202e\xff")
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q is %q", s, got)
		}
	})
}
