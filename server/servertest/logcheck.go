package servertest

import (
	"bytes"
	"fmt"

	"wardroom/server/evidence"
	"wardroom/server/incident"
	"wardroom/server/vault"
)

// logCheck checks a log entry by entry, as storage has it.
type logCheck struct {
	origin   evidence.Origin
	key      *vault.Key
	next     uint64
	last     incident.Instant
	frontier evidence.Frontier
}

func (c *logCheck) entry(seq uint64, leaf []byte, root incident.Seq, sealed []byte) (*TrueEntry, error) {
	if seq != c.next {
		return nil, fmt.Errorf("entry %d follows where %d should", seq, c.next)
	}
	c.next++
	at, err := unseal(c.key, c.origin, seq, sealed)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", seq, err)
	}
	at.Leaf = leaf
	if err := at.Check(c.origin); err != nil {
		return nil, err
	}
	for slot, v := range at.Values() {
		if len(v) > 0 {
			if err := evidence.CheckSorted(v); err != nil {
				return nil, fmt.Errorf("entry %d slot %d: %w", seq, slot, err)
			}
		}
	}
	e, err := incident.Decode(incident.Seq(seq), incident.Values(at.Values()))
	if err != nil {
		return nil, err
	}
	if e.Root != root {
		return nil, fmt.Errorf("entry %d is stored under root %d and says %d", seq, root, e.Root)
	}
	if e.Times.Recorded.Before(c.last.Time) {
		return nil, fmt.Errorf("entry %d was recorded before the one above it", seq)
	}
	c.last = e.Times.Recorded
	c.frontier.Append(evidence.LeafHash(leaf))
	return &at, nil
}

func (c *logCheck) end(size uint64, stored []byte) error {
	if size != c.next {
		return fmt.Errorf("the head says %d entries, the log has %d", size, c.next)
	}
	b, err := c.frontier.MarshalBinary()
	if err != nil {
		return err
	}
	if !bytes.Equal(b, stored) {
		return fmt.Errorf("the stored frontier is not that of the leaves")
	}
	return nil
}
