package evidence

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"sync"
)

// A batch is some consecutive leaves with the lines of their openings: what one
// goroutine hashes and checks at a time.
const (
	batchLeaves = 1024
	batchBytes  = 1 << 20 // of lines; one line may take a batch beyond it
	batches     = 6       // in memory at once
)

type batch struct {
	first  uint64 // entry
	leaves []byte
	lines  []byte
	ends   []int    // of the lines, which stand there without their newlines
	seqs   []uint64 // their entries, ascending
	line   uint64   // number of the first line in its file
	done   chan struct{}

	// What checking makes of it.
	hashes [][32]byte
	facts  []facts  // one a line
	bad    *Finding // the least
	err    error    // the first line that is none
}

func (b *batch) reset(first, line uint64) {
	b.first, b.line, b.bad, b.err = first, line, nil, nil
	b.leaves, b.lines, b.ends, b.seqs, b.hashes, b.facts = b.leaves[:0], b.lines[:0], b.ends[:0], b.seqs[:0], b.hashes[:0], b.facts[:0]
	b.done = make(chan struct{})
}

// scan goes through leaves, openings and withheld lines in lockstep.
type scan struct {
	v      *verification
	replay *replay

	leaves   uint64
	frontier Frontier
	mark     int // the next of the verification's marks
	withheld withheldLines
	progress int64
}

func (s *scan) run() error {
	v := s.v
	size := v.a.files[fileLeaves].size
	s.leaves = uint64(size / int64(LeafSize))
	s.withheld = withheldLines{lines: newLines(v.a, fileWithheld, maxLine), scan: s}
	r := v.report
	r.Counts.Leaves = s.leaves
	if s.leaves > 0 {
		r.Head = s.leaves - 1
	}
	if size%int64(LeafSize) != 0 {
		v.tampered(s.leaves, Header, "the leaves end within this one")
	}
	if s.leaves < v.seal.Size {
		v.tampered(s.leaves, Header, "it was sealed, and is not there")
	} else {
		r.Counts.Tail = s.leaves - v.seal.Size
	}

	stop := make(chan struct{})
	free, todo, ordered := make(chan *batch, batches), make(chan *batch, batches), make(chan *batch, batches)
	for range batches {
		free <- &batch{}
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(stop)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			c := checker{committer: newCommitter(v.origin)}
			for b := range todo {
				c.check(b)
				close(b.done)
			}
		})
	}
	var failed error
	wg.Go(func() {
		defer close(ordered)
		defer close(todo)
		failed = s.read(free, stop, func(b *batch) {
			todo <- b
			ordered <- b
		})
	})

	for b := range ordered {
		<-b.done
		if err := v.ctx.Err(); err != nil {
			return err
		}
		if err := s.collect(b); err != nil {
			return err
		}
		free <- b
	}
	if failed != nil {
		return failed
	}
	s.meet()
	return s.withheld.rest()
}

// read cuts the files into batches until they end or nobody waits for more.
func (s *scan) read(free <-chan *batch, stop <-chan struct{}, send func(*batch)) error {
	leaves := s.v.a.open(fileLeaves)
	in := newLines(s.v.a, fileOpenings, maxLine)
	seq, line, err := nextOpening(in, -1)
	if err != nil {
		return err
	}
	for first := uint64(0); first < s.leaves || line != nil; {
		var b *batch
		select {
		case b = <-free:
		case <-stop:
			return nil
		}
		b.reset(first, in.n)
		next := first
		for len(b.lines) < batchBytes && next-first < batchLeaves {
			if line != nil && (seq == next || next == s.leaves) {
				b.lines = append(b.lines, line...)
				b.ends, b.seqs = append(b.ends, len(b.lines)), append(b.seqs, seq)
				if seq, line, err = nextOpening(in, int64(seq)); err != nil {
					return err
				}
			}
			if next < s.leaves {
				next++
			} else if line == nil {
				break
			}
		}
		n := int(next-first) * LeafSize
		if cap(b.leaves) < n {
			b.leaves = make([]byte, batchLeaves*LeafSize)
		}
		b.leaves = b.leaves[:n]
		if _, err := io.ReadFull(leaves, b.leaves); err != nil {
			return err
		}
		first = next
		send(b)
	}
	return nil
}

// nextOpening returns the next line and its entry, which must come after last;
// a nil line is the end.
func nextOpening(in *lines, last int64) (uint64, []byte, error) {
	line, err := in.next()
	if err != nil || line == nil {
		return 0, nil, err
	}
	seq, ok := lineSeq(line)
	if !ok {
		return 0, nil, in.bad("it is not the opening of an entry")
	}
	if int64(seq) <= last {
		return 0, nil, in.bad("it is of an entry that should stand before it")
	}
	return seq, line, nil
}

// A checker hashes and checks batches, one after the other.
type checker struct {
	*committer
	line shown
	buf  []byte
}

