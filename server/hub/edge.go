package hub

import (
	"crypto/sha256"
	"slices"
)

// An edge is a log's frontier moved along with the dispatcher, so that a
// snapshot carries the frontier of exactly its own number: the roots of the
// complete subtrees, largest first (RFC 6962, section 2.1).
type edge struct {
	size   uint64
	hashes [][32]byte
}

// append adds the leaf with that hash.
func (e *edge) append(leaf [32]byte) {
	hashes := slices.Clone(e.hashes) // snapshots may hold the old ones
	for n := e.size; n&1 == 1; n >>= 1 {
		last := len(hashes) - 1
		leaf = parent(hashes[last], leaf)
		hashes = hashes[:last]
	}
	e.hashes = append(hashes, leaf)
	e.size++
}

func parent(left, right [32]byte) [32]byte {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}
