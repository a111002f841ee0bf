// Package command turns an intention into events, or refuses. It is pure.
//
// A Command has unexported methods, so the only way to run one is Decide, and
// Decide asks policy.Permit before anything else. What a command needs from
// outside the log (who joined by which invitation, when the second factor was
// given) is fetched by the server and travels in the command as typed facts;
// nothing of it is taken from the client.
package command

import (
	"encoding/json"
	"fmt"
	"time"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// Command is an intention, not yet judged.
type Command interface {
	// roots lists the objects that must be loaded before deciding.
	roots() []incident.Seq
	// decide returns the events that carry the intention out, or a refusal.
	// Drafts have a body, and where they need it a root, a marking,
	// references and an actor of their own; Decide fills in the rest.
	decide(s *scene) ([]*incident.Event, error)
}

// scene is what a command decides on.
type scene struct {
	policy.Scene
	access  *incident.Access
	system  *incident.System
	empty   bool // the log has no entry yet
	head    incident.Seq
	objects map[incident.Seq]*incident.Object
	cited   map[incident.Seq]incident.Sight
	notes   map[incident.Seq]incident.MemberNo
	targets map[incident.Seq]*incident.Event
	citing  map[incident.Seq][]Citation

	attached map[incident.BlobID]incident.Seq
}

// Roots lists the objects a command names, for the journal to load.
func Roots(c Command) []incident.Seq { return c.roots() }

// Cites lists the entries a command cites by number, roots or not, for the
// journal to say who may see them. Of more than can be cited it is none: the
// command is refused for that, and the log is not to be held for looking.
func Cites(c Command) []incident.Seq {
	if citing, ok := meant(c).(interface{ cites() []incident.Seq }); ok {
		if list := citing.cites(); len(list) <= MaxCites {
			return list
		}
	}
	return nil
}

// Moves lists the objects whose sight a command may move, for the journal to
// say what rests on them.
func Moves(c Command) []incident.Seq {
	if m, ok := meant(c).(interface{ moves() []incident.Seq }); ok {
		return m.moves()
	}
	return nil
}

// A Citation is that an object rests on an entry.
type Citation struct {
	Root  incident.Seq  // of what rests on it
	Kind  incident.Kind // of that root: a decision's, or promotion.asked
	Entry incident.Seq  // as it was cited
}

// Bytes are the command's content in a fixed form, compared (under a key) to
// tell a repeated command from another one with the same idempotency key. What
// its author had been shown when they sent it is no part of it: it is said once,
// however often they looked before.
func Bytes(c Command) []byte {
	if u, ok := c.(unattachable); ok {
		return Bytes(u.Command)
	}
	if o, ok := c.(overruled); ok {
		return fmt.Appendf(Bytes(o.Command), "\noverruled %q", o.Reason)
	}
	b, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("command: %T cannot be written: %v", c, err)) // commands are plain data
	}
	return append(fmt.Appendf(nil, "%T\n", c), b...)
}

// Input is what the journal knows when it asks for a decision.
type Input struct {
	State   incident.State // the fold of the log at its head
	Size    uint64         // entries in the log; 0 before genesis
	Objects map[incident.Seq]*incident.Object
	Cited   map[incident.Seq]incident.Sight    // by number: who may see the root of what Cites lists, as it stands now
	Notes   map[incident.Seq]incident.MemberNo // of those, which are notes, and whose: needed only where guests are not told of one another
	Targets map[incident.Seq]*incident.Event   // what Erases lists, and what Repeats it, as it is stored; who may see the root of each is in Cited
	Citing  map[incident.Seq][]Citation        // by root: what rests on an entry of what Moves lists
	Actor   incident.Actor

	Attached map[incident.BlobID]incident.Seq // of what Blobs lists: the entry it is attached to already

	Key incident.Key
	Now time.Time // the database's clock
}

