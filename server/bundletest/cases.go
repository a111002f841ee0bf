package bundletest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"wardroom/server/evidence"
)

// A Case is a bundle, what is asked of it, and what a verifier must answer.
type Case struct {
	Name      string // a file name
	Bundle    []byte
	Policy    []byte // nil: none is given
	Since     []byte // nil: none is given
	MinSize   uint64
	NotBefore time.Time
	Verdict   evidence.Verdict
	First     *Place // nil: none
}

// A Place is where a verifier must say that something is wrong.
type Place struct {
	Seq  uint64
	Slot int
}

// Cases are all there are, in order; the same each time.
func Cases() []Case {
	var l list
	l.valid()
	l.withheld()
	l.erased()
	l.asked()
	l.keys()
	l.incomplete()
	l.leaves()
	l.openings()
	l.checkpoints()
	l.contradictions()
	l.files()
	l.unreadable()
	return l
}

type list []Case

func (l *list) add(name string, b []byte, verdict evidence.Verdict, first *Place, change ...func(*Case)) {
	c := Case{Name: fmt.Sprintf("%03d-%s", len(*l), name), Bundle: b, Policy: []byte(policy()), Verdict: verdict, First: first}
	for _, f := range change {
		f(&c)
	}
	*l = append(*l, c)
}

// policy is that of every room here.
func policy() string {
	r := Room{Notary: NewNotary(Deployment, 1), Witness: NewWitness("ncsc.example")}
	return r.Policy().String()
}

func at(seq, slot int) *Place { return &Place{uint64(seq), slot} }

var every = []int{0, 1, 2, 3, 4, 5, 6, 7}

func (l *list) valid() {
	for i, n := range []int{3, 4, 7, 8, 9, 16, 33, 64, 100, 200} {
		r := NewRoom(n, uint64(i))
		l.add(fmt.Sprintf("valid-%d", n), Recipe{Room: r, Show: All, Earlier: []int{1, n/2 + 1}}.Make(), evidence.VerdictValid, nil)
		l.add(fmt.Sprintf("tail-%d", n), Recipe{Room: r, Show: All, Sealed: n - 1}.Make(), evidence.VerdictUnsealed, nil)
	}
	r := NewRoom(1300, 99)
	l.add("valid-1300", Recipe{Room: r, Show: All, Earlier: []int{1, 600, 1200}}.Make(), evidence.VerdictValid, nil)
	r = NewRoom(30, 98).Attach(12, "a file").Attach(20, "a file")
	l.add("with-files", Recipe{Room: r, Show: All, Files: someFiles()}.Make(), evidence.VerdictValid, nil)
	l.add("a-file-withheld-with-its-slot", Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{0, 1, 2, 3, 4, 5, 7}, w.Seq != 12 && w.Seq != 20 }, Files: someFiles()[1:],
		Withheld: []*evidence.Withheld{{First: 12, Last: 12, Slots: []int{6}, Why: evidence.Redacted}, {First: 20, Last: 20, Slots: []int{6}, Why: evidence.Redacted}}}.Make(), evidence.VerdictValid, nil)
	r = NewRoom(30, 98)
	old, now := NewNotary(Deployment, 1), NewNotary(Deployment, 2)
	p, err := evidence.NewPolicy([]evidence.Generation{old.Generation(0, 15), now.Generation(16, 0)}, []evidence.Witness{r.Witness.Witness()})
	must(err)
	rotated := Recipe{Room: r, Show: All, Earlier: []int{15}, Notes: map[int][]byte{30: Sign(r.Checkpoint(30), now, r.Witness)}, Policy: p}.Make()
	l.add("keys-changed", rotated, evidence.VerdictValid, nil, func(c *Case) { c.Policy = []byte(p.String()) })
	l.add("new-keys-not-in-the-policy", rotated, evidence.VerdictUntrusted, nil)
}

func someFiles() []File {
	return []File{{"attachments/" + Hex("a file"), "a file"}, {"record.html", "<p>a record"}, {"record.csv", "a,record\n"}, {"verify.html", "<p>a page"}}
}

