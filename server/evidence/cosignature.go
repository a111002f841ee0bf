package evidence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"golang.org/x/mod/sumdb/note"
)

// ErrVerifier means that a line is not a verifier key of a kind that signs
// checkpoints.
var ErrVerifier = errors.New("evidence: not a verifier key")

// The signature types of C2SP signed-note that stand on checkpoints.
const (
	algEd25519     = 0x01
	algEd25519Time = 0x04 // cosignature/v1
	algMLDSA44     = 0x06
)

const (
	// lastSecond is the last of the year 9999: a signature that says it is
	// later is not good, since no calendar that people read has such a day.
	lastSecond = 253402300799
)

// NewVerifier returns the verifier of a line "<name>+<hash>+<key>" (C2SP
// signed-note): Ed25519 over the text alone. It refuses, with ErrVerifier,
// every other algorithm and every other way of writing the same key.
func NewVerifier(line string) (note.Verifier, error) {
	k, err := parseVerifier(line)
	if err != nil || k.alg != algEd25519 {
		return nil, ErrVerifier
	}
	key := ed25519.PublicKey(k.key)
	return &verifier{k.name, k.hash, func(text, sig []byte) bool { return ed25519.Verify(key, text, sig) }}, nil
}

// NewTimedVerifier returns the verifier of a key whose signatures say when
// they were made (C2SP tlog-cosignature): Ed25519 or ML-DSA-44. A plain
// Ed25519 key is taken for the one that cosigns, whose hash differs. The error
// is ErrVerifier.
func NewTimedVerifier(line string) (note.Verifier, error) {
	k, err := parseVerifier(line)
	if err != nil {
		return nil, err
	}
	switch k.alg {
	case algMLDSA44:
		key := new(mldsa44.PublicKey)
		if err := key.UnmarshalBinary(k.key); err != nil {
			return nil, ErrVerifier
		}
		return &verifier{k.name, k.hash, func(text, sig []byte) bool {
			message, ok := timedSubtree(k.name, text, sig)
			return ok && len(sig) == 8+mldsa44.SignatureSize && mldsa44.Verify(key, message, nil, sig[8:])
		}}, nil
	default:
		key := ed25519.PublicKey(k.key)
		hash := verifierHash(k.name, algEd25519Time, k.key)
		return &verifier{k.name, hash, func(text, sig []byte) bool {
			t, ok := signedAt(sig)
			return ok && len(sig) == 8+ed25519.SignatureSize && ed25519.Verify(key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", t, text), sig[8:])
		}}, nil
	}
}

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

// A Key is what a verifier line says to people.
type Key struct {
	Name        string
	Kind        string // Ed25519, ML-DSA-44
	Hash        uint32 // as its signatures bear it
	Fingerprint string
}

// DescribeKey reads a verifier line of an operator or a witness, or returns
// ErrVerifier.
func DescribeKey(line string, witness bool) (Key, error) {
	k, err := parseVerifier(line)
	if err != nil {
		return Key{}, err
	}
	d := Key{k.name, "Ed25519", k.hash, Fingerprint(line)}
	switch {
	case k.alg == algMLDSA44:
		d.Kind = "ML-DSA-44"
	case witness:
		d.Hash = verifierHash(k.name, algEd25519Time, k.key)
	}
	return d, nil
}

type verifier struct {
	name   string
	hash   uint32
	verify func(text, sig []byte) bool
}

func (v *verifier) Name() string               { return v.name }
func (v *verifier) KeyHash() uint32            { return v.hash }
func (v *verifier) Verify(text, s []byte) bool { return v.verify(text, s) }

type verifierKey struct {
	name string
	hash uint32
	alg  byte
	key  []byte
}

func parseVerifier(line string) (k verifierKey, err error) {
	parts := strings.SplitN(line, "+", 3)
	if len(parts) != 3 || len(parts[1]) != 8 || len(parts[0]) > MaxName || !validName(parts[0]) {
		return k, ErrVerifier
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return k, ErrVerifier
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) == 0 {
		return k, ErrVerifier
	}
	k = verifierKey{parts[0], uint32(hash), raw[0], raw[1:]}
	size := map[byte]int{algEd25519: ed25519.PublicKeySize, algEd25519Time: ed25519.PublicKeySize, algMLDSA44: mldsa44.PublicKeySize}[k.alg]
	if size == 0 || len(k.key) != size || k.hash != verifierHash(k.name, k.alg, k.key) || k.line() != line {
		return k, ErrVerifier
	}
	return k, nil
}

func (k verifierKey) line() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.hash, base64.StdEncoding.EncodeToString(append([]byte{k.alg}, k.key...)))
}

// validName follows C2SP signed-note: not empty, no space, no plus.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool { return r < 0x20 || r == '+' || unicode.IsSpace(r) })
}

// verifierHash is the first four bytes of SHA-256(name ‖ "\n" ‖ alg ‖ key).
func verifierHash(name string, alg byte, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write([]byte{alg})
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// signedAt is the time at the head of a timed signature, in seconds.
func signedAt(sig []byte) (int64, bool) {
	if len(sig) < 8 {
		return 0, false
	}
	t := binary.BigEndian.Uint64(sig)
	return int64(t), t <= lastSecond
}

// timedSubtree is what an ML-DSA-44 signature of a checkpoint is made over:
// C2SP tlog-cosignature, the subtree from 0 to the checkpoint's size.
func timedSubtree(name string, text, sig []byte) ([]byte, bool) {
	t, ok := signedAt(sig)
	c, err := parseCheckpoint(string(text))
	if !ok || err != nil {
		return nil, false
	}
	var b bytes.Buffer
	b.WriteString("subtree/v1\n\x00")
	b.WriteByte(byte(len(name)))
	b.WriteString(name)
	b.Write(binary.BigEndian.AppendUint64(nil, uint64(t)))
	b.WriteByte(byte(len(c.Origin)))
	b.WriteString(c.Origin)
	b.Write(make([]byte, 8))
	b.Write(binary.BigEndian.AppendUint64(nil, c.Size))
	b.Write(c.Root[:])
	return b.Bytes(), true
}

// timeOf is when a signature that has been checked says it was made; zero for
// one that does not say.
func timeOf(sig note.Signature) time.Time {
	raw, err := base64.StdEncoding.DecodeString(sig.Base64)
	if err != nil || len(raw) <= 4+ed25519.SignatureSize {
		return time.Time{}
	}
	t, _ := signedAt(raw[4:])
	return time.Unix(t, 0).UTC()
}
