package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The replay is what of a log's own rules can be checked where its entries are
// shown, without knowing every kind of entry there is. Entries are taken in
// order; a fact is used only where the slots that state it are shown. The
// first contradiction ends the replay. In each entry, in this order:
//
//  1. Slots 0, 1, 2 where shown, and slot 4 of the kinds named below where
//     shown, are canonical JSON objects; slot 0 has "kind", a string that is not
//     empty, and "root", a number; "recorded" of slot 2 has the form
//     2026-03-01T02:14:00.000Z; "member" of slot 1, if there, is a number.
//     Slot 6, where shown, lists attachments or is empty: see attachedIn.
//  2. (slot 0) root is not after the entry. If it is before it and slot 0 of
//     entry root was shown, that entry is its own root.
//  3. (slot 0) Entry 0 is of kind genesis, and no other is.
//  4. (slot 2) recorded is not before that of an entry above.
//  5. (slot 4) genesis: "format" is "WARDROOM/1", "origin" the log's origin line.
//  6. (slot 4) in a room's log, member.joined: "number" is at least 1, was not
//     given before, and its bearer did not act in an entry above, except that
//     the member who opens the room does so, kind room.opened, before joining.
//  7. (slot 1) in a room's log, a member acts: it has not left or been removed
//     in an entry above; it has joined, in this entry or above, unless this is
//     room.opened or an entry above, that may be its joining, is not shown. A
//     joining is shown if slots 0 and 4 are.
//  8. (slot 4) in a room's log, room.moved: "from" is where the room stands, if
//     that is known. It is open after room.opened and room.reopened and "to"
//     after room.moved; not known after an entry whose slot 0 is not shown, or a
//     room.moved whose slot 4 is not.
//
// A room's log is one whose origin line has "room" before its last slash. A
// member leaves with member.left or member.removed, slot 0 shown, whose root is
// that of its member.joined.
//
// Erasures are matched as well: the entry that a withheld line of why "erased"
// names stands after the erased one, has slots 0 and 4 shown, is of kind
// entry.erased, and its body has that entry's number as "entry" and every slot
// of the line in "slots", a list of numbers from 0 to 7 that is not empty.
type replay struct {
	origin string
	room   bool

	nonroot bitmap // entries that were shown not to be their own root
	last    [24]byte
	members map[uint64]*replayed
	byRoot  map[uint64]*replayed
	hidden  bool   // an entry above may be a joining that is not shown
	stands  string // where the room stands; "" if not known

	erased map[uint64][]*Withheld // by the entry that must record the erasure
	gone   []*Withheld            // lines with none that can

	done bool
	bad  *Finding
}

type replayed struct {
	acted  int64 // the first entry it acted in before joining; -1: none
	joined bool
	left   uint64 // the entry by which it left; 0: not
}

// facts are what the replay needs of an entry. The strings are its own.
type facts struct {
	mask     uint8 // slots shown
	kind     string
	root     uint64
	member   uint64
	recorded [24]byte
	body     body
	files    []attached
	bad      int // the slot that is not as rule 1 has it; Slots: none
}

// body is what is read of slot 4 of the kinds the replay knows.
type body struct {
	format, origin string // genesis
	number         uint64 // member.joined
	from, to       string // room.moved
	entry          uint64 // entry.erased
	slots          uint8
}

// The kinds the replay knows.
const (
	kindGenesis  = "genesis"
	kindOpened   = "room.opened"
	kindMoved    = "room.moved"
	kindReopened = "room.reopened"
	kindJoined   = "member.joined"
	kindLeft     = "member.left"
	kindRemoved  = "member.removed"
	kindErased   = "entry.erased"
)

var kinds = []string{kindGenesis, kindOpened, kindMoved, kindReopened, kindJoined, kindLeft, kindRemoved, kindErased}

