// Package evidence holds the bytes that an outsider checks: what a log commits
// to, how an entry is opened, and how a log of any length is summed up in one
// hash. It is pure: no clock, no storage, no network.
//
// # The leaf
//
// Every entry of a log is one leaf. All leaves have the same length, whatever
// the entry says, and no plaintext stands in them:
//
//	leaf   = "WARDROOM/1\n" ‖ u64 seq ‖ origin[32] ‖ C0 … C7
//	Ci     = SHA-256("WARDROOM/1/slot\n" ‖ u8 i ‖ u64 seq ‖ origin[32] ‖ salt_i[32] ‖ u32 len ‖ value_i)
//	salt_i = HMAC-SHA-256(seed, "WARDROOM/1/salt\n" ‖ u8 i)
//	origin = SHA-256(origin line of the log's checkpoint, without its newline)
//
// Integers are big-endian. seed is 32 random bytes, new for each entry. Entry
// seq 0 is the genesis; a log whose last entry is head holds head + 1 leaves.
//
// The length of a value stands before it and everything else has a fixed
// length, so no two different (i, seq, origin, salt, value) have the same bytes
// under the hash. Hence a commitment cannot be moved to another slot, entry or
// log, and binds its value as SHA-256 resists collisions (binding). Without the
// salt, 256 bits nobody can guess, it says nothing about the value, not even
// whether it is empty (hiding). Salts of one entry are outputs of a
// pseudo-random function: those of the slots shown do not help to find those of
// the slots withheld.
//
// The eight slots are always present; one that is not used commits to the
// empty value.
//
// # Openings
//
// An opening shows what a leaf commits to. A [Whole] opening is the seed and
// the eight values: whoever has the seed has every slot. A [Partial] opening is
// salt and value for some slots and nothing for the others; it is the only form
// for a reader who may not see everything.
//
// # The tree
//
// Leaves are hashed and joined as in RFC 6962, section 2.1: the leaf hash is
// SHA-256(0x00 ‖ leaf), a node is SHA-256(0x01 ‖ left ‖ right). All of that
// arithmetic is golang.org/x/mod/sumdb/tlog's. A [Frontier] is the right edge
// of the tree, which is all that is needed to go on appending.
//
// # Values
//
// A value is exact bytes: encoded once with [Encode], then stored, exported and
// hashed as it is, never written anew. The encoding is RFC 8785 (JSON
// Canonicalization Scheme) without fractions; see [CheckSorted].
package evidence
