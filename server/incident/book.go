package incident

import "slices"

func init() {
	then := KindInfo{Log: RoomLog, Record: true}
	then.Kept = true
	register[*BookOpened](KindInfo{Log: RoomLog, Root: true, Record: true, Kept: true})
	register[*BookAgreed](then)
	register[*BookClosed](then)
	register[*BookCounted](then)
}

// BookOpened opens a loggist's book: the log of one named decision-maker, with
// gapless numbers of its own beside the room's. Opening it, the loggist
// confirms how decisions will be signalled.
//
// Its own number counts only books that everyone who receives this one was
// given too: a number must not tell that there is a book one is not to know
// of.
type BookOpened struct {
	Continues Seq      `json:"continues,omitempty"` // the closed book it goes on from
	First     int      `json:"first"`               // the number of its first line: 1, or the one after the last of the book before
	Invented  bool     `json:"invented,omitempty"`  // exercises: written for the exercise, kept by nobody
	Maker     MemberNo `json:"maker"`               // the decision-maker it is kept for
	Number    int      `json:"number"`              // Log 1, Log 2 …
	Signal    string   `json:"signal"`              // how the decision-maker will signal a decision
}

func (*BookOpened) kind() Kind { return "book.opened" }

// BookAgreed is the decision-maker's confirmation of how they will signal.
type BookAgreed struct{}

func (*BookAgreed) kind() Kind { return "book.agreed" }

// BookClosed closes a book: nothing more is written in it.
type BookClosed struct {
	Last int `json:"last"` // the number of its last line; First-1 if there is none
}

func (*BookClosed) kind() Kind { return "book.closed" }

// BookCounted says which number the book's next line gets. It comes with the
// erasure of a line, whose own number goes with what it said: a number must not
// be given twice.
type BookCounted struct {
	Next int `json:"next"`
}

func (*BookCounted) kind() Kind { return "book.counted" }

// Book is a loggist's book as it stands.
type Book struct {
	Root      Seq      `json:"root"`
	Number    int      `json:"number"`
	Maker     MemberNo `json:"maker"`
	Loggist   MemberNo `json:"loggist"`
	Signal    string   `json:"signal"`
	Opened    Instant  `json:"opened"`
	Agreed    Instant  `json:"agreed,omitzero"` // when the decision-maker confirmed the signal
	Closed    Instant  `json:"closed,omitzero"`
	Ended     Seq      `json:"ended,omitempty"` // the entry that closed it
	Continues Seq      `json:"continues,omitempty"`
	First     int      `json:"first"`
	Next      int      `json:"next"` // the number the next line gets
	Marking   Marking  `json:"marking"`
	To        Audience `json:"to"`            // who received it when it was opened
	Had       []Had    `json:"had,omitempty"` // who received it before, oldest first; at most MaxStood
}

// Had is an audience that stood until an entry.
type Had struct {
	Before   Seq      `json:"before"`
	Audience Audience `json:"audience"`
}

// AudienceAt returns who received the book at an entry; nobody if that is
// further back than it keeps.
func (b *Book) AudienceAt(at Seq) Audience {
	for i, h := range b.Had {
		switch {
		case h.Before <= at:
		case i == 0 && len(b.Had) == MaxStood:
			return Audience{Kind: ToNamed}
		default:
			return h.Audience
		}
	}
	return b.Marking.Audience
}

// Open reports whether lines may still be written in it.
func (b *Book) Open() bool { return b.Closed.IsZero() }

// Sight is who may see the book.
func (b *Book) Sight() Sight {
	return Sight{Root: b.Root, Kind: "book.opened", Author: b.Loggist, TLP: b.Marking.TLP, Org: b.Marking.Originator, Audience: b.Marking.Audience}
}

// BookRoot returns the book that began at root; nil if none.
func (r *Room) BookRoot(root Seq) *Book {
	if i := slices.IndexFunc(r.Books, func(b *Book) bool { return b.Root == root }); i >= 0 {
		return r.Books[i]
	}
	return nil
}

// applyBook folds an event of a book or of a line in it; ok is false for
// others.
func (r *Room) applyBook(e *Event) (ok bool) {
	root := e.Root
	switch b := e.Body.(type) {
	case *BookOpened:
		book := &Book{Root: e.Root, Number: b.Number, Maker: b.Maker, Loggist: e.By.Member, Signal: b.Signal, Opened: e.Times.Shown(),
			Continues: b.Continues, First: b.First, Next: b.First}
		if e.Marking != nil {
			book.Marking, book.To = *e.Marking, e.Marking.Audience
		}
		r.Books = append(slices.Clip(r.Books), book)
		return true
	case *LogEntryWritten:
		root = b.Book
	case *BookAgreed, *BookClosed, *BookCounted:
	default:
		if !Moves(e) {
			return false
		}
	}
	i := slices.IndexFunc(r.Books, func(b *Book) bool { return b.Root == root })
	if i < 0 {
		return false
	}
	next := *r.Books[i]
	switch b := e.Body.(type) {
	case *LogEntryWritten:
		next.Next = b.Number + 1
	case *BookCounted:
		next.Next = max(next.Next, b.Next)
	case *BookAgreed:
		next.Agreed = e.Times.Shown()
	case *BookClosed:
		next.Closed, next.Ended = e.Times.Shown(), e.Seq
	default:
		if len(next.Had) == MaxStood {
			next.Had = next.Had[1:]
		}
		next.Had = append(slices.Clip(next.Had), Had{Before: e.Seq, Audience: next.Marking.Audience})
		next.Marking = *e.Marking
	}
	r.Books = slices.Clone(r.Books)
	r.Books[i] = &next
	return true
}