// conceal decides, for each entry, which slots are shown, and lists the others.
func conceal(r *Room, rnd *rand.Rand, share float64) Recipe {
	shown := map[uint64][]int{}
	whole := map[uint64]bool{}
	var lines []*evidence.Withheld
	whys := []evidence.Why{evidence.Redacted, evidence.Kept, evidence.Unanswered, evidence.Audience}
	for _, w := range r.Entries {
		if rnd.Float64() >= share {
			whole[w.Seq] = true
			continue
		}
		var hidden []int
		for i := range every {
			if rnd.IntN(2) == 0 {
				hidden = append(hidden, i)
			} else {
				shown[w.Seq] = append(shown[w.Seq], i)
			}
		}
		if len(hidden) == 0 {
			continue
		}
		line := &evidence.Withheld{First: w.Seq, Last: w.Seq, Slots: hidden, Why: whys[rnd.IntN(len(whys))], Ground: "s.40(2)", Reason: texts[rnd.IntN(len(texts))]}
		if line.Why == evidence.Redacted && slices.Contains(hidden, slotBody) {
			line.Redacted = map[string]string{"4": "A member of staff [name removed] rang."}
		}
		if rnd.IntN(3) == 0 && len(hidden) > 1 { // two lines about one entry
			rest := *line
			rest.Slots, rest.Redacted, line.Redacted = hidden[1:], nil, nil
			line.Slots = hidden[:1]
			lines = append(lines, line, &rest)
			continue
		}
		lines = append(lines, line)
	}
	return Recipe{Room: r, Withheld: lines, Show: func(w *evidence.Whole) ([]int, bool) { return shown[w.Seq], whole[w.Seq] }}
}

func (l *list) withheld() {
	for i := range 24 {
		rnd := rand.New(rand.NewPCG(uint64(i), 2))
		r := NewRoom(4+rnd.IntN(60), uint64(100+i))
		recipe := conceal(r, rnd, []float64{0.1, 0.5, 1}[i%3])
		verdict := evidence.VerdictValid
		if i%4 == 0 {
			recipe.Sealed, verdict = len(r.Entries)-1, evidence.VerdictUnsealed
		}
		l.add("redacted", recipe.Make(), verdict, nil)
	}
	for i := range 6 {
		r := NewRoom(40, uint64(200+i))
		from, to := uint64(5*i), uint64(35-i)
		var lines []*evidence.Withheld
		if from > 0 {
			lines = append(lines, &evidence.Withheld{First: 0, Last: from - 1, Slots: every, Why: evidence.OutOfRange})
		}
		lines = append(lines, &evidence.Withheld{First: to + 1, Last: 39, Slots: every, Why: evidence.OutOfRange})
		l.add("range", Recipe{Room: r, Withheld: lines, Show: func(w *evidence.Whole) ([]int, bool) {
			return nil, from <= w.Seq && w.Seq <= to
		}}.Make(), evidence.VerdictValid, nil)
	}
	r := NewRoom(20, 210)
	l.add("nothing-shown", Recipe{Room: r, Show: func(*evidence.Whole) ([]int, bool) { return nil, false },
		Withheld: []*evidence.Withheld{{First: 0, Last: 19, Slots: every, Why: evidence.Audience}}}.Make(), evidence.VerdictValid, nil)
	// A range of one slot, and within it another slot of one entry.
	l.add("lines-side-by-side", Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) {
		if w.Seq == 7 {
			return []int{0, 1, 2, 3, 5, 6}, false
		}
		return []int{0, 1, 2, 3, 4, 5, 6}, false
	}, Withheld: []*evidence.Withheld{{First: 0, Last: 19, Slots: []int{7}, Why: evidence.Audience}, {First: 7, Last: 7, Slots: []int{4}, Why: evidence.Redacted}}}.Make(), evidence.VerdictValid, nil)
}

