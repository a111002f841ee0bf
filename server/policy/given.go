package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardroom/server/evidence"
	"wardroom/server/incident"
)

// A Recipient is whoever an approved export is for. They are no member and see
// nothing by themselves: Give says what of each entry may be given to them.
//
//	given(entry) = in the range
//	             ∧ the hosts agreed, or, where it is restricted, its originator released it
//	             ∧ its root has not been withheld, and not been kept more closely since the approval
//	             − what a redaction takes out
//
// What was approved stands as it was approved: whoever widens an entry later
// gives nothing more away. What was approved and may not be shown any more is
// left out, and said to be.
type Recipient struct {
	hosts []incident.OrgID
	x     *incident.Export
	as    incident.Seq // what counts as approved: markings up to this entry
	roots map[incident.Seq]*held
	by    map[incident.Seq][]incident.Redaction

	erasers map[incident.Seq][]eraser // by the entry they are of, oldest first
}

// eraser is an entry that says that slots of another were erased.
type eraser struct {
	seq  incident.Seq
	said *incident.EntryErased
}

// held is a root's marking at the approval and now.
type held struct {
	kind      incident.Kind
	then, now incident.Marking
	moved     bool // kept more closely after the approval, at least for a time
	withheld  bool // now
	recalled  bool // at the approval
}

// NewRecipient returns the judge of an export. One that is not approved yet is
// judged as if it were, now.
func NewRecipient(hosts []incident.OrgID, x *incident.Export) *Recipient {
	r := &Recipient{hosts: hosts, x: x, as: 1 << 62, roots: map[incident.Seq]*held{}, by: map[incident.Seq][]incident.Redaction{},
		erasers: map[incident.Seq][]eraser{}}
	if x.Approved != nil {
		r.as = x.Approved.Seq
	}
	for _, l := range x.Proposed {
		r.by[l.Entry] = append(r.by[l.Entry], l.Redaction)
	}
	for _, root := range sortedRoots(x.Answers) {
		for _, d := range x.Answers[root].Redactions { // an answer about several stands under each: its redactions count once
			if !slices.ContainsFunc(r.by[d.Entry], func(o incident.Redaction) bool { return same8(o, d) }) {
				r.by[d.Entry] = append(r.by[d.Entry], d)
			}
		}
	}
	return r
}

// Leave takes a slot of an entry out of what is given, beside what its
// redactions take out, for a reason that the house has and no member.
func (r *Recipient) Leave(n incident.Seq, slot int, reason string) {
	r.by[n] = append(r.by[n], incident.Redaction{Entry: n, Slot: slot, Reason: reason})
}

func same8(a, b incident.Redaction) bool {
	return a.Place() == b.Place() && a.Ground == b.Ground && a.Reason == b.Reason && slices.Equal(a.Spans, b.Spans)
}

func sortedRoots(m map[incident.Seq]incident.Answer) []incident.Seq {
	var list []incident.Seq
	for n := range m {
		list = append(list, n)
	}
	slices.Sort(list)
	return list
}

type slot0 struct {
	Kind incident.Kind
	Root incident.Seq
}

// Learn takes an entry in, for what it says of who receives its root. All
// entries of the log are to be learnt, in order, before any is given.
func (r *Recipient) Learn(e evidence.Entry) error {
	if !e.Given() {
		return nil
	}
	var k slot0
	v := e.Values()
	if err := json.Unmarshal(v[incident.SlotKind], &k); err != nil {
		return fmt.Errorf("policy: entry %d has no kind that can be read", e.Seq)
	}
	seq := incident.Seq(e.Seq)
	var mark *incident.Marking
	if m := v[incident.SlotMarking]; len(m) > 0 {
		mark = new(incident.Marking)
		if err := json.Unmarshal(m, mark); err != nil {
			return fmt.Errorf("policy: entry %d has no marking that can be read", e.Seq)
		}
	}
	if k.Kind == "entry.erased" {
		b := &incident.EntryErased{}
		if err := json.Unmarshal(v[incident.SlotBody], b); err != nil {
			return fmt.Errorf("policy: entry %d cannot be read", e.Seq)
		}
		r.erasers[b.Entry] = append(r.erasers[b.Entry], eraser{seq, b})
		return nil
	}
	if k.Root == seq {
		if !k.Kind.Standing() && mark != nil {
			r.roots[seq] = &held{kind: k.Kind, then: *mark, now: *mark}
		}
		return nil
	}
	of := r.roots[k.Root]
	if of == nil || mark == nil {
		return nil
	}
	switch k.Kind {
	case "audience.tightened", "audience.withheld":
		of.moved = of.moved || seq > r.as
		of.withheld = k.Kind == "audience.withheld"
	case "audience.restored", "audience.widened":
		of.withheld = false
	case "entry.recalled":
		of.moved = of.moved || seq > r.as
		of.withheld, of.recalled = false, seq <= r.as
	default:
		return nil // a pin carries the marking and leaves it as it was
	}
	of.now = *mark
	if seq <= r.as {
		of.then = *mark
	}
	return nil
}

