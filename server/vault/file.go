package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"wardroom/server/keyfile"
)

const fileFormat = "WARDROOM/1/vault"

// file is what a vault's file holds, as JSON. Losing it loses every log; keep a
// copy where no backup of the database is kept.
type file struct {
	Format string          `json:"format"`
	Keyset json.RawMessage `json:"keyset"` // Tink's JSON form, AES256-GCM keys
	Lookup []byte          `json:"lookup"` // the secret of Vault.MAC; no rotation changes it
}

// New opens the vault in this file. It refuses a file that others than its owner
// may read or write. The errors are sentences for whoever runs the server.
func New(path string) (*Vault, error) {
	handle, lookup, err := read(path)
	if err != nil {
		return nil, err
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, damaged(path)
	}
	return &Vault{hide(vaultSecrets{primitive, lookup})}, nil
}

// Create makes a new vault in a new file that only its owner may read. It never
// replaces a file.
func Create(path string) error {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return errors.New("vault: cannot make a key")
	}
	var lookup [secretSize]byte
	rand.Read(lookup[:])
	b, err := encode(handle, lookup)
	if err != nil {
		return err
	}
	if err := keyfile.Create(path, b); errors.Is(err, keyfile.ErrExists) {
		return fmt.Errorf("vault: %s exists already and is left as it is", path)
	} else if err != nil {
		return fmt.Errorf("vault: %s: %w", path, err)
	}
	return nil
}

// Rotate adds a key to the vault's file and makes it the one that seals. What
// the earlier keys sealed goes on being opened. A running server keeps the keys
// it started with and cannot open what another node seals with the new one: so
// stop every node, rotate, give every node the file, and start them.
func Rotate(path string) error {
	sentence := false // the error is one already
	err := keyfile.Replace(path, func(old []byte) ([]byte, error) {
		b, err := rotated(path, old)
		sentence = err != nil
		return b, err
	})
	switch {
	case err == nil || sentence:
		return err
	case errors.Is(err, keyfile.ErrBusy):
		return fmt.Errorf("vault: another rotation of %s is running", path)
	}
	return unreadable(path, err)
}

// rotated returns what the file holds with one more key, which is primary.
func rotated(path string, old []byte) ([]byte, error) {
	handle, lookup, err := decode(path, old)
	if err != nil {
		return nil, err
	}
	m := keyset.NewManagerFromHandle(handle)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err == nil {
		handle, err = m.Handle()
	}
	if err != nil {
		return nil, errors.New("vault: cannot make a key")
	}
	return encode(handle, lookup)
}

func read(path string) (handle *keyset.Handle, lookup [secretSize]byte, err error) {
	b, err := keyfile.Read(path)
	if err != nil {
		return nil, lookup, unreadable(path, err)
	}
	return decode(path, b)
}

// unreadable says in a sentence why a key file cannot be read.
func unreadable(path string, err error) error {
	var loose *keyfile.Loose
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("vault: there is no key file at %s: run wardroom setup to make it, or put the one back that this database was sealed with", path)
	case errors.Is(err, keyfile.ErrNoFile):
		return fmt.Errorf("vault: %s is not a file", path)
	case errors.As(err, &loose):
		return fmt.Errorf("vault: %s may be read or written by others than its owner (mode %04o): run chmod 600 %[1]s, and treat its keys as known to everyone who could read it", path, loose.Mode)
	}
	return fmt.Errorf("vault: %s: %w", path, err)
}

func decode(path string, b []byte) (handle *keyset.Handle, lookup [secretSize]byte, err error) {
	var c file
	if err := json.Unmarshal(b, &c); err != nil || c.Format != fileFormat || len(c.Lookup) != secretSize {
		return nil, lookup, damaged(path)
	}
	handle, err = insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(c.Keyset)))
	if err != nil {
		return nil, lookup, damaged(path)
	}
	return handle, [secretSize]byte(c.Lookup), nil
}

// damaged keeps the cause to itself: a parser's error may quote the file.
func damaged(path string) error {
	return fmt.Errorf("vault: %s is not a key file of this server, or it is damaged", path)
}

func encode(handle *keyset.Handle, lookup [secretSize]byte) ([]byte, error) {
	var set bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&set)); err != nil {
		return nil, errors.New("vault: cannot write the keys")
	}
	b, err := json.MarshalIndent(file{fileFormat, set.Bytes(), lookup[:]}, "", "  ")
	if err != nil {
		return nil, errors.New("vault: cannot write the keys")
	}
	return append(b, '\n'), nil
}
