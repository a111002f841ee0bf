package witness

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A finding is a checkpoint the operator signed that this witness refused, as
// it came. It is kept for ever. Whether it proves anything against the operator
// is judged each time it is shown, by the leaves held then: anybody who can
// reach the witness can send a good checkpoint with a wrong proof.
type finding struct {
	At     time.Time      `json:"at"`
	Origin string         `json:"origin"`
	What   string         `json:"what"`
	Size   uint64         `json:"size"`
	Root   tlog.Hash      `json:"root"`
	Note   string         `json:"note"`
	Old    uint64         `json:"old,omitempty"`   // the size it was to follow, or the number of the leaf
	Proof  tlog.TreeProof `json:"proof,omitempty"` // as sent
	Leaf   []byte         `json:"leaf,omitempty"`  // as sent, where another is held
}

// What was found.
const (
	whatContradicts = "contradicts" // its root is not that of the leaves held at its size
	whatUnjoined    = "unjoined"    // what came with it does not lead to it from the leaves held
	whatLeaf        = "leaf"        // it came with another leaf than the one held
)

// maxFindings bounds what cannot be proved against the operator and came from
// anybody, for each log. What the operator's signature proves has no bound.
const maxFindings = 1000

func (s signed) finding(what string) finding {
	return finding{Origin: s.Origin, What: what, Size: s.Size, Root: s.Root, Note: s.bytes()}
}

// with adds what came with the checkpoint.
func (f finding) with(old uint64, proof tlog.TreeProof, leaf []byte) finding {
	f.Old, f.Proof, f.Leaf = old, proof, leaf
	return f
}

// keepFinding stores a finding once.
func (s store) keepFinding(f finding) error {
	f.At = time.Now().UTC().Truncate(time.Second)
	same, err := json.Marshal([]any{f.Origin, f.What, f.Size, f.Root})
	if err != nil {
		return err
	}
	id := sha256.Sum256(same)
	kept := s.tx.Bucket(bKept)
	if kept.Get(id[:]) != nil {
		return nil
	}
	l, err := s.log(f.Origin)
	if err != nil {
		return err
	}
	if f.What != whatContradicts {
		n := number(l.b.Get(kUnproved))
		if n >= maxFindings {
			return nil
		}
		if err := l.b.Put(kUnproved, key(n+1)); err != nil {
			return err
		}
	}
	all := s.tx.Bucket(bEvidence)
	n, err := all.NextSequence()
	if err != nil {
		return err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := kept.Put(id[:], key(n)); err != nil {
		return err
	}
	return all.Put(key(n), b)
}
