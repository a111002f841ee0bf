package witness

import "fmt"

// spare is how many bytes must be free on the store's disk before anything is
// written: an upload, what it changes of the tree of hashes and of the file
// twice over. A variable, for tests of what happens without it.
var spare uint64 = 32 << 20

// room refuses to write where there is too little of it. A disk that is found
// full in the middle of a write leaves a store that must be opened anew.
func (w *Witness) room() error {
	free, err := freeBytes(w.o.Dir)
	if err != nil {
		return err
	}
	if free < spare {
		return fmt.Errorf("%w: %d bytes", errFull, free)
	}
	return nil
}
