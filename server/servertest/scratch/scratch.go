// Package scratch finds a place for what tests keep for no longer than they run.
package scratch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	memory = "/dev/shm"
	// enough is how many bytes must be free in memory: several test binaries run
	// beside each other, each with a cluster of its own.
	enough = 6 << 30
	// old is how old a folder of a process that is no more must be to be removed.
	old = 10 * time.Minute
)

// Dir makes a folder that other users may pass through, as Postgres must, which
// does not run as root. It is in memory where the machine has room for that: a
// database is a thousand files, and a disk takes ten times as long to make one
// as the test then needs it. Whoever asks removes it; what runs that were broken
// off left in memory is removed by the next.
func Dir(name string) (dir string, err error) {
	sweep(memory)
	if roomy(memory, enough) {
		if dir, err = made(memory, name); err == nil {
			return dir, nil
		}
	}
	return made("/tmp", name)
}

func made(in, name string) (dir string, err error) {
	if dir, err = os.MkdirTemp(in, fmt.Sprintf("%s%s-%d-", ours, name, os.Getpid())); err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", errors.Join(err, os.Remove(dir))
	}
	return dir, nil
}

const ours = "wardroom-"

var named = regexp.MustCompile(`^` + ours + `.+-(\d+)-\d+$`)

var sweeping sync.Mutex

// sweep removes the folders of processes that have ended.
func sweep(in string) {
	sweeping.Lock()
	defer sweeping.Unlock()
	list, _ := os.ReadDir(in)
	for _, e := range list {
		m := named.FindStringSubmatch(e.Name())
		if m == nil || !e.IsDir() {
			continue
		}
		pid, err := strconv.Atoi(m[1])
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > old {
			os.RemoveAll(filepath.Join(in, e.Name())) // another user's stays
		}
	}
}

// roomy reports whether so many bytes are free in a file system; false where
// there is none.
func roomy(path string, bytes uint64) bool {
	var s syscall.Statfs_t
	return syscall.Statfs(path, &s) == nil && uint64(s.Bavail)*uint64(s.Bsize) >= bytes
}
