package torture

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"wardroom/server/evidence"
)

// What differs between any two rooms is blotted out before they are compared:
// commitments, seeds and salts, times, ids, keys, the reference. It is most of
// what comparing costs, so it is one walk over the text; masks say the same in
// expressions, for the test of it.
var masks = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`"leaf":"[^"]*"`), `"leaf":"L"`},
	{regexp.MustCompile(`[A-Za-z0-9+/]{43}=`), `H`}, // salts, seeds, and the frontier's hashes
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`), `T`},
	{regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{26}\b`), `K`},
	{regexp.MustCompile(`\b[a-z2-7]{26}\b`), `I`},
	{regexp.MustCompile(`\b(INC|EX)-\d{4}-\d{4}`), `R`},
	{regexp.MustCompile(`(\\"from\\":\{\\"log\\":\\"I\\",\\"seq\\":)\d+`), `${1}N`}, // the registration's place in the system log
}

var leafLength = base64.StdEncoding.EncodedLen(evidence.LeafSize)

func masked(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	const from = `\"from\":{\"log\":\"`
	for i := 0; i < len(s); {
		if based(s[i]) && (i == 0 || !based(s[i-1])) {
			end := i
			for end < len(s) && based(s[end]) {
				end++
			}
			if n := end - i; n == leafLength || n == 44 && s[end-1] == '=' {
				b.WriteByte(map[bool]byte{true: 'L', false: 'H'}[n == leafLength])
				i = end
				continue
			}
		}
		if !wordly(s[i]) {
			b.WriteByte(s[i])
			i++
			continue
		}
		end := i
		for end < len(s) && wordly(s[end]) {
			end++
		}
		if n := instant(s[i:]); n > 0 {
			b.WriteByte('T')
			i += n
			continue
		}
		if n := reference(s[i:end], s[i:]); n > 0 {
			b.WriteByte('R')
			i += n
			continue
		}
		run := s[i:end]
		switch {
		case len(run) == 26 && all(run, func(c byte) bool {
			return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U'
		}):
			b.WriteByte('K')
		case len(run) == 26 && all(run, func(c byte) bool { return c >= '2' && c <= '7' || c >= 'a' && c <= 'z' }):
			b.WriteByte('I')
			const seq = `\",\"seq\":`
			if strings.HasSuffix(s[:i], from) && strings.HasPrefix(s[end:], seq) {
				b.WriteString(seq + "N")
				for end += len(seq); end < len(s) && s[end] >= '0' && s[end] <= '9'; {
					end++
				}
			}
		default:
			b.WriteString(run)
		}
		i = end
	}
	return b.String()
}

func wordly(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// based says whether base64 has the character.
func based(c byte) bool { return wordly(c) && c != '_' || c == '+' || c == '/' || c == '=' }

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

// like says whether the text begins as the pattern, in which 0 is any digit.
func like(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && s[i] >= '0' && s[i] <= '9' || pattern[i] != '0' && s[i] == pattern[i] {
			continue
		}
		return false
	}
	return true
}

func instant(s string) int {
	const whole = "0000-00-00T00:00:00."
	if !like(s, whole) {
		return 0
	}
	n := len(whole)
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == len(whole) || n == len(s) || s[n] != 'Z' {
		return 0
	}
	return n + 1
}

func reference(word, s string) int {
	for _, pattern := range []string{"INC-0000-0000", "EX-0000-0000"} {
		if (word == "INC" || word == "EX") && like(s, pattern) {
			return len(pattern)
		}
	}
	return 0
}

func same(a, b []string) error {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) {
			return fmt.Errorf("%d answers here and %d there", len(a), len(b))
		}
		x, y := masked(a[i]), masked(b[i])
		if x == y {
			continue
		}
		at := 0
		for at < len(x) && at < len(y) && x[at] == y[at] {
			at++
		}
		return errors.New("answer " + fmt.Sprint(i, ": …", x[max(0, at-200):min(len(x), at+80)], "… and …", y[max(0, at-20):min(len(y), at+80)], "…"))
	}
	return nil
}

// The walk blots out what the expressions say, over what people are really
// given.
func TestWhatIsBlottedOutIsWhatTheExpressionsSay(t *testing.T) {
	var given []string
	for n := range uint64(20) {
		w := newWorld(paperPlay(t, n), n, false)
		if w = w.live(); w == nil {
			continue
		}
		for _, who := range w.people {
			given = append(given, w.transcript[who.Person]...)
		}
	}
	given = append(given, `2026-11-22T10:00:00.5Z 2026-11-22T10:00:00Z 12026-11-22T10:00:00.5Z INC-2026-0001 EX-2026-00012 XINC-2026-0001 `+strings.Repeat("a", 26)+" "+strings.Repeat("A", 27),
		`{\"from\":{\"log\":\"`+strings.Repeat("b", 26)+`\",\"seq\":123}}`)
	if len(given) < 100 {
		t.Fatalf("only %d texts", len(given))
	}
	for _, s := range given {
		want := s
		for _, m := range masks {
			want = m.what.ReplaceAllString(want, m.as)
		}
		if got := masked(s); got != want {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Fatalf("…%s… and by the expressions …%s…", got[max(0, at-60):min(len(got), at+60)], want[max(0, at-60):min(len(want), at+60)])
		}
	}
}
