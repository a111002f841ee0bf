package bundletest

import (
	"fmt"
	"io"
	"time"

	"wardroom/server/evidence"
)

// Long writes a bundle of that many entries, all shown but one in a hundred,
// whose text is withheld: messages as people write them, sealed every 500.
// Nothing of it is kept in memory but the frontier.
func Long(w io.Writer, scratch evidence.Scratch, entries int) (*evidence.Policy, error) {
	r := NewRoom(3, 1)
	var f evidence.Frontier
	var earlier [][]byte
	origin := evidence.OriginOf(r.Origin)
	entry := func(seq int) *evidence.Whole {
		if seq < 3 {
			return r.Entries[seq]
		}
		at := Began.UnixMilli() + int64(seq)*7000
		e := &evidence.Whole{Seq: uint64(seq), Seed: evidence.Seed(evidence.LeafHash(fmt.Append(nil, seq)))}
		e.Values = evidence.Values{
			slotKind:      fmt.Appendf(nil, `{"kind":"message.posted","root":%d}`, seq),
			slotActor:     []byte(`{"member":1,"org":"DSC","role":"lead"}`),
			slotTimes:     []byte(`{"recorded":"` + instant(at) + `"}`),
			slotMarking:   []byte(`{"audience":{"kind":"room"},"originator":"DSC","tlp":"AMBER+STRICT"}`),
			slotBody:      fmt.Appendf(nil, `{"text":"Number %d. The pathology system is back on the isolated network; \"read only\" until the supplier has confirmed that the scheduled task is gone from all three hosts. Next check at half past."}`, seq),
			slotAuthority: []byte(`{"key":"01JZ3QXK8Z4T4P6W9C2M5N7B1V"}`),
		}
		return e
	}
	for seq := range entries {
		e := entry(seq)
		f.Append(evidence.LeafHash(evidence.AppendLeaf(nil, origin, e.Seq, e.Seed, &e.Values)))
		if size := seq + 1; size%500 == 0 && size < entries && len(earlier) < 200 {
			earlier = append(earlier, Sign(evidence.Checkpoint{Origin: r.Origin, Size: f.Size(), Root: f.Root()}, r.Notary, r.Witness))
		}
	}
	note := Sign(evidence.Checkpoint{Origin: r.Origin, Size: f.Size(), Root: f.Root()}, r.Notary, r.Witness)
	b, err := evidence.NewBundleWriter(w, scratch, evidence.BundleHead{Readme: "A long bundle.\n", Policy: r.Policy(), Checkpoint: note, Earlier: earlier,
		Leaves: uint64(entries), Info: evidence.BundleInfo{Section: 1, To: uint64(entries - 1)}})
	if err != nil {
		return nil, err
	}
	for seq := range entries {
		e := entry(seq)
		if err := b.Leaf(evidence.AppendLeaf(nil, origin, e.Seq, e.Seed, &e.Values)); err != nil {
			return nil, err
		}
	}
	for seq := range entries {
		e := entry(seq)
		if seq%100 == 99 {
			err = b.Partial(e.Partial(0, 1, 2, 3, 5, 6, 7))
		} else {
			err = b.Whole(e)
		}
		if err != nil {
			return nil, err
		}
	}
	for seq := 99; seq < entries; seq += 100 {
		if err := b.Withheld(&evidence.Withheld{First: uint64(seq), Last: uint64(seq), Slots: []int{slotBody}, Why: evidence.Redacted, Ground: "s.40(2)"}); err != nil {
			return nil, err
		}
	}
	return r.Policy(), b.Close()
}

func instant(ms int64) string {
	return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z")
}
