package evidence

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// ErrUnreadable means that a file is not a bundle, or is damaged so that it
// cannot be read as one; the error says where.
var ErrUnreadable = errors.New("evidence: not a bundle that can be read")

// Unreadable says where a bundle stops being one. It is an [ErrUnreadable].
type Unreadable struct {
	File string // of the bundle; "" for the tar itself
	Line uint64 // 1, 2 …; 0: not a matter of one line
	What string
}

func (u *Unreadable) Error() string {
	at := u.File
	if at == "" {
		at = "the archive"
	}
	if u.Line > 0 {
		at += " line " + strconv.FormatUint(u.Line, 10)
	}
	return at + ": " + u.What
}

func (u *Unreadable) Is(target error) bool { return target == ErrUnreadable }

// archive is a bundle's table of contents. Nothing else in the tar is left to
// chance: a header is the one the writer would have made, what fills up a block
// is zero, and nothing follows the end.
type archive struct {
	r     io.ReaderAt
	names []string // in order
	files map[string]section
}

type section struct{ at, size int64 }

const (
	block = 512
	// maxFiles bounds the table of contents.
	maxFiles = 1 << 16
)

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	a := &archive{r: r, files: map[string]section{}}
	last := "" // of the files after the required ones
	at := int64(0)
	for {
		name, n, after, err := readHeader(r, at, size)
		if err != nil {
			return nil, err
		}
		if name == "" {
			break
		}
		switch i := len(a.names); {
		case i >= maxFiles:
			return nil, &Unreadable{What: "too many files"}
		case i < len(required):
			if name != required[i] {
				return nil, &Unreadable{What: fmt.Sprintf("file %d is not %s", i+1, required[i])}
			}
		case a.files[fileSums] != section{}:
			return nil, &Unreadable{What: "a file follows " + fileSums}
		case name != fileSums && !follows(last, name):
			return nil, &Unreadable{What: fmt.Sprintf("file %d has a name or a place that no file of a bundle has", i+1)}
		default:
			last = name
		}
		end := after + n
		padded := (end + block - 1) / block * block
		if padded > size {
			return nil, &Unreadable{File: name, What: "the archive ends within it"}
		}
		if err := zeros(r, end, padded); err != nil {
			return nil, &Unreadable{File: name, What: "something stands between it and the next file"}
		}
		a.names = append(a.names, name)
		a.files[name] = section{after, n}
		at = padded
	}
	if _, ok := a.files[fileSums]; !ok {
		return nil, &Unreadable{What: "there is no " + fileSums}
	}
	if at+2*block != size || zeros(r, at, size) != nil {
		return nil, &Unreadable{What: "something stands after its end"}
	}
	return a, nil
}

// readHeader reads the header at a place and says where its file begins; the
// name is empty at the end of the archive.
func readHeader(r io.ReaderAt, at, size int64) (name string, n, after int64, err error) {
	bad := func() (string, int64, int64, error) {
		return "", 0, 0, &Unreadable{What: fmt.Sprintf("byte %d: not the header of a bundle's file", at)}
	}
	var b [3 * block]byte
	if at+2*block > size {
		return "", 0, 0, &Unreadable{What: "it ends too early"}
	}
	if err := readAt(r, b[:block], at); err != nil {
		return "", 0, 0, err
	}
	if b[0] == 0 {
		return "", 0, 0, nil // the end: the caller looks at what stands there
	}
	h := b[:block]
	if h[156] == tar.TypeXHeader {
		if at+3*block > size {
			return bad()
		}
		if err := readAt(r, b[:], at); err != nil {
			return "", 0, 0, err
		}
		h = b[:]
		_, value, ok := strings.Cut(string(b[block:2*block]), " size=")
		value, _, ok2 := strings.Cut(value, "\n")
		n, err = strconv.ParseInt(value, 10, 64)
		if !ok || !ok2 || err != nil || n <= ustarMax {
			return bad()
		}
	} else if n, err = strconv.ParseInt(string(h[124:135]), 8, 64); err != nil || n < 0 {
		return bad()
	}
	main := h[len(h)-block:]
	name, _, _ = strings.Cut(string(main[:100]), "\x00")
	if name == "" || n > size || !bytes.Equal(headerBytes(name, n), h) {
		return bad()
	}
	return name, n, at + int64(len(h)), nil
}

// headerBytes is the one header a file of that name and size has; nil for a
// name that has none.
func headerBytes(name string, size int64) []byte {
	var b bytes.Buffer
	if err := tar.NewWriter(&b).WriteHeader(header(name, size)); err != nil {
		return nil
	}
	return b.Bytes()
}

// readAt fills b, or says that the file could not be read.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	if n, err := r.ReadAt(b, at); n < len(b) {
		if err == nil || err == io.EOF {
			return &Unreadable{What: "it ends too early"}
		}
		return fmt.Errorf("evidence: the bundle cannot be read at byte %d: %w", at, err)
	}
	return nil
}

func zeros(r io.ReaderAt, from, to int64) error {
	b := make([]byte, to-from)
	if err := readAt(r, b, from); err != nil {
		return err
	}
	if slices.ContainsFunc(b, func(c byte) bool { return c != 0 }) {
		return ErrUnreadable
	}
	return nil
}

// open returns a reader of one of the files.
func (a *archive) open(name string) *io.SectionReader {
	s := a.files[name]
	return io.NewSectionReader(a.r, s.at, s.size)
}

// small reads a file that must not be longer than max bytes.
func (a *archive) small(name string, max int64) ([]byte, error) {
	s := a.files[name]
	if s.size > max {
		return nil, &Unreadable{File: name, What: "it is too long"}
	}
	b := make([]byte, s.size)
	return b, readAt(a.r, b, s.at)
}
