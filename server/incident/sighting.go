package incident

import "slices"

func init() {
	register[*SightingMarked](KindInfo{Log: RoomLog, Root: true})
}

// Verdict of an organisation about an item or one of its indicators.
type SightingVerdict string

const (
	Seen          SightingVerdict = "seen"
	NotSeen       SightingVerdict = "not_seen"
	FalsePositive SightingVerdict = "false_positive"
	Mitigated     SightingVerdict = "mitigated"
)

// Valid reports whether v is one of the four.
func (v SightingVerdict) Valid() bool {
	return slices.Contains([]SightingVerdict{Seen, NotSeen, FalsePositive, Mitigated}, v)
}

// SightingMarked says whether an organisation sees what an item describes. The
// latest word of each organisation about the item, or about one of its
// indicators, is what counts.
type SightingMarked struct {
	Indicator *int            `json:"indicator,omitempty"` // its place in the item, from 0; nil: the item as a whole
	Invented  bool            `json:"invented,omitempty"`  // exercises: written for the exercise, by nobody
	Item      Seq             `json:"item"`
	Note      string          `json:"note,omitempty"` // one line
	Verdict   SightingVerdict `json:"verdict"`
}

func (*SightingMarked) kind() Kind { return "sighting.marked" }
