package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
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
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: %s exists already and is left as it is", path)
	}
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	// A crash before the file is complete leaves one that New calls damaged.
	// Nothing has been sealed with it: it can be removed.
	return write(f, handle, lookup)
}

// Rotate adds a key to the vault's file and makes it the one that seals. What
// the earlier keys sealed goes on being opened. A running server keeps the keys
// it started with and cannot open what another node seals with the new one: so
// stop every node, rotate, give every node the file, and start them.
func Rotate(path string) error {
	// The new file's name is also the lock, taken before the old one is read:
	// of two rotations at once the second stops here, and no key is lost.
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: %s exists: another rotation is running, or one was interrupted and the file can be removed", next)
	}
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	handle, lookup, err := rotated(path)
	if err != nil {
		f.Close()
		os.Remove(next)
		return err
	}
	if err := write(f, handle, lookup); err != nil {
		os.Remove(next)
		return err
	}
	// A crash before this line leaves the vault as it was; after it, rotated.
	if err := os.Rename(next, path); err != nil {
		os.Remove(next)
		return fmt.Errorf("vault: %w", err)
	}
	return syncDir(path)
}

// rotated returns what the file holds with one more key, which is primary.
func rotated(path string) (*keyset.Handle, [secretSize]byte, error) {
	handle, lookup, err := read(path)
	if err != nil {
		return nil, lookup, err
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
		return nil, lookup, errors.New("vault: cannot make a key")
	}
	return handle, lookup, nil
}

func read(path string) (handle *keyset.Handle, lookup [secretSize]byte, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, lookup, fmt.Errorf("vault: there is no key file at %s: run wardroom setup to make it, or put the one back that this database was sealed with", path)
	}
	if err != nil {
		return nil, lookup, fmt.Errorf("vault: %w", err)
	}
	defer f.Close()
	// Of the open file, not of the path: the path could change in between.
	info, err := f.Stat()
	if err != nil {
		return nil, lookup, fmt.Errorf("vault: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, lookup, fmt.Errorf("vault: %s is not a file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, lookup, fmt.Errorf("vault: %s may be read or written by others than its owner (mode %04o): run chmod 600 %[1]s, and treat its keys as known to everyone who could read it", path, mode)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, lookup, fmt.Errorf("vault: %w", err)
	}
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

// write fills a new file, waits until it is on the disk, and closes it.
func write(f *os.File, handle *keyset.Handle, lookup [secretSize]byte) (err error) {
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("vault: %w", e)
		}
	}()
	var set bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&set)); err != nil {
		return errors.New("vault: cannot write the keys")
	}
	b, err := json.MarshalIndent(file{fileFormat, set.Bytes(), lookup[:]}, "", "  ")
	if err != nil {
		return errors.New("vault: cannot write the keys")
	}
	if _, err := f.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return syncDir(f.Name())
}

// syncDir makes the name of a file as lasting as its content.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	return nil
}
