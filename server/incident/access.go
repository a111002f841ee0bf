package incident

func init() {
	register[*EntryOpened](KindInfo{Log: AccessLog, Root: true})
	register[*MemberRefused](KindInfo{Log: AccessLog, Root: true})
}

// EntryOpened says that a member opened a restricted entry of the room. It is
// committed before the bytes are given out.
type EntryOpened struct {
	Entry Seq `json:"entry"` // of the room's log
}

func (*EntryOpened) kind() Kind { return "entry.opened" }

// MemberRefused says that a member was refused a restricted entry that they
// could see to be there.
type MemberRefused struct {
	Entry Seq    `json:"entry"`
	Why   string `json:"why"` // a word: step_up, forbidden
}

func (*MemberRefused) kind() Kind { return "member.refused" }

// Access is the fold of a room's access log. It keeps no list: who opened
// what is answered from the entries themselves.
type Access struct {
	ID   LogID   `json:"id"`
	Room LogID   `json:"room"`
	Head Seq     `json:"head"`
	Last Instant `json:"last"`
}

// Apply folds one more entry.
func (a *Access) Apply(e *Event) {
	a.Head, a.Last = e.Seq, e.Times.Recorded
	if g, ok := e.Body.(*Genesis); ok {
		a.Room = g.Room
	}
}

// Missed passes over an entry.
func (a *Access) Missed(n Seq) { a.Head = n }

// LastAt returns the recorded-at of the last entry folded.
func (a *Access) LastAt() Instant { return a.Last }
