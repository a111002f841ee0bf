package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"wardroom/server/evidence"
)

// Checker keeps what clients of one room did and saw, and judges it against
// the log as stored:
//
//	C1  numbers are dense from 0
//	C2  every stream is contiguous from where it began, with the log's leaves
//	C3  an acknowledged command stands at its number, once; another, once or never; a refused one, never
//	C4  no entry without a command
//	C5  a command sent after another's answer has a later number
//	C6  nobody received more than the oracle grants
//	C7  nothing reaches a person later than Bound after the answer to their removal
//	C8  replaying what a listener received gives the snapshot at the end (Replay)
//	C9  the stored frontier is that of the stored leaves
//	C10 stubs tell nothing but number and leaf, and are of one size
//
// It is safe for concurrent use until Judge.
type Checker struct {
	From  uint64        // entries below this were there before; C4 does not ask whose they are
	Bound time.Duration // of C7; 0 does not ask
	// Replay folds a listener's frames with the web app's reducer (C8) and
	// returns what differs; nil does not ask.
	Replay func(snapshot json.RawMessage, frames []json.RawMessage, expected json.RawMessage) error

	mu       sync.Mutex
	start    time.Time
	commands map[string]*sent
	streams  []*Stream
}

// sent is one command, however often it was sent.
type sent struct {
	key     string
	called  time.Duration // the first time
	acked   time.Duration // the first answer
	answers []answered
	refused bool // every attempt ended in a refusal
	open    int  // attempts without an answer
}

type answered struct {
	seq   uint64
	count int
}

// Stream is what one listener received from one room, over all its
// connections.
type Stream struct {
	Name     string
	Person   string
	ToEnd    bool            // the listener was waited for: it must have come to the log's end
	Expected json.RawMessage // the snapshot a fresh subscriber got at the end, for C8

	c      *Checker
	after  uint64
	frames []received
}

type received struct {
	at   time.Duration
	asOf uint64 // the head it was judged at; 0 for unknown
	raw  []byte
}

// NewChecker begins a record.
func NewChecker() *Checker {
	return &Checker{start: time.Now(), commands: map[string]*sent{}}
}

// Attempt is one sending of a command.
type Attempt struct {
	c *Checker
	s *sent
}

// Send records that a command is about to be sent, for the first time or
// again.
func (c *Checker) Send(key string) Attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.commands[key]
	if s == nil {
		s = &sent{key: key, called: time.Since(c.start), refused: true}
		c.commands[key] = s
	}
	s.open++
	return Attempt{c, s}
}

// Acked records the answer: the command stands from seq on, as count entries.
func (a Attempt) Acked(seq uint64, count int) {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	if len(a.s.answers) == 0 {
		a.s.acked = time.Since(a.c.start)
	}
	a.s.answers = append(a.s.answers, answered{seq, count})
	a.s.refused = false
	a.s.open--
}

// Refused records a refusal that promises that nothing was stored.
func (a Attempt) Refused() {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	a.s.open--
}

// Lost records that no answer came, or one that promises nothing.
func (a Attempt) Lost() {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	a.s.refused = false
	a.s.open--
}

// Stream records a listener who subscribes after that number.
func (c *Checker) Stream(name, person string, after uint64) *Stream {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &Stream{Name: name, Person: person, c: c, after: after}
	c.streams = append(c.streams, s)
	return s
}

// Frame records a frame as it came. asOf is the head its forms were chosen
// at, where the test knows it; 0 where it does not.
func (s *Stream) Frame(raw []byte, asOf uint64) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.frames = append(s.frames, received{time.Since(s.c.start), asOf, bytes.Clone(raw)})
}

// Finding is one broken promise.
type Finding struct{ Check, Detail string }

func (f Finding) String() string { return f.Check + ": " + f.Detail }

// verdict collects findings, of each kind the first few.
type verdict struct {
	list []Finding
	more map[string]int
}

func (v *verdict) add(check, format string, args ...any) {
	if v.more[check]++; v.more[check] <= 5 {
		v.list = append(v.list, Finding{check, fmt.Sprintf(format, args...)})
	}
}

