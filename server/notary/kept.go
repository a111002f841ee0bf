package notary

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"wardroom/server/evidence"
)

// Kept is a file, outside the database and its backups, of how far each log
// had come. The guard goes by it while the witness does not answer: without
// it, a node that starts on a restored database could not tell.
//
// It is appended to and, when it is opened, written anew with the newest line
// of each log. It holds names of logs and hashes, nothing that was said. It is
// safe for concurrent use; each node has one of its own, which the commands of
// its machine may open too.
type Kept struct {
	mu     sync.Mutex
	file   *os.File
	newest map[string]evidence.Checkpoint // by origin
	lines  int
	end    int64 // of the last whole line in the file
	path   string
}

type keptLine struct {
	Origin string `json:"origin"`
	Root   string `json:"root"` // base64
	Size   uint64 `json:"size"`
}

// keptLines is after how many lines the file is written anew.
const keptLines = 100_000

// OpenKept opens the file, or makes it.
func OpenKept(path string) (*Kept, error) {
	k := &Kept{newest: map[string]evidence.Checkpoint{}, path: path}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		err := k.read(f)
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return k, k.rewrite()
}

// read takes the lines in. The last one may have been cut short by a crash;
// any other that is broken is somebody's doing.
func (k *Kept) read(r io.Reader) error {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		b, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var l keptLine
		root := []byte(nil)
		if err = json.Unmarshal(b, &l); err == nil {
			root, err = base64.StdEncoding.DecodeString(l.Root)
		}
		if err != nil || len(root) != 32 || l.Origin == "" {
			return fmt.Errorf("line %d of %s is not a checkpoint: put the file back as it was, or move it away", n, k.path)
		}
		k.take(evidence.Checkpoint{Origin: l.Origin, Size: l.Size, Root: [32]byte(root)})
	}
}

func (k *Kept) take(c evidence.Checkpoint) bool {
	if old, ok := k.newest[c.Origin]; ok && old.Size >= c.Size {
		return false
	}
	k.newest[c.Origin] = c
	return true
}

// rewrite puts a file with one line a log in the place of the old one.
func (k *Kept) rewrite() error {
	f, err := os.CreateTemp(filepath.Dir(k.path), ".kept-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there after the rename
	w := bufio.NewWriter(f)
	for _, c := range k.newest {
		w.Write(line(c))
	}
	if err := errors.Join(w.Flush(), f.Sync()); err != nil {
		f.Close()
		return err
	}
	if err := os.Rename(f.Name(), k.path); err != nil {
		f.Close()
		return err
	}
	if k.file != nil {
		k.file.Close()
	}
	end, err := f.Seek(0, io.SeekCurrent)
	k.file, k.lines, k.end = f, len(k.newest), end
	return err
}

func line(c evidence.Checkpoint) []byte {
	b, err := json.Marshal(keptLine{c.Origin, base64.StdEncoding.EncodeToString(c.Root[:]), c.Size})
	if err != nil {
		panic(err) // strings and a number
	}
	return append(b, '\n')
}

// Add keeps checkpoints that are newer than those kept. What it has returned
// nil for is on the disk.
func (k *Kept) Add(list ...evidence.Checkpoint) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b []byte
	var undo []func()
	for _, c := range list {
		old, had := k.newest[c.Origin]
		if !k.take(c) {
			continue
		}
		b = append(b, line(c)...)
		k.lines++
		undo = append(undo, func() {
			if k.newest[c.Origin] = old; !had {
				delete(k.newest, c.Origin)
			}
		})
	}
	if len(b) == 0 {
		return nil
	}
	if err := k.write(b); err != nil {
		for _, back := range slices.Backward(undo) { // it is tried again: none of it is known to be on the disk
			back()
		}
		return err
	}
	return nil
}

// write appends lines. Of what a full disk took only in part nothing is left:
// the next line would be written behind half of one.
func (k *Kept) write(b []byte) error {
	mine, err := k.mine()
	if err != nil {
		return err
	}
	if !mine || k.lines > keptLines && k.lines > 2*len(k.newest) {
		return k.rewrite()
	}
	if _, err := k.file.WriteAt(b, k.end); err != nil {
		return errors.Join(err, k.file.Truncate(k.end))
	}
	if err := k.file.Sync(); err != nil {
		return err
	}
	k.end += int64(len(b))
	return nil
}

// mine reports whether the open file is still the one at its path. A command
// of this machine that opened it has put its own there: what that one holds is
// taken in, and what is written next goes into the place of it.
func (k *Kept) mine() (bool, error) {
	own, err := k.file.Stat()
	if err != nil {
		return false, err
	}
	f, err := os.Open(k.path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	there, err := f.Stat()
	if err != nil || os.SameFile(own, there) {
		return err == nil, err
	}
	return false, k.read(f)
}

// Held implements Holder.
func (k *Kept) Held(_ context.Context, origin string) (evidence.Checkpoint, bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	c, ok := k.newest[origin]
	return c, ok, nil
}

// Close closes the file.
func (k *Kept) Close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.file.Close()
}
