package hub

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// An entry is one entry ready to be sent, in each form someone may see it in.
type entry struct {
	seq   incident.Seq
	root  incident.Seq
	facts           // of its root, as they stand
	class class     // what tells its viewers apart
	bytes [3][]byte // by policy.Form

	moves  bool         // it changed who sees its root
	was    *facts       // what they were until then; nil where that is not known
	member incident.Seq // the membership it is about; 0 for none

	noter incident.MemberNo // a note that the roster may hide: who gave it; 0 for anything else
}

// A class is all that the two walls ask of a root: entries of one class are
// seen in one form by any one viewer.
type class struct {
	sight, row trait
	noter      incident.OrgID // of a note that the roster may hide: all that policy.SeesMember asks of who gave it
}

// A trait is what one of them asks.
type trait struct {
	root     incident.Seq // 0: newer than every history start
	standing bool
	sealed   bool // its body travels in no frame
	audience string
}

func newEntry(forms policy.Forms, root incident.Seq, f facts) *entry {
	n := &entry{seq: forms[policy.Stub].Seq(), root: root}
	n.write(forms)
	n.see(f)
	return n
}

// write makes the entry's bytes, in each form.
func (e *entry) write(forms policy.Forms) {
	for form, seen := range forms {
		e.bytes[form] = seen.AppendJSON(make([]byte, 0, 1024))
	}
}

// see sets the facts of the entry's root.
func (e *entry) see(f facts) {
	e.facts = f
	s := f.sight
	e.class = class{sight: trait{root: s.Root, standing: s.Kind.Standing(), sealed: s.TLP == incident.Red || s.Recorded, audience: s.Audience.Key()}, noter: e.class.noter}
	if r := f.row; r != nil {
		e.class.row = trait{root: r.Seq, standing: r.Standing, sealed: r.TLP == incident.Red || r.Recorded, audience: r.Audience.Key()}
	}
}

func (e *entry) size() int { return len(e.bytes[0]) + len(e.bytes[1]) + len(e.bytes[2]) + 256 }

// A ring is a room's newest entries, without holes; the last is the head.
type ring struct {
	entries []*entry
	bytes   int
}

// first returns the oldest number held; one above the head if there is none.
func (r *ring) first(head incident.Seq) incident.Seq { return head + 1 - incident.Seq(len(r.entries)) }

// push adds the next entry and drops the oldest beyond the bounds.
func (r *ring) push(e *entry, limit int) {
	r.entries = append(r.entries, e)
	r.bytes += e.size()
	drop := 0
	for len(r.entries)-drop > limit || r.bytes > ringBytes && len(r.entries)-drop > 1 {
		r.bytes -= r.entries[drop].size()
		drop++
	}
	clear(r.entries[:drop])
	r.entries = r.entries[drop:]
}

// unshift puts entries read from the journal before the oldest; they must
// join on. It reports false, and does nothing, if the bounds do not let them.
func (r *ring) unshift(older []*entry, limit int) bool {
	n := 0
	for _, e := range older {
		n += e.size()
	}
	if len(r.entries)+len(older) > limit || r.bytes+n > ringBytes {
		return false
	}
	r.entries = append(older[:len(older):len(older)], r.entries...)
	r.bytes += n
	return true
}

// erase puts what is left of an entry in its place, if it is held.
func (r *ring) erase(left policy.Forms) {
	seq := left[policy.Stub].Seq()
	for _, e := range r.entries {
		if e.seq == seq {
			r.bytes -= e.size()
			e.write(left)
			r.bytes += e.size()
		}
	}
}

// between returns the entries lo to hi, all of them held.
func (r *ring) between(lo, hi, head incident.Seq) []*entry {
	first := r.first(head)
	return r.entries[lo-first : hi+1-first]
}

// see gives every entry of the root its new facts.
func (r *ring) see(root incident.Seq, f facts) {
	for _, e := range r.entries {
		if e.root == root {
			e.see(f)
		}
	}
}

// A span is a run of the ring as different viewers see it: one set of frames
// per distinct mask, a mask being the form of each class in it.
type span struct {
	entries []*entry
	of      []int    // entry → class
	classes []*entry // one entry of each
	frames  map[string][]message
}

// newSpan sorts the entries into classes. start is the newest history start
// of anybody present, as policy knows it, rows as the rows have it.
func newSpan(entries []*entry, start, rows incident.Seq) *span {
	s := &span{entries: entries, of: make([]int, len(entries)), frames: map[string][]message{}}
	index := map[class]int{}
	for i, e := range entries {
		c := e.class
		if !c.sight.standing && c.sight.root >= start {
			c.sight.root = 0
		}
		if c.row.standing || c.row.root >= rows {
			c.row.root = 0
		}
		n, ok := index[c]
		if !ok {
			n = len(s.classes)
			index[c] = n
			s.classes = append(s.classes, e)
		}
		s.of[i] = n
	}
	return s
}

// fragments returns each entry's bytes for a mask.
func (s *span) fragments(mask []byte) [][]byte {
	f := make([][]byte, len(s.entries))
	for i, e := range s.entries {
		f[i] = e.bytes[mask[s.of[i]]]
	}
	return f
}
