package servertest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"wardroom/server/evidence"
)

// fragment is one entry as the wire carries it, read by the contract and not
// by the code that wrote it.
type fragment struct {
	form    Form
	seq     uint64
	leaf    []byte
	whole   *evidence.Whole
	partial *evidence.Partial
	size    int // bytes of its JSON
}

// readFragment refuses anything but the three forms, key for key.
func readFragment(raw []byte) (*fragment, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return nil, err
	}
	f := &fragment{size: len(raw)}
	if err := json.Unmarshal(keys["seq"], &f.seq); err != nil {
		return nil, fmt.Errorf("a fragment without a number: %w", err)
	}
	_, seed := keys["seed"]
	_, slots := keys["slots"]
	_, leaf := keys["leaf"]
	switch {
	case len(keys) == 3 && seed && slots:
		return f, f.open(keys)
	case len(keys) == 3 && leaf && slots:
		return f, f.envelope(keys)
	case len(keys) == 2 && leaf:
		f.form = Stub
		return f, json.Unmarshal(keys["leaf"], &f.leaf)
	}
	return nil, fmt.Errorf("entry %d has none of the three forms", f.seq)
}

func (f *fragment) open(keys map[string]json.RawMessage) error {
	f.form, f.whole = Open, &evidence.Whole{Seq: f.seq}
	var seed []byte
	var slots []string
	if err := json.Unmarshal(keys["seed"], &seed); err != nil {
		return err
	}
	if err := json.Unmarshal(keys["slots"], &slots); err != nil {
		return err
	}
	if len(seed) != len(f.whole.Seed) || len(slots) != evidence.Slots {
		return fmt.Errorf("entry %d: a seed of %d bytes and %d slots", f.seq, len(seed), len(slots))
	}
	copy(f.whole.Seed[:], seed)
	for i, s := range slots {
		f.whole.Values[i] = []byte(s)
	}
	return nil
}

func (f *fragment) envelope(keys map[string]json.RawMessage) error {
	f.form, f.partial = Envelope, &evidence.Partial{Seq: f.seq}
	if err := json.Unmarshal(keys["leaf"], &f.leaf); err != nil {
		return err
	}
	var slots map[string][2]string
	if err := json.Unmarshal(keys["slots"], &slots); err != nil {
		return err
	}
	for i := range evidence.Slots {
		s, ok := slots[fmt.Sprint(i)]
		if !ok {
			continue
		}
		salt, err := base64.StdEncoding.DecodeString(s[0])
		if err != nil || len(salt) != 32 {
			return fmt.Errorf("entry %d: slot %d has no salt", f.seq, i)
		}
		f.partial.Slots[i] = &evidence.Slot{Salt: [32]byte(salt), Value: []byte(s[1])}
	}
	shown := 0
	for i, s := range f.partial.Slots {
		if s != nil {
			shown++
		} else if i < 4 {
			return fmt.Errorf("entry %d: an envelope without slot %d", f.seq, i)
		}
	}
	switch {
	case shown != len(slots):
		return fmt.Errorf("entry %d: slots that there are not", f.seq)
	case f.partial.Slots[7] != nil && shown < evidence.Slots: // open, less what was erased
		f.form = Open
	case shown != 4:
		return fmt.Errorf("entry %d: an envelope of %d slots", f.seq, shown)
	}
	return nil
}

// matches holds the fragment against the log: the same leaf, and values the
// leaf commits to.
func (f *fragment) matches(t *Truth, e *TrueEntry) error {
	switch {
	case f.whole != nil:
		return f.whole.Check(t.Origin, e.Leaf)
	case f.partial != nil:
		if err := f.partial.Check(t.Origin, e.Leaf); err != nil {
			return err
		}
	}
	if string(f.leaf) != string(e.Leaf) {
		return fmt.Errorf("entry %d came with another leaf", f.seq)
	}
	return nil
}
