package notary

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"wardroom/server/evidence"
)

func leafHash(i int) tlog.Hash {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
	return tlog.Hash(rfc6962.DefaultHasher.HashLeaf(sum[:]))
}

// grown is what is stored of a tree that has grown by these steps, each in a
// transaction of its own; a full tile is never written again.
func grown(t *rapid.T, steps []int) (map[at][]byte, int) {
	stored := map[at][]byte{}
	size := 0
	for _, step := range steps {
		open := map[at][]byte{}
		for _, x := range openTiles(int64(size)) {
			open[x] = slices.Clone(stored[x])
		}
		tree, err := newTiles(int64(size), open)
		if err != nil {
			t.Fatal(err)
		}
		for range step {
			tree.append(leafHash(size))
			size++
		}
		for _, x := range append(tree.done, tree.open...) {
			if !x.grown {
				continue
			}
			if len(stored[x.at]) == tileBytes {
				t.Fatalf("tile %v was full and is written again", x.at)
			}
			stored[x.at] = slices.Clone(x.hashes)
		}
	}
	return stored, size
}

func TestOurTreesAreThoseOfTwoOtherImplementations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(0, 4097).Draw(t, "size")
		var steps []int
		for left := total; left > 0; {
			step := rapid.IntRange(1, left).Draw(t, "step")
			steps, left = append(steps, step), left-step
		}
		stored, size := grown(t, steps)
		ours := reading(stored)
		var edge evidence.Frontier
		var theirs []tlog.Hash
		for i := range size {
			edge.Append(leafHash(i))
			more, err := tlog.StoredHashesForRecordHash(int64(i), leafHash(i), tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
				out := make([]tlog.Hash, len(at))
				for k, x := range at {
					out[k] = theirs[x]
				}
				return out, nil
			}))
			if err != nil {
				t.Fatal(err)
			}
			theirs = append(theirs, more...)
		}
		plainly := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(at))
			for k, x := range at {
				out[k] = theirs[x]
			}
			return out, nil
		})
		root, err := tlog.TreeHash(int64(size), ours)
		if err != nil || root != tlog.Hash(edge.Root()) {
			t.Fatalf("root of %d: %x, %v; the frontier's is %x", size, root, err, edge.Root())
		}
		if size == 0 {
			return
		}
		n := rapid.IntRange(0, size-1).Draw(t, "entry")
		at := rapid.IntRange(n+1, size).Draw(t, "of")
		top, err := tlog.TreeHash(int64(at), ours)
		if err != nil {
			t.Fatal(err)
		}
		path, err := tlog.ProveRecord(int64(at), int64(n), ours)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := tlog.ProveRecord(int64(at), int64(n), plainly); err != nil || !slices.Equal(want, path) {
			t.Fatalf("path of %d in %d: %x, x/mod's is %x, %v", n, at, path, want, err)
		}
		leaf := leafHash(n)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(n), uint64(at), leaf[:], slicesOf(path), top[:]); err != nil {
			t.Fatalf("transparency-dev does not find %d in %d: %v", n, at, err)
		}
		from := rapid.IntRange(1, at).Draw(t, "from")
		old, err := tlog.TreeHash(int64(from), ours)
		if err != nil {
			t.Fatal(err)
		}
		grew, err := tlog.ProveTree(int64(at), int64(from), ours)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(grew, int64(at), top, int64(from), old); err != nil {
			t.Fatalf("x/mod does not find %d in %d: %v", from, at, err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(from), uint64(at), slicesOf(grew), old[:], top[:]); err != nil {
			t.Fatalf("transparency-dev does not find the tree of %d in that of %d: %v", from, at, err)
		}
	})
}

func slicesOf[P ~[]tlog.Hash](path P) [][]byte {
	out := make([][]byte, len(path))
	for i, h := range path {
		out[i] = h[:]
	}
	return out
}

func TestATreeWithAHoleProvesNothing(t *testing.T) {
	tree, err := newTiles(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 700 {
		tree.append(leafHash(i))
	}
	stored := map[at][]byte{}
	for _, x := range append(tree.done, tree.open...) {
		stored[x.at] = x.hashes
	}
	delete(stored, at{0, 1})
	if _, err := tlog.ProveRecord(700, 300, reading(stored)); !errors.Is(err, errTiles) {
		t.Errorf("a proof over a missing tile: %v", err)
	}
	if _, err := newTiles(700, stored); err != nil {
		t.Errorf("an older tile is not asked for to go on: %v", err)
	}
	delete(stored, at{0, 2})
	if _, err := newTiles(700, stored); !errors.Is(err, errTiles) {
		t.Errorf("going on without the newest tile: %v", err)
	}
}
