package directory

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
)

// Link is what opens an invitation. It is seen once, by whoever sends it on;
// the directory keeps hashes.
type Link struct {
	Invitation string
	Token      string    // 256 bits, for the fragment of a URL: a query would be logged
	Code       string    // typed instead of following the link: ABCDE-FGHJK
	OTP        string    // six digits to be told by another channel; empty if none were wanted
	Expires    time.Time // 72 hours from now
}

// Capital letters and digits that are not taken for one another, on a screen
// or over the telephone: no I, L, O, U, 0, 1.
const (
	codeAlphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
	codeLength   = 10 // 49 bits, looked up under a MAC and tried at most ten times an hour
	otpLength    = 6
)

// newToken returns a link's token: an HMAC under the vault's secret over the
// invitation and fresh random bits, so that it neither can be made from the
// database nor rests on the generator alone.
func (d *Directory) newToken(invitation string) string {
	var fresh [32]byte
	rand.Read(fresh[:])
	m := d.mac("directory link", invitation, string(fresh[:]))
	return base64.RawURLEncoding.EncodeToString(m)
}

func hashToken(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func newCode() string {
	c := draw(codeAlphabet, codeLength)
	return c[:5] + "-" + c[5:]
}

func newOTP() string { return draw("0123456789", otpLength) }

// draw returns n characters, each as likely as any other: bytes beyond the
// largest multiple of the alphabet's size are thrown away.
func draw(alphabet string, n int) string {
	var b strings.Builder
	var one [1]byte
	for b.Len() < n {
		rand.Read(one[:])
		if int(one[0]) < 256/len(alphabet)*len(alphabet) {
			b.WriteByte(alphabet[int(one[0])%len(alphabet)])
		}
	}
	return b.String()
}

// codeMAC reads a code as people type it: any case, with or without hyphens
// and spaces.
func (d *Directory) codeMAC(typed string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r == ' ' || r == '-' || r == '\u2010' || r == '\u2011' || r == '\u2013':
			return -1
		}
		return r
	}, typed)
	return d.mac("directory code", plain, "")
}

// otpMAC is bound to the invitation: the same digits elsewhere are others.
func (d *Directory) otpMAC(invitation, digits string) []byte {
	return d.mac("directory digits", invitation, strings.ReplaceAll(digits, " ", ""))
}
