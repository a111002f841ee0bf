// Package ledger keeps, outside the database, what was erased: an append-only
// file that no restored backup takes back. A server reads it before it listens
// and erases again what a backup has brought back.
//
// A line is one erasure, in two steps:
//
//	intend   written and on the disk before the transaction commits
//	done     written and on the disk after it, before anybody is told
//	void     a transaction that was intended and never committed
//
// A crash between the two leaves an intent, which the log decides: if the entry
// that erases stands in it, the erasure was; if another stands there, or none
// was written after it, it was not. Either way nobody had been told. A line cut
// short by a crash is no line: what it would have said is decided in the same
// way. So a crash at any step neither loses an erasure nor invents one.
//
// No content stands in the file, and of an entry only its number.
package ledger

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"wardroom/server/incident"
	"wardroom/server/keyfile"
)

// Erasure is what was erased from one entry, by one entry.
type Erasure struct {
	Log    incident.LogID         `json:"log"`
	Origin string                 `json:"origin"` // the log's origin line
	Entry  incident.Seq           `json:"entry"`
	Slots  []int                  `json:"slots"`
	Event  incident.Seq           `json:"event"` // the entry that erases
	Leaf   string                 `json:"leaf"`  // SHA-256 of its leaf as a record of the tree, in hex: its number alone could be another's after a restore
	Ask    incident.Seq           `json:"ask"`
	Ground incident.ErasureGround `json:"ground"`
	Base   uint64                 `json:"base"` // entries in the log before the transaction
}

func (e *Erasure) key() string { return fmt.Sprintf("%s %d %d %s", e.Log, e.Entry, e.Event, e.Leaf) }

// The steps of an erasure.
const (
	Intend = "intend"
	Done   = "done"
	Void   = "void"
)

type line struct {
	Did string `json:"did"`
	Erasure
}

// Entry is an erasure with the step it has come to.
type Entry struct {
	Erasure
	Did string
}

// ErrDamaged means that a line is not one this program wrote: the file was
// changed, or the disk lost some of it.
var ErrDamaged = errors.New("the ledger of erasures is damaged")

// File is an open ledger. It is safe for concurrent use; no other process may
// have it open.
type File struct {
	mu    sync.Mutex
	f     *os.File
	list  []*Entry
	index map[string]*Entry
	end   int64 // of the last whole line
	bad   error // a write failed, and what the file ends with is not known
}

// Open opens the ledger, making an empty one if there is none, and reads it. A
// last line cut short is taken off; any other that is not as it was written is
// [ErrDamaged], with its number.
func Open(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the ledger of erasures cannot be opened: %w", err)
	}
	l := &File{f: f, index: map[string]*Entry{}}
	if err := l.begin(path); err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

func (l *File) begin(path string) error {
	if err := syscall.Flock(int(l.f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("the ledger of erasures %s is another server's: each keeps its own", path)
	}
	end, err := l.read()
	if err != nil {
		return err
	}
	if err := l.f.Truncate(end); err != nil {
		return err
	}
	l.end = end
	if err := l.f.Sync(); err != nil {
		return err
	}
	return keyfile.SyncFolder(path) // the file's own name must last too
}

// read takes in all lines and returns where the last whole one ends.
func (l *File) read() (end int64, err error) {
	r := bufio.NewReader(l.f)
	for n := 1; ; n++ {
		b, err := r.ReadBytes('\n')
		if err == io.EOF {
			return end, nil // what is left of a line was never answered for
		}
		if err != nil {
			return 0, err
		}
		x, err := parse(b)
		if err != nil {
			return 0, fmt.Errorf("%w: line %d", ErrDamaged, n)
		}
		l.take(x)
		end += int64(len(b))
	}
}

// A line is 16 hex digits of the SHA-256 of what follows, a space, JSON.
func format(x line) []byte {
	js, err := json.Marshal(x)
	if err != nil {
		panic("ledger: a line that cannot be written: " + err.Error()) // plain data
	}
	return append(append(sum(js), ' '), append(js, '\n')...)
}

func sum(js []byte) []byte {
	h := sha256.Sum256(js)
	return hex.AppendEncode(nil, h[:8])
}

func parse(b []byte) (x line, err error) {
	b = bytes.TrimSuffix(b, []byte("\n"))
	if len(b) < 17 || b[16] != ' ' || !bytes.Equal(sum(b[17:]), b[:16]) {
		return x, ErrDamaged
	}
	d := json.NewDecoder(bytes.NewReader(b[17:]))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil || x.Did != Intend && x.Did != Done && x.Did != Void {
		return x, ErrDamaged
	}
	return x, nil
}

func (l *File) take(x line) {
	if old := l.index[x.key()]; old != nil {
		old.Did = x.Did
		return
	}
	e := &Entry{x.Erasure, x.Did}
	l.list = append(l.list, e)
	l.index[x.key()] = e
}

// Intend puts erasures that are about to be committed on the disk.
func (l *File) Intend(list []Erasure) error { return l.append(Intend, list) }

// Done puts on the disk that they were committed. One that was not intended
// here (another server's) is kept like any other.
func (l *File) Done(list []Erasure) error { return l.append(Done, list) }

// Void puts on the disk that they never were.
func (l *File) Void(list []Erasure) error { return l.append(Void, list) }

func (l *File) append(did string, list []Erasure) error {
	if len(list) == 0 {
		return nil
	}
	var b []byte
	for _, e := range list {
		b = append(b, format(line{did, e})...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bad != nil {
		return l.bad
	}
	if _, err := l.f.WriteAt(b, l.end); err != nil {
		err = fmt.Errorf("the ledger of erasures cannot be written: %w", err)
		// Of what a full disk took only in part nothing is left: when there is
		// room again, the next line goes behind the last whole one.
		if cut := l.f.Truncate(l.end); cut != nil {
			l.bad = err
		}
		return err
	}
	if err := l.f.Sync(); err != nil {
		l.bad = fmt.Errorf("the ledger of erasures cannot be written: %w", err)
		return l.bad
	}
	l.end += int64(len(b))
	for _, e := range list {
		l.take(line{did, e})
	}
	return nil
}

// Entries lists all erasures in the order in which they were first written,
// each with the step it has come to.
func (l *File) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Entry, len(l.list))
	for i, e := range l.list {
		list[i] = *e
	}
	return list
}

// Pending lists a log's erasures that were intended and of which it is not
// written whether they were committed.
func (l *File) Pending(log incident.LogID) (list []Erasure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.list {
		if e.Log == log && e.Did == Intend {
			list = append(list, e.Erasure)
		}
	}
	return list
}

// Close closes the file.
func (l *File) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bad = os.ErrClosed
	return l.f.Close()
}
