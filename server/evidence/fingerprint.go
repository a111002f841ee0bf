package evidence

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Fingerprint is what people compare to know a key: SHA-256 of its verifier
// line, without newline, as 16 groups of 4 hexadecimal digits.
func Fingerprint(line string) string {
	sum := sha256.Sum256([]byte(line))
	var b strings.Builder
	for i := 0; i < len(sum); i += 2 {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%02x%02x", sum[i], sum[i+1])
	}
	return b.String()
}