// read takes the facts out of an opening.
func (f *facts) read(s *shown) {
	*f = facts{mask: s.mask, bad: Slots}
	at := 0
	fail := func(ok bool) bool {
		if !ok && f.bad == Slots {
			f.bad = at
		}
		return ok
	}
	var kind []byte
	if s.mask&1 != 0 {
		var root []byte
		ok := fields(s.values[0], field{"kind", &kind}, field{"root", &root})
		f.root, ok = number(root, ok)
		kind, ok = text(kind, ok)
		fail(ok && len(kind) > 0)
	}
	if at = 1; s.mask&2 != 0 {
		var member []byte
		ok := fields(s.values[1], field{"member", &member})
		if member != nil {
			f.member, ok = number(member, ok)
		}
		fail(ok)
	}
	if at = 2; s.mask&4 != 0 {
		var recorded []byte
		ok := fields(s.values[2], field{"recorded", &recorded})
		recorded, ok = text(recorded, ok)
		if fail(ok && instant(recorded)) {
			copy(f.recorded[:], recorded)
		}
	}
	for _, k := range kinds { // a name of our own: the bytes are the next line's soon
		if string(kind) == k {
			f.kind = k
		}
	}
	if at = 4; s.mask&16 != 0 && f.kind != "" {
		fail(f.body.read(f.kind, s.values[4]))
	}
	if at = 6; s.mask&64 != 0 {
		var ok bool
		f.files, ok = attachedIn(s.values[6])
		fail(ok)
	}
}

func (b *body) read(kind string, v []byte) (ok bool) {
	var x, y []byte
	switch kind {
	case kindGenesis:
		ok = fields(v, field{"format", &x}, field{"origin", &y})
		x, ok = text(x, ok)
		y, ok = text(y, ok)
		b.format, b.origin = string(x), string(y)
	case kindJoined:
		ok = fields(v, field{"number", &x})
		b.number, ok = number(x, ok)
	case kindMoved:
		ok = fields(v, field{"from", &x}, field{"to", &y})
		x, ok = text(x, ok)
		y, ok = text(y, ok)
		b.from, b.to = string(x), string(y)
	case kindErased:
		ok = fields(v, field{"entry", &x}, field{"slots", &y})
		b.entry, ok = number(x, ok)
		if len(y) < 2 || y[0] != '[' {
			return false
		}
		for s := range strings.SplitSeq(string(y[1:len(y)-1]), ",") {
			n, err := strconv.ParseUint(s, 10, 3)
			ok = ok && err == nil
			b.slots |= 1 << n
		}
	default:
		return true
	}
	return ok
}

type field struct {
	name string
	raw  *[]byte
}

// fields reads members of a canonical object, and reports whether it is one.
func fields(v []byte, want ...field) bool {
	s := scanner{b: v}
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return s.at == len(v)
	}
	var last []byte
	for {
		name, err := s.string()
		if err != nil || last != nil && compareQuoted(last, name) >= 0 || !s.take(':') {
			return false
		}
		last = name
		start := s.at
		if s.value(1) != nil {
			return false
		}
		for _, f := range want {
			if len(name) == len(f.name)+2 && string(name[1:len(name)-1]) == f.name {
				*f.raw = v[start:s.at]
			}
		}
		if s.take('}') {
			return s.at == len(v)
		}
		if !s.take(',') {
			return false
		}
	}
}

func number(raw []byte, ok bool) (uint64, bool) {
	n, err := strconv.ParseUint(string(raw), 10, 64)
	return n, ok && err == nil
}

