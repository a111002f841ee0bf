package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// searched is a room that is searched, with everybody in it who is needed.
type searched struct {
	*servertest.House
	t                      *testing.T
	room                   incident.LogID
	lead, deputy, una, sam incident.Actor
	s                      *Searcher
}

func newSearched(t *testing.T) *searched {
	h := servertest.NewHouse(t)
	k := &searched{House: h, t: t, lead: h.Person("Priya Anand", "DSC"), deputy: h.Person("Dev Rao", "NCSC"), una: h.Person("Una Hart", "DSC"), sam: h.Person("Sam Okafor", "X1N"), s: New(h.Journal)}
	k.room = h.OpenRoom(k.lead, incident.ModeIncident, incident.RosterNames)
	h.Join(k.room, k.lead, k.deputy, incident.Deputy, incident.Full)
	h.Join(k.room, k.lead, k.una, incident.Liaison, incident.Full)
	h.Join(k.room, k.lead, k.sam, incident.Representative, incident.Full)
	return k
}

func (k *searched) do(who incident.Actor, c command.Command) incident.Seq {
	k.t.Helper()
	return k.Must(k.Do(k.room, k.Stepped(who), c)).Seq
}

// finds holds what a person finds by a word to what they should, by a searcher
// that has the room in memory and by one that has not.
func (k *searched) finds(what string, who incident.Actor, word string, want ...incident.Seq) {
	k.t.Helper()
	for name, s := range map[string]*Searcher{"in memory": k.s, "anew": New(k.Journal)} {
		f, err := s.Room(k.t.Context(), k.room, who.Person, Query{Text: word})
		if err != nil || !slices.Equal(roots(f), want) || f.Next != 0 {
			k.t.Errorf("%s: %s finds %v by %q %s, want %v (%v)", what, who.Name, roots(f), word, name, want, err)
		}
	}
}

// What is kept of a room is what the room is: an entry that is narrowed, recalled,
// corrected, made or lowered from RED, or erased since is found, or not, as if it
// were read anew.
func TestARoomKeptInMemoryIsSearchedAsItStands(t *testing.T) {
	k := newSearched(t)
	said := k.Say(k.room, k.lead, "an aardvark")
	other := k.Say(k.room, k.lead, "a badger")
	k.finds("said", k.sam, "AARDVARK", said)
	k.do(k.lead, command.TightenEntry{Root: said, Audience: &incident.Audience{Kind: incident.ToHosts}})
	k.finds("narrowed", k.sam, "aardvark")
	k.finds("narrowed", k.lead, "aardvark", said)
	k.do(k.lead, command.WidenEntry{Root: said, Audience: &incident.Audience{Kind: incident.ToRoom}, Reason: "It helps."})
	k.finds("widened", k.sam, "aardvark", said)
	k.do(k.lead, command.CorrectMessage{Root: said, Text: "a capybara"})
	k.finds("corrected", k.sam, "capybara", said)
	k.finds("corrected, by what it said", k.sam, "aardvark", said)

	red := k.do(k.lead, command.PostMessage{Text: "a dormouse", TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, 2, 3, 4}}})
	k.finds("RED", k.sam, "dormouse")
	if k.holds("dormouse") {
		t.Error("a RED entry's text is kept in memory")
	}
	lower := k.do(k.lead, command.WidenEntry{Root: red, TLP: incident.Amber, Reason: "It helps."})
	k.do(k.una, command.AnswerRelease{Root: lower, Entry: red, Grant: true})
	k.finds("lowered from RED", k.sam, "dormouse", red)

	k.do(k.lead, command.RecallEntry{Root: other, Reason: "It was wrong."})
	k.finds("recalled", k.sam, "badger")

	elsewhere := k.Node()
	late, err := elsewhere.Append(t.Context(), k.room, k.lead, k.Key(), command.PostMessage{Text: "an echidna"})
	if err != nil {
		t.Fatal(err)
	}
	k.finds("said on another node", k.sam, "echidna", late.Seq)

	ask := k.do(k.lead, command.AskErasure{Entries: []incident.Seq{late.Seq}, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "A patient is named."})
	k.do(k.deputy, command.AgreeErasure{Root: ask})
	k.do(k.una, command.AgreeErasure{Root: ask})
	k.finds("erased", k.sam, "echidna")
	if k.holds("echidna") {
		t.Error("what was erased is kept in memory")
	}
}

