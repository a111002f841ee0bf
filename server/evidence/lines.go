package evidence

import (
	"bufio"
	"bytes"
	"io"
)

// lines reads a file of a bundle line by line and knows where it is.
type lines struct {
	file string
	r    *bufio.Reader
	max  int
	n    uint64
	long []byte
}

func newLines(a *archive, file string, max int) *lines {
	return &lines{file: file, r: bufio.NewReaderSize(a.open(file), 1<<18), max: max}
}

// next returns the next line without its newline, good until the next call; nil
// at the end.
func (l *lines) next() ([]byte, error) {
	l.n++
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		if err == nil && len(l.long) == 0 {
			return part[:len(part)-1], nil
		}
		l.long = append(l.long, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(l.long, []byte("\n")), nil
		case err == io.EOF && len(l.long) == 0:
			return nil, nil
		case err == io.EOF:
			return nil, l.bad("it does not end")
		case err != bufio.ErrBufferFull:
			return nil, err
		case len(l.long) > l.max:
			return nil, l.bad("it is too long")
		}
	}
}

// bad says that the line last read is not one.
func (l *lines) bad(what string) error { return &Unreadable{File: l.file, Line: l.n, What: what} }
