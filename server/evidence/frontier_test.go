package evidence

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func leafN(n int) [32]byte {
	return LeafHash(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Two other implementations: tlog with every hash of the tree kept, and the
// compact range of transparency-dev/merkle.
func TestFrontierAgreesWithAFullTreeAndACompactRange(t *testing.T) {
	var f Frontier
	var full []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, i := range indexes {
			hashes = append(hashes, full[i])
		}
		return hashes, nil
	})
	other := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)

	for n := 0; n <= 2000; n++ {
		if f.Size() != uint64(n) {
			t.Fatalf("size %d after %d leaves", f.Size(), n)
		}
		want, err := tlog.TreeHash(int64(n), reader)
		check(t, err)
		if got := f.Root(); got != want {
			t.Fatalf("%d leaves: root %x, full tree %x", n, got, want)
		}
		if n > 0 { // the compact range has no root for the empty tree
			root, err := other.GetRootHash(nil)
			check(t, err)
			if got := f.Root(); !bytes.Equal(got[:], root) {
				t.Fatalf("%d leaves: root %x, compact range %x", n, got, root)
			}
		}
		hashes := f.Hashes()
		if len(hashes) != len(other.Hashes()) {
			t.Fatalf("%d leaves: %d hashes, compact range %d", n, len(hashes), len(other.Hashes()))
		}
		for i, h := range other.Hashes() {
			if !bytes.Equal(hashes[i][:], h) {
				t.Fatalf("%d leaves: hash %d", n, i)
			}
		}

		leaf := leafN(n)
		stored, err := tlog.StoredHashesForRecordHash(int64(n), leaf, reader)
		check(t, err)
		full = append(full, stored...)
		check(t, other.Append(leaf[:], nil))
		f.Append(leaf)
	}
}

// Sizes that no test can reach leaf by leaf: start both from the same edge of a
// huge log and go on.
func TestFrontierOfAHugeLogGoesOnLikeACompactRange(t *testing.T) {
	factory := &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1, maxSize-100).Draw(t, "size")
		if rapid.Bool().Draw(t, "near a power of two") {
			size = 1<<rapid.IntRange(10, 61).Draw(t, "power") - uint64(rapid.IntRange(1, 50).Draw(t, "below"))
		}
		seed := rand.New(rand.NewPCG(size, 1))
		b := binary.BigEndian.AppendUint64(nil, size)
		var hashes [][]byte
		for range bits.OnesCount64(size) {
			h := make([]byte, 32)
			for i := range h {
				h[i] = byte(seed.Uint32())
			}
			hashes = append(hashes, h)
			b = append(b, h...)
		}
		other, err := factory.NewRange(0, size, hashes)
		if err != nil {
			t.Fatal(err)
		}
		var f Frontier
		if err := f.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		for n := range rapid.IntRange(0, 100).Draw(t, "appends") {
			leaf := leafN(n)
			f.Append(leaf)
			if err := other.Append(leaf[:], nil); err != nil {
				t.Fatal(err)
			}
		}
		root, err := other.GetRootHash(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Root(); !bytes.Equal(got[:], root) || f.Size() != other.End() {
			t.Fatalf("size %d: root %x, want %x", f.Size(), got, root)
		}
	})
}

func TestTheGreatestLogHasARootAndTakesNoMore(t *testing.T) {
	form := func(size uint64) []byte {
		b := binary.BigEndian.AppendUint64(nil, size)
		for n := range bits.OnesCount64(size) {
			leaf := leafN(n)
			b = append(b, leaf[:]...)
		}
		return b
	}
	var f Frontier
	check(t, f.UnmarshalBinary(form(maxSize-1)))
	f.Append(leafN(0))
	root := f.Root()
	check(t, f.UnmarshalBinary(form(maxSize)))
	if f.Root() == root || root == [32]byte{} {
		t.Errorf("root %x", root)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("one more was taken")
			}
		}()
		f.Append(leafN(0))
	}()
	if err := new(Frontier).UnmarshalBinary(form(maxSize + 1)); !errors.Is(err, ErrFrontier) {
		t.Errorf("2^62 leaves: %v", err)
	}
}

// The roots that Certificate Transparency's own tests use.
func TestFrontierHasTheRootsOfCertificateTransparency(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var f Frontier
	for n, want := range roots {
		if root := f.Root(); hex.EncodeToString(root[:]) != want {
			t.Errorf("%d leaves: root %x, want %s", n, root, want)
		}
		if n < len(leaves) {
			b, err := hex.DecodeString(leaves[n])
			check(t, err)
			f.Append(LeafHash(b))
		}
	}
}

func TestFrontierSurvivesItsBinaryForm(t *testing.T) {
	f := new(Frontier)
	for n := range 300 {
		b, err := f.MarshalBinary()
		check(t, err)
		var g Frontier
		check(t, g.UnmarshalBinary(b))
		if g.Size() != f.Size() || g.Root() != f.Root() {
			t.Fatalf("%d leaves", n)
		}
		for i := range b {
			if err := new(Frontier).UnmarshalBinary(b[:i]); !errors.Is(err, ErrFrontier) {
				t.Fatalf("%d leaves, %d of %d bytes: %v", n, i, len(b), err)
			}
		}
		if err := new(Frontier).UnmarshalBinary(append(b, 0)); !errors.Is(err, ErrFrontier) {
			t.Fatalf("%d leaves, a byte more: %v", n, err)
		}
		f = &g
		f.Append(leafN(n))
	}
	before := f.Root()
	if err := f.UnmarshalBinary(make([]byte, 40)); err == nil || f.Root() != before {
		t.Error("a refused form changed the frontier")
	}
	huge := append(bytes.Repeat([]byte{0xff}, 8), make([]byte, 64*32)...)
	if err := f.UnmarshalBinary(huge); !errors.Is(err, ErrFrontier) {
		t.Errorf("2^64-1 leaves: %v", err)
	}
}

func TestACloneGoesItsOwnWay(t *testing.T) {
	var f Frontier
	for n := range 7 {
		f.Append(leafN(n))
	}
	root, hashes := f.Root(), f.Hashes()
	g := f.Clone()
	for n := range 20 {
		g.Append(leafN(100 + n))
	}
	hashes[0] = [32]byte{}
	if f.Root() != root || f.Size() != 7 {
		t.Error("the original moved")
	}
	f.Append(leafN(7))
	h := f.Clone()
	if h.Root() != f.Root() || h.Root() == g.Root() {
		t.Error("clones are confused")
	}
}

func BenchmarkFrontierAppend(b *testing.B) {
	var f Frontier
	leaf := leafN(1)
	b.ReportAllocs()
	for b.Loop() {
		f.Append(leaf)
	}
}

func BenchmarkFrontierRootOfAMillion(b *testing.B) {
	var f Frontier
	for n := range 1<<20 - 1 {
		f.Append(leafN(n))
	}
	b.ReportAllocs()
	for b.Loop() {
		f.Root()
	}
}
