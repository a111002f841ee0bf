package keyfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFileIsItsOwnersAloneAndIsNeverReplacedByANewOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	check(t, Create(path, []byte("first")))
	if err := Create(path, []byte("second")); !errors.Is(err, ErrExists) {
		t.Errorf("created twice: %v", err)
	}
	b, err := Read(path)
	if err != nil || string(b) != "first" {
		t.Errorf("%q, %v", b, err)
	}
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o610} {
		check(t, os.Chmod(path, mode))
		var loose *Loose
		if _, err := Read(path); !errors.As(err, &loose) || loose.Mode != mode {
			t.Errorf("mode %o: %v", mode, err)
		}
		if err := Replace(path, func([]byte) ([]byte, error) { return []byte("x"), nil }); !errors.As(err, &loose) {
			t.Errorf("mode %o replaced: %v", mode, err)
		}
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, ErrNoFile) {
		t.Errorf("a folder: %v", err)
	}
	check(t, os.WriteFile(path, make([]byte, limit+1), 0o600))
	check(t, os.Chmod(path, 0o600))
	if _, err := Read(path); !errors.Is(err, ErrTooBig) {
		t.Errorf("too large: %v", err)
	}
}

func TestReplacingAtTheSameTimeLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	check(t, Create(path, nil))
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range 32 {
		wg.Go(func() {
			for range 20 {
				err := Replace(path, func(old []byte) ([]byte, error) { return append(old, 'x'), nil })
				if err != nil && !errors.Is(err, ErrBusy) {
					t.Error(err)
				}
				if err == nil {
					mu.Lock()
					done++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	b, err := Read(path)
	if err != nil || done == 0 || len(b) != done {
		t.Errorf("%d of %d changes are there: %v", len(b), done, err)
	}
	if _, err := os.Lstat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

func TestWhatACrashLeftIsNoObstacleAndNothingOfItStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys")
	left := func() {
		t.Helper()
		check(t, os.WriteFile(path+".new", []byte("half of something much longer"), 0o644))
	}
	left()
	check(t, Create(path, []byte("one")))
	left()
	check(t, Replace(path, func(old []byte) ([]byte, error) { return append(old, " two"...), nil }))
	if b, err := Read(path); err != nil || string(b) != "one two" {
		t.Errorf("%q, %v", b, err)
	}
	failed := errors.New("failed")
	if err := Replace(path, func([]byte) ([]byte, error) { return nil, failed }); !errors.Is(err, failed) {
		t.Errorf("%v", err)
	}
	if b, err := Read(path); err != nil || !bytes.Equal(b, []byte("one two")) {
		t.Errorf("a change that failed left %q, %v", b, err)
	}
	if _, err := os.Lstat(path + ".new"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
	check(t, os.Symlink(path, path+".new"))
	if err := Replace(path, func([]byte) ([]byte, error) { return []byte("x"), nil }); err == nil {
		t.Error("written through a link")
	}
}