// erasure makes a bundle of a room whose entry gone was erased in these slots;
// said is the body of the entry that says so.
func erasure(gone int, slots []int, said string, line func(*evidence.Withheld), showEvent bool) []byte {
	r := NewRoom(12, 300+uint64(gone))
	event := r.Add(fmt.Sprintf(`{"kind":"entry.erased","root":%d}`, len(r.Entries)), `{}`, said)
	r.Add(`{"kind":"message.posted","root":13}`, `{"member":1}`, `{"text":"after"}`)
	w := &evidence.Withheld{Event: event.Seq, First: uint64(gone), Last: uint64(gone), Slots: slots, Why: evidence.Erased, Ground: "court order"}
	if line != nil {
		line(w)
	}
	lines := []*evidence.Withheld{w}
	if !showEvent {
		lines = append(lines, &evidence.Withheld{First: event.Seq, Last: event.Seq, Slots: []int{4}, Why: evidence.Redacted})
	}
	return Recipe{Room: r, Withheld: lines, Show: func(e *evidence.Whole) (shown []int, whole bool) {
		switch {
		case e.Seq == uint64(gone):
			for i := range every {
				if !slices.Contains(w.Slots, i) {
					shown = append(shown, i)
				}
			}
			return shown, false
		case e.Seq == event.Seq && !showEvent:
			return []int{0, 1, 2, 3, 5, 6, 7}, false
		}
		return nil, true
	}}.Make()
}

func erasedBody(gone int, slots string) string {
	return fmt.Sprintf(`{"ask":3,"entry":%d,"ground":"court order","slots":[%s]}`, gone, slots)
}

func (l *list) erased() {
	for gone := 3; gone < 12; gone++ {
		l.add("erased", erasure(gone, []int{4}, erasedBody(gone, "4"), nil, true), evidence.VerdictErased, nil)
		l.add("erased-more", erasure(gone, []int{4, 6}, erasedBody(gone, "4,5,6"), nil, true), evidence.VerdictErased, nil)
	}
	l.add("erased-whole", erasure(5, every, erasedBody(5, "0,1,2,3,4,5,6,7"), nil, true), evidence.VerdictErased, nil)
	for name, b := range inOrder(map[string][]byte{
		"erased-of-another-entry": erasure(5, []int{4}, erasedBody(6, "4"), nil, true),
		"erased-of-another-slot":  erasure(5, []int{4}, erasedBody(5, "6"), nil, true),
		"erased-entry-not-shown":  erasure(5, []int{4}, erasedBody(5, "4"), nil, false),
		"erased-event-other-kind": erasure(5, []int{4}, erasedBody(5, "4"), func(w *evidence.Withheld) { w.Event = 13 }, true),
		"erased-event-not-there":  erasure(5, []int{4}, erasedBody(5, "4"), func(w *evidence.Withheld) { w.Event = 99 }, true),
		"erased-event-before":     erasure(5, []int{4}, erasedBody(5, "4"), func(w *evidence.Withheld) { w.Event = 4 }, true),
		"erased-event-the-same":   erasure(5, []int{4}, erasedBody(5, "4"), func(w *evidence.Withheld) { w.Event = 5 }, true),
	}) {
		l.add(name, b, evidence.VerdictInconsistent, at(5, 4))
	}
	l.add("erased-event-no-record", erasure(5, []int{4}, `{"entry":5,"slots":4}`, nil, true), evidence.VerdictInconsistent, at(5, 4))
}

