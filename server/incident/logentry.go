package incident

func init() {
	register[*LogEntryWritten](KindInfo{Log: RoomLog, Root: true, Record: true})
	register[*LogEntryCorrected](KindInfo{Log: RoomLog, Record: true})
}

// Paper says that a line was transcribed from paper.
type Paper struct {
	By   string `json:"by"`   // whose hand it was written in
	Page string `json:"page"` // where: book and page
}

// LogEntryWritten is a line of a book: fact, not opinion. When it happened is
// the entry's occurred-at. It is marked as its book stands when it is written;
// whoever reads a line learns by its number how many came before it.
type LogEntryWritten struct {
	Book     Seq    `json:"book"`
	Invented bool   `json:"invented,omitempty"` // exercises: written for the exercise, noted by nobody
	Number   int    `json:"number"`             // in the book: gapless
	Paper    *Paper `json:"paper,omitempty"`
	Speech   bool   `json:"speech,omitempty"` // verbatim
	Text     string `json:"text"`
}

func (*LogEntryWritten) kind() Kind { return "logentry.written" }

// LogEntryCorrected rules the text through, legibly, and writes another.
type LogEntryCorrected struct {
	Invented bool   `json:"invented,omitempty"` // exercises: written for the exercise, corrected by nobody
	Reason   string `json:"reason,omitempty"`
	Text     string `json:"text"`
}

func (*LogEntryCorrected) kind() Kind { return "logentry.corrected" }
