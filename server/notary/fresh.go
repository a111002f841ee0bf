package notary

import (
	"bytes"
	"sync"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// fresh are the checkpoints that this node has signed and stored last, with
// what the witness is shown along with them, until it has signed too: the node
// that asks the witness has most often read all of it a moment ago. It may be
// forgotten at any time, and what another node has signed is not in it.
type fresh struct {
	mu sync.Mutex
	of map[incident.LogID]*drawn
}

// drawn is one of them. Nothing of it changes.
type drawn struct {
	checkpoint evidence.Checkpoint
	key        int    // the generation that signed it
	signed     []byte // the note
	frontier   []byte
	from       uint64 // the first of the leaves
	leaves     []byte
	tiles      map[at][]byte // the newest ones of the tree
}

// What is kept of the fresh ones is bounded: some 20 KB each, and most often
// less than half of that.
const (
	freshLogs   = 1024
	freshLeaves = 16 << 10 // bytes of one log
)

// keep takes in what has been stored.
func (f *fresh) keep(list []*state, key int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range list {
		if s.signed == nil {
			continue
		}
		if len(f.of) >= freshLogs {
			clear(f.of)
		}
		d := &drawn{checkpoint: s.checkpoint(), key: key, signed: s.signed, frontier: s.frontier, from: s.now.Size(), tiles: s.tree.newest()}
		if len(s.leaves) <= freshLeaves {
			d.from, d.leaves = s.size, s.leaves
			// The witness may not have been shown the one before.
			if old := f.of[s.id]; old != nil && old.checkpoint.Size == s.size && len(old.leaves)+len(s.leaves) <= freshLeaves {
				d.from, d.leaves = old.from, append(bytes.Clone(old.leaves), s.leaves...)
			}
		}
		f.of[s.id] = d
	}
}

// find returns what is known of the newest checkpoint of a log, if that is the
// one the database has.
func (f *fresh) find(l waiting) *drawn {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.of[l.id]
	if d == nil || d.checkpoint.Size != l.signed || !bytes.Equal(d.frontier, l.frontier) {
		return nil
	}
	return d
}

// drop forgets a checkpoint that is cosigned, unless there is a newer one.
func (f *fresh) drop(log incident.LogID, size uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d := f.of[log]; d != nil && d.checkpoint.Size <= size {
		delete(f.of, log)
	}
}

// leavesOf returns the leaves from there on to the checkpoint; nil if they are
// not all here.
func (d *drawn) leavesOf(from uint64) []byte {
	if d == nil || from < d.from || from >= d.checkpoint.Size {
		return nil
	}
	return d.leaves[(from-d.from)*uint64(evidence.LeafSize):]
}

// answer makes the proof if the tiles that it takes are here.
func (d *drawn) answer(p *proving) bool {
	for _, x := range p.names {
		h, ok := d.tiles[x]
		if !ok {
			return false
		}
		p.stored[x] = h
	}
	return p.finish() == nil
}