// Judge returns every promise that was broken.
func (c *Checker) Judge(t *Truth) []Finding {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := &verdict{more: map[string]int{}}
	c.dense(v, t)
	c.keys(v, t)
	c.order(v)
	c.edge(v, t)
	if len(v.list) > 0 && v.more["C1"] > 0 {
		return v.list // the rest reads the log by number
	}
	j, err := newJudge(t)
	if err != nil {
		v.add("C6", "the log cannot be judged: %v", err)
		return v.list
	}
	for _, s := range c.streams {
		s.judge(v, t, j)
	}
	return v.list
}

func (c *Checker) dense(v *verdict, t *Truth) {
	for i, e := range t.Entries {
		if e.Seq != uint64(i) {
			v.add("C1", "entry %d stands where %d should", e.Seq, i)
		}
		if err := e.Check(t.Origin); err != nil {
			v.add("C1", "entry %d is not what its leaf commits to: %v", e.Seq, err)
		}
	}
	if t.Size != uint64(len(t.Entries)) {
		v.add("C1", "the head says %d entries, the log has %d", t.Size, len(t.Entries))
	}
}

// keys checks C3 and C4.
func (c *Checker) keys(v *verdict, t *Truth) {
	at := map[string][]uint64{}
	for _, e := range t.Entries {
		if e.Key != "" {
			at[e.Key] = append(at[e.Key], e.Seq)
		}
		if e.Seq >= c.From && c.commands[e.Key] == nil {
			v.add("C4", "entry %d was made by no command that anybody sent", e.Seq)
		}
	}
	for _, s := range c.commands {
		stands := at[s.key]
		for i, n := range stands {
			if n != stands[0]+uint64(i) {
				v.add("C3", "command %s stands at %v: twice", s.key, stands)
				break
			}
		}
		switch {
		case s.refused && s.open == 0 && len(stands) > 0:
			v.add("C3", "command %s was refused and stands at %d", s.key, stands[0])
		case len(s.answers) == 0:
			continue
		case len(stands) == 0:
			v.add("C3", "command %s was acknowledged as %d and is lost", s.key, s.answers[0].seq)
			continue
		}
		for _, a := range s.answers {
			if a.seq != stands[0] || a.count != len(stands) {
				v.add("C3", "command %s was acknowledged as %d entries from %d and stands at %v", s.key, a.count, a.seq, stands)
				break
			}
		}
	}
}

// order checks C5 in one sweep: going through the commands as they were
// called, the highest number acknowledged before that call is a lower bound.
func (c *Checker) order(v *verdict) {
	var acked []*sent
	for _, s := range c.commands {
		if len(s.answers) > 0 {
			acked = append(acked, s)
		}
	}
	byCall := slices.SortedFunc(slices.Values(acked), func(a, b *sent) int { return int(a.called - b.called) })
	byAck := slices.SortedFunc(slices.Values(acked), func(a, b *sent) int { return int(a.acked - b.acked) })
	highest, i := uint64(0), 0
	for _, s := range byCall {
		for ; i < len(byAck) && byAck[i].acked < s.called; i++ {
			highest = max(highest, byAck[i].answers[0].seq)
		}
		if got := s.answers[0].seq; got <= highest && highest > 0 {
			v.add("C5", "command %s became %d after %d had been acknowledged", s.key, got, highest)
		}
	}
}

func (c *Checker) edge(v *verdict, t *Truth) {
	var f evidence.Frontier
	for _, e := range t.Entries {
		f.Append(evidence.LeafHash(e.Leaf))
	}
	if b, err := f.MarshalBinary(); err != nil || !bytes.Equal(b, t.Frontier) {
		v.add("C9", "the stored frontier is not that of the stored leaves")
	}
}

// judge answers what a person might see at a head, as the log grew.
type judge struct {
	removed map[string]uint64 // where a person last ceased to be a member; 0 while they are
	t       *Truth
	now     *Oracle
}

func newJudge(t *Truth) (*judge, error) {
	j := &judge{t: t, removed: map[string]uint64{}, now: NewOracle()}
	for _, e := range t.Entries {
		in := j.now.Members()
		if err := j.now.Add(e.Seq, e.Values()); err != nil {
			return nil, err
		}
		for p := range in {
			if !j.now.Members()[p] {
				j.removed[p] = e.Seq
			}
		}
		for p := range j.now.Members() {
			delete(j.removed, p)
		}
	}
	return j, nil
}

