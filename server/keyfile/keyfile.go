// Package keyfile keeps files of private keys: read by their owner alone,
// replaced whole or not at all, and on the disk before anybody rests on them.
// What stands in a file is its caller's to know: no error quotes it.
package keyfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// limit bounds a file, in bytes: 1 MiB, thousands of keys.
const limit = 1 << 20

// Errors of this package; [Read] also has [fs.ErrNotExist] and [*Loose].
var (
	ErrExists = errors.New("it exists already and is left as it is")
	ErrBusy   = errors.New("another is writing it")
	ErrNoFile = errors.New("it is not a file")
	ErrTooBig = errors.New("it is too large to be a file of keys")
)

// Loose means that others than its owner may read or write the file.
type Loose struct{ Mode fs.FileMode }

func (l *Loose) Error() string {
	return fmt.Sprintf("it may be read or written by others than its owner (mode %04o)", l.Mode)
}

// Read returns what the file holds, if it is its owner's alone.
func Read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat() // of the open file, not of the path: the path could change in between
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNoFile
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, &Loose{mode}
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && len(b) > limit {
		err = ErrTooBig
	}
	return b, err
}

// Create makes a new file. It never replaces one: ErrExists. A crash leaves no
// file, or the whole one.
func Create(path string, b []byte) error {
	return write(path, func() ([]byte, error) {
		if _, err := os.Lstat(path); err == nil {
			return nil, ErrExists
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return b, nil
	})
}

// Replace puts what change makes of the file in its place. Of several at once
// one goes on and the others get ErrBusy, so that no key is lost. A crash
// leaves the old file, or the new one.
func Replace(path string, change func(old []byte) ([]byte, error)) error {
	return write(path, func() ([]byte, error) {
		old, err := Read(path)
		if err != nil {
			return nil, err
		}
		return change(old)
	})
}

// write fills a file beside the one at path, waits until it is on the disk, and
// renames it. The lock upon that file is held from before make looks at the old
// one, and ends with the process: what a crash leaves of it is no obstacle.
func write(path string, make func() ([]byte, error)) (err error) {
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return ErrBusy
	}
	// Whoever had it meanwhile may have renamed it: then this is not that file.
	ours, err := f.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Lstat(next); err != nil || !os.SameFile(ours, there) {
		return ErrBusy
	}
	b, err := make()
	if err == nil {
		err = fill(f, b)
	}
	if err == nil {
		err = os.Rename(next, path) // a crash before this line leaves what was there
	}
	if err != nil {
		os.Remove(next)
		return err
	}
	return SyncFolder(path)
}

func fill(f *os.File, b []byte) error {
	if err := errors.Join(f.Chmod(0o600), f.Truncate(0)); err != nil {
		return err
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Sync()
}

// SyncFolder makes the name of a file as lasting as its content.
func SyncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
