package servertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Form is how much of one entry one person is entitled to.
type Form int

const (
	Nothing  Form = iota // not even the leaf: no member now
	Stub                 // the leaf
	Envelope             // slots 0 to 3
	Open                 // every slot
)

func (f Form) String() string { return [...]string{"nothing", "stub", "envelope", "open"}[f] }

// Slots says how many leading slots the form shows.
func (f Form) Slots() int { return [...]int{0, 0, 4, 8}[f] }

// Oracle says who is entitled to what of one room, from the raw values of its
// log and nothing else. It is the rule of sight written a second time: no
// type, fold or table is shared with policy or with the database's policies,
// so that one mistake has to be made three times to go unseen.
//
// It judges at the entry added last.
type Oracle struct {
	head    uint64
	roster  string
	hosts   []string
	roots   map[uint64]*oracleRoot // by number of the root
	of      map[uint64]uint64      // entry → its root
	notes   map[uint64]int         // a note → the number of who gave it
	members map[uint64]*oracleMember
	person  map[string]*oracleMember // the newest membership of each
}

type oracleRoot struct {
	standing, member bool
	audience         *oracleAudience // nil: given to nobody
	sealed           bool            // travels as an envelope
	by               int             // the number of who began it, as the entry itself says
}

type oracleAudience struct {
	Kind    string
	Members []int
	Orgs    []string
}

type oracleMember struct {
	org, role string
	number    int
	in        bool
	start     uint64
}

// standingKinds have the room as audience and reach everyone in it, however
// late they came: families of kinds, by the first word of their names. Of a
// severity, and of a post, only the reason is not for everyone.
var standingKinds = map[string]bool{"room": true, "clock": true, "rules": true, "brief": true, "member": true, "severity": true, "post": true, "cadence": true,
	"retention": true, "hold": true, "entry": true} // of the last only entry.erased begins anything

// afterwards is where each kind of event leaves a membership: in the room or
// out of it. Kinds that are not here change nothing of that.
var afterwards = map[string]bool{"member.joined": true, "member.left": false, "member.removed": false,
	"member.withdrawn": false, "member.declined": false, "member.invited": false, "member.proposed": false}

// NewOracle returns the oracle of an empty room.
func NewOracle() *Oracle {
	return &Oracle{roots: map[uint64]*oracleRoot{}, of: map[uint64]uint64{}, notes: map[uint64]int{}, members: map[uint64]*oracleMember{}, person: map[string]*oracleMember{}}
}

// Fork returns a copy that can go its own way.
func (o *Oracle) Fork() *Oracle {
	c := *o
	c.roots, c.of, c.notes, c.members, c.person = map[uint64]*oracleRoot{}, maps.Clone(o.of), maps.Clone(o.notes), map[uint64]*oracleMember{}, map[string]*oracleMember{}
	for n, r := range o.roots {
		own := *r
		c.roots[n] = &own
	}
	for n, m := range o.members {
		own := *m
		c.members[n] = &own
		for p, of := range o.person {
			if of == m {
				c.person[p] = &own
			}
		}
	}
	return &c
}

// Add takes the next entry's eight values.
func (o *Oracle) Add(seq uint64, slots [8][]byte) error {
	var what struct {
		Kind string
		Root uint64
	}
	var mark struct {
		TLP      string
		Recorded bool
		Audience oracleAudience
	}
	var body struct {
		Roster, Person, Role string
		Hosts                []string
		Number               int
		Start                uint64
		Seat                 struct{ History, Org, Role string }
	}
	var by struct{ Member int }
	for i, into := range map[int]any{0: &what, 1: &by, 3: &mark} {
		if err := oracleRead(slots[i], into); err != nil {
			return fmt.Errorf("oracle: entry %d slot %d: %w", seq, i, err)
		}
	}
	family, _, _ := strings.Cut(what.Kind, ".")
	o.head, o.of[seq] = seq, what.Root
	if what.Root == seq {
		o.roots[seq] = &oracleRoot{standing: standingKinds[family] && !strings.HasSuffix(what.Kind, ".reasoned") && (family != "clock" || what.Kind == "clock.set"), member: family == "member", by: by.Member}
	}
	if what.Kind == "entry.noted" {
		o.notes[seq] = by.Member
	}
	root := o.roots[what.Root]
	if root == nil {
		return fmt.Errorf("oracle: entry %d names root %d, which is none", seq, what.Root)
	}
	if len(slots[3]) > 0 && (what.Root == seq || family == "audience" || what.Kind == "entry.recalled") {
		a := mark.Audience
		root.audience, root.sealed = &a, mark.TLP == "TLP:RED" || mark.Recorded
	}
	if family != "room" && family != "member" {
		return nil
	}
	if err := oracleRead(slots[4], &body); err != nil {
		return fmt.Errorf("oracle: entry %d body: %w", seq, err)
	}
	if what.Kind == "room.opened" {
		o.roster, o.hosts = body.Roster, body.Hosts
	}
	if family == "member" {
		m := o.members[what.Root]
		if m == nil {
			m = &oracleMember{}
			o.members[what.Root] = m
		}
		m.org, m.role = cmp.Or(body.Seat.Org, m.org), cmp.Or(body.Role, body.Seat.Role, m.role)
		if in, moves := afterwards[what.Kind]; moves {
			m.in = in
		}
		switch what.Kind {
		case "member.joined":
			m.number, o.person[body.Person] = body.Number, m
			if body.Seat.History == "from_join" {
				m.start = seq
			}
		case "member.granted":
			m.start = body.Start
		}
	}
	return nil
}

