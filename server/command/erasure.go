package command

import (
	"slices"
	"strings"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxErased bounds the entries of one question: they are erased in one
// transaction, under the log's lock.
const MaxErased = 1000

// FreshFor is how long a second factor may be used to erase, to hold or to
// keep; each is used once.
const FreshFor = 5 * time.Minute

// fresh refuses an act whose second factor is older than FreshFor or was used
// for another such act. It returns what is to be recorded of it. A session by
// codes has none.
func (s *scene) fresh() (incident.Authority, error) {
	if s.Actor.System {
		return incident.Authority{}, nil
	}
	if s.Actor.Way == incident.ByCodes {
		return incident.Authority{}, policy.ByCodes()
	}
	if !s.Actor.Fresh(s.Now, s.Room.Factors[s.Asker().Number]) {
		return incident.Authority{}, incident.Refuse(incident.StepUp, "This needs your second factor anew, each time.")
	}
	return incident.Authority{StepUp: incident.At(s.Actor.StepUp)}, nil
}

// freshFor is fresh for what takes a reason too; the reason comes back trimmed.
func (s *scene) freshFor(reason string) (incident.Authority, string, error) {
	if err := checkReason("reason", reason, true); err != nil {
		return incident.Authority{}, "", err
	}
	auth, err := s.fresh()
	return auth, strings.TrimSpace(reason), err
}

// held refuses to erase while the record is held.
func (s *scene) held() error {
	if len(s.Room.Holds) == 0 {
		return nil
	}
	h := s.Room.Holds[0]
	return incident.Refuse(incident.Conflict, "The record is on hold (%s, entry %d): nothing is erased until someone of the other host lifts it.", h.Reference, h.Root)
}

// Erases lists the entries whose stored openings a command needs, for the
// journal to load: those it asks to erase from, or erases from. room is the
// fold it will be judged by. With them it needs what repeats them: see Repeats.
func Erases(c Command, room *incident.Room) []incident.Seq {
	if e, ok := meant(c).(interface {
		erases(*incident.Room) []incident.Seq
	}); ok && room != nil {
		return e.erases(room)
	}
	return nil
}

// Repeats reports whether entries of this kind repeat what another entry says: a
// side room's question whether to bring something to the main room, and the
// consent to it.
func Repeats(k incident.Kind) bool { return k == "promotion.asked" || k == "promotion.agreed" }

// repeating lists the entries that still repeat what one of these says, in
// order. What they repeat goes with it: nobody is left with the words of what was
// erased.
func (s *scene) repeating(entries []incident.Seq) (list []incident.Seq) {
	for n, e := range s.targets {
		if !Repeats(e.Kind) || e.BodyErased() {
			continue
		}
		of := e
		if e.Root != n {
			of = s.targets[e.Root]
		}
		if of == nil {
			continue
		}
		what := of.Refs.Cites
		if b, ok := of.Body.(*incident.PromotionAsked); ok && b.Entry != 0 {
			what = []incident.Seq{b.Entry, b.Words}
		}
		if slices.ContainsFunc(what, func(n incident.Seq) bool { return slices.Contains(entries, n) }) {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return list
}

// AskErasure asks that slots of entries be erased. With what an entry says goes
// what repeats it, named in the question too, so that two people agree to all of
// it.
type AskErasure struct {
	Entries []incident.Seq
	Slots   []int
	Ground  incident.ErasureGround
	Reason  string
}

func (c AskErasure) roots() []incident.Seq { return nil }

func (c AskErasure) erases(*incident.Room) []incident.Seq {
	if len(c.Entries) > MaxErased {
		return nil
	}
	return c.Entries
}

func (c AskErasure) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.AskErasure, nil, nil); err != nil {
		return nil, err
	}
	entries, slots := inOrder(c.Entries...), slices.Clone(c.Slots)
	slices.Sort(slots)
	slots = slices.Compact(slots)
	switch {
	case len(entries) == 0:
		return nil, incident.BadField("entries", "Say which entry.")
	case len(c.Entries) > MaxErased:
		return nil, incident.BadField("entries", "At most %d entries are erased at once. Ask for the others after.", MaxErased)
	case len(slots) == 0 || slices.ContainsFunc(slots, func(i int) bool { return !slices.Contains(incident.ErasableSlots, i) }):
		return nil, incident.BadField("slots", "What can be erased is what was said (4), what it referred to (5) and what was attached (6).")
	case !slices.Contains(incident.ErasureGrounds, c.Ground):
		return nil, incident.BadField("ground", "Choose a ground from the list.")
	}
	if err := checkReason("reason", c.Reason, true); err != nil {
		return nil, err
	}
	if err := s.held(); err != nil {
		return nil, err
	}
	if until, ok := s.Room.KeptUntil(); c.Ground == incident.GroundRetention && (!ok || s.Now.Before(until)) {
		if !ok {
			return nil, incident.BadField("ground", "The record is kept for %d years after the room is closed, and it is not closed.", s.Room.Keeps().Years)
		}
		return nil, incident.BadField("ground", "The record is kept until %s.", until.UTC().Format("2 January 2006"))
	}
	for _, n := range entries {
		if err := s.erasable(n, slots, c.Ground == incident.GroundRetention); err != nil {
			return nil, err
		}
	}
	if c.Ground != incident.GroundRetention && slices.Contains(slots, incident.SlotBody) { // all of a record goes anyhow
		for _, n := range s.repeating(entries) {
			if slices.Contains(entries, n) {
				continue
			}
			if err := s.erasable(n, slots, true); err != nil { // whoever reads the one reads the other
				return nil, err
			}
			entries = append(entries, n)
		}
		entries = inOrder(entries...)
		if len(entries) > MaxErased {
			return nil, incident.BadField("entries", "With the questions that repeat them these are %d entries; at most %d are erased at once.", len(entries), MaxErased)
		}
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	mark := incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToHosts}, Originator: s.Asker().Org}
	if mark.TLP == incident.Red {
		mark.TLP = incident.AmberStrict // RED is for people by name, and whoever of the hosts may agree must read this
	}
	return one(&incident.Event{Marking: &mark, Authority: auth, Body: &incident.ErasureAsked{Entries: entries, Slots: slots, Ground: c.Ground, Reason: strings.TrimSpace(c.Reason)}})
}

