package journal_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/journal"
	"wardroom/server/policy"
	"wardroom/server/servertest"
)

// Two loggists write at once from two nodes, each faster than anyone types,
// while the room talks.
func TestABooksNumbersHaveNoGapHoweverManyWriteAtOnce(t *testing.T) {
	h := servertest.NewHouse(t)
	other := h.Node()
	lead, lena, luke := h.Person("Priya Anand", "DSC"), h.Person("Lena Fox", "DSC"), h.Person("Luke Hart", "NCSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, lena, incident.Loggist, incident.Full)
	h.Join(id, lead, luke, incident.Loggist, incident.Full)
	books := map[string]incident.Seq{}
	for _, who := range []incident.Actor{lena, luke} {
		books[who.Name] = h.Must(h.Do(id, who, command.OpenBook{Maker: 1, Signal: "A raised hand"})).Seq
	}
	const hands, each = 6, 10
	got := map[incident.Seq][]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for hand := range hands {
		node := []*journal.Journal{h.Journal, other}[hand%2]
		for _, who := range []incident.Actor{lena, luke} {
			wg.Go(func() {
				for i := range each {
					book := books[who.Name]
					r, err := node.Append(t.Context(), id, who, h.Key(), command.WriteLine{Book: book, Text: fmt.Sprint("hand ", hand, " line ", i)})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					got[book] = append(got[book], r.Events[0].Body.(*incident.LogEntryWritten).Number)
					mu.Unlock()
				}
			})
		}
		wg.Go(func() {
			for range each {
				if _, err := node.Append(t.Context(), id, lead, h.Key(), command.PostMessage{Text: "meanwhile"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for book, numbers := range got {
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != i+1 {
				t.Fatalf("book %d: the %d. number in order is %d", book, i+1, n)
			}
		}
		if len(numbers) != hands*each {
			t.Errorf("book %d has %d lines, want %d", book, len(numbers), hands*each)
		}
	}
	// It closes at the last line, and the next book goes on from there.
	for _, who := range []incident.Actor{lena, luke} {
		closed := h.Must(h.Do(id, who, command.CloseBook{Root: books[who.Name]}))
		next := h.Must(h.Do(id, who, command.OpenBook{Maker: 1, Signal: "A raised hand", Continues: books[who.Name]}))
		if last, first := closed.Events[0].Body.(*incident.BookClosed).Last, next.Events[0].Body.(*incident.BookOpened).First; last != hands*each || first != last+1 {
			t.Errorf("%s: closed at %d, and goes on at %d", who.Name, last, first)
		}
	}
	h.CheckLog(id)
}

// Closing races with writing: the line is in the book or refused, and the
// book's last number says which.
func TestALineThatRacesWithTheClosingIsInTheBookOrRefused(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, lena := h.Person("Priya Anand", "DSC"), h.Person("Lena Fox", "DSC")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, lena, incident.Loggist, incident.Full)
	for range 8 {
		book := h.Must(h.Do(id, lena, command.OpenBook{Maker: 1, Signal: "A raised hand"})).Seq
		var written, last int
		var mu sync.Mutex
		var wg sync.WaitGroup
		wg.Go(func() {
			r, err := h.Do(id, lead, command.CloseBook{Root: book})
			if err != nil {
				t.Error(err)
				return
			}
			last = r.Events[0].Body.(*incident.BookClosed).Last
		})
		for range 3 {
			wg.Go(func() {
				_, err := h.Do(id, lena, command.WriteLine{Book: book, Text: "one more"})
				if err == nil {
					mu.Lock()
					written++
					mu.Unlock()
				} else if incident.FaultOf(err) != incident.Conflict {
					t.Errorf("refused: %v", err)
				}
			})
		}
		wg.Wait()
		if written != last {
			t.Errorf("%d lines were taken and the book closed at %d", written, last)
		}
	}
}

func TestTheRecordsTimelineIsTheRecordAndNothingElse(t *testing.T) {
	h := servertest.NewHouse(t)
	lead, sam := h.Person("Priya Anand", "DSC"), h.Person("Sam Okafor", "X1N")
	id := h.OpenRoom(lead, incident.ModeIncident, incident.RosterNames)
	h.Join(id, lead, sam, incident.Representative, incident.FromJoin)
	hosts := &incident.Audience{Kind: incident.ToHosts}
	var open, all []incident.Seq
	do := func(who incident.Actor, c command.Command) incident.Seq { return h.Must(h.Do(id, who, c)).Seq }
	book := do(lead, command.OpenBook{Maker: 2, Signal: "He says: for the log"})
	open, all = append(open, book), append(all, book)
	before, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	first, _ := policy.Snap(before, before.Member(lead.Person)).MarshalJSON()
	opens := len(first)
	for i := range 12 {
		h.Say(id, sam, "talk")
		line := do(lead, command.WriteLine{Book: book, Text: fmt.Sprint("line ", i)})
		all = append(all, line)
		if i%3 == 0 {
			do(lead, command.TightenEntry{Root: line, Audience: hosts})
			continue
		}
		open = append(open, line)
		do(sam, command.NoteEntry{Root: line})
		if i == 7 {
			fix := do(lead, command.CorrectLine{Root: line, Text: "corrected"})
			open, all = append(open, fix), append(all, fix)
		}
	}
	room, err := h.Journal.Room(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// What opening the room brings does not grow by what is written in a book.
	if b, _ := policy.Snap(room, room.Member(lead.Person)).MarshalJSON(); len(b) != opens {
		t.Errorf("opening the room brings %d bytes, and brought %d before twelve lines", len(b), opens)
	}
	for who, want := range map[*incident.Actor][]incident.Seq{&lead: all, &sam: open} {
		m := room.Member(who.Person)
		var got []incident.Seq
		for before := incident.Seq(0); ; {
			rows, err := h.Journal.Page(t.Context(), id, who.Person, journal.Query{Record: m, Before: before, Limit: 5, Desc: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				before = incident.Seq(row.Entry.Seq)
				got = append(got, before)
				if e := policy.View(room, m, row.Sight, row.Entry).Event(); e == nil || !e.Kind.InRecord() {
					t.Errorf("%s: entry %d is %v", who.Name, row.Entry.Seq, e)
				}
			}
			if len(rows) < 5 {
				break
			}
		}
		slices.Reverse(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", who.Name, got, want)
		}
		rows, err := h.Journal.Page(t.Context(), id, who.Person, journal.Query{Record: m, After: want[3], Limit: 4})
		if err != nil || len(rows) != 4 || incident.Seq(rows[0].Entry.Seq) != want[4] {
			t.Errorf("%s, after %d: %d rows, %v", who.Name, want[3], len(rows), err)
		}
		if roots, more, err := h.Journal.Board(t.Context(), room, m, journal.Board{Noun: "logentry", Under: book, Limit: 3}); err != nil || len(roots) != 3 || !more {
			t.Errorf("%s: the book's board: %v, more %v, %v", who.Name, roots, more, err)
		}
	}
	roots, more, err := h.Journal.Board(t.Context(), room, room.Member(sam.Person), journal.Board{Noun: "logentry", Limit: 8})
	if err != nil || len(roots) != 8 || more {
		t.Errorf("Sam sees eight lines: %v, and is told of more: %v (%v)", roots, more, err)
	}
}
