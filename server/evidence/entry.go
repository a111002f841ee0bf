package evidence

// An Entry is one entry of a log as storage gives it: its leaf, and its
// opening where the reader was let have it. Who may read Opening is kept by
// the import plan: policy, command, journal, vault, projection and this
// package, nobody else.
type Entry struct {
	Seq     uint64
	Leaf    []byte
	Opening *Whole // nil: not given out
}
