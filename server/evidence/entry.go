package evidence

// An Entry is one entry of a log as storage gives it: its leaf, and its
// opening where the reader was let have it. Of an entry from which slots were
// erased there is no whole opening any more, and Erased has what is left; at
// most one of the two is set. Who may read either is kept by the import plan:
// policy, command, journal, vault, projection and this package, nobody else.
type Entry struct {
	Seq     uint64
	Leaf    []byte
	Opening *Whole   // nil: not given out, or slots were erased
	Erased  *Partial // of an entry from which slots were erased: the others
}
