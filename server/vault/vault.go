// Package vault seals what is stored, so that a copy of the database, a backup
// or a replica tells nothing about what was said.
//
// There are two layers of keys. The vault's own keys are in a file outside the
// database and never enter it. Each log has a data key of its own, which is
// stored beside the log wrapped by a vault key: destroying the wrapped key
// destroys the log's content and no other's.
//
//	vault file ─ keyset (one key seals, all open) ─┬─ wraps every log's key ─ openings, fold snapshots, attachments
//	           │                                   └─ directory rows, under a purpose
//	           └─ lookup secret ───────────────────── MACs for blind lookups and link tokens
//
// Sealing is AES-256-GCM (Tink keysets), each time under a random 96-bit nonce.
// Keep the seals under one key below 2^32 (NIST SP 800-38D, section 8.3): far
// above any log's length; for the vault's own keys, see [Rotate].
//
// Sealed bytes are bound to where they stand by their associated data: a log's
// key to the log's id, an opening to (origin, seq), a directory row to its
// purpose and what the caller adds. Moved elsewhere they do not open.
//
// What cannot be opened is [ErrSealed], whatever the reason: another key,
// another place, a changed or a missing byte are not told apart.
package vault

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrSealed means that sealed bytes cannot be opened: here, with this key, or
// at all.
var ErrSealed = errors.New("vault: cannot be opened")

// Every use of a vault's secrets begins with its own label, none of which is
// the beginning of another.
const (
	wrapLabel   = "WARDROOM/1/vault/log-key\n"
	rowLabel    = "WARDROOM/1/vault/row\n"
	lookupLabel = "WARDROOM/1/vault/lookup\n"
	bodyLabel   = "WARDROOM/1/vault/body\n"
)

const secretSize = 32

// A Vault holds the keys that the database never sees. It is made by [New] and
// is safe for concurrent use. It does not print.
type Vault struct {
	s hidden[vaultSecrets]
}

type vaultSecrets struct {
	seal   tink.AEAD
	lookup [secretSize]byte
}

// NewLogKey makes the data key of a new log. The wrapped form is to be stored
// beside the log; only this vault unwraps it, and only for this log.
func (v *Vault) NewLogKey(logID string) (key *Key, wrapped []byte, err error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, nil, errors.New("vault: cannot make a log's key")
	}
	var material bytes.Buffer
	secret := make([]byte, secretSize)
	rand.Read(secret)
	material.Write(secret)
	if err := insecurecleartextkeyset.Write(handle, keyset.NewBinaryWriter(&material)); err != nil {
		return nil, nil, errors.New("vault: cannot make a log's key")
	}
	if key, err = newKey(logID, material.Bytes()); err != nil {
		return nil, nil, errors.New("vault: cannot make a log's key")
	}
	wrapped, err = v.s().seal.Encrypt(material.Bytes(), wrapAD(logID))
	if err != nil {
		return nil, nil, errors.New("vault: cannot wrap a log's key")
	}
	return key, wrapped, nil
}

// Unwrap returns the data key of a log from its stored form, or [ErrSealed].
func (v *Vault) Unwrap(logID string, wrapped []byte) (*Key, error) {
	material, err := v.s().seal.Decrypt(wrapped, wrapAD(logID))
	if err != nil {
		return nil, ErrSealed
	}
	return newKey(logID, material)
}

func wrapAD(logID string) []byte {
	return append([]byte(wrapLabel), logID...)
}

// Seal seals a row of the directory under the vault's primary key. The purpose
// names the kind of row ("contact"), the associated data which one; both must be
// given again to open it. The error is of a plaintext of 64 GiB.
func (v *Vault) Seal(purpose string, plaintext, ad []byte) ([]byte, error) {
	return seal(v.s().seal, nil, plaintext, append(purposed(rowLabel, purpose), ad...))
}

// Open opens what Seal sealed for the same purpose and associated data, or
// returns [ErrSealed].
func (v *Vault) Open(purpose string, sealed, ad []byte) ([]byte, error) {
	return open(v.s().seal, sealed, append(purposed(rowLabel, purpose), ad...))
}

// MAC returns HMAC-SHA-256 of data for a purpose, under a secret that no
// rotation changes. It finds a sealed row by its content (an e-mail address)
// without storing the content, and makes the tokens of links. Compare with
// [hmac.Equal].
//
// Whoever holds only the database cannot compute it, not even for an address
// they guess.
func (v *Vault) MAC(purpose string, data []byte) [32]byte {
	h := hmac.New(sha256.New, v.s().lookup[:])
	h.Write(purposed(lookupLabel, purpose))
	h.Write(data)
	return [32]byte(h.Sum(nil))
}

// purposed returns label ‖ u32 len ‖ purpose; the length keeps what follows
// from passing for a part of the purpose.
func purposed(label, purpose string) []byte {
	b := binary.BigEndian.AppendUint32([]byte(label), uint32(len(purpose)))
	return append(b, purpose...)
}

func seal(a tink.AEAD, dst, plaintext, ad []byte) ([]byte, error) {
	sealed, err := a.Encrypt(plaintext, ad)
	if err != nil {
		return nil, errors.New("vault: cannot be sealed") // 64 GiB or more
	}
	if dst == nil {
		return sealed, nil
	}
	return append(dst, sealed...), nil
}

func open(a tink.AEAD, sealed, ad []byte) ([]byte, error) {
	plaintext, err := a.Decrypt(sealed, ad)
	if err != nil {
		return nil, ErrSealed
	}
	return plaintext, nil
}