// Held is a part of an entry that is not given, and why.
type Held struct {
	Slots   []int // ascending
	Why     HeldWhy
	Ground  string
	Reason  string
	Wording map[string]string // by slot: what is said in its stead
	Event   incident.Seq      // of HeldErased: the entry that says so, which is given too
}

// HeldWhy is the kind of reason that a bundle gives.
type HeldWhy string

const (
	HeldRange      HeldWhy = "range"
	HeldRedacted   HeldWhy = "redacted"
	HeldWithheld   HeldWhy = "withheld"
	HeldUnanswered HeldWhy = "unanswered"
	HeldAudience   HeldWhy = "audience"
	HeldErased     HeldWhy = "erased"
)

// Given is what of an entry may be given to a recipient. Only this package can
// make one. It does not print.
type Given struct {
	seq   incident.Seq
	whole *evidence.Whole
	part  *evidence.Partial
	held  []Held
}

// Seq returns the entry's number.
func (g Given) Seq() incident.Seq { return g.seq }

// Whole returns the entry's opening if all of it is given; else nil.
func (g Given) Whole() *evidence.Whole { return g.whole }

// Partial returns what is given of an entry that is given in part; else nil.
func (g Given) Partial() *evidence.Partial { return g.part }

// Held returns what is not given, by the first slot.
func (g Given) Held() []Held { return g.held }

// Slot returns a slot's value if it is given.
func (g Given) Slot(i int) (value []byte, ok bool) {
	switch {
	case g.whole != nil:
		return g.whole.Values[i], true
	case g.part != nil && g.part.Slots[i] != nil:
		return g.part.Slots[i].Value, true
	}
	return nil, false
}

// String keeps an entry out of logs.
func (g Given) String() string { return "entry " + strconv.FormatUint(uint64(g.seq), 10) }

var allSlots = []int{0, 1, 2, 3, 4, 5, 6, 7}

// Give says what of the entry may be given. The entry that begins the log says
// nothing but what log it is, and is always given.
func (r *Recipient) Give(e evidence.Entry) Given {
	g := Given{seq: incident.Seq(e.Seq)}
	none := func(why HeldWhy, ground, reason string) Given {
		g.held = []Held{{Slots: allSlots, Why: why, Ground: ground, Reason: reason}}
		return g
	}
	switch {
	case !e.Given():
		return none(HeldAudience, "", "")
	case e.Seq == 0:
		g.whole = e.Opening
		return g
	case e.Opening != nil && r.tellsOfErasure(e):
		g.whole = e.Opening // it names numbers and a ground, and what was erased could not be shown without it
		return g
	case !r.x.Covers(g.seq):
		return none(HeldRange, "", "")
	}
	var k slot0
	v := e.Values()
	if json.Unmarshal(v[incident.SlotKind], &k) != nil {
		return none(HeldAudience, "", "")
	}
	if of := r.roots[k.Root]; of != nil {
		if of.kind.IsExport() {
			return none(HeldAudience, "", "Entries about what is given to whom are the hosts' own.")
		}
		if Attributes(of.kind) {
			return none(HeldAudience, "", "Who wrote a veiled message is for the room's leads and auditors.")
		}
		if of.withheld || of.moved && (of.now.TLP != of.then.TLP || of.now.Recorded != of.then.Recorded || !of.now.Audience.Equal(of.then.Audience)) {
			return none(HeldAudience, "", "Its readers were narrowed, or it was withheld or recalled, in the room.")
		}
		s := incident.Sight{Root: k.Root, Kind: of.kind, TLP: of.then.TLP, Org: of.then.Originator, Audience: of.then.Audience, Recorded: of.then.Recorded, Recalled: of.recalled}
		if Restricted(r.hosts, s) {
			a, ok := r.x.Answers[k.Root]
			switch {
			case !ok:
				return none(HeldUnanswered, "", "Its originator was asked and has not answered.")
			case a.Answer == incident.Kept:
				return none(HeldWithheld, a.Ground.Words(), a.Reason)
			case a.By.Org != s.Org: // whose it is has moved on since
				return none(HeldUnanswered, "", "Its originator was asked and has not answered.")
			}
		}
	} else if !k.Kind.Standing() {
		return none(HeldAudience, "", "") // nothing is known of who receives it
	}
	return r.redacted(g, e)
}

// tellsOfErasure reports whether the entry says what was erased of an entry in
// the range.
func (r *Recipient) tellsOfErasure(e evidence.Entry) bool {
	for of, list := range r.erasers {
		if r.x.Covers(of) && slices.ContainsFunc(list, func(x eraser) bool { return uint64(x.seq) == e.Seq }) {
			return true
		}
	}
	return false
}

