package evidence

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding"
	"hash"
)

// A committer compares openings with their leaves, one after the other: what
// [Salt] and [Commit] say slot by slot, without their allocations and with the
// two blocks of an entry's padded key hashed once and not once a slot, as FIPS
// 198-1, section 6, has it. A bundle has a million entries, and this is most of
// what verifying one costs. It is not safe for concurrent use.
type committer struct {
	origin Origin
	sum    midstate
	pad    [sha256.BlockSize]byte
	inner  []byte // the states of sum behind the two padded keys
	outer  []byte
	input  [saltInput]byte
	digest []byte
}

// midstate is a hash whose state can be kept and taken up again. SHA-256's can:
// its documentation says so.
type midstate interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newCommitter(origin Origin) *committer {
	c := &committer{origin: origin, sum: sha256.New().(midstate)}
	copy(c.input[:], saltPrefix)
	return c
}

// seed makes the salts of an entry those of this seed.
func (c *committer) seed(s *Seed) {
	c.inner = c.keyed(c.inner[:0], s, &innerPad)
	c.outer = c.keyed(c.outer[:0], s, &outerPad)
}

// RFC 2104, section 2.
var innerPad, outerPad = padOf(0x36), padOf(0x5c)

func padOf(b byte) (pad [sha256.BlockSize]byte) {
	for i := range pad {
		pad[i] = b
	}
	return pad
}

// keyed appends the state behind the key, filled up with zeros to a block and
// XORed with the pad.
func (c *committer) keyed(state []byte, s *Seed, pad *[sha256.BlockSize]byte) []byte {
	c.pad = *pad
	subtle.XORBytes(c.pad[:], s[:], pad[:])
	c.sum.Reset()
	c.sum.Write(c.pad[:])
	state, err := c.sum.AppendBinary(state)
	must(err)
	return state
}

// salt is Salt of the seed.
func (c *committer) salt(i int) [32]byte {
	c.input[len(saltPrefix)] = byte(i)
	must(c.sum.UnmarshalBinary(c.inner))
	c.sum.Write(c.input[:])
	c.digest = c.sum.Sum(c.digest[:0])
	must(c.sum.UnmarshalBinary(c.outer))
	c.sum.Write(c.digest)
	c.digest = c.sum.Sum(c.digest[:0])
	return [32]byte(c.digest)
}

// check compares an opening with its leaf, whose own number and origin have been
// checked, and returns the first slot that is not what the leaf commits to, or
// Slots.
func (c *committer) check(s *shown, leaf []byte) int {
	if s.whole {
		c.seed(&s.seed)
	}
	for i, value := range s.values {
		if s.mask&(1<<i) == 0 {
			continue
		}
		salt := s.salts[i]
		if s.whole {
			salt = c.salt(i)
		}
		appendSlotHeader(s.room[i][:0], i, s.seq, c.origin, salt, value)
		if c.hash(s.room[i]) != [32]byte(leaf[leafHeader+32*i:]) {
			return i
		}
	}
	return Slots
}

// hash is SHA-256 of b.
func (c *committer) hash(b []byte) [32]byte {
	c.sum.Reset()
	c.sum.Write(b)
	c.digest = c.sum.Sum(c.digest[:0])
	return [32]byte(c.digest)
}

// must is for what cannot fail: SHA-256 keeps its state, and takes up what it kept.
func must(err error) {
	if err != nil {
		panic("evidence: " + err.Error())
	}
}