// text is what a quoted string says.
func text(raw []byte, ok bool) ([]byte, bool) {
	if !ok || len(raw) < 2 || raw[0] != '"' {
		return nil, false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return []byte(s), err == nil
}

// instant reports whether b has the form of an entry's times.
func instant(b []byte) bool {
	const form = "0000-00-00T00:00:00.000Z"
	if len(b) != len(form) {
		return false
	}
	for i := range b {
		if form[i] == '0' && (b[i] < '0' || b[i] > '9') || form[i] != '0' && b[i] != form[i] {
			return false
		}
	}
	return true
}

func newReplay(origin string) *replay {
	parts := strings.Split(origin, "/")
	return &replay{origin: origin, room: len(parts) > 1 && parts[len(parts)-2] == "room",
		members: map[uint64]*replayed{}, byRoot: map[uint64]*replayed{}, erased: map[uint64][]*Withheld{}}
}

// erasure notes that a line calls an entry's slots erased.
func (r *replay) erasure(w *Withheld) {
	if w.Event <= w.First {
		r.gone = append(r.gone, w)
		return
	}
	r.erased[w.Event] = append(r.erased[w.Event], w)
}

// entry takes the next entry.
func (r *replay) entry(seq uint64, f *facts) {
	for _, w := range r.erased[seq] {
		ok := f.mask&17 == 17 && f.kind == kindErased && f.bad == Slots && f.body.entry == w.First
		for _, s := range w.Slots {
			ok = ok && f.body.slots&(1<<s) != 0
		}
		if !ok {
			r.gone = append(r.gone, w)
		}
	}
	delete(r.erased, seq)
	if r.done {
		return
	}
	if slot, what := r.judge(seq, f); what != "" {
		r.done, r.bad = true, &Finding{Seq: seq, Slot: slot, What: what}
	}
}

// judge applies the rules, and remembers.
func (r *replay) judge(seq uint64, f *facts) (slot int, what string) {
	if f.bad < Slots {
		return f.bad, "it does not have the form that the log's own rules give it"
	}
	kind := f.mask&1 != 0
	if kind {
		if f.root != seq {
			r.nonroot.set(seq)
		}
		switch {
		case f.root > seq:
			return 0, "it belongs to an entry that comes after it"
		case f.root < seq && r.nonroot.has(f.root):
			return 0, fmt.Sprintf("it belongs to entry %d, which does not begin anything", f.root)
		case (f.kind == kindGenesis) != (seq == 0):
			return 0, "a log has one first entry, and it says so"
		}
	}
	if f.mask&4 != 0 {
		if bytes.Compare(f.recorded[:], r.last[:]) < 0 {
			return 2, "it was recorded before an entry above it"
		}
		r.last = f.recorded
	}
	if kind && f.kind == kindGenesis && f.mask&16 != 0 && (f.body.format != strings.TrimSuffix(leafPrefix, "\n") || f.body.origin != r.origin) {
		return 4, "the first entry names another log, or another format"
	}
	if r.room {
		return r.inRoom(seq, f, kind)
	}
	return 0, ""
}

func (r *replay) inRoom(seq uint64, f *facts, kind bool) (slot int, what string) {
	body := f.mask&16 != 0
	if !kind || f.kind == kindJoined && !body {
		r.hidden = true
	}
	if f.kind == kindJoined && body {
		m := r.members[f.body.number]
		switch {
		case f.body.number == 0:
			return 4, "a member joins without a number"
		case m != nil && m.joined:
			return 4, fmt.Sprintf("member %d joins a second time", f.body.number)
		case m != nil && m.acted >= 0:
			return 4, fmt.Sprintf("member %d joins, and acted before, in entry %d", f.body.number, m.acted)
		}
		m = &replayed{acted: -1, joined: true}
		r.members[f.body.number], r.byRoot[f.root] = m, m
	}
	if n := f.member; n > 0 && kind && f.mask&2 != 0 {
		m := r.members[n]
		switch {
		case m != nil && m.left > 0:
			return 1, fmt.Sprintf("member %d acts after leaving in entry %d", n, m.left)
		case m != nil || f.kind == kindOpened:
		case !r.hidden:
			return 1, fmt.Sprintf("member %d acts and has not joined", n)
		default:
			r.members[n] = &replayed{acted: int64(seq)}
		}
	}
	switch {
	case !kind:
		r.stands = ""
	case f.kind == kindLeft || f.kind == kindRemoved:
		if m := r.byRoot[f.root]; m != nil && m.left == 0 {
			m.left = seq
		}
	case f.kind == kindOpened || f.kind == kindReopened:
		r.stands = "open"
	case f.kind == kindMoved && !body:
		r.stands = ""
	case f.kind == kindMoved:
		if r.stands != "" && r.stands != f.body.from {
			return 4, "the room moves on from a state it was not in"
		}
		r.stands = f.body.to
	}
	return 0, ""
}

// findings are the contradictions found: that of the entries, and each erasure
// without its entry.
func (r *replay) findings() (all []*Finding) {
	if r.bad != nil {
		all = append(all, r.bad)
	}
	for _, lines := range r.erased {
		r.gone = append(r.gone, lines...)
	}
	for _, w := range r.gone {
		all = append(all, &Finding{Seq: w.First, Slot: w.Slots[0], What: "it is said to be erased, and the bundle does not show an entry of the log that says so"})
	}
	return all
}

// bitmap grows with what is set in it: one bit an entry.
type bitmap []uint64

func (b *bitmap) set(n uint64) {
	for uint64(len(*b)) <= n/64 {
		*b = append(*b, 0)
	}
	(*b)[n/64] |= 1 << (n % 64)
}

func (b bitmap) has(n uint64) bool { return n/64 < uint64(len(b)) && b[n/64]&(1<<(n%64)) != 0 }
