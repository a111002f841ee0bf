package incident

func init() {
	register[*MessagePosted](KindInfo{Log: RoomLog, Root: true})
	register[*MessageCorrected](KindInfo{Log: RoomLog})
	register[*MessageAttributed](KindInfo{Log: RoomLog, Root: true, Kept: true})
	register[*EntryNoted](KindInfo{Log: RoomLog})
	register[*EntryPinned](KindInfo{Log: RoomLog, Marks: true})
	register[*EntryUnpinned](KindInfo{Log: RoomLog})
}

// MessagePosted is a message: a subset of Markdown, never HTML.
type MessagePosted struct {
	Invented bool       `json:"invented,omitempty"` // exercises: written for the exercise, said by nobody
	Mentions []MemberNo `json:"mentions,omitempty"`
	Text     string     `json:"text"` // at most MaxText bytes of UTF-8
}

// MaxText bounds a message: 16 KiB of UTF-8.
const MaxText = 16 << 10

func (*MessagePosted) kind() Kind { return "message.posted" }

// MessageCorrected replaces the text; the old one stays legible.
type MessageCorrected struct {
	Mentions []MemberNo `json:"mentions,omitempty"`
	Text     string     `json:"text"`
}

func (*MessageCorrected) kind() Kind { return "message.corrected" }

// MessageAttributed says who wrote a veiled message: it stands right below it,
// of the same moment, for leads and auditors.
type MessageAttributed struct {
	Entry  Seq      `json:"entry"`
	Member MemberNo `json:"member"`
	Org    OrgID    `json:"org"`
}

func (*MessageAttributed) kind() Kind { return "message.attributed" }

// EntryNoted is the one reaction: I have seen this.
type EntryNoted struct{}

func (*EntryNoted) kind() Kind { return "entry.noted" }

// EntryPinned puts an entry among the room's pins. It repeats the root's
// marking, so that the fold knows who may see the pin without loading the
// root.
type EntryPinned struct{}

func (*EntryPinned) kind() Kind { return "entry.pinned" }

// EntryUnpinned takes it off again.
type EntryUnpinned struct{}

func (*EntryUnpinned) kind() Kind { return "entry.unpinned" }

// Pin is an entry that the room keeps in sight.
type Pin struct {
	Root Seq      `json:"root"`
	By   MemberNo `json:"by"`
	At   Instant  `json:"at"`

	Sight Sight `json:"sight"` // of the root, as it stands now
}
