package servertest

import (
	"bytes"
	"context"
	"fmt"

	"wardroom/server/bundletest"
	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// A StoredLog is a log as it is stored, opened.
type StoredLog struct {
	Origin  string
	Entries []*evidence.Whole
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
	for _, w := range l.Entries {
		if err := b.Whole(w); err != nil {
			return nil, nil, err
		}
	}
	err = b.Close()
	return out.Bytes(), policy, err
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
	if r.Verdict != evidence.VerdictValid {
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
