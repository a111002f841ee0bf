package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrOpening means that bytes are not the binary form of a whole opening.
var ErrOpening = errors.New("evidence: not a whole opening")

// Header is the Slot of a [Mismatch] in the leaf's own sequence number or
// origin: the leaf is of another entry or another log.
const Header = -1

// A Mismatch says that an opening is not what its leaf commits to.
type Mismatch struct {
	Seq  uint64 // of the opening
	Slot int    // the first that differs, or Header
}

func (m *Mismatch) Error() string {
	if m.Slot == Header {
		return fmt.Sprintf("evidence: entry %d: the leaf is of another entry or log", m.Seq)
	}
	return fmt.Sprintf("evidence: entry %d: slot %d is not what the leaf commits to", m.Seq, m.Slot)
}

// A Whole opening shows all slots of an entry. It does not print.
type Whole struct {
	Seq    uint64
	Seed   Seed
	Values Values
}

// Check returns nil if leaf, in the log of that origin, commits to exactly this
// opening; otherwise [ErrLeaf] or a [*Mismatch].
func (w *Whole) Check(origin Origin, leaf []byte) error {
	seq, got, commitments, err := ParseLeaf(leaf)
	if err != nil {
		return err
	}
	if seq != w.Seq || got != origin {
		return &Mismatch{w.Seq, Header}
	}
	var buf [LeafSize]byte
	want := AppendLeaf(buf[:0], origin, w.Seq, w.Seed, &w.Values)
	if bytes.Equal(want, leaf) {
		return nil
	}
	slot := 0
	for bytes.Equal(commitments[slot][:], want[leafHeader+32*slot:][:32]) {
		slot++
	}
	return &Mismatch{w.Seq, slot}
}

// Partial returns the opening that shows only these slots. The values are
// shared with w, not copied. It panics if there is no such slot.
func (w *Whole) Partial(slots ...int) *Partial {
	p := &Partial{Seq: w.Seq}
	for _, i := range slots {
		mustSlot(i)
		p.Slots[i] = &Slot{Salt: Salt(w.Seed, i), Value: w.Values[i]}
	}
	return p
}

// AppendBinary appends the form that is sealed and stored,
//
//	seed[32] ‖ 8 × (u32 len ‖ value)
//
// to dst. Seq is not in it: the row and its seal's associated data carry it. The
// error is of a value of 4 GiB or more.
func (w *Whole) AppendBinary(dst []byte) ([]byte, error) {
	dst = append(dst, w.Seed[:]...)
	for i, value := range w.Values {
		if uint64(len(value)) > math.MaxUint32 {
			return nil, fmt.Errorf("evidence: entry %d: slot %d has 4 GiB or more", w.Seq, i)
		}
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(value)))
		dst = append(dst, value...)
	}
	return dst, nil
}

// ParseWhole reads what AppendBinary wrote for entry seq, or returns
// [ErrOpening]. The opening keeps no reference to b. An empty value is nil.
func ParseWhole(seq uint64, b []byte) (*Whole, error) {
	w := &Whole{Seq: seq}
	if copy(w.Seed[:], b) < len(w.Seed) {
		return nil, ErrOpening
	}
	var ends [Slots]int
	end := len(w.Seed)
	for i := range ends {
		if len(b)-end < 4 {
			return nil, ErrOpening
		}
		n := binary.BigEndian.Uint32(b[end:])
		end += 4
		if uint64(n) > uint64(len(b)-end) {
			return nil, ErrOpening
		}
		end += int(n)
		ends[i] = end
	}
	if end != len(b) {
		return nil, ErrOpening
	}
	// One copy for all eight; each value's capacity ends with it, so that an
	// append to one cannot write into the next.
	own := bytes.Clone(b[len(w.Seed):])
	start := 0
	for i, end := range ends {
		end -= len(w.Seed)
		if start += 4; start < end {
			w.Values[i] = own[start:end:end]
		}
		start = end
	}
	return w, nil
}

// A Partial opening shows some slots of an entry; the others are nil. It does
// not print.
type Partial struct {
	Seq   uint64
	Slots [Slots]*Slot
}

// A Slot is the opening of one slot. It does not print.
type Slot struct {
	Salt  [32]byte
	Value []byte
}

// Check returns nil if leaf, in the log of that origin, is the leaf of this
// entry and commits to every slot shown; otherwise [ErrLeaf] or a [*Mismatch].
// It says nothing about the slots that are not shown.
func (p *Partial) Check(origin Origin, leaf []byte) error {
	seq, got, commitments, err := ParseLeaf(leaf)
	if err != nil {
		return err
	}
	if seq != p.Seq || got != origin {
		return &Mismatch{p.Seq, Header}
	}
	for i, s := range p.Slots {
		if s != nil && Commit(i, seq, origin, s.Salt, s.Value) != commitments[i] {
			return &Mismatch{p.Seq, i}
		}
	}
	return nil
}