func (c *checker) check(b *batch) {
	head := append([]byte(leafPrefix), make([]byte, 8)...)
	head = append(head, c.origin[:]...)
	n := len(b.leaves) / LeafSize
	for i := range n {
		leaf := b.leaves[i*LeafSize:][:LeafSize]
		c.buf = append(append(c.buf[:0], 0), leaf...) // RFC 6962, section 2.1
		b.hashes = append(b.hashes, c.hash(c.buf))
		binary.BigEndian.PutUint64(head[len(leafPrefix):], b.first+uint64(i))
		if b.bad == nil && !bytes.Equal(head, leaf[:leafHeader]) {
			b.bad = &Finding{b.first + uint64(i), Header, "what stands here is not the leaf of this entry of this log"}
		}
	}
	start := 0
	for i, end := range b.ends {
		line := b.lines[start:end]
		start = end
		if !c.line.parse(line) {
			if b.err == nil {
				b.err = &Unreadable{File: fileOpenings, Line: b.line + uint64(i), What: "it is not the opening of an entry, in the one form it may have"}
			}
			return
		}
		b.facts = append(b.facts, facts{})
		b.facts[i].read(&c.line)
		seq := b.seqs[i]
		if seq >= b.first+uint64(n) { // of an entry that is not there
			if f := (&Finding{seq, Header, "it is shown, and there is no such entry"}); f.less(b.bad) {
				b.bad = f
			}
			continue
		}
		if b.bad != nil && b.bad.Seq <= seq {
			continue
		}
		if slot := c.committer.check(&c.line, b.leaves[int(seq-b.first)*LeafSize:][:LeafSize]); slot < Slots {
			b.bad = &Finding{seq, slot, "what is shown is not what was written: the leaf commits to something else"}
		}
	}
}

// collect takes the batches in order.
func (s *scan) collect(b *batch) error {
	if b.err != nil {
		return b.err
	}
	v := s.v
	if b.bad != nil {
		v.tampered(b.bad.Seq, b.bad.Slot, b.bad.What)
	}
	counts := &v.report.Counts
	none := facts{bad: Slots}
	line := 0
	for i, hash := range b.hashes {
		seq := b.first + uint64(i)
		f := &none
		if line < len(b.seqs) && b.seqs[line] == seq {
			f = &b.facts[line]
			line++
		}
		s.meet()
		s.frontier.Append(hash)
		if err := s.withheld.entry(seq, f.mask); err != nil {
			return err
		}
		s.replay.entry(seq, f)
		v.listed.add(seq, f.files)
		switch f.mask {
		case 1<<Slots - 1:
			counts.Open++
		case 0:
			counts.Withheld++
		default:
			counts.Part++
		}
	}
	if v.o.Progress != nil {
		s.progress += int64(len(b.leaves) + len(b.lines))
		v.o.Progress(s.progress, v.total)
	}
	return nil
}

// meet compares the checkpoints of the size reached.
func (s *scan) meet() {
	for s.mark < len(s.v.marks) && s.v.marks[s.mark].Size == s.frontier.Size() {
		m := &s.v.marks[s.mark]
		m.met, m.agrees = true, m.Root == s.frontier.Root()
		s.mark++
	}
}

// withheldLines follows the entries with the lines about what is withheld.
type withheldLines struct {
	lines *lines
	scan  *scan

	begun   bool
	pending *Withheld // the next line; nil: there is none
	last    *Withheld
	until   [Slots]uint64 // per slot, the first entry that no line so far lists
	mask    uint8         // slots listed at the entry reached …
	change  uint64        // … and below this one
	erased  uint64        // 1 + the last entry counted as erased
}

// next reads a line ahead.
func (w *withheldLines) next() error {
	w.last, w.pending, w.begun = w.pending, nil, true
	line, err := w.lines.next()
	if err != nil || line == nil {
		return err
	}
	p, err := ParseWithheld(line)
	if err != nil {
		return w.lines.bad("it is not a line about what is withheld, in the one form it may have")
	}
	if w.last != nil && !w.last.before(p) {
		return w.lines.bad("it should stand before the line above it")
	}
	w.pending = p
	return nil
}

// entry takes an entry, of which these slots are shown.
func (w *withheldLines) entry(seq uint64, shown uint8) error {
	if !w.begun {
		if err := w.next(); err != nil {
			return err
		}
	}
	if w.pending != nil && w.pending.First <= seq || seq >= w.change {
		if err := w.move(seq); err != nil {
			return err
		}
	}
	v := w.scan.v
	if both := shown & w.mask; both != 0 {
		return &Unreadable{File: fileWithheld, What: fmt.Sprintf("entry %d: a slot of it is listed, and shown as well", seq)}
	}
	if missing := ^(shown | w.mask); missing != 0 && v.missing == nil {
		v.missing = &Finding{seq, bits.TrailingZeros8(missing), "it is neither shown nor listed as withheld"}
	}
	return nil
}

// move takes the lines that begin at the entry and finds which slots they list.
func (w *withheldLines) move(seq uint64) error {
	for w.pending != nil && w.pending.First <= seq {
		if err := w.take(w.pending); err != nil {
			return err
		}
		if err := w.next(); err != nil {
			return err
		}
	}
	w.mask, w.change = 0, maxEntry+1
	for i, until := range w.until {
		if until > seq {
			w.mask |= 1 << i
			w.change = min(w.change, until)
		}
	}
	return nil
}

func (w *withheldLines) take(p *Withheld) error {
	v := w.scan.v
	for _, i := range p.Slots {
		if p.First < w.until[i] {
			return &Unreadable{File: fileWithheld, Line: w.lines.n, What: "it lists a slot that a line above it lists"}
		}
		w.until[i] = p.Last + 1
	}
	if p.Last >= w.scan.leaves {
		v.tampered(max(p.First, w.scan.leaves), Header, "it is listed as withheld, and there is no such entry")
	}
	if p.Why != Erased {
		v.report.Withheld = append(v.report.Withheld, *p)
		return nil
	}
	v.report.Erased = append(v.report.Erased, *p)
	w.scan.replay.erasure(p)
	if w.erased != p.First+1 {
		w.erased = p.First + 1
		v.report.Counts.Erased++
	}
	return nil
}

// rest takes the lines that no entry was met for.
func (w *withheldLines) rest() error {
	if !w.begun {
		if err := w.next(); err != nil {
			return err
		}
	}
	for w.pending != nil {
		if err := w.take(w.pending); err != nil {
			return err
		}
		if err := w.next(); err != nil {
			return err
		}
	}
	return nil
}