// Decide judges the command and returns its events, complete but for their
// evidence. A refusal returns no events, stores nothing and leaves State as it
// was; so does success: folding the events is the caller's.
func Decide(in Input, c Command) ([]*incident.Event, error) {
	s := &scene{empty: in.Size == 0, objects: in.Objects, cited: in.Cited, notes: in.Notes, targets: in.Targets, citing: in.Citing, attached: in.Attached}
	s.Actor, s.Now = in.Actor, in.Now
	if in.Size > 0 {
		s.head = incident.Seq(in.Size - 1)
	}
	switch st := in.State.(type) {
	case *incident.Room:
		s.Room = st
	case *incident.Access:
		s.access = st
	case *incident.System:
		s.system = st
	}
	if in.Actor.System && in.Actor.Person != "" && !s.empty && (s.Room == nil || s.Room.Mode != incident.ModeExercise) {
		return nil, incident.Missing() // only an exercise's people are spoken for
	}
	reason := ""
	if o, ok := c.(overruled); ok {
		c, reason = o.Command, o.Reason
	}
	events, err := c.decide(s)
	if err != nil {
		return nil, err
	}
	events = s.followed(events)
	if err := s.guard(c, events, reason); err != nil {
		return nil, err
	}
	for _, e := range events {
		if e.Authority.Seen > s.head { // it would stand in the record that they knew what nobody could
			return nil, incident.BadField("seen", "There is no entry %d yet.", e.Authority.Seen)
		}
	}
	recorded := incident.At(in.Now)
	if last := in.State.LastAt(); recorded.Before(last.Time) {
		recorded = last // never before the entry above it
	}
	by := s.by()
	for i, e := range events {
		e.Seq = incident.Seq(in.Size) + incident.Seq(i)
		e.Kind = incident.KindOf(e.Body)
		if info, _ := e.Kind.Info(); info.Root {
			e.Root = e.Seq
		}
		if e.By == (incident.By{}) && !ownWord(e.Body) {
			e.By = by
		}
		e.Times.Recorded = recorded
		if s.Actor.System && !s.Actor.Exercise.IsZero() {
			e.Times.Exercise = incident.At(s.Actor.Exercise)
		} else if s.Room != nil && s.Room.Clock != nil && e.Times.Exercise.IsZero() {
			e.Times.Exercise = s.Room.Clock.Now(in.Now)
		}
		if !e.By.Veiled() { // a key is its sender's making, and would be theirs wherever it is met again
			e.Authority.Key = in.Key
			if !ownWord(e.Body) {
				e.Authority.Way = in.Actor.Way
			}
		}
	}
	return events, nil
}

// ownWord reports whether an entry is the house's own word, which follows from
// what somebody did and names nobody.
func ownWord(b incident.Body) bool {
	switch b := b.(type) {
	case *incident.DecisionShaken, *incident.EscalationAdvanced, *incident.EscalationSilent:
		return true
	case *incident.FeedClosed:
		return b.Why != ""
	}
	return false
}

// by says who acts: the member in a room, the person in the system log.
func (s *scene) by() incident.By {
	if s.Room != nil && !s.empty {
		if m := s.Asker(); m.Present() {
			return member(m)
		}
		return incident.By{}
	}
	if s.system != nil {
		return incident.By{Person: s.Actor.Person}
	}
	return incident.By{}
}

func member(m *incident.Member) incident.By {
	return incident.By{Member: m.Number, Org: m.Org, Role: m.Role}
}

// permit asks policy, with the entry and the membership the act is about.
func (s *scene) permit(act policy.Act, o *incident.Object, target *incident.Member) error {
	if s.Room == nil || s.empty {
		return incident.Missing()
	}
	s.Object, s.Target = o, target
	return policy.Permit(act, &s.Scene)
}

// object returns a loaded object that the asker may see; Missing otherwise.
func (s *scene) object(root incident.Seq) (*incident.Object, error) {
	o := s.objects[root]
	if o == nil {
		return nil, incident.Missing()
	}
	return o, nil
}

// stale refuses a command decided on an older view, where that matters.
func (s *scene) stale(seen, changed incident.Seq, what string) error {
	if seen != 0 && changed > seen {
		return incident.Refuse(incident.Conflict, "%s was changed by entry %d after you looked. Read it, then decide again.", what, changed)
	}
	return nil
}

// one is a decision of a single event.
func one(e *incident.Event) ([]*incident.Event, error) { return []*incident.Event{e}, nil }
