package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"wardroom/server/command"
	"wardroom/server/incident"
	"wardroom/server/servertest"
)

// library is a room with a loggist, the lead she keeps the log for, and
// others who are not to write in it.
type library struct {
	*servertest.Paper
	lena, dev, sam incident.Actor
}

func newLibrary(t servertest.TB, mode incident.Mode) *library {
	p := servertest.NewPaper(t, mode, incident.RosterNames)
	return &library{p, p.Join("Lena Fox", "DSC", incident.Loggist, incident.Full), p.Join("Dev Rao", "NCSC", incident.Deputy, incident.Full),
		p.Join("Sam Okafor", "X1N", incident.Representative, incident.Full)}
}

func (l *library) open(c command.OpenBook) incident.Seq {
	if c.Maker == 0 {
		c.Maker = l.Number(l.Lead)
	}
	if c.Signal == "" {
		c.Signal = "She raises a hand and says: for the log"
	}
	l.T.Helper()
	return l.Must(l.lena, c)
}

func (l *library) line(book incident.Seq, text string) *incident.LogEntryWritten {
	l.T.Helper()
	return l.Events[l.Must(l.lena, command.WriteLine{Book: book, Text: text})].Body.(*incident.LogEntryWritten)
}

var toHosts = &incident.Audience{Kind: incident.ToHosts}

func TestABookIsOpenedConfirmedWrittenInAndClosed(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	book := l.open(command.OpenBook{})
	if b := l.Room.BookRoot(book); b.Number != 1 || b.First != 1 || b.Loggist != l.Number(l.lena) || b.Maker != 1 || !b.Agreed.IsZero() || b.Marking.TLP != incident.AmberStrict {
		t.Fatalf("opened as %+v", b)
	}
	if n := l.line(book, "written before she has confirmed").Number; n != 1 {
		t.Errorf("the first line is number %d", n)
	}
	_, err := l.Do(l.dev, command.AgreeBook{Root: book})
	fault(t, err, incident.Forbidden, "confirming for another")
	l.Must(l.Lead, command.AgreeBook{Root: book})
	_, err = l.Do(l.Lead, command.AgreeBook{Root: book})
	fault(t, err, incident.Conflict, "confirming twice")
	for _, who := range []incident.Actor{l.Lead, l.dev, l.sam} {
		_, err = l.Do(who, command.WriteLine{Book: book, Text: "x"})
		fault(t, err, incident.Forbidden, who.Name+" writing in her book")
	}
	_, err = l.Do(l.sam, command.CloseBook{Root: book, Seen: l.Room.Head})
	fault(t, err, incident.Forbidden, "a guest closing it")
	_, err = l.Do(l.lena, command.OpenBook{Maker: 1, Signal: "x", Continues: book})
	fault(t, err, incident.Conflict, "going on from a book that is open")
	l.line(book, "16:10 Call from Eastmere")
	ended := l.Must(l.dev, command.CloseBook{Root: book, Seen: l.Room.Head})
	if last := l.Events[ended].Body.(*incident.BookClosed).Last; last != 2 {
		t.Errorf("closed at line %d, want 2", last)
	}
	for _, ask := range []command.Command{command.WriteLine{Book: book, Text: "x"}, command.CloseBook{Root: book}, command.AgreeBook{Root: book}} {
		who := l.lena
		if _, agree := ask.(command.AgreeBook); agree {
			who = l.Lead
		}
		_, err = l.Do(who, ask)
		fault(t, err, incident.Conflict, "after it was closed")
		if err != nil && !strings.Contains(err.Error(), "closed by entry") {
			t.Errorf("%T: %v does not say what changed", ask, err)
		}
	}
	second := l.open(command.OpenBook{Continues: book})
	if b := l.Room.BookRoot(second); b.Number != 2 || b.First != 3 || b.Continues != book {
		t.Fatalf("it goes on as %+v", b)
	}
	if n := l.line(second, "the next page").Number; n != 3 {
		t.Errorf("the first line of the second book is number %d, want 3", n)
	}
	_, err = l.Do(l.Lead, command.OpenBook{Maker: l.Number(l.dev), Signal: "x", Continues: book})
	fault(t, err, incident.Conflict, "going on twice from one book")
}

