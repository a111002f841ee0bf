package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func slotOf(t interface{ Fatalf(string, ...any) }, err error) int {
	var m *Mismatch
	if !errors.As(err, &m) {
		t.Fatalf("%v is no Mismatch", err)
	}
	return m.Slot
}

func TestOpeningsOfALeafCheck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWhole(t)
		origin := Origin(drawHash(t, "origin"))
		leaf := AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values)
		if err := w.Check(origin, leaf); err != nil {
			t.Fatal(err)
		}
		shown := rapid.SliceOfDistinct(rapid.IntRange(0, Slots-1), rapid.ID).Draw(t, "shown")
		p := w.Partial(shown...)
		if err := p.Check(origin, leaf); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, s := range p.Slots {
			if s != nil {
				n++
			}
		}
		if n != len(shown) {
			t.Fatalf("%d slots shown, want %d", n, len(shown))
		}
	})
}

func TestAnyFlippedBitOfAWholeOpeningFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWhole(t)
		origin := Origin(drawHash(t, "origin"))
		leaf := AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values)
		bit := func(b []byte) {
			at := rapid.IntRange(0, len(b)*8-1).Draw(t, "bit")
			b[at/8] ^= 1 << (at % 8)
		}
		want := Header
		switch rapid.SampledFrom([]string{"value", "longer", "shorter", "seed", "seq", "origin", "leaf"}).Draw(t, "what") {
		case "value":
			want = rapid.IntRange(0, Slots-1).Draw(t, "slot")
			if len(w.Values[want]) == 0 {
				t.Skip("no bit in an empty value")
			}
			bit(w.Values[want])
		case "longer":
			want = rapid.IntRange(0, Slots-1).Draw(t, "slot")
			w.Values[want] = append(w.Values[want], 0)
		case "shorter":
			want = rapid.IntRange(0, Slots-1).Draw(t, "slot")
			if len(w.Values[want]) == 0 {
				t.Skip("nothing is shorter than empty")
			}
			w.Values[want] = w.Values[want][1:]
		case "seed":
			want = 0
			bit(w.Seed[:])
		case "seq":
			w.Seq ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
		case "origin":
			bit(origin[:])
		case "leaf":
			before := bytes.Clone(leaf)
			bit(leaf)
			for at := range leaf {
				if leaf[at] != before[at] && at >= leafHeader {
					want = (at - leafHeader) / 32
				} else if leaf[at] != before[at] && at < len(leafPrefix) {
					if err := w.Check(origin, leaf); !errors.Is(err, ErrLeaf) {
						t.Fatalf("prefix changed: %v", err)
					}
					return
				}
			}
		}
		err := w.Check(origin, leaf)
		if err == nil {
			t.Fatal("still checks")
		}
		if got := slotOf(t, err); got != want {
			t.Fatalf("slot %d, want %d", got, want)
		}
	})
}

// Not sampled: every bit of one partial opening and of its leaf.
func TestEveryFlippedBitOfAPartialOpeningFails(t *testing.T) {
	w := &Whole{Seq: 5, Seed: Seed{9}}
	for i := range w.Values {
		w.Values[i] = bytes.Repeat([]byte{byte(i)}, i)
	}
	origin := OriginOf("dsc.example/wardroom/1/room/a")
	leaf := AppendLeaf(nil, origin, w.Seq, w.Seed, &w.Values)
	p := w.Partial(0, 1, 2, 3, 4, 5, 6, 7)

	each := func(what string, b []byte, slot func(at int) int) {
		for at := range len(b) * 8 {
			b[at/8] ^= 1 << (at % 8)
			err := p.Check(origin, leaf)
			b[at/8] ^= 1 << (at % 8)
			if err == nil {
				t.Fatalf("%s: bit %d flipped and it checks", what, at)
			}
			if want := slot(at / 8); want == -2 {
				if !errors.Is(err, ErrLeaf) {
					t.Fatalf("%s: bit %d: %v", what, at, err)
				}
			} else if got := slotOf(t, err); got != want {
				t.Fatalf("%s: bit %d: slot %d, want %d", what, at, got, want)
			}
		}
	}
	each("leaf", leaf, func(at int) int {
		switch {
		case at < len(leafPrefix):
			return -2
		case at < leafHeader:
			return Header
		}
		return (at - leafHeader) / 32
	})
	each("origin", origin[:], func(int) int { return Header })
	for i, s := range p.Slots {
		each("salt", s.Salt[:], func(int) int { return i })
		each("value", s.Value, func(int) int { return i })
	}
	for bit := range 64 {
		p.Seq ^= 1 << bit
		if slotOf(t, p.Check(origin, leaf)) != Header {
			t.Fatalf("seq bit %d", bit)
		}
		p.Seq ^= 1 << bit
	}
	if err := p.Check(origin, leaf); err != nil {
		t.Fatalf("put back as it was: %v", err)
	}
}

