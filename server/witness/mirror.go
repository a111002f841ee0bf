package witness

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"

	"wardroom/server/evidence"
)

// Bounds of one upload of leaves.
const (
	MaxLeaves = 1 << 14
	MaxMirror = 128 + evidence.MaxCheckpoint + MaxLeaves*evidence.LeafSize // bytes
)

// mirror is an upload: the leaves from number from on, and a checkpoint the
// operator signed that covers them.
type mirror struct {
	from   uint64
	note   []byte
	leaves []byte // LeafSize each, at least one
}

var badMirror = refuse(http.StatusBadRequest, "The request is not a head of two lines, a note and whole leaves.")

// readMirror reads the body of POST /mirror:
//
//	from <N>\n note <length>\n \n <note> <leaves>
//
// Between the note and the leaves it asks whether to go on.
func readMirror(r io.Reader, goOn func(note []byte) error) (m mirror, err error) {
	in := bufio.NewReader(r)
	var lines [3]string // the third is empty
	for i := range lines {
		line, err := in.ReadSlice('\n')
		if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
			return m, unread(err, MaxMirror)
		}
		if err != nil || len(line) > 40 {
			return m, badMirror
		}
		lines[i] = string(line)
	}
	from, isFrom := strings.CutPrefix(strings.TrimSuffix(lines[0], "\n"), "from ")
	length, isNote := strings.CutPrefix(strings.TrimSuffix(lines[1], "\n"), "note ")
	at, ok := parseSize(from)
	n, ok2 := parseSize(length)
	if !isFrom || !isNote || !ok || !ok2 || n > evidence.MaxCheckpoint || lines[2] != "\n" {
		return m, badMirror
	}
	m = mirror{from: at, note: make([]byte, n)}
	if _, err := io.ReadFull(in, m.note); err == io.EOF || err == io.ErrUnexpectedEOF {
		return m, badMirror
	} else if err != nil {
		return m, unread(err, MaxMirror)
	}
	if err := goOn(m.note); err != nil {
		return m, err
	}
	if m.leaves, err = io.ReadAll(in); err != nil {
		return m, unread(err, MaxMirror)
	}
	if len(m.leaves) == 0 || len(m.leaves)%evidence.LeafSize != 0 || m.count() > MaxLeaves {
		return m, badMirror
	}
	return m, nil
}

func (m mirror) count() uint64 { return uint64(len(m.leaves) / evidence.LeafSize) }

func (m mirror) leaf(i uint64) []byte {
	return m.leaves[int(i)*evidence.LeafSize:][:evidence.LeafSize]
}

// take stores an upload, and returns how many leaves are held then.
func (w *Witness) take(m mirror) (uint64, error) {
	c, err := w.open(m.note)
	if err != nil {
		return 0, err
	}
	if m.from > c.Size || m.count() > c.Size-m.from {
		return 0, refuse(http.StatusBadRequest, "There are more leaves than the checkpoint covers.")
	}
	origin := evidence.OriginOf(c.Origin)
	for i := range m.count() {
		seq, of, _, err := evidence.ParseLeaf(m.leaf(i))
		if err != nil || seq != m.from+i || of != origin {
			return 0, refuse(http.StatusUnprocessableEntity, "Leaf %d is not entry %d of that log.", i, m.from+i)
		}
	}
	var held uint64
	err = w.settle(func(s store) error {
		l, err := s.log(c.Origin)
		if err != nil {
			return err
		}
		if forked, err := l.contradicts(c.Checkpoint); err != nil {
			return err
		} else if forked {
			return refuse(http.StatusUnprocessableEntity, saysForked).
				keeping(c.finding(whatContradicts))
		}
		if err := l.overlap(m, c); err != nil {
			return err
		}
		for i := range m.count() {
			if err := l.add(m.leaf(i)); err != nil {
				return err
			}
		}
		if l.held == c.Size {
			if err := l.vouch(c); err != nil {
				return err
			}
		}
		held = l.held
		return l.save()
	})
	return held, err
}

// overlap refuses an upload that does not begin where the leaves held end. If
// it brings a firm leaf anew and that is another one, it is kept.
func (l *log) overlap(m mirror, c signed) error {
	if m.from == l.held {
		return nil
	}
	leaves := l.sub(bLeaf)
	for i := range m.count() {
		seq := m.from + i
		if seq >= l.firm {
			break
		}
		if !bytes.Equal(leaves.Get(key(seq)), m.leaf(i)) {
			return refuse(http.StatusUnprocessableEntity, "Entry %d has another leaf here. What was sent is kept.", seq).
				keeping(c.finding(whatLeaf).with(seq, nil, m.leaf(i)))
		}
	}
	return conflict(l.held)
}