func TestALogIsKeptForAnotherWhoReceivesIt(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	for name, x := range map[string]struct {
		who  incident.Actor
		c    command.OpenBook
		want incident.Fault
	}{
		"for herself":           {l.lena, command.OpenBook{Maker: l.Number(l.lena)}, incident.Invalid},
		"for nobody":            {l.lena, command.OpenBook{Maker: 77}, incident.Invalid},
		"for no one named":      {l.lena, command.OpenBook{}, incident.Invalid},
		"kept from its maker":   {l.lena, command.OpenBook{Maker: l.Number(l.sam), Audience: toHosts}, incident.Invalid},
		"TLP:RED":               {l.lena, command.OpenBook{Maker: 1, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}}, incident.Invalid},
		"by a guest":            {l.sam, command.OpenBook{Maker: 1}, incident.Forbidden},
		"from what is no book":  {l.lena, command.OpenBook{Maker: 1, Continues: 1}, incident.Invalid},
		"for a guest, who sees": {l.lena, command.OpenBook{Maker: l.Number(l.sam)}, ""},
		"by a lead":             {l.Lead, command.OpenBook{Maker: l.Number(l.dev)}, ""},
		"hosts only":            {l.lena, command.OpenBook{Maker: 1, Audience: toHosts}, ""},
	} {
		x.c.Signal = "A raised hand"
		_, err := l.Do(x.who, x.c)
		fault(t, err, x.want, name)
	}
	_, err := l.Do(l.lena, command.OpenBook{Maker: 1})
	fault(t, err, incident.Invalid, "without saying how decisions are signalled")
}

func TestALineIsMarkedAsItsBookStands(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	book := l.open(command.OpenBook{TLP: incident.Amber})
	first := l.Must(l.lena, command.WriteLine{Book: book, Text: "for the room"})
	l.Must(l.lena, command.TightenEntry{Root: book, TLP: incident.AmberStrict, Audience: toHosts})
	second := l.Must(l.lena, command.WriteLine{Book: book, Text: "for the hosts"})
	if a, b := l.Sight(first), l.Sight(second); a.Audience.Kind != incident.ToRoom || a.TLP != incident.Amber || b.Audience.Kind != incident.ToHosts || b.TLP != incident.AmberStrict {
		t.Errorf("before: %+v; after: %+v", a, b)
	}
	_, err := l.Do(l.lena, command.TightenEntry{Root: book, TLP: incident.Red, Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1}}})
	fault(t, err, incident.Invalid, "making a book TLP:RED")
	// Who may no longer see the book finds that there is none.
	_, hidden := l.Do(l.sam, command.CloseBook{Root: book})
	_, missing := l.Do(l.sam, command.CloseBook{Root: 9999})
	fault(t, hidden, incident.NotFound, "a hidden book")
	if hidden == nil || missing == nil || hidden.Error() != missing.Error() {
		t.Errorf("hidden: %v; missing: %v", hidden, missing)
	}
}

func TestABooksNumberTellsOfNoBookThatIsKeptFromItsReaders(t *testing.T) {
	number := func(l *library, seq incident.Seq) int { return l.Room.BookRoot(seq).Number }
	l := newLibrary(t, incident.ModeIncident)
	l.open(command.OpenBook{Audience: toHosts})
	if n := number(l, l.open(command.OpenBook{Audience: toHosts})); n != 2 {
		t.Errorf("the hosts' second book is Log %d", n)
	}
	if n := number(l, l.open(command.OpenBook{})); n != 1 {
		t.Errorf("the room's first book is Log %d to everyone: they learn of others", n)
	}
	if n := number(l, l.open(command.OpenBook{})); n != 2 {
		t.Errorf("the room's second book is Log %d", n)
	}
	if n := number(l, l.open(command.OpenBook{Audience: toHosts})); n != 3 {
		t.Errorf("the hosts' next book is Log %d", n)
	}
	// What goes on from a book says by its numbers how much was written there.
	kept := l.open(command.OpenBook{Audience: toHosts})
	l.line(kept, "one")
	l.Must(l.lena, command.CloseBook{Root: kept})
	_, err := l.Do(l.lena, command.OpenBook{Maker: 1, Signal: "x", Continues: kept, Audience: &incident.Audience{Kind: incident.ToRoom}})
	refusal(t, "for the room, from one that was for the hosts", err, incident.Invalid, "goes on from")
	l.open(command.OpenBook{Continues: kept})
	// A number given out is not given out again, whoever may read that book now.
	m := newLibrary(t, incident.ModeIncident)
	first := m.open(command.OpenBook{})
	m.Must(m.Lead, command.TightenEntry{Root: first, Audience: toHosts})
	if n := number(m, m.open(command.OpenBook{})); n != 2 {
		t.Errorf("to those who were given Log 1, the next is Log %d", n)
	}
	// Going on twice from one book is refused only to who knows of the second.
	closed := l.open(command.OpenBook{})
	l.Must(l.lena, command.CloseBook{Root: closed})
	named := &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{1, l.Number(l.lena)}}
	l.open(command.OpenBook{Continues: closed, Audience: named})
	l.Must(l.dev, command.OpenBook{Maker: 1, Signal: "x", Continues: closed})
}