// at returns the oracle as it stood when the log's last entry was head.
// Streams ask in ascending order, so most answers go on from the last one.
func (j *judge) at(o *Oracle, head uint64) *Oracle {
	if o == nil || o.head > head || len(o.of) == 0 {
		o = NewOracle()
	}
	for n := uint64(len(o.of)); n <= head; n++ {
		if err := o.Add(n, j.t.Entries[n].Values()); err != nil {
			panic(err) // newJudge has read them all
		}
	}
	return o
}

func (s *Stream) judge(v *verdict, t *Truth, j *judge) {
	next := s.after + 1
	size := uint64(len(t.Entries))
	stub := 0
	var oracle *Oracle
	var first json.RawMessage
	var since []json.RawMessage
	ended := s.c.ended(t, j, s.Person)
	for _, f := range s.frames {
		var head struct {
			Type   string
			Seq    uint64
			Root   uint64
			Events []json.RawMessage
		}
		if err := json.Unmarshal(f.raw, &head); err != nil {
			v.add("C2", "%s received a frame that is none: %v", s.Name, err)
			continue
		}
		if s.c.Bound > 0 && ended > 0 && f.at > ended+s.c.Bound && (head.Type == "events" || head.Type == "opened" || head.Type == "snapshot") {
			v.add("C7", "%s received a frame (%s) %v after the answer to their removal", s.Name, head.Type, f.at-ended)
		}
		if head.Type == "snapshot" {
			next, first, since = head.Seq+1, f.raw, nil
			continue
		}
		since = append(since, f.raw)
		if head.Type != "events" && head.Type != "opened" {
			continue
		}
		last := uint64(0)
		fragments := make([]*fragment, 0, len(head.Events))
		for _, raw := range head.Events {
			g, err := readFragment(raw)
			if err != nil {
				v.add("C10", "%s: %v", s.Name, err)
				continue
			}
			if g.seq >= size {
				v.add("C2", "%s received entry %d, which the log does not have", s.Name, g.seq)
				continue
			}
			last = max(last, g.seq)
			fragments = append(fragments, g)
			if err := g.matches(t, &t.Entries[g.seq]); err != nil {
				v.add("C2", "%s: %v", s.Name, err)
			}
			if head.Type == "events" {
				if g.seq != next {
					v.add("C2", "%s received entry %d where %d should come", s.Name, g.seq, next)
				}
				next = g.seq + 1
			}
			if g.form == Stub {
				own := g.size - len(fmt.Sprint(g.seq))
				if stub != 0 && own != stub {
					v.add("C10", "%s: the stub of entry %d has another size", s.Name, g.seq)
				}
				stub = own
			}
		}
		last = max(last, next-1)
		if f.asOf > 0 {
			last = f.asOf
		}
		if last >= size {
			continue // said already
		}
		oracle = j.at(oracle, last)
		for _, g := range fragments {
			if g.form <= oracle.Form(s.Person, g.seq) {
				continue
			}
			if f.asOf == 0 && j.later(s.Person, g, last) {
				continue
			}
			v.add("C6", "%s received entry %d as %v at %d; the oracle grants %v", s.Name, g.seq, g.form, last, oracle.Form(s.Person, g.seq))
		}
	}
	if s.ToEnd && next != size {
		v.add("C2", "%s came to entry %d of %d", s.Name, next-1, size-1)
	}
	if s.c.Replay != nil && first != nil && s.Expected != nil {
		if err := s.c.Replay(first, since, s.Expected); err != nil {
			v.add("C8", "%s: %v", s.Name, err)
		}
	}
}

// later reports whether some head after this one grants the form: the frame
// did not say at which it was judged.
func (j *judge) later(person string, g *fragment, head uint64) bool {
	o := j.at(nil, head)
	for h := head + 1; h < uint64(len(j.t.Entries)); h++ {
		if o = j.at(o, h); g.form <= o.Form(person, g.seq) {
			return true
		}
	}
	return false
}

// ended returns when the person's end was answered; 0 if they are a member
// still or nobody waited for that answer.
func (c *Checker) ended(t *Truth, j *judge, person string) time.Duration {
	seq := j.removed[person]
	if seq == 0 {
		return 0
	}
	if s := c.commands[t.Entries[seq].Key]; s != nil && len(s.answers) > 0 {
		return s.acked
	}
	return 0
}

// Describe is the findings as one text; empty for none.
func Describe(list []Finding) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}
