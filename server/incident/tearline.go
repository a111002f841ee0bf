package incident

func init() {
	register[*TearlinePublished](KindInfo{Log: RoomLog, Root: true})
}

// TearlinePublished is the originator's wording of an item that may go further
// than the item itself: an entry with a label and readers of its own.
type TearlinePublished struct {
	Invented bool   `json:"invented,omitempty"` // exercises: written for the exercise, by nobody
	Item     Seq    `json:"item"`
	Text     string `json:"text"`
}

func (*TearlinePublished) kind() Kind { return "tearline.published" }
