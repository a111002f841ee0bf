// Package scratch finds a place for what tests keep for no longer than they run.
package scratch

import (
	"errors"
	"os"
	"syscall"
)

const (
	memory = "/dev/shm"
	// enough is how many bytes must be free in memory: several test binaries run
	// beside each other, each with a cluster of its own.
	enough = 6 << 30
)

// Dir makes a folder that other users may pass through, as Postgres must, which
// does not run as root. It is in memory where the machine has room for that: a
// database is a thousand files, and a disk takes ten times as long to make one
// as the test then needs it. Whoever asks removes it.
func Dir(name string) (dir string, err error) {
	if roomy(memory, enough) {
		if dir, err = made(memory, name); err == nil {
			return dir, nil
		}
	}
	return made("/tmp", name)
}

func made(in, name string) (dir string, err error) {
	if dir, err = os.MkdirTemp(in, name+"-"); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	return dir, nil
}

// roomy reports whether so many bytes are free in a file system; false where
// there is none.
func roomy(path string, bytes uint64) bool {
	var s syscall.Statfs_t
	return syscall.Statfs(path, &s) == nil && uint64(s.Bavail)*uint64(s.Bsize) >= bytes
}
