package vault

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// A Key is the data key of one log. It is safe for concurrent use, takes about
// 1.4 KB of memory and does not print.
type Key struct {
	s hidden[keySecrets]
}

type keySecrets struct {
	seal tink.AEAD
	body []byte // the key of MAC
}

// newKey reads what a wrapped key holds: secret[32] ‖ Tink keyset. Whatever is
// wrong with it is [ErrSealed].
func newKey(logID string, material []byte) (*Key, error) {
	if len(material) < secretSize {
		return nil, ErrSealed
	}
	secret, set := material[:secretSize], material[secretSize:]
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(set)))
	if err != nil {
		return nil, ErrSealed
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, ErrSealed
	}
	// RFC 5869 section 2.3; the secret is uniformly random, so there is nothing
	// to extract first (section 3.3).
	body, err := hkdf.Expand(sha256.New, secret, bodyLabel+logID, sha256.Size)
	if err != nil {
		return nil, ErrSealed
	}
	return &Key{hide(keySecrets{primitive, body})}, nil
}

// AD returns the associated data of an opening, origin ‖ u64 seq: a sealed row
// opens only as the entry it was sealed for. What else is sealed under a log's
// key takes associated data of another length.
func AD(origin [32]byte, seq uint64) []byte {
	ad := make([]byte, 0, len(origin)+8)
	return binary.BigEndian.AppendUint64(append(ad, origin[:]...), seq)
}

// ErasedAD returns the associated data of what is left of an opening from which
// slots were erased. It is not that of a whole opening, so neither stored form
// can stand for the other.
func ErasedAD(origin [32]byte, seq uint64) []byte {
	return append([]byte("erased/1\n"), AD(origin, seq)...)
}

// Seal seals plaintext, bound to the associated data, and appends it to dst. It
// adds 33 bytes. The error is of a plaintext of 64 GiB.
func (k *Key) Seal(dst, plaintext, ad []byte) ([]byte, error) {
	return seal(k.s().seal, dst, plaintext, ad)
}

// Open opens what Seal sealed with the same associated data, or returns
// [ErrSealed]. The plaintext shares no memory with sealed.
func (k *Key) Open(sealed, ad []byte) ([]byte, error) {
	return open(k.s().seal, sealed, ad)
}

// MAC returns HMAC-SHA-256 of data under a subkey of this log. It tells whether
// a repeated request has the body of the first one without keeping that body.
func (k *Key) MAC(data []byte) [32]byte {
	h := hmac.New(sha256.New, k.s().body)
	h.Write(data)
	return [32]byte(h.Sum(nil))
}