// Form says how much of the entry the person may see now.
func (o *Oracle) Form(person string, seq uint64) Form {
	m := o.person[person]
	if m == nil || !m.in || seq == 0 || seq > o.head {
		return Nothing
	}
	at := o.of[seq]
	root := o.roots[at]
	switch {
	case root.member:
		return o.roll(m, o.members[at])
	case root.standing:
		return Open
	case at < m.start || root.audience == nil || !o.includes(root.audience, m):
		return Stub
	case o.notes[seq] != 0 && o.Hidden(person, o.notes[seq]):
		return Stub
	case root.sealed:
		return Envelope
	}
	return Open
}

// Roster is the room's rule of the roster, fixed when it opened.
func (o *Oracle) Roster() string { return o.roster }

// Root is the number of the entry that began what the entry is about.
func (o *Oracle) Root(seq uint64) uint64 { return o.of[seq] }

// Began is the number of who began the object, as its first entry says to
// everyone who sees any of them; 0 for nobody.
func (o *Oracle) Began(root uint64) int {
	if r := o.roots[root]; r != nil {
		return r.by
	}
	return 0
}

// Hidden says whether the roster hides the member with this number from the
// person: their name, their organisation, and that there is one of that number.
func (o *Oracle) Hidden(person string, number int) bool {
	viewer := o.person[person]
	for _, m := range o.members {
		if m.number == number && number != 0 {
			return viewer == nil || o.roll(viewer, m) == Stub
		}
	}
	return false
}

// HiddenOrg is Hidden for an organisation: whether all of its members in the
// room, and those who have left it, are hidden from the person.
func (o *Oracle) HiddenOrg(person, org string) bool {
	viewer, known := o.person[person], false
	for _, m := range o.members {
		if m.org == org {
			known = true
			if viewer != nil && o.roll(viewer, m) != Stub {
				return false
			}
		}
	}
	return known
}

// roll is the rule of the roster: what a guest learns of another organisation.
// An auditor's charge is the whole roll.
func (o *Oracle) roll(viewer, about *oracleMember) Form {
	if slices.Contains(o.hosts, viewer.org) || slices.Contains(o.hosts, about.org) || viewer.org == about.org || viewer.role == "auditor" {
		return Open
	}
	return map[string]Form{"names": Open, "organisations": Envelope, "hosts": Stub}[o.roster]
}

func (o *Oracle) includes(a *oracleAudience, m *oracleMember) bool {
	switch a.Kind {
	case "room":
		return true
	case "hosts":
		return slices.Contains(o.hosts, m.org)
	case "leads":
		return m.role == "auditor" || slices.Contains(o.hosts, m.org) && (m.role == "lead" || m.role == "deputy")
	case "named":
		return slices.Contains(a.Members, m.number) || slices.Contains(a.Orgs, m.org)
	}
	return false
}

// Members are the persons in the room now.
func (o *Oracle) Members() map[string]bool {
	in := map[string]bool{}
	for p, m := range o.person {
		if m.in {
			in[p] = true
		}
	}
	return in
}

// Counts says whether the entry is one a reader's counts are about: a root
// that is no standing fact.
func (o *Oracle) Counts(seq uint64) bool { r := o.roots[seq]; return r != nil && !r.standing }

// Reads says whether the person may have the whole entry by opening it: an
// envelope is opened, what is open needs no opening.
func (o *Oracle) Reads(person string, seq uint64) bool {
	f := o.Form(person, seq)
	return f == Open || f == Envelope && !o.roots[o.of[seq]].member
}

func oracleRead(b []byte, into any) error {
	if len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, into)
}
