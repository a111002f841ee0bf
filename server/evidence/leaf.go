package evidence

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"

	"golang.org/x/mod/sumdb/tlog"
)

// Slots is the number of values every entry commits to.
const Slots = 8

const (
	leafPrefix = "WARDROOM/1\n"
	slotPrefix = "WARDROOM/1/slot\n"
	saltPrefix = "WARDROOM/1/salt\n"

	leafHeader = len(leafPrefix) + 8 + 32              // before C0
	slotHeader = len(slotPrefix) + 1 + 8 + 32 + 32 + 4 // before value_i
	saltInput  = len(saltPrefix) + 1                   // under the HMAC
)

// LeafSize is the length of every leaf in bytes.
const LeafSize = leafHeader + Slots*sha256.Size

// ErrLeaf means that bytes are not a leaf of this format: another length or
// another prefix.
var ErrLeaf = errors.New("evidence: not a leaf of WARDROOM/1")

// An Origin names a log inside its leaves.
type Origin [32]byte

// OriginOf returns the origin of the log whose checkpoints carry this origin
// line. The line is given without its newline.
func OriginOf(line string) Origin {
	return sha256.Sum256([]byte(line))
}

// A Seed is the secret of one entry: the salts of all its slots follow from it.
// Whoever holds it can test guesses at every slot, so it travels only in a
// [Whole] opening. It does not print.
type Seed [32]byte

// NewSeed returns a fresh random seed. An operating system without randomness
// ends the process (crypto/rand).
func NewSeed() Seed {
	var s Seed
	rand.Read(s[:])
	return s
}

// Values are the exact bytes of an entry's slots. Nil and empty are the same
// value. They do not print.
type Values [Slots][]byte

// Salt returns the salt of slot i: HMAC-SHA-256(seed, "WARDROOM/1/salt\n" ‖ u8 i).
// It panics unless 0 ≤ i < Slots.
func Salt(seed Seed, i int) [32]byte {
	mustSlot(i)
	h := hmac.New(sha256.New, seed[:])
	h.Write(append([]byte(saltPrefix), byte(i)))
	return [32]byte(h.Sum(nil))
}

// Commit returns the commitment of slot i of entry seq to value. It panics
// unless 0 ≤ i < Slots and the value is shorter than 4 GiB.
func Commit(i int, seq uint64, origin Origin, salt [32]byte, value []byte) [32]byte {
	h := sha256.New()
	h.Write(appendSlotHeader(make([]byte, 0, slotHeader), i, seq, origin, salt, value))
	h.Write(value)
	return [32]byte(h.Sum(nil))
}

// appendSlotHeader appends everything under a commitment's hash but the value.
func appendSlotHeader(dst []byte, i int, seq uint64, origin Origin, salt [32]byte, value []byte) []byte {
	mustSlot(i)
	if uint64(len(value)) > math.MaxUint32 {
		panic("evidence: a value of 4 GiB or more")
	}
	dst = append(dst, slotPrefix...)
	dst = append(dst, byte(i))
	dst = binary.BigEndian.AppendUint64(dst, seq)
	dst = append(dst, origin[:]...)
	dst = append(dst, salt[:]...)
	return binary.BigEndian.AppendUint32(dst, uint32(len(value)))
}

// AppendLeaf appends the leaf of entry seq to dst and returns the longer slice.
// It panics if a value has 4 GiB or more.
func AppendLeaf(dst []byte, origin Origin, seq uint64, seed Seed, values *Values) []byte {
	dst = append(dst, leafPrefix...)
	dst = binary.BigEndian.AppendUint64(dst, seq)
	dst = append(dst, origin[:]...)

	// This runs under the log's lock for every entry: what Salt and Commit do
	// slot by slot, with one HMAC (whose padded key is kept over Reset) and one
	// SHA-256 for all eight.
	mac, sum := hmac.New(sha256.New, seed[:]), sha256.New()
	var salt [32]byte
	saltBuf := append(make([]byte, 0, saltInput), saltPrefix...)
	slotBuf := make([]byte, 0, slotHeader)
	for i, value := range values {
		mac.Reset()
		mac.Write(append(saltBuf, byte(i)))
		mac.Sum(salt[:0])

		sum.Reset()
		sum.Write(appendSlotHeader(slotBuf, i, seq, origin, salt, value))
		sum.Write(value)
		dst = sum.Sum(dst)
	}
	return dst
}

// ParseLeaf splits a leaf into its parts, or returns [ErrLeaf].
func ParseLeaf(leaf []byte) (seq uint64, origin Origin, commitments [Slots][32]byte, err error) {
	if len(leaf) != LeafSize || string(leaf[:len(leafPrefix)]) != leafPrefix {
		return 0, Origin{}, commitments, ErrLeaf
	}
	rest := leaf[len(leafPrefix):]
	seq = binary.BigEndian.Uint64(rest)
	origin = Origin(rest[8:40])
	for i := range commitments {
		commitments[i] = [32]byte(rest[40+32*i:])
	}
	return seq, origin, commitments, nil
}

// LeafHash returns the hash of a leaf as a record of the tree:
// SHA-256(0x00 ‖ leaf), RFC 6962 section 2.1.
func LeafHash(leaf []byte) [32]byte {
	return tlog.RecordHash(leaf)
}

func mustSlot(i int) {
	if i < 0 || i >= Slots {
		panic("evidence: no such slot")
	}
}
