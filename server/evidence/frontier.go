package evidence

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrFrontier means that bytes are not the binary form of a frontier.
var ErrFrontier = errors.New("evidence: not a frontier")

// maxSize bounds a log so that tlog's int64 arithmetic cannot overflow: of a
// tree of 2^62 leaves it would look for the power of two above and never find it.
const maxSize = 1<<62 - 1

// A Frontier is the right edge of a log's tree: the roots of the complete
// subtrees that make up its leaves, largest first, one for each 1 bit of the
// size (RFC 6962, section 2.1). It takes at most 62 hashes of memory, and an
// append costs two hashes on average.
//
// The zero Frontier is the empty log. A Frontier is not safe for concurrent use.
type Frontier struct {
	size int64
	edge []tlog.Hash // one per 1 bit of size, left to right
}

// Size returns the number of leaves.
func (f *Frontier) Size() uint64 { return uint64(f.size) }

// Append adds the leaf with that [LeafHash].
func (f *Frontier) Append(leafHash [32]byte) {
	if f.size == maxSize {
		panic("evidence: a log of 2^62 - 1 entries")
	}
	// Each 1 bit at the low end of the size is a complete subtree that the new
	// leaf makes a larger one of.
	h, edge := tlog.Hash(leafHash), f.edge
	for n := f.size; n&1 == 1; n >>= 1 {
		h = tlog.NodeHash(edge[len(edge)-1], h)
		edge = edge[:len(edge)-1]
	}
	f.edge = append(edge, h)
	f.size++
}

// Root returns the root of the tree, RFC 6962 section 2.1; that of the empty
// log is SHA-256 of nothing.
func (f *Frontier) Root() [32]byte {
	root, err := tlog.TreeHash(f.size, f.reader())
	if err != nil {
		panic("evidence: " + err.Error()) // the reader does not fail
	}
	return root
}

// reader answers what tlog asks of the tree: which subtrees make up the whole of
// it, in order from left to right.
func (f *Frontier) reader() tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		if len(indexes) > len(f.edge) {
			return nil, ErrFrontier
		}
		return f.edge[len(f.edge)-len(indexes):], nil
	}
}

// Hashes returns a copy of the edge, left to right.
func (f *Frontier) Hashes() [][32]byte {
	hashes := make([][32]byte, len(f.edge))
	for i, h := range f.edge {
		hashes[i] = h
	}
	return hashes
}

// Clone returns a Frontier that goes its own way from here.
func (f *Frontier) Clone() *Frontier {
	return &Frontier{f.size, slices.Clone(f.edge)}
}

// MarshalBinary returns u64 size ‖ hashes, left to right. It does not fail.
func (f *Frontier) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, 8+len(f.edge)*tlog.HashSize)
	b = binary.BigEndian.AppendUint64(b, uint64(f.size))
	for _, h := range f.edge {
		b = append(b, h[:]...)
	}
	return b, nil
}

// UnmarshalBinary reads what MarshalBinary wrote, or returns [ErrFrontier] and
// leaves f as it was. It cannot tell whether the hashes are those of any log:
// compare Root with a checkpoint.
func (f *Frontier) UnmarshalBinary(b []byte) error {
	if len(b) < 8 {
		return ErrFrontier
	}
	size := binary.BigEndian.Uint64(b)
	b = b[8:]
	n := bits.OnesCount64(size)
	if size > maxSize || len(b) != n*tlog.HashSize {
		return ErrFrontier
	}
	edge := make([]tlog.Hash, n)
	for i := range edge {
		edge[i] = tlog.Hash(b[i*tlog.HashSize:])
	}
	f.size, f.edge = int64(size), edge
	return nil
}