// holds says whether a word stands in what is kept.
func (k *searched) holds(word string) bool {
	k.s.kept.mu.Lock()
	defer k.s.kept.mu.Unlock()
	for _, h := range k.s.kept.all {
		h.mu.RLock()
		defer h.mu.RUnlock()
		if slices.ContainsFunc(h.lines, func(l line) bool { return strings.Contains(l.text, word) }) {
			return true
		}
	}
	return false
}

// What was erased leaves the memory of a server whose room nobody searches any
// more.
func TestWhatIsErasedLeavesTheMemoryWithoutASearch(t *testing.T) {
	k := newSearched(t)
	said := k.Say(k.room, k.lead, "an aardvark")
	k.finds("said", k.sam, "aardvark", said)
	k.s.kept.mu.Lock()
	h := k.s.kept.all[k.room]
	gone := make(chan struct{})
	stop := h.stop
	h.stop = func() { stop(); close(gone) }
	k.s.kept.mu.Unlock()
	ask := k.do(k.lead, command.AskErasure{Entries: []incident.Seq{said}, Slots: incident.ErasableSlots, Ground: incident.GroundPatientData, Reason: "A patient is named."})
	k.do(k.deputy, command.AgreeErasure{Root: ask})
	k.do(k.una, command.AgreeErasure{Root: ask})
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the server keeps what was erased")
	}
	if k.holds("aardvark") {
		t.Error("it is still there")
	}
}

// A room in memory is looked through at one asking, however long it is, and what
// is older than what is kept is still found.
func TestARoomInMemoryIsSearchedAtOneAsking(t *testing.T) {
	k := newSearched(t)
	needle := k.Say(k.room, k.lead, "a needle")
	for i := range 60 {
		k.Say(k.room, k.lead, fmt.Sprint("hay ", i))
	}
	const budget = 20
	search := func(before incident.Seq) Found {
		f, err := k.s.room(t.Context(), k.room, k.sam.Person, Query{Text: "needle", Before: before}, budget)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	parts, looked := 0, 0
	for f := search(0); ; f = search(f.Next) { // it comes in by parts, each of which says how far it is
		parts, looked = parts+1, looked+f.Scanned
		if f.Scanned == 0 || f.Scanned > budget {
			t.Fatalf("part %d looked at %d entries", parts, f.Scanned)
		}
		if f.Next == 0 {
			break
		}
	}
	at, _ := k.Journal.Room(t.Context(), k.room)
	if parts != 4 || looked != int(at.Head) {
		t.Errorf("%d parts of %d entries", parts, looked)
	}
	if f := search(0); !slices.Equal(roots(f), []incident.Seq{needle}) || f.Next != 0 || f.Scanned != int(at.Head) || f.read != 0 {
		t.Errorf("once it is there: found %v, %d looked at, %d read, next %d", roots(f), f.Scanned, f.read, f.Next)
	}
	// Forgotten in the middle of a search: it goes on where it was.
	k.s.most = 0
	search(0)
	if len(k.s.kept.all) != 0 {
		t.Error("more is kept than may be")
	}
	if f := search(40); f.Scanned != budget || f.Next != 20 {
		t.Errorf("below what is kept: %d looked at, next %d", f.Scanned, f.Next)
	}
	if f := search(20); !slices.Equal(roots(f), []incident.Seq{needle}) || f.Next != 0 {
		t.Errorf("below what is kept: found %v, next %d", roots(f), f.Next)
	}
}
