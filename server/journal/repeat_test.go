package journal_test

import (
	"slices"
	"strings"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
)

// In a side room a question whether to bring something to the main room repeats
// it, and so does the consent. What is erased is erased there too.
func TestWithAnEntryOfASideRoomGoesWhatRepeatsIt(t *testing.T) {
	e := newErasing(t)
	main := e.id
	e.id = e.OpenCell(main, e.lead, "X1N")
	room := func(id incident.LogID) *incident.Room {
		t.Helper()
		r, err := e.Journal.Room(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, host := range []incident.Actor{e.deputy, e.una} {
		e.must(e.lead, command.SeatMember{Parent: room(main), Member: room(main).Member(host.Person).Number})
	}
	promote := func(n incident.Seq) incident.Seq {
		t.Helper()
		return e.must(e.lead, command.AskPromotion{Parent: room(main), Entry: n})
	}
	answer := func(q, n, words incident.Seq, grant bool) incident.Seq {
		t.Helper()
		return e.must(e.sam, command.AnswerPromotion{Root: q, Entry: n, Words: words, Grant: grant, Parent: room(main), Origin: "00"})
	}
	first := e.Say(e.id, e.sam, "Bed 4: "+canary)
	old := promote(first)
	answer(old, first, first, false)
	fixed := e.must(e.sam, command.CorrectMessage{Root: first, Text: "Bed 4, not 5: " + canary})
	agreed := promote(first)
	consent := answer(agreed, first, fixed, true)
	waits := promote(first)
	other := e.Say(e.id, e.sam, "another matter")
	kept := promote(other)
	needs := func() []incident.Seq {
		t.Helper()
		list, _, err := e.Journal.Needs(t.Context(), room(e.id), room(e.id).Member(e.sam.Person), 10)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if got := needs(); !slices.Equal(got, []incident.Seq{kept, waits}) || strings.Count(e.Unsealed(e.id), canary) != 6 {
		t.Fatalf("the test is blind: %v wait, and it stands in %d entries", got, strings.Count(e.Unsealed(e.id), canary))
	}

	// Of what was said first, that which repeats it; of both, all.
	root := e.ask(fixed)
	if got := room(e.id).Erasure(root).Entries; !slices.Equal(got, []incident.Seq{fixed, agreed, consent, waits}) {
		t.Errorf("with the correction go %v", got)
	}
	e.must(e.lead, command.DropErasure{Root: root})
	root = e.ask(first, fixed)
	if got := room(e.id).Erasure(root).Entries; !slices.Equal(got, []incident.Seq{first, old, fixed, agreed, consent, waits}) {
		t.Errorf("with both go %v", got)
	}
	e.must(e.Stepped(e.deputy), command.AgreeErasure{Root: root})

	// What came to repeat it since is in nobody's question: it is asked anew.
	since := e.Node()
	late := promote(first)
	if _, err := since.Append(t.Context(), e.id, e.Stepped(e.una), e.Key(), command.AgreeErasure{Root: root}); incident.FaultOf(err) != incident.Conflict || !strings.Contains(err.Error(), "Take the question back and ask anew") {
		t.Fatalf("agreed to for the second time: %v", err)
	}
	e.must(e.lead, command.DropErasure{Root: root})
	e.erase(first, fixed)
	if all := e.rows(); strings.Contains(all, canary) {
		t.Error("what was erased still stands somewhere")
	} else if strings.Count(all, "another matter") < 2 {
		t.Error("so went what repeats something else")
	}
	if got := needs(); !slices.Equal(got, []incident.Seq{kept}) {
		t.Errorf("%v wait, of which %d and %d were erased", got, waits, late)
	}
	e.CheckLog(e.id)

	// Where it was said, and nowhere else: the record of the main room has its own.
	n := e.Say(main, e.sam, canary)
	e.id = main
	root = e.ask(n)
	if got := room(main).Erasure(root).Entries; !slices.Equal(got, []incident.Seq{n}) {
		t.Errorf("in the main room go %v", got)
	}
}
