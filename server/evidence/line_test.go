package evidence

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func FuzzAnOpeningLineThatIsReadIsWrittenAlike(f *testing.F) {
	w := &Whole{Seq: 7, Seed: Seed(leafN(1)), Values: Values{[]byte(`{"kind":"x","root":7}`), nil, []byte("\x00\b\t\n\f\r\x1f\x7f\"\\ – 😀")}}
	line, err := w.AppendLine(nil)
	check(f, err)
	f.Add(line)
	line, err = w.Partial(0, 2, 7).AppendLine(nil)
	check(f, err)
	f.Add(line)
	f.Fuzz(readAndWrittenAlike)
}

// What a string is read by looks at eight bytes at once: whatever stands where
// in them, an escape, a letter of several bytes or half of one.
func TestAnOpeningLineWithAnyByteChangedIsReadAsItIsWrittenOrNotAtAll(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		value := rapid.SliceOfN(rapid.SampledFrom([]string{`"`, `\`, "\n", "\x1f", "\x7f", "a", "bcd", "–", "😀", "a long run of letters"}), 0, 12)
		w := &Whole{Seq: 7, Seed: Seed(leafN(1))}
		for i := range w.Values {
			w.Values[i] = []byte(strings.Join(value.Draw(r, "value"), ""))
		}
		line, err := w.AppendLine(nil)
		if err != nil {
			r.Fatal(err)
		}
		var s shown
		if !s.parse(line) {
			r.Fatalf("%q is not read", line)
		}
		for i, v := range s.values {
			if !bytes.Equal(v, w.Values[i]) {
				r.Fatalf("%q is read as %q", w.Values[i], v)
			}
		}
		for at, was := range line {
			for _, c := range []byte{'"', '\\', 'u', '0', ' ', 0x1f, 0x80, 0xc3, 0xff} {
				line[at] = c
				readAndWrittenAlike(t, line)
			}
			line[at] = was
		}
	})
}

func readAndWrittenAlike(t *testing.T, line []byte) {
	t.Helper()
	var s shown
	if !s.parse(line) {
		return
	}
	var again []byte
	var err error
	if s.whole {
		again, err = (&Whole{Seq: s.seq, Seed: s.seed, Values: s.values}).AppendLine(nil)
	} else {
		p := &Partial{Seq: s.seq}
		for i := range Slots {
			if s.mask&(1<<i) != 0 {
				p.Slots[i] = &Slot{s.salts[i], s.values[i]}
			}
		}
		again, err = p.AppendLine(nil)
	}
	if err != nil || !bytes.Equal(again, line) {
		t.Errorf("%q is read as %q, %v", line, again, err)
	}
	if seq, ok := lineSeq(line); !ok || seq != s.seq {
		t.Errorf("%q: entry %d, %v", line, seq, ok)
	}
	var f facts
	f.read(&s)
}

// The quick way of a verification and the plain one of the format agree.
func TestALineIsCheckedAsAnOpeningIs(t *testing.T) {
	r := newRig(t, 40)
	var s shown
	c := newCommitter(OriginOf(originLine))
	for i, w := range r.entries {
		for _, partial := range []bool{false, true} {
			for turned := -1; turned < LeafSize; turned += 7 {
				leaf := bytes.Clone(r.leaves[i])
				if turned >= leafHeader {
					leaf[turned] ^= 1
				}
				line, err := w.AppendLine(nil)
				want := w.Check(OriginOf(originLine), leaf)
				if partial {
					p := w.Partial(1, 3, 4, 7)
					line, err = p.AppendLine(nil)
					want = p.Check(OriginOf(originLine), leaf)
				}
				check(t, err)
				if !s.parse(line) {
					t.Fatalf("%s", line)
				}
				slot := c.check(&s, leaf)
				if m, ok := want.(*Mismatch); ok != (slot < Slots) || ok && m.Slot != slot {
					t.Fatalf("entry %d, byte %d: slot %d, %v", i, turned, slot, want)
				}
			}
		}
	}
}