// erased says what nobody has any more, and by which entry. One that came
// after what is given is not among that, so nothing can be shown for it.
func (r *Recipient) erased(n incident.Seq, missing []int) (held []Held) {
	left := slices.Clone(missing)
	for _, x := range r.erasers[n] {
		h := Held{Why: HeldErased, Ground: x.said.Ground.Words(), Event: x.seq}
		if a := r.x.Approved; a != nil && uint64(x.seq) >= a.Checkpoint {
			h = Held{Why: HeldAudience, Reason: "It was erased after this was approved."}
		}
		for _, slot := range x.said.Slots {
			if i := slices.Index(left, slot); i >= 0 {
				left = slices.Delete(left, i, i+1)
				h.Slots = append(h.Slots, slot)
			}
		}
		if len(h.Slots) > 0 {
			held = append(held, h)
		}
	}
	if len(left) > 0 {
		held = append(held, Held{Slots: left, Why: HeldAudience})
	}
	return held
}

// redacted is the entry without what its redactions take out, and without what
// was erased.
func (r *Recipient) redacted(g Given, e evidence.Entry) Given {
	list := r.by[g.seq]
	if len(list) == 0 && e.Opening != nil {
		g.whole = e.Opening
		return g
	}
	var missing []int
	if e.Erased != nil {
		missing = e.Erased.Missing()
		g.held = r.erased(g.seq, missing)
	}
	values := e.Values()
	var shown []int
	for slot := range incident.Slots {
		if slices.Contains(missing, slot) {
			continue
		}
		var of []incident.Redaction
		for _, d := range list {
			if d.Slot == slot {
				of = append(of, d)
			}
		}
		if len(of) == 0 {
			shown = append(shown, slot)
			continue
		}
		h := Held{Slots: []int{slot}, Why: HeldRedacted}
		var grounds, reasons []string
		for _, d := range of {
			if words := d.Ground.Words(); !slices.Contains(grounds, words) {
				grounds = append(grounds, words)
			}
			if !slices.Contains(reasons, d.Reason) {
				reasons = append(reasons, d.Reason)
			}
		}
		h.Ground, h.Reason = strings.Join(grounds, "; "), strings.Join(reasons, "; ")
		if text, ok := reworded(values[slot], of); ok {
			h.Wording = map[string]string{strconv.Itoa(slot): text}
		}
		g.held = append(g.held, h)
	}
	slices.SortFunc(g.held, func(a, b Held) int { return a.Slots[0] - b.Slots[0] })
	g.part = e.Show(shown...)
	return g
}

// Blank stands where a span was taken out. It is the same however long that
// was.
const Blank = "[redacted]"

// reworded returns the slot's value with every span replaced; ok is false if
// one of the redactions takes out the whole slot, or does not fit: then nothing
// is said in its stead.
func reworded(value []byte, list []incident.Redaction) (string, bool) {
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	var doc any
	if dec.Decode(&doc) != nil {
		return "", false
	}
	cuts := map[string][]incident.Span{}
	for _, d := range list {
		if len(d.Spans) == 0 {
			return "", false
		}
		cuts[d.Field] = append(cuts[d.Field], d.Spans...)
	}
	for field, spans := range cuts {
		at, set, ok := text(&doc, field)
		if !ok {
			return "", false
		}
		out, ok := cut(at, spans)
		if !ok {
			return "", false
		}
		set(out)
	}
	b, err := evidence.Encode(doc)
	return string(b), err == nil
}

// cut replaces spans of a text by Blank; spans that overlap or touch are one.
func cut(text string, spans []incident.Span) (string, bool) {
	runes := []rune(text)
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b incident.Span) int { return a.From - b.From })
	var b strings.Builder
	at := 0
	for i := 0; i < len(spans); {
		from, to := spans[i].From, spans[i].To
		for i++; i < len(spans) && spans[i].From <= to; i++ {
			to = max(to, spans[i].To)
		}
		if from < at || to > len(runes) || from >= to {
			return "", false
		}
		b.WriteString(string(runes[at:from]))
		b.WriteString(Blank)
		at = to
	}
	b.WriteString(string(runes[at:]))
	return b.String(), true
}

// text finds the string that a JSON pointer (RFC 6901) names.
func text(doc *any, pointer string) (string, func(string), bool) {
	if !strings.HasPrefix(pointer, "/") {
		return "", nil, false
	}
	at, set := *doc, func(v any) { *doc = v }
	for _, part := range strings.Split(pointer[1:], "/") {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "~1", "/"), "~0", "~")
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[part]
			if !ok {
				return "", nil, false
			}
			at, set = next, func(x any) { v[part] = x }
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(v) || strconv.Itoa(i) != part {
				return "", nil, false
			}
			at, set = v[i], func(x any) { v[i] = x }
		default:
			return "", nil, false
		}
	}
	s, ok := at.(string)
	return s, func(t string) { set(t) }, ok
}

// Fits reports whether the spans of a redaction lie within the text they are
// of. It is for whoever may have the entry open, be it by opening an envelope;
// ok is false for others.
func Fits(room *incident.Room, m *incident.Member, s incident.Sight, e evidence.Entry, d incident.Redaction) (fits, ok bool) {
	if !e.Given() || seesEntry(room, m, s, e) == Stub || d.Slot < 0 || d.Slot >= incident.Slots {
		return false, false
	}
	_, fits = reworded(e.Values()[d.Slot], []incident.Redaction{d})
	return fits, true
}