func TestALineSaysWhenWhoseWordsAndFromWhichPage(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	book := l.open(command.OpenBook{})
	at := l.Now.Add(-4 * time.Minute)
	e := l.Events[l.Must(l.lena, command.WriteLine{Book: book, Text: "“Shut the firewall.”", Occurred: at, About: true, Speech: true,
		Paper: &incident.Paper{By: "Lena Fox", Page: "Book 4, page 12"}, Cites: []incident.Seq{4, 2, 4}})]
	w := e.Body.(*incident.LogEntryWritten)
	if !e.Times.About || !e.Times.Occurred.Equal(at.Truncate(time.Millisecond)) || !e.Times.Recorded.After(at) || !w.Speech || w.Paper.Page != "Book 4, page 12" ||
		len(e.Refs.Cites) != 2 || e.Refs.Cites[0] != 2 {
		t.Errorf("%+v %+v", e, w)
	}
	for name, c := range map[string]command.WriteLine{
		"nothing":              {Text: " \n"},
		"too long":             {Text: strings.Repeat("é", command.MaxLine+1)},
		"a time to come":       {Text: "x", Occurred: l.Now.Add(time.Hour)},
		"about no time":        {Text: "x", About: true},
		"paper of no page":     {Text: "x", Paper: &incident.Paper{By: "Lena"}},
		"paper in nobody's":    {Text: "x", Paper: &incident.Paper{Page: "1"}},
		"an entry not there":   {Text: "x", Cites: []incident.Seq{l.Room.Head + 5}},
		"entry nought":         {Text: "x", Cites: []incident.Seq{0}},
		"very many":            {Text: "x", Cites: make([]incident.Seq, command.MaxCites+1)},
		"a direction override": {Text: "a\u202eb"},
		"two lines for a page": {Text: "x", Paper: &incident.Paper{By: "Lena", Page: "1\n2"}},
	} {
		c.Book = book
		_, err := l.Do(l.lena, c)
		fault(t, err, incident.Invalid, name)
	}
	l.Must(l.lena, command.WriteLine{Book: book, Text: strings.Repeat("é", command.MaxLine)})
}

// What a line cites is read by whoever reads the line; a number its loggist
// may not see is refused in the words of one that is not there.
func TestALineCitesOnlyWhatItsLoggistMaySee(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	book := l.open(command.OpenBook{})
	own := l.Number(l.Lead)
	hidden := l.Must(l.Lead, command.PostMessage{Text: "for the lead alone", Audience: &incident.Audience{Kind: incident.ToNamed, Members: []incident.MemberNo{own}}})
	corrected := l.Must(l.Lead, command.CorrectMessage{Root: hidden, Text: "still for the lead alone"})
	said := l.Must(l.sam, command.PostMessage{Text: "for the room"})
	cite := func(list ...incident.Seq) error {
		_, err := l.Do(l.lena, command.WriteLine{Book: book, Text: "x", Cites: list})
		return err
	}
	words := func(n incident.Seq, err error) string {
		t.Helper()
		if fault(t, err, incident.Invalid, fmt.Sprint("citing entry ", n)); err == nil {
			return "nothing said"
		}
		return strings.ReplaceAll(err.Error(), fmt.Sprintf("Entry %d ", n), "Entry N ")
	}
	nowhere := l.Room.Head + 50
	missing := words(nowhere, cite(nowhere))
	for _, n := range []incident.Seq{hidden, corrected} {
		if got := words(n, cite(n)); got != missing {
			t.Errorf("hidden: %s; missing: %s", got, missing)
		}
	}
	words(hidden, cite(said, hidden))
	if err := cite(said, book); err != nil {
		t.Errorf("citing what she sees: %v", err)
	}
	l.Must(l.Lead, command.WithholdEntry{Root: said})
	if err := cite(said); err != nil {
		t.Errorf("a host citing what is withheld from guests: %v", err)
	}
}

