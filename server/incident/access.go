package incident

import "slices"

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

// Access is the fold of a room's access log. It keeps no list of openings: who
// opened what is answered from the entries themselves.
type Access struct {
	ID   LogID   `json:"id"`
	Room LogID   `json:"room"`
	Head Seq     `json:"head"`
	Last Instant `json:"last"`
	Took []Took  `json:"took,omitempty"` // by member; replaced, never changed
}

// Took is the second factor that a member's last taking of an export rested on.
type Took struct {
	Member MemberNo `json:"member"`
	StepUp Instant  `json:"stepUp"`
}

// Used returns the second factor that the member's last taking of an export
// rested on; zero for none.
func (a *Access) Used(m MemberNo) Instant {
	if i := slices.IndexFunc(a.Took, func(t Took) bool { return t.Member == m }); i >= 0 {
		return a.Took[i].StepUp
	}
	return Instant{}
}

// Apply folds one more entry.
func (a *Access) Apply(e *Event) {
	a.Head, a.Last = e.Seq, e.Times.Recorded
	if g, ok := e.Body.(*Genesis); ok {
		a.Room = g.Room
	}
	if _, ok := e.Body.(*ExportTaken); ok {
		rest := slices.DeleteFunc(slices.Clone(a.Took), func(t Took) bool { return t.Member == e.By.Member })
		a.Took = append(rest, Took{e.By.Member, e.Authority.StepUp})
	}
}

// Missed passes over an entry.
func (a *Access) Missed(n Seq) { a.Head = n }

// LastAt returns the recorded-at of the last entry folded.
func (a *Access) LastAt() Instant { return a.Last }
