package command

import (
	"wardroom/server/incident"
	"wardroom/server/policy"
)

// MaxBooks bounds the loggists' books of a room: they are standing facts, and
// everyone who opens the room gets those they may see.
const MaxBooks = 500

// MaxSignal bounds the words on how decisions are signalled, in characters.
const MaxSignal = 500

// OpenBook opens a loggist's book. Whoever opens it keeps it.
type OpenBook struct {
	Maker     incident.MemberNo // the decision-maker it is kept for
	Signal    string            // how they will signal a decision
	Continues incident.Seq      // the closed book it goes on from; 0 for none
	TLP       incident.TLP      // "" for the default: the continued book's, else the room's
	Audience  *incident.Audience
	Shown     incident.Seq `json:",omitempty"` // the newest entry when the asker was shown who receives it; 0 if they were not
}

func (c OpenBook) roots() []incident.Seq { return nil }

func (c OpenBook) decide(s *scene) ([]*incident.Event, error) {
	if err := s.permit(policy.OpenBook, nil, nil); err != nil {
		return nil, err
	}
	m := s.Asker()
	if len(s.Room.Books) >= MaxBooks {
		return nil, incident.Refuse(incident.Conflict, "This room has its full %d books. Go on in one that is open.", MaxBooks)
	}
	if !s.knows(c.Maker) {
		return nil, incident.BadField("maker", "M-%d is not someone you can keep a log for here.", c.Maker)
	}
	if c.Maker == m.Number {
		return nil, incident.BadField("maker", "A loggist keeps the log for someone else. Choose the decision-maker.")
	}
	if err := checkLine("signal", c.Signal, MaxSignal, true); err != nil {
		return nil, err
	}
	mark := incident.Marking{TLP: s.Room.TLP, Audience: incident.Audience{Kind: incident.ToRoom}, Originator: m.Org}
	body := &incident.BookOpened{Maker: c.Maker, Signal: c.Signal, First: 1, Invented: s.Actor.System}
	var before *incident.Book
	if c.Continues != 0 {
		var err error
		if before, err = s.ended(c.Continues); err != nil {
			return nil, err
		}
		mark.TLP, mark.Audience = before.Marking.TLP, before.Marking.Audience
		body.Continues, body.First = before.Root, before.Next
	}
	var had incident.Audience // whom the book before names may be named again
	if before != nil {
		had = before.Marking.Audience
	}
	if c.TLP != "" {
		mark.TLP = c.TLP
	}
	if c.Audience != nil {
		mark.Audience = *c.Audience
	}
	if mark.TLP == incident.Red {
		return nil, neverRed()
	}
	mark, err := s.marking(mark, m.Number, had)
	if err != nil {
		return nil, err
	}
	if before != nil && !s.within(mark.Audience, before.Marking.Audience) {
		return nil, incident.BadField("audience", "This would reach people whom the log it goes on from does not, and its numbers would tell them how much that holds. Name fewer, have that log widened, or open one that does not go on from it.")
	}
	if !mark.Audience.Includes(s.Room.Numbered(c.Maker)) {
		return nil, incident.BadField("audience", "The decision-maker must receive the log that is kept for them. Add M-%d.", c.Maker)
	}
	if err := s.mayName("maker", mark.Audience, 0, incident.Names{Members: []incident.MemberNo{c.Maker}}); err != nil {
		return nil, err
	}
	if err := s.gained(mark, c.Shown); err != nil {
		return nil, err
	}
	body.Number = s.bookNumber(mark.Audience, before)
	return one(&incident.Event{Marking: &mark, Authority: incident.Authority{Seen: c.Shown}, Body: body})
}

func neverRed() error {
	return incident.BadField("tlp", "A loggist's book is never TLP:RED, since every line would have to be opened by itself. Say what is TLP:RED in an entry of its own and cite its number.")
}

// ended returns a closed book to go on from.
func (s *scene) ended(root incident.Seq) (*incident.Book, error) {
	m := s.Asker()
	b := s.Room.BookRoot(root)
	if b == nil || !policy.May(s.Room, m, b.Sight()) {
		return nil, incident.BadField("continues", "The book to go on from is not there for you.")
	}
	if b.Open() {
		return nil, incident.Refuse(incident.Conflict, "Log %d (entry %d) is still open. Close it first, then go on in a new one.", b.Number, b.Root)
	}
	for _, other := range s.Room.Books {
		if other.Continues == root && policy.May(s.Room, m, other.Sight()) {
			return nil, incident.Refuse(incident.Conflict, "Log %d (entry %d) goes on from that book already. Go on from it instead.", other.Number, other.Root)
		}
	}
	return b, nil
}

// bookNumber counts on from the highest number among the books that everyone
// who receives the new one was given when they were opened. A book kept from
// some of them is not counted: the gap would tell of it.
func (s *scene) bookNumber(to incident.Audience, before *incident.Book) int {
	last := 0
	if before != nil {
		last = before.Number
	}
	for _, b := range s.Room.Books {
		if s.within(to, b.To) {
			last = max(last, b.Number)
		}
	}
	return last + 1
}

// AgreeBook is the decision-maker's word that this is how they will signal.
type AgreeBook struct{ Root incident.Seq }

func (c AgreeBook) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c AgreeBook) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.book(policy.AgreeBook, c.Root)
	if err != nil {
		return nil, err
	}
	switch {
	case !b.Open():
		return nil, closedBook(b)
	case !b.Agreed.IsZero():
		return nil, incident.Refuse(incident.Conflict, "You have confirmed this already.")
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.BookAgreed{}})
}

// CloseBook closes a book: nothing more is written in it.
type CloseBook struct {
	Root incident.Seq
	Seen incident.Seq // the last entry on the screen
}

func (c CloseBook) roots() []incident.Seq { return []incident.Seq{c.Root} }

func (c CloseBook) decide(s *scene) ([]*incident.Event, error) {
	b, err := s.book(policy.CloseBook, c.Root)
	if err != nil {
		return nil, err
	}
	if !b.Open() {
		return nil, closedBook(b)
	}
	return one(&incident.Event{Root: c.Root, Body: &incident.BookClosed{Last: b.Next - 1}, Authority: incident.Authority{Seen: c.Seen}})
}

func closedBook(b *incident.Book) error {
	return incident.Refuse(incident.Conflict, "Log %d was closed by entry %d: nothing more is written in it. Open a new book that goes on from it.", b.Number, b.Ended)
}

// book permits an act on a book and returns it as it stands. One that is not
// there and one that is not the asker's to know of are the same.
func (s *scene) book(act policy.Act, root incident.Seq) (*incident.Book, error) {
	if s.Room == nil || s.empty {
		return nil, incident.Missing()
	}
	if s.Book = s.Room.BookRoot(root); s.Book == nil {
		return nil, incident.Missing()
	}
	return s.Book, s.permit(act, nil, nil)
}
