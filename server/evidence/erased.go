package evidence

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// Without returns the opening that is left when these slots are erased: the
// salts and values of the others. The seed is not in it, since all salts follow
// from it and a slot whose salt is known can be guessed at. The values are
// shared with w, not copied. It panics if there is no such slot.
func (w *Whole) Without(slots ...int) *Partial {
	return w.Partial(0, 1, 2, 3, 4, 5, 6, 7).Without(slots...)
}

// Without returns p less these slots, which may be gone from it already. It
// panics if there is no such slot.
func (p *Partial) Without(slots ...int) *Partial {
	next := *p
	for _, i := range slots {
		mustSlot(i)
		next.Slots[i] = nil
	}
	return &next
}

// Missing lists the slots that are not shown, ascending.
func (p *Partial) Missing() (slots []int) {
	for i, s := range p.Slots {
		if s == nil {
			slots = append(slots, i)
		}
	}
	return slots
}

// Values returns what is shown; nil for the slots that are not.
func (p *Partial) Values() (v Values) {
	for i, s := range p.Slots {
		if s != nil {
			v[i] = s.Value
		}
	}
	return v
}

// Show returns the opening with these slots alone, as far as p shows them. It
// panics if there is no such slot.
func (p *Partial) Show(slots ...int) *Partial {
	next := &Partial{Seq: p.Seq}
	for _, i := range slots {
		mustSlot(i)
		next.Slots[i] = p.Slots[i]
	}
	return next
}

// AppendBinary appends the form in which an opening with erased slots is sealed
// and stored,
//
//	8 × (0x00 | 0x01 ‖ salt[32] ‖ u32 len ‖ value)
//
// to dst. As for [Whole.AppendBinary], Seq is the row's to carry. The two forms
// are told apart by the seal's associated data, never by their bytes. The error
// is of a value of 4 GiB or more.
func (p *Partial) AppendBinary(dst []byte) ([]byte, error) {
	for i, s := range p.Slots {
		if s == nil {
			dst = append(dst, 0)
			continue
		}
		if uint64(len(s.Value)) > math.MaxUint32 {
			return nil, fmt.Errorf("evidence: entry %d: slot %d has 4 GiB or more", p.Seq, i)
		}
		dst = append(append(dst, 1), s.Salt[:]...)
		dst = append(binary.BigEndian.AppendUint32(dst, uint32(len(s.Value))), s.Value...)
	}
	return dst, nil
}

// ParsePartial reads what AppendBinary wrote for entry seq, or returns
// [ErrOpening]. The opening keeps no reference to b. An empty value is nil.
func ParsePartial(seq uint64, b []byte) (*Partial, error) {
	p := &Partial{Seq: seq}
	for i := range p.Slots {
		if len(b) == 0 || b[0] > 1 {
			return nil, ErrOpening
		}
		shown := b[0] == 1
		if b = b[1:]; !shown {
			continue
		}
		s := &Slot{}
		if len(b) < len(s.Salt)+4 {
			return nil, ErrOpening
		}
		copy(s.Salt[:], b)
		n := binary.BigEndian.Uint32(b[len(s.Salt):])
		b = b[len(s.Salt)+4:]
		if uint64(n) > uint64(len(b)) {
			return nil, ErrOpening
		}
		if n > 0 {
			s.Value = bytes.Clone(b[:n])
		}
		b, p.Slots[i] = b[n:], s
	}
	if len(b) != 0 {
		return nil, ErrOpening
	}
	return p, nil
}

// Given reports whether the entry came with an opening, whole or with slots
// erased.
func (e *Entry) Given() bool { return e.Opening != nil || e.Erased != nil }

// Values returns what the opening shows: all eight, or nil for slots that were
// erased. It is all nil if none was given out.
func (e *Entry) Values() (v Values) {
	switch {
	case e.Opening != nil:
		return e.Opening.Values
	case e.Erased != nil:
		return e.Erased.Values()
	}
	return v
}

// Show returns the opening with these slots alone, less those erased; nil if
// none was given out.
func (e *Entry) Show(slots ...int) *Partial {
	switch {
	case e.Opening != nil:
		return e.Opening.Partial(slots...)
	case e.Erased != nil:
		return e.Erased.Show(slots...)
	}
	return nil
}

// Erase returns the entry as it is once these slots are erased. An entry whose
// opening was not given out is returned as it is.
func (e Entry) Erase(slots ...int) Entry {
	switch {
	case e.Opening != nil:
		e.Opening, e.Erased = nil, e.Opening.Without(slots...)
	case e.Erased != nil:
		e.Erased = e.Erased.Without(slots...)
	}
	return e
}