func TestSlotsThatAreNotShownAreNotJudged(t *testing.T) {
	w := &Whole{Seq: 3, Seed: Seed{1}, Values: Values{4: []byte("body")}}
	leaf := AppendLeaf(nil, Origin{}, w.Seq, w.Seed, &w.Values)
	leaf[leafHeader+4*32] ^= 1 // C4
	if err := w.Partial(0, 1, 2, 3, 5, 6, 7).Check(Origin{}, leaf); err != nil {
		t.Errorf("without slot 4: %v", err)
	}
	if got := slotOf(t, w.Partial(3, 4, 5).Check(Origin{}, leaf)); got != 4 {
		t.Errorf("with slot 4: %d", got)
	}
	if err := w.Partial().Check(Origin{}, leaf); err != nil {
		t.Errorf("nothing shown: %v", err)
	}
	if err := w.Partial().Check(Origin{1}, leaf); slotOf(t, err) != Header {
		t.Errorf("nothing shown, another log: %v", err)
	}
}

func TestASlotCannotBeShownAsAnother(t *testing.T) {
	w := &Whole{Seq: 3, Seed: Seed{1}, Values: Values{[]byte("same"), []byte("same")}}
	leaf := AppendLeaf(nil, Origin{}, w.Seq, w.Seed, &w.Values)
	p := w.Partial(0)
	p.Slots[1] = p.Slots[0]
	if got := slotOf(t, p.Check(Origin{}, leaf)); got != 1 {
		t.Errorf("slot %d", got)
	}
}

func TestWholeOpeningSurvivesItsBinaryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWhole(t)
		b, err := w.AppendBinary([]byte("before"))
		if err != nil {
			t.Fatal(err)
		}
		b = b[len("before"):]
		got, err := ParseWhole(w.Seq, b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] ^= 0xff // the opening must not see this
		}
		for i, v := range w.Values {
			if !bytes.Equal(got.Values[i], v) || len(got.Values[i]) != cap(got.Values[i]) || len(v) == 0 && got.Values[i] != nil {
				t.Fatalf("value %d", i)
			}
		}
		if got.Seq != w.Seq || got.Seed != w.Seed {
			t.Fatal("seq or seed")
		}
		for i := range b {
			if _, err := ParseWhole(0, b[:i]); !errors.Is(err, ErrOpening) {
				t.Fatalf("%d of %d bytes: %v", i, len(b), err)
			}
		}
	})
}

func TestParseWholeTakesTwoAllocations(t *testing.T) {
	b, _ := (&Whole{Values: Values{[]byte("kind"), []byte("actor"), 4: make([]byte, 5000)}}).AppendBinary(nil)
	n := testing.AllocsPerRun(100, func() {
		if _, err := ParseWhole(1, b); err != nil {
			t.Fatal(err)
		}
	})
	if n > 2 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParseWhole(f *testing.F) {
	b, _ := (&Whole{Seed: Seed{1}, Values: Values{[]byte("kind"), 4: []byte("body")}}).AppendBinary(nil)
	f.Add(b)
	f.Add(b[:40])
	f.Add(append(bytes.Clone(b), 0))
	f.Add(append(make([]byte, 32), bytes.Repeat([]byte{0xff}, 32)...))
	f.Add(binary.BigEndian.AppendUint32(make([]byte, 60), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := ParseWhole(1, b)
		if err != nil {
			if w != nil || !errors.Is(err, ErrOpening) {
				t.Fatalf("%v with %v", w, err)
			}
			return
		}
		again, err := w.AppendBinary(nil)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x becomes %x", b, again)
		}
	})
}

func TestSecretsAndValuesDoNotPrint(t *testing.T) {
	w := Whole{Seq: 3, Seed: Seed([]byte("seedseedseedseedseedseedseedseed")), Values: Values{4: []byte("bodybody")}}
	p := w.Partial(4)
	copy(p.Slots[4].Salt[:], "seedseed")
	secrets := []string{"seed", "body", "115 101 101 100", "98 111 100 121", "73656564", "626f6479", "73 65 65 64", "0x73", "c2VlZ"}
	for _, v := range []any{w, &w, w.Seed, &w.Seed, w.Values, &w.Values, *p, p, *p.Slots[4], p.Slots[4], struct{ Opening any }{w}, []Whole{w}} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		if reflect.TypeOf(v).Kind() != reflect.Slice && reflect.TypeOf(v).Name() != "" {
			slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		}
		for _, s := range secrets {
			if strings.Contains(strings.ToLower(out.String()), strings.ToLower(s)) {
				t.Errorf("%T prints %q: %s", v, s, &out)
			}
		}
	}
}
