package command

import (
	"fmt"
	"slices"
	"strings"

	"wardroom/server/incident"
	"wardroom/server/policy"
)

// What the nouns of the record have in common: how they are marked, what they
// cite, who is at which tier.

// Chosen is what was chosen for a new entry's black bar and its readers; what
// is empty is the default.
type Chosen struct {
	TLP      incident.TLP
	PAP      incident.PAP
	Caveat   incident.Caveat
	Audience *incident.Audience
	Shown    incident.Seq `json:"-"` // the newest entry when the asker was shown who receives it; 0 if they were not; no part of what is said
}

// mark makes the marking of a new entry of the asker's: what was chosen, else
// the default. had is whom the default came from: whom it names may be named
// again.
func (s *scene) mark(c Chosen, def incident.Marking, had incident.Audience) (incident.Marking, error) {
	if c.TLP != "" {
		def.TLP = c.TLP
	}
	if c.PAP != "" {
		def.PAP = c.PAP
	}
	if c.Caveat != "" {
		def.Caveat = c.Caveat
	}
	if c.Audience != nil {
		def.Audience = *c.Audience
	}
	next, err := s.marking(def, s.Asker().Number, had)
	if err != nil {
		return next, err
	}
	return next, s.gained(next, c.Shown)
}

// plain is the room's default for a new entry of the asker's.
func (s *scene) plain() incident.Marking {
	return incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: s.Asker().Org}
}

// graver returns the higher of two labels.
func graver(a, b incident.TLP) incident.TLP {
	if b.Rank() > a.Rank() {
		return b
	}
	return a
}

var (
	paps    = []incident.PAP{"", incident.PAPClear, incident.PAPGreen, incident.PAPAmber, incident.PAPRed}
	caveats = []incident.Caveat{"", incident.Official, incident.OfficialSensitive}
)

// carries checks that what is made of an entry, and repeats its text, is kept
// as closely as the entry itself.
func (s *scene) carries(next, source incident.Marking) error {
	switch {
	case next.TLP.Rank() < source.TLP.Rank():
		return incident.BadField("tlp", "It is made of an entry labelled %s, and needs that label or a higher one. The entry's originator can lower its label first.", source.TLP)
	case slices.Index(paps, next.PAP) < slices.Index(paps, source.PAP):
		return incident.BadField("pap", "It is made of an entry labelled %s, and needs that label or a higher one.", source.PAP)
	case slices.Index(caveats, next.Caveat) < slices.Index(caveats, source.Caveat):
		return incident.BadField("caveat", "It is made of an entry marked %s, and needs that mark too.", source.Caveat)
	case source.Recorded && !next.Recorded:
		return incident.BadField("recorded", "It is made of an entry whose openings are recorded, and repeats what that says. Cite the entry by its number instead.")
	case !s.within(next.Audience, source.Audience):
		return incident.BadField("audience", "This would reach people whom the entry it is made of does not. Name fewer, or have its originator widen that entry first.")
	}
	return nil
}

// named returns an object that another command names in a field, if it is one
// that the asker may see. Hidden and missing are one answer.
func (s *scene) named(field string, root incident.Seq, act policy.Act, is func(*incident.Object) bool) (*incident.Object, error) {
	if o := s.objects[root]; o != nil && is(o) && s.permit(act, o, nil) == nil {
		return o, nil
	}
	return nil, incident.BadField(field, "Entry %d is not there for you, or is not what this needs.", root)
}

// MaxCites bounds the entries one entry cites.
const MaxCites = 100

// citations checks that the asker may see every entry cited, and puts the
// numbers in order. Hidden and missing are one answer.
func (s *scene) citations(field string, list []incident.Seq) ([]incident.Seq, error) {
	if len(list) > MaxCites {
		return nil, incident.BadField(field, "At most %d entries can be cited.", MaxCites)
	}
	for _, n := range list {
		if sight, ok := s.cited[n]; !ok || n == 0 || !s.mayCite(n, sight) {
			return nil, incident.BadField(field, "Entry %d is not there for you.", n)
		}
	}
	return inOrder(list...), nil
}

// mayCite reports whether the asker sees more of an entry than a stub: its
// root, and, if it is a note, whose that is.
func (s *scene) mayCite(n incident.Seq, root incident.Sight) bool {
	if by, note := s.notes[n]; note {
		return policy.SeesNote(s.Room, s.Asker(), root, by) != policy.Stub
	}
	return policy.May(s.Room, s.Asker(), root)
}

// inOrder sorts numbers and leaves out zeros and repetitions; nil for none.
func inOrder(list ...incident.Seq) []incident.Seq {
	list = slices.DeleteFunc(slices.Clone(list), func(n incident.Seq) bool { return n == 0 })
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// receives reports whether a member of the room sees a root.
func (s *scene) receives(m *incident.Member, root incident.Seq, kind incident.Kind, mark incident.Marking) bool {
	return policy.May(s.Room, m, incident.Sight{Root: root, Kind: kind, TLP: mark.TLP, Audience: mark.Audience, Recorded: mark.Recorded})
}

// called is what the asker may call a member.
func (s *scene) called(n incident.MemberNo) string {
	if name := policy.NameOf(s.Room, s.Asker(), n); name != "" {
		return name
	}
	return fmt.Sprintf("M-%d", n)
}

// knownGone reports whether the asker may know that a member is in the room
// no more.
func (s *scene) knownGone(n incident.MemberNo) bool {
	of := s.Room.Numbered(n)
	return of != nil && !of.Present() && policy.SeesMember(s.Room, s.Asker(), of) != policy.Stub
}

// atTier says who is at a tier or above it, as far as the asker may know.
func (s *scene) atTier(t incident.Tier) string {
	const shown = 5
	var names []string
	more := 0
	for _, m := range s.Room.Members {
		if !m.Present() || m.Tier().Rank() < t.Rank() || policy.SeesMember(s.Room, s.Asker(), m) != policy.Open {
			continue
		}
		if len(names) == shown {
			more++
			continue
		}
		names = append(names, m.Seat.Name)
	}
	if len(names) == 0 {
		return "Nobody you know of is at that tier here; a lead can give it."
	}
	if more > 0 {
		return fmt.Sprintf("At that tier here: %s and %d more.", strings.Join(names, ", "), more)
	}
	return fmt.Sprintf("At that tier here: %s.", strings.Join(names, ", "))
}

// moved refuses what was asked on an older view: it says which entry changed
// what, and what to do now.
func moved(seen, changed incident.Seq, what, now string) error {
	if seen == 0 || changed <= seen {
		return nil
	}
	return incident.Refuse(incident.Conflict, "Entry %d changed %s after you looked: it %s. Read it, then decide again.", changed, what, now)
}
