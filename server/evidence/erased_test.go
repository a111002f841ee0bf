package evidence

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// What is left of an entry checks against the leaf that was there before, so
// an erasure changes no root, and tells nothing of what is gone.
func TestWhatIsLeftAfterAnErasureIsWhatTheLeafCommitsTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWhole(t)
		origin := Origin(drawHash(t, "origin"))
		leaf := AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values)
		gone := rapid.SliceOfNDistinct(rapid.IntRange(0, Slots-1), 1, Slots, rapid.ID).Draw(t, "gone")
		left := w.Without(gone...)
		if err := left.Check(origin, leaf); err != nil {
			t.Fatal(err)
		}
		b, err := left.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, w.Seed[:]) {
			t.Fatal("the seed is stored, and gives every salt")
		}
		for _, i := range gone {
			if salt := Salt(w.Seed, i); bytes.Contains(b, salt[:]) {
				t.Fatalf("the salt of erased slot %d is stored", i)
			}
		}
		back, err := ParsePartial(w.Seq, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := back.Check(origin, leaf); err != nil {
			t.Fatal(err)
		}
		if len(back.Missing()) != len(gone) {
			t.Fatalf("%v is missing, %v were erased", back.Missing(), gone)
		}
		again, err := back.AppendBinary(nil)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("stored again it is other bytes (%v)", err)
		}
	})
}

func TestWhatIsLeftIsReadBackOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 400).Draw(t, "bytes")
		p, err := ParsePartial(3, b)
		if err != nil {
			if !errors.Is(err, ErrOpening) {
				t.Fatal(err)
			}
			return
		}
		again, err := p.AppendBinary(nil)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x was read, and is written as %x (%v)", b, again, err)
		}
	})
	w := &Whole{Seq: 3, Values: Values{4: []byte("body")}}
	b, err := w.Without(5).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, err := ParsePartial(3, b[:n]); !errors.Is(err, ErrOpening) {
			t.Fatalf("the first %d bytes of %d were read: %v", n, len(b), err)
		}
	}
	if _, err := ParsePartial(3, append(b, 0)); !errors.Is(err, ErrOpening) {
		t.Fatalf("a byte too many was read: %v", err)
	}
}

func TestErasingMoreLeavesLess(t *testing.T) {
	e := Entry{Opening: &Whole{Values: Values{[]byte("0"), []byte("1"), 4: []byte("4"), 5: []byte("5")}}}
	e = e.Erase(4).Erase(5, 4)
	if e.Opening != nil || !e.Given() {
		t.Fatal("the whole opening is still there, or none is")
	}
	v := e.Values()
	if v[4] != nil || v[5] != nil || string(v[1]) != "1" {
		t.Fatalf("left is %q, %q, %q", v[1], v[4], v[5])
	}
	if s := e.Show(1, 4); s.Slots[4] != nil || s.Slots[1] == nil || s.Slots[0] != nil {
		t.Fatal("an erased slot is shown, or one not asked for")
	}
}