func TestInAnExerciseALinesTimeIsTheExercises(t *testing.T) {
	l := newLibrary(t, incident.ModeExercise)
	book := l.open(command.OpenBook{})
	day := time.Date(2017, 5, 12, 16, 0, 0, 0, time.UTC)
	l.Must(l.Lead, command.SetClock{At: day, Factor: 60})
	_, err := l.Do(l.lena, command.WriteLine{Book: book, Text: "x", Occurred: l.Now})
	fault(t, err, incident.Invalid, "today, which in the exercise has not come")
	l.Must(l.lena, command.WriteLine{Book: book, Text: "x", Occurred: day.Add(-time.Hour)})
}

func TestWhatExerciseControlWritesInABookIsMarkedInvented(t *testing.T) {
	l := newLibrary(t, incident.ModeExercise)
	marks := func(who incident.Actor) [3]bool {
		book := l.Must(who, command.OpenBook{Maker: l.Number(l.Lead), Signal: "A raised hand"})
		line := l.Must(who, command.WriteLine{Book: book, Text: "x"})
		fix := l.Must(who, command.CorrectLine{Root: line, Text: "y"})
		l.Must(who, command.CloseBook{Root: book})
		return [3]bool{l.Events[book].Body.(*incident.BookOpened).Invented, l.Events[line].Body.(*incident.LogEntryWritten).Invented, l.Events[fix].Body.(*incident.LogEntryCorrected).Invented}
	}
	if got := marks(incident.Actor{System: true, Person: l.lena.Person}); got != [3]bool{true, true, true} {
		t.Errorf("by exercise control, for an invented loggist: book, line and correction are marked %v", got)
	}
	if got := marks(l.lena); got != [3]bool{} {
		t.Errorf("by a player: %v", got)
	}
}

func TestACorrectionRulesTheOldTextThrough(t *testing.T) {
	l := newLibrary(t, incident.ModeIncident)
	book := l.open(command.OpenBook{})
	line := l.Must(l.lena, command.WriteLine{Book: book, Text: "Ward 12 is shut"})
	for _, who := range []incident.Actor{l.Lead, l.dev, l.sam} {
		_, err := l.Do(who, command.CorrectLine{Root: line, Text: "x"})
		fault(t, err, incident.Forbidden, who.Name+" correcting her line")
	}
	_, err := l.Do(l.lena, command.CorrectMessage{Root: line, Text: "x"})
	fault(t, err, incident.Forbidden, "as if it were a message")
	said := l.Must(l.lena, command.PostMessage{Text: "hello"})
	_, err = l.Do(l.lena, command.CorrectLine{Root: said, Text: "x"})
	fault(t, err, incident.Forbidden, "a message as if it were a line")
	_, err = l.Do(l.lena, command.CorrectLine{Root: line, Text: "Ward 12 is shut"})
	fault(t, err, incident.Invalid, "to what it says")
	fix := l.Must(l.lena, command.CorrectLine{Root: line, Text: "Ward 11 is shut", Reason: "misheard"})
	if was := l.Events[line].Body.(*incident.LogEntryWritten); was.Text != "Ward 12 is shut" {
		t.Errorf("the old text is now %q", was.Text)
	}
	if e := l.Events[fix]; e.Root != line || l.Objects[line].Body.(*incident.LogEntryWritten).Text != "Ward 11 is shut" || l.Objects[line].Body.(*incident.LogEntryWritten).Number != 1 {
		t.Errorf("corrected by %+v to %+v", e, l.Objects[line].Body)
	}
	l.Must(l.lena, command.CloseBook{Root: book})
	_, err = l.Do(l.lena, command.CorrectLine{Root: line, Text: "y"})
	fault(t, err, incident.Conflict, "in a closed book")
}