// erasable checks that an entry can be asked about. Whoever disposes of a
// record whose time has run out names all of it, also what they may not read.
func (s *scene) erasable(n incident.Seq, slots []int, all bool) error {
	e, sight := s.targets[n], s.cited[n]
	if e == nil || !all && policy.Sees(s.Room, s.Asker(), sight) == policy.Stub {
		return incident.BadField("entries", "Entry %d is not there for you.", n)
	}
	if !e.Kind.Erasable() || sight.Kind.Standing() {
		return incident.BadField("entries", "Entry %d is one of those that the record stands on: who was in the room, how severe it was, its brief and rules, what was erased. It cannot be erased.", n)
	}
	if s.Room.Escalation(e.Root) != nil {
		return incident.Refuse(incident.Conflict, "Entry %d is about an escalation that is not over. Have it answered or stood down first.", n)
	}
	if s.Room.StatutoryRoot(e.Root) != nil {
		return incident.Refuse(incident.Conflict, "Entry %d is about a clock that still runs. Have it evidenced or withdrawn first.", n)
	}
	if s.Room.Handover(e.Root) != nil {
		return incident.Refuse(incident.Conflict, "Entry %d is about a handover that waits to be accepted. Have it answered or taken back first.", n)
	}
	if s.Room.Broadcast(e.Root) != nil {
		return incident.Refuse(incident.Conflict, "Entry %d is about a broadcast that waits for an answer. Have it answered or withdrawn first.", n)
	}
	if len(left(e, slots)) == 0 {
		return incident.BadField("entries", "This was erased from entry %d already.", n)
	}
	for _, a := range s.Room.Erasures {
		if slices.Contains(a.Entries, n) {
			return incident.Refuse(incident.Conflict, "Whether to erase from entry %d is asked already, by entry %d. Answer that, or take it back.", n, a.Root)
		}
	}
	return nil
}