// inOrder goes through a map by its keys' order.
func inOrder[T any](m map[string]T) func(func(string, T) bool) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return func(yield func(string, T) bool) {
		for _, name := range names {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}

func (l *list) asked() {
	r := NewRoom(50, 400)
	b := Recipe{Room: r, Show: All, Sealed: 40, Earlier: []int{10, 20}}.Make()
	other := NewRoom(60, 401)
	for _, size := range []int{0, 1, 10, 15, 40, 45, 50} {
		l.add("since", b, evidence.VerdictUnsealed, nil, func(c *Case) { c.Since = r.Note(size) })
	}
	longer := NewRoom(60, 400)
	l.add("since-beyond", b, evidence.VerdictOlder, nil, func(c *Case) { c.Since = longer.Note(60) })
	for _, x := range []struct{ size, agreed int }{{5, 0}, {10, 10}, {15, 10}, {40, 40}, {45, 40}} {
		l.add("since-a-fork", b, evidence.VerdictInconsistent, at(x.agreed, -1), func(c *Case) { c.Since = other.Note(x.size) })
	}
	l.add("min-size", b, evidence.VerdictUnsealed, nil, func(c *Case) { c.MinSize = 40 })
	l.add("min-size-tail-does-not-count", b, evidence.VerdictOlder, nil, func(c *Case) { c.MinSize = 41 })
	l.add("not-before", b, evidence.VerdictUnsealed, nil, func(c *Case) { c.NotBefore = SealedAt(40) })
	l.add("not-before-later", b, evidence.VerdictOlder, nil, func(c *Case) { c.NotBefore = SealedAt(40).Add(time.Second) })
}

func (l *list) keys() {
	r := NewRoom(20, 500)
	none := func(c *Case) { c.Policy = nil }
	l.add("no-policy", Recipe{Room: r, Show: All}.Make(), evidence.VerdictUntrusted, nil, none)
	l.add("no-policy-tail", Recipe{Room: r, Show: All, Sealed: 10}.Make(), evidence.VerdictUntrusted, nil, none)
	false1, false2 := NewNotary("evil.example", 1), NewWitness("evil.example")
	x, err := evidence.NewPolicy([]evidence.Generation{false1.Generation(0, 0)}, []evidence.Witness{false2.Witness()})
	must(err)
	c := r.Checkpoint(20)
	for name, note := range inOrder(map[string][]byte{
		"signed-by-others":     Sign(c, false1, false2),
		"no-witness":           Sign(c, r.Notary),
		"witness-alone":        Sign(c, r.Witness),
		"another-witness":      Sign(c, r.Notary, false2),
		"another-notary":       Sign(c, false1, r.Witness),
		"a-signature-too-many": nil,
	}) {
		if note == nil {
			l.add(name, Recipe{Room: r, Show: All, Notes: map[int][]byte{20: Sign(c, r.Notary, r.Witness, false2)}}.Make(), evidence.VerdictValid, nil)
			continue
		}
		l.add(name, Recipe{Room: r, Show: All, Notes: map[int][]byte{20: note}, Policy: x}.Make(), evidence.VerdictUntrusted, nil)
	}
	good := string(r.Note(20))
	for i := range 4 { // one signature line taken off, or another's on the text of this one
		lines := strings.SplitAfter(good, "\n")
		sig := 4 + i
		stripped := strings.Join(slices.Delete(slices.Clone(lines), sig, sig+1), "")
		l.add("a-signature-stripped", Recipe{Room: r, Show: All, Notes: map[int][]byte{20: []byte(stripped)}}.Make(), evidence.VerdictUntrusted, nil)
		swapped := slices.Clone(lines)
		swapped[sig] = strings.SplitAfter(string(r.Note(19)), "\n")[sig]
		l.add("a-signature-of-another-note", Recipe{Room: r, Show: All, Notes: map[int][]byte{20: []byte(strings.Join(swapped, ""))}}.Make(), evidence.VerdictUntrusted, nil)
	}
	l.add("an-earlier-one-unsigned", Recipe{Room: r, Show: All, Earlier: []int{5, 9}, Notes: map[int][]byte{5: Sign(r.Checkpoint(5), r.Notary)}}.Make(), evidence.VerdictUntrusted, nil)
	alone, err := evidence.NewPolicy([]evidence.Generation{r.Notary.Generation(0, 0)}, nil)
	must(err)
	l.add("a-policy-without-a-witness", Recipe{Room: r, Show: All}.Make(), evidence.VerdictValid, nil, func(c *Case) { c.Policy = []byte(alone.String()) })
	l.add("no-witness-no-time", Recipe{Room: r, Show: All}.Make(), evidence.VerdictOlder, nil, func(c *Case) {
		c.Policy, c.NotBefore = []byte(alone.String()), Began
	})
	small, err := evidence.NewPolicy([]evidence.Generation{r.Notary.Generation(0, 19)}, []evidence.Witness{r.Witness.Witness()})
	must(err)
	l.add("the-keys-end-before", Recipe{Room: r, Show: All}.Make(), evidence.VerdictUntrusted, nil, func(c *Case) { c.Policy = []byte(small.String()) })
}

func (l *list) incomplete() {
	for i := range 8 {
		r := NewRoom(30, uint64(600+i))
		gone := 3 + 3*i
		b := Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return nil, w.Seq != uint64(gone) }}.Make()
		l.add("an-opening-left-out", b, evidence.VerdictIncomplete, at(gone, 0))
		b = Recipe{Room: r, Show: func(w *evidence.Whole) ([]int, bool) { return []int{0, 1, 2, 3, 5, 6, 7}, w.Seq != uint64(gone) },
			Withheld: []*evidence.Withheld{{First: uint64(gone), Last: uint64(gone), Slots: []int{4}, Why: evidence.Redacted}}}.Make()
		l.add("a-line-left-out", Change(b, "withheld.jsonl", func(string) string { return "" }), evidence.VerdictIncomplete, at(gone, 4))
	}
	r := NewRoom(10, 620).Attach(6, "a file").Attach(8, "a file")
	b := Recipe{Room: r, Show: All, Files: someFiles()}.Make()
	files := slices.DeleteFunc(Unpack(b), func(f File) bool { return strings.HasPrefix(f.Name, "attachments/") })
	l.add("an-attachment-left-out", Pack(Sums(files)), evidence.VerdictIncomplete, at(6, 6))
	l.add("an-attachment-left-out-and-not-announced", Recipe{Room: r, Show: All, Files: someFiles()[1:]}.Make(), evidence.VerdictIncomplete, at(6, 6))
}

