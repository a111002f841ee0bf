package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func drawValues(t *rapid.T) Values {
	var v Values
	for i := range v {
		v[i] = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "value")
	}
	return v
}

func drawHash(t *rapid.T, label string) [32]byte {
	return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, label))
}

func drawWhole(t *rapid.T) *Whole {
	return &Whole{rapid.Uint64().Draw(t, "seq"), drawHash(t, "seed"), drawValues(t)}
}

func TestLeafIsItsHeaderAndTheEightCommitmentsOfTheSpecification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWhole(t)
		origin := Origin(drawHash(t, "origin"))
		leaf := AppendLeaf([]byte("before"), origin, w.Seq, w.Seed, &w.Values)

		want := []byte("beforeWARDROOM/1\n")
		want = binary.BigEndian.AppendUint64(want, w.Seq)
		want = append(want, origin[:]...)
		for i, v := range w.Values {
			c := Commit(i, w.Seq, origin, Salt(w.Seed, i), v)
			want = append(want, c[:]...)
		}
		if !bytes.Equal(leaf, want) {
			t.Fatalf("got %x, want %x", leaf, want)
		}

		seq, gotOrigin, commitments, err := ParseLeaf(leaf[len("before"):])
		if err != nil || seq != w.Seq || gotOrigin != origin {
			t.Fatalf("ParseLeaf: %d, %x, %v", seq, gotOrigin, err)
		}
		for i, c := range commitments {
			if c != Commit(i, w.Seq, origin, Salt(w.Seed, i), w.Values[i]) {
				t.Fatalf("commitment %d", i)
			}
		}
	})
}

func TestEveryLeafHasTheSameLength(t *testing.T) {
	if LeafSize != 307 {
		t.Errorf("LeafSize is %d, the format says 307", LeafSize)
	}
	long := Values{4: make([]byte, 1<<20)}
	for _, v := range []*Values{{}, &long} {
		if n := len(AppendLeaf(nil, Origin{}, math.MaxUint64, Seed{}, v)); n != LeafSize {
			t.Errorf("%d bytes", n)
		}
	}
}

func TestParseLeafRefusesAnotherLengthOrPrefix(t *testing.T) {
	leaf := AppendLeaf(nil, Origin{1}, 7, Seed{2}, &Values{})
	for _, bad := range [][]byte{nil, leaf[:LeafSize-1], append(bytes.Clone(leaf), 0), append([]byte("WARDROOM/2\n"), leaf[11:]...)} {
		if _, _, _, err := ParseLeaf(bad); !errors.Is(err, ErrLeaf) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

// The bytes under a commitment's hash can be read back to exactly one slot,
// seq, origin, salt and value; so no two of them share those bytes.
func TestNoTwoSlotsShareACommitmentInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, Slots-1).Draw(t, "slot")
		seq := rapid.Uint64().Draw(t, "seq")
		origin, salt := Origin(drawHash(t, "origin")), drawHash(t, "salt")
		value := rapid.SliceOf(rapid.Byte()).Draw(t, "value")
		in := append(appendSlotHeader(nil, i, seq, origin, salt, value), value...)

		if len(in) != slotHeader+len(value) || slotHeader != 93 {
			t.Fatalf("%d bytes for a value of %d", len(in), len(value))
		}
		rest, ok := bytes.CutPrefix(in, []byte("WARDROOM/1/slot\n"))
		if !ok || int(rest[0]) != i || binary.BigEndian.Uint64(rest[1:]) != seq ||
			Origin(rest[9:41]) != origin || [32]byte(rest[41:73]) != salt ||
			int(binary.BigEndian.Uint32(rest[73:])) != len(value) || !bytes.Equal(rest[77:], value) {
			t.Fatalf("cannot be read back: %x", in)
		}
	})
}

func TestCommitmentInputsOfNeighboursDiffer(t *testing.T) {
	seen := map[string]bool{}
	n := 0
	for i := range Slots {
		for _, seq := range []uint64{0, 1, 256, math.MaxUint64} {
			for _, origin := range []Origin{{}, {1}, {31: 1}} {
				for _, salt := range [][32]byte{{}, {1}, {31: 1}} {
					for _, value := range []string{"", "\x00", "\x00\x00", "\x00\x00\x00\x01"} {
						seen[string(appendSlotHeader(nil, i, seq, origin, salt, []byte(value)))+value] = true
						n++
					}
				}
			}
		}
	}
	if len(seen) != n {
		t.Errorf("%d inputs for %d commitments", len(seen), n)
	}
}

func TestSaltAndSlotRefuseANumberOutsideTheEight(t *testing.T) {
	for _, i := range []int{-1, Slots} {
		for name, f := range map[string]func(){
			"Salt":    func() { Salt(Seed{}, i) },
			"Commit":  func() { Commit(i, 0, Origin{}, [32]byte{}, nil) },
			"Partial": func() { new(Whole).Partial(i) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s(%d) did not panic", name, i)
					}
				}()
				f()
			}()
		}
	}
}

func TestSeedsAreNotRepeated(t *testing.T) {
	seen := map[Seed]bool{{}: true}
	for range 1000 {
		s := NewSeed()
		if seen[s] {
			t.Fatal("a seed twice")
		}
		seen[s] = true
	}
}

func BenchmarkAppendLeaf(b *testing.B) {
	values := Values{
		[]byte(`{"kind":"message.posted","root":41}`),
		[]byte(`{"for":"RJ1","member":7,"role":"incident lead"}`),
		[]byte(`{"occurred":"2025-11-21T20:56:00Z","recorded":"2025-11-21T20:56:01.123Z"}`),
		[]byte(`{"audience":"room","tlp":"AMBER+STRICT"}`),
		bytes.Repeat([]byte("m"), 300), nil, nil,
		[]byte(`{"key":"01JD8Q2Z0G8Y4T2V9W5X3B7N6M","seen":41}`),
	}
	b.ReportAllocs()
	buf := make([]byte, 0, LeafSize)
	for b.Loop() {
		leaf := AppendLeaf(buf, Origin{1}, 42, NewSeed(), &values)
		LeafHash(leaf)
	}
}