// left lists those of the slots that were not erased from the entry before.
func left(e *incident.Event, slots []int) (more []int) {
	for _, i := range slots {
		if !slices.Contains(e.Erased, i) {
			more = append(more, i)
		}
	}
	return more
}

// AgreeErasure is one of the two approvals. The second erases.
type AgreeErasure struct{ Root incident.Seq }

func (c AgreeErasure) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AgreeErasure) erases(room *incident.Room) []incident.Seq {
	if a := room.Erasure(c.Root); a != nil {
		return a.Entries // also for the first: the second may stand behind it in the same group
	}
	return nil
}

func (c AgreeErasure) decide(s *scene) ([]*incident.Event, error) {
	a, err := s.asked(policy.AgreeErasure, c.Root)
	if err != nil {
		return nil, err
	}
	if err := s.held(); err != nil {
		return nil, err
	}
	auth, err := s.fresh()
	if err != nil {
		return nil, err
	}
	events := []*incident.Event{{Root: c.Root, Body: &incident.ErasureAgreed{}, Authority: auth}}
	if len(a.Agreed) < incident.Approvals-1 {
		return events, nil
	}
	if a.Ground != incident.GroundRetention && slices.Contains(a.Slots, incident.SlotBody) {
		for _, n := range s.repeating(a.Entries) {
			if !slices.Contains(a.Entries, n) {
				return nil, incident.Refuse(incident.Conflict, "Since this was asked, entry %d repeats what is to be erased. Take the question back and ask anew: entry %d is then erased with it.", n, n)
			}
		}
	}
	var counted []*incident.Event
	for _, n := range a.Entries {
		e := s.targets[n]
		if e == nil {
			return nil, incident.Refuse(incident.Unavailable, "This cannot be done just now. Try again in a moment.")
		}
		slots := left(e, a.Slots)
		if len(slots) == 0 {
			continue
		}
		events = append(events, &incident.Event{Body: &incident.EntryErased{Ask: c.Root, Entry: n, Ground: a.Ground, Slots: slots}})
		if line, ok := e.Body.(*incident.LogEntryWritten); ok && slices.Contains(slots, incident.SlotBody) {
			counted = s.count(counted, line.Book)
		}
	}
	return append(events, counted...), nil
}

// count adds, once a book, the entry that says how its lines go on.
func (s *scene) count(counted []*incident.Event, book incident.Seq) []*incident.Event {
	b := s.Room.BookRoot(book)
	if b == nil || slices.ContainsFunc(counted, func(e *incident.Event) bool { return e.Root == book }) {
		return counted
	}
	return append(counted, &incident.Event{Root: book, Body: &incident.BookCounted{Next: b.Next}})
}

// asked permits an act on a question that waits, and returns it.
func (s *scene) asked(act policy.Act, root incident.Seq) (*incident.Erasure, error) {
	if s.Room == nil || s.empty || !s.Asker().Present() {
		return nil, incident.Missing()
	}
	a := s.Room.Erasure(root)
	if a == nil {
		return nil, incident.Missing()
	}
	s.Erasure = a
	return a, s.permit(act, nil, nil)
}

// RefuseErasure ends the question: nothing is erased.
type RefuseErasure struct {
	Root   incident.Seq
	Reason string
}

func (c RefuseErasure) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c RefuseErasure) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.asked(policy.RefuseErasure, c.Root); err != nil {
		return nil, err
	}
	auth, reason, err := s.freshFor(c.Reason)
	if err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Authority: auth, Body: &incident.ErasureRefused{Reason: reason}})
}

// DropErasure takes the question back.
type DropErasure struct{ Root incident.Seq }

func (c DropErasure) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c DropErasure) decide(s *scene) ([]*incident.Event, error) {
	if _, err := s.asked(policy.DropErasure, c.Root); err != nil {
		return nil, err
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.ErasureDropped{}})
}
