package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// ErrWithheld means that bytes are not a line of withheld.jsonl.
var ErrWithheld = errors.New("evidence: not a line about what is withheld")

// Why says for what kind of reason slots are not shown.
type Why string

const (
	OutOfRange Why = "range"      // the recipient asked for, or was granted, other entries
	Redacted   Why = "redacted"   // taken out on a ground
	Kept       Why = "withheld"   // its originator keeps it back
	Unanswered Why = "unanswered" // its originator was asked and has not answered
	Erased     Why = "erased"     // nobody has it any more: an entry of the log says so
	Audience   Why = "audience"   // not for this recipient's eyes
)

func (w Why) valid() bool {
	switch w {
	case OutOfRange, Redacted, Kept, Unanswered, Erased, Audience:
		return true
	}
	return false
}

// Withheld says of some slots of some consecutive entries that the bundle does
// not show them, and why. Nothing in it is proved by the log, except that an
// erasure has its entry.
type Withheld struct {
	Event    uint64            `json:"event,omitempty"` // Erased only: the entry that records the erasure
	First    uint64            `json:"first"`           // entries, both included
	Ground   string            `json:"ground,omitempty"`
	Last     uint64            `json:"last"`
	Reason   string            `json:"reason,omitempty"`
	Redacted map[string]string `json:"redacted,omitempty"` // by slot: wording that the exporter puts in its place
	Slots    []int             `json:"slots"`              // ascending, at least one
	Why      Why               `json:"why"`
}

func (w *Withheld) check() error {
	if w.Last < w.First || w.Last > maxEntry || len(w.Slots) == 0 || !w.Why.valid() {
		return ErrWithheld
	}
	for i, s := range w.Slots {
		if s < 0 || s >= Slots || i > 0 && w.Slots[i-1] >= s {
			return ErrWithheld
		}
	}
	if erased := w.Why == Erased; erased != (w.Event > 0) || erased && (w.First != w.Last || w.Event > maxEntry) {
		return ErrWithheld
	}
	for slot := range w.Redacted {
		n, err := strconv.Atoi(slot)
		if err != nil || strconv.Itoa(n) != slot || !slices.Contains(w.Slots, n) || w.First != w.Last {
			return ErrWithheld
		}
	}
	return nil
}

// before reports whether w may stand before v: lines ascend by their first
// entry and, of one entry, by their first slot.
func (w *Withheld) before(v *Withheld) bool {
	return w.First < v.First || w.First == v.First && w.Slots[0] < v.Slots[0]
}

// maxEntry is the greatest number of an entry in a bundle: what every JSON
// reader keeps exactly.
const maxEntry = 1<<53 - 1

// Encode returns the line, without its newline, or ErrWithheld.
func (w *Withheld) Encode() ([]byte, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	return Encode(w)
}

// ParseWithheld reads a line, without its newline; only the one way of writing
// it is taken. The error is ErrWithheld.
func ParseWithheld(line []byte) (*Withheld, error) {
	w := &Withheld{}
	if err := CheckSorted(line); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWithheld, err)
	}
	if err := json.Unmarshal(line, w); err != nil {
		return nil, ErrWithheld
	}
	again, err := w.Encode()
	if err != nil || !bytes.Equal(again, line) {
		return nil, ErrWithheld
	}
	return w, nil
}
