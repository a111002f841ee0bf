package evidence

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"golang.org/x/mod/sumdb/note"
)

// ErrSigner means that a line is not a private key that signs checkpoints with
// ML-DSA-44. It quotes nothing of it.
var ErrSigner = errors.New("evidence: not a signer key")

// NewTimedSigner returns the signer of a line "PRIVATE+KEY+<name>+<hash>+<key>"
// (C2SP signed-note), the key being the 32 bytes of seed that FIPS 204 makes an
// ML-DSA-44 key of. Its signatures say when they were made (C2SP
// tlog-cosignature) and are hedged: no two are alike. The error is ErrSigner.
func NewTimedSigner(private string) (note.Signer, error) {
	rest, ok := strings.CutPrefix(private, "PRIVATE+KEY+")
	parts := strings.SplitN(rest, "+", 3)
	if !ok || len(parts) != 3 || len(parts[1]) != 8 || len(parts[0]) > MaxName || !validName(parts[0]) {
		return nil, ErrSigner
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, ErrSigner
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+mldsa44.SeedSize || raw[0] != algMLDSA44 {
		return nil, ErrSigner
	}
	public, key := mldsa44.NewKeyFromSeed((*[mldsa44.SeedSize]byte)(raw[1:]))
	s := &timedSigner{parts[0], uint32(hash), key}
	if s.hash != verifierHash(s.name, algMLDSA44, public.Bytes()) {
		return nil, ErrSigner
	}
	return s, nil
}

type timedSigner struct {
	name string
	hash uint32
	key  *mldsa44.PrivateKey
}

func (s *timedSigner) Name() string    { return s.name }
func (s *timedSigner) KeyHash() uint32 { return s.hash }

// Sign signs the text of a checkpoint, as of now.
func (s *timedSigner) Sign(text []byte) ([]byte, error) {
	sig := make([]byte, 8+mldsa44.SignatureSize)
	binary.BigEndian.PutUint64(sig, uint64(time.Now().Unix()))
	message, ok := timedSubtree(s.name, text, sig)
	if !ok {
		return nil, ErrCheckpoint
	}
	if err := mldsa44.SignTo(s.key, message, nil, true, sig[8:]); err != nil {
		return nil, err
	}
	return sig, nil
}
