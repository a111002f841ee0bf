package servertest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"wardroom/server/bundletest"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// A StoredLog is a log as it is stored, opened.
type StoredLog struct {
	Origin  string
	Entries []*TrueEntry
	Leaves  [][]byte
}

// Checkpoint is of the first size entries.
func (l *StoredLog) Checkpoint(size int) evidence.Checkpoint {
	var f evidence.Frontier
	for _, leaf := range l.Leaves[:size] {
		f.Append(evidence.LeafHash(leaf))
	}
	return evidence.Checkpoint{Origin: l.Origin, Size: uint64(size), Root: f.Root()}
}

// Bundle shows the whole log, sealed by test keys under the policy that is
// returned.
func (l *StoredLog) Bundle() ([]byte, *evidence.Policy, error) {
	operator, witness := bundletest.NewNotary("wardroom.test", 1), bundletest.NewWitness("witness.test")
	policy, err := evidence.NewPolicy([]evidence.Generation{operator.Generation(0, 0)}, []evidence.Witness{witness.Witness()})
	if err != nil {
		return nil, nil, err
	}
	n := len(l.Leaves)
	var out bytes.Buffer
	b, err := evidence.NewBundleWriter(&out, nil, evidence.BundleHead{Readme: "A test.\n", Policy: policy, Leaves: uint64(n),
		Checkpoint: bundletest.Sign(l.Checkpoint(n), operator, witness), Info: evidence.BundleInfo{Section: 1, To: uint64(n - 1)}})
	if err != nil {
		return nil, nil, err
	}
	for _, leaf := range l.Leaves {
		if err := b.Leaf(leaf); err != nil {
			return nil, nil, err
		}
	}
	for _, e := range l.Entries {
		if e.Whole != nil {
			err = b.Whole(e.Whole)
		} else {
			err = b.Partial(e.Part)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, w := range l.erased() {
		if err := b.Withheld(&w); err != nil {
			return nil, nil, err
		}
	}
	err = b.Close()
	return out.Bytes(), policy, err
}

// erased lists what the log says of itself that nobody has any more.
func (l *StoredLog) erased() []evidence.Withheld {
	var lines []evidence.Withheld
	gone := map[[2]uint64]bool{} // of an entry, the slot
	for _, e := range l.Entries {
		var b struct {
			Entry uint64
			Slots []int
		}
		v := e.Values()
		if !bytes.Contains(v[incident.SlotKind], []byte(`"entry.erased"`)) || json.Unmarshal(v[incident.SlotBody], &b) != nil {
			continue
		}
		w := evidence.Withheld{Event: e.Seq, First: b.Entry, Last: b.Entry, Why: evidence.Erased, Ground: "a test"}
		for _, s := range b.Slots {
			if k := [2]uint64{b.Entry, uint64(s)}; !gone[k] {
				gone[k] = true
				w.Slots = append(w.Slots, s)
			}
		}
		if len(w.Slots) > 0 {
			lines = append(lines, w)
		}
	}
	slices.SortFunc(lines, func(a, b evidence.Withheld) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(a.Slots[0], b.Slots[0]))
	})
	return lines
}

// verify checks the log as an outsider would: nothing that the house does may
// look like a contradiction to them.
func (l *StoredLog) verify(ctx context.Context) error {
	if len(l.Leaves) == 0 {
		return nil
	}
	b, policy, err := l.Bundle()
	if err != nil {
		return err
	}
	r, err := evidence.Verify(ctx, bytes.NewReader(b), int64(len(b)), evidence.VerifyOptions{Policy: policy})
	if err != nil {
		return err
	}
	want := evidence.VerdictValid
	if len(l.erased()) > 0 {
		want = evidence.VerdictErased
	}
	if r.Verdict != want {
		return fmt.Errorf("a bundle of it is %s: %+v %q", r.Verdict, r.First, r.Remarks)
	}
	return nil
}

// Stored reads a log from storage, past every wall.
func (h *House) Stored(log incident.LogID) *StoredLog {
	h.T.Helper()
	l, err := storedLog(context.Background(), h, log)
	if err != nil {
		h.T.Fatal(err)
	}
	return l
}