func (l *list) leaves() {
	const size = evidence.LeafSize
	for i := range 12 {
		rnd := rand.New(rand.NewPCG(uint64(i), 3))
		r := NewRoom(40, uint64(700+i))
		earlier := []int{10, 25}
		b := Recipe{Room: r, Show: All, Earlier: earlier}.Make()
		n := rnd.IntN(39)
		leaf := func(edit func(leaves []byte) []byte) []byte {
			return Change(b, "leaves.bin", func(s string) string { return string(edit([]byte(s))) })
		}
		slot := rnd.IntN(8)
		l.add("leaf-commitment-turned", leaf(func(b []byte) []byte { b[n*size+51+32*slot+rnd.IntN(32)] ^= 1 << rnd.IntN(8); return b }), evidence.VerdictTampered, at(n, slot))
		l.add("leaf-head-turned", leaf(func(b []byte) []byte { b[n*size+rnd.IntN(51)] ^= 1 << rnd.IntN(8); return b }), evidence.VerdictTampered, at(n, -1))
		l.add("leaf-dropped", leaf(func(b []byte) []byte { return slices.Delete(b, n*size, (n+1)*size) }), evidence.VerdictTampered, at(n, -1))
		l.add("leaf-twice", leaf(func(b []byte) []byte { return slices.Insert(b, (n+1)*size, b[n*size:][:size]...) }), evidence.VerdictTampered, at(n+1, -1))
		if i > 5 {
			continue
		}
		l.add("leaves-swapped", leaf(func(b []byte) []byte {
			x := bytes.Clone(b[n*size:][:size])
			copy(b[n*size:], b[(n+1)*size:][:size])
			copy(b[(n+1)*size:], x)
			return b
		}), evidence.VerdictTampered, at(n, -1))
		l.add("leaves-cut", leaf(func(b []byte) []byte { return b[:(n+1)*size-1-rnd.IntN(size-1)] }), evidence.VerdictTampered, at(n, -1))
		// Nothing of the entry is shown: the seals around it say where it must be.
		hidden := Recipe{Room: r, Earlier: earlier, Show: func(w *evidence.Whole) ([]int, bool) { return nil, w.Seq != uint64(n) },
			Withheld: []*evidence.Withheld{{First: uint64(n), Last: uint64(n), Slots: every, Why: evidence.Audience}}}.Make()
		from := 0
		for _, e := range earlier {
			if n >= e {
				from = e
			}
		}
		l.add("leaf-withheld-and-turned", Change(hidden, "leaves.bin", func(s string) string {
			b := []byte(s)
			b[n*size+51+rnd.IntN(256)] ^= 1
			return string(b)
		}), evidence.VerdictTampered, at(from, -1))
	}
	r := NewRoom(20, 720)
	tail := Recipe{Room: r, Show: All, Sealed: 15}.Make()
	l.add("unsealed-leaf-turned", Change(tail, "leaves.bin", func(s string) string { return s[:17*size+60] + "x" + s[17*size+61:] }), evidence.VerdictTampered, at(17, 0))
	l.add("unsealed-leaf-dropped", Change(tail, "leaves.bin", func(s string) string { return s[:19*size] }), evidence.VerdictTampered, at(19, -1))
	l.add("no-leaves", Change(tail, "leaves.bin", func(string) string { return "" }), evidence.VerdictTampered, at(0, -1))
}
